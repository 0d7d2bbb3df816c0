//! Silences and maintenance windows: what is quiet, who wants it so and until when, and what they hide.

use crate::{
    acting::{By, person},
    alertmanager::new_silence_id,
    answer::Refused,
    state::Shared,
};
use axum::{
    Json,
    extract::{Path, Query, State},
};
use domain::{
    command::Command,
    ids::{AlertKey, ServiceName, SilenceId},
    labels::Labels,
    maintenance::Window,
    matcher,
    silence::{Announced, Kept, Kind, Silence, Stage},
    world::World,
};
use jiff::{SignedDuration, Timestamp};
use journal::Position;
use serde::Deserialize;
use serde_json::{Value, json};

type Answer = Result<Json<Value>, Refused>;

#[derive(Deserialize)]
pub(crate) struct Listing {
    #[serde(default)]
    all: bool,
}

/// How long: `for` (`2h`) from now or from `starts_at` on, or until `ends_at`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Quieten {
    by: String,
    #[serde(default)]
    matchers: String,
    #[serde(default)]
    services: Vec<String>,
    #[serde(rename = "for")]
    length: Option<String>,
    starts_at: Option<Timestamp>,
    ends_at: Option<Timestamp>,
    comment: String,
    /// Customers hear of the window on the status page.
    #[serde(default)]
    announce: bool,
    /// In these words.
    words: Option<String>,
}

/// Those that are not over; with `all` the others as well, as long as they are kept.
pub(crate) async fn silences(
    State(shared): State<Shared>,
    Query(listing): Query<Listing>,
) -> Answer {
    let all = shared.look(move |world| {
        let kept = world.state.silences.all();
        let kept = kept.filter(|kept| listing.all || kept.stage != Stage::Expired);
        let mut shown: Vec<_> = kept.map(|kept| view(world, kept)).collect();
        shown.sort_by_cached_key(|silence| silence["starts_at"].to_string());
        shown
    });
    Ok(Json(Value::Array(all.await?)))
}

/// What somebody wants quiet.
#[derive(Debug)]
pub enum Scope {
    /// Alerts that meet these matchers, as text.
    Alerts(String),
    /// Work on services: what needs them is quiet too.
    Services {
        /// Which.
        services: Vec<ServiceName>,
        /// What customers are told of it; none: nothing.
        announced: Option<Announced>,
    },
}

/// A silence or a maintenance window as somebody asks for it.
#[derive(Debug)]
pub struct Quiet {
    /// What.
    pub scope: Scope,
    /// From when on.
    pub starts_at: Timestamp,
    /// Until when.
    pub ends_at: Timestamp,
    /// Why.
    pub comment: String,
}

/// Makes a silence or a window of somebody; answers with its number.
///
/// # Errors
/// It covers everything or nothing, is over already, or has no reason; a service is not in the configuration.
pub async fn quieten(
    shared: &Shared,
    by: &str,
    quiet: Quiet,
) -> Result<(SilenceId, Position), Refused> {
    let actor = person(by)?;
    let Quiet { scope, starts_at, ends_at, comment } = quiet;
    let (id, created_by) = (new_silence_id(starts_at, by), by.to_owned());
    let silence = match scope {
        Scope::Alerts(matchers) => Silence {
            id: id.clone(),
            matchers: matcher::parse_all(&matchers).map_err(Refused::bad)?,
            starts_at,
            ends_at,
            created_by,
            comment,
            annotations: Labels::default(),
            kind: Kind::Plain,
            announced: None,
        },
        Scope::Services { services, announced } => {
            let window = Window {
                id: id.clone(),
                services,
                starts_at,
                ends_at,
                created_by,
                comment,
                announced,
            };
            let silence = shared.look(move |world| window.silence(&world.policy.graph)).await?;
            silence.map_err(|refusal| Refused::from(engine::EngineError::Refused(refusal)))?
        }
    };
    let command = Command::PutSilence { silence: Box::new(silence), edits: None, by: actor };
    Ok((id, shared.submit(command).await?))
}

/// Answers with the number of the silence.
pub(crate) async fn silence(State(shared): State<Shared>, Json(ask): Json<Quieten>) -> Answer {
    if !ask.services.is_empty() || ask.is_announced() {
        return Err(Refused::bad(
            "a silence has `matchers`; `services`, `announce` and `words` are for maintenance windows",
        ));
    }
    let scope = Scope::Alerts(ask.matchers.clone());
    put(&shared, ask, scope).await
}

