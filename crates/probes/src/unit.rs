//! One systemd unit over D-Bus: its properties, and a word when any of them changes.

use domain::said::Said;
use futures::StreamExt;
use std::sync::Arc;
use supervise::bus::{self, Bus, PROPERTIES, Properties, cut, manager};
use tokio::{sync::Notify, task::JoinHandle};
use zbus::{Connection, MatchRule, MessageStream, OwnedObjectPath, message::Type};

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
    pub async fn open(bus: &Bus, name: &str) -> Result<Self, Said> {
        let said = bus.said();
        let connection = bus.connect().await?;
        let asked = |error| {
            Said::new(
                format!("{} の systemd が {name} について応答しません: {}", said.ja, cut(&error)),
                format!("systemd on {} does not answer for {name}: {}", said.en, cut(&error)),
            )
        };
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
        Ok(Self { connection, path, interface: bus::interface(name), changed, listening })
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
    pub async fn properties(&self) -> Result<Properties, Said> {
        Properties::of(&self.connection, self.path.as_str(), &self.interface).await
    }
}

/// Always reads, so that a storm of changes never stops the answers behind it; many changes are one word.
async fn listen(mut changes: MessageStream, changed: Arc<Notify>) {
    while changes.next().await.is_some() {
        changed.notify_one();
    }
    changed.notify_one();
}
