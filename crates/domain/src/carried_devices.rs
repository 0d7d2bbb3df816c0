//! What facts of devices carry.

use crate::ids::{Actor, ChannelName, ContactName};
use serde::{Deserialize, Serialize};

/// A device receives for a person from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceAdded {
    /// Its number.
    pub id: u64,
    /// For whom.
    pub contact: ContactName,
    /// On which channel.
    pub channel: ChannelName,
    /// What the person calls it.
    pub title: String,
    /// Where it receives, as the channel reads it.
    pub address: String,
    /// Who enrolled it.
    pub by: Actor,
}

/// A device receives nothing any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceRemoved {
    /// Which.
    pub id: u64,
    /// Who removed it: a person, or its service, which does not know it any more.
    pub by: Actor,
}