/// Answers with the number of the window.
pub(crate) async fn maintenance(State(shared): State<Shared>, Json(ask): Json<Quieten>) -> Answer {
    if !ask.matchers.is_empty() {
        return Err(Refused::bad(
            "a maintenance window has `services`; `matchers` are for silences",
        ));
    }
    let scope = Scope::Services {
        services: ask.services.iter().map(|name| name.as_str().into()).collect(),
        announced: ask.is_announced().then(|| Announced { words: ask.words.clone() }),
    };
    put(&shared, ask, scope).await
}

async fn put(shared: &Shared, ask: Quieten, scope: Scope) -> Answer {
    let (starts_at, ends_at) = ask.span(shared.doors.now())?;
    let quiet = Quiet { scope, starts_at, ends_at, comment: ask.comment };
    let (id, position) = quieten(shared, &ask.by, quiet).await?;
    Ok(Json(json!({"position": position, "id": id})))
}

/// Ends a silence or a window now; what still burns is judged anew.
pub(crate) async fn expire(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Json(ask): Json<By>,
) -> Answer {
    let command = Command::ExpireSilence { id: id.into(), by: person(&ask.by)? };
    Ok(Json(json!({"position": shared.submit(command).await?})))
}

/// Writes into alerts that still fire how many signals they are made of and why they are quiet.
pub(crate) async fn mark(shared: &Shared, Json(mut found): Json<Value>) -> Answer {
    let one = |value: &Value| {
        let key = value["key"].as_str()?.parse::<AlertKey>().ok();
        key.filter(|_| value["resolved_at"].is_null())
    };
    let list = found.as_array().map_or_else(|| std::slice::from_ref(&found), Vec::as_slice);
    let keys: Vec<_> = list.iter().map(one).collect();
    let marks = shared.look(move |world| {
        let mark =
            |key: Option<AlertKey>| key.map(|key| why_quiet(world, &key)).unwrap_or_default();
        keys.into_iter().map(mark).collect::<Vec<_>>()
    });
    let marks = marks.await?;
    let list = match &mut found {
        Value::Array(list) => list.as_mut_slice(),
        one => std::slice::from_mut(one),
    };
    for (alert, (signals, quiet)) in list.iter_mut().zip(marks) {
        if alert.is_object() {
            (alert["signals"], alert["quiet"]) = (signals, quiet);
        }
    }
    Ok(Json(found))
}

/// The count of signals, null for an alert of our own rules; and the reasons, null for one that is loud.
fn why_quiet(world: &World<'_>, key: &AlertKey) -> (Value, Value) {
    let group = world.state.signals.group(key);
    let reasons = world.quiet.reasons(world.state, key).map(
        |reasons| json!({"silenced_by": reasons.silenced_by, "inhibited_by": reasons.inhibited_by}),
    );
    (json!(group.map(|group| group.members.len())), json!(reasons))
}

impl Quieten {
    fn is_announced(&self) -> bool {
        self.announce || self.words.is_some()
    }

    fn span(&self, now: Timestamp) -> Result<(Timestamp, Timestamp), Refused> {
        let starts_at = self.starts_at.unwrap_or(now);
        let ends_at = match (&self.length, self.ends_at) {
            (None, Some(end)) => end,
            (Some(length), None) => {
                let length: SignedDuration = length.parse().map_err(|_| {
                    Refused::bad(format!("`for`: `{length}` is not a duration such as 30m or 2h"))
                })?;
                starts_at.saturating_add(length).map_err(|error| Refused::bad(error.to_string()))?
            }
            _ => return Err(Refused::bad("write `for` or `ends_at`, one of them")),
        };
        Ok((starts_at, ends_at))
    }
}

fn view(world: &World<'_>, kept: &Kept) -> Value {
    let silence = &kept.silence;
    let (kind, services, series) = match &silence.kind {
        Kind::Plain => ("silence", None, None),
        Kind::Maintenance(services) => ("maintenance", Some(services), None),
        Kind::Recurring(name) => ("recurring", None, Some(name)),
    };
    let matchers: Vec<_> = silence.matchers.iter().map(ToString::to_string).collect();
    json!({
        "id": silence.id, "kind": kind, "state": kept.stage, "services": services, "series": series,
        "matchers": matchers, "starts_at": silence.starts_at, "ends_at": silence.ends_at,
        "created_by": silence.created_by, "comment": silence.comment, "announced": silence.announced,
        "hides": world.quiet.covered_by(&silence.id),
    })
}
