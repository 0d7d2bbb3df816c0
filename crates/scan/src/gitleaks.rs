//! Scanner `gitleaks`: secrets in a tree, by some hundred forms.

use crate::{
    finding::{Finding, Severity, Weakness},
    reading::{line, raw, text, title},
    scanner::{Answer, Pointed, Scanner, words},
    token::masked,
};
use domain::said::Said;
use serde_json::Value;

/// The row of the table.
pub(crate) const KIND: Scanner = Scanner {
    name: "gitleaks",
    program: "gitleaks",
    pointed: Pointed::Folder,
    arguments: |_| {
        words(&[
            "detect",
            "--no-git",
            "--source",
            ".",
            "--report-format",
            "json",
            "--report-path",
            "/dev/stdout",
            "--no-banner",
            "--redact",
            // Otherwise a leak and a failure are the same code.
            "--exit-code",
            "0",
        ])
    },
    looked: &[0],
    nothing: &[],
    parse,
    install: "https://github.com/gitleaks/gitleaks#installing",
};

fn parse(answer: &Value, _: &str) -> Result<Answer, String> {
    let leaks = match answer {
        Value::Array(leaks) => leaks.as_slice(),
        Value::Null => &[],
        _ => return Err("its answer is no list".into()),
    };
    let finding = |leak: &Value| {
        let Said { ja, en } = title(leak, &["/Description", "/RuleID"]);
        // Asked to redact, it shows none; should it do so all the same, we do not.
        let secret = raw(leak, "/Secret").filter(|secret| !secret.contains("REDACTED"));
        let mask = secret.map(|secret| format!(": {}", masked(secret))).unwrap_or_default();
        Finding {
            file: raw(leak, "/File").map(str::to_owned),
            line: line(leak, "/StartLine"),
            ..Finding::new(
                KIND.name,
                Weakness::Secret,
                text(leak, "/RuleID").unwrap_or_else(|| "unknown".into()),
                Severity::High,
                Said::new(format!("{ja}{mask}"), format!("{en}{mask}")),
            )
        }
    };
    Ok(leaks.iter().map(finding).collect::<Vec<_>>().into())
}
