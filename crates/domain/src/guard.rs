//! Guardrails: whether a step that changes something may start now. Limits hold whatever a runbook says.

use crate::{
    alerts::Alerts,
    approval,
    fact::{ApprovalEnd, Hold, StepBrief},
    graph::{Graph, Kind},
    ids::{Actor, AlertKey, IncidentId, RunbookName, ServiceName},
    incident::Incident,
    plan::{EffectKind, Guardrails, Parameter},
    policy::Policy,
    run::Run,
    said::Said,
    values::Values,
    watch::{Health, Watch},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

/// Distinct targets of one group in this window, while others serve (blast radius).
const BLAST_WINDOW: SignedDuration = SignedDuration::from_mins(10);
const BLAST_TARGETS: usize = 2;

/// What is remembered of a target, whatever run touched it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// Changing attempts, oldest first; those older than any window are dropped.
    pub changes: VecDeque<Timestamp>,
    /// When the last run on it ended.
    pub finished_at: Option<Timestamp>,
    /// Not to be touched by itself before this time.
    pub latched_until: Option<Timestamp>,
    /// The values with which each runbook last changed something here: an undo takes back what was done with them.
    #[serde(default)]
    pub given: BTreeMap<RunbookName, BTreeMap<String, Parameter>>,
}

/// Somebody has stopped automation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stopped {
    /// Why.
    pub reason: String,
    /// Who.
    pub by: Actor,
    /// Since when.
    pub since: Timestamp,
    /// Until when; none: until somebody resumes it.
    pub until: Option<Timestamp>,
}

impl Stopped {
    /// Whether it holds at a time.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// What the guardrails say.
#[derive(Clone, Debug, PartialEq)]
pub enum Gate {
    /// It may start.
    Open,
    /// Not yet.
    Held(Hold, Option<Timestamp>),
    /// The alert is over: a write step never starts because of a resolve.
    NotNeeded,
    /// A person must agree first.
    Ask {
        /// Why.
        reasons: Vec<Said>,
        /// How many people.
        needs: u32,
        /// The values that the step would get.
        values: BTreeMap<String, String>,
    },
    /// The time of an approval is over, or it was for something else.
    Lapsed(ApprovalEnd),
    /// Not at all; a person must decide.
    Blocked(Said),
    /// The rate limit is used up.
    Exhausted(Said),
}

/// What a guard looks at.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// What is seen now.
    pub watch: &'a Watch,
    /// Firing alerts.
    pub alerts: &'a Alerts,
    /// Targets.
    pub targets: &'a BTreeMap<ServiceName, Target>,
    /// Incidents.
    pub incidents: &'a BTreeMap<IncidentId, Incident>,
    /// Whether somebody has stopped automation.
    pub stopped: Option<&'a Stopped>,
    /// The time.
    pub now: Timestamp,
}

/// Asks all guardrails in turn; the first that objects decides.
pub fn check<'a>(
    run: &Run,
    step: &StepBrief,
    others: impl Iterator<Item = &'a Run>,
    around: Surroundings<'_>,
) -> Gate {
    let by_itself = run.planned.by == Actor::Hikeshi;
    if by_itself && !still_firing(run, around.alerts) {
        return Gate::NotNeeded;
    }
    if by_itself && around.stopped.is_some_and(|stopped| stopped.holds(around.now)) {
        return Gate::Held(Hold::Stopped, around.stopped.and_then(|stopped| stopped.until));
    }
    let is_bad = |key: &AlertKey| around.watch.bad_seen(key).is_some();
    if by_itself && !run.planned.alert.as_ref().is_none_or(is_bad) {
        // It is good again and only waits for its end, or nobody has looked yet.
        return Gate::Held(Hold::FreshLook, None);
    }
    let target = around.targets.get(&run.planned.target);
    if let Some(until) = target
        .and_then(|target| target.latched_until)
        .filter(|until| by_itself && *until > around.now)
    {
        let target = &run.planned.target;
        return Gate::Blocked(Said::new(
            format!("{target} は {until} まで自動操作の対象外です"),
            format!("{target} is latched until {until}"),
        ));
    }
    let others: Vec<&Run> = others
        .filter(|other| other.planned.id != run.planned.id && !other.planned.dry_run)
        .collect();
    dependencies(run, &others, around)
        .or_else(|| blast_radius(run, &others, around))
        .or_else(|| limit(&run.planned.guardrails, &run.planned.target, target, around.now))
        .or_else(|| fruitless(run, around.alerts).filter(|_| by_itself))
        .unwrap_or_else(|| approved(run, step, by_itself, around))
}

fn still_firing(run: &Run, alerts: &Alerts) -> bool {
    run.planned.alert.as_ref().is_none_or(|key| alerts.contains(key))
}

