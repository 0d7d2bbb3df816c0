//! Silences and maintenance windows: what is quiet, for whom, until when. Recorded all the same; what still burns when one
//! ends is judged anew.

use crate::{
    ids::{Actor, ServiceName, SilenceId},
    labels::Labels,
    matcher::{self, Matcher},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Ended silences are shown for this long, as in Alertmanager.
const RETENTION: SignedDuration = SignedDuration::from_hours(120);
/// How many silences there may be: they are compared with every alert.
pub const MOST: usize = 2000;
/// How long one may be, all its texts together.
pub const LONGEST: usize = 64 * 1024;

/// A silence as it was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Silence {
    /// Its number.
    pub id: SilenceId,
    /// What is silenced: alerts that meet all of these.
    pub matchers: Vec<Matcher>,
    /// From when on.
    pub starts_at: Timestamp,
    /// Until when.
    pub ends_at: Timestamp,
    /// Who answers for it.
    pub created_by: String,
    /// Why. Text from people.
    pub comment: String,
    /// What else clients keep with it.
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub annotations: Labels,
    /// A plain silence, a maintenance window, or one of a series.
    #[serde(default)]
    pub kind: Kind,
    /// What customers are told of a window on the status page; none: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub announced: Option<Announced>,
}

/// A maintenance window as customers hear of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announced {
    /// The words; none: the usual sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
}

/// What a silence is for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Somebody wants quiet.
    #[default]
    Plain,
    /// Work on services: start and end are told (B7).
    Maintenance(Vec<ServiceName>),
    /// One of a recurring series of the configuration, by its name.
    Recurring(String),
}

/// Where a silence stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It has not begun.
    Pending,
    /// It silences.
    Active,
    /// It is over.
    Expired,
}

/// A silence and where it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// What was asked for; an early end has moved its end.
    pub silence: Silence,
    /// Where it stands.
    pub stage: Stage,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// When its creator is reminded that it is still there.
    pub remind_at: Option<Timestamp>,
    /// Who made it.
    pub by: Actor,
}

/// All silences that are not forgotten.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Silences(BTreeMap<SilenceId, Kept>);

impl Silences {
    /// One silence.
    pub fn get(&self, id: &SilenceId) -> Option<&Kept> {
        self.0.get(id)
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Kept> {
        self.0.values()
    }

    /// Those that silence now.
    pub fn active(&self) -> impl Iterator<Item = &Silence> {
        self.0.values().filter(|kept| kept.stage == Stage::Active).map(|kept| &kept.silence)
    }

    /// How many are not over.
    pub fn living(&self) -> usize {
        self.0.values().filter(|kept| kept.stage != Stage::Expired).count()
    }

    /// Puts one in or changes it.
    pub fn put(
        &mut self,
        silence: &Silence,
        by: &Actor,
        remind_at: Option<Timestamp>,
        at: Timestamp,
    ) {
        self.0.retain(|_, kept| {
            kept.stage != Stage::Expired || at.duration_since(kept.silence.ends_at) < RETENTION
        });
        let stage = self.0.get(&silence.id).map_or(Stage::Pending, |kept| kept.stage);
        let kept =
            Kept { silence: silence.clone(), stage, updated_at: at, remind_at, by: by.clone() };
        self.0.insert(silence.id.clone(), kept);
    }

    /// It silences from now on.
    pub fn start(&mut self, id: &SilenceId) {
        if let Some(kept) = self.0.get_mut(id) {
            kept.stage = Stage::Active;
        }
    }

    /// It is over.
    pub fn end(&mut self, id: &SilenceId, at: Timestamp) {
        if let Some(kept) = self.0.get_mut(id) {
            kept.silence.ends_at = kept.silence.ends_at.min(at);
            (kept.stage, kept.updated_at, kept.remind_at) = (Stage::Expired, at, None);
        }
    }

    /// Its creator was reminded.
    pub fn reminded(&mut self, id: &SilenceId, next_at: Option<Timestamp>) {
        if let Some(kept) = self.0.get_mut(id) {
            kept.remind_at = next_at;
        }
    }
}

impl Silence {
    /// Whether it is about an alert with these labels.
    pub fn covers(&self, labels: &Labels) -> bool {
        matcher::all(&self.matchers, labels)
    }

    /// What is wrong with what was asked for; English, it goes to machines as well.
    pub fn problem(&self, now: Timestamp) -> Option<String> {
        let length: usize = self.matchers.iter().map(|m| m.name.len() + m.value.len()).sum();
        let length =
            length + self.comment.len() + self.created_by.len() + self.annotations.as_json().len();
        if self.matchers.is_empty() {
            Some("a silence needs at least one matcher".into())
        } else if self.matchers.iter().all(|matcher| matcher.accepts("")) {
            Some("at least one matcher must not match the empty string: this silence would cover everything".into())
        } else if self.ends_at <= self.starts_at {
            Some("end time must be after start time".into())
        } else if self.ends_at <= now {
            Some("end time can't be in the past".into())
        } else if self.created_by.trim().is_empty() {
            Some("creator information missing".into())
        } else if self.comment.trim().is_empty() {
            Some("comment missing".into())
        } else if length > LONGEST {
            Some(format!("the silence is longer than {LONGEST} bytes"))
        } else {
            None
        }
    }
}

/// A number in the form of a UUID (version 8: made by hand) from what distinguishes a silence.
pub fn id_of(parts: &[&str]) -> SilenceId {
    let pairs = |salt: &str| {
        let named = parts.iter().enumerate().map(|(index, part)| (format!("{salt}{index}"), *part));
        Labels::new(named).hash64()
    };
    let (a, b) = (pairs("a"), pairs("b"));
    let text = format!("{a:016x}{b:016x}");
    format!("{}-{}-8{}-8{}-{}", &text[..8], &text[8..12], &text[13..16], &text[17..20], &text[20..])
        .into()
}
