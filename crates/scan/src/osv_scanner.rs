//! Scanner `osv-scanner`: lock files of every language against the OSV database.

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
    name: "osv-scanner",
    program: "osv-scanner",
    pointed: Pointed::Folder,
    // Call analysis would build what it looks at.
    arguments: |_| {
        words(&["scan", "--format", "json", "--no-call-analysis=all", "--recursive", "."])
    },
    looked: &[0, 1],
    // No lock file.
    nothing: &[128],
    parse,
    install: "https://google.github.io/osv-scanner/installation/",
};

fn parse(answer: &Value, _: &str) -> Result<Answer, String> {
    if !answer["results"].is_array() && !answer["results"].is_null() {
        return Err("its answer has no list `results`".into());
    }
    let mut found = Vec::new();
    for result in list(answer, "/results") {
        for package in list(result, "/packages") {
            let version = text(package, "/package/version");
            for weakness in list(package, "/vulnerabilities") {
                let Some(id) = text(weakness, "/id") else { continue };
                found.push(Finding {
                    package: text(package, "/package/name"),
                    fixed_in: fixed_in(weakness, raw(package, "/package/name"), version.as_deref()),
                    version: version.clone(),
                    file: raw(result, "/source/path").map(str::to_owned),
                    url: Some(format!("https://osv.dev/vulnerability/{id}")),
                    ..Finding::new(
                        KIND.name,
                        Weakness::Dependency,
                        id.clone(),
                        severity(package, weakness, &id),
                        title(weakness, &["/summary", "/details"]),
                    )
                });
            }
        }
    }
    Ok(found.into())
}

/// The score of the group that the advisory is in; else its own vector; else its own word.
fn severity(package: &Value, weakness: &Value, id: &str) -> Severity {
    let mut groups = list(package, "/groups");
    let own = groups.find(|group| list(group, "/ids").any(|one| one == id));
    let score = own.and_then(|group| raw(group, "/max_severity")?.parse().ok());
    let vector = || list(weakness, "/severity").find_map(|one| cvss::score(raw(one, "/score")?));
    match score.or_else(vector) {
        Some(score) => Severity::of_score(score),
        None => {
            raw(weakness, "/database_specific/severity").map_or(Severity::Unknown, Severity::named)
        }
    }
}

fn fixed_in(weakness: &Value, name: Option<&str>, version: Option<&str>) -> Option<String> {
    let affected = list(weakness, "/affected").filter(|one| raw(one, "/package/name") == name);
    let ranges = affected.flat_map(|one| list(one, "/ranges"));
    let versions = ranges.filter(|range| range["type"] != "GIT");
    let events = versions.flat_map(|range| list(range, "/events"));
    version::first_fix(version, events.filter_map(|event| raw(event, "/fixed")))
}
