//! Scanner `cargo-audit`: `Cargo.lock` against the RustSec database.

use crate::{
    cvss,
    finding::{Finding, Severity, Weakness},
    reading::{list, raw, text, title},
    scanner::{Answer, Pointed, Scanner, words},
    version,
};
use serde_json::Value;

/// The row of the table.
pub(crate) const KIND: Scanner = Scanner {
    name: "cargo-audit",
    program: "cargo-audit",
    pointed: Pointed::Files(&[("Cargo.lock", "")]),
    arguments: |file| {
        let mut all = words(&["audit", "--json", "--file"]);
        all.push(file.into());
        all
    },
    looked: &[0, 1],
    nothing: &[],
    parse,
    install: "cargo install cargo-audit --locked",
};

fn parse(answer: &Value, _: &str) -> Result<Answer, String> {
    if !answer["vulnerabilities"]["list"].is_array() {
        return Err("its answer has no list `vulnerabilities.list`".into());
    }
    let weak = list(answer, "/vulnerabilities/list").map(|one| (one, None));
    let warnings = answer["warnings"].as_object().into_iter().flatten();
    let warned = warnings.flat_map(|(kind, list)| {
        list.as_array().into_iter().flatten().map(move |one| (one, Some(kind.as_str())))
    });
    Ok(weak.chain(warned).map(|(one, kind)| finding(one, kind)).collect::<Vec<_>>().into())
}

/// A weakness; or what is only warned of: unmaintained, unsound, yanked.
fn finding(one: &Value, warning: Option<&str>) -> Finding {
    let installed = text(one, "/package/version");
    let vector = raw(one, "/advisory/cvss").and_then(cvss::score);
    let severity = match (vector, warning) {
        (Some(score), _) => Severity::of_score(score),
        (None, Some(_)) => Severity::Low,
        (None, None) => Severity::Unknown,
    };
    let rule = text(one, "/advisory/id").or_else(|| warning.map(str::to_owned));
    // `>=1.2.3, <2` is repaired from 1.2.3 on.
    let patched = list(one, "/versions/patched").filter_map(Value::as_str);
    let fixes = patched.filter_map(|range| {
        let first = range.split(',').next()?.trim();
        let version = first.trim_start_matches(['>', '=', '^', '~', ' ']);
        (!first.starts_with('<') && !version.is_empty()).then_some(version)
    });
    let url = rule.as_ref().filter(|rule| rule.starts_with("RUSTSEC-"));
    Finding {
        package: text(one, "/package/name"),
        fixed_in: version::first_fix(installed.as_deref(), fixes),
        url: url.map(|id| format!("https://rustsec.org/advisories/{id}")),
        version: installed,
        ..Finding::new(
            KIND.name,
            Weakness::Dependency,
            rule.unwrap_or_else(|| "unknown".into()),
            severity,
            title(one, &["/advisory/title", "/kind"]),
        )
    }
}
