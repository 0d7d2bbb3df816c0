//! `hikeshi runbook promote`: lets a runbook run by itself, once nothing stands against it; then says so in its file.
//!
//! The server never writes into a runbook. This command does, in the name of whoever calls it, and changes nothing but the
//! lines `mode:` and `approved_by:` of the front matter, so that the change is seen in review like any other.

use crate::{
    client::{Client, escaped},
    clock,
    common::Common,
    lint_command::{show_finding, to_json},
    show::{Trouble, pick, say},
};
use clap::Args;
use domain::said::Said;
use jiff::tz::TimeZone;
use manual::{Document, Finding, Level};
use serde_json::json;
use std::{fs, path::Path, process::ExitCode};

/// What must be there: no finding of level error, an owner, a date of review, and a dry run of what the file is now.
#[derive(Args)]
pub struct PromoteArguments {
    /// The runbook
    name: String,
    /// How it runs from now on
    #[arg(long, value_parser = ["approve", "auto"])]
    to: String,
}

/// Checks, writes it down, and changes the file.
pub fn run(common: &Common, asked: &PromoteArguments) -> Result<ExitCode, Trouble> {
    let client = Client::find(common)?;
    let (file, findings) = promote(&client, &asked.name, &asked.to)?;
    if common.json {
        say!(
            "{}",
            json!({"runbook": asked.name, "file": file, "to": asked.to, "findings": to_json(&findings, 1)["findings"]})
        );
    } else if findings.is_empty() {
        let (ja, en) = (
            format!("{file} を書き換え、読み直しました"),
            format!("{file}: changed, and read again"),
        );
        say!("{}", pick(&ja, &en));
    } else {
        findings.iter().for_each(show_finding);
    }
    Ok(ExitCode::from(u8::from(!findings.is_empty())))
}

/// Promotes a runbook: its file, and the errors that stand against it; with any of them nothing was changed.
pub(crate) fn promote(
    client: &Client,
    name: &str,
    to: &str,
) -> Result<(String, Vec<Finding>), Trouble> {
    let path = format!("/api/v1/runbooks/{}", escaped(name));
    let plan = client.get(&path)?;
    let file = plan["file"].as_str().unwrap_or_default().to_owned();
    let text = fs::read_to_string(&file).map_err(|error| unreadable(&file, &error))?;
    let today = clock::now().to_zoned(TimeZone::system()).date();
    let mut findings = manual::lint(&[Document { file: &file, text: &text }], today);
    findings.retain(|finding| finding.level >= Level::Error);
    if findings.is_empty() {
        client.post(&format!("{path}/promote"), json!({"to": to}))?;
        let changed = with(&with(&text, "mode", to), "approved_by", client.by());
        fs::write(Path::new(&file), changed).map_err(|error| unreadable(&file, &error))?;
        client.post("/-/reload", json!({}))?;
    }
    Ok((file, findings))
}

/// The text with this key in its front matter; everything else stays as it is.
fn with(text: &str, key: &str, value: &str) -> String {
    let line = format!("{key}: {}", json!(value));
    let (mut lines, mut ends, mut is_done): (Vec<&str>, usize, bool) = (Vec::new(), 0, false);
    for old in text.split_inclusive('\n') {
        let is_end = ends == 1 && old.trim_end() == "---";
        ends += usize::from(old.trim_end() == "---");
        if !is_done && ends == 1 && old.starts_with(&format!("{key}:")) {
            lines.extend([line.as_str(), "\n"]);
            is_done = true;
        } else if !is_done && is_end {
            lines.extend([line.as_str(), "\n", old]);
            is_done = true;
        } else {
            lines.push(old);
        }
    }
    lines.concat()
}

fn unreadable(file: &str, error: &std::io::Error) -> Trouble {
    Trouble::unusable(Said::new(
        format!("{file} を読み書きできません: {error}"),
        format!("{file} cannot be read or written: {error}"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_front_matter_changes() {
        let text = "---\nalert: a\nmode: manual\n---\n# T\nmode: stays\n---\n";
        let changed = with(&with(text, "mode", "auto"), "approved_by", "Ann \"the\" boss: 1");
        assert_eq!(
            changed,
            "---\nalert: a\nmode: \"auto\"\napproved_by: \"Ann \\\"the\\\" boss: 1\"\n---\n# T\nmode: stays\n---\n"
        );
        assert_eq!(with(&changed, "mode", "auto"), changed);
    }
}
