//! Findings as SARIF 2.1.0: the format in which code hosts take what linters say, and show it beside the lines.

use domain::said::Language;
use manual::{Finding, Level, RULES};
use serde::Serialize;

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool,
    column_kind: &'static str,
    results: Vec<Outcome<'a>>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    version: &'static str,
    information_uri: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    short_description: Message<'static>,
    full_description: Message<'static>,
    help: Message<'static>,
    default_configuration: Configuration,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Message<'a> {
    text: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'a> {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Message<'a>,
    locations: [Location; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Serialize)]
struct Artifact {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_column: Option<u32>,
}

/// One log with one run.
pub fn log(findings: &[Finding], language: Language) -> String {
    let rules = RULES.iter().map(|rule| Rule {
        id: rule.id,
        short_description: Message { text: language.pick(rule.title.0, rule.title.1) },
        full_description: Message { text: language.pick(rule.why.0, rule.why.1) },
        help: Message { text: language.pick(rule.hint.0, rule.hint.1) },
        default_configuration: Configuration { level: level(rule.level) },
    });
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "hikeshi",
                    version: env!("CARGO_PKG_VERSION"),
                    information_uri: env!("CARGO_PKG_REPOSITORY"),
                    rules: rules.collect(),
                },
            },
            column_kind: "unicodeCodePoints",
            results: findings.iter().map(|finding| outcome(finding, language)).collect(),
        }],
    };
    serde_json::to_string_pretty(&log).expect("strings and numbers only")
}

fn outcome(finding: &Finding, language: Language) -> Outcome<'_> {
    let index = RULES.iter().position(|rule| rule.id == finding.rule);
    Outcome {
        rule_id: finding.rule,
        rule_index: index.expect("a finding is of a rule of the table"),
        level: level(finding.level),
        message: Message { text: finding.message.text(language) },
        locations: [Location {
            physical_location: PhysicalLocation {
                artifact_location: Artifact { uri: uri(&finding.file) },
                region: Region { start_line: finding.line, start_column: finding.column },
            },
        }],
    }
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "note",
    }
}

/// A path as a relative reference: what a URI cannot hold is written with `%`.
fn uri(file: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    file.trim_start_matches("./")
        .bytes()
        .map(
            |byte| {
                if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
            },
        )
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_becomes_a_uri() {
        assert_eq!(uri("./docs/障害 1.md"), "docs/%E9%9A%9C%E5%AE%B3%201.md");
    }
}
