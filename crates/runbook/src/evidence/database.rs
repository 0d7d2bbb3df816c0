//! Evidence of databases: what their probes see now, of the target or of those that it needs.

use crate::{call::Call, evidence::bundle::Item};
use domain::{
    graph::{Kind, Service},
    reading::Observation,
    said::Said,
};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// The probes that know a database.
const KINDS: &[&str] = &["postgres", "postgres_stats"];
/// A database that does not answer is what the incident is about, perhaps.
const LIMIT: Duration = Duration::from_secs(10);

/// The state of every database in question.
pub async fn databases(call: &Call<'_>, deadline: Instant) -> Vec<Item> {
    let deadline = deadline.min(Instant::now() + LIMIT);
    let needed = call.graph.needs_of(&call.service.name).filter_map(|name| call.graph.get(name));
    let all = std::iter::once(call.service).chain(needed);
    let looks = all.filter(|service| service.kind == Kind::Database).map(|service| async move {
        let source = format!("state of the database {}", service.name);
        look(call, service, deadline).await.map_or_else(
            |why| Item::missing(&source, why),
            |text| Item {
                name: format!("database-{}.txt", service.name),
                source: source.clone(),
                found: Ok(text.into()),
            },
        )
    });
    futures::future::join_all(looks).await
}

async fn look(call: &Call<'_>, service: &Service, deadline: Instant) -> Result<String, Said> {
    let looks = &call.deps.looks;
    if !looks.knows(&service.name, KINDS) {
        return Err(Said::new(
            "postgres プローブがありません。ログインできるプローブを追加してください",
            "no postgres probe looks at it: add one, it knows how to log in",
        ));
    }
    let seen = timeout_at(deadline, looks.look(&service.name, KINDS)).await;
    let seen = seen.map_err(|_| {
        Said::new("プローブが時間内に応答しませんでした", "its probes gave no answer in time")
    })?;
    Ok(seen.iter().map(told).collect())
}

fn told(seen: &Observation) -> String {
    let detail = seen.detail.as_ref().map_or("", |detail| detail.en.as_str());
    let mut text = format!("== {} at {}: {detail}\n", seen.probe, seen.at);
    for (name, reading) in &seen.readings {
        text.push_str(&format!("{name}: {reading}\n"));
    }
    text
}
