//! The four clocks of an incident (section D): how long each may take, who says so, and whether it was kept.

use crate::{
    calendar::{BusinessTime, Within},
    said::Said,
    severity::Priority,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// What has a limit. All of them begin at detection (C19), or when the incident got its priority, if that was later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// 第一報: the first message about it reached somebody (A45 to A48).
    FirstNotice,
    /// 対応開始: the first of acknowledgement and verified automatic repair (C3).
    Respond,
    /// 経過報告: the next update that was promised (A50, C32). Its limit is the cadence of the route or of stakeholders, and
    /// its promises are kept in [`crate::updates`].
    Update,
    /// 復旧: everything is good again.
    Recover,
}

impl Clock {
    /// All of them, in the order in which they run out.
    pub const ALL: [Self; 4] = [Self::FirstNotice, Self::Respond, Self::Update, Self::Recover];

    /// What people call it.
    pub fn title(self) -> Said {
        match self {
            Self::FirstNotice => Said::new("第一報", "first notice"),
            Self::Respond => Said::new("対応開始", "start of response"),
            Self::Update => Said::new("経過報告", "update"),
            Self::Recover => Said::new("復旧", "recovery"),
        }
    }

    /// Its word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::FirstNotice => "first_notice",
            Self::Respond => "respond",
            Self::Update => "update",
            Self::Recover => "recover",
        }
    }
}

/// Who says how long something may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Document A, インシデント対応手順書.
    DocumentA,
    /// Document B, アラート対応手順: its table of alerts.
    DocumentB,
    /// Neither document says anything: hikeshi's own.
    Hikeshi,
    /// The team's configuration.
    Team,
}

impl Origin {
    /// What people call it.
    pub fn title(self) -> Said {
        match self {
            Self::DocumentA => Said::new("文書A", "document A"),
            Self::DocumentB => Said::new("文書B", "document B"),
            Self::Hikeshi => Said::same("hikeshi"),
            Self::Team => Said::new("チームの設定", "the team"),
        }
    }
}

/// How long something may take, as a policy says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// How long.
    pub within: Within,
    /// Who says so.
    pub from: Origin,
    /// Where it stands there: `P0`, `level 2`, `clocks.respond_within.P0`.
    pub what: String,
}

/// Limits by clock and priority; the strictest of several holds.
pub type Limits = BTreeMap<(Clock, Priority), Vec<Allowed>>;

/// What the two documents say, and hikeshi where they say nothing (section D).
pub fn standard() -> Limits {
    use Clock::{FirstNotice, Recover, Respond};
    use Origin::{DocumentA, Hikeshi};
    use Priority::{P0, P1, P2, P3};
    let rows = [
        // A45 to A47; a P3 waits for the daily digest (A48, C30).
        (FirstNotice, P0, 1, DocumentA, "P0"),
        (FirstNotice, P1, 15, DocumentA, "P1"),
        (FirstNotice, P2, 60, DocumentA, "P2"),
        // A2, A6, A10, A14.
        (Respond, P0, 5, DocumentA, "P0"),
        (Respond, P1, 60, DocumentA, "P1"),
        (Respond, P2, 240, DocumentA, "P2"),
        (Respond, P3, 1440, DocumentA, "P3"),
        // A80, A81.
        (Recover, P0, 30, DocumentA, "level 2"),
        (Recover, P0, 60, DocumentA, "management"),
        (Recover, P1, 30, DocumentA, "level 2"),
        (Recover, P1, 60, DocumentA, "management"),
        (Recover, P2, 240, Hikeshi, "P2"),
    ];
    let mut limits = Limits::new();
    for (clock, priority, minutes, from, what) in rows {
        let within = Within::Time(SignedDuration::from_mins(minutes));
        let allowed = Allowed { within, from, what: what.into() };
        limits.entry((clock, priority)).or_default().push(allowed);
    }
    limits
}

