//! `hikeshi comms …`: texts for the press, customers and stakeholders: drafted, completed, read, released.

use crate::{
    client::Client,
    commands::{Done, done, escaped, present},
    common::Common,
    show::{Trouble, pick, say},
    views::{table, text, time},
};
use clap::Subcommand;
use domain::{ids::IncidentId, said::Said};
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// Texts for those who do not work on an incident.
#[derive(Subcommand)]
pub enum CommsCommand {
    /// Begin a draft from its template; whoever answers for the audience hears of it
    Draft {
        /// The incident; without it, the newest that is open
        incident: Option<String>,
        /// For whom
        #[arg(long, value_parser = ["media", "customers", "stakeholders"])]
        audience: String,
    },
    /// List the drafts that wait
    List,
    /// Read a draft as it would go out, and see what is still blank
    Preview {
        /// The draft, such as DRF-2
        id: String,
    },
    /// Fill in blanks: NAME=TEXT
    Fill {
        /// The draft
        id: String,
        /// The name of a blank and what stands there
        #[arg(required = true, value_name = "NAME=TEXT")]
        values: Vec<String>,
    },
    /// Write the subject or the text anew
    Edit {
        /// The draft
        id: String,
        /// The subject
        #[arg(long)]
        subject: Option<String>,
        /// A file with the text; `-` reads it from the standard input
        #[arg(long, value_name = "FILE")]
        body: Option<PathBuf>,
    },
    /// Send a draft to its audience; only whoever answers for the audience may
    Release {
        /// The draft
        id: String,
        /// The revision that you have read, as `comms preview` shows it
        #[arg(long)]
        revision: u32,
    },
    /// Throw a draft away
    Discard {
        /// The draft
        id: String,
        /// Why
        #[arg(long)]
        reason: String,
    },
}

/// Carries one out.
pub fn run(common: &Common, command: &CommsCommand) -> Done {
    let client = Client::find(common)?;
    let path = |id: &str, verb: &str| format!("/api/v1/drafts/{}{verb}", escaped(id));
    match command {
        CommsCommand::Draft { incident, audience } => {
            let incident = incident.as_deref().filter(|id| *id != "latest");
            let incident = incident.map(str::parse::<IncidentId>).transpose();
            let incident = incident.map_err(|error| Trouble::problem(Said::same(error)))?;
            let body = json!({"audience": audience, "incident": incident});
            present(common, &client.post("/api/v1/drafts", body)?, show)
        }
        CommsCommand::List => present(common, &client.get("/api/v1/drafts")?, |list| {
            let columns =
                ["id", "incident", "audience", "revision", "approver_role", "blanks", "subject"];
            table(list, &columns);
        }),
        CommsCommand::Preview { id } => present(common, &client.get(&path(id, ""))?, show),
        CommsCommand::Fill { id, values } => {
            let values = values.iter().map(|pair| value(pair)).collect::<Result<Map<_, _>, _>>()?;
            present(common, &client.post(&path(id, "/fill"), json!({"values": values}))?, show)
        }
        CommsCommand::Edit { id, subject, body } => {
            let text = body.as_ref().map(read).transpose()?;
            let ask = json!({"subject": subject, "body": text});
            present(common, &client.post(&path(id, "/edit"), ask)?, show)
        }
        CommsCommand::Release { id, revision } => {
            done(common, &client.post(&path(id, "/release"), json!({"revision": revision}))?)
        }
        CommsCommand::Discard { id, reason } => {
            done(common, &client.post(&path(id, "/discard"), json!({"reason": reason}))?)
        }
    }
}

/// `hikeshi digest`: what the daily digest would say now.
pub fn digest(common: &Common) -> Done {
    let digest = Client::find(common)?.get("/api/v1/digest")?;
    present(common, &digest, |digest| {
        say!("{}\n", text(&digest["subject"]));
        let body = digest["body"].as_str().unwrap_or_default();
        body.lines().for_each(|line| say!("{}", crate::show::plain(line)));
        let next = match &digest["next_at"] {
            Value::Null => pick("送信しない設定です", "none is sent").to_owned(),
            at => time(at),
        };
        say!("\n{}: {next} ({})", pick("次回の送信", "next"), text(&digest["channels"]));
    })
}

fn value(pair: &str) -> Result<(String, Value), Trouble> {
    let (name, text) = pair.split_once('=').ok_or_else(|| {
        Trouble::problem(Said::new(
            format!("`{pair}` は 名前=内容 ではありません"),
            format!("`{pair}` is not NAME=TEXT"),
        ))
    })?;
    Ok((name.to_owned(), Value::String(text.to_owned())))
}

fn read(file: &PathBuf) -> Result<String, Trouble> {
    let text = match file.as_os_str() == "-" {
        true => std::io::read_to_string(std::io::stdin()),
        false => std::fs::read_to_string(file),
    };
    text.map_err(|error| {
        let file = file.display();
        Trouble::problem(Said::new(
            format!("{file} を読めません: {error}"),
            format!("{file} cannot be read: {error}"),
        ))
    })
}

fn show(draft: &Value) {
    let (id, revision) = (&draft["id"], &draft["revision"]);
    say!("DRF-{id} → {} (INC-{})", text(&draft["audience"]), draft["incident"]);
    say!("\n{}\n", text(&draft["subject"]));
    // Its line breaks are its own; everything else of a person's text is shown harmless.
    let body = draft["body"].as_str().unwrap_or_default();
    body.lines().for_each(|line| say!("{}", crate::show::plain(line)));
    let blanks = draft["blanks"].as_array().map_or(0, Vec::len);
    if blanks > 0 {
        say!("\n{}: {}", pick("空欄", "blank"), text(&draft["blanks"]));
        return;
    }
    let who = match text(&draft["approver_role"]).as_str() {
        "-" => String::new(),
        role => format!(" ({role}: {})", text(&draft["approvers"])),
    };
    let word = pick("公開", "release");
    say!("\n{word}{who}: hikeshi comms release DRF-{id} --revision {revision}");
}
