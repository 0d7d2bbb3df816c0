//! What the rules say of one look by itself; windows and times need a server.

use domain::{
    policy::Policy,
    reading::{Observation, Reading},
    said::Said,
    severity::Level,
};
use serde::Serialize;

/// What one look means. Orders from good to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// No rule has anything against it.
    #[serde(rename = "ok")]
    Good,
    /// It could not be measured.
    Unknown,
    /// A rule calls it a warning.
    Warning,
    /// A rule calls it critical.
    #[serde(rename = "fail")]
    Bad,
}

impl Verdict {
    /// The word that programs read.
    pub fn word(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Unknown => "unknown",
            Self::Warning => "warning",
            Self::Bad => "fail",
        }
    }
}

/// The verdict on one look, and its reason. What was measured bad is bad, whatever else could not be measured.
pub fn judge(policy: &Policy, seen: &Observation) -> (Verdict, Said) {
    let detail = seen.detail.clone().unwrap_or_default();
    let rules = policy
        .probes
        .get(&seen.probe)
        .into_iter()
        .flat_map(|feed| &feed.rules)
        .filter_map(|name| policy.rules.get(name));
    let met = rules.filter_map(|rule| {
        let value = seen.readings.get(&rule.reading)?.measured()?;
        let band = rule.bands.iter().find(|band| band.test.holds(value))?;
        let verdict = if band.level == Level::Critical { Verdict::Bad } else { Verdict::Warning };
        let found = format!("{}: {} = {value}{}", rule.name, rule.reading, rule.unit);
        Some((verdict, detail.within(|detail| format!("{found} {detail}"))))
    });
    if let Some(worst) = met.max_by_key(|(verdict, _)| *verdict) {
        return worst;
    }
    let failed = seen.readings.values().find_map(|reading| match reading {
        Reading::Failed(why) => Some(why.clone()),
        _ => None,
    });
    failed.map_or((Verdict::Good, detail), |why| (Verdict::Unknown, why))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        policy::Feed,
        reading::Value,
        rule::{Band, Rule, Symptom, Test},
        said::Said,
    };
    use jiff::{SignedDuration, Timestamp};
    use std::sync::Arc;

    /// A database that is down is critical.
    fn policy() -> Policy {
        let band = Band {
            test: Test::Is(Value::Flag(false)),
            stays: None,
            level: Level::Critical,
            priority: None,
            hold: SignedDuration::ZERO,
            n_of_m: (1, 1),
            respond_within: None,
        };
        let rule = Rule {
            name: "database_down".into(),
            title: Said::same("down"),
            symptom: Symptom::ServiceDown,
            reading: "up".into(),
            unit: String::new(),
            bands: vec![band],
            clear_passes: 1,
            owner: "SRE".into(),
            respond_within: domain::calendar::Within::Time(SignedDuration::from_mins(5)),
            respond_from: domain::clock::Origin::Hikeshi,
        };
        let feed = Feed {
            service: "db".into(),
            rules: vec![rule.name.clone()],
            is_certain: false,
            no_data_after: SignedDuration::from_secs(60),
        };
        Policy {
            rules: [(rule.name.clone(), Arc::new(rule))].into(),
            probes: [("db/login".into(), feed)].into(),
            ..Policy::default()
        }
    }

    #[test]
    fn what_is_measured_bad_is_bad_even_where_another_reading_failed() {
        let seen = Observation::new("db/login", "db", Timestamp::UNIX_EPOCH)
            .with("price_age_hours", Reading::Failed("no connection".into()));
        let judged = |up| judge(&policy(), &seen.clone().with("up", Reading::flag(up))).0;
        assert_eq!(judged(false), Verdict::Bad);
        assert_eq!(judged(true), Verdict::Unknown);
        assert_eq!(judge(&policy(), &seen).0, Verdict::Unknown);
        let good = Observation::new("db/login", "db", Timestamp::UNIX_EPOCH);
        assert_eq!(judge(&policy(), &good.with("up", Reading::flag(true))).0, Verdict::Good);
    }
}
