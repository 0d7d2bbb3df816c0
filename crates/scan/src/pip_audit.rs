//! Scanner `pip-audit`: `requirements*.txt` against the Python advisories.

use crate::{
    finding::{Finding, Severity, Weakness},
    reading::{list, text, title},
    scanner::{Answer, Pointed, Scanner, words},
    version,
};
use serde_json::Value;

/// The row of the table.
pub(crate) const KIND: Scanner = Scanner {
    name: "pip-audit",
    program: "pip-audit",
    pointed: Pointed::Files(&[("requirements", ".txt")]),
    // With pip it would build packages, which runs their code; so versions must be pinned with `==`.
    arguments: |file| {
        let mut all = words(&[
            "--format",
            "json",
            "--progress-spinner",
            "off",
            "--disable-pip",
            "--no-deps",
            "--requirement",
        ]);
        all.push(file.into());
        all
    },
    looked: &[0, 1],
    nothing: &[],
    parse,
    install: "pipx install pip-audit",
};

fn parse(answer: &Value, _: &str) -> Result<Answer, String> {
    // Before 2.5 the list was the whole answer.
    let packages = if answer.is_array() { answer } else { &answer["dependencies"] };
    let Some(packages) = packages.as_array() else {
        return Err("its answer has no list `dependencies`".into());
    };
    let mut found = Vec::new();
    for package in packages {
        let installed = text(package, "/version");
        for weakness in list(package, "/vulns") {
            let Some(id) = text(weakness, "/id") else { continue };
            let fixes = list(weakness, "/fix_versions").filter_map(Value::as_str);
            found.push(Finding {
                package: text(package, "/name"),
                fixed_in: version::first_fix(installed.as_deref(), fixes),
                version: installed.clone(),
                url: Some(format!("https://osv.dev/vulnerability/{id}")),
                // It gives no severity.
                ..Finding::new(
                    KIND.name,
                    Weakness::Dependency,
                    id,
                    Severity::Unknown,
                    title(weakness, &["/description"]),
                )
            });
        }
    }
    let skipped = packages.iter().find_map(|package| text(package, "/skip_reason"));
    Ok(Answer { findings: found, left_out: skipped })
}
