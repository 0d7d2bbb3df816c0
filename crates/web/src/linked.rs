//! The page behind a link: GET shows what would happen, POST does it. A preview of a link acknowledges nothing.

use crate::{
    answered::{self, Unanswered},
    asking,
    links::{Grant, Purpose},
    state::Shared,
};
use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    fact::Asks,
    outside_text::{self, markup},
    said::{Language, Said},
    wish::Wish,
};
use std::collections::BTreeMap;

/// Characters of a reason that are kept.
const REASON: usize = 500;
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
    let Some((grant, asks)) = granted(&shared, &token) else { return over(Language::Ja) };
    let about = asks.clone();
    let Ok((language, shown)) =
        shared.look(move |world| (world.policy.language, asking::shown(world, &about))).await
    else {
        return over(Language::Ja);
    };
    let Some(shown) = shown else { return over(language) };
    let mut text: String =
        shown.lines.iter().map(|line| format!("<p>{}</p>", markup(line))).collect();
    text.extend(shown.body.map(|body| format!("<pre>{}</pre>", markup(&body))));
    let who = language.pick(
        format!("{} として回答します。", grant.person),
        format!("You answer as {}.", grant.person),
    );
    text.push_str(&format!("<p>{}</p>{}", markup(&who), form(&asks, language)));
    page(StatusCode::OK, language, &text)
}

/// `POST /a/{token}`: the person has decided. `answer` is the verb of a wish, or the only one there is; `reason` is why,
/// where that is asked.
pub(crate) async fn act(
    State(shared): State<Shared>,
    Path(token): Path<String>,
    body: Bytes,
) -> Response {
    let Some((grant, asks)) = granted(&shared, &token) else { return over(Language::Ja) };
    let Ok(language) = shared.look(|world| world.policy.language).await else {
        return over(Language::Ja);
    };
    let given: BTreeMap<_, _> = form_urlencoded::parse(&body).into_owned().collect();
    let mut wishes = asks.wishes();
    wishes.retain(|wish| given.get("answer").is_none_or(|verb| verb == wish.verb()));
    let [wish] = wishes.as_slice() else {
        let said = Said::new("どれかのボタンを押してください。", "Press one of the buttons.");
        return page(StatusCode::BAD_REQUEST, language, &paragraph(said.text(language)));
    };
    let reason = outside_text::line(given.get("reason").map_or("", String::as_str), REASON);
    let done = answered::carry_out(&shared, wish, &reason, &grant.person, &[grant.notice]).await;
    let (status, said) = match done {
        Ok(()) => (StatusCode::OK, wish.thanks()),
        Err(why @ Unanswered::Refused(_)) => (StatusCode::CONFLICT, why.said()),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, why.said()),
    };
    page(status, language, &paragraph(said.text(language)))
}

fn granted(shared: &Shared, token: &str) -> Option<(Grant, Asks)> {
    let grant = shared.links.as_ref()?.read(token, shared.doors.now())?;
    match grant.purpose.clone() {
        Purpose::Answer(asks) => Some((grant, asks)),
        Purpose::Report(_) => None,
    }
}

/// One button for each wish, and a line for the reason where one is asked for.
fn form(asks: &Asks, language: Language) -> String {
    let reason = match asks {
        Asks::Approval(_) => {
            Some((language.pick("理由 (承認しない場合)", "Why, if you refuse"), ""))
        }
        Asks::Outcome { .. } => {
            Some((language.pick("どう確かめましたか", "How you know"), " required"))
        }
        _ => None,
    };
    let reason = reason.map(|(label, required)| {
        format!("<p><label>{label}<br><input name=\"reason\" maxlength=\"{REASON}\"{required}></label></p>")
    });
    let button = |wish: &Wish| {
        let (verb, label) = (wish.verb(), wish.label());
        let label = markup(label.text(language));
        format!("<button name=\"answer\" value=\"{verb}\">{label}</button> ")
    };
    let buttons: String = asks.wishes().iter().map(button).collect();
    format!("<form method=\"post\">{}{buttons}</form>", reason.unwrap_or_default())
}

fn paragraph(text: &str) -> String {
    format!("<p>{}</p>", markup(text))
}

fn over(language: Language) -> Response {
    let text = language.pick(
        "このリンクは使えません (期限切れ、対象が終了、または正しくないリンクです)。",
        "This link cannot be used: its time is over, or what it was about is, or it is not a link of ours.",
    );
    page(StatusCode::NOT_FOUND, language, &paragraph(text))
}

fn page(status: StatusCode, language: Language, body: &str) -> Response {
    let code = language.pick("ja", "en");
    let html = format!(
        "<!doctype html><html lang=\"{code}\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>hikeshi</title><style>body{{font:1.2em sans-serif;margin:2em}}button{{font:inherit;padding:.7em 1.5em;margin:.2em}}input{{font:inherit;width:100%}}\
         pre{{background:#eee;padding:1em;white-space:pre-wrap;overflow-wrap:anywhere}}\
         </style><body>{body}</body></html>\n"
    );
    (status, HEADERS, html).into_response()
}
