//! A person has answered a message: one command in their name, and the proof that the message was read.

use crate::state::Shared;
use domain::{
    command::Command,
    fact::Proof,
    ids::{Actor, ContactName, NoticeId},
    said::Said,
    wish::Wish,
};
use engine::EngineError;

/// Why nothing was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// It was refused, and says why.
    Refused(Said),
    /// It could not be recorded.
    Fault,
}

impl Unanswered {
    /// What the person is told.
    pub fn said(self) -> Said {
        match self {
            Self::Refused(said) => said,
            Self::Fault => Said::new(
                "記録できませんでした。もう一度お試しください。",
                "It could not be recorded. Please try again.",
            ),
        }
    }
}

/// Carries a wish out in the name of a person, with why they want it. That they answered proves these notices, also when it
/// came too late.
///
/// # Errors
/// The wish was refused, or could not be recorded.
pub async fn carry_out(
    shared: &Shared,
    wish: &Wish,
    reason: &str,
    person: &ContactName,
    notices: &[NoticeId],
) -> Result<(), Unanswered> {
    let by = Actor::Person(person.to_string());
    let done = match shared.submit(wish.command(reason, by.clone())).await {
        Ok(_) => Ok(()),
        Err(EngineError::Refused(refusal)) => Err(Unanswered::Refused(refusal.said)),
        Err(_) => return Err(Unanswered::Fault),
    };
    for notice in notices {
        let (notice, proof, by) = (*notice, Proof::Answered, by.clone());
        let _ = shared.submit(Command::ProveNotice { notice, proof, by }).await;
    }
    done
}
