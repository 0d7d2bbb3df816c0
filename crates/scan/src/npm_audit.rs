//! Scanner `npm audit`: `package-lock.json` against the registry's advisories.

use crate::{
    finding::{Finding, Severity, Weakness},
    reading::{list, raw, text, title},
    scanner::{Answer, Pointed, Scanner, words},
    version,
};
use serde_json::Value;

/// The row of the table.
pub(crate) const KIND: Scanner = Scanner {
    name: "npm-audit",
    program: "npm",
    pointed: Pointed::Files(&[("package-lock.json", ""), ("npm-shrinkwrap.json", "")]),
    arguments: |_| {
        words(&[
            "audit",
            "--json",
            "--package-lock-only",
            "--ignore-scripts",
            "--logs-max=0",
            "--no-update-notifier",
            "--fetch-retries=0",
        ])
    },
    looked: &[0, 1],
    nothing: &[],
    parse,
    install: "https://docs.npmjs.com/downloading-and-installing-node-js-and-npm",
};

fn parse(answer: &Value, lock: &str) -> Result<Answer, String> {
    let Some(packages) = answer["vulnerabilities"].as_object() else {
        // What npm says when it could not ask; also with exit code 1.
        let why = text(answer, "/error/summary").or_else(|| text(answer, "/message"));
        return Err(why.unwrap_or_else(|| "its answer has no `vulnerabilities`".into()));
    };
    // The answer names places in the tree, the lock file the versions there.
    let lock: Value = serde_json::from_str(lock).unwrap_or_default();
    let mut found = Vec::new();
    for (name, package) in packages {
        let place = list(package, "/nodes").find_map(Value::as_str);
        let installed = place.and_then(|place| text(&lock["packages"][place], "/version"));
        // A word instead of an object is another package of the list, which has its own findings.
        for weakness in list(package, "/via").filter(|via| via.is_object()) {
            let url = text(weakness, "/url");
            let id = url.as_deref().and_then(|url| url.rsplit('/').next()).map(str::to_owned);
            let number = weakness["source"].as_u64().map(|number| number.to_string());
            let severity = raw(weakness, "/severity").map_or(Severity::Unknown, Severity::named);
            found.push(Finding {
                package: Some(text(weakness, "/dependency").unwrap_or_else(|| name.clone())),
                fixed_in: fixed_in(weakness, installed.as_deref()),
                version: installed.clone(),
                url,
                ..Finding::new(
                    KIND.name,
                    Weakness::Dependency,
                    id.or(number).unwrap_or_else(|| "unknown".into()),
                    severity,
                    title(weakness, &["/title"]),
                )
            });
        }
    }
    Ok(found.into())
}

/// `>=1.0.0 <1.2.3 || >=2.0.0 <2.0.1` is repaired in 1.2.3 and in 2.0.1.
fn fixed_in(weakness: &Value, installed: Option<&str>) -> Option<String> {
    let range = raw(weakness, "/range")?;
    let ends = range.split("||").filter_map(|part| {
        let end = part.rsplit('<').next().filter(|_| part.contains('<'))?;
        (!end.starts_with('=')).then_some(end.trim())
    });
    version::first_fix(installed, ends)
}
