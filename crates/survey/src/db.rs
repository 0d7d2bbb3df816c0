//! `diagnose db`: the way to the database step by step (A56), and what it counts about itself (A32).

use crate::{
    cleaner::Cleaner,
    part::{self, Part, Status},
};
use domain::reading::{Reading, Value};
use futures::future::join_all;
use jiff::Timestamp;
use probes::{
    Deps, ProbeSpec, Subject,
    database::{self, Database, Outcome},
};
use serde::Serialize;
use std::{collections::BTreeMap, time::Duration};

/// Every step has its own time; a whole way ends within five of them.
const STEP_LIMIT: Duration = Duration::from_secs(5);
/// The steps, in their order.
const STEPS: [&str; 5] = ["dns", "tcp", "tls", "auth", "query"];

/// What was found of all databases; the first one stands at the top.
#[derive(Clone, Debug, Serialize)]
pub struct Db {
    /// Ok when every step to every database is good; failed when no database answers.
    pub status: Status,
    /// When it was looked.
    pub at: Timestamp,
    /// The first database.
    #[serde(flatten)]
    pub first: DbState,
    /// The others.
    pub others: Vec<DbState>,
}

/// One database.
#[derive(Clone, Debug, Serialize)]
pub struct DbState {
    /// The probe that it was taken from.
    pub probe: String,
    /// The service.
    pub service: String,
    /// `host:port/database`.
    pub address: String,
    /// Where the password came from: `env`, `file`, `credential`, `google`, or `break_glass` in an emergency; null when
    /// there is none, or it was not had.
    pub credential_source: Option<String>,
    /// The way to an answer.
    pub steps: Vec<DbStep>,
    /// What it counts, by the names of the readings of `postgres_stats`; what is not known is null.
    pub database: BTreeMap<String, Option<serde_json::Value>>,
    /// Why something is not known.
    pub unknown: BTreeMap<String, String>,
    /// Who waits for whom.
    pub locks: Vec<BTreeMap<String, Option<String>>>,
    /// How the looking went.
    pub probes: Vec<Part>,
}

/// One step.
#[derive(Clone, Debug, Serialize)]
pub struct DbStep {
    /// `dns`, `tcp`, `tls`, `auth`, `query` or `provider_state`.
    pub name: &'static str,
    /// Whether it is good; null: nobody looked.
    pub ok: Option<bool>,
    /// How long it took.
    pub ms: Option<f64>,
    /// What was seen, or why nobody looked.
    pub detail: Option<String>,
    /// Why it is not good.
    pub error: Option<String>,
}

/// The databases that probes look at, each once, with the first probe that does.
pub(crate) fn databases<'a>(specs: &'a [ProbeSpec], deps: &Deps) -> Vec<(&'a ProbeSpec, Database)> {
    let mut found: Vec<(&ProbeSpec, Database)> = Vec::new();
    for spec in specs {
        if let Subject::Database(entrance) = spec.settings.subject()
            && found.iter().all(|(_, known)| known.address() != entrance.address())
        {
            found.push((spec, entrance.with(spec.seat(deps).reader())));
        }
    }
    found
}

/// Looks at all databases at once; nothing when no probe looks at one.
pub async fn db(specs: &[ProbeSpec], deps: &Deps, now: Timestamp, cleaner: &Cleaner) -> Option<Db> {
    let found = databases(specs, deps).into_iter();
    let looks = found.map(|(spec, database)| look(spec, database, deps, cleaner));
    let mut states = join_all(looks).await;
    if states.is_empty() {
        return None;
    }
    let good = states.iter().filter(|state| state.is_good()).count();
    let status = match good {
        all if all == states.len() => Status::Ok,
        _ if states.iter().any(DbState::answers) => Status::Degraded,
        _ => Status::Failed,
    };
    let others = states.split_off(1);
    Some(Db { status, at: now, first: states.remove(0), others })
}

impl DbState {
    fn is_good(&self) -> bool {
        self.steps.iter().all(|step| step.ok != Some(false))
            && self.probes.iter().all(|part| part.error.is_none())
    }

    fn answers(&self) -> bool {
        self.steps.iter().any(|step| step.name == "query" && step.ok == Some(true))
    }
}

