//! What probes measure, for `/metrics`: what `hikeshi rules export` and the Grafana dashboard ask for (B30, B32).

use domain::{
    ids::{ProbeName, ServiceName},
    reading::{Observation, Value},
    world::World,
};
use jiff::{SignedDuration, Timestamp};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{family::Family, gauge::Gauge},
    registry::Registry,
};
use std::{collections::BTreeMap, sync::atomic::AtomicU64};

/// More series than this are a mistake of the configuration; those beyond are left out, and counted.
const SERIES: usize = 10_000;
/// Longer words are texts, and texts are no labels: every new one would be a new series.
const WORD_CHARS: usize = 40;

/// The families and what they mean; the client adds a dot to each meaning.
const FAMILIES: [(&str, &str); 3] = [
    ("reading", "What a probe measures now: a number, or a flag as 0 or 1"),
    ("reading_state", "1 for the word that a probe measures now"),
    (
        "probe_heard_timestamp_seconds",
        "When a probe last brought a value; at first, when watching began",
    ),
];

type Number = Gauge<f64, AtomicU64>;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ByReading {
    probe: String,
    service: String,
    reading: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ByState {
    probe: String,
    service: String,
    reading: String,
    state: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ByProbe {
    probe: String,
    service: String,
}

/// When each probe last brought a value, and for how long that counts.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    now: Timestamp,
    probes: BTreeMap<ProbeName, (ServiceName, Timestamp, SignedDuration)>,
}

impl Heard {
    /// As the watch knows it.
    pub fn of(world: &World<'_>) -> Self {
        let probes = world.policy.probes.iter().map(|(probe, feed)| {
            let heard = world.watch.heard_at(probe);
            (probe.clone(), (feed.service.clone(), heard, feed.no_data_after))
        });
        Self { now: world.now, probes: probes.collect() }
    }

    /// A value is shown only while it is measured.
    fn is_fresh(&self, seen: &Observation) -> bool {
        let Some((_, _, silence)) = self.probes.get(&seen.probe) else { return false };
        self.now.duration_since(seen.at) <= *silence
    }
}

/// Adds the last looks.
pub(crate) fn register<'o>(
    registry: &mut Registry,
    heard: &Heard,
    looks: impl IntoIterator<Item = &'o Observation>,
) {
    let (numbers, states) =
        (Family::<ByReading, Number>::default(), Family::<ByState, Number>::default());
    let (mut count, mut left_out) = (0, 0);
    for seen in looks.into_iter().filter(|seen| heard.is_fresh(seen)) {
        let measured = seen.readings.iter().filter_map(|(name, r)| Some((name, r.measured()?)));
        for (name, value) in measured {
            let number = match value {
                Value::Number(number) => Some(*number),
                Value::Flag(flag) => Some(f64::from(u8::from(*flag))),
                Value::Text(text) if is_word(text) => None,
                Value::Text(_) => continue,
            };
            if count == SERIES {
                left_out += 1;
                continue;
            }
            count += 1;
            let (probe, service) = (seen.probe.to_string(), seen.service.to_string());
            let reading = name.clone();
            match (number, value) {
                (None, Value::Text(state)) => {
                    let state = state.clone();
                    states.get_or_create(&ByState { probe, service, reading, state }).set(1.0);
                }
                (number, _) => {
                    let number = number.unwrap_or(f64::NAN);
                    numbers.get_or_create(&ByReading { probe, service, reading }).set(number);
                }
            }
        }
    }
    let times = Family::<ByProbe, Number>::default();
    for (probe, (service, at, _)) in heard.probes.iter().take(SERIES) {
        let labels = ByProbe { probe: probe.to_string(), service: service.to_string() };
        times.get_or_create(&labels).set(at.as_millisecond() as f64 / 1000.0);
    }
    let [(reading, of_reading), (state, of_state), (time, of_time)] = FAMILIES;
    registry.register(reading, of_reading, numbers);
    registry.register(state, of_state, states);
    registry.register(time, of_time, times);
    let gauge = Gauge::<i64>::default();
    gauge.set(left_out);
    registry.register("readings_left_out", "Readings beyond the limit of /metrics", gauge);
}

/// Names the families that have no series now: the client leaves them out, and then nobody knows that they exist.
pub(crate) fn announce(text: &mut String) {
    for (name, meaning) in FAMILIES {
        let kind = format!("# TYPE hikeshi_{name} gauge\n");
        if !text.contains(&kind) {
            text.push_str(&format!("# HELP hikeshi_{name} {meaning}.\n{kind}"));
        }
    }
}

fn is_word(text: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    !text.is_empty() && text.chars().count() <= WORD_CHARS && text.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::reading::Reading;
    use prometheus_client::encoding::text::encode;

    fn shown(looks: &[Observation], heard: &Heard) -> String {
        let mut registry = Registry::with_prefix("hikeshi");
        register(&mut registry, heard, looks);
        let mut text = String::new();
        encode(&mut text, &registry).expect("a string takes everything");
        announce(&mut text);
        text
    }

    fn heard(now: Timestamp) -> Heard {
        let feed = ("db".into(), Timestamp::UNIX_EPOCH, SignedDuration::from_secs(60));
        Heard { now, probes: [(ProbeName::from("db/login"), feed)].into() }
    }

    #[test]
    fn only_what_is_measured_is_shown() {
        let at = Timestamp::UNIX_EPOCH;
        let seen = Observation::new("db/login", "db", at)
            .with("up", Reading::flag(false))
            .with("latency_ms", Reading::number(12.5))
            .with("cause", Reading::text("refused"))
            .with("last_error", Reading::text("a text\nwith \"lines\""))
            .with("writable", Reading::Failed("no connection".into()));
        let text = shown(std::slice::from_ref(&seen), &heard(at));
        let labels = "probe=\"db/login\",service=\"db\"";
        for line in [
            format!("hikeshi_reading{{{labels},reading=\"up\"}} 0.0"),
            format!("hikeshi_reading{{{labels},reading=\"latency_ms\"}} 12.5"),
            format!("hikeshi_reading_state{{{labels},reading=\"cause\",state=\"refused\"}} 1.0"),
            format!("hikeshi_probe_heard_timestamp_seconds{{{labels}}} 0.0"),
        ] {
            assert!(text.lines().any(|shown| shown == line), "{line}\n{text}");
        }
        assert!(!text.contains("last_error") && !text.contains("writable"), "{text}");

        // A probe that is silent for too long measures nothing.
        let later = at + SignedDuration::from_secs(61);
        let silent = shown(&[seen], &heard(later));
        assert!(!silent.contains("hikeshi_reading{"), "{silent}");
        assert_eq!(silent.matches("# TYPE hikeshi_reading gauge\n").count(), 1, "{silent}");
        assert!(silent.contains("hikeshi_probe_heard_timestamp_seconds{"), "{silent}");
    }

    #[test]
    fn endless_readings_end() {
        let mut seen = Observation::new("db/login", "db", Timestamp::UNIX_EPOCH);
        for number in 0..SERIES + 5 {
            seen = seen.with(&format!("r{number}"), Reading::number(1.0));
        }
        let text = shown(&[seen], &heard(Timestamp::UNIX_EPOCH));
        assert_eq!(text.matches("hikeshi_reading{").count(), SERIES);
        assert!(text.contains("hikeshi_readings_left_out 5"));
    }
}
