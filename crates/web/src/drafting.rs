//! Drafts: begun, completed, released or discarded, each under the name of whoever asks; and who may release them.

use crate::{
    acting::{self, Answer, person},
    answer::Refused,
    extract::{Json, Path},
    state::Shared,
    worded,
};
use axum::extract::State;
use domain::{
    command::Command,
    draft::Draft,
    ids::{Actor, ContactName, DraftId, IncidentId, RoleName},
    stakeholders::Audience,
    world::World,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Write {
    by: String,
    #[schema(schema_with = worded::audience)]
    audience: Audience,
    /// None: the newest that is open.
    #[schema(value_type = Option<u64>)]
    incident: Option<IncidentId>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fill {
    by: String,
    values: BTreeMap<String, String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Edit {
    by: String,
    subject: Option<String>,
    body: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Release {
    by: String,
    revision: u32,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reason {
    by: String,
    reason: String,
}

/// A text that waits to be released.
#[derive(Serialize, ToSchema)]
pub(crate) struct Waiting {
    #[schema(value_type = u64)]
    id: DraftId,
    #[schema(value_type = u64)]
    incident: IncidentId,
    #[schema(value_type = String)]
    audience: Audience,
    status: &'static str,
    /// Null: anybody may release it.
    #[schema(value_type = Option<String>)]
    approver_role: Option<RoleName>,
    #[schema(value_type = Vec<String>)]
    approvers: Vec<ContactName>,
    revision: u32,
    subject: String,
    body: String,
    /// What must be filled in before.
    blanks: Vec<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    next_update_at: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    written_at: Timestamp,
    #[schema(value_type = history::shape::ActorShape)]
    written_by: Actor,
    #[schema(value_type = String, format = DateTime)]
    changed_at: Timestamp,
    #[schema(value_type = history::shape::ActorShape)]
    changed_by: Actor,
}

/// `GET /api/v1/drafts`: those that wait.
pub(crate) async fn list(State(shared): State<Shared>) -> Answer<Vec<Waiting>> {
    let all = |world: &World<'_>| {
        world.state.drafts.all().map(|draft| view(world, draft)).collect::<Vec<_>>()
    };
    Ok(Json(shared.look(all).await?))
}

/// `GET /api/v1/drafts/{id}`.
pub(crate) async fn one(State(shared): State<Shared>, Path(id): Path<String>) -> Answer<Waiting> {
    find(&shared, draft(&id)?).await
}

/// `POST /api/v1/drafts`: answers with the draft.
pub(crate) async fn write(State(shared): State<Shared>, Json(ask): Json<Write>) -> Answer<Waiting> {
    let id = begin_draft(&shared, ask.incident, ask.audience, person(&ask.by)?).await?;
    find(&shared, id).await
}

/// Begins a draft; without an incident it is about the newest one that is open.
///
/// # Errors
/// Nothing is open, or too many wait.
pub async fn begin_draft(
    shared: &Shared,
    incident: Option<IncidentId>,
    audience: Audience,
    by: Actor,
) -> Result<DraftId, Refused> {
    shared.submit(Command::WriteDraft { incident, audience, by: by.clone() }).await?;
    let newest = shared.look(move |world| {
        let mine = |draft: &&Draft| draft.written.audience == audience && draft.written.by == by;
        world.state.drafts.all().filter(mine).map(|draft| draft.written.id).max()
    });
    newest.await?.ok_or_else(|| missing("?"))
}

/// `POST /api/v1/drafts/{id}/fill`: answers with the draft, like `edit`.
pub(crate) async fn fill(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Json(ask): Json<Fill>,
) -> Answer<Waiting> {
    let (id, by) = (draft(&id)?, person(&ask.by)?);
    shared.submit(Command::FillDraft { id, values: ask.values, by }).await?;
    find(&shared, id).await
}

/// `POST /api/v1/drafts/{id}/edit`.
pub(crate) async fn edit(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Json(ask): Json<Edit>,
) -> Answer<Waiting> {
    let (id, by) = (draft(&id)?, person(&ask.by)?);
    let command = Command::EditDraft { id, subject: ask.subject, body: ask.body, by };
    shared.submit(command).await?;
    find(&shared, id).await
}

/// `POST /api/v1/drafts/{id}/release`: the revision is the one that was read.
pub(crate) async fn release(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Json(ask): Json<Release>,
) -> Answer {
    let (id, by) = (draft(&id)?, person(&ask.by)?);
    acting::submit(&shared, Command::ReleaseDraft { id, revision: ask.revision, by }).await
}

/// `POST /api/v1/drafts/{id}/discard`.
pub(crate) async fn discard(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Json(ask): Json<Reason>,
) -> Answer {
    let (id, by) = (draft(&id)?, person(&ask.by)?);
    acting::submit(&shared, Command::DiscardDraft { id, reason: ask.reason, by }).await
}

/// `POST /api/v1/incidents/{id}/data-loss`: legal and management hear at once.
pub(crate) async fn data_loss(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Json(ask): Json<Reason>,
) -> Answer {
    let (incident, by) = (acting::incident(&id)?, person(&ask.by)?);
    acting::submit(&shared, Command::SuspectDataLoss { incident, reason: ask.reason, by }).await
}

async fn find(shared: &Shared, id: DraftId) -> Answer<Waiting> {
    let found =
        shared.look(move |world| world.state.drafts.get(id).map(|draft| view(world, draft)));
    found.await?.map(Json).ok_or_else(|| missing(&id.to_string()))
}

fn view(world: &World<'_>, draft: &Draft) -> Waiting {
    let written = &draft.written;
    let approvers = written.approver_role.as_ref().map(|role| world.policy.holders(role));
    Waiting {
        id: written.id,
        incident: written.incident,
        audience: written.audience,
        status: "draft",
        approver_role: written.approver_role.clone(),
        approvers: approvers.unwrap_or_default(),
        revision: draft.revision,
        subject: written.subject.clone(),
        body: written.body.clone(),
        blanks: draft.blanks(),
        next_update_at: written.next_update_at,
        written_at: draft.written_at,
        written_by: written.by.clone(),
        changed_at: draft.changed_at,
        changed_by: draft.changed_by.clone(),
    }
}

fn draft(text: &str) -> Result<DraftId, Refused> {
    text.parse().map_err(Refused::bad)
}

fn missing(id: &str) -> Refused {
    Refused::not_found(
        format!("待っている下書き {id} はありません"),
        format!("there is no waiting draft {id}"),
    )
}