/// What is asked last, so that people are asked only about what could start now; and so that after their answer all
/// other guardrails have been asked again.
fn approved(run: &Run, step: &StepBrief, by_itself: bool, around: Surroundings<'_>) -> Gate {
    let reasons = reasons_to_ask(run, step, by_itself, around);
    if reasons.is_empty() {
        return Gate::Open;
    }
    let planned = &run.planned;
    let plan = around.policy.plan(&planned.runbook);
    let values = plan.map(|plan| {
        let target = &planned.target;
        let service = around.policy.graph.get(target);
        Values { plan, target, service, given: &planned.parameters }.shown(&step.name)
    });
    let values = values.unwrap_or_default();
    let Some(approval) = &run.approval else {
        let alert = planned.alert.as_ref().and_then(|key| around.alerts.get(key));
        let incident = planned.incident.or(alert.and_then(|alert| alert.incident));
        let incident = incident.and_then(|id| around.incidents.get(&id));
        let priority = match incident.map(|incident| &incident.classification) {
            Some(None) => return Gate::Held(Hold::Classification, None),
            found => found.and_then(|found| found.as_ref()).map(|found| found.priority),
        };
        return Gate::Ask {
            reasons,
            needs: approval::people_needed(step.effect, priority),
            values,
        };
    };
    if !approval.covers(step, &values) {
        return Gate::Lapsed(ApprovalEnd::Void);
    }
    if around.now >= approval.expires_at {
        return Gate::Lapsed(ApprovalEnd::Expired);
    }
    match approval.still_needed() {
        0 => Gate::Open,
        _ => Gate::Held(Hold::Approval(approval.asked.id), Some(approval.expires_at)),
    }
}

/// `destructive` always asks; `once` asks unless the runbook is `auto`; in a freeze window, whatever changes something asks.
/// A person who starts a run by name has answered for `once`.
fn reasons_to_ask(
    run: &Run,
    step: &StepBrief,
    by_itself: bool,
    around: Surroundings<'_>,
) -> Vec<Said> {
    let mut reasons = Vec::new();
    match step.effect {
        EffectKind::Destructive => reasons.push(Said::new(
            format!("手順 {} は元に戻せません (destructive)", step.name),
            format!("step {} is destructive", step.name),
        )),
        EffectKind::Once if by_itself && !run.planned.automatic => {
            let runbook = &run.planned.runbook;
            reasons.push(Said::new(
                format!("手順書 {runbook} は自動実行 (mode: auto) ではありません"),
                format!("{runbook} is not in mode auto"),
            ));
        }
        _ => {}
    }
    let graph = &around.policy.graph;
    let frozen = around.policy.freezes.iter().filter(|_| by_itself);
    let frozen = frozen.filter(|freeze| freeze.holds(&run.planned.target, graph, around.now));
    let during =
        |name: &str| Said::new(format!("変更凍結期間 {name}"), format!("freeze window {name}"));
    reasons.extend(frozen.map(|freeze| during(&freeze.name)));
    reasons
}

/// Staged recovery (A40): everything that the target needs must have been measured healthy after the trouble began,
/// and the target must have been looked at again after a dependency came back.
fn dependencies(run: &Run, others: &[&Run], around: Surroundings<'_>) -> Option<Gate> {
    let (policy, watch) = (around.policy, around.watch);
    let trouble = run
        .planned
        .alert
        .as_ref()
        .and_then(|key| around.alerts.get(key))
        .map_or(run.planned_at, |alert| alert.detected_at);
    let mut back_since: Option<Timestamp> = None;
    for need in policy
        .graph
        .needs_of(&run.planned.target)
        .filter(|need| must_be_seen(&policy.graph, watch, policy, need))
    {
        // A stage that is being repaired must be verified before the next begins (A40).
        if is_unverified(need, others, around) {
            return Some(Gate::Held(Hold::Dependency(need.clone()), None));
        }
        match watch.health(policy, need) {
            Health::Good { since, seen } if seen >= trouble => {
                back_since = back_since.max(Some(since).filter(|since| *since > trouble))
            }
            _ => return Some(Gate::Held(Hold::Dependency(need.clone()), None)),
        }
    }
    let (key, back) = (run.planned.alert.as_ref()?, back_since?);
    let settled = back.saturating_add(run.planned.verify.every).unwrap_or(Timestamp::MAX);
    let fresh = watch.bad_seen(key).is_some_and(|seen| seen >= settled);
    (!fresh).then_some(Gate::Held(Hold::FreshLook, Some(settled)))
}

/// Whether a service is only good since a repair that is not verified yet; a group, when that is so of every member that
/// serves.
fn is_unverified(need: &ServiceName, others: &[&Run], around: Surroundings<'_>) -> bool {
    let (policy, watch) = (around.policy, around.watch);
    let in_repair = |name: &ServiceName| {
        let repairs =
            |run: &&Run| run.planned.target == *name && run.is_acting() && !run.is_verified();
        others.iter().copied().any(|run| repairs(&run))
    };
    let serves = |name: &ServiceName| matches!(watch.health(policy, name), Health::Good { .. });
    let mut serving = policy.graph.members(need).filter(|member| serves(&member.name)).peekable();
    in_repair(need) || (serving.peek().is_some() && serving.all(|member| in_repair(&member.name)))
}

