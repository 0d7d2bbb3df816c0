//! `hikeshi logs`: the last errors over all logs and what they have in common, and the requests of access logs.

use crate::{
    clock,
    common::Common,
    diagnose_views::list,
    show::{BOLD, Trouble, pick, plain, progress, say, trouble},
    surveying::Surveying,
    views::text,
};
use clap::{Args, Subcommand};
use domain::said::Said;
use jiff::SignedDuration;
use probes::{Subject, requests::AccessLog};
use serde_json::Value;
use std::{path::PathBuf, process::ExitCode};
use survey::{AccessAsked, Asked, ErrorsAsked};

/// Where is kept what was asked last, in the data folder.
const ASKED: &str = "logs-asked.json";
/// So many groups of requests a person reads.
const GROUPS: usize = 50;

/// What can be asked of logs. Exit codes: 0 nothing found, 1 errors found, 2 could not look.
#[derive(Subcommand)]
pub enum LogsCommand {
    /// The last lines of ERROR, FATAL and CRITICAL over all logs, grouped by what they have in common
    Errors(ErrorsArguments),
    /// The requests of the access logs by their status field, grouped by client, path and status
    Access(AccessArguments),
}

#[derive(Args)]
pub struct ErrorsArguments {
    /// So many of the last lines
    #[arg(long, default_value_t = 100)]
    limit: usize,
    /// Only what is younger: 30m, 1h, 2d
    #[arg(long, value_name = "TIME", value_parser = age)]
    since: Option<SignedDuration>,
    /// Only this source: the name of its probe, or a part of its path
    #[arg(long)]
    source: Option<String>,
    /// Only what came since the last time that anybody asked
    #[arg(long)]
    new: bool,
}

#[derive(Args)]
pub struct AccessArguments {
    /// This file instead of those that are configured
    #[arg(long)]
    file: Option<PathBuf>,
    /// Only POST, PUT, PATCH and DELETE with neither 2xx nor 3xx
    #[arg(long)]
    writes_failed: bool,
    /// Only what is younger: 30m, 1h, 2d
    #[arg(long, value_name = "TIME", value_parser = age)]
    since: Option<SignedDuration>,
}

type Done = Result<ExitCode, Trouble>;

/// `hikeshi logs …`
pub fn run(common: &Common, command: LogsCommand) -> Done {
    match command {
        LogsCommand::Errors(wanted) => errors(common, wanted),
        LogsCommand::Access(wanted) => access(common, &wanted),
    }
}

fn errors(common: &Common, wanted: ErrorsArguments) -> Done {
    let surveying = Surveying::new(common)?;
    let (cleaner, loaded) = (surveying.cleaner(), surveying.loaded);
    let sources = survey::log_sources(&loaded.probes, &loaded.settings.evidence_logs);
    let ErrorsArguments { limit, since, source, new } = wanted;
    let zone = loaded.settings.zone.clone();
    let wanted = ErrorsAsked { limit, since, source, new, zone, now: clock::now() };
    let place = loaded.settings.data.join(ASKED);
    let unkept = |error: std::io::Error| {
        let place = place.display();
        Said::new(
            format!("{place}: {error}: どこまで見たかを覚えられません"),
            format!("{place}: {error}: what was seen is not remembered"),
        )
    };
    let mut asked = Asked::load(&place).map_err(|error| Trouble::unusable(unkept(error)))?;
    let before = asked.clone();
    let found = survey::errors(&sources, &wanted, &mut asked, &cleaner);
    if asked != before
        && let Err(error) = asked.save(&place)
    {
        progress(&unkept(error));
    }
    let is_blind = found.sources.iter().all(|searched| searched.error.is_some());
    let value = serde_json::to_value(&found).map_err(trouble)?;
    if common.json {
        say!("{value}");
    } else {
        show_errors(&value);
    }
    Ok(ExitCode::from(match (is_blind, found.total) {
        (true, _) => 2,
        (false, 0) => 0,
        (false, _) => 1,
    }))
}

fn show_errors(found: &Value) {
    for line in found["lines"].as_array().into_iter().flatten() {
        say!("{} {}", text(&line["source"]), text(&line["text"]));
    }
    say!("\n{BOLD}{}{BOLD:#}", pick("まとめ", "What they have in common"));
    list(&found["groups"], &["count", "first", "last", "pattern"]);
    say!("{}: {}", pick("合計", "total"), found["total"]);
    unread(&found["sources"]);
}

fn access(common: &Common, wanted: &AccessArguments) -> Done {
    let asked =
        AccessAsked { writes_failed: wanted.writes_failed, since: wanted.since, now: clock::now() };
    let found = match &wanted.file {
        // A file needs no configuration, and so no secrets are known here.
        Some(file) => {
            let cleaner = survey::Cleaner::new(str::to_owned);
            survey::access(&[AccessLog::at(file.clone())], &asked, &cleaner)
        }
        None => {
            let surveying = Surveying::new(common)?;
            let (cleaner, loaded) = (surveying.cleaner(), surveying.loaded);
            let mut logs: Vec<AccessLog> = Vec::new();
            for spec in &loaded.probes {
                if let Subject::AccessLog(log) = spec.settings.subject()
                    && logs.iter().all(|known| known.path() != log.path())
                {
                    logs.push(log);
                }
            }
            survey::access(&logs, &asked, &cleaner)
        }
    };
    if found.sources.is_empty() {
        return Err(Trouble::unusable(Said::new(
            "`access_log` のプローブが設定されていません: --file でファイルを指定してください",
            "no `access_log` probe is configured: name a file with --file",
        )));
    }
    let is_blind = found.sources.iter().all(|source| source.error.is_some());
    let value = serde_json::to_value(&found).map_err(trouble)?;
    if common.json {
        say!("{value}");
    } else {
        let groups: Value =
            value["groups"].as_array().into_iter().flatten().take(GROUPS).cloned().collect();
        list(&groups, &["count", "status", "client", "method", "path"]);
        say!("{}: {}", pick("合計", "total"), value["total"]);
        unread(&value["sources"]);
    }
    let is_trouble = wanted.writes_failed && found.total > 0;
    Ok(ExitCode::from(if is_blind { 2 } else { u8::from(is_trouble) }))
}

fn unread(sources: &Value) {
    for source in sources.as_array().into_iter().flatten() {
        if let Some(why) = source["error"].as_str() {
            say!("{}: {}: {}", pick("読めません", "unread"), text(&source["path"]), plain(why));
        }
    }
}

/// `30m`, `1h`, `2d`.
fn age(text: &str) -> Result<SignedDuration, String> {
    let (number, unit) = text.split_at(text.len() - text.chars().last().map_or(0, char::len_utf8));
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86400,
        _ => return Err("write it as 30m, 1h or 2d".into()),
    };
    let number: u32 = number.parse().map_err(|_| "write it as 30m, 1h or 2d".to_owned())?;
    Ok(SignedDuration::from_secs(i64::from(number) * seconds))
}
