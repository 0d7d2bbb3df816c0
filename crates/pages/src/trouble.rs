//! Pages for what does not work: what happened, and what to do now.

use crate::{
    desk::Desk,
    frame::{self, Here, Manner},
    visitor::Visitor,
};
use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use domain::said::{Language, Said};
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use web::Refused;

/// Why a page is not shown, or something was not done.
#[derive(Clone, Debug)]
pub(crate) struct Trouble {
    visitor: Box<Visitor>,
    kind: Kind,
    /// It is said on a page apart: whoever sees it may have no account.
    is_apart: bool,
}

#[derive(Clone, Debug)]
enum Kind {
    /// Nobody is signed in; then they go on at the path.
    SignedOut { next: String },
    /// A password is not enough here: they must get a second factor first.
    Unprotected,
    /// The browser left the cookie behind: it must ask again, from here.
    OnceMore { path: String },
    /// Something stands against it.
    Refused { status: StatusCode, said: Said },
}

impl Trouble {
    pub(crate) fn signed_out(visitor: &Visitor) -> Self {
        Self::new(visitor, Kind::SignedOut { next: "/".into() })
    }

    /// After signing in they go on where they wanted to go.
    pub(crate) fn coming_from(mut self, path: &str) -> Self {
        if let Kind::SignedOut { next } = &mut self.kind {
            path.clone_into(next);
        }
        self
    }

    /// The same behind a link, where nothing leads to other pages.
    pub(crate) fn apart(self) -> Self {
        Self { is_apart: true, ..self }
    }

    pub(crate) fn unprotected(visitor: &Visitor) -> Self {
        Self::new(visitor, Kind::Unprotected)
    }

    pub(crate) fn once_more(visitor: &Visitor, path: &str) -> Self {
        Self::new(visitor, Kind::OnceMore { path: path.to_owned() })
    }

    pub(crate) fn refused(visitor: &Visitor, refused: Refused) -> Self {
        Self::new(visitor, Kind::Refused { status: refused.status, said: refused.said })
    }

    pub(crate) fn fault(visitor: &Visitor, why: &impl ToString) -> Self {
        Self::refused(visitor, Refused::fault(why.to_string()))
    }

    /// It is not there.
    pub(crate) fn missing(visitor: &Visitor, said: Said) -> Self {
        Self::new(visitor, Kind::Refused { status: StatusCode::NOT_FOUND, said })
    }

    /// They may not, or the request is not one of ours.
    pub(crate) fn forbidden(visitor: &Visitor, said: Said) -> Self {
        Self::new(visitor, Kind::Refused { status: StatusCode::FORBIDDEN, said })
    }

    /// Too often.
    pub(crate) fn too_often(visitor: &Visitor, said: Said) -> Self {
        Self::new(visitor, Kind::Refused { status: StatusCode::TOO_MANY_REQUESTS, said })
    }

    /// They guess, and may do so again at that time.
    pub(crate) fn guessing(visitor: &Visitor, again_at: Timestamp, now: Timestamp) -> Self {
        let seconds = again_at.duration_since(now).as_secs() + 1;
        let said = Said::new(
            format!("間違いが続いたため、{seconds} 秒後にもう一度お試しください。"),
            format!("There were too many wrong tries. Try again in {seconds} seconds."),
        );
        Self::too_often(visitor, said)
    }

    fn new(visitor: &Visitor, kind: Kind) -> Self {
        Self { visitor: Box::new(visitor.clone()), kind, is_apart: false }
    }
}

#[derive(Template)]
#[template(path = "trouble.html")]
struct Sorry<'a> {
    l: Language,
    heading: &'a str,
    text: &'a str,
    is_apart: bool,
}

#[derive(Template)]
#[template(path = "once_more.html")]
struct OnceMore<'a> {
    path: &'a str,
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let l = self.visitor.language;
        match &self.kind {
            Kind::SignedOut { next } => {
                let next = utf8_percent_encode(next, NON_ALPHANUMERIC);
                Redirect::to(&format!("/sign-in?next={next}")).into_response()
            }
            Kind::Unprotected => Redirect::to("/settings/security").into_response(),
            Kind::OnceMore { path } => match (OnceMore { path }).render() {
                Ok(html) => Html(html).into_response(),
                Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            },
            Kind::Refused { status, said } => {
                let heading = match *status {
                    StatusCode::NOT_FOUND => l.pick("ここにはありません", "It is not here"),
                    StatusCode::FORBIDDEN => l.pick("できません", "You may not do that"),
                    StatusCode::TOO_MANY_REQUESTS => l.pick("少し待ってください", "Wait a moment"),
                    status if status.is_server_error() => {
                        l.pick("hikeshi 自身の障害", "hikeshi itself is in trouble")
                    }
                    _ => l.pick("受け付けられませんでした", "This was not accepted"),
                };
                let main = Sorry { l, heading, text: said.text(l), is_apart: self.is_apart };
                if self.is_apart {
                    return frame::apart(*status, &self.visitor, heading, None, &main);
                }
                let manner = Manner::still(heading, Here::Elsewhere);
                frame::page(*status, &self.visitor, None, &manner, &main)
            }
        }
    }
}

/// What is at no address: a page for people, nothing for programs.
pub(crate) async fn nowhere(
    State(_): State<Desk>,
    visitor: Visitor,
    headers: HeaderMap,
) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if !accept.is_some_and(|accept| accept.contains("text/html")) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let said = Said::new("このアドレスにページはありません。", "There is no page at this address.");
    Trouble::missing(&visitor, said).into_response()
}
