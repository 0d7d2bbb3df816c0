//! Reaching people in a story: trying channels out, confirming, and what `hikeshi doctor` would say.

use domain::{command::Command, finding::Finding, ids::Actor, readiness, world::World};

/// What a person does about contacts.
#[derive(Clone, Debug, PartialEq)]
pub enum Reaching {
    /// Has a test message sent on a channel to somebody.
    Tries(String, String),
    /// Confirms the one that was sent to them on a channel.
    Confirms(String),
    /// Has heard from somebody that a channel reaches them.
    Verifies(String, String),
}

pub(crate) fn read(words: &[&str]) -> Option<Reaching> {
    let own = |text: &&str| (*text).to_owned();
    Some(match words {
        ["tries", channel, "to", contact] => Reaching::Tries(own(channel), own(contact)),
        ["confirms", "the", "test", "on", channel] => Reaching::Confirms(own(channel)),
        ["verifies", contact, "on", channel] => Reaching::Verifies(own(contact), own(channel)),
        _ => return None,
    })
}

impl Reaching {
    /// The command; `name` is who does it.
    pub(crate) fn command(&self, name: &str, by: Actor) -> Command {
        match self.clone() {
            Self::Tries(channel, contact) => Command::TestChannel {
                code: code(&channel, &contact),
                channel: channel.into(),
                to: Some(contact.into()),
                by,
            },
            Self::Confirms(channel) => Command::ConfirmTest { code: code(&channel, name), by },
            Self::Verifies(contact, channel) => {
                Command::VerifyContact { contact: contact.into(), channel: channel.into(), by }
            }
        }
    }
}

/// In a story nobody has to copy a code.
fn code(channel: &str, contact: &str) -> String {
    format!("{channel}-{contact}")
}

/// What `hikeshi doctor` would name: `contact_missing bob: bob has no address`.
pub(crate) fn findings(world: &World<'_>) -> Vec<String> {
    let mut found = readiness::of_policy(world.policy, &world.state.overrides, world.now);
    found.extend(readiness::of_state(world.policy, world.state, world.now));
    let line =
        |one: Finding| format!("{} {}: {} / {}", one.kind, one.about, one.said.en, one.said.ja);
    found.into_iter().map(line).collect()
}
