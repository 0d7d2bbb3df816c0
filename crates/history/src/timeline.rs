//! A line of a timeline: a fact, when, and its sentence in both languages.

use domain::{contacts::masked, fact::Fact, said::Said, tell};
use jiff::Timestamp;
use journal::{Entry, Position};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A line of a timeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TimelineEntry {
    /// Where it stands in the journal.
    #[schema(value_type = u64)]
    pub position: Position,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// A stable word for programs: `detected`, `step_settled`.
    pub kind: String,
    /// The sentence.
    #[schema(value_type = crate::shape::SaidShape)]
    pub text: Said,
    /// The fact itself; people's addresses are masked, as timelines are shown to many.
    #[schema(value_type = crate::shape::Open)]
    pub fact: Fact,
}

impl From<Entry> for TimelineEntry {
    fn from(entry: Entry) -> Self {
        let fact = shown(entry.recorded.fact);
        Self {
            position: entry.position,
            at: entry.recorded.at,
            kind: tell::kind(&fact).to_owned(),
            text: tell::tell(&fact),
            fact,
        }
    }
}

fn shown(mut fact: Fact) -> Fact {
    match &mut fact {
        Fact::NoticeOwed(owed) => {
            for address in owed.ways.iter_mut().filter_map(|way| way.address.as_mut()) {
                *address = masked(address);
            }
        }
        Fact::ContactVerified(verified) => verified.address = masked(&verified.address),
        _ => {}
    }
    fact
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{fact::ContactVerified, fact::Recorded, ids::Actor};

    // A78
    #[test]
    fn an_address_is_shown_only_as_far_as_it_is_known_by() {
        let fact = Fact::ContactVerified(ContactVerified {
            contact: "ann".into(),
            channel: "phone".into(),
            address: "+81-50-0000-0001".into(),
            by: Actor::Hikeshi,
        });
        let recorded = Recorded { at: Timestamp::UNIX_EPOCH, fact };
        let entry = TimelineEntry::from(Entry { position: 1, recorded });
        let text = serde_json::to_string(&entry).expect("JSON");
        assert!(text.contains("…0001") && !text.contains("+81"), "{text}");
    }
}
