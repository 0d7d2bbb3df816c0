//! Format `report`: a person says that something is wrong, over HTTP or by mail. Text from outside in every field.

use crate::{
    answer::{Answer, Heard, Rejected},
    format::{Format, Reader},
    json,
    request::{Context, Request},
    text::cut,
    word::{Report, Word},
};
use mail_parser::{Message, MessageParser};
use std::{panic::catch_unwind, sync::Arc};

/// Bytes of what somebody says.
const TEXT_BYTES: usize = 16 << 10;
/// Bytes of who says it, and of the service.
const NAME_BYTES: usize = 256;

/// The row of the table.
pub(crate) const KIND: Format = Format {
    name: "report",
    summary: (
        "人からの報告 (JSON・フォーム・メール)",
        "a person's report: JSON, a form, or a mail",
    ),
    paths: &[("POST", "/")],
    example: "kind: report\n",
    parse: |_, _| Some(Arc::new(Reports)),
};

#[derive(Debug)]
struct Reports;

impl Reader for Reports {
    fn read(&self, request: &Request, _: &Context) -> Result<Heard, Rejected> {
        if request.method != "POST" {
            return Err(Rejected::unknown_place(request.method, request.path));
        }
        let report = if request.is_type("message/rfc822") {
            match from_mail(request.body)? {
                Some(report) => report,
                None => return Ok(no_report()),
            }
        } else if request.is_form() {
            from_form(request.body)
        } else {
            let document = json::read(request.body).map_err(|why| Rejected::plain(400, why))?;
            let field = |name: &str| document.get(name).and_then(json::scalar).unwrap_or_default();
            made(&field("from"), &field("text"), &field("service"))
        };
        if report.text.is_empty() {
            return Err(Rejected::plain(400, "`text` is missing: what is wrong?"));
        }
        Ok(Heard::all(vec![Word::Report(report)], Answer::empty(202)))
    }
}

fn no_report() -> Heard {
    let problems = vec!["an automatic mail is no report: it was left out".to_owned()];
    Heard { words: Vec::new(), problems, answer: Answer::empty(202) }
}

fn made(from: &str, text: &str, service: &str) -> Report {
    let short = |text: &str, bytes: usize| cut(text.trim(), bytes).into_owned();
    let service = Some(short(service, NAME_BYTES)).filter(|name| !name.is_empty());
    Report { from: short(from, NAME_BYTES), text: short(text, TEXT_BYTES), service }
}

fn from_form(body: &[u8]) -> Report {
    let value = |name: &str| {
        let mut pairs = form_urlencoded::parse(body);
        pairs.find(|(other, _)| other == name).map(|(_, value)| value).unwrap_or_default()
    };
    made(&value("from"), &value("text"), &value("service"))
}

/// Reads a mail as it came over SMTP, or as a mail server hands it to a program; nothing where a machine wrote it:
/// answering machines that answer each other would go on for ever.
///
/// # Errors
/// The bytes are no mail.
pub fn from_mail(mail: &[u8]) -> Result<Option<Report>, Rejected> {
    let message = parsed(without_envelope(mail));
    let message = message.ok_or_else(|| Rejected::plain(400, "the body is not a mail"))?;
    if is_automatic(&message) {
        return Ok(None);
    }
    let sender = message.from().and_then(|address| address.first());
    let from = sender.and_then(|sender| sender.address()).unwrap_or_default();
    let subject = message.subject().unwrap_or_default();
    let body = message.body_text(0).unwrap_or_default();
    let text = format!("{subject}\n\n{}", own_words(&body));
    Ok(Some(made(from, &text, "")))
}

/// Reads the parts of a mail. Debug builds of `mail-parser` panic at some that it can read the rest of: whatever is sent
/// costs its sender the mail and nobody else anything.
fn parsed(mail: &[u8]) -> Option<Message<'_>> {
    catch_unwind(|| MessageParser::default().parse(mail)).ok().flatten()
}

/// The mail without the line `From sender date` that mail servers write before one that they hand to a program.
fn without_envelope(mail: &[u8]) -> &[u8] {
    match mail.iter().position(|byte| *byte == b'\n') {
        Some(end) if mail.starts_with(b"From ") => &mail[end + 1..],
        _ => mail,
    }
}

fn is_automatic(message: &Message) -> bool {
    let header = |name: &str| message.header_raw(name.to_owned()).unwrap_or_default().trim();
    let submitted = header("Auto-Submitted");
    let precedence = header("Precedence").to_ascii_lowercase();
    (!submitted.is_empty() && !submitted.eq_ignore_ascii_case("no"))
        || matches!(precedence.as_str(), "bulk" | "junk" | "auto_reply")
        || header("Return-Path") == "<>"
}

/// What somebody wrote, without the mail that they answer and without their signature.
fn own_words(body: &str) -> &str {
    let mut end = 0;
    for line in body.split_inclusive('\n') {
        if is_quote(&body[end..], line.trim_end()) {
            break;
        }
        end += line.len();
    }
    let own = body[..end].trim();
    // Somebody who answers below the quote, or only forwards: better all of it than nothing.
    if own.is_empty() { body.trim() } else { own }
}

/// Whether the quoted mail, or the signature, begins with this line.
fn is_quote(rest: &str, line: &str) -> bool {
    let introduces = |line: &str| line.ends_with("wrote:") || line.ends_with("のメール:");
    let next = rest.lines().nth(1).unwrap_or_default().trim_end();
    line.starts_with('>')
        || line == "--"
        || line.starts_with("-----Original Message")
        || line.starts_with("________________________________")
        || (line.starts_with("On ") && (introduces(line) || introduces(next)))
        || (line.ends_with(">:") && line.contains('@') && line.contains('年'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_senders_own_words_are_kept() {
        for (body, own) in [
            ("It is slow.\n\nOn Mon, Sato wrote:\n> why?", "It is slow."),
            (
                "It is slow.\nOn Mon, 22 Nov 2026, Sato <sato@example.jp>\nwrote:\n> x",
                "It is slow.",
            ),
            ("遅いです。\n2026年11月22日(日) 20:00 佐藤 <sato@example.jp>:\n> x", "遅いです。"),
            ("Slow.\n-- \nSato, Example Inc.", "Slow."),
            ("Slow.\n-----Original Message-----\nFrom: x", "Slow."),
            ("> x\nbelow", "> x\nbelow"),
            ("On Monday it was fine.\nNow not.", "On Monday it was fine.\nNow not."),
            ("", ""),
        ] {
            assert_eq!(own_words(body), own);
        }
    }
}
