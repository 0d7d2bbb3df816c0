//! What people do on pages: each form is one command with the name of whoever sent it, the same that the command line
//! and the API send. Whether it may be done is decided where everything is decided.

use crate::{acting::Acting, desk::Desk, sign_in::own_path, trouble::Trouble};
use axum::{
    extract::{Path, State},
    response::Redirect,
};
use domain::{
    carried_accounts::Rights,
    command::Command,
    fact::{Answer, RootCause},
    ids::{ApprovalId, IncidentId, RunId},
};
use std::str::FromStr;

type Done = Result<Redirect, Trouble>;

/// `POST /incidents/{id}/acknowledge`.
pub(crate) async fn acknowledge(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    acting: Acting,
) -> Done {
    acting.needs(Rights::Responder)?;
    let incident: IncidentId = read(&acting, &id)?;
    let by = acting.viewer.actor();
    acting.submit(&desk, Command::Acknowledge { incident, by }).await?;
    Ok(room(incident))
}

/// `POST /incidents/{id}/note`.
pub(crate) async fn note(State(desk): State<Desk>, Path(id): Path<String>, acting: Acting) -> Done {
    acting.needs(Rights::Responder)?;
    let incident: IncidentId = read(&acting, &id)?;
    let (text, by) = (acting.field("text").to_owned(), acting.viewer.actor());
    acting.submit(&desk, Command::Note { incident, text, by }).await?;
    Ok(room(incident))
}

/// `POST /incidents/{id}/priority`.
pub(crate) async fn priority(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    acting: Acting,
) -> Done {
    acting.needs(Rights::Responder)?;
    let incident: IncidentId = read(&acting, &id)?;
    let (priority, by) = (read(&acting, acting.field("priority"))?, acting.viewer.actor());
    let reason = acting.field("reason").to_owned();
    acting.submit(&desk, Command::SetPriority { incident, priority, reason, by }).await?;
    Ok(room(incident))
}

/// `POST /incidents/{id}/close`.
pub(crate) async fn close(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    acting: Acting,
) -> Done {
    acting.needs(Rights::Responder)?;
    let incident: IncidentId = read(&acting, &id)?;
    let field = |name| acting.field(name).to_owned();
    let cause = RootCause {
        technical: field("technical"),
        process: field("process"),
        human: field("human"),
    };
    let by = acting.viewer.actor();
    acting
        .submit(&desk, Command::Close { incident, cause, unverified: field("unverified"), by })
        .await?;
    Ok(room(incident))
}

/// `POST /incidents/{id}/undo`: a step of one of its runs is taken back.
pub(crate) async fn undo(State(desk): State<Desk>, Path(id): Path<String>, acting: Acting) -> Done {
    acting.needs(Rights::Responder)?;
    let incident: IncidentId = read(&acting, &id)?;
    let command = Command::Undo {
        runbook: acting.field("runbook").into(),
        step: acting.field("step").into(),
        service: acting.field("service").into(),
        by: acting.viewer.actor(),
    };
    acting.submit(&desk, command).await?;
    Ok(room(incident))
}

/// `POST /approvals/{id}/approve`: its number names exactly what was shown; another body would be another question.
pub(crate) async fn approve(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    acting: Acting,
) -> Done {
    acting.needs(Rights::Approver)?;
    let id: ApprovalId = read(&acting, &id)?;
    let by = acting.viewer.actor();
    acting.submit(&desk, Command::Approve { id, by }).await?;
    Ok(back(&acting))
}

/// `POST /approvals/{id}/refuse`.
pub(crate) async fn refuse(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    acting: Acting,
) -> Done {
    acting.needs(Rights::Approver)?;
    let id: ApprovalId = read(&acting, &id)?;
    let (reason, by) = (acting.field("reason").to_owned(), acting.viewer.actor());
    acting.submit(&desk, Command::Deny { id, reason, by }).await?;
    Ok(back(&acting))
}

/// `POST /runs/{id}/answer`: what became of the attempt that the page showed; a later one is another question.
pub(crate) async fn answer(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    acting: Acting,
) -> Done {
    acting.needs(Rights::Responder)?;
    let run: RunId = read(&acting, &id)?;
    let answer = match acting.field("answer") {
        "done" => Answer::Done,
        "again" => Answer::Again,
        "manual" => Answer::Manual,
        other => return Err(acting.bad(format!("`{other}` is not an answer"))),
    };
    let (reason, by) = (acting.field("reason").to_owned(), acting.viewer.actor());
    let asked = Some((acting.field("step").into(), read(&acting, acting.field("attempt"))?));
    acting.submit(&desk, Command::AnswerUnknown { run, asked, answer, reason, by }).await?;
    Ok(back(&acting))
}

fn read<T: FromStr<Err: std::fmt::Display>>(acting: &Acting, text: &str) -> Result<T, Trouble> {
    text.parse().map_err(|error: T::Err| acting.bad(error.to_string()))
}

fn room(incident: IncidentId) -> Redirect {
    Redirect::to(&format!("/incidents/{}", incident.0))
}

/// Where the form stood.
fn back(acting: &Acting) -> Redirect {
    Redirect::to(own_path(acting.field("back")))
}
