//! Commands about what is done to services: runbooks, restarts, recovery.

use crate::{
    client::{Client, escaped},
    commands::{Done, agree, done, present},
    common::Common,
    import_command, lint_command, promote_command,
    show::{Trouble, pick, plain, say},
    views::{show_run, show_runbook, show_would_run, table},
};
use clap::Subcommand;
use domain::said::Said;
use serde_json::{Value, json};
use std::{process::ExitCode, time::Duration};

/// What can be asked of runbooks.
#[derive(Subcommand)]
pub enum RunbookCommand {
    /// List runbooks
    List,
    /// Show one with its steps
    Show { name: String },
    /// Say what is wrong with documents, whatever house they are of; needs no server
    Lint(lint_command::LintArguments),
    /// Turn a team's documents into drafts of runbooks and a configuration; needs no server
    Import(import_command::ImportArguments),
    /// Show what changed between documents and drafts; exit code 1 when something did
    Diff(import_command::DiffArguments),
    /// Let one run by itself: nothing may stand against it, and it must have been shown in a dry run
    Promote(promote_command::PromoteArguments),
    /// Run one
    Run {
        name: String,
        /// On this service
        #[arg(long)]
        service: String,
        /// Run only what changes nothing, show the rest
        #[arg(long)]
        dry_run: bool,
    },
    /// Take a step back, where its runbook says how
    Undo {
        name: String,
        /// The step that is taken back
        step: String,
        /// On this service
        #[arg(long)]
        service: String,
    },
}

/// What can be asked of services.
#[derive(Subcommand)]
pub enum ServiceCommand {
    /// How services are
    Status { name: Option<String> },
    /// Restart one, with the guardrails, and see that it is healthy
    Restart {
        name: String,
        /// Show what would run
        #[arg(long)]
        dry_run: bool,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Let automation touch one again that is latched
    Release { name: String },
}

/// `hikeshi runbook …`
pub fn runbook(common: &Common, command: RunbookCommand) -> Done {
    let client = || Client::find(common);
    match command {
        RunbookCommand::List => present(common, &client()?.get("/api/v1/runbooks")?, |list| {
            table(list, &["name", "mode", "alert", "service", "title"])
        }),
        RunbookCommand::Show { name } => present(
            common,
            &client()?.get(&format!("/api/v1/runbooks/{}", escaped(&name)))?,
            show_runbook,
        ),
        RunbookCommand::Promote(asked) => promote_command::run(common, &asked),
        RunbookCommand::Import(asked) => import_command::run(common, &asked),
        RunbookCommand::Diff(asked) => import_command::diff(common, &asked),
        RunbookCommand::Lint(asked) => lint_command::run(common, &asked),
        RunbookCommand::Run { name, service, dry_run } => {
            start(common, &client()?, &name, &service, dry_run)
        }
        RunbookCommand::Undo { name, step, service } => {
            undo(common, &client()?, &name, &step, &service)
        }
    }
}

/// `hikeshi service …`
pub fn service(common: &Common, command: ServiceCommand) -> Done {
    let client = Client::find(common)?;
    match command {
        ServiceCommand::Status { name } => {
            let mut list = client.get("/api/v1/services")?;
            if let (Some(name), Value::Array(services)) = (name, &mut list) {
                services.retain(|service| service["name"] == name.as_str());
                if services.is_empty() {
                    return Err(Trouble::problem(Said::new(
                        format!("サービス {name} はありません"),
                        format!("there is no service {name}"),
                    )));
                }
            }
            present(common, &list, |list| {
                table(list, &["name", "health", "alerts", "run", "title"])
            })
        }
        ServiceCommand::Release { name } => release(common, &client, &name),
        ServiceCommand::Restart { name, dry_run, yes } => {
            if !dry_run {
                agree(yes, &format!("{name} を再起動しますか?"), &format!("restart {name}?"))?;
            }
            start(common, &client, config::RESTART, &name, dry_run)
        }
    }
}

/// `hikeshi recover`
pub fn recover(common: &Common, yes: bool) -> Done {
    agree(
        yes,
        "発生中のアラートの手順書をすべて実行しますか?",
        "run the runbooks of everything that burns?",
    )?;
    let client = Client::find(common)?;
    let started = client.post("/api/v1/recover", json!({}))?;
    let runs: Vec<_> =
        started["runs"].as_array().into_iter().flatten().filter_map(Value::as_u64).collect();
    let ended: Vec<_> = runs.iter().map(|run| wait(&client, *run)).collect::<Result<_, _>>()?;
    let good = ended.iter().all(is_good);
    if common.json {
        say!("{}", json!({"runs": ended}));
    } else {
        ended.iter().for_each(show_run);
    }
    Ok(ExitCode::from(u8::from(!good)))
}

fn undo(common: &Common, client: &Client, runbook: &str, step: &str, service: &str) -> Done {
    let path = format!("/api/v1/runbooks/{}/undo", escaped(runbook));
    let started = client.post(&path, json!({"step": step, "service": service}))?;
    finished(common, client, &started)
}

fn release(common: &Common, client: &Client, service: &str) -> Done {
    let path = format!("/api/v1/services/{}/release", escaped(service));
    done(common, &client.post(&path, json!({}))?)
}

fn start(common: &Common, client: &Client, runbook: &str, service: &str, dry_run: bool) -> Done {
    let started = client.post(
        &format!("/api/v1/runbooks/{}/run", escaped(runbook)),
        json!({"service": service, "dry_run": dry_run}),
    )?;
    finished(common, client, &started)
}

/// Waits for the run that was started, and shows how it ended.
fn finished(common: &Common, client: &Client, started: &Value) -> Done {
    let run = wait(client, started["run"].as_u64().unwrap_or_default())?;
    if common.json {
        say!("{run}");
    } else {
        show_run(&run);
        if run["dry_run"] == true {
            let text = |key: &str| run[key].as_str().unwrap_or_default().to_owned();
            let path = format!("/api/v1/runbooks/{}", escaped(&text("runbook")));
            show_would_run(&client.get(&path)?, &text("target"));
        }
    }
    Ok(ExitCode::from(u8::from(!is_good(&run))))
}

/// Waits until a run is over; a run that is held shows why.
fn wait(client: &Client, run: u64) -> Result<Value, Trouble> {
    let mut last = String::new();
    loop {
        let view = client.get(&format!("/api/v1/runs/{run}"))?;
        if !view["result"].is_null() {
            return Ok(view);
        }
        let news = view["timeline"]
            .as_array()
            .and_then(|list| list.last())
            .map(|entry| entry["text"][pick("ja", "en")].to_string())
            .unwrap_or_default();
        if news != last {
            anstream::eprintln!("{}", plain(news.trim_matches('"')));
            last = news;
        }
        std::thread::sleep(Duration::from_millis(300));
    }
}

fn is_good(run: &Value) -> bool {
    matches!(
        run["result"].as_str(),
        Some("recovered" | "recovered_uncertain" | "not_needed" | "dry_run" | "undone")
    )
}
