//! D-Bus as systemd speaks it: which bus, what it says of a unit, and its manager's methods.

use crate::program::one_line;
use domain::said::Said;
use std::collections::HashMap;
use zbus::{Connection, Message, OwnedVariant, connection::Builder, message::Header};

/// systemd's name on the bus.
pub const SYSTEMD: &str = "org.freedesktop.systemd1";
/// The interface of its manager.
pub const MANAGER: &str = "org.freedesktop.systemd1.Manager";
/// Where the manager is.
pub const MANAGER_PATH: &str = "/org/freedesktop/systemd1";
/// The interface of properties.
pub const PROPERTIES: &str = "org.freedesktop.DBus.Properties";

/// Which bus systemd is asked on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Bus {
    /// The machine's.
    #[default]
    System,
    /// The user's, for units of `systemctl --user`.
    Session,
    /// At an address such as `unix:path=/run/dbus/system_bus_socket`.
    Address(String),
}

impl Bus {
    /// A bus as a person writes it: `system`, `session` or `unix:path=…`.
    pub fn by_name(text: &str) -> Option<Self> {
        match text {
            "system" => Some(Self::System),
            "session" => Some(Self::Session),
            address if address.starts_with("unix:") => Some(Self::Address(address.to_owned())),
            _ => None,
        }
    }

    /// What people call it.
    pub fn said(&self) -> Said {
        match self {
            Self::System => Said::new("システムバス", "the system bus"),
            Self::Session => Said::new("セッションバス", "the session bus"),
            Self::Address(address) => {
                Said::new(format!("{address} のバス"), format!("the bus at {address}"))
            }
        }
    }

    /// Connects.
    ///
    /// # Errors
    /// A sentence: there is no bus.
    pub async fn connect(&self) -> Result<Connection, Said> {
        let builder = match self {
            Self::System => Builder::system(),
            Self::Session => Builder::session(),
            Self::Address(address) => Builder::address(address.as_str()),
        };
        let refuse = |error| {
            Said::new(
                format!("{} に接続できません: {}", self.said().ja, cut(&error)),
                format!("cannot reach {}: {}", self.said().en, cut(&error)),
            )
        };
        builder.build().await.map_err(refuse)
    }
}

/// What systemd says of a unit, by its own names: `ActiveState`, `NRestarts` and so on.
#[derive(Debug, Default)]
pub struct Properties(HashMap<String, OwnedVariant>);

impl Properties {
    /// Those of a unit at this path: what every unit has, and what `interface` adds.
    ///
    /// # Errors
    /// A sentence: systemd did not answer.
    pub async fn of(connection: &Connection, path: &str, interface: &str) -> Result<Self, Said> {
        let mut all = HashMap::new();
        for interface in [&format!("{SYSTEMD}.Unit"), interface] {
            let answer = connection
                .call_method(Some(SYSTEMD), path, Some(PROPERTIES), "GetAll", &(interface,))
                .await
                .map_err(|error| {
                    Said::new(
                        format!("systemd が応答しません: {}", cut(&error)),
                        format!("systemd does not answer: {}", cut(&error)),
                    )
                })?;
            let some: HashMap<String, OwnedVariant> =
                answer.body().deserialize().map_err(|error| {
                    Said::new(
                        format!("systemd の応答を読めません: {}", cut(&error)),
                        format!("systemd's answer cannot be read: {}", cut(&error)),
                    )
                })?;
            all.extend(some);
        }
        Ok(Self(all))
    }

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

/// Calls a method of systemd's manager.
///
/// # Errors
/// What the bus or systemd said.
pub async fn manager<B>(connection: &Connection, method: &str, body: &B) -> zbus::Result<Message>
where
    B: serde::Serialize + zbus::DynamicType,
{
    connection.call_method(Some(SYSTEMD), MANAGER_PATH, Some(MANAGER), method, body).await
}

/// Whether two messages come from the same connection: names on the bus can be claimed, connections cannot.
pub(crate) fn are_of_one_sender(one: &Header<'_>, other: &Header<'_>) -> bool {
    one.sender().is_some() && one.sender() == other.sender()
}

/// The name of a unit in full: as systemctl does it, `.service` is understood.
pub fn unit_name(name: &str) -> String {
    if name.contains('.') { name.to_owned() } else { format!("{name}.service") }
}

/// The interface that a unit's type adds: `org.freedesktop.systemd1.Service` for a unit whose name ends with `.service`.
pub fn interface(unit: &str) -> String {
    let kind = unit.rsplit_once('.').map_or("service", |(_, kind)| kind);
    let (first, rest) = kind.split_at_checked(1).unwrap_or((kind, ""));
    format!("{SYSTEMD}.{}{rest}", first.to_ascii_uppercase())
}

/// What the bus said, fit to be shown.
pub fn cut(error: &zbus::Error) -> String {
    one_line(&error.to_string())
}
