//! What is seen right now: the last looks per rule and service, and the verdicts that follow from them.
//!
//! This is not state: it is not journaled and starts empty after a restart, so that old looks decide nothing
//! (start-up settle, lesson Alertmanager 4). Everything that depends on time passing is state.

use crate::{
    heard::Heard,
    ids::{AlertKey, ProbeName, RuleName, ServiceName},
    policy::{Feed, Policy},
    reading::{Observation, Reading, Value},
    rule::{Rule, Symptom},
    said::Said,
};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap, VecDeque};

/// The rule that judges silence; the configuration may change its level, not its name.
pub const NO_DATA: &str = "no_data";

/// What the looks at one rule on one service say now.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The rule and the service.
    pub key: AlertKey,
    /// What they say.
    pub judgement: Judgement,
    /// The value and its explanation, for people: `15000 ms (no answer within 15s)`.
    pub observed: Said,
}

/// Good, bad, or in between.
#[derive(Clone, Debug, PartialEq)]
pub enum Judgement {
    /// Enough bad looks for these bands, from the most severe: index and time of the first bad look in a row.
    Bad(Vec<(usize, Timestamp)>),
    /// Enough good looks in a row.
    Good,
    /// Neither: nothing changes.
    Open,
}

/// How a service looks through its outage rules.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Health {
    /// Measured good by every probe that judges outages.
    Good {
        /// Since when without a break.
        since: Timestamp,
        /// The oldest of the last looks: good at least at this time.
        seen: Timestamp,
    },
    /// At least one probe measured it bad.
    Bad,
    /// Not measured yet, or no probe looks at it.
    Unknown,
}

/// The last looks of all probes.
#[derive(Clone, Debug)]
pub struct Watch {
    tracks: HashMap<AlertKey, BTreeMap<ProbeName, Track>>,
    /// When each probe last measured anything; before its first look, when watching began.
    spoke: HashMap<ProbeName, Timestamp>,
    /// What other systems said of their alerts lately.
    pub heard: Heard,
    began: Timestamp,
}

#[derive(Clone, Debug, Default)]
struct Track {
    /// Per look, newest last: one bit per band.
    looks: VecDeque<u32>,
    /// Per band: the first bad look of the current row.
    bad_since: Vec<Option<Timestamp>>,
    good_since: Option<Timestamp>,
    passes: u32,
    seen: Option<Timestamp>,
    observed: Said,
    /// What the look measured in words, such as the client that is suspected.
    words: BTreeMap<String, String>,
}

impl Watch {
    /// Nothing seen yet.
    pub fn new(began: Timestamp) -> Self {
        Self { tracks: HashMap::new(), spoke: HashMap::new(), heard: Heard::new(began), began }
    }

    /// What the last looks of an alert of our own measured in words: a runbook takes typed values from them, as from the
    /// labels of another system's alert.
    pub fn words(&self, key: &AlertKey) -> BTreeMap<&str, &str> {
        let tracks = self.tracks.get(key).into_iter().flat_map(BTreeMap::values);
        let words = tracks.flat_map(|track| &track.words);
        words.map(|(name, text)| (name.as_str(), text.as_str())).collect()
    }

    /// Takes in one look. `firing` tells which band of an alert fires now, for hysteresis.
    pub fn take(
        &mut self,
        policy: &Policy,
        observation: &Observation,
        firing: impl Fn(&AlertKey) -> Option<usize>,
    ) -> Vec<Verdict> {
        let Some(feed) = policy.probes.get(&observation.probe) else { return Vec::new() };
        if observation.readings.values().any(|reading| !matches!(reading, Reading::Failed(_))) {
            self.spoke.insert(observation.probe.clone(), observation.at);
        }
        let mut verdicts = Vec::new();
        for rule in feed.rules.iter().filter_map(|name| policy.rules.get(name)) {
            let key = AlertKey { rule: rule.name.clone(), service: observation.service.clone() };
            let Some(Reading::Measured(value)) = observation.readings.get(&rule.reading) else {
                continue;
            };
            let band = firing(&key);
            let is_settled = self.is_settled(policy, &key, observation.at);
            let tracks = self.tracks.entry(key.clone()).or_default();
            let track = tracks.entry(observation.probe.clone()).or_default();
            track.push(rule, value, observation, band, self.began);
            let verdict = combined(policy, rule, key, tracks);
            if is_settled || verdict.judgement != Judgement::Good {
                verdicts.push(verdict);
            }
        }
        verdicts
    }

    /// Whether every probe of a rule on a service has been heard since watching began, or is silent for so long that it
    /// has an alert of its own. Before that nothing counts as good: who has not looked yet may still see it bad.
    fn is_settled(&self, policy: &Policy, key: &AlertKey, now: Timestamp) -> bool {
        let waits = |(probe, feed): (&ProbeName, &Feed)| {
            feed.service == key.service
                && feed.rules.contains(&key.rule)
                && !self.spoke.contains_key(probe)
                && now.duration_since(self.began) <= feed.no_data_after
        };
        self.spoke.len() >= policy.probes.len() || !policy.probes.iter().any(waits)
    }

