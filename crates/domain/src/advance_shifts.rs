//! What time does to schedules: other people are on call.

use crate::{
    agenda::Agenda,
    fact::{Fact, ShiftChanged},
    handover,
    schedule::{self, LOOK_AHEAD, Schedule},
    world::World,
};

/// The change of the first schedule that has one. Each is looked at when its next change comes, and never before.
pub fn progress(world: &World<'_>, agenda: &mut Agenda) -> Vec<Fact> {
    while let Some((_, name)) = agenda.shifts.first().filter(|(at, _)| *at <= world.now).cloned() {
        agenda.shifts.pop_first();
        let Some(schedule) = world.policy.schedules.get(&name) else { continue };
        let next = schedule::next_change(schedule, world.state.overrides.of(&name), world.now);
        agenda.shifts.insert((next.unwrap_or_else(|| world.after(LOOK_AHEAD)), name));
        let facts = changed(world, schedule, next);
        if !facts.is_empty() {
            return facts;
        }
    }
    Vec::new()
}

fn changed(world: &World<'_>, schedule: &Schedule, until: Option<jiff::Timestamp>) -> Vec<Fact> {
    let is = schedule::who(schedule, world.state.overrides.of(&schedule.name), world.now);
    let was = world.state.on_call.get(&schedule.name);
    if was == Some(&is) {
        return Vec::new();
    }
    let mut facts = vec![Fact::ShiftChanged(Box::new(ShiftChanged {
        schedule: schedule.name.clone(),
        was: was.cloned(),
        is: is.clone(),
        until,
    }))];
    // A schedule that is new changes nothing for anybody.
    if let Some(was) = was.filter(|_| schedule.tells) {
        facts.extend(handover::notices(world, schedule, was, &is, until));
    }
    facts
}
