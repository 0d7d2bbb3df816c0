//! What is quiet now: silenced, in maintenance, or inhibited by another alert. Derived from state and policy, never stored.
//! A quiet alert is recorded and shown; it opens no incident, tells nobody and starts no runbook.

use crate::{
    alert::Alert,
    fact::{AlertRaised, Fact},
    ids::{AlertKey, ServiceName, SilenceId},
    inhibition::{Index, Name},
    labels::Labels,
    maintenance,
    policy::Policy,
    signal::{Fingerprint, Signal},
    state::State,
};
use std::collections::{BTreeSet, HashMap};

/// Signals of an alert whose reasons are shown.
const REASONS: usize = 100;

/// Why something is quiet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reasons {
    /// Silences and windows that cover it.
    pub silenced_by: Vec<SilenceId>,
    /// The alert that inhibits it.
    pub inhibited_by: Option<String>,
}

impl Reasons {
    /// Whether there is any.
    pub fn any(&self) -> bool {
        !self.silenced_by.is_empty() || self.inhibited_by.is_some()
    }
}

/// What is quiet.
#[derive(Clone, Debug, Default)]
pub struct Quiet {
    /// Of quiet signals: the alert that each is part of, and why.
    signals: HashMap<Fingerprint, (AlertKey, Reasons)>,
    /// Of alerts with signals: how many of these are quiet.
    members: HashMap<AlertKey, usize>,
    /// Of alerts of our own rules: why.
    alerts: HashMap<AlertKey, Reasons>,
    inhibition: Index,
}

impl Quiet {
    /// Looks at everything that is open.
    pub fn new(state: &State, policy: &Policy) -> Self {
        let mut quiet = Self::default();
        quiet.look_at_everything(state, policy);
        quiet
    }

    /// Whether an alert is quiet; one with signals, when all of them are.
    pub fn is_quiet(&self, state: &State, key: &AlertKey) -> bool {
        match state.signals.group(key) {
            Some(group) => self.members.get(key).is_some_and(|quiet| *quiet >= group.members.len()),
            None => self.alerts.contains_key(key),
        }
    }

    /// Whether an alert that is quiet would be loud if a silence were over.
    pub fn is_quiet_only_by(&self, state: &State, key: &AlertKey, id: &SilenceId) -> bool {
        let holds = |reasons: &Reasons| {
            reasons.inhibited_by.is_some() || reasons.silenced_by.iter().any(|other| other != id)
        };
        self.is_quiet(state, key)
            && match state.signals.group(key) {
                Some(group) => {
                    let mut reasons = group.members.iter().map(|number| self.of_signal(*number));
                    reasons.any(|reasons| reasons.is_none_or(|reasons| !holds(reasons)))
                }
                None => self.alerts.get(key).is_none_or(|reasons| !holds(reasons)),
            }
    }

    /// Why a signal is quiet; none: it is not.
    pub fn of_signal(&self, number: Fingerprint) -> Option<&Reasons> {
        self.signals.get(&number).map(|(_, reasons)| reasons)
    }

    /// Why an alert of our own rules is quiet.
    pub fn of_alert(&self, key: &AlertKey) -> Option<&Reasons> {
        self.alerts.get(key)
    }

    /// Why an alert is quiet; none: it is loud. Of one with many signals, the reasons of the first of them.
    pub fn reasons(&self, state: &State, key: &AlertKey) -> Option<Reasons> {
        let group = state.signals.group(key).filter(|_| self.is_quiet(state, key));
        let mut all = Reasons::default();
        let members = group.into_iter().flat_map(|group| group.members.iter().take(REASONS));
        for reasons in
            members.filter_map(|number| self.of_signal(*number)).chain(self.of_alert(key))
        {
            all.silenced_by.extend(reasons.silenced_by.iter().cloned());
            all.inhibited_by = all.inhibited_by.or_else(|| reasons.inhibited_by.clone());
        }
        all.silenced_by.sort();
        all.silenced_by.dedup();
        all.any().then_some(all)
    }

