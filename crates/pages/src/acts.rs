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
    fact::{Asks, RootCause},
    ids::{Actor, IncidentId},
    wish::Wish,
};

type Done = Result<Redirect, Trouble>;

/// `POST /incidents/{id}/acknowledge`.
pub(crate) async fn acknowledge(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    acting: Acting,
) -> Done {
    let command = |incident, by| Ok(Command::Acknowledge { incident, by });
    on_incident(&desk, &acting, &id, command).await
}

/// `POST /incidents/{id}/note`.
pub(crate) async fn note(State(desk): State<Desk>, Path(id): Path<String>, acting: Acting) -> Done {
    let text = acting.text("text");
    on_incident(&desk, &acting, &id, |incident, by| Ok(Command::Note { incident, text, by })).await
}

/// `POST /incidents/{id}/priority`.
pub(crate) async fn priority(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    acting: Acting,
) -> Done {
    let command = |incident, by| {
        let priority = acting.read(acting.field("priority"))?;
        Ok(Command::SetPriority { incident, priority, reason: acting.text("reason"), by })
    };
    on_incident(&desk, &acting, &id, command).await
}

/// `POST /incidents/{id}/close`.
pub(crate) async fn close(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    acting: Acting,
) -> Done {
    let cause = RootCause {
        technical: acting.text("technical"),
        process: acting.text("process"),
        human: acting.text("human"),
    };
    let unverified = acting.text("unverified");
    let command = |incident, by| Ok(Command::Close { incident, cause, unverified, by });
    on_incident(&desk, &acting, &id, command).await
}

/// `POST /incidents/{id}/undo`: a step of one of its runs is taken back.
pub(crate) async fn undo(State(desk): State<Desk>, Path(id): Path<String>, acting: Acting) -> Done {
    let (runbook, step) = (acting.field("runbook").into(), acting.field("step").into());
    let service = acting.field("service").into();
    on_incident(&desk, &acting, &id, |_, by| Ok(Command::Undo { runbook, step, service, by })).await
}

/// `POST /incidents/{id}/roles`: somebody does something from now on.
pub(crate) async fn assign(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    acting: Acting,
) -> Done {
    let command = |incident, by| {
        let role = acting.read(acting.field("role"))?;
        Ok(Command::AssignRole { incident, role, to: acting.text("to"), by })
    };
    on_incident(&desk, &acting, &id, command).await
}

/// `POST /incidents/{id}/measures`: what is to be done so that it does not happen again.
pub(crate) async fn measure(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    acting: Acting,
) -> Done {
    let command = |incident, by| {
        let due = match acting.field("due") {
            "" => None,
            day => Some(acting.read(day)?),
        };
        let owner = Some(acting.text("owner")).filter(|owner| !owner.is_empty());
        Ok(Command::RecordMeasure { incident, text: acting.text("text"), owner, due, by })
    };
    on_incident(&desk, &acting, &id, command).await
}

/// `POST /measures/{id}/done`.
pub(crate) async fn measure_done(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    acting: Acting,
) -> Done {
    let id = acting.read(&id)?;
    let command = |_, by| Ok(Command::FinishMeasure { id, by });
    on_incident(&desk, &acting, acting.field("incident"), command).await
}

/// `POST /incidents/{id}/data-loss`: legal and management hear at once.
pub(crate) async fn data_loss(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    acting: Acting,
) -> Done {
    let reason = acting.text("reason");
    let command = |incident, by| Ok(Command::SuspectDataLoss { incident, reason, by });
    on_incident(&desk, &acting, &id, command).await
}

/// A command of whoever may work on incidents; they go on in the room.
async fn on_incident(
    desk: &Desk,
    acting: &Acting,
    id: &str,
    command: impl FnOnce(IncidentId, Actor) -> Result<Command, Trouble>,
) -> Done {
    acting.needs(Rights::Responder)?;
    let incident: IncidentId = acting.read(id)?;
    acting.submit(desk, command(incident, acting.viewer.actor())?).await?;
    Ok(Redirect::to(&format!("/incidents/{}", incident.0)))
}

/// `POST /approvals/{id}/approve`: its number names exactly what was shown; another body would be another question.
pub(crate) async fn approve(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    acting: Acting,
) -> Done {
    acting.needs(Rights::Approver)?;
    wish(&desk, &acting, &Wish::Approve(acting.read(&id)?)).await
}

/// `POST /approvals/{id}/refuse`.
pub(crate) async fn refuse(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    acting: Acting,
) -> Done {
    acting.needs(Rights::Approver)?;
    wish(&desk, &acting, &Wish::Refuse(acting.read(&id)?)).await
}

/// `POST /runs/{id}/answer`: what became of the attempt that the page showed; a later one is another question.
pub(crate) async fn answer(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    acting: Acting,
) -> Done {
    acting.needs(Rights::Responder)?;
    let attempt = acting.read(acting.field("attempt"))?;
    let asks = Asks::Outcome { run: acting.read(&id)?, step: acting.field("step").into(), attempt };
    let verb = acting.field("answer");
    let wanted = asks.wishes().into_iter().find(|wish| wish.verb() == verb);
    let wanted = wanted.ok_or_else(|| acting.bad(format!("`{verb}` is not an answer")))?;
    wish(&desk, &acting, &wanted).await
}

/// The same wishes as in messages; they go on where the form stood.
async fn wish(desk: &Desk, acting: &Acting, wish: &Wish) -> Done {
    acting.submit(desk, wish.command(acting.field("reason"), acting.viewer.actor())).await?;
    Ok(Redirect::to(own_path(acting.field("back"))))
}
