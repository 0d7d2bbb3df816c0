//! Texts for others in a story: drafts, and a suspicion that data is lost.

use domain::{
    command::Command,
    ids::{Actor, DraftId, IncidentId},
    stakeholders::Audience,
};

/// What a person writes or says.
#[derive(Clone, Debug, PartialEq)]
pub enum Speaking {
    /// Begins a draft.
    Drafts(Audience, IncidentId),
    /// Fills in one blank.
    Fills(String, DraftId, String),
    /// Writes the text anew.
    Edits(DraftId, String),
    /// Lets the revision that they read go out.
    Releases(DraftId, u32),
    /// Throws it away.
    Discards(DraftId, String),
    /// Suspects that data is lost.
    Suspects(IncidentId, String),
}

pub(crate) fn read(words: &[&str], tail: &str) -> Option<Speaking> {
    let tail = tail.to_owned();
    Some(match words {
        ["drafts", audience, "for", id] => {
            Speaking::Drafts(audience.parse().ok()?, id.parse().ok()?)
        }
        ["fills", blank @ .., "of", id] => Speaking::Fills(blank.join(" "), id.parse().ok()?, tail),
        ["edits", id] => Speaking::Edits(id.parse().ok()?, tail),
        ["releases", "draft", id, "at", revision] => {
            Speaking::Releases(id.parse().ok()?, revision.parse().ok()?)
        }
        ["discards", id] => Speaking::Discards(id.parse().ok()?, tail),
        ["suspects", "data", "loss", "in", id] => Speaking::Suspects(id.parse().ok()?, tail),
        _ => return None,
    })
}

impl Speaking {
    /// The command.
    pub(crate) fn command(&self, by: Actor) -> Command {
        match self.clone() {
            Self::Drafts(audience, id) => Command::WriteDraft { incident: Some(id), audience, by },
            Self::Fills(blank, id, text) => {
                Command::FillDraft { id, values: [(blank, text)].into(), by }
            }
            Self::Edits(id, text) => Command::EditDraft { id, subject: None, body: Some(text), by },
            Self::Releases(id, revision) => Command::ReleaseDraft { id, revision, by },
            Self::Discards(id, reason) => Command::DiscardDraft { id, reason, by },
            Self::Suspects(incident, reason) => Command::SuspectDataLoss { incident, reason, by },
        }
    }
}