    /// How many signals a silence covers, and how many alerts of our own.
    pub fn covered_by(&self, id: &SilenceId) -> usize {
        let covers = |reasons: &&Reasons| reasons.silenced_by.contains(id);
        let signals = self.signals.values().map(|(_, reasons)| reasons);
        signals.filter(covers).count() + self.alerts.values().filter(covers).count()
    }

    /// Follows a fact that was just folded in. Returns the alerts that may be loud now and were not.
    pub fn follow(&mut self, fact: &Fact, state: &State, policy: &Policy) -> BTreeSet<AlertKey> {
        let (mut loud, mut touched) = (BTreeSet::new(), BTreeSet::new());
        match fact {
            Fact::SignalsRaised { signals, .. } => {
                for signal in signals {
                    touched.extend(self.index_signal(policy, signal));
                    self.look_at_signal(signal, state, policy);
                    // An alert of our own that has signals now is judged by these.
                    let was_quiet = self.alerts.remove(&signal.key).is_some();
                    if was_quiet {
                        loud.insert(signal.key.clone());
                    }
                    if was_quiet || !policy.inhibitions.is_empty() {
                        let name = Name::Alert(signal.key.clone());
                        touched.extend(self.inhibition.remove(&name));
                    }
                }
                // A loud signal makes an alert loud whose other signals are all quiet.
                let keys = signals.iter().map(|signal| &signal.key);
                loud.extend(keys.filter(|key| self.members.contains_key(*key)).cloned());
            }
            Fact::SignalsEnded { signals, .. } => {
                for ended in signals {
                    self.forget_signal(ended.fingerprint);
                    touched.extend(self.inhibition.remove(&Name::Signal(ended.fingerprint)));
                    // What is left without signals may be an alert of our own.
                    touched.insert(Name::Alert(ended.key.clone()));
                }
            }
            Fact::AlertFired(fired) => {
                touched.extend(self.index_alert(&fired.key, state, policy));
                touched.insert(Name::Alert(fired.key.clone()));
            }
            // It is louder now: what is quiet by its loudness may not hold any more.
            Fact::AlertRaised(AlertRaised { key, .. }) => {
                touched.extend(self.index_alert(key, state, policy));
                touched.insert(Name::Alert(key.clone()));
            }
            Fact::AlertResolved { key, .. } => {
                self.alerts.remove(key);
                touched.extend(self.inhibition.remove(&Name::Alert(key.clone())));
            }
            Fact::SilenceStarted { .. } | Fact::SilenceEnded { .. } | Fact::SilencePut { .. } => {
                loud.extend(self.members.keys().chain(self.alerts.keys()).cloned());
                self.look_at_everything(state, policy);
            }
            _ => {}
        }
        for name in touched {
            loud.extend(self.look_again(&name, state, policy));
        }
        loud.retain(|key| !self.is_quiet(state, key));
        loud
    }

    /// Looks again at what something else has touched; its key.
    fn look_again(&mut self, name: &Name, state: &State, policy: &Policy) -> Option<AlertKey> {
        match name {
            Name::Signal(number) => {
                let signal = state.signals.get(*number)?;
                self.look_at_signal(signal, state, policy);
                Some(signal.key.clone())
            }
            Name::Alert(key) => {
                let alert = state.alerts.get(key)?;
                if state.signals.group(key).is_none() {
                    self.index_alert(key, state, policy);
                    self.look_at_alert(alert, state, policy);
                } else {
                    self.alerts.remove(key);
                }
                Some(key.clone())
            }
        }
    }

    fn index_signal(&mut self, policy: &Policy, signal: &Signal) -> BTreeSet<Name> {
        if policy.inhibitions.is_empty() {
            return BTreeSet::new();
        }
        let labels = with_service(&signal.labels, &signal.key);
        self.inhibition.put(&policy.inhibitions, &Name::Signal(signal.fingerprint), &labels)
    }

