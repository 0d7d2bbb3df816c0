//! Commands for quiet: silences and maintenance windows.

use crate::{
    client::Client,
    commands::{Done, done, escaped, present},
    common::Common,
    on_call_commands,
    show::{Trouble, pick, say},
    views::table,
};
use clap::Subcommand;
use domain::said::Said;
use serde_json::{Value, json};

/// What can be asked of silences. ID may be cut as long as it names one.
#[derive(Subcommand)]
pub enum SilenceCommand {
    /// Silence alerts that meet all matchers, such as 'alertname="DiskBusy", host=~"web-.*"'
    Add {
        #[arg(required = true)]
        matchers: Vec<String>,
        /// For how long: 30m, 2h, 1h30m
        #[arg(long = "for", value_name = "TIME")]
        length: String,
        /// Why
        #[arg(long)]
        comment: String,
    },
    /// List silences and windows
    List {
        /// Also those that are over
        #[arg(long)]
        all: bool,
    },
    /// End one now: what still burns is judged anew
    Expire { id: String },
}

/// What can be asked of maintenance windows. Start and end are told, and nothing pages inside.
#[derive(Subcommand)]
pub enum MaintenanceCommand {
    /// Begin to work on services
    Start {
        /// The services, separated by commas; a group means its members
        #[arg(long, required = true, value_delimiter = ',', value_name = "SERVICES")]
        scope: Vec<String>,
        /// For how long: 30m, 2h, 1h30m
        #[arg(long = "for", value_name = "TIME")]
        length: String,
        /// When it begins, such as 2026-12-01T02:00; without it, now
        #[arg(long, value_name = "TIME")]
        at: Option<String>,
        /// What for, told to those who work here
        #[arg(long)]
        comment: Option<String>,
        /// Customers hear of it on the status page
        #[arg(long)]
        announce: bool,
        /// What they read there; only whoever answers for what customers read may say it
        #[arg(long, value_name = "TEXT")]
        words: Option<String>,
    },
    /// End one now; without an ID the only one that there is
    End { id: Option<String> },
    /// List windows
    List {
        /// Also those that are over
        #[arg(long)]
        all: bool,
    },
}

const SILENCES: &str = "/api/v1/silences";

/// `hikeshi silence …`
pub fn silence(common: &Common, command: SilenceCommand) -> Done {
    let client = Client::find(common)?;
    match command {
        SilenceCommand::Add { matchers, length, comment } => {
            let body = json!({"matchers": matchers.join(","), "for": length, "comment": comment});
            added(common, &client.post(SILENCES, body)?)
        }
        SilenceCommand::List { all } => list(common, &listed(&client, all)?),
        SilenceCommand::Expire { id } => end(common, &client, &id, |_| true),
    }
}

/// `hikeshi maint …`
pub fn maintenance(common: &Common, command: MaintenanceCommand) -> Done {
    let client = Client::find(common)?;
    match command {
        MaintenanceCommand::Start { scope, length, at, comment, announce, words } => {
            let comment = comment.unwrap_or_else(|| pick("メンテナンス", "maintenance").to_owned());
            let mut body = json!({
                "services": scope, "for": length, "comment": comment, "announce": announce, "words": words,
            });
            if let Some(at) = at {
                body["starts_at"] = json!(on_call_commands::moment(common, &at)?);
            }
            added(common, &client.post("/api/v1/maintenance", body)?)
        }
        MaintenanceCommand::End { id } => {
            end(common, &client, &id.unwrap_or_default(), is_maintenance)
        }
        MaintenanceCommand::List { all } => {
            let mut found = listed(&client, all)?;
            if let Value::Array(silences) = &mut found {
                silences.retain(is_maintenance);
            }
            list(common, &found)
        }
    }
}

fn is_maintenance(silence: &Value) -> bool {
    silence["kind"] == "maintenance"
}

fn listed(client: &Client, all: bool) -> Result<Value, Trouble> {
    client.get(&format!("{SILENCES}?all={all}"))
}

fn list(common: &Common, found: &Value) -> Done {
    let columns = [
        "id",
        "kind",
        "state",
        "starts_at",
        "ends_at",
        "hides",
        "created_by",
        "matchers",
        "comment",
    ];
    present(common, found, |found| table(found, &columns))
}

fn added(common: &Common, kept: &Value) -> Done {
    present(common, kept, |kept| say!("{}", kept["id"].as_str().unwrap_or_default()))
}

/// Ends the one whose ID begins so.
fn end(common: &Common, client: &Client, start: &str, fits: fn(&Value) -> bool) -> Done {
    let found = listed(client, true)?;
    let id = |silence: &Value| silence["id"].as_str().unwrap_or_default().to_owned();
    let named = |silence: &&Value| fits(silence) && id(silence).starts_with(start);
    let all: Vec<_> = found.as_array().into_iter().flatten().filter(named).collect();
    let living: Vec<_> = all.iter().filter(|silence| silence["state"] != "expired").collect();
    let one = match (living.as_slice(), all.as_slice()) {
        ([one], _) => id(one),
        // One that is over is refused by the server, with its reason.
        ([], [one]) if !start.is_empty() => id(one),
        ([], _) => {
            return Err(Trouble::problem(Said::new(
                format!("`{start}` に当てはまるものはありません"),
                format!("there is none with `{start}`"),
            )));
        }
        (several, _) => {
            let ids: Vec<_> = several.iter().map(|silence| id(silence)).collect();
            let ids = ids.join(", ");
            return Err(Trouble::problem(Said::new(
                format!("どれか指定してください: {ids}"),
                format!("say which one: {ids}"),
            )));
        }
    };
    done(common, &client.delete(&format!("{SILENCES}/{}", escaped(&one)))?)
}
