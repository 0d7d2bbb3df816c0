//! What may follow next: the open things that a fact or the time has touched since everything was settled. It only saves
//! looking at all of them again and again; a look at everything finds the same.

use crate::{
    apply::incident_of,
    fact::{About, AlertRaised, Fact},
    ids::{AlertKey, IncidentId, ScheduleName, ServiceName},
    policy::Policy,
    state::State,
};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Open things to look at.
#[derive(Clone, Debug, Default)]
pub struct Agenda {
    /// Alerts whose signals came or went.
    pub groups: BTreeSet<AlertKey>,
    /// Alerts outside of incidents that may belong to one.
    pub unplaced: BTreeSet<AlertKey>,
    /// Alerts whose owner may have to be told, and when that is looked at.
    pub untold: BTreeSet<(Timestamp, AlertKey)>,
    /// Incidents that may move on.
    pub incidents: BTreeSet<IncidentId>,
    /// Incidents that may be one with others.
    pub merges: BTreeSet<IncidentId>,
    /// Schedules, by when somebody else may be on call: the next wake-up does not ask each of them.
    pub shifts: BTreeSet<(Timestamp, ScheduleName)>,
    /// Whether what waits for a time was looked at in this round.
    pub is_timed: bool,
}

impl Agenda {
    /// Everything that is open: after a start, and after a change of the policy.
    pub fn everything(state: &State, policy: &Policy) -> Self {
        let at = Timestamp::UNIX_EPOCH;
        let groups = state.signals.groups().map(|(key, _)| key.clone());
        let alerts = state.alerts.values().map(|alert| alert.fired.key.clone());
        Self {
            groups: groups.chain(alerts).collect(),
            unplaced: state.loose.clone(),
            untold: state.loose.iter().map(|key| (at, key.clone())).collect(),
            incidents: state.incidents.keys().copied().collect(),
            merges: state.incidents.keys().copied().collect(),
            shifts: policy.schedules.keys().map(|name| (at, name.clone())).collect(),
            is_timed: false,
        }
    }

    /// A new round: time has passed, or something was seen.
    pub fn begin_round(&mut self, state: &State) {
        self.is_timed = false;
        self.incidents.extend(state.incidents.keys());
    }

    /// Follows a fact that was just folded in.
    pub fn follow(&mut self, fact: &Fact, state: &State, policy: &Policy, at: Timestamp) {
        if let Some(incident) = incident_of(fact) {
            self.incidents.insert(incident);
        }
        match fact {
            Fact::SignalsRaised { signals, .. } => {
                for signal in signals {
                    if !self.groups.contains(&signal.key) {
                        self.groups.insert(signal.key.clone());
                    }
                }
            }
            Fact::SignalsEnded { signals, .. } => {
                self.groups.extend(signals.iter().map(|ended| ended.key.clone()));
            }
            Fact::AlertPending(_) => self.is_timed = false,
            Fact::AlertFired(fired) => {
                self.alert(&fired.key, at);
                if fired.symptom.is_outage() {
                    self.neighbours(&fired.key.service, state, policy);
                }
            }
            Fact::AlertRaised(AlertRaised { key, .. }) => {
                self.alert(key, at);
                self.neighbours(&key.service, state, policy);
                self.of_alert(key, state);
            }
            Fact::AlertResolved { key, .. } => {
                self.neighbours(&key.service, state, policy);
                let of = state.incidents.values().filter(|one| one.resolved.contains(key));
                self.incidents.extend(of.map(|incident| incident.id));
            }
            Fact::IncidentOpened { id, cause, .. } => {
                self.merges.insert(*id);
                self.around(cause, state, policy);
            }
            Fact::CauseChanged { incident, cause, .. } => {
                self.merges.insert(*incident);
                self.around(cause, state, policy);
            }
            Fact::IncidentMerged { into, .. } => {
                self.incidents.insert(*into);
                self.merges.insert(*into);
                self.all_loose(state);
            }
            Fact::IncidentRecovered { .. } | Fact::IncidentClosed { .. } => self.all_loose(state),
            Fact::OverrideSet(set) => {
                self.shifts.insert((at, set.change.schedule.clone()));
            }
            Fact::OverrideRemoved(removed) => {
                self.shifts.insert((at, removed.schedule.clone()));
            }
            // What was told may have to be told again.
            Fact::NoticeOwed(owed) => {
                if let About::Alert(key) = &owed.about {
                    self.untold.insert((at, key.clone()));
                }
            }
            Fact::AlertsTold { keys } => {
                self.untold.extend(keys.iter().map(|key| (at, key.clone())));
            }
            // Automation may have nothing more to offer: people must go on.
            Fact::RunFinished { .. } | Fact::QuestionAsked(_) => {
                self.incidents.extend(state.incidents.keys());
            }
            _ => {}
        }
    }

    /// An alert that was quiet is loud now: it is judged anew, at once.
    pub fn loud(&mut self, key: AlertKey, state: &State) {
        self.of_alert(&key, state);
        if state.loose.contains(&key) {
            self.unplaced.insert(key.clone());
            self.untold.insert((Timestamp::UNIX_EPOCH, key.clone()));
        }
        self.groups.insert(key);
    }

    fn alert(&mut self, key: &AlertKey, at: Timestamp) {
        self.unplaced.insert(key.clone());
        self.untold.insert((at, key.clone()));
    }

    fn of_alert(&mut self, key: &AlertKey, state: &State) {
        let incident = state.alerts.get(key).and_then(|alert| alert.incident);
        self.incidents.extend(incident);
    }

    /// Loose alerts of what needs a service: their cause may be another now.
    fn neighbours(&mut self, service: &ServiceName, state: &State, policy: &Policy) {
        if policy.graph.get(service).is_some() {
            self.around(service, state, policy);
        }
    }

    /// Loose alerts that an incident of a service may explain or be explained by: those of services that it is
    /// connected with, and its own.
    fn around(&mut self, service: &ServiceName, state: &State, policy: &Policy) {
        let graph = &policy.graph;
        let is_near = |key: &&AlertKey| {
            key.service == *service
                || graph.get(&key.service).is_some() && graph.get(service).is_some()
        };
        self.unplaced.extend(state.loose.iter().filter(is_near).cloned());
    }

    fn all_loose(&mut self, state: &State) {
        self.unplaced.extend(state.loose.iter().cloned());
    }
}
