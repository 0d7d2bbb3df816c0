//! `diagnose perf`: what is slow, why, and whether that is normal, in less than a minute (A31).

use crate::{
    cleaner::Cleaner,
    db::{self, databases},
    endpoints::{self, Endpoint},
    normal::{self, Normal},
    part::{self, PART_LIMIT, Part, Status},
    processes::{self, Processes},
    queries::{self, Connections, SlowQuery},
};
use futures::future::join_all;
use jiff::Timestamp;
use probes::{Deps, ProbeSpec, Subject, database::Database, requests::AccessLog};
use serde::Serialize;
use std::{collections::BTreeMap, path::PathBuf};
use tokio::time::Instant;

/// What was found.
#[derive(Clone, Debug, Serialize)]
pub struct Perf {
    /// Degraded when a part failed, failed when all did.
    pub status: Status,
    /// When it was looked.
    pub at: Timestamp,
    /// How long it took.
    pub took_ms: f64,
    /// The routes of all access logs, the slowest first.
    pub endpoints: Vec<Endpoint>,
    /// The slowest queries of all databases.
    pub slow_queries: Vec<SlowQuery>,
    /// Who waits for whom in them.
    pub locks: Vec<BTreeMap<String, Option<String>>>,
    /// Who is connected to them.
    pub connections: Vec<Connections>,
    /// Which processes use most; nothing when they could not be looked at.
    pub processes: Option<Processes>,
    /// Now against what is normal at this hour.
    pub baseline: Normal,
    /// How each part went.
    pub probes: Vec<Part>,
}

impl Perf {
    fn nothing(at: Timestamp) -> Self {
        Self {
            status: Status::Ok,
            at,
            took_ms: 0.0,
            endpoints: Vec::new(),
            slow_queries: Vec::new(),
            locks: Vec::new(),
            connections: Vec::new(),
            processes: None,
            baseline: Normal::nothing("nothing is recorded"),
            probes: Vec::new(),
        }
    }
}

/// Looks at everything at once. `samples` is the folder where a server records its measurements.
pub async fn perf(
    specs: &[ProbeSpec],
    deps: &Deps,
    samples: PathBuf,
    now: Timestamp,
    cleaner: &Cleaner,
) -> Perf {
    let begun = Instant::now();
    let mut perf = Perf::nothing(now);
    let logs = access_logs(specs);
    if logs.is_empty() {
        let why = "no `access_log` probe is configured";
        perf.probes.push(Part::not_measured("endpoints", why));
    }
    let databases: Vec<_> =
        databases(specs, deps).into_iter().map(|(_, database)| database).collect();
    if databases.is_empty() {
        let why = "no `postgres` or `postgres_stats` probe is configured";
        for name in ["slow_queries", "locks", "connections"] {
            perf.probes.push(Part::not_measured(name, why));
        }
    }
    let reading = logs.into_iter().map(|(probe, log)| read(probe, log, now, cleaner.clone()));
    let asking = databases.iter().map(|database| ask(database, cleaner));
    let comparing = part::aside(move || normal::compare(&samples, now));
    let (reads, asked, processes, compared) = tokio::join!(
        join_all(reading),
        join_all(asking),
        part::within("processes", None, PART_LIMIT, processes::processes(cleaner)),
        part::within("baseline", None, PART_LIMIT, comparing),
    );
    for (part, found) in reads {
        perf.probes.push(part);
        perf.endpoints.extend(found.unwrap_or_default());
    }
    let slowness = |endpoint: &Endpoint| endpoint.p95_ms.unwrap_or(-1.0);
    perf.endpoints.sort_by(|a, b| slowness(b).total_cmp(&slowness(a)));
    for of_one in asked {
        perf.probes.extend(of_one.parts);
        perf.slow_queries.extend(of_one.slow);
        perf.locks.extend(of_one.locks);
        perf.connections.extend(of_one.connections);
    }
    perf.probes.push(processes.0);
    perf.processes = processes.1;
    let (part, found) = compared;
    // Without a server that records there is nothing to compare with, and nothing is wrong.
    perf.baseline = match (found, &part.error) {
        (Some(found), _) => found,
        (None, why) => Normal::nothing(why.as_deref().unwrap_or("nothing is recorded")),
    };
    perf.probes.push(match part.error {
        Some(why) => Part { not_measured: Some(why), error: None, ..part },
        None => part,
    });
    perf.probes = perf.probes.into_iter().map(|part| part.cleaned(cleaner)).collect();
    perf.status = part::status(&perf.probes);
    perf.took_ms = begun.elapsed().as_secs_f64() * 1000.0;
    perf
}

fn access_logs(specs: &[ProbeSpec]) -> Vec<(String, AccessLog)> {
    let mut logs: Vec<(String, AccessLog)> = Vec::new();
    for spec in specs {
        if let Subject::AccessLog(log) = spec.settings.subject()
            && logs.iter().all(|(_, known)| known.path() != log.path())
        {
            logs.push((spec.name.to_string(), log));
        }
    }
    logs
}

async fn read(
    probe: String,
    log: AccessLog,
    now: Timestamp,
    cleaner: Cleaner,
) -> (Part, Option<Vec<Endpoint>>) {
    let target = Some(probe.clone());
    let reading = part::aside(move || endpoints::endpoints(&probe, &log, now, &cleaner));
    part::within("endpoints", target, PART_LIMIT, reading).await
}

/// What one database answered.
struct Asked {
    parts: [Part; 3],
    slow: Vec<SlowQuery>,
    locks: Vec<BTreeMap<String, Option<String>>>,
    connections: Vec<Connections>,
}

async fn ask(database: &Database, cleaner: &Cleaner) -> Asked {
    let target = || Some(database.address());
    let limit = PART_LIMIT;
    let (slow, locks, connections) = tokio::join!(
        part::within("slow_queries", target(), limit, queries::slow(database, cleaner)),
        part::within("locks", target(), limit, db::locks(database, cleaner)),
        part::within("connections", target(), limit, queries::connections(database, cleaner)),
    );
    Asked {
        parts: [slow.0, locks.0, connections.0],
        slow: slow.1.unwrap_or_default(),
        locks: locks.1.unwrap_or_default(),
        connections: connections.1.unwrap_or_default(),
    }
}
