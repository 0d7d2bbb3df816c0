//! Stories of scanners: made-up programs that answer as the real ones are documented to answer.
//!
//! The answers in `golden/` are written by the documented format of each scanner, not taken from a run.

mod common;

use common::{allow, asked, contents, scanned, write};
use scan::{Finding, Scan, Severity, State};
use std::{fs, path::Path, time::Duration};
use tempfile::{TempDir, tempdir};

/// A tree with something for every scanner, and a folder for programs.
fn tree() -> (TempDir, TempDir) {
    let (tree, programs) = (tempdir().expect("a folder"), tempdir().expect("a folder"));
    let lock = r#"{"packages": {"node_modules/lodash": {"version": "4.17.15"}}}"#;
    write(&tree.path().join("package-lock.json"), lock);
    write(&tree.path().join("Cargo.lock"), "version = 4\n");
    write(&tree.path().join("requirements.txt"), "pillow==9.5.0\n");
    (tree, programs)
}

/// A program that is a script.
fn program(folder: &Path, name: &str, body: &str) {
    let path = folder.join(name);
    write(&path, format!("#!/bin/sh\n{body}\n"));
    allow(&path, 0o700);
}

fn golden(name: &str) -> String {
    format!("{}/tests/golden/{name}.json", env!("CARGO_MANIFEST_DIR"))
}

/// A program that prints a golden answer, and ends so.
fn answers(programs: &Path, name: &str, answer: &str, code: i32) {
    program(programs, name, &format!("cat '{}'\nexit {code}", golden(answer)));
}

fn of<'s>(scan: &'s Scan, scanner: &str) -> Vec<&'s Finding> {
    scan.findings.iter().filter(|finding| finding.scanner == scanner).collect()
}

/// Severity, rule, package, version, repaired version, line.
type Short<'f> =
    (Severity, &'f str, Option<&'f str>, Option<&'f str>, Option<&'f str>, Option<u64>);

fn short(finding: &Finding) -> Short<'_> {
    let Finding { severity, rule, package, version, fixed_in, line, .. } = finding;
    (*severity, rule, package.as_deref(), version.as_deref(), fixed_in.as_deref(), *line)
}

/// A64.
#[tokio::test]
async fn every_scanner_s_answer_comes_to_the_one_format() {
    let (tree, programs) = tree();
    for (name, answer, code) in [
        ("osv-scanner", "osv-scanner", 1),
        ("cargo-audit", "cargo-audit", 1),
        ("pip-audit", "pip-audit", 1),
        ("npm", "npm-audit", 1),
        ("gitleaks", "gitleaks", 0),
        ("trivy", "trivy", 0),
    ] {
        answers(programs.path(), name, answer, code);
    }
    let before = contents(tree.path());
    let scan = scanned(tree.path(), programs.path()).await;
    assert_eq!(contents(tree.path()), before, "nothing is written");
    use Severity::{Critical, High, Low, Medium, Unknown};
    let dependency = |severity, rule, name, version, fixed| -> Short<'_> {
        (severity, rule, Some(name), Some(version), fixed, None)
    };
    let fixed = Some("10.0.0");
    for (scanner, expected) in [
        (
            "osv-scanner",
            vec![dependency(Critical, "GHSA-xvch-5gv4-984h", "minimist", "9.5.0", fixed)],
        ),
        (
            "cargo-audit",
            vec![
                dependency(Medium, "RUSTSEC-2020-0071", "time", "0.1.43", Some("0.2.23")),
                dependency(Low, "yanked", "futures-util", "0.3.30", None),
            ],
        ),
        ("pip-audit", vec![dependency(Unknown, "PYSEC-2023-175", "pillow", "9.5.0", fixed)]),
        (
            "npm-audit",
            vec![dependency(High, "GHSA-35jh-r3h4-6jhm", "lodash", "4.17.15", Some("4.17.21"))],
        ),
        ("gitleaks", vec![(High, "generic-api-key", None, None, None, Some(3))]),
        (
            "trivy",
            vec![
                (Critical, "slack-access-token", None, None, None, Some(7)),
                (High, "AVD-DS-0002", None, None, None, Some(4)),
                dependency(High, "CVE-2023-4863", "pillow", "9.5.0", Some("10.0.1")),
            ],
        ),
    ] {
        let found: Vec<_> = of(&scan, scanner).into_iter().map(short).collect();
        assert_eq!(found, expected, "{scanner}: {:?}", scan.looks);
    }
    let at = |name: &str| Some(tree.path().join(name).display().to_string());
    assert_eq!(of(&scan, "gitleaks")[0].file, at("conf/app.ini"));
    assert_eq!(of(&scan, "npm-audit")[0].file, at("package-lock.json"));
    let pip = scan.looks.iter().find(|look| look.scanner == "pip-audit").expect("looked");
    assert_eq!(pip.state, State::Partly, "a package that it left out is said");
    let shown = serde_json::to_string(&scan).expect("JSON");
    assert!(!shown.contains("planted-value-0001") && shown.contains("plan…"), "{shown}");
}

