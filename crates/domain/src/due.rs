//! Work that is owed now, derived from state: after a crash it is named again. And when to look next.

use crate::{
    advance_alerts, advance_clocks, advance_digest, advance_heartbeats, advance_silences,
    advance_updates,
    agenda::Agenda,
    alerts::Special,
    fact::Hold,
    ids::{NoticeId, RunId, ServiceName, StepName},
    incident::{Incident, Stage},
    next_move::{self, Move},
    notice::Notice,
    paging, recovery, run,
    world::World,
};
use jiff::Timestamp;

/// Something that the shell must do. Its key makes doing it twice harmless or detected.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Perform an attempt of a step that was intended.
    Step {
        /// The run.
        run: RunId,
        /// The step.
        step: StepName,
        /// The attempt.
        attempt: u32,
    },
    /// Try to deliver a notice.
    Tell {
        /// The notice.
        notice: NoticeId,
        /// The attempt.
        attempt: u32,
    },
    /// Look at a service at once: a run waits for it.
    Look {
        /// The run.
        run: RunId,
        /// The service.
        service: ServiceName,
    },
}

/// Everything that is owed at this time.
pub fn due(world: &World<'_>) -> Vec<Effect> {
    let mut effects = Vec::new();
    for (id, run) in &world.state.runs {
        if let Some((_, open)) = run.unsettled() {
            effects.push(Effect::Step { run: *id, step: open.step.clone(), attempt: open.number });
        }
        match &run.hold {
            Some(Hold::Dependency(service)) => {
                effects.push(Effect::Look { run: *id, service: service.clone() })
            }
            Some(Hold::FreshLook) => {
                effects.push(Effect::Look { run: *id, service: run.planned.target.clone() })
            }
            _ => {}
        }
    }
    let ready = world.state.notices.values().filter(|notice| notice.is_due(world.now));
    effects.extend(
        ready.map(|notice| Effect::Tell { notice: notice.owed.id, attempt: notice.attempts + 1 }),
    );
    effects
}

/// The next time at which something follows from time alone; none: not before the next command.
pub fn next_wakeup(world: &World<'_>, agenda: &Agenda) -> Option<Timestamp> {
    let state = world.state;
    let flapping = state.alerts.special(Special::Flapping);
    let steady = flapping.filter_map(|alert| alert.flapping.flatten());
    let tell = advance_alerts::next_word(world, agenda);
    let outside = [
        advance_digest::next_at(world),
        advance_silences::next_at(world),
        advance_heartbeats::next_at(world),
        world.watch.heard.next_end(),
    ];
    let shift = agenda.shifts.first().map(|(at, _)| *at);
    let runs = state.runs.values().filter_map(|run| match next_move::next(run, world.now) {
        Move::Wait(until) => until,
        _ => held_until(run.hold.as_ref(), run, world),
    });
    let latches = state.targets.values().filter_map(|target| target.latched_until);
    let notices = state.notices.values().map(|notice| {
        peace(notice, world).map_or(notice.next_at, |until| until.max(notice.next_at))
    });
    let incidents = state.incidents.values().flat_map(|incident| of_incident(world, incident));
    let all = state
        .next_firing()
        .into_iter()
        .chain(steady)
        .chain(tell)
        .chain(shift)
        .chain(outside.into_iter().flatten())
        .chain(runs)
        .chain(latches)
        .chain(notices)
        .chain(incidents);
    all.chain(world.watch.next_silence(world.policy)).filter(|at| *at > world.now).min()
}

/// Whether an effect that is owed must not begin yet: its channel asked for peace. What is under way already stays so.
pub fn must_wait(effect: &Effect, world: &World<'_>) -> bool {
    let Effect::Tell { notice, .. } = effect else { return false };
    world.state.notices.get(notice).is_some_and(|notice| peace(notice, world).is_some())
}

/// Until when the channel of a notice asked for peace.
fn peace(notice: &Notice, world: &World<'_>) -> Option<Timestamp> {
    world.state.deliveries.busy_until(&notice.current_way()?.channel, world.now)
}

fn held_until(hold: Option<&Hold>, run: &run::Run, world: &World<'_>) -> Option<Timestamp> {
    match hold? {
        Hold::Spacing => {
            let last = world.state.targets.get(&run.planned.target)?.changes.back()?;
            last.saturating_add(run.planned.guardrails.rate_spacing).ok()
        }
        Hold::Approval(_) => run.approval.as_ref().map(|approval| approval.expires_at),
        Hold::Stopped => world.state.stopped.as_ref()?.until,
        // The rest is released by a look, by another run or by a person, and all of them are commands.
        Hold::Dependency(_)
        | Hold::Rolling(_)
        | Hold::FreshLook
        | Hold::Classification
        | Hold::Question(_) => None,
    }
}

fn of_incident(world: &World<'_>, incident: &Incident) -> Vec<Timestamp> {
    let page = paging::next_page(world, incident);
    let timers = [incident.next_level_at, page].into_iter().flatten();
    let timers = timers.chain(advance_updates::timers(world, incident));
    let timers = timers.chain(advance_clocks::timers(incident));
    let assess = (incident.stage == Stage::Detected).then_some(incident.assess_until);
    let mut times: Vec<_> = timers.chain(assess).collect();
    if let (Some(quiet), true) = (incident.quiet_since, incident.is_burning()) {
        match world.policy.checklist(&incident.system) {
            Some(list) => {
                times.extend(list.boxes.iter().map(|the_box| recovery::earliest(the_box, quiet)))
            }
            None => times.extend(quiet.saturating_add(world.policy.clocks.steady).ok()),
        }
    }
    times
}
