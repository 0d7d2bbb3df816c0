//! `evidence.collect`: keeps what a repair would destroy, before it (A29, A30, C9).

use crate::{
    call::{Argument, Call, Done, Verb},
    evidence::{
        access::access,
        bundle::{self, Bundle, Item},
        database::databases,
        host,
        journal::journal,
        logs,
    },
    mask::Mask,
};
use domain::plan::{EffectKind, Outcome};
use domain::said::Said;
use futures::FutureExt;
use serde_json::json;
use std::time::Duration;
use tokio::{
    task::spawn_blocking,
    time::{Instant, timeout_at},
};

/// Writes an evidence bundle.
pub const VERB: Verb = Verb {
    name: "evidence.collect",
    summary: (
        "修復の前に、ジャーナル・ログ・アクセスログ・プロセス・メモリ・データベースの状態を証拠として保存する",
        "keeps journal, logs, access log, processes, memory and databases as evidence before the repair",
    ),
    effect: EffectKind::Read,
    arguments: &[
        Argument { name: "path", kind: "path", bounds: None },
        Argument { name: "since", kind: "duration", bounds: Some((60, 86_400)) },
    ],
    example: "```action {name=evidence timeout=60s}\nevidence.collect\nsince: 1h\n```",
    verify: None,
    undo: None,
    perform: |call| perform(call).boxed(),
};

/// A repair waits for evidence; not longer than this. The last part of it is for writing.
const LIMIT: Duration = Duration::from_secs(60);
const WRITING: Duration = Duration::from_secs(5);
/// How far back journals and access logs are kept.
const USUAL_WINDOW: Duration = Duration::from_secs(3600);

async fn perform(call: Call<'_>) -> Done {
    let end = call.deadline.min(Instant::now() + LIMIT);
    let deadline =
        end.checked_sub(WRITING).unwrap_or(end).max(Instant::now() + Duration::from_millis(500));
    let since = call.duration("since", USUAL_WINDOW);
    let patterns = patterns(&call);
    let run_folder = call.deps.run_folder.join(call.run.to_string());
    let unit = call.attribute("unit");
    // Side by side, each with a thread of its own: a sick disk or a stuck process holds up only its own part.
    let (unit, machine, host, logs, steps, access, databases) = tokio::join!(
        async {
            match unit {
                Some(unit) => Some(journal(&call, Some(unit), since, deadline).await),
                None => None,
            }
        },
        journal(&call, None, since, deadline),
        aside("processes and memory", deadline, || vec![host::processes(), host::memory()]),
        aside("log files", deadline, move || logs::logs(&patterns)),
        aside("outputs of the steps", deadline, move || logs::steps(&run_folder)),
        window(&call, since, deadline),
        databases(&call, deadline),
    );
    let items = unit.into_iter().chain([machine]).chain(host).chain(logs).chain(steps);
    write(&call, items.chain(access).chain(databases).collect(), since, end).await
}

/// The access log of the attribute `access_log`; nothing when the target declares none.
async fn window(call: &Call<'_>, since: Duration, deadline: Instant) -> Vec<Item> {
    let Some(path) = call.attribute("access_log").map(str::to_owned) else { return Vec::new() };
    let now = (call.deps.clock)();
    let from = now.checked_sub(since).unwrap_or(now);
    aside("access log", deadline, move || vec![access(&path, from)]).await
}

/// Looks on a thread of its own; what is not there by the deadline is missing.
async fn aside(
    source: &str,
    deadline: Instant,
    look: impl FnOnce() -> Vec<Item> + Send + 'static,
) -> Vec<Item> {
    let why = match timeout_at(deadline, spawn_blocking(look)).await {
        Ok(Ok(items)) => return items,
        Ok(Err(error)) => error.to_string().into(),
        Err(_) => Said::new("読み取りが時間内に終わりませんでした", "reading did not end in time"),
    };
    vec![Item::missing(source, why)]
}

async fn write(call: &Call<'_>, items: Vec<Item>, since: Duration, deadline: Instant) -> Done {
    let about = call.incident.map_or_else(|| call.run.to_string(), |incident| incident.to_string());
    let name = format!("{about}-{}", (call.deps.clock)().strftime("%Y%m%dT%H%M%SZ"));
    let manifest = json!({
        "made_at": (call.deps.clock)().to_string(),
        "run": call.run.to_string(),
        "incident": call.incident.map(|incident| incident.to_string()),
        "service": call.service.name.to_string(),
        "window_seconds": since.as_secs(),
    });
    let mask = Mask::new((call.deps.secrets)());
    let folder = call.deps.evidence_folder.clone();
    let shown = folder.display().to_string();
    let task = spawn_blocking(move || bundle::write(&folder, &name, items, manifest, &mask));
    match timeout_at(deadline, task).await {
        Ok(Ok(Ok(bundle))) => described(&bundle),
        Ok(Ok(Err(error))) => Done::failed(format!("{shown}: {error}")),
        Ok(Err(error)) => Done::failed(format!("{shown}: {error}")),
        Err(_) => Done::failed(Said::new(
            format!("{shown}: 書き込みが時間内に終わりませんでした"),
            format!("{shown}: writing did not end in time"),
        )),
    }
}

/// The declared log sources, the logs of the target, and what the fence names.
fn patterns(call: &Call<'_>) -> Vec<String> {
    let own = call.attribute("log_path").map(str::to_owned);
    let named = call.argument("path").map(str::to_owned);
    named.into_iter().chain(own).chain(call.deps.log_sources.iter().cloned()).collect()
}

fn described(bundle: &Bundle) -> Done {
    let path = bundle.path.display().to_string();
    let missing = bundle.missing.join("; ");
    let output =
        format!("{path}: {} files, {} bytes; missing: {missing}", bundle.files, bundle.bytes);
    let done = Done::new(Outcome::Ok, output)
        .with("files", bundle.files)
        .with("bytes", bundle.bytes)
        .with("manifest_sha256", &bundle.manifest_digest)
        .with("missing", missing.chars().take(1024).collect::<String>());
    Done { evidence: Some(path.into()), ..done }
}
