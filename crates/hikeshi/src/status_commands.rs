//! `hikeshi status …`: what customers see now, and a copy of it in a folder.

use crate::{
    client::Client,
    commands::{Done, present},
    common::Common,
    show::{Trouble, pick, say},
    views::{table, text, time},
};
use clap::Subcommand;
use domain::said::Said;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The page that customers see.
#[derive(Subcommand)]
pub enum StatusCommand {
    /// Say what customers see now
    Show,
    /// Write a copy of the page into a folder, to be served from elsewhere
    Export {
        /// The folder; files of an earlier copy are replaced
        folder: PathBuf,
    },
    /// Say how many want mails
    Subscribers,
}

/// Carries one out.
pub fn run(common: &Common, command: &StatusCommand) -> Done {
    let client = Client::find(common)?;
    match command {
        StatusCommand::Show => {
            let page = client.get("/api/v1/status-page").map_err(missing)?;
            present(common, &page, show)
        }
        StatusCommand::Subscribers => {
            let found = client.get("/api/v1/status-page/subscribers").map_err(missing)?;
            present(common, &found, |found| say!("{}", found["subscribers"]))
        }
        StatusCommand::Export { folder } => export(common, &client, folder),
    }
}

fn show(page: &Value) {
    say!("{} ({})", text(&page["state"]), time(&page["generated_at"]));
    table(&page["components"], &["name", "state", "stale", "uptime_percent"]);
    let count = |name: &str| page[name].as_array().map_or(0, Vec::len);
    say!("{}: {}", pick("現在の障害", "open incidents"), count("incidents"));
}

fn export(common: &Common, client: &Client, folder: &Path) -> Done {
    let found = client.get("/api/v1/status-page/files").map_err(missing)?;
    let mut files = Vec::new();
    for (name, content) in found["files"].as_object().into_iter().flatten() {
        files.push((name.clone(), content.as_str().unwrap_or_default().to_owned()));
    }
    // What others need comes before them: pages come last.
    files.sort_by_key(|(name, _)| name.ends_with(".html"));
    status::copy::write(folder, &files).map_err(|error| {
        Trouble::unusable(Said::new(
            format!("写しを書けません: {error}"),
            format!("the copy is not written: {error}"),
        ))
    })?;
    let names: Vec<_> = files.iter().map(|(name, _)| name).collect();
    let folder = folder.display().to_string();
    present(common, &json!({"folder": folder, "files": names}), |_| say!("{folder}"))
}

/// A server without a page has no such route.
fn missing(trouble: Trouble) -> Trouble {
    trouble.hint(Said::new(
        "設定に `status_page:` がなければページはありません",
        "without `status_page:` in the configuration there is no page",
    ))
}
