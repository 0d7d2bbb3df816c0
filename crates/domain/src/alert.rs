//! The life of an alert: pending, firing, perhaps flapping, resolved. It takes verdicts and the time, never the whole state.

use crate::{
    fact::{AlertFired, AlertPending, AlertRaised, Fact},
    ids::{AlertId, AlertKey, IncidentId, RunbookName},
    policy::Flap,
    rule::{Band, Rule, Symptom},
    said::{Language, Said},
    severity::{Level, Priority},
    watch::{Judgement, Verdict},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// A condition that is met and waits for its time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pending {
    /// The band that is met.
    pub band: usize,
    /// The first bad look.
    pub since: Timestamp,
    /// When it fires.
    pub fires_at: Timestamp,
    /// The value.
    pub observed: Said,
}

/// A firing alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// What it said when it fired; level, priority, band and value follow later raises.
    pub fired: AlertFired,
    /// When it fired.
    pub detected_at: Timestamp,
    /// The incident that it belongs to.
    pub incident: Option<IncidentId>,
    /// Whether it flaps, and when it ends if it stays good.
    pub flapping: Option<Option<Timestamp>>,
    /// When its owner was told of it last by itself, outside an incident.
    #[serde(default)]
    pub told_at: Option<Timestamp>,
    /// How many signals of it have come since then.
    #[serde(default)]
    pub news: u32,
    /// A runbook that only looks has looked at it: once is enough.
    #[serde(default)]
    pub looked: bool,
    /// How many runs by themselves have not helped, since it fired or since a person released the target.
    #[serde(default)]
    pub fruitless: u32,
}

/// How often a key fired lately.
pub type Firings = VecDeque<Timestamp>;

