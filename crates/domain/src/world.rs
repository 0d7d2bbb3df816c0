//! What deciding looks at: state, policy, what is seen now, and the time.

use crate::{
    guard::Surroundings, incident::Incident, policy::Policy, quiet::Quiet, state::State,
    watch::Watch,
};
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

    /// Whether all that burns in an incident is quiet: then nobody is told of it, until one of them is loud again.
    pub fn is_quiet(&self, incident: &Incident) -> bool {
        let mut burning = incident.burning.iter();
        !incident.burning.is_empty() && burning.all(|key| self.quiet.is_quiet(self.state, key))
    }

    /// The time after `duration`.
    pub fn after(&self, duration: SignedDuration) -> Timestamp {
        self.now.saturating_add(duration).unwrap_or(Timestamp::MAX)
    }
}
