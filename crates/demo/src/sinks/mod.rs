//! The role `sinks`: mail, chat and phone as far as a sender can tell, kept for a reader to see.

mod delivery;
mod inbox;
mod smtp;
mod webhook;

pub use delivery::{Delivery, read};

use crate::error::DemoError;
use crate::folder::Folder;
use crate::lifetime::{Lifetime, ready};
use inbox::Inbox;
use tokio::task::JoinSet;

/// Where the sinks listen.
#[derive(Clone, Copy, Debug)]
pub struct SinkPorts {
    /// SMTP.
    pub mail: u16,
    /// The chat webhook.
    pub chat: u16,
    /// The phone webhook.
    pub phone: u16,
}

/// Runs until told to end.
///
/// # Errors
/// [`DemoError`] when a port or a file is refused.
pub async fn run(folder: &Folder, ports: SinkPorts, lifetime: &Lifetime) -> Result<(), DemoError> {
    let mut sinks = JoinSet::new();
    let mail = lifetime.listen(ports.mail).await?;
    sinks.spawn(smtp::serve(mail, Inbox::open(folder, "mail")?));
    for (name, port) in [("chat", ports.chat), ("phone", ports.phone)] {
        let listener = lifetime.listen(port).await?;
        let router = webhook::router(Inbox::open(folder, name)?);
        sinks.spawn(async move {
            // It ends with the process; an error here is the listener's, and shows as refused.
            let _ = axum::serve(listener, router).await;
        });
    }
    ready();
    lifetime.ended().await;
    sinks.shutdown().await;
    Ok(())
}
