//! Where one sink keeps what arrives, and whether it is down.

use super::delivery::Delivery;
use crate::error::DemoError;
use crate::fault::FaultKind;
use crate::folder::Folder;
use crate::log_file::LogFile;
use crate::switches::Switches;
use std::sync::Arc;

/// The file and the switch of one sink.
#[derive(Clone, Debug)]
pub struct Inbox {
    /// `mail`, `chat` or `phone`.
    pub name: &'static str,
    file: Arc<LogFile>,
    switches: Arc<Switches>,
}

impl Inbox {
    /// The inbox of this name.
    ///
    /// # Errors
    /// [`DemoError::File`] when its file cannot be opened.
    pub fn open(folder: &Folder, name: &'static str) -> Result<Inbox, DemoError> {
        Ok(Inbox {
            name,
            file: Arc::new(LogFile::open(&folder.sink(name))?),
            switches: Arc::new(Switches::of(folder, name)),
        })
    }

    /// Whether it refuses everything.
    pub fn is_down(&self) -> bool {
        self.switches.now().has(FaultKind::Down)
    }

    /// Appends what arrived.
    ///
    /// # Errors
    /// What the system says.
    pub fn keep(&self, delivery: &Delivery) -> std::io::Result<()> {
        self.file.line(&serde_json::to_string(delivery)?)
    }
}
