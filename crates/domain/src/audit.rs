//! Who did what: the facts of the journal behind which somebody stands, and those of secrets.

use crate::{
    fact::{
        AttemptIntended, DeviceRemoved, DraftDiscarded, DraftReleased, Fact, NoticeMissed,
        NoticeProved, NoticeWithdrawn, QuestionAnswered, TokenIssued,
    },
    ids::Actor,
};

/// Who is behind a fact, where it belongs into an audit: everything that a person or another system asked for, every access
/// to a secret, and every step of a runbook that may change something.
pub fn who(fact: &Fact) -> Option<Actor> {
    let by = match fact {
        Fact::SecretAccessed(access) => return Some(access.by.clone()),
        Fact::AttemptIntended(AttemptIntended { changes: true, .. }) => {
            return Some(Actor::Hikeshi);
        }
        Fact::RunPlanned(planned) => return Some(planned.by.clone()),
        Fact::AccountChanged(changed) => return Some(changed.by.clone()),
        Fact::OverrideSet(set) => return Some(set.by.clone()),
        Fact::OverrideRemoved(removed) => return Some(removed.by.clone()),
        Fact::ContactVerified(verified) => &verified.by,
        Fact::DataLossSuspected(suspected) => &suspected.by,
        Fact::RoleAssigned(assigned) => &assigned.by,
        Fact::MeasureRecorded(recorded) => &recorded.by,
        Fact::MeasureDone(done) => &done.by,
        Fact::DraftWritten(written) => &written.by,
        Fact::DraftChanged(changed) => &changed.by,
        Fact::AlertLabelled(labelled) => &labelled.by,
        Fact::ApiTokenIssued(issued) => &issued.by,
        Fact::DeviceAdded(added) => &added.by,
        Fact::SilencePut { by, .. }
        | Fact::SilenceEnded { by, .. }
        | Fact::TokenIssued(TokenIssued { by, .. })
        | Fact::TokenRevoked { by, .. }
        | Fact::DeviceRemoved(DeviceRemoved { by, .. })
        | Fact::IncidentOpened { by, .. }
        | Fact::IncidentClassified { by, .. }
        | Fact::IncidentResponding { by, .. }
        | Fact::IncidentAcknowledged { by, .. }
        | Fact::IncidentNoted { by, .. }
        | Fact::IncidentReviewed { by, .. }
        | Fact::CauseRecorded { by, .. }
        | Fact::IncidentClosed { by, .. }
        | Fact::ApprovalGiven { by, .. }
        | Fact::ApprovalEnded { by, .. }
        | Fact::QuestionAnswered(QuestionAnswered { by, .. })
        | Fact::RunbookPromoted { by, .. }
        | Fact::TargetReleased { by, .. }
        | Fact::AutomationStopped { by, .. }
        | Fact::AutomationResumed { by }
        | Fact::NoticeWithdrawn(NoticeWithdrawn { by, .. })
        | Fact::NoticeProved(NoticeProved { by, .. })
        | Fact::NoticeMissed(NoticeMissed { by, .. })
        | Fact::DraftReleased(DraftReleased { by, .. })
        | Fact::DraftDiscarded(DraftDiscarded { by, .. }) => by,
        _ => return None,
    };
    (*by != Actor::Hikeshi).then(|| by.clone())
}
