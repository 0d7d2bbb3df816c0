//! The life of a heartbeat: a job that must give a sign of life every so often. It takes signs and times, never the whole state.

use crate::{
    ids::{AlertKey, HeartbeatName, ServiceName},
    matcher::Matcher,
    severity::{Level, Priority},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How the names of its alerts begin.
const MISSED: &str = "heartbeat_missed";
/// See [`MISSED`].
const FAILED: &str = "heartbeat_failed";
/// Runs of one heartbeat that are watched at the same time; of more, the oldest are watched.
const RUNS: usize = 32;

/// What the team expects of a job.
#[derive(Clone, Debug, PartialEq)]
pub struct HeartbeatPolicy {
    /// The service that suffers when the job does not run.
    pub service: ServiceName,
    /// The longest time between two successes.
    pub period: SignedDuration,
    /// How much later it may be; and how long a run may take.
    pub grace: SignedDuration,
    /// How loud its alerts are.
    pub level: Level,
    /// The incident priority that they mean by themselves.
    pub priority: Option<Priority>,
    /// Who owns it; none: the owner of the service.
    pub owner: Option<String>,
    /// Signals that are signs of life and no alerts, such as Prometheus' `Watchdog`; empty: none.
    pub watchdog: Vec<Matcher>,
}

/// Which sign a job gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PingKind {
    /// It went well.
    Success,
    /// A run begins.
    Start,
    /// It failed.
    Fail,
    /// Something to keep; it says nothing about the job's health.
    Log,
    /// It ended with this code: 0 is success.
    Exit(u8),
}

/// A sign of life.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeartbeatHeard {
    /// Of what.
    pub name: HeartbeatName,
    /// Which.
    pub kind: PingKind,
    /// Which run of the job, where its sender tells runs apart. Text from outside.
    pub run: Option<String>,
    /// What the job said. Text from outside.
    pub detail: String,
    /// After a success: when the next must have come; at a start: when the run must be over.
    pub due_at: Option<Timestamp>,
}

/// A heartbeat that is watched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Heartbeat {
    /// The service that suffers.
    pub service: ServiceName,
    /// When the next success must have come.
    pub due_at: Timestamp,
    /// That time counts from a start of hikeshi, and not from a success.
    pub is_put_off: bool,
    /// The last sign, and when.
    pub heard: Option<(PingKind, Timestamp)>,
    /// The last success.
    pub succeeded_at: Option<Timestamp>,
    /// Runs that have begun and not ended, oldest first.
    pub runs: Vec<Begun>,
    /// When the sign was due that did not come; none: it came.
    pub missed: Option<Timestamp>,
    /// When it failed and what it said; none: the last run went well.
    pub failed: Option<(Timestamp, String)>,
}

/// A run under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Begun {
    /// Which, where runs are told apart.
    pub run: Option<String>,
    /// When it must be over.
    pub due_at: Timestamp,
}

impl HeartbeatPolicy {
    /// Expectations with the priority that the level means by itself (C2), no owner and no watchdog.
    pub fn new(
        service: ServiceName,
        period: SignedDuration,
        grace: SignedDuration,
        level: Level,
    ) -> Self {
        let priority = (level == Level::Critical).then_some(Priority::P1);
        Self { service, period, grace, level, priority, owner: None, watchdog: Vec::new() }
    }

    /// The longest silence that is still good.
    pub fn patience(&self) -> SignedDuration {
        self.period.saturating_add(self.grace)
    }
}

impl PingKind {
    /// Whether all went well.
    pub fn is_success(self) -> bool {
        matches!(self, Self::Success | Self::Exit(0))
    }

    /// Whether it went wrong.
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Fail | Self::Exit(1..))
    }
}

impl Heartbeat {
    /// A heartbeat that is watched from now on.
    pub fn new(service: ServiceName, due_at: Timestamp) -> Self {
        Self {
            service,
            due_at,
            is_put_off: true,
            heard: None,
            succeeded_at: None,
            runs: Vec::new(),
            missed: None,
            failed: None,
        }
    }

    /// It counts anew from now: what came while hikeshi was away is nobody's fault.
    pub fn put_off(&mut self, due_at: Timestamp) {
        (self.due_at, self.is_put_off) = (due_at, true);
        self.runs.clear();
    }

