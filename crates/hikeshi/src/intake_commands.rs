//! Commands that tell something: reports of users, signs of life of jobs; and how heartbeats are.

use crate::{
    client::Client,
    commands::{Done, done, escaped, present},
    common::Common,
    show::{pick, say},
    views::table,
};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

/// A report of a user: it opens an incident, or joins the one that it is about.
#[derive(Args)]
pub struct ReportArguments {
    /// Who reports; by default you
    #[arg(long)]
    from: Option<String>,
    /// What is wrong, in their words
    #[arg(long)]
    text: String,
    /// The service that it is about, where that is known
    #[arg(long)]
    service: Option<String>,
}

/// A sign of life of a job.
#[derive(Args)]
pub struct PingArguments {
    /// The heartbeat's name in the configuration
    name: String,
    /// The job begins
    #[arg(long, group = "kind")]
    start: bool,
    /// The job failed
    #[arg(long, group = "kind")]
    fail: bool,
    /// The job ended with this code; 0 is success
    #[arg(long, group = "kind", value_name = "CODE")]
    exit: Option<u8>,
    /// Which run, where several are under way at the same time
    #[arg(long, value_name = "ID")]
    run: Option<String>,
    /// What the job says
    #[arg(long, default_value = "")]
    text: String,
}

/// What can be asked of heartbeats.
#[derive(Subcommand)]
pub enum HeartbeatCommand {
    /// List the jobs that must give a sign of life
    List,
}

/// `hikeshi report`
pub fn report(common: &Common, ask: &ReportArguments) -> Done {
    let body = json!({"from": ask.from, "text": ask.text, "service": ask.service});
    let kept = Client::find(common)?.post("/api/v1/reports", body)?;
    present(common, &kept, |kept| match kept["incident"].as_u64() {
        Some(incident) => say!("INC-{incident}"),
        None => say!("{}", pick("記録しました", "done")),
    })
}

/// `hikeshi ping`
pub fn ping(common: &Common, ask: &PingArguments) -> Done {
    let kind = match (ask.start, ask.fail, ask.exit) {
        (true, ..) => json!("start"),
        (_, true, _) => json!("fail"),
        (_, _, Some(code)) => json!({"exit": code}),
        _ => Value::Null,
    };
    let body = json!({"kind": kind, "run": ask.run, "text": ask.text});
    let path = format!("/api/v1/heartbeats/{}/ping", escaped(&ask.name));
    done(common, &Client::find(common)?.post(&path, body)?)
}

/// `hikeshi heartbeat …`
pub fn heartbeat(common: &Common, command: &HeartbeatCommand) -> Done {
    match command {
        HeartbeatCommand::List => {
            let list = Client::find(common)?.get("/api/v1/heartbeats")?;
            present(common, &list, |list| {
                table(list, &["name", "state", "service", "heard", "succeeded_at", "due_at"])
            })
        }
    }
}
