//! Who is on call: now, in the coming two weeks, where nobody is; and somebody steps in for a while.

use crate::{
    acting::Acting,
    desk::Desk,
    frame::{self, Here, Manner},
    trouble::Trouble,
    visitor::Viewer,
    when::{Clock, When},
};
use askama::Template;
use axum::{
    extract::State,
    response::{Redirect, Response},
};
use domain::{
    carried_accounts::Rights,
    command::Command,
    coverage,
    ids::{ContactName, OverrideId},
    said::Language,
    schedule::{self, Overrides, Schedule},
    world::World,
};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// How far shifts are shown.
const AHEAD: SignedDuration = SignedDuration::from_hours(24 * 14);
/// How far gaps are looked for.
const GAPS_AHEAD: SignedDuration = SignedDuration::from_hours(24 * 90);
/// The longest lists.
const MOST: usize = 40;
/// For how many hours somebody may step in with one press.
const HOURS: [u32; 6] = [1, 2, 4, 8, 12, 24];

struct Shift {
    from: When,
    until: When,
    people: String,
    is_nobody: bool,
    is_now: bool,
}

struct Change {
    id: u64,
    from: When,
    until: When,
    people: String,
    reason: String,
}

struct Shown {
    name: String,
    title: String,
    now: String,
    is_nobody: bool,
    until: Option<When>,
    shifts: Vec<Shift>,
    gaps: Vec<(When, When)>,
    changes: Vec<Change>,
}

#[derive(Template)]
#[template(path = "on_call.html")]
struct OnCall {
    l: Language,
    csrf: String,
    schedules: Vec<Shown>,
    /// Contacts by name, with what people call them.
    people: Vec<(String, String)>,
    /// The contact that the viewer is, where they are one.
    own: String,
    hours: [u32; 6],
    may_change: bool,
}

/// What the writer knows.
struct Glance {
    schedules: Vec<Schedule>,
    overrides: Overrides,
    titles: BTreeMap<ContactName, String>,
    zone: jiff::tz::TimeZone,
}

/// `GET /on-call`.
pub(crate) async fn show(State(desk): State<Desk>, viewer: Viewer) -> Result<Response, Trouble> {
    let look = |world: &World<'_>| Glance {
        schedules: world.policy.schedules.values().cloned().collect(),
        overrides: world.state.overrides.clone(),
        titles: world
            .policy
            .contacts
            .values()
            .map(|contact| (contact.name.clone(), contact.title.clone()))
            .collect(),
        zone: world.policy.zone.clone(),
    };
    let glance = desk.shared.look(look).await;
    let glance = glance.map_err(|refused| Trouble::refused(&viewer.visitor, refused))?;
    let clock = viewer.visitor.clock(&desk, &glance.zone);
    let people: Vec<_> =
        glance.titles.iter().map(|(name, title)| (name.to_string(), title.clone())).collect();
    // Walks over months of shifts take their time: not on the server's threads.
    let walk = move || {
        let all = glance.schedules.iter().map(|one| shown(one, &glance, &clock));
        all.collect::<Vec<_>>()
    };
    let schedules = tokio::task::spawn_blocking(walk).await;
    let schedules = schedules.map_err(|error| Trouble::fault(&viewer.visitor, &error))?;
    let l = viewer.visitor.language;
    let own = people
        .iter()
        .find(|(name, title)| name == viewer.name.as_str() || title == viewer.name.as_str());
    let main = OnCall {
        l,
        csrf: viewer.csrf.clone(),
        schedules,
        own: own.map(|(name, _)| name.clone()).unwrap_or_default(),
        people,
        hours: HOURS,
        may_change: viewer.may(Rights::Responder),
    };
    let manner = Manner::still(l.pick("当番", "On call"), Here::OnCall);
    Ok(frame::of(&viewer, &manner, &main))
}

fn shown(one: &Schedule, glance: &Glance, clock: &Clock) -> Shown {
    let l = clock.language;
    let names = |people: &[ContactName]| {
        let title = |name: &ContactName| {
            glance.titles.get(name).cloned().unwrap_or_else(|| name.to_string())
        };
        let titles: Vec<_> = people.iter().map(title).collect();
        titles.join(l.pick("、", ", "))
    };
    let after = |length| clock.now.saturating_add(length).unwrap_or(Timestamp::MAX);
    let overrides = glance.overrides.of(&one.name);
    let now = schedule::who(one, overrides, clock.now);
    let shifts = schedule::shifts(one, overrides, clock.now, after(AHEAD));
    let gaps = coverage::gaps(one, &glance.overrides, clock.now, after(GAPS_AHEAD));
    Shown {
        name: one.name.to_string(),
        title: one.title.clone(),
        is_nobody: now.is_empty(),
        now: names(&now),
        until: clock.maybe(schedule::next_change(one, overrides, clock.now)),
        shifts: shifts
            .iter()
            .take(MOST)
            .map(|shift| Shift {
                from: clock.show(shift.from),
                until: clock.show(shift.until),
                people: names(&shift.people),
                is_nobody: shift.people.is_empty(),
                is_now: shift.from <= clock.now,
            })
            .collect(),
        gaps: gaps
            .iter()
            .take(MOST)
            .map(|gap| (clock.show(gap.from), clock.show(gap.until)))
            .collect(),
        changes: overrides
            .iter()
            .filter(|change| change.until > clock.now)
            .map(|change| Change {
                id: change.id.0,
                from: clock.show(change.from),
                until: clock.show(change.until),
                people: names(&change.people),
                reason: change.reason.clone(),
            })
            .collect(),
    }
}

/// `POST /on-call/override`: somebody is on call instead, from now on for some hours.
pub(crate) async fn step_in(State(desk): State<Desk>, acting: Acting) -> Result<Redirect, Trouble> {
    acting.needs(Rights::Responder)?;
    let hours: u32 = acting.field("hours").parse().unwrap_or(0);
    if !HOURS.contains(&hours) {
        return Err(acting.bad("`hours` is 1, 2, 4, 8, 12 or 24"));
    }
    let from = desk.now();
    let length = SignedDuration::from_hours(hours.into());
    let command = Command::SetOverride {
        schedule: acting.field("schedule").into(),
        people: vec![acting.field("person").into()],
        replaces: None,
        from,
        until: from.saturating_add(length).unwrap_or(Timestamp::MAX),
        reason: acting.text("reason"),
        by: acting.viewer.actor(),
    };
    acting.submit(&desk, command).await?;
    Ok(Redirect::to("/on-call"))
}

/// `POST /on-call/remove`: an override does not hold any more.
pub(crate) async fn step_out(
    State(desk): State<Desk>,
    acting: Acting,
) -> Result<Redirect, Trouble> {
    acting.needs(Rights::Responder)?;
    let id: Result<OverrideId, _> = acting.field("id").parse();
    let id = id.map_err(|error| acting.bad(error))?;
    let by = acting.viewer.actor();
    acting.submit(&desk, Command::RemoveOverride { id, by }).await?;
    Ok(Redirect::to("/on-call"))
}