    /// Takes in a sign.
    pub fn hear(&mut self, heard: &HeartbeatHeard, at: Timestamp) {
        self.heard = Some((heard.kind, at));
        if heard.kind.is_success() {
            self.succeeded_at = Some(at);
            self.due_at = heard.due_at.unwrap_or(self.due_at);
            self.is_put_off = false;
            (self.missed, self.failed) = (None, None);
            self.end_run(heard.run.as_deref());
            self.runs.retain(|begun| begun.due_at > at);
        } else if heard.kind.is_failure() {
            let why = match (heard.kind, heard.detail.is_empty()) {
                (PingKind::Exit(code), true) => format!("exit code {code}"),
                (PingKind::Exit(code), false) => format!("exit code {code}: {}", heard.detail),
                _ => heard.detail.clone(),
            };
            self.failed = Some((at, why));
            self.end_run(heard.run.as_deref());
        } else if let (PingKind::Start, Some(due_at)) = (heard.kind, heard.due_at) {
            let begun = Begun { run: heard.run.clone(), due_at };
            // A second start without an end: the first did not end, and its time runs on.
            let is_known = self.runs.iter().any(|other| other.run == begun.run);
            if !is_known && self.runs.len() < RUNS {
                self.runs.push(begun);
            }
        }
    }

    /// The end of one run; an end that names none is the end of all.
    fn end_run(&mut self, run: Option<&str>) {
        self.runs.retain(|begun| run.is_some() && begun.run.as_deref() != run);
    }

    /// When it is late, if nothing is heard until then; none: it is late already. A run under way has until its own end.
    pub fn late_at(&self) -> Option<Timestamp> {
        let run = self.runs.iter().map(|begun| begun.due_at).min();
        self.missed.is_none().then(|| run.unwrap_or(self.due_at))
    }
}

/// The alert of a sign of life that did not come.
pub fn missed_key(name: &HeartbeatName, service: &ServiceName) -> AlertKey {
    AlertKey::new(format!("{MISSED}{{{name}}}"), service.clone())
}

/// The alert of a job that says that it failed.
pub fn failed_key(name: &HeartbeatName, service: &ServiceName) -> AlertKey {
    AlertKey::new(format!("{FAILED}{{{name}}}"), service.clone())
}

/// Whether an alert is one of a heartbeat, by its name.
pub fn is_alert(key: &AlertKey) -> bool {
    let kind = key.rule.as_str().split_once('{').map(|(kind, _)| kind);
    matches!(kind, Some(MISSED | FAILED))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    fn sign(kind: PingKind, run: Option<&str>, due: i64) -> HeartbeatHeard {
        let (name, run) = ("backup".into(), run.map(str::to_owned));
        HeartbeatHeard { name, kind, run, detail: "text".into(), due_at: Some(at(due)) }
    }

    fn backup() -> Heartbeat {
        Heartbeat::new("db".into(), at(100))
    }

    #[test]
    fn a_success_ends_what_was_missed_and_what_failed() {
        let mut backup = backup();
        backup.missed = Some(at(100));
        backup.hear(&sign(PingKind::Exit(3), None, 0), at(110));
        assert_eq!((backup.late_at(), backup.failed.is_some()), (None, true));
        backup.hear(&sign(PingKind::Exit(0), None, 300), at(120));
        assert_eq!((backup.missed, backup.failed.clone()), (None, None));
        assert_eq!(backup.late_at(), Some(at(300)));
    }

    #[test]
    fn a_run_has_until_its_own_end_and_runs_are_told_apart() {
        let mut backup = backup();
        backup.hear(&sign(PingKind::Start, Some("a"), 150), at(90));
        backup.hear(&sign(PingKind::Start, Some("b"), 160), at(95));
        assert_eq!(backup.late_at(), Some(at(150)));
        backup.hear(&sign(PingKind::Success, Some("a"), 400), at(120));
        assert_eq!(backup.late_at(), Some(at(160)), "b is still under way");
        backup.hear(&sign(PingKind::Success, None, 500), at(130));
        assert_eq!(backup.late_at(), Some(at(500)));
    }

    #[test]
    fn a_job_that_only_ever_starts_is_late_after_its_first_run() {
        let mut backup = backup();
        for begun in [10, 20, 30] {
            backup.hear(&sign(PingKind::Start, None, begun + 15), at(begun));
        }
        assert_eq!(backup.late_at(), Some(at(25)));
    }

    #[test]
    fn a_word_of_a_job_says_nothing_about_its_health() {
        let mut backup = backup();
        backup.hear(&sign(PingKind::Log, None, 900), at(50));
        assert_eq!((backup.late_at(), backup.succeeded_at), (Some(at(100)), None));
    }
}