    /// Probes that have brought no value for too long, and those that speak again, as verdicts of the rule [`NO_DATA`].
    pub fn silence(&mut self, policy: &Policy, now: Timestamp) -> Vec<Verdict> {
        let Some(rule) = policy.rules.get(NO_DATA) else { return Vec::new() };
        let mut touched: BTreeMap<AlertKey, ()> = BTreeMap::new();
        for (probe, feed) in &policy.probes {
            let heard = self.heard_at(probe);
            let silent = now.duration_since(heard) > feed.no_data_after;
            let key = AlertKey { rule: rule.name.clone(), service: feed.service.clone() };
            let tracks = self.tracks.entry(key.clone()).or_default();
            let track = tracks.entry(probe.clone()).or_default();
            let speaks = self.spoke.contains_key(probe) && track.looks.back() != Some(&0);
            if silent || speaks {
                let text = if silent {
                    Said::new(
                        format!("{probe}: {heard} から値がありません"),
                        format!("{probe}: no value since {heard}"),
                    )
                } else {
                    Said::new(format!("{probe}: 値の取得を再開"), format!("{probe}: values again"))
                };
                let look =
                    Observation::new(probe.as_str(), feed.service.as_str(), now).because(text);
                track.push(rule, &Value::Flag(silent), &look, None, self.began);
                touched.insert(key, ());
            }
        }
        let verdict = |key: AlertKey| {
            self.tracks.get(&key).map(|tracks| combined(policy, rule, key.clone(), tracks))
        };
        touched.into_keys().filter_map(verdict).collect()
    }

    /// When a probe last measured anything; before its first look, when watching began.
    pub fn heard_at(&self, probe: &ProbeName) -> Timestamp {
        self.spoke.get(probe).copied().unwrap_or(self.began)
    }

    /// Whether a probe has measured anything since watching began, or since it is new.
    pub fn has_heard(&self, probe: &ProbeName) -> bool {
        self.spoke.contains_key(probe)
    }

    /// A probe that is new: its silence counts from now.
    pub fn expect_from(&mut self, probe: &ProbeName, now: Timestamp) {
        self.spoke.entry(probe.clone()).or_insert(now);
    }

    /// When the next probe will have been silent for too long.
    pub fn next_silence(&self, policy: &Policy) -> Option<Timestamp> {
        let due = |(probe, feed): (&ProbeName, &Feed)| {
            let heard = self.heard_at(probe);
            heard.saturating_add(feed.no_data_after).ok()
        };
        policy.probes.iter().filter_map(due).min()
    }

    /// How one rule looks on one service: good since when, and seen when.
    pub fn rule_health(&self, key: &AlertKey) -> Health {
        let Some(tracks) = self.tracks.get(key) else { return Health::Unknown };
        let mut worst = Health::Unknown;
        for track in tracks.values() {
            match (track.good_since, track.seen) {
                (Some(since), Some(seen)) => worst = worst.and(Health::Good { since, seen }),
                (None, Some(_)) => return Health::Bad,
                _ => return Health::Unknown,
            }
        }
        worst
    }

    /// How a service looks through its outage rules. A group is good when one of its members is.
    pub fn health(&self, policy: &Policy, service: &ServiceName) -> Health {
        let outages = policy.rules.values().filter(|rule| rule.symptom.is_outage());
        let mut own = Health::Unknown;
        for rule in outages {
            match self.rule_health(&AlertKey { rule: rule.name.clone(), service: service.clone() })
            {
                Health::Unknown => {}
                Health::Bad => return Health::Bad,
                good => own = own.and(good),
            }
        }
        let members = policy.graph.members(service).map(|member| self.health(policy, &member.name));
        match members.reduce(Health::or) {
            Some(group) if own == Health::Unknown => group,
            Some(group) => own.and(group),
            None => own,
        }
    }

    /// When the looks at a rule on a service last brought a value.
    pub fn seen(&self, key: &AlertKey) -> Option<Timestamp> {
        self.tracks.get(key)?.values().filter_map(|track| track.seen).min()
    }

    /// When a rule on a service was last seen bad by a probe whose latest look is bad; none: nobody sees it bad now.
    ///
    /// What another system said of an alert that no probe of ours looks at counts as its look.
    pub fn bad_seen(&self, key: &AlertKey) -> Option<Timestamp> {
        let Some(tracks) = self.tracks.get(key) else { return self.heard.alert_heard(key) };
        let bad = tracks.values().filter(|track| track.good_since.is_none());
        bad.filter_map(|track| track.seen).max()
    }

    /// Whether any probe can bring a verdict about an outage of a service.
    pub fn is_watched(&self, policy: &Policy, service: &ServiceName) -> bool {
        let judges =
            |rule: &RuleName| policy.rules.get(rule).is_some_and(|rule| rule.symptom.is_outage());
        let direct = policy
            .probes
            .values()
            .any(|feed| feed.service == *service && feed.rules.iter().any(judges));
        direct || policy.graph.members(service).any(|member| self.is_watched(policy, &member.name))
    }
}