    /// Alerts that have signals are indexed by these.
    fn index_alert(&mut self, key: &AlertKey, state: &State, policy: &Policy) -> BTreeSet<Name> {
        let alert = state.alerts.get(key).filter(|_| state.signals.group(key).is_none());
        let Some(alert) = alert.filter(|_| !policy.inhibitions.is_empty()) else {
            return BTreeSet::new();
        };
        let name = Name::Alert(key.clone());
        self.inhibition.put(&policy.inhibitions, &name, &labels_of(alert, policy))
    }

    /// After a silence began or ended: everything anew.
    fn look_at_everything(&mut self, state: &State, policy: &Policy) {
        *self = Self::default();
        if state.silences.active().next().is_none() && policy.inhibitions.is_empty() {
            return;
        }
        for signal in state.signals.all() {
            self.index_signal(policy, signal);
        }
        for alert in own_alerts(state) {
            self.index_alert(&alert.fired.key, state, policy);
        }
        for signal in state.signals.all() {
            self.look_at_signal(signal, state, policy);
        }
        for alert in own_alerts(state) {
            self.look_at_alert(alert, state, policy);
        }
    }

    fn look_at_signal(&mut self, signal: &Signal, state: &State, policy: &Policy) {
        self.forget_signal(signal.fingerprint);
        let has_silences = state.silences.active().next().is_some();
        if !has_silences && policy.inhibitions.is_empty() {
            return;
        }
        let labels = with_service(&signal.labels, &signal.key);
        let name = Name::Signal(signal.fingerprint);
        let reasons = self.find(&name, &labels, &signal.key.service, state, policy);
        if reasons.any() {
            self.signals.insert(signal.fingerprint, (signal.key.clone(), reasons));
            *self.members.entry(signal.key.clone()).or_default() += 1;
        }
    }

    fn forget_signal(&mut self, number: Fingerprint) {
        let Some((key, _)) = self.signals.remove(&number) else { return };
        if let Some(quiet) = self.members.get_mut(&key) {
            *quiet = quiet.saturating_sub(1);
            if *quiet == 0 {
                self.members.remove(&key);
            }
        }
    }

    fn look_at_alert(&mut self, alert: &Alert, state: &State, policy: &Policy) {
        let key = &alert.fired.key;
        let (name, labels) = (Name::Alert(key.clone()), labels_of(alert, policy));
        let reasons = self.find(&name, &labels, &key.service, state, policy);
        if reasons.any() {
            self.alerts.insert(alert.fired.key.clone(), reasons);
        } else {
            self.alerts.remove(&alert.fired.key);
        }
    }

    fn find(
        &self,
        name: &Name,
        labels: &Labels,
        service: &ServiceName,
        state: &State,
        policy: &Policy,
    ) -> Reasons {
        let covering = state.silences.active().filter(|silence| {
            silence.covers(labels) || maintenance::explains(&policy.graph, &silence.kind, service)
        });
        Reasons {
            silenced_by: covering.map(|silence| silence.id.clone()).collect(),
            inhibited_by: self.inhibition.of(name).map(ToString::to_string),
        }
    }
}

fn own_alerts(state: &State) -> impl Iterator<Item = &Alert> {
    state.alerts.values().filter(|alert| state.signals.group(&alert.fired.key).is_none())
}

/// The labels of an alert of our own rules, by which silences find it.
pub fn labels_of(alert: &Alert, policy: &Policy) -> Labels {
    let fired = &alert.fired;
    let system = policy.graph.get(&fired.key.service).map(|service| service.system.as_str());
    Labels::new([
        ("alertname", fired.key.rule.as_str()),
        ("service", fired.key.service.as_str()),
        ("severity", fired.level.name()),
        ("owner", &fired.owner),
        ("system", system.unwrap_or_default()),
    ])
}

/// A signal's labels and the service that it was sorted to, so that a maintenance window of a service covers it.
fn with_service(labels: &Labels, key: &AlertKey) -> Labels {
    if labels.get("service").is_some() {
        return labels.clone();
    }
    let own = std::iter::once(("service".into(), key.service.as_str().into()));
    Labels::new(labels.iter().chain(own))
}
