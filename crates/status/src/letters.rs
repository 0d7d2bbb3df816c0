//! Mails to subscribers: what was said, word for word as on the page, with a link to it and one that ends all mails.

use crate::{page::Page, told::What, words};
use domain::said::Language;
use jiff::{SignedDuration, Timestamp};
use notify::Mail;

/// What was said longer ago is news to nobody.
const NEWS_FOR: SignedDuration = SignedDuration::from_hours(24);

/// Something that subscribers hear of.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct News {
    /// Tells it from every other, also after a restart.
    pub(crate) id: String,
    /// When it was said.
    pub(crate) at: Timestamp,
    heading: [String; 2],
    text: [String; 2],
}

/// What was said lately, the oldest first.
pub(crate) fn news(page: &Page) -> Vec<News> {
    let both = |text: &dyn Fn(Language) -> String| [text(Language::Ja), text(Language::En)];
    let entries = page.incidents.iter().flat_map(|told| {
        told.entries.iter().map(move |entry| {
            let heading = |language| {
                let (about, kind) =
                    (words::heading(&told.hits, language), words::kind(&entry.what, language));
                match entry.what {
                    What::Said { .. } => kind.to_owned(),
                    _ => format!("{about}: {kind}"),
                }
            };
            let text = |language| words::text(&entry.what, language);
            News { id: entry.id.clone(), at: entry.at, heading: both(&heading), text: both(&text) }
        })
    });
    let works = page.windows.iter().map(|work| {
        let span = format!(
            "{} – {}",
            words::time(work.starts_at, &page.zone),
            words::time(work.ends_at, &page.zone)
        );
        let heading = |language: Language| {
            let kind = language.pick("メンテナンス", "Maintenance");
            format!("{kind}: {}", words::names(&work.names, language))
        };
        let text = |language| format!("{span}\n{}", words::work(work, language));
        News {
            id: work.id.clone(),
            at: work.announced_at,
            heading: both(&heading),
            text: both(&text),
        }
    });
    let is_new = |news: &News| page.generated_at.duration_since(news.at) <= NEWS_FOR;
    let mut all: Vec<_> = entries.chain(works).filter(is_new).collect();
    all.sort_by_key(|news| news.at);
    all
}

/// The mail about something, to one subscriber.
pub(crate) fn about(
    news: &News,
    page: &Page,
    base: &str,
    (to, token, language): (&str, &str, Language),
) -> Mail {
    let (heading, text) = (language.pick(0, 1), language.pick(0, 1));
    let (heading, text) = (&news.heading[heading], &news.text[text]);
    let (title, code) = (page.title.text(language), language.pick("ja", "en"));
    let leave = format!("{base}/unsubscribe/{token}");
    let end = match language {
        Language::Ja => format!("稼働状況: {base}?lang={code}\n配信を停止する: {leave}"),
        Language::En => format!("Status page: {base}?lang={code}\nUnsubscribe: {leave}"),
    };
    Mail {
        to: to.to_owned(),
        subject: format!("[{title}] {heading}"),
        body: format!("{text}\n\n--\n{end}\n"),
        // Not the token itself: a message id is shown where a mail is quoted.
        key: format!("status-{}-{}", news.id, crate::told::name(token)),
        unsubscribe: Some(leave),
    }
}

/// The mail that asks the owner of an address to confirm.
pub(crate) fn confirmation(
    page: &Page,
    base: &str,
    (to, token, language): (&str, &str, Language),
) -> Mail {
    let title = page.title.text(language);
    let link = format!("{base}/confirm/{token}");
    let (subject, body) = match language {
        Language::Ja => (
            format!("[{title}] 購読の確認"),
            format!(
                "「{title}」のお知らせメールの購読が申し込まれました。\n購読するには、24 時間以内に次のページで確認してください。\n{link}\n\n\
                 お心当たりがなければ、何もしないでください。メールは届きません。\n"
            ),
        ),
        Language::En => (
            format!("[{title}] Please confirm"),
            format!(
                "Somebody has asked to send the news of \"{title}\" to this address.\nIf that was you, confirm it on this page within 24 hours:\n{link}\n\n\
                 If not, there is nothing to do: no mails will come.\n"
            ),
        ),
    };
    Mail {
        to: to.to_owned(),
        subject,
        body,
        key: format!("status-confirm-{}", crate::told::name(token)),
        unsubscribe: None,
    }
}
