//! What arrives from jobs, deployments and users in a story.

use crate::senders;
use domain::{
    change::Change, command::Command, heartbeat::PingKind, ids::Actor, labels::Labels,
    signal::Fingerprint,
};

/// The words that such lines begin with.
pub(crate) const WORDS: &[&str] = &["ping", "report", "mark", "taken", "remark"];

/// What arrives.
#[derive(Clone, Debug, PartialEq)]
pub enum Arrival {
    /// A job gives a sign of life, perhaps of one run.
    Ping(String, PingKind, Option<String>),
    /// Somebody reports something, perhaps of a service.
    Report {
        /// What they say.
        text: String,
        /// Who.
        from: String,
        /// The service that they name.
        service: Option<String>,
    },
    /// A change is told, perhaps of a service.
    Mark(String, Option<String>),
    /// Somebody takes an alert on in the system that sent it, or notes something about it there.
    Remark {
        /// The alert.
        signal: Fingerprint,
        /// Who.
        by: String,
        /// What is noted; none: they take it on.
        note: Option<String>,
    },
}

impl Arrival {
    /// Reads a line that begins with one of [`WORDS`]; none: it cannot be read.
    pub(crate) fn read(word: &str, rest: &str) -> Option<Self> {
        match word {
            "ping" => ping(rest),
            "report" => {
                let (text, rest) = quoted(rest)?;
                let (from, service) = on(rest.strip_prefix("from ")?);
                Some(Self::Report { text, from, service })
            }
            "mark" => {
                let (text, rest) = quoted(rest)?;
                let service = rest.strip_prefix("on ").map(str::to_owned);
                (rest.is_empty() || service.is_some()).then_some(Self::Mark(text, service))
            }
            "taken" => {
                let (alert, by) = rest.split_once(" by ")?;
                Some(Self::Remark { signal: number(alert)?, by: by.to_owned(), note: None })
            }
            "remark" => {
                let (note, rest) = quoted(rest)?;
                let (alert, by) = rest.strip_prefix("at ")?.split_once(" by ")?;
                let (by, note) = (by.to_owned(), Some(note));
                Some(Self::Remark { signal: number(alert)?, by, note })
            }
            _ => None,
        }
    }

    /// The command that it is.
    pub(crate) fn command(&self) -> Command {
        match self.clone() {
            Self::Ping(name, kind, run) => {
                Command::Ping { name: name.into(), kind, run, detail: String::new() }
            }
            Self::Report { text, from, service } => Command::Report {
                from,
                text,
                service: service.map(Into::into),
                via: "story".into(),
            },
            Self::Mark(title, service) => {
                let (source, service) = ("story".to_owned(), service.map(Into::into));
                let change = Box::new(Change { title, source, service, ..Change::default() });
                Command::Mark { integration: "story".into(), change }
            }
            Self::Remark { signal: fingerprint, by, note } => {
                let (integration, by) = ("story".into(), Actor::Person(by));
                match note {
                    Some(text) => Command::NoteSignal { integration, fingerprint, by, text },
                    None => {
                        let note = String::new();
                        Command::AcknowledgeSignal { integration, fingerprint, by, note }
                    }
                }
            }
        }
    }
}

/// `nightly-backup`, `nightly-backup start`, `nightly-backup exit 3`, each perhaps `of run-1`.
fn ping(text: &str) -> Option<Arrival> {
    let (text, run) = match text.split_once(" of ") {
        Some((text, run)) => (text, Some(run.to_owned())),
        None => (text, None),
    };
    let words: Vec<_> = text.split_whitespace().collect();
    let (name, kind) = match words[..] {
        [name] => (name, PingKind::Success),
        [name, "start"] => (name, PingKind::Start),
        [name, "fail"] => (name, PingKind::Fail),
        [name, "log"] => (name, PingKind::Log),
        [name, "exit", code] => (name, PingKind::Exit(code.parse().ok()?)),
        _ => return None,
    };
    Some(Arrival::Ping(name.to_owned(), kind, run))
}

/// The number of an alert that a sender sent with these words.
fn number(text: &str) -> Option<Fingerprint> {
    let alerts = senders::alerts(text)?;
    Some(Fingerprint(Labels::new(alerts.labels).hash64()))
}

fn quoted(text: &str) -> Option<(String, &str)> {
    let (text, rest) = text.strip_prefix('"')?.split_once('"')?;
    Some((text.to_owned(), rest.trim_start()))
}

fn on(text: &str) -> (String, Option<String>) {
    match text.split_once(" on ") {
        Some((name, service)) => (name.to_owned(), Some(service.to_owned())),
        None => (text.to_owned(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrivals_are_read_with_and_without_what_may_be_left_out() {
        let ping = |kind, run: Option<&str>| {
            Some(Arrival::Ping("backup".into(), kind, run.map(str::to_owned)))
        };
        assert_eq!(Arrival::read("ping", "backup"), ping(PingKind::Success, None));
        assert_eq!(Arrival::read("ping", "backup start of a"), ping(PingKind::Start, Some("a")));
        assert_eq!(Arrival::read("ping", "backup exit 3"), ping(PingKind::Exit(3), None));
        assert_eq!(Arrival::read("ping", "backup explodes"), None);
        let report = |service: Option<&str>| {
            let (text, from) = ("出ない".into(), "support".into());
            Some(Arrival::Report { text, from, service: service.map(str::to_owned) })
        };
        assert_eq!(Arrival::read("report", "\"出ない\" from support"), report(None));
        assert_eq!(Arrival::read("report", "\"出ない\" from support on db"), report(Some("db")));
        let mark = Some(Arrival::Mark("deploy v1.2".into(), Some("api".into())));
        assert_eq!(Arrival::read("mark", "\"deploy v1.2\" on api"), mark);
        assert_eq!(Arrival::read("mark", "\"deploy v1.2\" at api"), None);
    }
}