/// What the alert of one key is now.
#[derive(Clone, Copy, Debug)]
pub enum Now<'a> {
    /// Nothing.
    Quiet,
    /// Waiting for its time.
    Pending(&'a Pending),
    /// Firing.
    Firing(&'a Alert),
}

/// What follows from a verdict. `fire` makes the firing fact of a band: it knows the policy and the next number.
pub fn judge(
    rule: &Rule,
    flap: &Flap,
    now_is: Now<'_>,
    firings: Option<&Firings>,
    verdict: &Verdict,
    now: Timestamp,
    fire: impl FnOnce(usize, Timestamp, &Said) -> Fact,
) -> Vec<Fact> {
    let key = || verdict.key.clone();
    match (now_is, &verdict.judgement) {
        (Now::Quiet, Judgement::Bad(met)) => begin(rule, verdict, met, None, now, fire),
        (Now::Pending(pending), Judgement::Bad(met)) => {
            begin(rule, verdict, met, Some(pending), now, fire)
        }
        (Now::Pending(_), Judgement::Good) => vec![Fact::AlertDropped { key: key() }],
        (Now::Firing(alert), Judgement::Bad(met)) => {
            let unsteady =
                matches!(alert.flapping, Some(Some(_))).then(|| Fact::AlertUnsteady { key: key() });
            unsteady.into_iter().chain(raise(rule, alert, verdict, met, now)).collect()
        }
        (Now::Firing(alert), Judgement::Good) => {
            end(flap, alert, firings, &verdict.key, &verdict.observed, now)
        }
        _ => Vec::new(),
    }
}

/// Fires the most severe band that has held for its time; else waits for the one that will have done so first.
fn begin(
    rule: &Rule,
    verdict: &Verdict,
    met: &[(usize, Timestamp)],
    pending: Option<&Pending>,
    now: Timestamp,
    fire: impl FnOnce(usize, Timestamp, &Said) -> Fact,
) -> Vec<Fact> {
    let fires_at = |(band, since): (usize, Timestamp)| {
        since.saturating_add(hold(rule, band)).unwrap_or(Timestamp::MAX)
    };
    if let Some((band, since)) = met.iter().copied().find(|met| fires_at(*met) <= now) {
        return vec![fire(band, since, &verdict.observed)];
    }
    let next = met.iter().copied().min_by_key(|met| fires_at(*met));
    let Some((band, since)) =
        next.filter(|(band, _)| pending.is_none_or(|pending| pending.band != *band))
    else {
        return Vec::new();
    };
    let (key, observed) = (verdict.key.clone(), verdict.observed.clone());
    vec![Fact::AlertPending(AlertPending {
        key,
        band,
        since,
        fires_at: fires_at((band, since)),
        observed,
    })]
}

fn hold(rule: &Rule, band: usize) -> SignedDuration {
    rule.bands.get(band).map_or(SignedDuration::ZERO, |band| band.hold)
}

/// A worse band has held for its time. An alert never becomes quieter while it fires.
fn raise(
    rule: &Rule,
    alert: &Alert,
    verdict: &Verdict,
    met: &[(usize, Timestamp)],
    now: Timestamp,
) -> Option<Fact> {
    let held =
        |(band, since): &&(usize, Timestamp)| now.duration_since(*since) >= hold(rule, *band);
    let (band, _) = met.iter().filter(|(band, _)| *band < alert.fired.band).find(held)?;
    let worse = rule.bands.get(*band)?;
    Some(Fact::AlertRaised(AlertRaised {
        key: verdict.key.clone(),
        level: worse.level.max(alert.fired.level),
        priority: worse.priority.max(alert.fired.priority),
        band: *band,
        condition: rule.condition(*band),
        observed: verdict.observed.clone(),
        reason: rule.condition(*band).into(),
    }))
}

/// Good again: resolved at once, or, when it has fired too often lately, only after a steady while.
pub fn end(
    flap: &Flap,
    alert: &Alert,
    firings: Option<&Firings>,
    key: &AlertKey,
    observed: &Said,
    now: Timestamp,
) -> Vec<Fact> {
    let key = key.clone();
    let until = now.saturating_add(flap.steady).unwrap_or(Timestamp::MAX);
    match alert.flapping {
        Some(Some(_)) => Vec::new(),
        Some(None) => vec![Fact::AlertSteadying { key, until }],
        None => {
            let recent = recent(flap, firings, now);
            if recent >= flap.limit {
                vec![
                    Fact::AlertFlapping { key: key.clone(), firings: recent },
                    Fact::AlertSteadying { key, until },
                ]
            } else {
                vec![Fact::AlertResolved {
                    key,
                    id: alert.fired.id,
                    observed: observed.clone(),
                    owes_word: false,
                }]
            }
        }
    }
}

impl Alert {
    /// The value, and the condition that it meets.
    pub fn seen(&self) -> Said {
        let AlertFired { observed, condition, .. } = &self.fired;
        Said::each(|language| format!("{} ({condition})", observed.text(language)))
    }

    /// Whether it flapped and is good now, so that it ends when it stays so.
    pub fn is_steadying(&self) -> bool {
        matches!(self.flapping, Some(Some(_)))
    }
}

fn recent(flap: &Flap, firings: Option<&Firings>, now: Timestamp) -> u32 {
    let inside = |at: &&Timestamp| now.duration_since(**at) <= flap.window;
    firings.map_or(0, |firings| {
        u32::try_from(firings.iter().filter(inside).count()).unwrap_or(u32::MAX)
    })
}

/// The loudness of a band, made quieter while other instances of the group still serve (scenario 1).
pub fn loudness(band: &Band, symptom: Symptom, others_serve: bool) -> (Level, Option<Priority>) {
    if symptom.is_outage() && others_serve {
        (band.level.min(Level::Warning), None)
    } else {
        (band.level, band.priority)
    }
}

/// Builds the firing fact of a band.
#[derive(Debug)]
pub struct Firing<'a> {
    /// The rule.
    pub rule: &'a Rule,
    /// Rule and service.
    pub key: &'a AlertKey,
    /// The next number.
    pub id: AlertId,
    /// The service's title.
    pub service_title: &'a str,
    /// Who owns the service, when it says so itself.
    pub owner: Option<&'a str>,
    /// When somebody must have responded.
    pub respond_by: Timestamp,
    /// The runbook that answers by itself.
    pub runbook: Option<RunbookName>,
    /// Whether other instances of the group serve.
    pub others_serve: bool,
    /// The language of the title.
    pub language: Language,
}

impl Firing<'_> {
    /// The fact.
    pub fn fact(self, band: usize, since: Timestamp, observed: &Said, now: Timestamp) -> Fact {
        let (level, priority) = self.rule.bands.get(band).map_or((Level::Warning, None), |band| {
            loudness(band, self.rule.symptom, self.others_serve)
        });
        Fact::AlertFired(Box::new(AlertFired {
            id: self.id,
            key: self.key.clone(),
            title: format!("{}: {}", self.rule.title.text(self.language), self.service_title),
            symptom: self.rule.symptom,
            level,
            priority,
            band,
            condition: self.rule.condition(band),
            observed: observed.clone(),
            occurred_at: since.min(now),
            owner: self.owner.unwrap_or(&self.rule.owner).to_owned(),
            respond_by: self.respond_by,
            runbook: self.runbook,
            redundant: self.others_serve && self.rule.symptom.is_outage(),
            is_outside: false,
        }))
    }
}
