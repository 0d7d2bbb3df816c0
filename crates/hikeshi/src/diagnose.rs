//! `hikeshi diagnose`: surveys that look closer than `check`, change nothing, and end within a minute.

use crate::{
    client::Client,
    clock,
    common::Common,
    diagnose_views as views,
    show::{Trouble, say, trouble},
    surveying::Surveying,
};
use clap::Subcommand;
use domain::{ids::ServiceName, said::Said};
use serde::Serialize;
use serde_json::{Value, json};
use std::{process::ExitCode, time::Duration};
use survey::{Rotations, ServiceAsked, Status};

/// How long `diagnose logs` may take.
const LOGS_LIMIT: Duration = Duration::from_secs(40);
/// So many of a service's incidents and alerts are shown.
const RECENT: usize = 10;

/// What can be looked at closely. Exit codes: 0 fine, 1 trouble found, 2 could not look.
#[derive(Subcommand)]
pub enum DiagnoseCommand {
    /// What is slow, why, and whether that is normal
    Perf,
    /// The way to the database step by step, and what it counts about itself
    Db,
    /// One service: how it runs, what it says, what it needs
    Service {
        /// Its name
        name: String,
    },
    /// Whether every configured log is there, is readable, is written to, and is rotated
    Logs,
}

type Done = Result<ExitCode, Trouble>;

/// `hikeshi diagnose …`
pub fn run(common: &Common, command: DiagnoseCommand) -> Done {
    let surveying = Surveying::new(common)?;
    match command {
        DiagnoseCommand::Perf => perf(common, surveying),
        DiagnoseCommand::Db => db(common, surveying),
        DiagnoseCommand::Service { name } => service(common, surveying, &name.into()),
        DiagnoseCommand::Logs => logs(common, surveying),
    }
}

fn perf(common: &Common, surveying: Surveying) -> Done {
    let perf = surveying.look(async |loaded, deps, cleaner| {
        let data = loaded.settings.data.clone();
        survey::perf(&loaded.probes, deps, data, clock::now(), cleaner).await
    });
    let code = match perf.status {
        Status::Ok => 0,
        Status::Degraded => 1,
        Status::Failed => 2,
    };
    show(common, &document(&perf)?, views::perf, code)
}

fn db(common: &Common, surveying: Surveying) -> Done {
    let found = surveying.look(async |loaded, deps, cleaner| {
        survey::db(&loaded.probes, deps, clock::now(), cleaner).await
    });
    let Some(db) = found else {
        return Err(Trouble::unusable(Said::new(
            "`postgres` か `postgres_stats` のプローブが設定されていません",
            "no `postgres` or `postgres_stats` probe is configured",
        ))
        .hint(Said::new(
            "`hikeshi.yaml` の `probes:` に足してください",
            "add one to `probes:` in hikeshi.yaml",
        )));
    };
    show(common, &document(&db)?, views::db, u8::from(db.status != Status::Ok))
}

fn service(common: &Common, surveying: Surveying, name: &ServiceName) -> Done {
    if surveying.loaded.policy.graph.get(name).is_none() {
        return Err(Trouble::unusable(Said::new(
            format!("サービス {name} はありません"),
            format!("there is no service {name}"),
        )));
    }
    let state = surveying.look(async |loaded, deps, cleaner| {
        let asked = ServiceAsked {
            service: name,
            specs: &loaded.probes,
            deps,
            policy: &loaded.policy,
            sources: &survey::log_sources(&loaded.probes, &loaded.settings.evidence_logs),
            zone: loaded.settings.zone.clone(),
            now: clock::now(),
        };
        survey::service(&asked, cleaner).await
    });
    let mut value = document(&state)?;
    value["recent"] = recent(common, name);
    show(common, &value, views::service, u8::from(state.status != Status::Ok))
}

/// What the server knows of a service; without a server it says why nothing is known.
fn recent(common: &Common, name: &ServiceName) -> Value {
    let asked = || {
        let client = Client::find(common)?;
        let alerts = client.get("/api/v1/alerts?all=true&limit=500")?;
        let incidents = client.get("/api/v1/incidents?all=true&limit=500")?;
        let of = |list: &Value, key: &str| -> Vec<Value> {
            let list = list.as_array().into_iter().flatten();
            list.filter(|one| one[key] == name.as_str()).take(RECENT).cloned().collect()
        };
        let alerts = of(&alerts, "service");
        let belongs = |incident: &&Value| {
            incident["cause"] == name.as_str()
                || alerts.iter().any(|alert| alert["incident"] == incident["id"])
        };
        let list = incidents.as_array().into_iter().flatten();
        let incidents: Vec<_> = list.filter(belongs).take(RECENT).collect();
        Ok::<_, Trouble>(json!({"alerts": alerts, "incidents": incidents, "not_measured": null}))
    };
    asked().unwrap_or_else(|trouble| {
        let why = trouble.said.text(crate::show::language());
        json!({"alerts": null, "incidents": null, "not_measured": why})
    })
}

fn logs(common: &Common, surveying: Surveying) -> Done {
    let logs = surveying.look(async |loaded, _, cleaner| {
        let sources = survey::log_sources(&loaded.probes, &loaded.settings.evidence_logs);
        let zone = loaded.settings.zone.clone();
        let rotations = Rotations::of_this_machine().and_runbooks(&loaded.policy);
        survey::logs(sources, rotations, zone, clock::now(), cleaner.clone(), LOGS_LIMIT).await
    });
    let code = match (logs.status, logs.logs.is_empty()) {
        (Status::Ok, _) => 0,
        (_, false) => 1,
        (_, true) => 2,
    };
    show(common, &document(&logs)?, views::logs, code)
}

fn document(found: &impl Serialize) -> Result<Value, Trouble> {
    serde_json::to_value(found).map_err(trouble)
}

fn show(common: &Common, value: &Value, view: fn(&Value), code: u8) -> Done {
    if common.json {
        say!("{value}");
    } else {
        view(value);
    }
    Ok(ExitCode::from(code))
}
