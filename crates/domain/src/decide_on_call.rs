//! What follows when a person changes who is on call: overrides and swaps.

use crate::{
    command::{Command, Refusal},
    fact::{Fact, OverrideRemoved, OverrideSet},
    ids::{Actor, ContactName, OverrideId, ScheduleName},
    rota::unique,
    schedule::{self, Override, Schedule, Shift},
    world::World,
};
use jiff::{SignedDuration, Timestamp};

/// Overrides of one schedule that may be there at a time.
const MOST: usize = 1_000;
/// The longest override.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 366);

/// The facts of a command about schedules.
///
/// # Errors
/// A refusal, when something stands against the command.
pub fn decide(world: &World<'_>, command: &Command) -> Result<Vec<Fact>, Refusal> {
    match command {
        Command::SetOverride { schedule, people, replaces, from, until, reason, by } => {
            let asked = Override {
                id: world.state.next_override(),
                schedule: schedule.clone(),
                people: unique(people.iter().cloned()),
                replaces: replaces.clone(),
                from: (*from).max(world.now),
                until: *until,
                reason: reason.clone(),
            };
            Ok(vec![set(world, asked, by)?])
        }
        Command::RemoveOverride { id, by } => remove(world, *id, by),
        Command::SwapShifts { schedule, one, other, reason, by } => {
            swap(world, schedule, [*one, *other], reason, by)
        }
        _ => Ok(Vec::new()),
    }
}

fn set(world: &World<'_>, asked: Override, by: &Actor) -> Result<Fact, Refusal> {
    let schedule = find(world, &asked.schedule)?;
    known(world, asked.people.iter().chain(&asked.replaces))?;
    if asked.people.is_empty() {
        return Err(Refusal::incomplete(
            "代わりの担当者がありません".into(),
            "nobody is named to be on call instead".into(),
        ));
    }
    if asked.reason.trim().is_empty() {
        return Err(Refusal::incomplete(
            "当番の変更には理由が必要です".into(),
            "a change of who is on call needs a reason".into(),
        ));
    }
    if asked.until <= asked.from {
        return Err(Refusal::incomplete(
            format!("終了 {} は開始 {} より前か、すでに過去です", asked.until, asked.from),
            format!(
                "it ends at {}, which is past, or not after its start {}",
                asked.until, asked.from
            ),
        ));
    }
    if asked.until.duration_since(asked.from) > LONGEST {
        return Err(Refusal::incomplete(
            "当番の変更は 1 年までです。設定ファイルを変えてください".into(),
            "an override lasts a year at most: change the configuration instead".into(),
        ));
    }
    let kept = world.state.overrides.of(&schedule.name).iter();
    if kept.filter(|one| one.until > world.now).count() >= MOST {
        return Err(Refusal::conflict(
            format!("{} の変更は {MOST} 件までです", schedule.name),
            format!("{} has {MOST} overrides already: remove some first", schedule.name),
        ));
    }
    Ok(Fact::OverrideSet(Box::new(OverrideSet { change: asked, by: by.clone() })))
}

fn remove(world: &World<'_>, id: OverrideId, by: &Actor) -> Result<Vec<Fact>, Refusal> {
    let found = world.state.overrides.all().find(|one| one.id == id);
    let one = found.ok_or_else(|| {
        Refusal::not_found(format!("変更 {id} はありません"), format!("there is no override {id}"))
    })?;
    if one.until <= world.now {
        return Err(Refusal::conflict(
            format!("変更 {id} はすでに終わっています"),
            format!("override {id} is over already"),
        ));
    }
    let (schedule, by) = (one.schedule.clone(), by.clone());
    Ok(vec![Fact::OverrideRemoved(OverrideRemoved { id, schedule, by })])
}

/// Each of the two shifts is taken by the people of the other.
fn swap(
    world: &World<'_>,
    schedule: &ScheduleName,
    times: [Timestamp; 2],
    reason: &str,
    by: &Actor,
) -> Result<Vec<Fact>, Refusal> {
    let schedule = find(world, schedule)?;
    let [one, other] = [shift(world, schedule, times[0])?, shift(world, schedule, times[1])?];
    if one.people == other.people {
        return Err(Refusal::conflict(
            "どちらも同じ担当者です".into(),
            "the same people have both shifts".into(),
        ));
    }
    let first = world.state.next_override();
    let take = |id: OverrideId, shift: &Shift, people: &[ContactName]| Override {
        id,
        schedule: schedule.name.clone(),
        people: people.to_vec(),
        replaces: None,
        from: shift.from.max(world.now),
        until: shift.until,
        reason: reason.to_owned(),
    };
    Ok(vec![
        set(world, take(first, &one, &other.people), by)?,
        set(world, take(OverrideId(first.0 + 1), &other, &one.people), by)?,
    ])
}

fn shift(world: &World<'_>, schedule: &Schedule, at: Timestamp) -> Result<Shift, Refusal> {
    let overrides = world.state.overrides.of(&schedule.name);
    let shift = schedule::shift_at(schedule, overrides, at);
    shift.filter(|shift| !shift.people.is_empty() && shift.until > world.now).ok_or_else(|| {
        Refusal::conflict(
            format!("{at} に {} の当番はいないか、すでに終わっています", schedule.name),
            format!("at {at} nobody is on call by {}, or that shift is over", schedule.name),
        )
    })
}

fn find<'a>(world: &World<'a>, name: &ScheduleName) -> Result<&'a Schedule, Refusal> {
    world.policy.schedules.get(name).ok_or_else(|| {
        Refusal::not_found(
            format!("当番表 {name} は設定にありません"),
            format!("there is no schedule {name} in the configuration"),
        )
    })
}

fn known<'a>(
    world: &World<'_>,
    mut people: impl Iterator<Item = &'a ContactName>,
) -> Result<(), Refusal> {
    match people.find(|name| !world.policy.contacts.contains_key(*name)) {
        None => Ok(()),
        Some(name) => Err(Refusal::not_found(
            format!("連絡先 {name} は設定にありません"),
            format!("there is no contact {name} in the configuration"),
        )),
    }
}
