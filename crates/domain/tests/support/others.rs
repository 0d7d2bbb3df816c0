//! What other systems say in random stories, and what people want quiet.

use super::town::Town;
use domain::{
    command::Command,
    ids::Actor,
    labels::Labels,
    maintenance::Window,
    matcher::Matcher,
    signal::{Fingerprint, Told},
    silence::{Kind, Silence, id_of},
};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

const NAMES: [&str; 4] = ["Queue", "Flood", "Slow", "service_down"];
const SERVICES: [&str; 4] = ["db", "api-1", "disk", "elsewhere"];
const SEVERITIES: [&str; 3] = ["critical", "warning", "info"];

/// The silences that people make: by name, by service, by one instance, and work on the database.
pub const SILENCES: usize = 4;

/// One message about one alert.
#[derive(Clone, Debug)]
pub struct Word {
    /// The name of the alert.
    pub name: &'static str,
    /// Where.
    pub service: &'static str,
    /// How loud.
    pub severity: &'static str,
    /// Which of several.
    pub instance: u8,
    /// Seconds from now to its end; negative: it is over. None: it does not say.
    pub ends_in: Option<i64>,
}

/// Any message.
pub fn word() -> impl Strategy<Value = Word> {
    let pick = |all: &'static [&'static str]| prop::sample::select(all);
    let ends_in = prop::option::of(-60..400_i64);
    (pick(&NAMES), pick(&SERVICES), pick(&SEVERITIES), 0..3_u8, ends_in).prop_map(
        |(name, service, severity, instance, ends_in)| Word {
            name,
            service,
            severity,
            instance,
            ends_in,
        },
    )
}

impl Word {
    /// The command that brings it.
    pub fn command(&self, now: Timestamp) -> Command {
        let labels = Labels::new([
            ("alertname", self.name),
            ("service", self.service),
            ("severity", self.severity),
            ("instance", &self.instance.to_string()),
        ]);
        let told = Told {
            fingerprint: Fingerprint(labels.hash64()),
            labels,
            annotations: Labels::default(),
            generator_url: "".into(),
            starts_at: None,
            ends_at: self.ends_in.map(|seconds| now + SignedDuration::from_secs(seconds)),
        };
        Command::Hear { integration: "prometheus".into(), signals: vec![told] }
    }
}

/// Somebody makes one of the silences.
pub fn silence(which: usize, seconds: i64, now: Timestamp) -> Command {
    let matcher = match which {
        0 => Matcher::equal("alertname", NAMES[0]),
        1 => Matcher::equal("service", "api-1"),
        _ => Matcher::equal("instance", "1"),
    };
    let id = id_of(&["story", &which.to_string(), &now.to_string()]);
    let ends_at = now + SignedDuration::from_secs(seconds);
    let by = Actor::Person("hanako".into());
    let plain = Silence {
        id: id.clone(),
        matchers: vec![matcher],
        starts_at: now,
        ends_at,
        created_by: "hanako".into(),
        comment: "quiet".into(),
        annotations: Labels::default(),
        kind: Kind::Plain,
        announced: None,
    };
    let work = Window {
        id,
        services: vec!["db".into()],
        starts_at: now,
        ends_at,
        created_by: "hanako".into(),
        comment: "upgrade".into(),
        announced: None,
    };
    let silence = match which {
        3 => work.silence(&super::shop::policy().graph).expect("the shop has a database"),
        _ => plain,
    };
    Command::PutSilence { silence: Box::new(silence), edits: None, by }
}

/// Somebody ends one of the silences that are there, if it is.
pub fn end_silence(town: &Town, which: usize) -> Command {
    let id = town.state.silences.all().nth(which).map(|kept| kept.silence.id.clone());
    let by = Actor::Person("hanako".into());
    Command::ExpireSilence { id: id.unwrap_or_else(|| "none".into()), by }
}
