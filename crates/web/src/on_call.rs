//! Who is on call: now, later, for how long, where nobody is; and how people change it.

use crate::{
    acting::{Answer, By, person, submit},
    answer::Refused,
    extract::{Json, Path, Query},
    state::Shared,
};
use axum::extract::State;
use domain::{
    command::Command,
    coverage,
    ids::{ContactName, OverrideId, ScheduleName},
    schedule::{self, Override, Overrides, Schedule},
    world::World,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// Days that are shown or searched unless somebody asks for others.
const DAYS: i64 = 28;
/// The most of them.
const MOST_DAYS: i64 = 400;
/// A year ahead is searched for gaps.
const YEAR: i64 = 365;

#[derive(Deserialize, IntoParams)]
pub(crate) struct At {
    #[param(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
}

#[derive(Deserialize, IntoParams)]
pub(crate) struct Ahead {
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    #[param(minimum = 1, maximum = 400)]
    days: Option<i64>,
}

impl Ahead {
    fn span(&self, now: Timestamp, usual: i64) -> Result<(Timestamp, Timestamp), Refused> {
        let days = self.days.unwrap_or(usual);
        if !(1..=MOST_DAYS).contains(&days) {
            return Err(Refused::bad(format!("`days` is from 1 to {MOST_DAYS}")));
        }
        let from = self.from.unwrap_or(now);
        let until = from.saturating_add(SignedDuration::from_hours(24 * days));
        Ok((from, until.map_err(|error| Refused::bad(error.to_string()))?))
    }
}

/// `for` (`2h`) from now or from `from` on, or up to `until`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    by: String,
    #[schema(value_type = Vec<String>)]
    people: Vec<ContactName>,
    #[schema(value_type = Option<String>)]
    replaces: Option<ContactName>,
    #[schema(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    #[serde(rename = "for")]
    length: Option<String>,
    reason: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Swap {
    by: String,
    #[schema(value_type = String, format = DateTime)]
    one: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    other: Timestamp,
    reason: String,
}

/// Who is on call by a schedule, and what comes next.
#[derive(Serialize, ToSchema)]
pub(crate) struct OnCall {
    #[schema(value_type = String)]
    schedule: ScheduleName,
    title: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    #[schema(value_type = Vec<String>)]
    people: Vec<ContactName>,
    /// Null: nothing changes within two months.
    #[schema(value_type = Option<String>, format = DateTime)]
    next_change_at: Option<Timestamp>,
    #[schema(value_type = Option<Vec<String>>)]
    next_people: Option<Vec<ContactName>>,
}

/// Nobody, where `people` is empty.
#[derive(Serialize, ToSchema)]
pub(crate) struct Turn {
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
    #[schema(value_type = Vec<String>)]
    people: Vec<ContactName>,
}

/// Where nobody is on call, and who is twice.
#[derive(Serialize, ToSchema)]
pub(crate) struct Coverage {
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
    gaps: Vec<Gap>,
    double_bookings: Vec<Twice>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Gap {
    #[schema(value_type = String)]
    schedule: ScheduleName,
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Twice {
    #[schema(value_type = String)]
    person: ContactName,
    #[schema(value_type = Vec<String>)]
    schedules: Vec<ScheduleName>,
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
}

/// A change of a schedule by a person.
#[derive(Serialize, ToSchema)]
pub(crate) struct Changed {
    #[schema(value_type = u64)]
    id: OverrideId,
    #[schema(value_type = String)]
    schedule: ScheduleName,
    #[schema(value_type = Vec<String>)]
    people: Vec<ContactName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    replaces: Option<ContactName>,
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
    reason: String,
}

/// The schedules and their changes, copied: what takes long must not keep the writer waiting.
async fn copied(shared: &Shared) -> Result<(BTreeMap<ScheduleName, Schedule>, Overrides), Refused> {
    shared.look(|world| (world.policy.schedules.clone(), world.state.overrides.clone())).await
}

pub(crate) async fn named(shared: &Shared, name: &str) -> Result<(Schedule, Overrides), Refused> {
    let name = ScheduleName::from(name);
    let wanted = name.clone();
    let found = shared.look(move |world| {
        let schedule = world.policy.schedules.get(&wanted)?.clone();
        Some((schedule, world.state.overrides.clone()))
    });
    found.await?.ok_or_else(|| {
        Refused::not_found(
            format!("当番表 {name} は設定にありません"),
            format!("there is no schedule {name} in the configuration"),
        )
    })
}

/// Work that takes its time.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Refused> {
    tokio::task::spawn_blocking(work).await.map_err(Refused::fault)
}

/// `GET /api/v1/oncall`: who is on call by every schedule, now or `at` a time, and what comes next.
pub(crate) async fn now(
    State(shared): State<Shared>,
    Query(asked): Query<At>,
) -> Answer<Vec<OnCall>> {
    let at = asked.at.unwrap_or_else(|| shared.doors.now());
    let (schedules, overrides) = copied(&shared).await?;
    let shown = aside(move || {
        let one = |schedule: &Schedule| {
            let overrides = overrides.of(&schedule.name);
            let next = schedule::next_change(schedule, overrides, at);
            OnCall {
                schedule: schedule.name.clone(),
                title: schedule.title.clone(),
                at,
                people: schedule::who(schedule, overrides, at),
                next_change_at: next,
                next_people: next.map(|next| schedule::who(schedule, overrides, next)),
            }
        };
        schedules.values().map(one).collect()
    });
    Ok(Json(shown.await?))
}

/// `GET /api/v1/oncall/{schedule}/shifts`: who is on call for how long, for 28 days from now on unless asked otherwise.
pub(crate) async fn shifts(
    State(shared): State<Shared>,
    Path(name): Path<String>,
    Query(ahead): Query<Ahead>,
) -> Answer<Vec<Turn>> {
    let (from, until) = ahead.span(shared.doors.now(), DAYS)?;
    let (schedule, overrides) = named(&shared, &name).await?;
    let shown = aside(move || {
        let shifts = schedule::shifts(&schedule, overrides.of(&schedule.name), from, until);
        let one = |schedule::Shift { from, until, people }| Turn { from, until, people };
        shifts.into_iter().map(one).collect()
    });
    Ok(Json(shown.await?))
}

/// `GET /api/v1/oncall/gaps`: where nobody is on call within the next year, and who is twice.
pub(crate) async fn gaps(
    State(shared): State<Shared>,
    Query(ahead): Query<Ahead>,
) -> Answer<Coverage> {
    let (from, until) = ahead.span(shared.doors.now(), YEAR)?;
    let (schedules, overrides) = copied(&shared).await?;
    let found = aside(move || {
        let gaps = schedules.values().flat_map(|one| coverage::gaps(one, &overrides, from, until));
        let gaps = gaps.map(|gap| Gap { schedule: gap.schedule, from: gap.from, until: gap.until });
        let twice = coverage::double_bookings(schedules.values(), &overrides, from, until);
        let twice = twice.into_iter().map(|one| Twice {
            person: one.person,
            schedules: one.schedules.into_iter().collect(),
            from: one.from,
            until: one.until,
        });
        Coverage { from, until, gaps: gaps.collect(), double_bookings: twice.collect() }
    });
    Ok(Json(found.await?))
}

/// `GET /api/v1/overrides`: those that are not over.
pub(crate) async fn overrides(State(shared): State<Shared>) -> Answer<Vec<Changed>> {
    let view = |world: &World<'_>| {
        let living = world.state.overrides.all().filter(|one| one.until > world.now);
        living
            .cloned()
            .map(|Override { id, schedule, people, replaces, from, until, reason }| Changed {
                id,
                schedule,
                people,
                replaces,
                from,
                until,
                reason,
            })
            .collect()
    };
    Ok(Json(shared.look(view).await?))
}

/// `POST /api/v1/oncall/{schedule}/overrides`.
pub(crate) async fn put(
    State(shared): State<Shared>,
    Path(name): Path<String>,
    Json(ask): Json<Change>,
) -> Answer {
    let from = ask.from.unwrap_or_else(|| shared.doors.now());
    let until = match (&ask.length, ask.until) {
        (None, Some(until)) => until,
        (Some(length), None) => {
            let length: SignedDuration = length.parse().map_err(|_| {
                Refused::bad(format!("`for`: `{length}` is not a duration such as 30m or 12h"))
            })?;
            from.saturating_add(length).map_err(|error| Refused::bad(error.to_string()))?
        }
        _ => return Err(Refused::bad("write `for` or `until`, one of them")),
    };
    let command = Command::SetOverride {
        schedule: name.into(),
        people: ask.people,
        replaces: ask.replaces,
        from,
        until,
        reason: ask.reason,
        by: person(&ask.by)?,
    };
    submit(&shared, command).await
}

/// `DELETE /api/v1/overrides/{id}`.
pub(crate) async fn remove(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Json(ask): Json<By>,
) -> Answer {
    let id: OverrideId = id.parse().map_err(Refused::bad)?;
    let command = Command::RemoveOverride { id, by: person(&ask.by)? };
    submit(&shared, command).await
}

/// `POST /api/v1/oncall/{schedule}/swap`: the shifts at two times are exchanged.
pub(crate) async fn swap(
    State(shared): State<Shared>,
    Path(name): Path<String>,
    Json(ask): Json<Swap>,
) -> Answer {
    let command = Command::SwapShifts {
        schedule: name.into(),
        one: ask.one,
        other: ask.other,
        reason: ask.reason,
        by: person(&ask.by)?,
    };
    submit(&shared, command).await
}