/// A limit of an incident, as it was when its priority was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// What it limits.
    pub clock: Clock,
    /// Who says so.
    pub from: Origin,
    /// Where it stands there: `P0`, `level 2`, `service_down@api-1`, `clocks.respond_within.P0`.
    pub what: String,
    /// How long it may take, in words.
    pub within: Said,
    /// The same in minutes of real time.
    pub minutes: u64,
    /// When it runs out.
    pub due_at: Timestamp,
}

impl Limit {
    /// Where it comes from: `document A, P0`.
    pub fn source(&self) -> Said {
        let from = self.from.title();
        Said::new(format!("{} {}", from.ja, self.what), format!("{}, {}", from.en, self.what))
    }
}

/// A clock that ran out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missed {
    /// When it ran out.
    pub due_at: Timestamp,
    /// All that burned was silenced or under maintenance then.
    pub is_quiet: bool,
    /// When it was done after all; none: not yet, or never.
    pub ended_at: Option<Timestamp>,
}

/// How the clocks of an incident went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadlines {
    /// When the first message about it reached somebody.
    pub noticed_at: Option<Timestamp>,
    /// Clocks that were kept, and when.
    pub met: BTreeMap<Clock, Timestamp>,
    /// Clocks that ran out.
    pub missed: BTreeMap<Clock, Missed>,
}

impl Deadlines {
    /// Whether a clock was kept, or has run out.
    pub fn is_settled(&self, clock: Clock) -> bool {
        self.met.contains_key(&clock) || self.missed.contains_key(&clock)
    }

    /// What a clock waited for has come. Says whether the clock was kept by that.
    pub(crate) fn end(&mut self, clock: Clock, at: Timestamp) -> bool {
        if let Some(missed) = self.missed.get_mut(&clock) {
            missed.ended_at.get_or_insert(at);
            return false;
        }
        let is_first = !self.met.contains_key(&clock);
        self.met.entry(clock).or_insert(at);
        is_first
    }

    /// Another incident goes on in this one: who heard of that heard of this.
    pub(crate) fn absorb(&mut self, gone: &Self) {
        let both = self.noticed_at.into_iter().chain(gone.noticed_at);
        self.noticed_at = both.min();
    }
}

/// How often each clock was kept and not kept, over all incidents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Kept.
    pub met: u64,
    /// Run out.
    pub missed: u64,
}

/// A length of time in words.
pub fn words(within: Within) -> Said {
    match within {
        Within::Business(time) => match time {
            BusinessTime::Days(days) => Said::new(format!("{days}営業日"), time.to_string()),
            BusinessTime::Hours(hours) => {
                let hours = words(Within::Time(hours));
                Said::new(format!("営業時間で{}", hours.ja), time.to_string())
            }
        },
        Within::Time(time) => {
            let minutes = time.as_mins();
            let whole = |unit: i64| minutes >= unit && minutes % unit == 0;
            let ja = match minutes {
                0 => format!("{}秒", time.as_secs()),
                _ if whole(60) => format!("{}時間", minutes / 60),
                _ => format!("{minutes}分"),
            };
            Said::new(ja, format!("{time:#}"))
        }
    }
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_said_as_people_say_them() {
        let said = |text: &str| {
            let within = match text.parse::<BusinessTime>() {
                Ok(time) => Within::Business(time),
                Err(_) => Within::Time(text.parse().expect("a time")),
            };
            let said = words(within);
            format!("{} / {}", said.ja, said.en)
        };
        assert_eq!(said("45s"), "45秒 / 45s");
        assert_eq!(said("90m"), "90分 / 1h 30m");
        assert_eq!(said("24h"), "24時間 / 24h");
        assert_eq!(said("1営業日"), "1営業日 / 1 business day");
        assert_eq!(said("4 business hours"), "営業時間で4時間 / 4h of business time");
    }

    /// Every priority has a limit for the start of response: an incident without one could wait for ever.
    #[test]
    fn every_priority_has_a_start_of_response() {
        let limits = standard();
        for priority in [Priority::P0, Priority::P1, Priority::P2, Priority::P3] {
            assert!(limits.contains_key(&(Clock::Respond, priority)), "{priority}");
        }
    }
}
