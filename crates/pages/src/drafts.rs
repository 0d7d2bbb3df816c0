//! A draft: how it will read, what is still missing, and whoever answers for it lets it out.

use crate::{
    acting::Acting,
    desk::Desk,
    frame::{self, Here, Manner},
    trouble::Trouble,
    visitor::Viewer,
    when::When,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::{Redirect, Response},
};
use domain::{
    carried_accounts::Rights,
    command::Command,
    draft::Draft,
    ids::{DraftId, IncidentId},
    said::{Language, Said},
    stakeholders::Audience,
};
use std::collections::BTreeMap;

#[derive(Template)]
#[template(path = "draft.html")]
struct Shown {
    l: Language,
    csrf: String,
    id: DraftId,
    incident: u64,
    audience: &'static str,
    subject: String,
    body: String,
    blanks: Vec<String>,
    revision: u32,
    changed: When,
    changed_by: String,
    promises: Option<When>,
    /// Who may let it out; empty: whoever works on the incident.
    approvers: Vec<String>,
    role: Option<String>,
    may_respond: bool,
}

/// `GET /drafts/{id}`.
pub(crate) async fn show(
    State(desk): State<Desk>,
    viewer: Viewer,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let refused = |refused| Trouble::refused(&viewer.visitor, refused);
    let id: DraftId = id.parse().map_err(|_| gone(&viewer, &id))?;
    let found = desk.shared.look(move |world| {
        let draft = world.state.drafts.get(id)?.clone();
        let role = draft.written.approver_role.as_ref();
        let holders = role.map(|role| world.policy.holders(role)).unwrap_or_default();
        let names = holders.iter().map(|name| {
            let contact = world.policy.contacts.get(name);
            contact.map_or_else(|| name.to_string(), |contact| contact.title.clone())
        });
        Some((draft, names.collect::<Vec<_>>(), world.policy.zone.clone()))
    });
    let (draft, approvers, zone) =
        found.await.map_err(refused)?.ok_or_else(|| gone(&viewer, &id.to_string()))?;
    let clock = viewer.visitor.clock(&desk, &zone);
    let l = clock.language;
    let blanks = draft.blanks();
    let Draft { written, revision, changed_at, changed_by, .. } = draft;
    let main = Shown {
        l,
        csrf: viewer.csrf.clone(),
        id,
        incident: written.incident.0,
        audience: written.audience.title(l),
        subject: written.subject,
        body: written.body,
        blanks,
        revision,
        changed: clock.show(changed_at),
        changed_by: changed_by.to_string(),
        promises: clock.maybe(written.next_update_at),
        approvers,
        role: written.approver_role.map(|role| role.to_string()),
        may_respond: viewer.may(Rights::Responder),
    };
    let title = format!("{id} {}", main.audience);
    Ok(frame::of(&viewer, &Manner::still(&title, Here::Incidents), &main))
}

fn gone(viewer: &Viewer, id: &str) -> Trouble {
    let said = Said::new(
        format!("待っている下書き {id} はありません。公開または破棄されています。"),
        format!("There is no draft {id} that waits: it was released or discarded."),
    );
    Trouble::missing(&viewer.visitor, said)
}

/// `POST /incidents/{id}/drafts`: one is begun from its template.
pub(crate) async fn begin(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    acting: Acting,
) -> Result<Redirect, Trouble> {
    acting.needs(Rights::Responder)?;
    let incident: IncidentId = acting.read(&id)?;
    let audience: Audience = acting.read(acting.field("audience"))?;
    let by = acting.viewer.actor();
    let id = acting.does(web::begin_draft(&desk.shared, Some(incident), audience, by)).await?;
    Ok(Redirect::to(&format!("/drafts/{id}")))
}

/// `POST /drafts/{id}`: blanks are filled in, or the text is changed; then it is read again.
pub(crate) async fn change(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    acting: Acting,
) -> Result<Redirect, Trouble> {
    acting.needs(Rights::Responder)?;
    let (id, by) = (acting.read(&id)?, acting.viewer.actor());
    let blanks = acting.all("blank").zip(acting.all("value"));
    let values: BTreeMap<_, _> = blanks
        .filter(|(_, value)| !value.trim().is_empty())
        .map(|(blank, value)| (blank.to_owned(), value.trim().to_owned()))
        .collect();
    let command = match acting.all("body").next() {
        // Browsers end lines in the way of mails.
        Some(body) => Command::EditDraft {
            id,
            subject: Some(acting.text("subject")),
            body: Some(body.trim().replace("\r\n", "\n")),
            by,
        },
        None => Command::FillDraft { id, values, by },
    };
    acting.submit(&desk, command).await?;
    Ok(Redirect::to(&format!("/drafts/{id}")))
}

/// `POST /drafts/{id}/release`: the revision is the one that was read.
pub(crate) async fn release(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    acting: Acting,
) -> Result<Redirect, Trouble> {
    acting.needs(Rights::Responder)?;
    let revision = acting.read(acting.field("revision"))?;
    let command =
        Command::ReleaseDraft { id: acting.read(&id)?, revision, by: acting.viewer.actor() };
    ended(&desk, &acting, command).await
}

/// `POST /drafts/{id}/discard`.
pub(crate) async fn discard(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    acting: Acting,
) -> Result<Redirect, Trouble> {
    acting.needs(Rights::Responder)?;
    let (id, reason) = (acting.read(&id)?, acting.text("reason"));
    let command = Command::DiscardDraft { id, reason, by: acting.viewer.actor() };
    ended(&desk, &acting, command).await
}

async fn ended(desk: &Desk, acting: &Acting, command: Command) -> Result<Redirect, Trouble> {
    acting.submit(desk, command).await?;
    let incident: u64 = acting.read(acting.field("incident"))?;
    Ok(Redirect::to(&format!("/incidents/{incident}")))
}
