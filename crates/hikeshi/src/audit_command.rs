//! `hikeshi audit`: who did what, and which secrets were asked for; read straight from the journal.

use crate::{
    common::Common,
    journal_commands,
    show::{self, Trouble, say},
    validate,
};
use clap::Args;
use domain::{audit, ids::Actor, said::Said, tell};
use jiff::{SignedDuration, Timestamp};
use journal::{Entry, SqliteReader};
use serde_json::{Value, json};
use std::process::ExitCode;

/// So many facts are read at once.
const PAGE: usize = 10_000;

/// What of the audit is shown.
#[derive(Args)]
pub struct AuditArguments {
    /// Only what happened since then: a time (2026-11-22T01:00:00Z) or how long ago (24h)
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
}

/// Prints what people and other systems asked for, every access to a secret, and every step that may have changed something.
pub fn run(common: &Common, asked: &AuditArguments) -> Result<ExitCode, Trouble> {
    let since = asked.since.as_deref().map(since).transpose()?;
    let loaded = validate::load(&common.config)?;
    let file = loaded.settings.data.join(crate::data_folder::JOURNAL);
    let reader = SqliteReader::open(&file).map_err(journal_commands::trouble)?;
    let (mut from, mut list) = (0, Vec::new());
    loop {
        let entries = reader.read(from, PAGE).map_err(journal_commands::trouble)?;
        let Some(last) = entries.last() else { break };
        from = last.position + 1;
        let wanted = |entry: &&Entry| since.is_none_or(|since| entry.recorded.at >= since);
        for entry in entries.iter().filter(wanted) {
            let Some(who) = audit::who(&entry.recorded.fact) else { continue };
            if common.json {
                list.push(document(entry, &who));
            } else {
                let fact = &entry.recorded.fact;
                let time = entry.recorded.at.to_zoned(loaded.settings.zone.clone());
                let time = time.strftime("%Y-%m-%d %H:%M:%S");
                let said = tell::tell(fact);
                let said = show::plain(said.text(show::language()));
                say!(
                    "{time} {:<16} {:<18} {said}",
                    show::plain(&who.to_string()),
                    tell::kind(fact)
                );
            }
        }
    }
    if common.json {
        say!("{}", Value::Array(list));
    }
    Ok(ExitCode::SUCCESS)
}

fn document(entry: &Entry, who: &Actor) -> Value {
    let (fact, at) = (&entry.recorded.fact, entry.recorded.at);
    json!({
        "position": entry.position, "at": at, "who": who.to_string(), "event": tell::kind(fact),
        "text": tell::tell(fact), "fact": fact,
    })
}

fn since(text: &str) -> Result<Timestamp, Trouble> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let ago = text.parse::<SignedDuration>().ok().filter(|ago| !ago.is_negative());
    ago.and_then(|ago| crate::clock::now().checked_sub(ago).ok()).ok_or_else(|| {
        Trouble::unusable(Said::new(
            format!("`{text}` は時刻でも時間の長さでもありません (例: 24h)"),
            format!("`{text}` is neither a time nor a length of time (example: 24h)"),
        ))
    })
}
