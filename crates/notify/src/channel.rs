//! What a channel is, what it is given, what it answers, and what a kind of channel says about itself.

use crate::outside;
use domain::{
    fact::{About, Delivery, Event, NoticeOwed},
    ids::IncidentId,
    policy::Enrolment,
    said::{Language, Said},
    wish::{self, Wish},
};
use futures::future::BoxFuture;
use jiff::Timestamp;
use secrets::Reader;
use source::{Fields, Problems, Secret};
use std::{fmt, sync::Arc, time::Duration};

/// What is told, to which address, for which time.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// The notice.
    pub notice: &'a NoticeOwed,
    /// The address on a personal channel; none: a room.
    pub address: Option<&'a str>,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// Since when that is so, of which the notice tells.
    pub since: Timestamp,
    /// Since when the notice is owed.
    pub owed_at: Timestamp,
    /// What the service answered to the first message about the same incident ([`Told::receipt`]).
    pub receipt: Option<&'a str>,
    /// The line that stands above the text when it may have gone out before.
    pub again: Option<&'a str>,
    /// Where the person answers; none: there is no public address, or nobody in particular is told.
    pub answers: Option<&'a Answers>,
    /// The language of buttons and prompts.
    pub language: Language,
}

impl<'a> Message<'a> {
    /// The first attempt at telling a room of what began at `since`, in Japanese.
    pub fn new(notice: &'a NoticeOwed, since: Timestamp) -> Self {
        Self {
            notice,
            address: None,
            attempt: 1,
            since,
            owed_at: since,
            receipt: None,
            again: None,
            answers: None,
            language: Language::Ja,
        }
    }

    /// The subject on one line.
    pub(crate) fn subject(&self) -> String {
        outside::line(&self.notice.subject)
    }

    /// The text without the link.
    pub(crate) fn text(&self) -> String {
        let again = self.again.map(|line| format!("{line}\n")).unwrap_or_default();
        format!("{again}{}", outside::lines(&self.notice.body))
    }

    /// The link with what it is for.
    pub(crate) fn link(&self) -> Option<String> {
        let label = self.language.pick("回答", "Answer");
        self.answers.map(|answers| format!("{label}: {}", answers.link()))
    }

    /// The text, and the link behind it.
    pub(crate) fn text_with_link(&self) -> String {
        let link = self.link().map(|link| format!("\n{link}")).unwrap_or_default();
        format!("{}{link}", self.text())
    }

    /// What may be answered on it, in the order of its buttons.
    pub(crate) fn wishes(&self) -> Vec<Wish> {
        wish::asked(self.notice).map(|asks| asks.wishes()).unwrap_or_default()
    }

    /// What a button with a wish carries: the notice and the wish, as `/answer/…` reads them.
    pub(crate) fn button(&self, wish: &Wish) -> String {
        format!("{} {wish}", self.notice.id)
    }

    /// The incident that may be acknowledged from the message: one that burns.
    pub(crate) fn asks_about(&self) -> Option<IncidentId> {
        match self.notice.about {
            About::Incident(id) if self.notice.event != Event::Resolved => Some(id),
            _ => None,
        }
    }
}

/// Where a person answers a message.
#[derive(Clone)]
pub struct Answers {
    /// The public address, without a slash at its end.
    pub base: String,
    /// The name of the channel, as it stands in the addresses of its webhooks.
    pub channel: String,
    /// What the page of a link knows its person by: signed, for one purpose, and good for a while.
    pub link: String,
    /// The same for what a service reports, such as the key that was pressed.
    pub hook: String,
}

impl Answers {
    /// The page on which the person answers.
    pub fn link(&self) -> String {
        format!("{}/a/{}", self.base, self.link)
    }

    /// Where a service reports what became of the message, or which key was pressed.
    pub(crate) fn hook(&self, service: &str, what: &str) -> String {
        format!("{}/answer/{service}/{}/{what}/{}", self.base, self.channel, self.hook)
    }
}

/// The tokens let their holder act: they are shown to nobody else.
impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answers({})", self.base)
    }
}

/// How people's answers on a channel are proved to come from its service.
#[derive(Clone, Debug)]
pub struct Answering {
    /// `slack`, `line` or `twilio`.
    pub service: &'static str,
    /// What its signatures are made with.
    pub secret: Secret,
}

