//! What deciding looks at: state, policy, what is seen now, and the time.

use crate::{guard::Surroundings, policy::Policy, quiet::Quiet, state::State, watch::Watch};
use jiff::{SignedDuration, Timestamp};

/// Everything that a decision depends on; nothing else does.
#[derive(Clone, Copy, Debug)]
pub struct World<'a> {
    /// What is open.
    pub state: &'a State,
    /// What the team has decided beforehand.
    pub policy: &'a Policy,
    /// What is seen right now.
    pub watch: &'a Watch,
    /// What is quiet right now.
    pub quiet: &'a Quiet,
    /// The time.
    pub now: Timestamp,
}

impl<'a> World<'a> {
    /// What the guardrails look at.
    pub fn surroundings(&self) -> Surroundings<'a> {
        Surroundings {
            policy: self.policy,
            watch: self.watch,
            alerts: &self.state.alerts,
            targets: &self.state.targets,
            incidents: &self.state.incidents,
            stopped: self.state.stopped.as_ref(),
            now: self.now,
        }
    }

    /// The time after `duration`.
    pub fn after(&self, duration: SignedDuration) -> Timestamp {
        self.now.saturating_add(duration).unwrap_or(Timestamp::MAX)
    }
}
