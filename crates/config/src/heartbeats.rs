//! Jobs that must give a sign of life: `heartbeats: {nightly-backup: {service: database, every: 24h, grace: 1h}}`.

use crate::{alerts, quiet, services, sorting};
use domain::{
    graph::Graph,
    heartbeat::{HeartbeatPolicy, failed_key, missed_key},
    ids::HeartbeatName,
    severity::Level,
};
use jiff::SignedDuration;
use source::{Fields, Node, Problems};
use std::collections::BTreeMap;

/// How much later than its period a sign may come, unless it is said; never more than the period itself.
const GRACE: SignedDuration = SignedDuration::from_hours(1);

/// `heartbeats:` maps the name in the address of the ping to what is expected.
pub(crate) fn read(
    node: Option<&Node>,
    graph: &Graph,
    problems: &mut Problems,
) -> BTreeMap<HeartbeatName, HeartbeatPolicy> {
    let entries = node.and_then(|node| node.entries(problems)).unwrap_or_default();
    let mut found = BTreeMap::new();
    for (name, place, node) in entries.iter().filter(|(.., node)| !node.is_off()) {
        let word = ("ハートビート名", "the name of a heartbeat");
        let is_name = services::check_name(name, place, word, problems);
        if let (true, Some(policy)) = (is_name, heartbeat(node, graph, problems)) {
            found.insert(HeartbeatName::from(name.as_str()), policy);
        }
    }
    found
}

fn heartbeat(node: &Node, graph: &Graph, problems: &mut Problems) -> Option<HeartbeatPolicy> {
    let mut fields = Fields::open(node, problems)?;
    let service = fields.required("service", problems);
    let service = service.and_then(|node| sorting::service(node, graph, problems));
    // Asked for twice: the first says when it is missing, the second what is wrong with it.
    let has_period = fields.required("every", problems).is_some();
    let period = sorting::positive(&mut fields, "every", problems).filter(|_| has_period);
    let grace = sorting::positive(&mut fields, "grace", problems);
    let level = fields.optional("level");
    let level = level.map_or(Some(Level::Critical), |node| alerts::level(node, problems));
    let priority = fields.optional("priority").and_then(|node| alerts::priority(node, problems));
    let owner = fields.text("owner", problems);
    let has_watchdog = fields.optional("watchdog").is_some();
    let watchdog = if has_watchdog {
        quiet::required(&mut fields, "watchdog", problems)
    } else {
        Some(Vec::new())
    };
    fields.finish(problems);
    let period = period?;
    let grace = grace.unwrap_or_else(|| GRACE.min(period));
    let by_level = HeartbeatPolicy::new(service?, period, grace, level?);
    let priority = priority.or(by_level.priority);
    Some(HeartbeatPolicy { priority, owner, watchdog: watchdog?, ..by_level })
}

/// The names of all alerts that heartbeats may raise, for runbooks that answer them.
pub(crate) fn alerts(heartbeats: &BTreeMap<HeartbeatName, HeartbeatPolicy>) -> Vec<String> {
    let keys = heartbeats.iter().flat_map(|(name, policy)| {
        [missed_key(name, &policy.service), failed_key(name, &policy.service)]
    });
    keys.map(|key| key.rule.to_string()).collect()
}
