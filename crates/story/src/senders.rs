//! Other systems in a story: what they say of their alerts, and how they repeat it, as Prometheus does.

use domain::{
    labels::Labels,
    signal::{Fingerprint, Told},
};
use jiff::{SignedDuration, Timestamp};

/// How often a sender repeats what fires.
pub(crate) const EVERY: SignedDuration = SignedDuration::from_mins(1);
/// What is said holds for so long without being repeated: four times the interval, as with Prometheus.
const HOLDS: SignedDuration = SignedDuration::from_mins(4);

/// What a sender does.
#[derive(Clone, Debug, PartialEq)]
pub enum Say {
    /// Says that alerts fire, and goes on saying so.
    Sends(Alerts),
    /// Says that alerts are over.
    Resolves(Alerts),
    /// Says nothing for so long.
    Nothing(SignedDuration),
}

/// Alerts of one name on one service.
#[derive(Clone, Debug, PartialEq)]
pub struct Alerts {
    /// How many; each has its own `instance` where there are several.
    pub count: usize,
    /// The labels that they have in common.
    pub labels: Vec<(String, String)>,
}

/// `sends [COUNT alerts of] NAME on SERVICE [LEVEL] [LABEL=VALUE …]`, `resolves …`, `says nothing for 6m`.
pub(crate) fn read(text: &str) -> Option<Say> {
    if let Some(time) = text.strip_prefix("says nothing for ") {
        return Some(Say::Nothing(time.parse().ok()?));
    }
    match text.split_once(' ')? {
        ("sends", rest) => Some(Say::Sends(alerts(rest)?)),
        ("resolves", rest) => Some(Say::Resolves(alerts(rest)?)),
        _ => None,
    }
}

/// `[COUNT alerts of] NAME on SERVICE [LEVEL] [LABEL=VALUE …]`.
pub(crate) fn alerts(text: &str) -> Option<Alerts> {
    let (count, text) = match text.split_once(" alerts of ") {
        Some((count, rest)) => (count.parse().ok()?, rest),
        None => (1, text),
    };
    let mut words = text.split_whitespace();
    let (name, on, service) = (words.next()?, words.next()?, words.next()?);
    let mut labels = vec![("alertname".into(), name.into()), ("service".into(), service.into())];
    for word in words {
        let (label, value) = word.split_once('=').unwrap_or(("severity", word));
        labels.push((label.to_owned(), value.to_owned()));
    }
    (on == "on").then_some(Alerts { count, labels })
}

impl Alerts {
    /// What is said of them for the first time.
    fn told(&self, now: Timestamp) -> Vec<Told> {
        let instance = |number: usize| {
            (self.count > 1).then(|| ("instance".to_owned(), format!("host-{number}:9100")))
        };
        let one = |number| {
            let labels = Labels::new(self.labels.iter().cloned().chain(instance(number)));
            Told {
                fingerprint: Fingerprint(labels.hash64()),
                labels,
                annotations: Labels::default(),
                generator_url: "".into(),
                starts_at: Some(now),
                ends_at: None,
            }
        };
        (0..self.count).map(one).collect()
    }

    /// Whether these are among what was said: all that was named must be the same.
    fn covers(&self, labels: &Labels) -> bool {
        self.labels.iter().all(|(name, value)| labels.get(name).is_some_and(|own| own == *value))
    }
}

/// What a sender holds to be firing.
#[derive(Debug, Default)]
pub(crate) struct Sender {
    firing: Vec<Told>,
    /// Whether it says nothing now.
    pub(crate) is_mute: bool,
}

impl Sender {
    /// New alerts.
    pub(crate) fn fire(&mut self, alerts: &Alerts, now: Timestamp) {
        self.firing.extend(alerts.told(now));
    }

    /// What it says of all that fires.
    pub(crate) fn speak(&self, now: Timestamp) -> Vec<Told> {
        let ends_at = now.saturating_add(HOLDS).ok();
        let all = if self.is_mute { &[][..] } else { &self.firing };
        all.iter().map(|told| Told { ends_at, ..told.clone() }).collect()
    }

    /// What it says of alerts that are over.
    pub(crate) fn resolve(&mut self, alerts: &Alerts, now: Timestamp) -> Vec<Told> {
        let (over, firing) = std::mem::take(&mut self.firing)
            .into_iter()
            .partition(|told| alerts.covers(&told.labels));
        self.firing = firing;
        let over: Vec<Told> = over;
        over.into_iter().map(|told| Told { ends_at: Some(now), ..told }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_alerts_of_one_name_differ_in_their_instance() {
        let Some(Say::Sends(alerts)) = read("sends 3 alerts of Slow on api-1 critical zone=a")
        else {
            panic!("not read");
        };
        let told = alerts.told(Timestamp::UNIX_EPOCH);
        assert_eq!(told.len(), 3);
        assert_ne!(told[0].fingerprint, told[1].fingerprint);
        assert_eq!(told[0].labels.get("severity").as_deref(), Some("critical"));
        assert_eq!(told[0].labels.get("zone").as_deref(), Some("a"));
    }

    #[test]
    fn what_is_over_is_not_repeated() {
        let mut sender = Sender::default();
        let named = |text: &str| match read(text) {
            Some(Say::Sends(alerts) | Say::Resolves(alerts)) => alerts,
            _ => panic!("not read"),
        };
        sender.fire(&named("sends Slow on api-1 warning"), Timestamp::UNIX_EPOCH);
        sender.fire(&named("sends Down on api-1"), Timestamp::UNIX_EPOCH);
        assert_eq!(
            sender.resolve(&named("resolves Slow on api-1"), Timestamp::UNIX_EPOCH).len(),
            1
        );
        assert_eq!(sender.speak(Timestamp::UNIX_EPOCH).len(), 1);
    }
}
