//! Prometheus rule files: linted against what targets export, imported, exported; and the Grafana dashboard (B30 to B32).

use crate::common::House;
use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    path::Path,
    process::Command,
    thread,
};

const RULES: &str = r#"groups:
  - name: mks
    interval: 15s
    rules:
      - alert: MksDiskFull
        expr: mks_system_disk_percent > 90
        for: 5m
        labels: {severity: critical}
        annotations: {summary: "the disk is full", runbook_url: "https://example.org/disk"}
      - alert: MksErrors
        expr: sum(rate(mks_http_errors_total[5m])) > 5
        for: 1m
        labels: {severity: warning}
        annotations: {summary: "many errors"}
"#;

/// A target that shows these metrics to whoever asks, until the test ends.
fn target(page: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound");
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n";
            let _ = write!(stream, "{head}Content-Length: {}\r\n\r\n{page}", page.len());
        }
    });
    address
}

/// Whether the real tool accepts it; true where it is not installed.
fn promtool(arguments: &[&str], file: &Path) -> Option<String> {
    match Command::new("promtool").args(arguments).arg(file).output() {
        Ok(said) if said.status.success() => None,
        Ok(said) => {
            Some(String::from_utf8_lossy(&[said.stdout, said.stderr].concat()).into_owned())
        }
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "promtool is needed in CI: {error}");
            eprintln!("skipped: promtool: {error}; on Debian: apt-get install prometheus");
            None
        }
    }
}

/// B32: a rule that names a metric no target exports is an error.
#[test]
fn a_metric_that_nobody_exports_is_an_error() {
    let house = House::new("services: {}\n");
    let file = house.path().join("mks-alerts.yml");
    fs::write(&file, RULES).expect("written");
    let file = file.display().to_string();
    let url = format!("http://{}/metrics", target("mks_http_errors_total 3\n"));
    let lint = house.run_for(1, &["rules", "lint", &file, "--target", &url, "--json"]).json();
    let unknown: Vec<_> = lint
        .as_array()
        .into_iter()
        .flatten()
        .filter(|finding| finding["kind"] == "unknown_metric")
        .map(|finding| finding["metric"].clone())
        .collect();
    assert_eq!(unknown, ["mks_system_disk_percent"], "{lint}");

    // The same target as a configured probe.
    house.configure(&format!(
        "services: {{mks: {{kind: process}}}}\nprobes:\n  mks/metrics: {{kind: prometheus, service: mks, url: \"{url}\"}}\n"
    ));
    let text = house.run_for(1, &["rules", "lint", "--file", &file]).stdout;
    assert!(text.contains("mks_system_disk_percent") && text.contains("unknown_metric"), "{text}");

    // Of a target that does not answer nobody can say what it exports.
    let gone = "http://127.0.0.1:1/metrics";
    let blind = house.run_for(2, &["rules", "lint", &file, "--target", gone, "--json"]);
    assert!(!blind.stdout.contains("unknown_metric"), "{blind:?}");
    assert!(blind.stderr.contains(gone), "{blind:?}");
}

/// B32: import, load, export, and the real tool accepts it.
#[test]
fn imported_rules_become_alerts_and_go_out_again_as_rules() {
    let house = House::new("services: {mks: {kind: process}}\n");
    let file = house.path().join("rules.yml");
    fs::write(&file, RULES).expect("written");
    let out = house.path().join("imported.yaml");
    let (file, out) = (file.display().to_string(), out.display().to_string());
    house.run_for(0, &["rules", "import", &file, "-o", &out, "--url", "http://127.0.0.1:9090"]);
    assert_eq!(
        house.run(&["rules", "import", &file, "-o", &out]).code,
        2,
        "nothing is overwritten"
    );
    let imported = fs::read_to_string(&out).expect("written");
    house.configure(&format!("services: {{mks: {{kind: process}}}}\n{imported}"));
    house.run_for(0, &["config", "check"]);

    for command in [["rules", "export"], ["export", "rules"]] {
        let exported = house.run_for(0, &command).stdout;
        assert!(exported.contains("hikeshi_reading{"), "{exported}");
        let file = house.path().join("exported.yml");
        fs::write(&file, &exported).expect("written");
        assert_eq!(promtool(&["check", "rules"], &file), None, "{exported}");
    }
}

/// B30, B31: the dashboard asks only for what `/metrics` shows, and the conditions too.
#[test]
fn what_is_exported_asks_for_what_is_shown() {
    let mut house = House::new("services: {task: {command: [sleep, \"1000\"]}}\n");
    house.serve();
    let door = house.open_door();
    let metrics = house.wait("a reading is shown", |_| {
        let page = door.get("/metrics").expect("an answer").body;
        page.contains("hikeshi_reading{").then_some(page)
    });
    let labels = "probe=\"task/process\",service=\"task\"";
    assert!(
        metrics.contains(&format!("hikeshi_reading{{{labels},reading=\"up\"}} 1")),
        "{metrics}"
    );
    assert!(
        metrics.contains(&format!("hikeshi_probe_heard_timestamp_seconds{{{labels}}}")),
        "{metrics}"
    );
    let status = house.local().get("/api/v1/status").expect("an answer").json();
    let url = format!("http://{}/metrics", status["listen"].as_str().expect("it listens"));

    let dashboard = house.run_for(0, &["export", "grafana"]).stdout;
    let read: serde_json::Value = serde_json::from_str(&dashboard).expect("JSON");
    assert!(read["panels"].as_array().is_some_and(|panels| panels.len() >= 6), "B31");
    let file = house.path().join("g.json");
    fs::write(&file, dashboard).expect("written");
    let file = file.display().to_string();
    let lint = house.run(&["rules", "lint", "--file", &file, "--target", &url, "--json"]);
    let findings = lint.json();
    let errors: Vec<_> =
        findings.as_array().into_iter().flatten().filter(|f| f["level"] == "error").collect();
    assert!(errors.is_empty() && lint.code == 0, "{errors:#?}");
}
