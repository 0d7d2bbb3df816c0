//! `hikeshi notices`: the delivery ledger: each attempt to tell somebody, when, what was answered, and what shows that it
//! arrived.

use crate::{
    client::Client,
    commands::{Done, escaped, present},
    common::Common,
    show::{pick, plain, say},
    views::text,
};
use clap::Args;
use serde_json::Value;

/// Which part of the ledger is shown.
#[derive(Args)]
pub struct NoticesArguments {
    /// Only of this incident, such as INC-7
    #[arg(long, value_name = "ID")]
    incident: Option<String>,
    /// Only to this contact
    #[arg(long, value_name = "NAME")]
    contact: Option<String>,
    /// Only what is not delivered yet
    #[arg(long, conflicts_with = "failed")]
    pending: bool,
    /// Only what was given up, or had an attempt that failed or missed its person
    #[arg(long)]
    failed: bool,
    /// So many, the newest
    #[arg(long, default_value_t = 100)]
    limit: usize,
}

/// Prints it, newest first.
pub fn run(common: &Common, asked: &NoticesArguments) -> Done {
    let only = match (asked.pending, asked.failed) {
        (true, _) => Some("pending"),
        (_, true) => Some("failed"),
        _ => None,
    };
    let mut path = format!("/api/v1/notices?limit={}", asked.limit);
    for (key, value) in [
        ("incident", asked.incident.as_deref()),
        ("contact", asked.contact.as_deref()),
        ("only", only),
    ] {
        path.extend(value.map(|value| format!("&{key}={}", escaped(value))));
    }
    present(common, &Client::find(common)?.get(&path)?, |found| {
        let list = found.as_array().map(Vec::as_slice).unwrap_or_default();
        list.iter().for_each(show);
        if list.is_empty() {
            say!("{}", pick("ありません", "none"));
        }
    })
}

/// One notice: what, to whom, where it stands; below it what was tried and what came of it.
fn show(notice: &Value) {
    let field = |key: &str| text(&notice[key]);
    let to = if notice["to"].is_null() { text(&notice["channels"][0]) } else { field("to") };
    say!("N{}  {}  {}  {to}  {}", field("id"), field("owed_at"), field("state"), field("subject"));
    let rows = |key: &str| notice[key].as_array().cloned().unwrap_or_default();
    for one in rows("attempts") {
        let cell = |key: &str| text(&one[key]);
        say!("  {}  {}  {}  {}", cell("at"), cell("channel"), cell("outcome"), cell("detail"));
    }
    for one in rows("misses") {
        let cell = |key: &str| text(&one[key]);
        say!("  {}  {}  {}  {}", cell("at"), cell("channel"), cell("miss"), cell("detail"));
    }
    for one in rows("proofs") {
        let by = one["by"].as_object().and_then(|by| by.values().next()).and_then(Value::as_str);
        say!("  {}  {}  {}", text(&one["at"]), text(&one["proof"]), plain(by.unwrap_or("-")));
    }
    if let Some(next) = notice["next_at"].as_str() {
        say!("  {}: {}", pick("次の送信", "next attempt"), plain(next));
    }
}
