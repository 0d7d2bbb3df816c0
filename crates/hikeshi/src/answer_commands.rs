//! Commands with which people answer: approvals, steps of unknown outcome, and the switch that stops automation.

use crate::{
    client::Client,
    commands::{Done, agree, done, escaped, present},
    common::Common,
    show::{pick, plain, say},
    views::{self, show_run, table},
};
use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};

/// What can be asked of approvals. ID is `APP-3` or `3`.
#[derive(Subcommand)]
pub enum ApprovalCommand {
    /// List what waits for a yes
    List,
    /// Show what exactly would run: body, values, digest, evidence
    Show { id: String },
    /// Agree: shows what would run, then asks
    Approve {
        id: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Do not agree: the run ends and people go on
    Deny {
        id: String,
        /// Why
        #[arg(long)]
        reason: String,
    },
}

/// What can be asked of runs. ID is `RUN-7` or `7`.
#[derive(Subcommand)]
pub enum RunCommand {
    /// Show one with every attempt
    Show { id: String },
    /// Say what became of a step whose outcome is unknown
    Answer {
        id: String,
        answer: Word,
        /// How you know
        #[arg(long)]
        reason: String,
    },
    /// End one before its next step
    End {
        id: String,
        /// Why
        #[arg(long)]
        reason: String,
    },
}

/// What became of a step.
#[derive(Clone, Copy, ValueEnum)]
pub enum Word {
    /// Treat it as done
    Done,
    /// Treat it as not done, and run it again
    Again,
    /// Stop, people go on by hand
    Manual,
}

/// `hikeshi approval …`
pub fn approval(common: &Common, command: ApprovalCommand) -> Done {
    let client = Client::find(common)?;
    let path = |id: &str, verb: &str| format!("/api/v1/approvals/{}{verb}", escaped(id));
    match command {
        ApprovalCommand::List => present(common, &client.get("/api/v1/approvals")?, |list| {
            table(list, &["id", "step", "target", "effect", "needs", "expires_at"])
        }),
        ApprovalCommand::Show { id } => {
            present(common, &client.get(&path(&id, ""))?, show_approval)
        }
        ApprovalCommand::Approve { id, yes } => {
            let asked = client.get(&path(&id, ""))?;
            if !common.json {
                show_approval(&asked);
            }
            agree(yes, "これを実行してよいですか?", "may this run?")?;
            // By its number: what was shown is what is answered.
            let number = asked["id"].to_string();
            done(common, &client.post(&path(&number, "/approve"), json!({}))?)
        }
        ApprovalCommand::Deny { id, reason } => {
            done(common, &client.post(&path(&id, "/deny"), json!({"reason": reason}))?)
        }
    }
}

fn show_approval(asked: &Value) {
    let text = |key: &str| plain(asked[key].as_str().unwrap_or_default());
    let joined = |key: &str| {
        let list = asked[key].as_array().into_iter().flatten();
        list.map(views::text).collect::<Vec<_>>().join(", ")
    };
    say!("APP-{}  RUN-{}  {} → {}", asked["id"], asked["run"], text("step"), text("target"));
    let effect = text("effect");
    for (ja, en, value) in [
        ("影響", "effect", effect),
        ("理由", "why", joined("reasons")),
        ("証拠", "evidence", joined("evidence")),
        ("ダイジェスト", "digest", text("digest")),
        ("必要人数", "people needed", asked["needs"].to_string()),
        ("期限", "until", text("expires_at")),
    ] {
        if !value.is_empty() {
            say!("  {}: {value}", pick(ja, en));
        }
    }
    for (name, value) in asked["values"].as_object().into_iter().flatten() {
        say!("  {}={}", plain(name), plain(value.as_str().unwrap_or_default()));
    }
    match asked["body"].as_str() {
        Some(body) => body.lines().for_each(|line| say!("  | {}", plain(line))),
        None => say!(
            "  {}",
            pick(
                "手順書が変わりました。この承認では何も実行されません",
                "the runbook has changed: nothing runs on this approval"
            )
        ),
    }
}

/// `hikeshi run …`
pub fn run(common: &Common, command: RunCommand) -> Done {
    let client = Client::find(common)?;
    let path = |id: &str, verb: &str| format!("/api/v1/runs/{}{verb}", escaped(id));
    match command {
        RunCommand::Show { id } => present(common, &client.get(&path(&id, ""))?, show_run),
        RunCommand::Answer { id, answer, reason } => {
            let word = match answer {
                Word::Done => "done",
                Word::Again => "again",
                Word::Manual => "manual",
            };
            let body = json!({"answer": word, "reason": reason});
            done(common, &client.post(&path(&id, "/answer"), body)?)
        }
        RunCommand::End { id, reason } => {
            done(common, &client.post(&path(&id, "/end"), json!({"reason": reason}))?)
        }
    }
}

/// `hikeshi stop-automation`
pub fn stop(common: &Common, reason: &str, hold: Option<&str>) -> Done {
    let body = json!({"reason": reason, "for": hold});
    done(common, &Client::find(common)?.post("/api/v1/automation/stop", body)?)
}

/// `hikeshi resume-automation`
pub fn resume(common: &Common) -> Done {
    done(common, &Client::find(common)?.post("/api/v1/automation/resume", json!({}))?)
}

/// `hikeshi automation`
pub fn automation(common: &Common) -> Done {
    let found = Client::find(common)?.get("/api/v1/automation")?;
    present(common, &found, |found| {
        let stopped = &found["stopped"];
        if stopped.is_null() {
            say!("{}", pick("自動操作: 有効", "automation: on"));
        } else {
            let text = |key: &str| plain(stopped[key].as_str().unwrap_or_default());
            let by = plain(stopped["by"]["person"].as_str().unwrap_or_default());
            let word = pick("自動操作: 停止中", "automation: stopped");
            say!("{word} ({by}: {}) {}", text("reason"), text("until"));
        }
        table(&found["latched"], &["service", "until"]);
        table(&found["frozen"], &["service", "freeze"]);
    })
}
