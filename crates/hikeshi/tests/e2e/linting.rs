//! `hikeshi runbook lint`: documents judged without a server, as text, JSON and SARIF.

use crate::common::House;
use std::{fs, process::Command};

const BAD: &str = "# 手順\n\n担当者: SRE\n版数: 1\n最終更新: 2026-11-01\n\n## 診断\n```bash\ntail -f /var/log/app.log\n```\n";

#[test]
fn a_document_is_linted_without_a_server() {
    let house = House::new("services: {}\n");
    let folder = house.path().join("docs");
    fs::create_dir_all(folder.join("deep")).expect("folders");
    fs::write(folder.join("deep/bad.md"), BAD).expect("written");
    fs::write(folder.join("notes.txt"), BAD).expect("written");
    let docs = folder.display().to_string();
    let ask = |code, more: &[&str]| {
        house.run_for(code, &[&["runbook", "lint", &docs, "--today", "2026-11-28"], more].concat())
    };

    let text = ask(1, &["--lang", "en"]).stdout;
    let first = text.lines().next().expect("a line");
    assert!(
        first.starts_with("error: ")
            && first.ends_with("bad.md:9:1: `tail -f /var/log/app.log` never ends (never-ends)"),
        "{text}"
    );
    assert!(text.lines().nth(1).is_some_and(|line| line.starts_with("  hint: ")), "{text}");
    assert!(text.ends_with("documents: 1, errors: 1, warnings: 0, infos: 0\n"), "{text}");
    assert!(!text.contains('\u{1b}'), "colours only on a terminal: {text:?}");
    assert!(ask(1, &["--lang", "ja"]).stdout.starts_with("エラー: "));

    let json = ask(1, &["--json"]).json();
    assert_eq!(json["errors"], 1);
    let found = &json["findings"][0];
    assert_eq!((&found["rule"], &found["line"]), (&"never-ends".into(), &9.into()), "{json}");

    let sarif: serde_json::Value =
        serde_json::from_str(&ask(1, &["--sarif"]).stdout).expect("it is JSON");
    assert_eq!(sarif["version"], "2.1.0");
    let result = &sarif["runs"][0]["results"][0];
    let index = usize::try_from(result["ruleIndex"].as_u64().expect("a number")).expect("small");
    assert_eq!(sarif["runs"][0]["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
    assert_eq!(result["locations"][0]["physicalLocation"]["region"]["startLine"], 9);
}

#[test]
fn the_exit_code_says_how_grave_it_is() {
    let house = House::new("services: {}\n");
    let file = house.path().join("old.md");
    let old = BAD.replace("tail -f", "tail -n 5").replace("2026-11-01", "2020-01-01");
    fs::write(&file, old).expect("written");
    let file = file.display().to_string();
    let lint = ["runbook", "lint", file.as_str(), "--today", "2026-11-28"];
    house.run_for(0, &lint);
    house.run_for(1, &[&lint[..], &["--fail-on", "warning"]].concat());
    let shown = house.run_for(0, &[&lint[..], &["--min-level", "error", "--json"]].concat()).json();
    assert_eq!(shown["findings"], serde_json::json!([]));
    house.run_for(2, &["runbook", "lint", "no-such-file.md"]);
    house.run_for(2, &["runbook", "lint"]);
}

#[test]
fn standard_input_is_a_document() {
    use std::io::Write;
    let mut child = Command::new(env!("CARGO_BIN_EXE_hikeshi"))
        .args(["--lang", "en", "runbook", "lint", "-"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("it starts");
    child.stdin.take().expect("piped").write_all(BAD.as_bytes()).expect("written");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("<stdin>:9:1: "), "{text}");
}
