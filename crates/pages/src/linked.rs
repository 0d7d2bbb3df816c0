//! The page behind a link in a message: GET shows what is asked, POST answers it. A preview of a link acknowledges nothing.

use crate::{
    asking::{self, Approval, Question, REASON},
    desk::Desk,
    frame,
    trouble::Trouble,
    visitor::Visitor,
    when::Clock,
};
use askama::Template;
use axum::{
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::{
    carried_accounts::Rights,
    fact::Asks,
    ids::{Actor, IncidentId},
    incident::Incident,
    outside_text,
    said::{Language, Said},
    severity::Priority,
    wish::Wish,
    world::World,
};
use std::collections::BTreeMap;
use web::{Grant, Purpose, Refused, Unanswered};

/// What the message asked.
enum Asked {
    Incident {
        id: IncidentId,
        priority: Option<Priority>,
        title: String,
        /// Who has it already.
        taken: Option<String>,
    },
    Approval(Box<Approval>),
    Question(Box<Question>),
    /// Whether a test message has arrived.
    Arrival,
}

#[derive(Template)]
#[template(path = "linked.html")]
struct Linked {
    l: Language,
    /// In whose name an answer counts.
    whom: String,
    asked: Asked,
    wishes: Vec<Wish>,
}

#[derive(Template)]
#[template(path = "answered.html")]
struct Answered<'a> {
    l: Language,
    thanks: &'a str,
}

/// `GET /a/{token}`: it changes nothing.
pub(crate) async fn show(
    State(desk): State<Desk>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> Result<Response, Trouble> {
    let (grant, asks) = granted(&desk, &visitor, &token)?;
    let (l, wishes) = (visitor.language, asks.wishes());
    let who = Actor::Person(grant.person.to_string());
    let (here, looks) = (desk.clone(), visitor.clone());
    let asked = move |world: &World<'_>| {
        let clock = looks.clock(&here, &world.policy.zone);
        asked(world, &asks, &who, &clock)
    };
    let asked = desk.shared.look(asked).await;
    let asked = asked.map_err(|refused| Trouble::refused(&visitor, refused).apart())?;
    let asked = asked.ok_or_else(|| void(&visitor))?;
    let whom = l.pick(
        format!("{} として回答します。", grant.person),
        format!("You answer as {}.", grant.person),
    );
    let title = l.pick("回答", "Answer");
    let main = Linked { l, whom, asked, wishes };
    Ok(frame::apart(StatusCode::OK, &visitor, title, None, &main))
}

/// `POST /a/{token}`: the person has decided. `answer` is the verb of a wish, or the only one there is; `reason` is why,
/// where that is asked.
pub(crate) async fn act(
    State(desk): State<Desk>,
    visitor: Visitor,
    Path(token): Path<String>,
    body: Bytes,
) -> Result<Response, Trouble> {
    let (grant, asks) = granted(&desk, &visitor, &token)?;
    let given: BTreeMap<_, _> = form_urlencoded::parse(&body).into_owned().collect();
    let mut wishes = asks.wishes();
    wishes.retain(|wish| given.get("answer").is_none_or(|verb| verb == wish.verb()));
    let [wish] = wishes.as_slice() else {
        let said = Said::new("どれかのボタンを押してください。", "Press one of the buttons.");
        return Err(refused(&visitor, StatusCode::BAD_REQUEST, said));
    };
    let reason = outside_text::line(given.get("reason").map_or("", String::as_str), REASON);
    let notices = grant.notice.as_slice();
    match web::carry_out(&desk.shared, wish, &reason, &grant.person, notices).await {
        Ok(()) => {
            let (l, said) = (visitor.language, wish.thanks());
            let thanks = said.text(l);
            let main = Answered { l, thanks };
            Ok(frame::apart(StatusCode::OK, &visitor, thanks, None, &main))
        }
        Err(why) => {
            let status = match &why {
                Unanswered::Refused(_) => StatusCode::CONFLICT,
                Unanswered::Fault => StatusCode::SERVICE_UNAVAILABLE,
            };
            Err(refused(&visitor, status, why.said()))
        }
    }
}

/// What the link grants to whom, if it is one that answers.
fn granted(desk: &Desk, visitor: &Visitor, token: &str) -> Result<(Grant, Asks), Trouble> {
    let grant = desk.shared.granted(token).ok_or_else(|| void(visitor))?;
    match grant.purpose.clone() {
        Purpose::Answer(asks) => Ok((grant, asks)),
        Purpose::Report(_) | Purpose::Device(_) => Err(void(visitor)),
    }
}

/// What is asked, as this person sees it; none: nothing waits for an answer any more. The message was for them, so that
/// they may answer whatever it asks.
fn asked(world: &World<'_>, asks: &Asks, who: &Actor, clock: &Clock) -> Option<Asked> {
    let waiting = || asking::one(world, asks);
    match asks {
        Asks::Incident(id) => {
            world.state.incidents.get(id).map(|one| incident(one, clock.language))
        }
        Asks::Approval(_) => {
            let approval = waiting()?.approval(who, Rights::Approver, clock)?;
            Some(Asked::Approval(Box::new(approval)))
        }
        Asks::Outcome { .. } => {
            let question = waiting()?.question(Rights::Approver, clock)?;
            Some(Asked::Question(Box::new(question)))
        }
        Asks::Arrival(_) => Some(Asked::Arrival),
    }
}

fn incident(incident: &Incident, l: Language) -> Asked {
    Asked::Incident {
        id: incident.id,
        priority: incident.classification.as_ref().map(|found| found.priority),
        title: incident.title.clone(),
        taken: incident
            .acknowledged_by
            .as_ref()
            .map(|by| l.pick(format!("{by} が対応中です。"), format!("{by} is on it already."))),
    }
}

/// The link leads nowhere any more, or never did.
pub(crate) fn void(visitor: &Visitor) -> Trouble {
    let said = Said::new(
        "このリンクは使えません (期限切れ、対象が終了、または正しくないリンクです)。",
        "This link cannot be used: its time is over, or what it was about is, or it is not a link of ours.",
    );
    Trouble::missing(visitor, said).apart()
}

fn refused(visitor: &Visitor, status: StatusCode, said: Said) -> Trouble {
    Trouble::refused(visitor, Refused { status, kind: "refused", said }).apart()
}
