//! Subscribing: an address is written into a form, its owner confirms by a link, and by a link in each mail it ends. Links
//! only show a page with a button, so that programs that look at links in mails neither subscribe nor unsubscribe anybody.

use crate::{
    asking::{Trouble, Visit},
    html::{self, Form},
    letters, post,
    site::{Mailing, Site},
};
use axum::{
    Router,
    extract::Path,
    http::StatusCode,
    response::{Html, IntoResponse, Response},
    routing::get,
};
use domain::outside_text::is_hostile;
use serde::Deserialize;

/// The longest address (RFC 5321).
const LONGEST: usize = 254;

/// Its doors.
pub(crate) fn router() -> Router<Site> {
    Router::new()
        .route("/status/subscribe", get(form).post(ask))
        .route("/status/confirm/{token}", get(asked).post(confirm))
        .route("/status/unsubscribe/{token}", get(leaving).post(leave))
}

#[derive(Deserialize)]
struct Wish {
    address: String,
}

impl Visit {
    fn mailing(&self) -> Result<&Mailing, Trouble> {
        self.site.mailing().ok_or(Trouble::None)
    }

    fn say(
        &self,
        status: StatusCode,
        said: (&str, &str),
        form: Option<Form<'_>>,
    ) -> Result<Response, Trouble> {
        Ok((status, Html(html::small(&self.page, self.language, said, form)?)).into_response())
    }
}

async fn form(visit: Visit) -> Result<Response, Trouble> {
    visit.mailing()?;
    let l = visit.language;
    let said = (
        l.pick("お知らせメールを受け取る", "Subscribe by e-mail"),
        l.pick(
            "障害とメンテナンスのお知らせをメールで送ります。アドレスはこの目的だけに使い、配信を停止すると消去します。",
            "News of trouble and maintenance come by mail. The address is used for nothing else, and is erased when you unsubscribe.",
        ),
    );
    let action = format!("/status/subscribe?lang={}", html::code(l));
    let button = l.pick("確認メールを送る", "Send a mail to confirm");
    visit.say(StatusCode::OK, said, Some(Form { action: &action, button, asks_address: true }))
}

/// The answer is the same whether the address is known or not: nobody learns from it who subscribes.
async fn ask(visit: Visit, axum::Form(wish): axum::Form<Wish>) -> Result<Response, Trouble> {
    let (mailing, now) = (visit.mailing()?, visit.site.now());
    let l = visit.language;
    let Some(address) = address(&wish.address) else {
        let said = (
            l.pick("アドレスが正しくありません", "This is no address"),
            l.pick("もう一度入力してください。", "Please write it again."),
        );
        return visit.say(StatusCode::BAD_REQUEST, said, None);
    };
    if !mailing.tries.take(now) {
        let said = (
            l.pick("混み合っています", "Too many at once"),
            l.pick("一分ほど待ってからもう一度お試しください。", "Please try again in a minute."),
        );
        return visit.say(StatusCode::TOO_MANY_REQUESTS, said, None);
    }
    let token = mailing.subscribers.ask(&address, l, now).map_err(Trouble::file)?;
    if let Some(token) = token {
        let mail = letters::confirmation(&visit.page, &mailing.base, (&address, &token, l));
        tokio::spawn(post::ask(mailing.sender.clone(), mail));
    }
    let said = (
        l.pick("確認メールをご覧ください", "Look into your mail"),
        l.pick(
            "まだ購読していないアドレスなら、確認のメールを送りました。その中のリンクで購読が始まります。",
            "If this address has not subscribed yet, a mail is on its way. The link in it begins the subscription.",
        ),
    );
    visit.say(StatusCode::OK, said, None)
}

