//! One systemd unit over D-Bus: its properties, and a word when any of them changes.

use crate::outside::shown;
use futures::StreamExt;
use std::{collections::HashMap, sync::Arc};
use tokio::{sync::Notify, task::JoinHandle};
use zbus::{
    Connection, MatchRule, Message, MessageStream, OwnedObjectPath, OwnedVariant,
    connection::Builder, message::Type,
};

const SYSTEMD: &str = "org.freedesktop.systemd1";
const MANAGER: &str = "org.freedesktop.systemd1.Manager";
const MANAGER_PATH: &str = "/org/freedesktop/systemd1";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";

/// Which bus systemd is asked on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Bus {
    /// The machine's.
    System,
    /// The user's, for units of `systemctl --user`.
    Session,
    /// At an address such as `unix:path=/run/dbus/system_bus_socket`.
    Address(String),
}

impl Bus {
    fn said(&self) -> String {
        match self {
            Self::System => "the system bus".into(),
            Self::Session => "the session bus".into(),
            Self::Address(address) => format!("the bus at {address}"),
        }
    }
}

/// What systemd says of a unit, by its own names: `ActiveState`, `NRestarts` and so on.
#[derive(Debug, Default)]
pub(crate) struct Properties(HashMap<String, OwnedVariant>);

impl Properties {
    /// A property that is a text.
    pub fn text(&self, name: &str) -> Option<String> {
        self.0.get(name)?.try_clone().ok()?.try_into().ok()
    }

    /// A property that is a number, of whatever width.
    pub fn number(&self, name: &str) -> Option<u64> {
        let value = self.0.get(name)?;
        u64::try_from(value)
            .or_else(|_| u32::try_from(value).map(u64::from))
            .or_else(|_| i32::try_from(value).map(|n| u64::try_from(n).unwrap_or(0)))
            .ok()
    }
}

/// A unit on a bus, with a task that waits for its changes; the task ends when this is dropped.
pub(crate) struct Unit {
    connection: Connection,
    path: OwnedObjectPath,
    /// What the type of the unit adds to the properties of every unit.
    interface: String,
    changed: Arc<Notify>,
    listening: JoinHandle<()>,
}

impl Drop for Unit {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Unit {
    /// Connects, lets systemd find the unit, and asks to be told of its changes.
    ///
    /// # Errors
    /// A sentence: there is no bus, or no systemd on it.
    pub async fn open(bus: &Bus, name: &str) -> Result<Self, String> {
        let said = bus.said();
        let builder = match bus {
            Bus::System => Builder::system(),
            Bus::Session => Builder::session(),
            Bus::Address(address) => Builder::address(address.as_str()),
        };
        let connection = builder
            .build()
            .await
            .map_err(|error| format!("cannot reach {said}: {}", cut(&error)))?;
        let asked =
            |error| format!("systemd on {said} does not answer for {name}: {}", cut(&error));
        // A unit that does not run may have been forgotten; LoadUnit finds it again, GetUnit does not.
        let answer = manager(&connection, "LoadUnit", &(name,)).await.map_err(asked)?;
        let path: OwnedObjectPath = answer.body().deserialize().map_err(asked)?;
        // Without it systemd keeps changes to itself. On a kept connection it may say "subscribed already".
        let _ = manager(&connection, "Subscribe", &()).await;
        let rule = MatchRule::builder()
            .msg_type(Type::Signal)
            .interface(PROPERTIES)
            .member("PropertiesChanged")
            .path(&path)
            .build()
            .map_err(asked)?;
        let changes =
            MessageStream::for_match_rule(rule, &connection, None).await.map_err(asked)?;
        let changed = Arc::new(Notify::new());
        let listening = tokio::spawn(listen(changes, Arc::clone(&changed)));
        Ok(Self { connection, path, interface: interface(name), changed, listening })
    }

    /// Whether the bus hung up.
    pub fn is_closed(&self) -> bool {
        self.connection.is_closed()
    }

    /// Resolves when a property changed since the last look, or when the bus hung up.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    /// All properties now.
    ///
    /// # Errors
    /// A sentence: systemd did not answer.
    pub async fn properties(&self) -> Result<Properties, String> {
        let mut all = HashMap::new();
        for interface in [&format!("{SYSTEMD}.Unit"), &self.interface] {
            let answer = self
                .connection
                .call_method(Some(SYSTEMD), &self.path, Some(PROPERTIES), "GetAll", &(interface,))
                .await
                .map_err(|error| format!("systemd does not answer: {}", cut(&error)))?;
            let some: HashMap<String, OwnedVariant> = answer
                .body()
                .deserialize()
                .map_err(|error| format!("systemd's answer cannot be read: {}", cut(&error)))?;
            all.extend(some);
        }
        Ok(Properties(all))
    }
}

async fn manager<B>(connection: &Connection, method: &str, body: &B) -> zbus::Result<Message>
where
    B: serde::Serialize + zbus::DynamicType,
{
    connection.call_method(Some(SYSTEMD), MANAGER_PATH, Some(MANAGER), method, body).await
}

/// Always reads, so that a storm of changes never stops the answers behind it; many changes are one word.
async fn listen(mut changes: MessageStream, changed: Arc<Notify>) {
    while changes.next().await.is_some() {
        changed.notify_one();
    }
    changed.notify_one();
}

/// `org.freedesktop.systemd1.Service` for a unit whose name ends with `.service`.
fn interface(unit: &str) -> String {
    let kind = unit.rsplit_once('.').map_or("service", |(_, kind)| kind);
    let (first, rest) = kind.split_at_checked(1).unwrap_or((kind, ""));
    format!("{SYSTEMD}.{}{rest}", first.to_ascii_uppercase())
}

fn cut(error: &zbus::Error) -> String {
    shown(&error.to_string())
}
