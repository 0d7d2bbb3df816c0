//! A notice as an e-mail: a subject of one line, a plain text, and the headers that thread it.

use crate::{
    channel::{Mail, Message},
    identity, outside,
};
use domain::fact::NoticeOwed;
use lettre::message::{
    Mailbox, Message as Letter, SinglePart,
    header::{HeaderName, HeaderValue},
};

/// More than this no mail program shows in a list.
const SUBJECT_CHARS: usize = 200;

/// The letter, from and to.
///
/// # Errors
/// A sentence when it cannot be put together.
pub(crate) fn write(
    message: &Message<'_>,
    from: &Mailbox,
    to: &[Mailbox],
) -> Result<Letter, String> {
    let notice = message.notice;
    let thread = id(&identity::thread(&notice.about), from);
    let mut letter = Letter::builder()
        .from(from.clone())
        .subject(subject(notice))
        .message_id(Some(id(&identity::key(notice), from)))
        .in_reply_to(thread.clone())
        .references(thread)
        // Nobody's holiday reply comes back for it (RFC 3834).
        .raw_header(raw("Auto-Submitted", "auto-generated"));
    for mailbox in to {
        letter = letter.to(mailbox.clone());
    }
    letter
        .singlepart(SinglePart::plain(message.text_with_link()))
        .map_err(|error| format!("the mail cannot be put together: {error}"))
}

/// A mail to somebody who asked for it. Whoever has enough of them says so with one request, which mail programs offer as
/// a button (RFC 2369, RFC 8058).
///
/// # Errors
/// A sentence when it cannot be put together.
pub(crate) fn mail(mail: &Mail, from: &Mailbox, to: &Mailbox) -> Result<Letter, String> {
    let mut letter = Letter::builder()
        .from(from.clone())
        .to(to.clone())
        .subject(outside::cut(&outside::line(&mail.subject), SUBJECT_CHARS))
        .message_id(Some(id(&mail.key, from)))
        .raw_header(raw("Auto-Submitted", "auto-generated"))
        .raw_header(raw("Precedence", "bulk"));
    if let Some(link) = &mail.unsubscribe {
        letter = letter
            .raw_header(raw("List-Unsubscribe", &format!("<{}>", outside::line(link))))
            .raw_header(raw("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
    }
    letter
        .singlepart(SinglePart::plain(outside::lines(&mail.body)))
        .map_err(|error| format!("the mail cannot be put together: {error}"))
}

fn raw(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

fn subject(notice: &NoticeOwed) -> String {
    outside::cut(&outside::line(&notice.subject), SUBJECT_CHARS)
}

/// A message id in the domain of the sender.
fn id(name: &str, from: &Mailbox) -> String {
    let domain = Some(from.email.domain()).filter(|domain| domain.is_ascii());
    format!("<{name}@{}>", domain.unwrap_or("hikeshi.invalid"))
}
