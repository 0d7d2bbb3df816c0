//! `hikeshi scan`: a read-only look for weak places. Needs no server; with a configuration it knows the services.

use crate::{
    clock,
    common::Common,
    show::{self, BOLD, Trouble, pick, say, trouble},
    surveying::Surveying,
};
use anstyle::{AnsiColor, Style};
use clap::Args;
use domain::said::Said;
use probes::{Deps, ProbeSpec};
use scan::{Asked, Finding, Look, Scan, Severity, State, Weakness};
use secrets::Safe;
use serde_json::{Value, json};
use std::{env, path::PathBuf, process::ExitCode, time::Duration};
use supervise::program::FOLDERS;

/// Exit codes: 0 nothing of the severity `--fail-on` or above, 1 something, 2 nothing could be looked at.
#[derive(Args)]
pub struct ScanArguments {
    /// Folders and files to look at
    #[arg(default_value = ".")]
    paths: Vec<PathBuf>,
    /// Exit with 1 when there is a finding of this severity or above
    #[arg(long, value_name = "SEVERITY", default_value = "high", value_parser = ["critical", "high", "medium"])]
    fail_on: String,
    /// Seconds after which a scanner ends whatever it does
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    within: u64,
}

/// Looks, and prints what is weak and who could not look.
pub fn run(common: &Common, asked: &ScanArguments) -> Result<ExitCode, Trouble> {
    let fatal = Severity::named(&asked.fail_on);
    if let Some(path) = asked.paths.iter().find(|path| !path.exists()) {
        let path = escaped(&path.to_string_lossy());
        return Err(Trouble::unusable(Said::new(
            format!("{path} はありません"),
            format!("{path} is not there"),
        )));
    }
    let limit = Duration::from_secs(asked.within);
    let found = look(common, asked.paths.clone(), limit)?;
    let fails = found.findings.iter().any(|finding| finding.severity >= fatal);
    if common.json {
        say!("{}", document(&found));
    } else {
        show(&found);
    }
    Ok(ExitCode::from(match (found.has_looked(), fails) {
        (false, _) => 2,
        (true, fails) => u8::from(fails),
    }))
}

fn look(common: &Common, paths: Vec<PathBuf>, limit: Duration) -> Result<Scan, Trouble> {
    let ask = |own_folders, services, deps| Asked {
        paths,
        own_folders,
        programs: programs(),
        services,
        deps,
        limit,
    };
    if !common.config.join("hikeshi.yaml").exists() {
        let why = Said::new(
            "設定 (hikeshi.yaml) がありません。`-c` で指定してください",
            "there is no configuration (hikeshi.yaml); name it with `-c`",
        );
        return alone(ask(Vec::new(), Err(why), blind()));
    }
    let Ok(surveying) = Surveying::new(common) else {
        let why = Said::new("設定に誤りがあります", "the configuration has mistakes");
        return alone(ask(vec![common.config.clone()], Err(why), blind()));
    };
    Ok(surveying.look(async |loaded, deps, _| {
        let own = vec![common.config.clone(), loaded.settings.data.clone()];
        let specs: Vec<ProbeSpec> = loaded.probes.clone();
        scan::scan(ask(own, Ok(specs), deps.clone())).await
    }))
}

/// Without a configuration.
fn alone(asked: Asked) -> Result<Scan, Trouble> {
    let runtime = tokio::runtime::Runtime::new().map_err(trouble)?;
    let found = runtime.block_on(scan::scan(asked));
    runtime.shutdown_background();
    Ok(found)
}

fn blind() -> Deps {
    Deps {
        clock: clock::shared(),
        supervisor: None,
        state_folder: None,
        samples: None,
        safe: Safe::default(),
    }
}

/// Where this person has programs; a folder that depends on where they stand is none.
fn programs() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let theirs = env::split_paths(&path).filter(|folder| folder.is_absolute());
    theirs.chain(FOLDERS.map(PathBuf::from)).collect()
}