fn must_be_seen(graph: &Graph, watch: &Watch, policy: &Policy, name: &ServiceName) -> bool {
    let measurable = graph
        .get(name)
        .is_some_and(|service| !matches!(service.kind, Kind::Function { .. } | Kind::Host));
    measurable && watch.is_watched(policy, name)
}

/// One instance of a group at a time and never the last healthy one, while others serve; by itself at most two in ten
/// minutes: the third is a person's (C11).
fn blast_radius(run: &Run, others: &[&Run], around: Surroundings<'_>) -> Option<Gate> {
    let graph = &around.policy.graph;
    let target = &run.planned.target;
    let group = graph.get(target)?.group.as_ref()?;
    let is_down = |name: &ServiceName| around.alerts.outages_of(name).next().is_some();
    let serving: Vec<_> = graph
        .members(group)
        .filter(|member| !is_down(&member.name))
        .map(|member| &member.name)
        .collect();
    if serving.is_empty() {
        return None;
    }
    if serving == [target] {
        return Some(Gate::Blocked(Said::new(
            format!("{target} は {group} で最後に残った正常なインスタンスです"),
            format!("{target} is the last healthy instance of {group}"),
        )));
    }
    let same_group = |other: &&&Run| graph.unit(&other.planned.target) == group;
    let mut acting = others.iter().filter(same_group).filter(|other| other.is_acting());
    if let Some(other) = acting.next() {
        return Some(Gate::Held(Hold::Rolling(other.planned.target.clone()), None));
    }
    let touched = |member: &ServiceName| {
        let last = around.targets.get(member).and_then(|target| target.changes.back());
        member != target && last.is_some_and(|at| around.now.duration_since(*at) < BLAST_WINDOW)
    };
    if run.planned.by != Actor::Hikeshi {
        return None;
    }
    let recent = graph.members(group).filter(|member| touched(&member.name)).count();
    (recent >= BLAST_TARGETS).then(|| {
        Gate::Blocked(Said::new(
            format!("{group} の他の {recent} 台を 10 分以内に変更しています"),
            format!("{recent} other instances of {group} were changed within 10 minutes"),
        ))
    })
}

/// 3 attempts per 300 s, 30 s apart (document B); failed and unknown attempts count.
fn limit(
    guard: &Guardrails,
    name: &ServiceName,
    target: Option<&Target>,
    now: Timestamp,
) -> Option<Gate> {
    let changes = &target?.changes;
    let recent = changes.iter().filter(|at| now.duration_since(**at) < guard.rate_window).count();
    if recent >= guard.rate_limit as usize {
        let window = guard.rate_window;
        return Some(Gate::Exhausted(Said::new(
            format!("{name} への操作が {window:#} 以内に {recent} 回"),
            format!("{recent} attempts on {name} within {window:#}"),
        )));
    }
    let free_at = changes.back()?.saturating_add(guard.rate_spacing).unwrap_or(Timestamp::MAX);
    (free_at > now).then_some(Gate::Held(Hold::Spacing, Some(free_at)))
}

/// However long each repair is watched: when as many as the limit allows at once have not helped, one more will not (B19).
fn fruitless(run: &Run, alerts: &Alerts) -> Option<Gate> {
    let tried = alerts.get(run.planned.alert.as_ref()?)?.fruitless;
    let target = &run.planned.target;
    let reason = || {
        Gate::Exhausted(Said::new(
            format!("{target} への {tried} 回の実行で回復していません"),
            format!("{tried} runs on {target} have not helped"),
        ))
    };
    (tried >= run.planned.guardrails.rate_limit).then(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The seconds at which a start is allowed, of those at which one is wanted; spacing aside.
    fn allowed(wanted: impl IntoIterator<Item = i64>) -> Vec<i64> {
        let guard = Guardrails { rate_spacing: SignedDuration::ZERO, ..Guardrails::default() };
        let mut target = Target::default();
        let mut allowed = Vec::new();
        for second in wanted {
            let now = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second);
            if limit(&guard, &"web".into(), Some(&target), now).is_none() {
                target.changes.push_back(now);
                allowed.push(second);
            }
        }
        allowed
    }

    /// runbook-format, rate: 3 per 300 s, in a window that slides.
    #[test]
    fn the_window_slides() {
        assert_eq!(allowed([0, 298, 299, 301, 302, 303]), [0, 298, 299, 301]);
    }

    #[test]
    fn a_storm_of_wishes_never_gets_more_than_three_in_any_300_seconds() {
        let starts = allowed((0..600).step_by(10));
        assert_eq!(starts, [0, 10, 20, 300, 310, 320]);
        for window in starts.windows(4) {
            assert!(window[3] - window[0] >= 300, "{window:?}");
        }
    }

    /// Attempts in what is now the future count as well.
    #[test]
    fn a_clock_that_is_set_back_frees_nothing() {
        assert_eq!(allowed([1000, 1010, 1020, 500, 900, 1299, 1300]), [1000, 1010, 1020, 1300]);
    }
}
