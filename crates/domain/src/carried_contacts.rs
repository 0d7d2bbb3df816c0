//! What the facts about reaching people carry: plain data, journaled as JSON like the facts themselves.

use crate::ids::{Actor, ChannelName, ContactName};
use serde::{Deserialize, Serialize};

/// See [`Fact::ContactVerified`](crate::fact::Fact::ContactVerified).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ContactVerified {
    /// Who is reached.
    pub contact: ContactName,
    /// On which channel.
    pub channel: ChannelName,
    /// At which address: when it changes, this says nothing any more.
    pub address: String,
    /// Who says so.
    pub by: Actor,
}