/// What is not installed, fails, hangs, or talks nonsense has not looked.
#[tokio::test]
async fn a_scanner_that_could_not_look_is_never_clean() {
    let (tree, programs) = tree();
    let offline = r#"echo '{"message": "request failed, reason: getaddrinfo ENOTFOUND registry.npmjs.org", "error": {"summary": "", "detail": ""}}'; exit 1"#;
    program(programs.path(), "npm", offline);
    let complaint = format!("cannot connect to https://me:{}@registry", "hunter2hunter2");
    program(
        programs.path(),
        "pip-audit",
        &format!("echo Traceback >&2; echo '{complaint}' >&2; exit 1"),
    );
    program(programs.path(), "trivy", "echo no JSON at all");
    program(programs.path(), "gitleaks", "exit 3");
    program(programs.path(), "cargo-audit", "echo '{}'");
    let scan = scanned(tree.path(), programs.path()).await;
    let look = |name: &str| scan.looks.iter().find(|look| look.scanner == name).expect("a look");
    for (name, expected) in [
        ("osv-scanner", "not installed"),
        ("npm-audit", "ENOTFOUND"),
        ("pip-audit", "cannot connect"),
        ("trivy", "not JSON"),
        ("gitleaks", "exit code 3"),
        ("cargo-audit", "vulnerabilities.list"),
    ] {
        let found = look(name);
        let why = found.reason.as_ref().map_or("", |said| &said.en);
        assert!(found.state == State::NotRun && why.contains(expected), "{found:?}");
    }
    let hint = |name: &str| look(name).hint.as_ref().map_or("", |said| &said.en);
    assert!(hint("osv-scanner").contains("install") && hint("npm-audit").contains("network"));
    let shown = serde_json::to_string(&scan).expect("JSON");
    assert!(!shown.contains("hunter2hunter2"), "{shown}");
}

#[tokio::test]
async fn a_scanner_that_hangs_is_ended_and_one_without_work_has_none() {
    let (tree, programs) = (tempdir().expect("a folder"), tempdir().expect("a folder"));
    program(programs.path(), "gitleaks", "sleep 600");
    program(programs.path(), "osv-scanner", "echo 'No package sources found' >&2; exit 128");
    let limit = Duration::from_secs(2);
    let scan = scan::scan(scan::Asked { limit, ..asked(tree.path(), programs.path()) }).await;
    let state =
        |name: &str| scan.looks.iter().find(|look| look.scanner == name).map(|look| look.state);
    assert_eq!(state("gitleaks"), Some(State::NotRun));
    assert_eq!(state("osv-scanner"), Some(State::NothingToDo));
    assert_eq!(state("cargo-audit"), Some(State::NothingToDo), "no Cargo.lock");
}

/// Hostile names are arguments of their own, and no scanner sees our environment.
#[tokio::test]
async fn a_scanner_is_asked_without_a_shell_and_with_an_empty_environment() {
    let (tree, programs) = (tempdir().expect("a folder"), tempdir().expect("a folder"));
    let told = programs.path().join("told");
    let name = "requirements --fix;$(touch x)\n.txt";
    write(&tree.path().join(name), "");
    let body = format!("printf '<%s>' \"$@\" >'{0}'; env >>'{0}'; exit 2", told.display());
    program(programs.path(), "pip-audit", &body);
    scanned(tree.path(), programs.path()).await;
    let told = fs::read_to_string(told).expect("asked");
    assert!(told.contains(&format!("<--requirement><./{name}>")), "{told}");
    assert!(!told.contains("CARGO"), "{told}");
}

/// What is looked at may bring its own `trivy`.
#[tokio::test]
async fn a_program_inside_the_tree_is_not_run() {
    let tree = tempdir().expect("a folder");
    let programs = tree.path().join("bin");
    program(&programs, "gitleaks", "touch was-run; echo '[]'");
    let scan = scanned(tree.path(), &programs).await;
    let look = scan.looks.iter().find(|look| look.scanner == "gitleaks").expect("a look");
    assert_eq!(look.state, State::NotRun);
    assert!(!tree.path().join("was-run").exists());
}
