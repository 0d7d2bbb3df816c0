//! Silences and maintenance windows in a story.

use domain::{
    command::Command,
    graph::Graph,
    ids::{Actor, SilenceId},
    labels::Labels,
    maintenance::Window,
    matcher::{self, Matcher},
    silence::{Announced, Kind, Silence, id_of},
};
use jiff::{SignedDuration, Timestamp};

/// What people want quiet.
#[derive(Clone, Debug, PartialEq)]
pub enum Quieting {
    /// Alerts that meet these matchers, as text.
    Silence(String, Ask),
    /// Work on services, separated by commas.
    Maintenance(String, Ask),
    /// The newest silence or window ends now.
    Ends,
}

/// For how long, who, why.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    length: SignedDuration,
    by: String,
    why: String,
    announced: Option<Announced>,
}

/// `silence MATCHERS for 1h by NAME "WHY"`, `maintenance of SERVICE for 30m by NAME "WHY"`, perhaps with `announced` and
/// perhaps `"WORDS"` behind it, `silence ends`.
pub(crate) fn read(line: &str) -> Option<Quieting> {
    if matches!(line, "silence ends" | "maintenance ends") {
        return Some(Quieting::Ends);
    }
    let (head, ask) = line.split_once(" for ")?;
    let (length, rest) = ask.split_once(" by ")?;
    let (by, rest) = rest.split_once(" \"")?;
    let (why, rest) = rest.split_once('"')?;
    let ask = Ask {
        length: length.parse().ok()?,
        by: by.to_owned(),
        why: why.to_owned(),
        announced: match rest.strip_prefix(" announced") {
            Some("") => Some(Announced::default()),
            Some(words) => {
                let words = words.strip_prefix(" \"")?.strip_suffix('"')?;
                Some(Announced { words: Some(words.to_owned()) })
            }
            None if rest.is_empty() => None,
            None => return None,
        },
    };
    match head.strip_prefix("maintenance of ") {
        Some(services) => Some(Quieting::Maintenance(services.to_owned(), ask)),
        None => Some(Quieting::Silence(head.strip_prefix("silence ")?.to_owned(), ask)),
    }
}

impl Quieting {
    /// The command, and the number of the silence that it is about. `newest` is the one that `ends` means.
    pub(crate) fn command(
        &self,
        graph: &Graph,
        now: Timestamp,
        newest: Option<SilenceId>,
    ) -> Result<(Command, SilenceId), String> {
        let id = id_of(&["story", &now.to_string(), &format!("{self:?}")]);
        let (silence, ask) = match self {
            Self::Ends => {
                let id = newest.ok_or("there is no silence to end")?;
                let by = Actor::Person("story".into());
                return Ok((Command::ExpireSilence { id: id.clone(), by }, id));
            }
            Self::Silence(text, ask) => (plain(id, matcher::parse_all(text)?, ask, now), ask),
            Self::Maintenance(services, ask) => (window(id, services, ask, graph, now)?, ask),
        };
        let (id, by) = (silence.id.clone(), Actor::Person(ask.by.clone()));
        Ok((Command::PutSilence { silence: Box::new(silence), edits: None, by }, id))
    }
}

fn plain(id: SilenceId, matchers: Vec<Matcher>, ask: &Ask, now: Timestamp) -> Silence {
    Silence {
        id,
        matchers,
        starts_at: now,
        ends_at: now.saturating_add(ask.length).unwrap_or(Timestamp::MAX),
        created_by: ask.by.clone(),
        comment: ask.why.clone(),
        annotations: Labels::default(),
        kind: Kind::Plain,
        announced: None,
    }
}

fn window(
    id: SilenceId,
    services: &str,
    ask: &Ask,
    graph: &Graph,
    now: Timestamp,
) -> Result<Silence, String> {
    let window = Window {
        id,
        services: services.split(',').map(|name| name.trim().into()).collect(),
        starts_at: now,
        ends_at: now.saturating_add(ask.length).unwrap_or(Timestamp::MAX),
        created_by: ask.by.clone(),
        comment: ask.why.clone(),
        announced: ask.announced.clone(),
    };
    window.silence(graph).map_err(|refusal| refusal.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silence_and_a_window_are_read() {
        let ask = |minutes| Ask {
            length: SignedDuration::from_mins(minutes),
            by: "sato".into(),
            why: "for now by hand".into(),
            announced: None,
        };
        let matchers = "alertname=\"X\", zone=\"a\"";
        assert_eq!(
            read(&format!("silence {matchers} for 1h by sato \"for now by hand\"")),
            Some(Quieting::Silence(matchers.into(), ask(60)))
        );
        assert_eq!(
            read("maintenance of db for 30m by sato \"upgrade\""),
            Some(Quieting::Maintenance("db".into(), Ask { why: "upgrade".into(), ..ask(30) }))
        );
        let announced = |words: Option<&str>| {
            let announced = Some(Announced { words: words.map(ToOwned::to_owned) });
            Some(Quieting::Maintenance(
                "db".into(),
                Ask { why: "upgrade".into(), announced, ..ask(30) },
            ))
        };
        let line = "maintenance of db for 30m by sato \"upgrade\" announced";
        assert_eq!(read(line), announced(None));
        assert_eq!(read(&format!("{line} \"a rest\"")), announced(Some("a rest")));
        assert_eq!(read(&format!("{line} a rest")), None);
        assert_eq!(read("silence ends"), Some(Quieting::Ends));
    }
}