async fn look(spec: &ProbeSpec, database: Database, deps: &Deps, cleaner: &Cleaner) -> DbState {
    let address = database.address();
    let target = || Some(address.clone());
    let counting = part::within("statistics", target(), part::PART_LIMIT, async {
        database.statistics(part::PART_LIMIT).await.map_err(|why| why.en)
    });
    let locking = part::within("locks", target(), part::PART_LIMIT, locks(&database, cleaner));
    let (taken, (counted, statistics), (locked, locks)) =
        tokio::join!(database.steps(STEP_LIMIT), counting, locking);
    let (mut values, mut unknown) = (BTreeMap::new(), BTreeMap::new());
    for (name, reading) in statistics.unwrap_or_default() {
        let value = match reading {
            Reading::Measured(value) => Some(json(value, cleaner)),
            Reading::Unknown(why) | Reading::Failed(why) => {
                unknown.insert(name.clone(), why.en);
                None
            }
            Reading::Stale { .. } => None,
        };
        values.insert(name, value);
    }
    let probes = [counted, locked].map(|part| part.cleaned(cleaner)).into();
    DbState {
        probe: spec.name.to_string(),
        service: spec.service.to_string(),
        credential_source: credential_source(&database, deps),
        steps: steps(&taken, cleaner),
        address,
        database: values,
        unknown,
        locks: locks.unwrap_or_default(),
        probes,
    }
}

fn credential_source(database: &Database, deps: &Deps) -> Option<String> {
    let access = database.secrets().iter().find_map(|secret| deps.safe.last(secret))?;
    if access.break_glass {
        return Some("break_glass".into());
    }
    access.source?.split(':').next().map(str::to_owned)
}

fn json(value: Value, cleaner: &Cleaner) -> serde_json::Value {
    match value {
        Value::Flag(flag) => flag.into(),
        // Counters are whole numbers, and are shown as such.
        Value::Number(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
            (number as i64).into()
        }
        Value::Number(number) => number.into(),
        Value::Text(text) => cleaner.clean(&text).into(),
    }
}

/// Every step, those that nobody came to as well.
fn steps(taken: &[database::Step], cleaner: &Cleaner) -> Vec<DbStep> {
    let mut bad = None;
    let step = |name: &'static str| {
        let Some(step) = taken.iter().find(|step| step.name == name) else {
            let why = format!("not tried, because the step {} failed", bad.unwrap_or("before"));
            return DbStep { name, ok: None, ms: None, detail: Some(why), error: None };
        };
        let (ok, detail, error) = match &step.outcome {
            Outcome::Good(seen) => (Some(true), Some(cleaner.clean(&seen.en)), None),
            Outcome::Bad(why) => {
                bad = Some(name);
                (Some(false), None, Some(cleaner.clean(&why.en)))
            }
            Outcome::NotMeasured(why) => (None, Some(why.en.clone()), None),
        };
        DbStep { name, ok, ms: Some(step.ms), detail, error }
    };
    let mut steps: Vec<_> = STEPS.into_iter().map(step).collect();
    // What a provider says of its machine is not what its database says; without one there is nothing to ask.
    steps.push(DbStep {
        name: "provider_state",
        ok: None,
        ms: None,
        detail: Some("not measured: no provider is configured for this database".into()),
        error: None,
    });
    steps
}

/// Who waits for whom, the longest first.
const LOCKS: &str = "
SELECT waiting.pid AS waiting_pid, waiting.usename AS waiting_user,
       round(extract(epoch FROM clock_timestamp() - waiting.query_start)::numeric, 1) AS waiting_seconds,
       wanted.mode AS mode, coalesce(wanted.relation::regclass::text, wanted.locktype) AS object,
       waiting.query AS waiting_query,
       blocker AS blocking_pid, holder.usename AS blocking_user, holder.state AS blocking_state,
       round(extract(epoch FROM clock_timestamp() - holder.xact_start)::numeric, 1) AS blocking_transaction_seconds,
       holder.query AS blocking_query
FROM pg_locks AS wanted
JOIN pg_stat_activity AS waiting USING (pid)
CROSS JOIN LATERAL unnest(pg_blocking_pids(waiting.pid)) AS blocker
LEFT JOIN pg_stat_activity AS holder ON holder.pid = blocker
WHERE NOT wanted.granted
ORDER BY waiting.query_start LIMIT 20";

/// Queries are shown as patterns: their values belong to the application's users.
pub(crate) async fn locks(
    database: &Database,
    cleaner: &Cleaner,
) -> Result<Vec<BTreeMap<String, Option<String>>>, String> {
    let rows = database.ask(LOCKS, 20, part::PART_LIMIT).await.map_err(|why| why.en)?;
    let column = |(name, value): (String, Option<String>)| {
        let is_query = name.ends_with("_query");
        let value = value
            .map(|text| cleaner.clean(&if is_query { crate::pattern::of(&text) } else { text }));
        (name, value)
    };
    Ok(rows.into_iter().map(|row| row.into_iter().map(column).collect()).collect())
}
