//! Commands that talk to the running server: incidents, measures, alerts; and how all such commands ask and answer.

use crate::{
    client::Client,
    common::Common,
    show::{Trouble, pick, say},
    views::{show_alert, show_incident, table},
};
use clap::Subcommand;
use domain::said::Said;
use serde_json::{Value, json};
use std::{io::IsTerminal, process::ExitCode};

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
