//! The clocks of an incident: limits with their sources, when they run out, and whether they were kept (section D).

use domain::{
    clock::{Clock, Limit},
    incident::Incident,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a clock stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClockState {
    /// It has not run out, and what it waits for has not come.
    Running,
    /// It was kept.
    Met,
    /// It ran out before.
    Missed,
    /// It was over before anybody had to do it.
    NotNeeded,
}

/// One clock.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ClockView {
    /// Which.
    #[schema(value_type = String)]
    pub clock: Clock,
    /// How it stands.
    pub state: ClockState,
    /// Minutes that it may take, by the strictest source; none: it has only promises.
    pub minutes: Option<u64>,
    /// When it runs out, or ran out.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due_at: Option<Timestamp>,
    /// When what it waits for came.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    /// All that burned was silenced or under maintenance when it ran out.
    pub is_quiet: bool,
    /// All sources, the strictest first.
    #[schema(value_type = Vec<crate::shape::Open>)]
    pub sources: Vec<Limit>,
}

/// All clocks of an incident that have a limit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DeadlinesView {
    /// Minutes until somebody must have heard of it.
    pub notice_minutes: Option<u64>,
    /// Minutes until somebody must respond.
    pub respond_minutes: Option<u64>,
    /// Minutes until it must be over.
    pub recover_minutes: Option<u64>,
    /// Whether any of them ran out.
    pub is_missed: bool,
    /// One by one.
    pub clocks: Vec<ClockView>,
}

impl DeadlinesView {
    pub(crate) fn new(incident: &Incident) -> Self {
        let clocks: Vec<_> =
            Clock::ALL.into_iter().filter_map(|clock| one(incident, clock)).collect();
        let minutes = |clock: Clock| {
            let found = clocks.iter().find(|one| one.clock == clock);
            found.and_then(|one| one.minutes)
        };
        Self {
            notice_minutes: minutes(Clock::FirstNotice),
            // Of an incident from before limits were kept, only this one is known.
            respond_minutes: minutes(Clock::Respond).or(incident
                .classification
                .as_ref()
                .map(|classification| classification.respond_minutes)),
            recover_minutes: minutes(Clock::Recover),
            is_missed: clocks.iter().any(|one| one.state == ClockState::Missed),
            clocks,
        }
    }
}

fn one(incident: &Incident, clock: Clock) -> Option<ClockView> {
    if clock == Clock::Update {
        return updates(incident);
    }
    let sources: Vec<Limit> = incident.limits(clock).into_iter().cloned().collect();
    let strictest = sources.first()?;
    let (minutes, due_at) = (Some(strictest.minutes), Some(strictest.due_at));
    let deadlines = &incident.deadlines;
    let (state, due_at, ended_at, is_quiet) =
        match (deadlines.missed.get(&clock), deadlines.met.get(&clock)) {
            (Some(missed), _) => {
                (ClockState::Missed, Some(missed.due_at), missed.ended_at, missed.is_quiet)
            }
            (None, Some(at)) => (ClockState::Met, due_at, Some(*at), false),
            (None, None) if incident.is_burning() => (ClockState::Running, due_at, None, false),
            (None, None) => (ClockState::NotNeeded, due_at, None, false),
        };
    Some(ClockView { clock, state, minutes, due_at, ended_at, is_quiet, sources })
}

/// Promises of updates: the one that comes next, or the one that was not kept.
fn updates(incident: &Incident) -> Option<ClockView> {
    let updates = &incident.updates;
    let promised = updates.promises.values().filter_map(|promise| promise.next_at);
    let next = incident.next_update_at.into_iter().chain(promised).min();
    let late = updates.overdue.iter().rev().find(|late| late.kept_at.is_none());
    let late = late.or(updates.overdue.last());
    let (state, due_at, ended_at) = match (late, next) {
        (Some(late), _) => (ClockState::Missed, Some(late.promised_at), late.kept_at),
        (None, Some(next)) => (ClockState::Running, Some(next), None),
        // Everything that was promised came, and it is over.
        (None, None) => return None,
    };
    let is_quiet = late.is_some_and(|late| late.why == domain::fact::Late::Quiet);
    Some(ClockView {
        clock: Clock::Update,
        state,
        minutes: None,
        due_at,
        ended_at,
        is_quiet,
        sources: Vec::new(),
    })
}
