//! The page behind a link: GET shows what would happen, POST does it. A preview of a link acknowledges nothing.

use crate::{
    links::{Grant, Purpose},
    state::Shared,
};
use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    command::Command,
    fact::Proof,
    ids::Actor,
    incident::Incident,
    said::{Language, Said},
};
use engine::EngineError;

/// Nothing is loaded, nothing runs, nobody frames it, and the address goes nowhere else.
const HEADERS: [(header::HeaderName, &str); 6] = [
    (header::CONTENT_TYPE, "text/html; charset=utf-8"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// `GET /a/{token}`: it changes nothing.
pub(crate) async fn show(State(shared): State<Shared>, Path(token): Path<String>) -> Response {
    let Some(grant) = granted(&shared, &token) else { return over(Language::Ja) };
    let purpose = grant.purpose.clone();
    let Ok((language, lines)) =
        shared.look(move |world| (world.policy.language, about(world, &purpose))).await
    else {
        return over(Language::Ja);
    };
    let Some(lines) = lines else { return over(language) };
    let who = language.pick(
        format!("{} として回答します。", grant.person),
        format!("You answer as {}.", grant.person),
    );
    let label = match grant.purpose {
        Purpose::Confirm(_) => language.pick("届きました", "It has arrived"),
        _ => language.pick("対応する", "Acknowledge"),
    };
    let text: String = lines.iter().map(|line| format!("<p>{}</p>", escape(line))).collect();
    let form = format!("<form method=\"post\"><button>{label}</button></form>");
    page(StatusCode::OK, language, &format!("{text}<p>{}</p>{form}", escape(&who)))
}

/// `POST /a/{token}`: the person has decided.
pub(crate) async fn act(State(shared): State<Shared>, Path(token): Path<String>) -> Response {
    let Some(grant) = granted(&shared, &token) else { return over(Language::Ja) };
    let Ok(language) = shared.look(|world| world.policy.language).await else {
        return over(Language::Ja);
    };
    let by = Actor::Person(grant.person.to_string());
    let command = match grant.purpose {
        Purpose::Acknowledge(incident) => Command::Acknowledge { incident, by: by.clone() },
        Purpose::Confirm(code) => Command::ConfirmTest { code, by: by.clone() },
        Purpose::Report(_) => return over(language),
    };
    let (status, said) = match shared.submit(command).await {
        Ok(_) => (StatusCode::OK, Said::new("受け付けました。", "Done.")),
        Err(EngineError::Refused(refusal)) => (StatusCode::CONFLICT, refusal.said),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, Said::same(error.to_string())),
    };
    if status != StatusCode::SERVICE_UNAVAILABLE {
        let proof = Proof::Answered;
        let _ = shared.submit(Command::ProveNotice { notice: grant.notice, proof, by }).await;
    }
    page(status, language, &format!("<p>{}</p>", escape(said.text(language))))
}

fn granted(shared: &Shared, token: &str) -> Option<Grant> {
    let grant = shared.links.as_ref()?.read(token, shared.doors.now())?;
    (!matches!(grant.purpose, Purpose::Report(_))).then_some(grant)
}

fn about(world: &domain::world::World<'_>, purpose: &Purpose) -> Option<Vec<String>> {
    let language = world.policy.language;
    match purpose {
        Purpose::Acknowledge(id) => world.state.incidents.get(id).map(|one| of(one, language)),
        Purpose::Confirm(_) => Some(vec![language.pick("送信試験", "A test message").to_owned()]),
        Purpose::Report(_) => None,
    }
}

fn of(incident: &Incident, language: Language) -> Vec<String> {
    let priority = incident.classification.as_ref().map(|found| found.priority.to_string());
    let head = priority.map(|priority| format!("[{priority}] ")).unwrap_or_default();
    let mut lines = vec![format!("{head}{}: {}", incident.id, incident.title)];
    lines.extend(incident.acknowledged_by.as_ref().map(|by| {
        language.pick(format!("{by} が対応中です。"), format!("{by} is on it already."))
    }));
    lines
}

fn over(language: Language) -> Response {
    let text = language.pick(
        "このリンクは使えません (期限切れ、対象が終了、または正しくないリンクです)。",
        "This link cannot be used: its time is over, or what it was about is, or it is not a link of ours.",
    );
    page(StatusCode::NOT_FOUND, language, &format!("<p>{text}</p>"))
}

fn page(status: StatusCode, language: Language, body: &str) -> Response {
    let code = language.pick("ja", "en");
    let html = format!(
        "<!doctype html><html lang=\"{code}\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>hikeshi</title><style>body{{font:1.2em sans-serif;margin:2em}}button{{font:inherit;padding:.7em 1.5em}}\
         </style><body>{body}</body></html>\n"
    );
    (status, HEADERS, html).into_response()
}

/// Text in a page.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}