async fn asked(visit: Visit, Path(token): Path<String>) -> Result<Response, Trouble> {
    let mailing = visit.mailing()?;
    if !mailing.subscribers.is_asked(&token, visit.site.now()).map_err(Trouble::file)? {
        return over(&visit);
    }
    let l = visit.language;
    let said = (
        l.pick("購読の確認", "Confirm"),
        l.pick(
            "このアドレスでお知らせメールを受け取りますか?",
            "Do you want the news to come to this address?",
        ),
    );
    // Tokens are of the alphabet of base64url: what was found needs no escaping.
    let action = format!("/status/confirm/{token}");
    let button = l.pick("購読する", "Subscribe");
    visit.say(StatusCode::OK, said, Some(Form { action: &action, button, asks_address: false }))
}

async fn confirm(visit: Visit, Path(token): Path<String>) -> Result<Response, Trouble> {
    let mailing = visit.mailing()?;
    if !mailing.subscribers.confirm(&token, visit.site.now()).map_err(Trouble::file)? {
        return over(&visit);
    }
    let l = visit.language;
    let said = (
        l.pick("購読を開始しました", "You have subscribed"),
        l.pick(
            "配信の停止は、各メールの末尾のリンクからいつでもできます。",
            "A link at the end of each mail ends it at any time.",
        ),
    );
    visit.say(StatusCode::OK, said, None)
}

fn over(visit: &Visit) -> Result<Response, Trouble> {
    let l = visit.language;
    let said = (
        l.pick("リンクの期限が切れています", "This link is over"),
        l.pick(
            "リンクは一度だけ、24 時間以内に使えます。もう一度お申し込みください。",
            "It can be used once, and within 24 hours. Please subscribe again.",
        ),
    );
    visit.say(StatusCode::GONE, said, None)
}

async fn leaving(visit: Visit, Path(token): Path<String>) -> Result<Response, Trouble> {
    visit.mailing()?;
    let l = visit.language;
    let said = (
        l.pick("配信の停止", "Unsubscribe"),
        l.pick(
            "お知らせメールの配信を停止し、アドレスを消去します。",
            "No more mails will come, and the address is erased.",
        ),
    );
    // What comes in an address goes back into one only if it is a token of ours by its letters.
    let is_token = token.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    if !is_token {
        return over(&visit);
    }
    let action = format!("/status/unsubscribe/{token}");
    let button = l.pick("停止する", "Unsubscribe");
    visit.say(StatusCode::OK, said, Some(Form { action: &action, button, asks_address: false }))
}

/// Also what mail programs send when somebody presses their button (RFC 8058): one request, without a page before it.
async fn leave(visit: Visit, Path(token): Path<String>) -> Result<Response, Trouble> {
    let mailing = visit.mailing()?;
    mailing.subscribers.unsubscribe(&token).map_err(Trouble::file)?;
    let l = visit.language;
    let said = (
        l.pick("配信を停止しました", "You have unsubscribed"),
        l.pick(
            "メールは届かなくなり、アドレスは消去されました。",
            "No more mails will come; the address is erased.",
        ),
    );
    visit.say(StatusCode::OK, said, None)
}

/// An address as far as it can be told from a text; whether it is one, its server says.
fn address(text: &str) -> Option<String> {
    let text = text.trim();
    let (local, domain) = text.rsplit_once('@')?;
    let is_plain = |c: char| c.is_ascii_graphic() && !"<>()[]\\,;:\"@".contains(c);
    let fits = text.len() <= LONGEST
        && !text.contains(is_hostile)
        && !local.is_empty()
        && local.chars().all(is_plain)
        && domain.contains('.')
        && domain.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'));
    fits.then(|| format!("{local}@{}", domain.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_brings_no_header_and_no_second_recipient() {
        assert_eq!(address(" Sato@Example.JP ").as_deref(), Some("Sato@example.jp"));
        for bad in [
            "",
            "sato",
            "@example.jp",
            "a@b",
            "a@b@example.jp",
            "a b@example.jp",
            "a@example.jp\nBcc: x@y.z",
            "a,b@example.jp",
            "<a@example.jp>",
            "a@exam ple.jp",
            "a@example.jp,b@example.jp",
        ] {
            assert_eq!(address(bad), None, "{bad:?}");
        }
        assert_eq!(address(&format!("{}@example.jp", "a".repeat(300))), None);
    }
}
