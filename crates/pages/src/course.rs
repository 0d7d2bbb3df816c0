//! How the measurements went while an incident burned: charts of what its alerts judge, with what happened marked.

use crate::{
    chart::{Chart, Mark},
    curves::{self, STEPS, Source},
    desk::Desk,
    when::Clock,
};
use domain::{
    ids::{AlertKey, ServiceName},
    said::Said,
    world::World,
};
use history::{IncidentView, RunView};
use jiff::{SignedDuration, Timestamp};
use samples::Curve;
use std::collections::BTreeSet;
use web::{Readings, Refused, Span};

/// So many charts are shown, those of the cause first.
const MOST: usize = 4;
/// So many alerts are asked for what they judge.
const SEARCHED: usize = 100;
/// So much of the time before and after is shown.
const AROUND: SignedDuration = SignedDuration::from_mins(15);

/// What was measured around an incident.
pub(crate) struct Course {
    sources: Vec<Source>,
    curves: Result<Vec<Curve>, Refused>,
    span: Span,
    marks: Vec<Mark>,
}

/// Which readings tell of these alerts: those that their rules judge, of the cause first.
fn told_by(
    world: &World<'_>,
    readings: &Readings,
    cause: &ServiceName,
    alerts: &[AlertKey],
) -> Vec<Source> {
    let mut services: Vec<_> = alerts.iter().map(|key| &key.service).collect();
    services.sort_by_key(|service| *service != cause);
    let mut seen = BTreeSet::new();
    services.retain(|service| seen.insert(*service));
    let judged: BTreeSet<_> = alerts
        .iter()
        .filter_map(|key| world.policy.rules.get(&key.rule))
        .map(|rule| rule.reading.as_str())
        .collect();
    let of = |service: &&ServiceName| curves::judged(world, readings, service);
    let mut sources: Vec<_> = services.iter().flat_map(of).collect();
    // What an alert judges stands before what is only measured beside it.
    sources.sort_by_key(|source| !judged.contains(source.series.reading()));
    sources.truncate(MOST);
    sources
}

/// Reads what was measured around an incident.
///
/// # Errors
/// The writer has stopped. That the past cannot be read stands in the course.
pub(crate) async fn look(desk: &Desk, view: &IncidentView) -> Result<Course, Refused> {
    let readings = desk.shared.readings.clone();
    let cause = view.cause.component.clone();
    let alerts: Vec<_> = view.alerts.iter().take(SEARCHED).map(|one| one.key.clone()).collect();
    let ask = move |world: &World<'_>| told_by(world, &readings, &cause, &alerts);
    let (sources, now) = (desk.shared.look(ask).await?, desk.now());
    let around = |at: Timestamp, length| at.saturating_add(length).unwrap_or(at);
    let end = view.times.recovered.or(view.times.closed).map_or(now, |end| around(end, AROUND));
    let span = Span::in_steps(around(view.times.occurred, -AROUND), end.min(now), STEPS);
    let curves = curves::fetch(desk, &sources, span).await;
    Ok(Course { sources, curves, span, marks: marks(view) })
}

impl Course {
    /// The charts, or why there are none.
    pub(crate) fn charts(&self, clock: &Clock) -> Result<Vec<Chart>, String> {
        match &self.curves {
            Ok(curves) => Ok(curves::charts(&self.sources, curves, self.span, &self.marks, clock)),
            Err(why) => Err(why.said.text(clock.language).to_owned()),
        }
    }
}

/// What happened: from the first bad look to the end, and what was done in between.
fn marks(view: &IncidentView) -> Vec<Mark> {
    let times = &view.times;
    let mark = |at: Option<Timestamp>, ja: &str, en: &str, class| {
        at.map(|at| Mark { at, text: Said::new(ja, en), class })
    };
    let run = |run: &RunView| Mark {
        at: run.planned_at,
        text: Said::new(format!("実行: {}", run.runbook), format!("ran {}", run.runbook)),
        class: "acted",
    };
    let known = [
        mark(Some(times.occurred), "発生", "began", "fire"),
        mark(Some(times.detected), "検知", "detected", "told"),
        mark(times.acknowledged, "引き受け", "acknowledged", "person"),
        mark(times.recovered, "復旧", "recovered", "good"),
    ];
    let runs = view.actions.iter().filter(|one| !one.dry_run).map(run);
    let mut all: Vec<_> = known.into_iter().flatten().chain(runs).collect();
    all.sort_by_key(|mark| mark.at);
    all
}