/// `installed` and `fixed` are the names that other tools know `version` and `fixed_in` by.
fn document(found: &Scan) -> Value {
    let finding = |finding: &Finding| {
        let mut value = json!(finding);
        if finding.kind == Weakness::Dependency {
            value["installed"] = json!(finding.version);
            value["fixed"] = json!(finding.fixed_in);
        }
        value
    };
    let findings: Vec<_> = found.findings.iter().map(finding).collect();
    let count = |severity| found.findings.iter().filter(|one| one.severity == severity).count();
    json!({
        "counts": {
            "critical": count(Severity::Critical),
            "high": count(Severity::High),
            "medium": count(Severity::Medium),
            "low": count(Severity::Low),
            "unknown": count(Severity::Unknown),
        },
        "findings": findings,
        "looks": found.looks,
    })
}

fn show(found: &Scan) {
    for severity in Severity::ALL {
        let of: Vec<_> = found.findings.iter().filter(|one| one.severity == severity).collect();
        if of.is_empty() {
            continue;
        }
        let (style, name) = (style(severity), severity.said());
        say!("{style}{} ({}){style:#}", name.text(show::language()), of.len());
        of.into_iter().for_each(show_finding);
        say!("");
    }
    let looks = |state| found.looks.iter().filter(move |look| look.state == state);
    looks(State::Ran).for_each(|look| show_look(look, pick("調べました", "looked")));
    looks(State::Partly)
        .for_each(|look| show_look(look, pick("一部だけ調べました", "looked partly")));
    looks(State::NotRun).for_each(|look| show_look(look, pick("未実行", "not run")));
    let blind = looks(State::NotRun).count() + looks(State::Partly).count();
    let unknown = found.findings.iter().filter(|one| one.severity == Severity::Unknown).count();
    say!(
        "{BOLD}{}: {}, {}: {blind}{BOLD:#}",
        pick("発見", "findings"),
        found.findings.len(),
        pick("調べきれなかったもの", "not or not fully looked at"),
    );
    if unknown > 0 {
        say!(
            "{}",
            pick(
                "深刻度が不明のものは --fail-on に数えません。個別に確認してください",
                "those of unknown severity do not count for --fail-on; look at them yourself"
            )
        );
    }
}

fn show_finding(finding: &Finding) {
    let language = show::language();
    let line = finding.line.map(|line| format!(":{line}")).unwrap_or_default();
    let place = finding.file.as_ref().map(|file| format!("{}{line}: ", escaped(file)));
    say!(
        "  {}{} ({} {})",
        place.unwrap_or_default(),
        escaped(finding.title.text(language)),
        finding.scanner,
        escaped(&finding.rule)
    );
    if let Some(package) = &finding.package {
        let version = finding.version.as_deref().unwrap_or("-");
        let none = pick("まだありません", "none yet");
        say!(
            "    {} {}, {}: {}",
            escaped(package),
            escaped(version),
            pick("修正版", "repaired in"),
            escaped(finding.fixed_in.as_deref().unwrap_or(none))
        );
    }
    finding.url.iter().for_each(|url| say!("    {}", escaped(url)));
}

fn show_look(look: &Look, state: &str) {
    let language = show::language();
    let target = look.target.as_ref().map(|target| format!(" ({})", escaped(target)));
    let said = |said: &Option<Said>, before: &str| {
        said.as_ref().map(|said| format!("{before}{}", escaped(said.text(language))))
    };
    say!(
        "{state}: {}{}{}{}",
        look.scanner,
        target.unwrap_or_default(),
        said(&look.reason, ": ").unwrap_or_default(),
        said(&look.hint, "; ").unwrap_or_default(),
    );
}

fn style(severity: Severity) -> Style {
    match severity {
        Severity::Critical | Severity::High => AnsiColor::Red.on_default().bold(),
        Severity::Medium => AnsiColor::Yellow.on_default().bold(),
        Severity::Low => AnsiColor::Cyan.on_default(),
        Severity::Unknown => Style::new().dimmed(),
    }
}

/// Text from outside with everything that a terminal would obey as a person writes it: `\n`, `\u{1b}`.
fn escaped(text: &str) -> String {
    let is_obeyed = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let escape = |c: char| if is_obeyed(c) { c.escape_default().to_string() } else { c.into() };
    text.chars().map(escape).collect()
}
