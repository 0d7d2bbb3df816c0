//! When a warning that its owner was told of is told again: when signals have come since, and when it goes on for long.
//! Only where its way of sorting asks for it (Alertmanager's `group_interval` and `repeat_interval`).

use crate::{alert::Alert, fact::Event, firing, world::World};
use jiff::Timestamp;

/// When a warning that was told is told again, and why; none: not before something else happens.
pub fn next(world: &World<'_>, alert: &Alert) -> Option<(Timestamp, Event)> {
    let told_at = alert.told_at.filter(|_| !alert.is_steadying())?;
    if !world.policy.intake.sorts.iter().any(|sort| sort.rhythm.tells_again()) {
        return None;
    }
    let first = world.state.signals.members(&alert.fired.key).next()?;
    let rhythm = firing::sort_of(world, &first.labels)?.rhythm;
    let after = |wait: jiff::SignedDuration| told_at.saturating_add(wait).ok();
    let news = rhythm.interval.filter(|_| alert.news > 0).and_then(after);
    let repeat = rhythm.repeat.and_then(after);
    let events = [(news, Event::Update), (repeat, Event::Repeated)];
    events.into_iter().filter_map(|(at, event)| Some((at?, event))).min_by_key(|(at, _)| *at)
}

/// Why a warning is told now: it is new, has grown, or goes on.
pub fn event(world: &World<'_>, alert: &Alert) -> Event {
    match alert.told_at {
        Some(_) => next(world, alert).map_or(Event::Repeated, |(_, event)| event),
        None => Event::Firing,
    }
}
