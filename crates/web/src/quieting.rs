//! Silences and maintenance windows: what is quiet, who wants it so and until when, and what they hide.

use crate::{
    acting::{Answer, By, person, submit},
    alertmanager::new_silence_id,
    answer::Refused,
    extract::{Json, Path, Query},
    state::Shared,
};
use axum::extract::State;
use domain::{
    command::Command,
    ids::{AlertKey, ServiceName, SilenceId},
    labels::Labels,
    maintenance::Window,
    matcher,
    silence::{Announced, Kept, Kind, Silence, Stage},
    world::World,
};
use history::AlertSummary;
use jiff::{SignedDuration, Timestamp};
use journal::Position;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Deserialize, IntoParams)]
pub(crate) struct Listing {
    #[serde(default)]
    all: bool,
}

/// How long: `for` (`2h`) from now or from `starts_at` on, or until `ends_at`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Quieten {
    by: String,
    #[serde(default)]
    matchers: String,
    #[serde(default)]
    services: Vec<String>,
    #[serde(rename = "for")]
    length: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    starts_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Timestamp>,
    comment: String,
    /// Customers hear of the window on the status page.
    #[serde(default)]
    announce: bool,
    /// In these words.
    words: Option<String>,
}

/// A silence or a maintenance window.
#[derive(Serialize, ToSchema)]
pub(crate) struct Shown {
    #[schema(value_type = String)]
    id: SilenceId,
    /// `silence`, `maintenance` or `recurring`.
    kind: &'static str,
    #[schema(value_type = String)]
    state: Stage,
    #[schema(value_type = Option<Vec<String>>)]
    services: Option<Vec<ServiceName>>,
    series: Option<String>,
    matchers: Vec<String>,
    #[schema(value_type = String, format = DateTime)]
    starts_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    ends_at: Timestamp,
    created_by: String,
    comment: String,
    #[schema(value_type = Option<history::shape::Open>)]
    announced: Option<Announced>,
    /// How many alerts.
    hides: usize,
}

/// It is durable, under this number.
#[derive(Serialize, ToSchema)]
pub(crate) struct Put {
    #[schema(value_type = u64)]
    position: Position,
    #[schema(value_type = String)]
    id: SilenceId,
}

/// Of how many signals an alert is made, and why it is quiet; both are null where they do not apply.
#[derive(Default, Serialize, ToSchema)]
pub(crate) struct Marks {
    signals: Option<usize>,
    quiet: Option<Why>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Why {
    #[schema(value_type = Vec<String>)]
    silenced_by: Vec<SilenceId>,
    inhibited_by: Option<String>,
}

/// Those that are not over; with `all` the others as well, as long as they are kept.
pub(crate) async fn silences(
    State(shared): State<Shared>,
    Query(listing): Query<Listing>,
) -> Answer<Vec<Shown>> {
    let all = shared.look(move |world| {
        let kept = world.state.silences.all();
        let kept = kept.filter(|kept| listing.all || kept.stage != Stage::Expired);
        let mut shown: Vec<_> = kept.map(|kept| view(world, kept)).collect();
        shown.sort_by_key(|silence| silence.starts_at);
        shown
    });
    Ok(Json(all.await?))
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
pub(crate) async fn silence(State(shared): State<Shared>, Json(ask): Json<Quieten>) -> Answer<Put> {
    if !ask.services.is_empty() || ask.is_announced() {
        return Err(Refused::bad(
            "a silence has `matchers`; `services`, `announce` and `words` are for maintenance windows",
        ));
    }
    let scope = Scope::Alerts(ask.matchers.clone());
    put(&shared, ask, scope).await
}

/// Answers with the number of the window.
pub(crate) async fn maintenance(
    State(shared): State<Shared>,
    Json(ask): Json<Quieten>,
) -> Answer<Put> {
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

async fn put(shared: &Shared, ask: Quieten, scope: Scope) -> Answer<Put> {
    let (starts_at, ends_at) = ask.span(shared.doors.now())?;
    let quiet = Quiet { scope, starts_at, ends_at, comment: ask.comment };
    let (id, position) = quieten(shared, &ask.by, quiet).await?;
    Ok(Json(Put { position, id }))
}

/// Ends a silence or a window now; what still burns is judged anew.
pub(crate) async fn expire(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Json(ask): Json<By>,
) -> Answer {
    let command = Command::ExpireSilence { id: id.into(), by: person(&ask.by)? };
    submit(&shared, command).await
}

/// Says of alerts that still fire how many signals they are made of and why they are quiet.
pub(crate) async fn mark<T>(
    shared: &Shared,
    found: Vec<T>,
    summary: impl Fn(&T) -> &AlertSummary,
) -> Result<Vec<(T, Marks)>, Refused> {
    let key = |alert: &T| {
        let summary = summary(alert);
        summary.resolved_at.is_none().then(|| summary.key.clone())
    };
    let keys: Vec<_> = found.iter().map(key).collect();
    let marks = shared.look(move |world| {
        let mark =
            |key: Option<AlertKey>| key.map(|key| why_quiet(world, &key)).unwrap_or_default();
        keys.into_iter().map(mark).collect::<Vec<_>>()
    });
    Ok(found.into_iter().zip(marks.await?).collect())
}

/// The count of signals, none for an alert of our own rules; and the reasons, none for one that is loud.
fn why_quiet(world: &World<'_>, key: &AlertKey) -> Marks {
    let group = world.state.signals.group(key);
    let quiet = world.quiet.reasons(world.state, key).map(|reasons| Why {
        silenced_by: reasons.silenced_by.clone(),
        inhibited_by: reasons.inhibited_by.clone(),
    });
    Marks { signals: group.map(|group| group.members.len()), quiet }
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

fn view(world: &World<'_>, kept: &Kept) -> Shown {
    let silence = &kept.silence;
    let (kind, services, series) = match &silence.kind {
        Kind::Plain => ("silence", None, None),
        Kind::Maintenance(services) => ("maintenance", Some(services.clone()), None),
        Kind::Recurring(name) => ("recurring", None, Some(name.to_string())),
    };
    Shown {
        id: silence.id.clone(),
        kind,
        state: kept.stage,
        services,
        series,
        matchers: silence.matchers.iter().map(ToString::to_string).collect(),
        starts_at: silence.starts_at,
        ends_at: silence.ends_at,
        created_by: silence.created_by.clone(),
        comment: silence.comment.clone(),
        announced: silence.announced.clone(),
        hides: world.quiet.covered_by(&silence.id),
    }
}