impl Health {
    /// Both must be good.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Bad, _) | (_, Self::Bad) => Self::Bad,
            (Self::Unknown, other) | (other, Self::Unknown) => other,
            (Self::Good { since: a, seen: s }, Self::Good { since: b, seen: t }) => {
                Self::Good { since: a.max(b), seen: s.min(t) }
            }
        }
    }

    /// One good is enough.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Good { since: a, seen: s }, Self::Good { since: b, seen: t }) => {
                Self::Good { since: a.min(b), seen: s.max(t) }
            }
            (good @ Self::Good { .. }, _) | (_, good @ Self::Good { .. }) => good,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::Bad, Self::Bad) => Self::Bad,
        }
    }
}

impl Track {
    fn push(
        &mut self,
        rule: &Rule,
        value: &Value,
        look: &Observation,
        firing: Option<usize>,
        began: Timestamp,
    ) {
        self.bad_since.resize(rule.bands.len(), None);
        let mut bits = 0;
        for (index, band) in rule.bands.iter().enumerate().take(32) {
            let stays = firing
                .is_some_and(|firing| firing <= index)
                .then_some(band.stays.as_ref())
                .flatten();
            let bad = band.test.holds(value) || stays.is_some_and(|test| test.holds(value));
            bits |= u32::from(bad) << index;
            match (bad, self.bad_since.get_mut(index)) {
                (true, Some(since)) => since.get_or_insert(look.at),
                (false, Some(since)) => {
                    *since = None;
                    continue;
                }
                _ => continue,
            };
        }
        self.looks.push_back(bits);
        while self.looks.len() > rule.window().max(1) as usize {
            self.looks.pop_front();
        }
        if bits == 0 {
            self.passes = self.passes.saturating_add(1);
            // What was never seen bad has been good since watching began: a first look is no recovery.
            let since = if self.seen.is_none() { began } else { look.at };
            self.good_since.get_or_insert(since);
        } else {
            self.passes = 0;
            self.good_since = None;
        }
        self.seen = Some(look.at);
        self.observed = describe(rule, value, look.detail.as_ref());
        let words = look.readings.iter().filter_map(|(name, reading)| match reading {
            Reading::Measured(Value::Text(text)) => Some((name.clone(), text.clone())),
            _ => None,
        });
        self.words = words.collect();
    }

    /// The bands that are met, from the most severe. A `certain` probe needs one look where others need `n` of `m`.
    fn met(&self, rule: &Rule, certain: bool) -> Vec<(usize, Timestamp)> {
        let bands = rule.bands.iter().enumerate().take(32);
        let met = bands.filter_map(|(index, band)| {
            let (n, m) = if certain { (1, 1) } else { band.n_of_m };
            let looks = self.looks.iter().rev().take(m.max(1) as usize);
            let bad = looks.filter(|bits| (*bits >> index) & 1 == 1).count();
            let since = self.bad_since.get(index).copied().flatten().or(self.seen)?;
            (bad >= n.max(1) as usize).then_some((index, since))
        });
        met.collect()
    }
}

/// The worst of all probes that feed one rule on one service; good only when all of them are.
fn combined(
    policy: &Policy,
    rule: &Rule,
    key: AlertKey,
    tracks: &BTreeMap<ProbeName, Track>,
) -> Verdict {
    let certain = |probe: &ProbeName| policy.probes.get(probe).is_some_and(|feed| feed.is_certain);
    let met = tracks.iter().map(|(probe, track)| (track.met(rule, certain(probe)), track));
    let worst = met.filter(|(met, _)| !met.is_empty()).min_by_key(|(met, _)| met[0].0);
    if let Some((met, track)) = worst {
        return Verdict { key, judgement: Judgement::Bad(met), observed: track.observed.clone() };
    }
    let good = tracks.values().all(|track| track.passes >= rule.clear_passes.max(1));
    let judgement = if good { Judgement::Good } else { Judgement::Open };
    let latest = tracks.values().max_by_key(|track| track.seen);
    Verdict {
        key,
        judgement,
        observed: latest.map(|track| track.observed.clone()).unwrap_or_default(),
    }
}

fn describe(rule: &Rule, value: &Value, detail: Option<&Said>) -> Said {
    let unit = if rule.unit.is_empty() { String::new() } else { format!(" {}", rule.unit) };
    match (value, detail) {
        (Value::Flag(_), Some(detail)) => detail.clone(),
        (value, Some(detail)) if rule.symptom != Symptom::NoData => {
            Said::each(|language| format!("{value}{unit} ({})", detail.text(language)))
        }
        (_, Some(detail)) => detail.clone(),
        (value, None) => Said::same(format!("{} = {value}{unit}", rule.reading)),
    }
}
