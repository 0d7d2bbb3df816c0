//! `hikeshi runbook lint`: what is wrong with documents, as text, JSON or SARIF. Needs no server.

use crate::{
    clock,
    common::Common,
    sarif,
    show::{self, BOLD, Trouble, pick, plain, say},
};
use anstyle::{AnsiColor, Style};
use clap::Args;
use domain::said::Said;
use jiff::{civil::Date, tz::TimeZone};
use manual::{Document, Finding, Level};
use serde_json::json;
use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    process::ExitCode,
};

/// More than a person writes into one document.
const BYTES_LIMIT: u64 = 1 << 20;
/// Folders in which no document of the team lies.
const NOT_THEIRS: [&str; 2] = ["node_modules", "target"];

/// Exit codes: 0 nothing of the level `--fail-on` or above, 1 something, 2 wrong usage or unreadable.
#[derive(Args)]
pub struct LintArguments {
    /// Documents, folders of documents (*.md), or - for standard input
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Show findings of this level and above
    #[arg(long, value_name = "LEVEL", default_value = "info", value_parser = ["info", "warning", "error"])]
    min_level: String,
    /// Exit with 1 when there is a finding of this level or above
    #[arg(long, value_name = "LEVEL", default_value = "error", value_parser = ["warning", "error"])]
    fail_on: String,
    /// Print SARIF 2.1.0, which code hosts show beside the lines
    #[arg(long, conflicts_with = "json")]
    sarif: bool,
    /// Judge review dates as of this day instead of today (2026-11-28)
    #[arg(long, value_name = "DATE")]
    today: Option<Date>,
}

/// Lints documents and prints what was found.
pub fn run(common: &Common, asked: &LintArguments) -> Result<ExitCode, Trouble> {
    let level =
        |text: &str| text.parse::<Level>().map_err(|why| Trouble::unusable(Said::same(why)));
    let (least, fatal) = (level(&asked.min_level)?, level(&asked.fail_on)?);
    let texts: Vec<(String, String)> = read_all(&asked.files)?
        .into_iter()
        .map(|(path, text)| (path.display().to_string(), text))
        .collect();
    let documents: Vec<_> = texts.iter().map(|(file, text)| Document { file, text }).collect();
    let today = asked.today.unwrap_or_else(|| clock::now().to_zoned(TimeZone::system()).date());
    let mut findings = manual::lint(&documents, today);
    let fails = findings.iter().any(|finding| finding.level >= fatal);
    findings.retain(|finding| finding.level >= least);
    if asked.sarif {
        say!("{}", sarif::log(&findings, show::language()));
    } else if common.json {
        say!("{}", to_json(&findings, documents.len()));
    } else {
        findings.iter().for_each(show_finding);
        summary(&findings, documents.len());
    }
    Ok(ExitCode::from(u8::from(fails)))
}

pub(crate) fn to_json(findings: &[Finding], documents: usize) -> serde_json::Value {
    let said = |said: &Said| json!({"ja": said.ja, "en": said.en});
    let list: Vec<_> = findings
        .iter()
        .map(|finding| {
            json!({
                "rule": finding.rule,
                "level": finding.level.name(),
                "file": finding.file,
                "line": finding.line,
                "column": finding.column,
                "message": said(&finding.message),
                "hint": said(&finding.hint),
            })
        })
        .collect();
    json!({
        "documents": documents,
        "errors": count(findings, Level::Error),
        "warnings": count(findings, Level::Warning),
        "infos": count(findings, Level::Info),
        "findings": list,
    })
}

fn count(findings: &[Finding], level: Level) -> usize {
    findings.iter().filter(|finding| finding.level == level).count()
}

pub(crate) fn show_finding(finding: &Finding) {
    let language = show::language();
    let style: Style = match finding.level {
        Level::Error => AnsiColor::Red.on_default().bold(),
        Level::Warning => AnsiColor::Yellow.on_default().bold(),
        Level::Info => AnsiColor::Cyan.on_default(),
    };
    let column = finding.column.map(|column| format!(":{column}")).unwrap_or_default();
    let one_line = |text: &str| plain(text).replace('\n', " ");
    say!(
        "{style}{}{style:#}: {}:{}{column}: {} ({})\n  {}: {}",
        finding.level.said(language),
        one_line(&finding.file),
        finding.line,
        one_line(finding.message.text(language)),
        finding.rule,
        pick("ヒント", "hint"),
        one_line(finding.hint.text(language)),
    );
}

fn summary(findings: &[Finding], documents: usize) {
    let of = |level| count(findings, level);
    let (errors, warnings, infos) = (of(Level::Error), of(Level::Warning), of(Level::Info));
    say!(
        "{BOLD}{}: {documents}, {}: {errors}, {}: {warnings}, {}: {infos}{BOLD:#}",
        pick("文書", "documents"),
        pick("エラー", "errors"),
        pick("警告", "warnings"),
        pick("情報", "infos"),
    );
}

/// The documents with these names, and those in folders with these names; `-` is standard input.
pub(crate) fn read_all(paths: &[PathBuf]) -> Result<Vec<(PathBuf, String)>, Trouble> {
    let mut texts = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            let mut bytes = Vec::new();
            let read = io::stdin().take(BYTES_LIMIT + 1).read_to_end(&mut bytes);
            read.map_err(|error| unreadable(Path::new("-"), &error))?;
            texts.push((PathBuf::from("<stdin>"), text(Path::new("-"), bytes)?));
            continue;
        }
        let mut files = Vec::new();
        collect(path, true, &mut files).map_err(|error| unreadable(path, &error))?;
        files.sort();
        if files.is_empty() {
            let path = path.display();
            return Err(Trouble::unusable(Said::new(
                format!("{path}: Markdown の文書がありません"),
                format!("{path}: there is no Markdown document"),
            )));
        }
        for file in files {
            let bytes = fs::read(&file).map_err(|error| unreadable(&file, &error))?;
            let text = text(&file, bytes)?;
            texts.push((file, text));
        }
    }
    // A document that is named twice is linted once.
    let mut seen = std::collections::BTreeSet::new();
    texts.retain(|(file, _)| seen.insert(file.clone()));
    Ok(texts)
}

/// The documents of a folder and those below it; a file that is named is one, whatever its ending.
fn collect(path: &Path, is_named: bool, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let kind = if is_named { fs::metadata(path)? } else { fs::symlink_metadata(path)? };
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    if kind.is_dir() {
        if !is_named && (name.starts_with('.') || NOT_THEIRS.contains(&name.as_str())) {
            return Ok(());
        }
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), false, files)?;
        }
    } else if is_named || kind.is_file() && name.to_lowercase().ends_with(".md") {
        files.push(path.to_owned());
    }
    Ok(())
}

fn text(path: &Path, bytes: Vec<u8>) -> Result<String, Trouble> {
    let path = path.display();
    if bytes.len() as u64 > BYTES_LIMIT {
        return Err(Trouble::unusable(Said::new(
            format!("{path}: 1 MiB より大きい文書は読みません"),
            format!("{path}: documents above 1 MiB are not read"),
        )));
    }
    String::from_utf8(bytes).map_err(|_| {
        Trouble::unusable(Said::new(
            format!("{path}: UTF-8 のテキストではありません"),
            format!("{path}: this is no text in UTF-8"),
        ))
    })
}

fn unreadable(path: &Path, error: &io::Error) -> Trouble {
    let path = path.display();
    Trouble::unusable(Said::new(
        format!("{path}: 読めません: {error}"),
        format!("{path}: cannot be read: {error}"),
    ))
}
