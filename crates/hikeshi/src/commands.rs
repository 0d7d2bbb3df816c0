//! Commands that talk to the running server: incidents, alerts, runbooks, services, recovery.

use crate::{
    client::Client,
    common::Common,
    import_command, lint_command, promote_command,
    show::{Trouble, pick, plain, say},
    views::{show_alert, show_incident, show_run, show_runbook, show_would_run, table},
};
use clap::Subcommand;
use domain::said::Said;
use serde_json::{Value, json};
use std::{io::IsTerminal, process::ExitCode, time::Duration};

/// What can be asked of incidents. ID is `INC-12`, `12` or `latest`.
#[derive(Subcommand)]
pub enum IncidentCommand {
    /// List open incidents
    List {
        /// Also those that are over
        #[arg(long)]
        all: bool,
    },
    /// Show one with its timeline
    Show { id: String },
    /// Report one by hand
    Open {
        #[arg(long)]
        title: String,
        #[arg(long, default_value = "P3")]
        priority: String,
        #[arg(long)]
        service: Option<String>,
    },
    /// Take one: paging stops
    Ack { id: String },
    /// Write something into its timeline
    Note { id: String, text: String },
    /// Change its priority
    Priority {
        id: String,
        priority: String,
        #[arg(long)]
        reason: String,
    },
    /// Say that data may be lost: legal and management hear at once
    DataLoss {
        id: String,
        /// What speaks for it
        #[arg(long)]
        reason: String,
    },
    /// Give a role in it to somebody, or hand it over
    Assign {
        id: String,
        /// commander (指揮), operations (対処), communications (連絡) or scribe (記録)
        role: String,
        /// A contact, or yourself
        name: String,
    },
    /// Write down a measure, so that it does not happen again; the incident may be closed
    Measure {
        id: String,
        /// What is to be done
        text: String,
        /// Who does it
        #[arg(long)]
        owner: Option<String>,
        /// By which day, such as 2026-12-01
        #[arg(long, value_name = "DAY")]
        due: Option<jiff::civil::Date>,
    },
    /// Close one that has recovered; P0 and P1 need a root cause
    Close {
        id: String,
        /// Technical root cause
        #[arg(long, default_value = "")]
        cause: String,
        /// What in the process let it happen
        #[arg(long, default_value = "")]
        process: String,
        /// What people can do better
        #[arg(long, default_value = "")]
        human: String,
        /// Why a P0 that people opened is over although its recovery cannot be verified
        #[arg(long, value_name = "REASON", default_value = "")]
        unverified: String,
    },
}

/// What can be asked of measures.
#[derive(Subcommand)]
pub enum MeasureCommand {
    /// List those that are not done
    List {
        /// Only those whose day is over
        #[arg(long)]
        overdue: bool,
    },
    /// Say that one is done
    Done {
        /// The measure, such as M-3
        id: String,
    },
}

/// What can be asked of alerts. KEY is `A12`, `service_down@api-1` or `service_down`.
#[derive(Subcommand)]
pub enum AlertCommand {
    /// List firing alerts
    List {
        /// Also those that are over
        #[arg(long)]
        all: bool,
    },
    /// Show one with its timeline
    Show { key: String },
    /// Say what one was, once it is known; the last word counts
    Label {
        key: String,
        /// true: it meant trouble; false: nothing was wrong; noise: nobody had to hear of it; none: takes it back
        #[arg(value_parser = ["true", "false", "noise", "none"])]
        label: String,
    },
}

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

pub(crate) use crate::client::escaped;

pub(crate) type Done = Result<ExitCode, Trouble>;

