//! Scanner `trivy`: packages, secrets and settings of a file system.

use crate::{
    finding::{Finding, Severity, Weakness},
    reading::{line, list, raw, text, title},
    scanner::{Answer, Pointed, Scanner, words},
    version,
};
use serde_json::Value;

/// The row of the table.
pub(crate) const KIND: Scanner = Scanner {
    name: "trivy",
    program: "trivy",
    pointed: Pointed::Folder,
    // A trivy.yaml in the folder could name a file to write to; what stands here comes before it.
    arguments: |_| {
        words(&[
            "filesystem",
            "--format",
            "json",
            "--output",
            "/dev/stdout",
            "--quiet",
            "--scanners",
            "vuln,secret,misconfig",
            "--exit-code",
            "0",
            ".",
        ])
    },
    looked: &[0],
    nothing: &[],
    parse,
    install: "https://trivy.dev/latest/getting-started/installation/",
};

fn parse(answer: &Value, _: &str) -> Result<Answer, String> {
    if answer["SchemaVersion"].is_null() {
        return Err("its answer has no `SchemaVersion`".into());
    }
    let mut found = Vec::new();
    for result in list(answer, "/Results") {
        let all = list(result, "/Vulnerabilities")
            .map(package)
            .chain(list(result, "/Secrets").map(secret))
            .chain(
                list(result, "/Misconfigurations")
                    .filter(|one| one["Status"] != "PASS")
                    .map(setting),
            );
        let file = raw(result, "/Target").map(str::to_owned);
        found.extend(all.map(|finding| Finding { file: file.clone(), ..finding }));
    }
    Ok(found.into())
}

fn of(one: &Value, kind: Weakness, rule: &[&str]) -> Finding {
    let rule = rule.iter().find_map(|pointer| text(one, pointer));
    Finding::new(
        KIND.name,
        kind,
        rule.unwrap_or_else(|| "unknown".into()),
        raw(one, "/Severity").map_or(Severity::Unknown, Severity::named),
        title(one, &["/Title", "/Description", "/Message"]),
    )
}

fn package(one: &Value) -> Finding {
    let installed = text(one, "/InstalledVersion");
    // Several branches were repaired: `1.2.3, 2.0.1`.
    let fixed = text(one, "/FixedVersion").unwrap_or_default();
    let fixes = fixed.split(',').map(str::trim).filter(|fix| !fix.is_empty());
    Finding {
        package: text(one, "/PkgName"),
        fixed_in: version::first_fix(installed.as_deref(), fixes),
        version: installed,
        url: text(one, "/PrimaryURL"),
        ..of(one, Weakness::Dependency, &["/VulnerabilityID"])
    }
}

/// `Match` is the line with the secret in it; it is not shown.
fn secret(one: &Value) -> Finding {
    Finding { line: line(one, "/StartLine"), ..of(one, Weakness::Secret, &["/RuleID"]) }
}

fn setting(one: &Value) -> Finding {
    Finding {
        line: line(one, "/CauseMetadata/StartLine"),
        url: text(one, "/PrimaryURL"),
        ..of(one, Weakness::Setting, &["/AVDID", "/ID"])
    }
}