/// How it went, and the other side's answer or the error: fit to be shown, without secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Delivered, try again, or hopeless.
    pub outcome: Delivery,
    /// The answer or the error.
    pub detail: String,
    /// What the service calls the message, kept for later messages about the same: the thread in a chat.
    pub receipt: Option<String>,
    /// For how long the service wants no further message.
    pub wait: Option<Duration>,
    /// Devices that their service does not know any more, by their numbers.
    pub gone: Vec<u64>,
}

impl Told {
    fn of(outcome: Delivery, detail: String) -> Self {
        Self { outcome, detail, receipt: None, wait: None, gone: Vec::new() }
    }

    /// With what the service calls the message.
    pub(crate) fn with_receipt(self, receipt: Option<String>) -> Self {
        Self { receipt, ..self }
    }

    /// The other side took it. That is not yet proof that somebody has read it.
    pub fn delivered(detail: impl Into<String>) -> Self {
        Self::of(Delivery::Delivered, detail.into())
    }

    /// It may work later.
    pub fn try_again(detail: impl Into<String>) -> Self {
        Self::of(Delivery::TryAgain, detail.into())
    }

    /// It will never work this way.
    pub fn hopeless(detail: impl Into<String>) -> Self {
        Self::of(Delivery::Hopeless, detail.into())
    }
}

/// A mail to somebody who asked for it and works on nothing here, such as a subscriber of the status page.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Whose it is; personal: it stands in no log and in no answer that is kept.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The text.
    pub body: String,
    /// What tells it from every other mail: a mail that comes twice has the same.
    pub key: String,
    /// Where one request ends all further mails (RFC 8058).
    pub unsubscribe: Option<String>,
}

/// A way to reach people.
pub trait Channel: Send + Sync {
    /// Tells once. It may be dropped half-way; whether it was delivered is unknown then, and it is told again.
    fn tell<'a>(&'a self, message: &'a Message<'a>) -> BoxFuture<'a, Told>;

    /// Says something to whoever has just pressed a button, and to nobody else. `to` is what the service calls them or
    /// their press. Nothing where the service shows the answer by itself, or where there are no buttons.
    fn reply<'a>(&'a self, _to: &'a str, _text: &'a str) -> BoxFuture<'a, Option<Told>> {
        Box::pin(async { None })
    }

    /// Sends a mail that is no notice. Nothing where the channel sends no mails to single addresses.
    fn mail<'a>(&'a self, _mail: &'a Mail) -> BoxFuture<'a, Option<Told>> {
        Box::pin(async { None })
    }
}

/// What a person configured for one channel, beside the keys that all have in common.
pub trait Settings: fmt::Debug + Send + Sync {
    /// Whether one message reaches everybody in it, without an address.
    fn is_room(&self) -> bool;

    /// The secrets that it uses, so that they can be masked wherever text is kept or shown.
    fn secrets(&self) -> Vec<Secret> {
        Vec::new()
    }

    /// Whether it shows the state of incidents and must hear that one was acknowledged.
    fn is_mirror(&self) -> bool {
        false
    }

    /// Where devices enrol by themselves: what they need to know.
    fn devices(&self) -> Option<Enrolment> {
        None
    }

    /// How answers on it are proved; none: nobody can answer there.
    fn answering(&self) -> Option<Answering> {
        None
    }

    /// The channel itself.
    fn make(&self, reader: Reader) -> Box<dyn Channel>;
}

/// Takes the keys of a kind.
pub type Parse = fn(&mut Fields<'_>, &mut Problems) -> Option<Arc<dyn Settings>>;

/// A kind of channel: a row of the table.
#[derive(Clone, Copy)]
pub struct Kind {
    /// The name that a configuration uses.
    pub name: &'static str,
    pub(crate) summary: (&'static str, &'static str),
    /// A configuration that is in the manual, and that a test reads.
    pub example: &'static str,
    pub(crate) parse: Parse,
}

impl Kind {
    /// What it does, in a sentence.
    pub fn summary(&self) -> Said {
        Said::new(self.summary.0, self.summary.1)
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