/// `hikeshi incident …`
pub fn incident(common: &Common, command: IncidentCommand) -> Done {
    let client = Client::find(common)?;
    let path = |id: &str, verb: &str| format!("/api/v1/incidents/{}{verb}", escaped(id));
    match command {
        IncidentCommand::List { all } => {
            let list = client.get(&format!("/api/v1/incidents?all={all}"))?;
            present(common, &list, |list| {
                table(list, &["id", "priority", "state", "opened_at", "title"])
            })
        }
        IncidentCommand::Show { id } => {
            present(common, &client.get(&path(&id, ""))?, show_incident)
        }
        IncidentCommand::Open { title, priority, service } => {
            let body =
                json!({"title": title, "priority": priority.to_uppercase(), "service": service});
            done(common, &client.post("/api/v1/incidents", body)?)
        }
        IncidentCommand::Ack { id } => {
            done(common, &client.post(&path(&latest(&client, &id)?, "/acknowledge"), json!({}))?)
        }
        IncidentCommand::Note { id, text } => done(
            common,
            &client.post(&path(&latest(&client, &id)?, "/note"), json!({"text": text}))?,
        ),
        IncidentCommand::Priority { id, priority, reason } => {
            let body = json!({"priority": priority.to_uppercase(), "reason": reason});
            done(common, &client.post(&path(&latest(&client, &id)?, "/priority"), body)?)
        }
        IncidentCommand::DataLoss { id, reason } => {
            let path = path(&latest(&client, &id)?, "/data-loss");
            done(common, &client.post(&path, json!({"reason": reason}))?)
        }
        IncidentCommand::Assign { id, role, name } => {
            let path = path(&latest(&client, &id)?, "/roles");
            done(common, &client.post(&path, json!({"role": role, "to": name}))?)
        }
        IncidentCommand::Measure { id, text, owner, due } => {
            let path = path(&latest(&client, &id)?, "/measures");
            let body = json!({"text": text, "owner": owner, "due": due});
            done(common, &client.post(&path, body)?)
        }
        IncidentCommand::Close { id, cause, process, human, unverified } => {
            let body = json!({
                "technical": cause, "process": process, "human": human, "unverified": unverified,
            });
            done(common, &client.post(&path(&latest(&client, &id)?, "/close"), body)?)
        }
    }
}

/// `hikeshi measure …`
pub fn measure(common: &Common, command: MeasureCommand) -> Done {
    let client = Client::find(common)?;
    match command {
        MeasureCommand::List { overdue } => {
            let mut list = client.get("/api/v1/measures")?;
            if let Value::Array(measures) = &mut list {
                measures.retain(|measure| !overdue || measure["overdue"] == true);
            }
            present(common, &list, |list| {
                table(list, &["id", "incident", "owner", "due", "overdue", "text"])
            })
        }
        MeasureCommand::Done { id } => {
            let path = format!("/api/v1/measures/{}/done", escaped(&id));
            done(common, &client.post(&path, json!({}))?)
        }
    }
}

/// `hikeshi alert …`
pub fn alert(common: &Common, command: AlertCommand) -> Done {
    let client = Client::find(common)?;
    match command {
        AlertCommand::List { all } => {
            let list = client.get(&format!("/api/v1/alerts?all={all}"))?;
            present(common, &list, |list| table(list, &["id", "level", "state", "key", "observed"]))
        }
        AlertCommand::Show { key } => {
            present(common, &client.get(&format!("/api/v1/alerts/{}", escaped(&key)))?, show_alert)
        }
        AlertCommand::Label { key, label } => {
            let label = (label != "none").then_some(label);
            let path = format!("/api/v1/alerts/{}/label", escaped(&key));
            done(common, &client.post(&path, json!({"label": label}))?)
        }
    }
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

pub(crate) fn agree(yes: bool, ja: &str, en: &str) -> Result<(), Trouble> {
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return Err(Trouble::unusable(Said::new(
            "確認が必要です: --yes を付けてください",
            "this needs an answer: add --yes",
        )));
    }
    anstream::eprint!("{} [y/N] ", pick(ja, en));
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer).is_ok();
    if read && matches!(answer.trim(), "y" | "Y" | "yes") {
        Ok(())
    } else {
        Err(Trouble::problem(Said::new("中止しました", "nothing was done")))
    }
}

fn latest(client: &Client, id: &str) -> Result<String, Trouble> {
    if id != "latest" {
        return Ok(id.to_owned());
    }
    Ok(client.get("/api/v1/incidents/latest")?["id"].to_string())
}

pub(crate) fn present(common: &Common, value: &Value, show: impl Fn(&Value)) -> Done {
    if common.json {
        say!("{value}");
    } else {
        show(value);
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn done(common: &Common, value: &Value) -> Done {
    present(common, value, |_| say!("{}", pick("記録しました", "done")))
}
