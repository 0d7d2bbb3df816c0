//! `/metrics` in the Prometheus text format, made with the official client's encoder.

use crate::{
    answer::Refused,
    described::Exposition,
    metrics_readings::{self, Heard},
    state::Shared,
};
use axum::extract::State;
use domain::{
    clock::{Clock, Tally},
    next_step,
    run::Run,
    severity::{Level, Priority},
    state::State as Open,
};
use jiff::Timestamp;
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::{ConstCounter, Counter},
        family::Family,
        gauge::{ConstGauge, Gauge},
    },
    registry::Registry,
};
use std::{collections::BTreeSet, sync::atomic::Ordering};

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ByPriority {
    priority: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ByLevel {
    level: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ByChannel {
    channel: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ByClock {
    clock: String,
    result: String,
}

struct Snapshot {
    /// Each clock with how often it was kept, and how often it ran out.
    clocks: Vec<(Clock, Tally)>,
    /// Failures in a row, and when each channel last took a message.
    channels: Vec<(String, i64, Option<i64>)>,
    incidents: Vec<Priority>,
    unacknowledged: i64,
    /// Open P0 and P1 that nobody has acknowledged and for which nothing comes next, by the self-check.
    without_next_step: i64,
    /// How often the self-check has found one.
    next_steps_missing: u64,
    alerts: Vec<Level>,
    runs: i64,
    /// Runs that wait for a person.
    waiting: i64,
    is_stopped: bool,
    notices: i64,
    position: u64,
}

pub(crate) async fn metrics(State(shared): State<Shared>) -> Result<Exposition, Refused> {
    let time = shared.doors.now();
    let mut now = shared.ask(move |state, _, _, end| snapshot(state, end, time)).await?;
    let missing = shared.look(|world| next_step::missing(world).count()).await?;
    now.without_next_step = i64::try_from(missing).unwrap_or(i64::MAX);
    let heard = shared.look(Heard::of).await?;
    let text = render(&now, &heard, &shared).map_err(Refused::fault)?;
    Ok(Exposition(classic(&text)))
}

/// OpenMetrics as the classic text format, which every scraper and `promtool` read: there the name of a counter's
/// family carries `_total` too, and nothing marks the end.
fn classic(open: &str) -> String {
    let name = |line: &str| line.split(' ').nth(2).unwrap_or_default().to_owned();
    let is_counter = |line: &&str| line.starts_with("# TYPE ") && line.ends_with(" counter");
    let counters: BTreeSet<String> = open.lines().filter(is_counter).map(name).collect();
    let mut text = String::new();
    for line in open.lines().filter(|line| *line != "# EOF") {
        let family = name(line);
        if line.starts_with("# ") && counters.contains(&family) {
            text.push_str(&line.replacen(&family, &format!("{family}_total"), 1));
        } else {
            text.push_str(line);
        }
        text.push('\n');
    }
    text
}

fn snapshot(state: &Open, end: u64, now: Timestamp) -> Snapshot {
    let asks = |run: &&Run| run.approval.is_some() || run.question.is_some();
    let burning: Vec<_> = state.burning().collect();
    let priority = |incident: &&domain::incident::Incident| {
        incident.classification.as_ref().map_or(Priority::P3, |c| c.priority)
    };
    let open = burning.iter().filter(|incident| incident.acknowledged_by.is_none());
    let channels = state.deliveries.health.iter().map(|(name, health)| {
        let failures = i64::try_from(health.failures).unwrap_or(i64::MAX);
        (name.to_string(), failures, health.succeeded_at.map(Timestamp::as_second))
    });
    Snapshot {
        clocks: Clock::ALL
            .into_iter()
            .map(|clock| (clock, state.clocks.get(&clock).copied().unwrap_or_default()))
            .collect(),
        channels: channels.collect(),
        incidents: burning.iter().map(priority).collect(),
        unacknowledged: i64::try_from(open.count()).unwrap_or(i64::MAX),
        without_next_step: 0,
        next_steps_missing: state.next_steps_missing,
        alerts: state.alerts.values().map(|alert| alert.fired.level).collect(),
        runs: i64::try_from(state.runs.values().filter(|run: &&Run| !run.planned.dry_run).count())
            .unwrap_or(i64::MAX),
        waiting: i64::try_from(state.runs.values().filter(asks).count()).unwrap_or(i64::MAX),
        is_stopped: state.stopped.as_ref().is_some_and(|stopped| stopped.holds(now)),
        notices: i64::try_from(state.notices.len()).unwrap_or(i64::MAX),
        position: end,
    }
}

fn render(now: &Snapshot, heard: &Heard, shared: &Shared) -> Result<String, std::fmt::Error> {
    let mut registry = Registry::with_prefix("hikeshi");
    let incidents = Family::<ByPriority, Gauge>::default();
    for priority in [Priority::P0, Priority::P1, Priority::P2, Priority::P3] {
        let count = now.incidents.iter().filter(|other| **other == priority).count();
        incidents
            .get_or_create(&ByPriority { priority: priority.to_string() })
            .set(i64::try_from(count).unwrap_or(i64::MAX));
    }
    let alerts = Family::<ByLevel, Gauge>::default();
    for level in [Level::Critical, Level::Warning, Level::Info] {
        let count = now.alerts.iter().filter(|other| **other == level).count();
        alerts
            .get_or_create(&ByLevel { level: level.to_string() })
            .set(i64::try_from(count).unwrap_or(i64::MAX));
    }
    registry.register("incidents_open", "Incidents that still burn, by priority", incidents);
    registry.register("alerts_firing", "Alerts that fire, by level", alerts);
    let gauge = |value: i64| ConstGauge::new(value);
    registry.register(
        "incidents_unacknowledged",
        "Incidents that burn and that nobody has acknowledged",
        gauge(now.unacknowledged),
    );
    registry.register(
        "incidents_without_next_step",
        "Unacknowledged P0 and P1 incidents for which no page, escalation or notice comes next",
        gauge(now.without_next_step),
    );
    registry.register(
        "next_steps_missing",
        "How often the self-check found an urgent incident for which nothing came next",
        ConstCounter::new(now.next_steps_missing),
    );
    let clocks = Family::<ByClock, Counter>::default();
    for (clock, tally) in &now.clocks {
        for (result, count) in [("met", tally.met), ("missed", tally.missed)] {
            let labels = ByClock { clock: clock.to_string(), result: result.to_owned() };
            clocks.get_or_create(&labels).inc_by(count);
        }
    }
    registry.register(
        "clocks",
        "Deadlines of incidents that were kept and that were missed, by clock",
        clocks,
    );
    registry.register("runs_active", "Runs of runbooks that are under way", gauge(now.runs));
    registry.register(
        "runs_asking",
        "Runs that wait for a person: an approval, or a word on a step of unknown outcome",
        gauge(now.waiting),
    );
    registry.register(
        "automation_stopped",
        "1 while somebody has stopped automation",
        gauge(i64::from(now.is_stopped)),
    );
    registry.register(
        "notices_owed",
        "Notices that are owed and not delivered yet",
        gauge(now.notices),
    );
    let (failures, successes) =
        (Family::<ByChannel, Gauge>::default(), Family::<ByChannel, Gauge>::default());
    for (channel, in_a_row, succeeded) in &now.channels {
        let name = ByChannel { channel: channel.clone() };
        failures.get_or_create(&name).set(*in_a_row);
        // A channel that never took a message has no time, rather than a made-up one.
        if let Some(second) = succeeded {
            successes.get_or_create(&name).set(*second);
        }
    }
    registry.register(
        "channel_failures",
        "Failed attempts at telling since the last success, by channel",
        failures,
    );
    registry.register(
        "channel_last_success_seconds",
        "When each channel last took a message, in Unix seconds",
        successes,
    );
    let fault = shared.counts.journal_fault.load(Ordering::Relaxed);
    registry.register(
        "journal_fault",
        "1 while the journal does not take facts",
        gauge(i64::from(fault != 0)),
    );
    registry.register(
        "journal_position",
        "Position that the next fact gets",
        gauge(i64::try_from(now.position).unwrap_or(i64::MAX)),
    );
    let counter =
        |value: &std::sync::atomic::AtomicU64| ConstCounter::new(value.load(Ordering::Relaxed));
    registry.register(
        "journal_facts",
        "Facts made durable since the start",
        counter(&shared.counts.facts),
    );
    registry.register(
        "probe_observations",
        "Observations taken since the start",
        counter(&shared.counts.observations),
    );
    let samples = shared.samples.as_ref();
    registry.register(
        "samples_dropped",
        "Measured values that could not be kept since the start",
        ConstCounter::new(samples.map_or(0, |samples| samples.dropped())),
    );
    registry.register(
        "samples_fault",
        "1 while measured values cannot be kept",
        gauge(i64::from(samples.is_none_or(|samples| samples.fault().is_some()))),
    );
    metrics_readings::register(&mut registry, heard, shared.readings.all().values().flatten());
    let mut text = String::new();
    encode(&mut text, &registry)?;
    metrics_readings::announce(&mut text);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_reads_the_same_for_old_scrapers() {
        let open = "# HELP x_facts Facts.\n# TYPE x_facts counter\nx_facts_total 3\n# HELP x_open Open.\n# TYPE x_open gauge\nx_open 1\n# EOF\n";
        let classic = classic(open);
        assert_eq!(
            classic,
            "# HELP x_facts_total Facts.\n# TYPE x_facts_total counter\nx_facts_total 3\n# HELP x_open Open.\n# TYPE x_open gauge\nx_open 1\n"
        );
    }
}
