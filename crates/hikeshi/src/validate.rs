//! `config check` and `story`: is what a person wrote right, and does it do what they expect?

use crate::{
    common::Common,
    show::{self, Trouble, say, trouble},
};
use config::{Loaded, schema::File};
use domain::said::Said;
use serde_json::json;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

/// What a person should know who has channels on which people could answer.
const NO_ADDRESS: (&str, &str) = (
    "ヒント: `public_url` がないため、通知に回答リンクや電話のキー操作は付きません",
    "hint: without `public_url` no message has a link to answer, and no call offers keys",
);

/// Loads a folder, or says everything that is wrong.
pub fn load(folder: &Path) -> Result<Loaded, Trouble> {
    config::load(folder).map_err(|problems| {
        anstream::eprintln!("{}", problems.render(show::language()));
        let count = problems.len();
        Trouble::problem(Said::new(
            format!("設定に {count} 件の誤りがあります"),
            format!("mistakes in the configuration: {count}"),
        ))
    })
}

/// `hikeshi config check`.
pub fn run(common: &Common) -> Result<ExitCode, Trouble> {
    match config::load(&common.config) {
        Ok(loaded) if common.json => say!(
            "{}",
            json!({"ok": true, "problems": [], "services": loaded.policy.graph.services().count(),
                "answers": loaded.settings.public_url.is_some()})
        ),
        Ok(loaded) => {
            let (services, probes) = (loaded.policy.graph.services().count(), loaded.probes.len());
            let (rules, runbooks) = (loaded.policy.rules.len(), loaded.policy.plans.len());
            let ja = format!(
                "設定は正しいです: サービス {services}、プローブ {probes}、アラート規則 {rules}、手順書 {runbooks}"
            );
            let en = format!(
                "the configuration is fine: services {services}, probes {probes}, alert rules {rules}, runbooks {runbooks}"
            );
            say!("{}", show::pick(&ja, &en));
            if loaded.settings.public_url.is_none() && loaded.has_answers() {
                say!("{}", show::pick(NO_ADDRESS.0, NO_ADDRESS.1));
            }
        }
        Err(problems) if common.json => {
            let list: Vec<_> = problems
                .sorted()
                .iter()
                .map(|p| json!({"file": *p.place.file, "line": p.place.line, "message": p.message, "hint": p.hint}))
                .collect();
            say!("{}", json!({"ok": false, "problems": list}));
            return Ok(ExitCode::from(1));
        }
        Err(_) => {
            load(&common.config)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints the JSON Schema of a file.
pub fn schema(file: &str) -> Result<ExitCode, Trouble> {
    let file = match file {
        "local" => File::Local,
        "runbook" => File::Runbook,
        _ => File::Main,
    };
    let schema = config::schema::schema(file, show::language());
    let text = serde_json::to_string_pretty(&schema).map_err(trouble)?;
    say!("{text}");
    Ok(ExitCode::SUCCESS)
}

/// `hikeshi config show-alerts`.
pub fn show_alerts() -> Result<ExitCode, Trouble> {
    say!("{}", config::DEFAULT_ALERTS.trim_end());
    Ok(ExitCode::SUCCESS)
}

/// `hikeshi story FILE…`.
pub fn stories(common: &Common, files: &[PathBuf]) -> Result<ExitCode, Trouble> {
    let (mut failed, mut told) = (0, Vec::new());
    for file in files {
        let failure = play(file)?;
        failed += usize::from(failure.is_some());
        if common.json {
            told.push(json!({"file": file, "passed": failure.is_none(), "failure": failure}));
        } else {
            let word = if failure.is_none() {
                show::pick("合格", "pass")
            } else {
                show::pick("不合格", "FAIL")
            };
            say!("{word} {}", file.display());
            failure.iter().for_each(|why| say!("  {why}"));
        }
    }
    if common.json {
        say!("{}", serde_json::Value::Array(told));
    }
    Ok(ExitCode::from(u8::from(failed > 0)))
}

fn play(file: &Path) -> Result<Option<String>, Trouble> {
    let name = file.display();
    let unreadable = |why: String| {
        Trouble::unusable(Said::new(
            format!("{name}: 読めません: {why}"),
            format!("{name}: cannot be read: {why}"),
        ))
    };
    let text = std::fs::read_to_string(file).map_err(|error| unreadable(error.to_string()))?;
    let story = story::read(&text).map_err(unreadable)?;
    let folder = file.parent().unwrap_or(Path::new(".")).join(&story.given);
    Ok(story::play(&story, &load(&folder)?).failure)
}
