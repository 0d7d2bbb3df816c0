//! Stories of our own checks: a tree with weak places, and a server with open doors.

mod common;

use common::{allow, asked, contents, scanned, write};
use probes::ProbeSpec;
use scan::{Asked, Scan, Severity, State};
use source::{Problems, yaml};
use std::{
    fs,
    io::{Read, Write},
    net::TcpListener,
    os::unix::fs::symlink,
    path::Path,
    thread,
};
use tempfile::tempdir;

/// Rule, file below the folder, line.
fn found(scan: &Scan, folder: &Path, scanner: &str) -> Vec<(String, String, Option<u64>)> {
    let of = scan.findings.iter().filter(|finding| finding.scanner == scanner);
    let mut found: Vec<_> = of
        .map(|finding| {
            let file = Path::new(finding.file.as_deref().unwrap_or_default());
            let below = file.strip_prefix(folder).unwrap_or(file).display().to_string();
            (finding.rule.clone(), below, finding.line)
        })
        .collect();
    found.sort();
    found
}

fn expected(rows: &[(&str, &str, Option<u64>)]) -> Vec<(String, String, Option<u64>)> {
    rows.iter().map(|(rule, file, line)| ((*rule).into(), (*file).into(), *line)).collect()
}

/// Put together here, so that no scanner takes this file for a leak.
fn key_of_aws() -> String {
    format!("AKIA{}", "IOSFODNN7EXAMPLE")
}

/// A64.
#[tokio::test]
async fn what_others_may_write_and_keys_that_they_may_read_are_found() {
    let tree = tempdir().expect("a folder");
    let top = tree.path();
    let key = format!("-----BEGIN {} KEY-----\n", "PRIVATE");
    for (name, mode) in [
        ("open.yaml", 0o666),
        ("fine.yaml", 0o644),
        (".env", 0o644),
        (".env.example", 0o644),
        ("tls/server.key", 0o644),
        ("tls/kept.key", 0o600),
    ] {
        write(&top.join(name), "x\n");
        allow(&top.join(name), mode);
    }
    write(&top.join("build/deploy"), &key);
    allow(&top.join("build/deploy"), 0o644);
    write(&top.join(".gitignore"), "build\n.env\n");
    for (name, mode) in [("drop", 0o777), ("shared", 0o1777)] {
        fs::create_dir(top.join(name)).expect("made");
        allow(&top.join(name), mode);
    }
    symlink("/", top.join("everything")).expect("made");
    let before = contents(top);
    let scan = scanned(top, Path::new("/nowhere")).await;
    assert_eq!(contents(top), before, "nothing is changed");
    let rows = [
        ("readable-env-file", ".env", None),
        ("readable-private-key", "build/deploy", None),
        ("readable-private-key", "tls/server.key", None),
        ("world-writable", "drop", None),
        ("world-writable", "open.yaml", None),
    ];
    assert_eq!(found(&scan, top, "permissions"), expected(&rows));
    assert_eq!(found(&scan, top, "secrets"), [], "git ignores the key");
}

/// A64.
#[tokio::test]
async fn secrets_in_the_tree_are_found_with_their_lines_and_stay_hidden() {
    let tree = tempdir().expect("a folder");
    let top = tree.path();
    let key = key_of_aws();
    write(&top.join("src/app.py"), format!("a = 1\nkey = '{key}'\n"));
    write(&top.join("ignored.log"), &key);
    write(&top.join("deep/kept.log"), &key);
    write(&top.join(".gitignore"), "*.log\n");
    write(&top.join("deep/.gitignore"), "!kept.log\n");
    write(&top.join("binary"), [b"\0\0".as_slice(), key.as_bytes()].concat());
    write(&top.join("large.txt"), format!("{key}\n{}", "x".repeat(1 << 20)));
    write(&top.join(".git/config"), &key);
    write(&top.join("new\nline\u{1b}[31m"), &key);
    let scan = scanned(top, Path::new("/nowhere")).await;
    let rows = [
        ("aws-access-key", "deep/kept.log", Some(1)),
        ("aws-access-key", "new\nline\u{1b}[31m", Some(1)),
        ("aws-access-key", "src/app.py", Some(2)),
    ];
    assert_eq!(found(&scan, top, "secrets"), expected(&rows));
    let shown = serde_json::to_string(&scan).expect("JSON");
    assert!(
        !shown.contains(&key) && shown.contains("AKIA…") && !shown.contains('\u{1b}'),
        "{shown}"
    );
}

/// hikeshi's own folders: what lies in them and no deeper; one that is not there yet is no trouble.
#[tokio::test]
async fn own_folders_that_others_may_write_are_found() {
    let (tree, own) = (tempdir().expect("a folder"), tempdir().expect("a folder"));
    write(&own.path().join("hikeshi.yaml"), "services: {}\n");
    allow(&own.path().join("hikeshi.yaml"), 0o666);
    let own_folders = vec![own.path().to_owned(), own.path().join("data")];
    let scan = scan::scan(Asked { own_folders, ..asked(tree.path(), Path::new("/nowhere")) }).await;
    assert_eq!(
        found(&scan, own.path(), "permissions"),
        expected(&[("world-writable", "hikeshi.yaml", None)])
    );
    assert!(scan.looks.iter().any(|look| look.state == State::NothingToDo));
}

/// A server that answers 200 for these paths, and 404 for all others.
fn server(open: &'static [&'static str]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let origin = format!("http://{}", listener.local_addr().expect("bound"));
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut bytes = [0; 4096];
            let count = stream.read(&mut bytes).unwrap_or(0);
            let text = String::from_utf8_lossy(&bytes[..count]).into_owned();
            let path = text.split(' ').nth(1).unwrap_or_default();
            let is_open = open.contains(&path) || open.contains(&"*");
            let status = if is_open { "200 OK" } else { "404 Not Found" };
            let answer =
                format!("HTTP/1.1 {status}\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok");
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    origin
}

fn spec(url: &str) -> ProbeSpec {
    let mut problems = Problems::new();
    let text = format!("{{kind: http, service: api, url: '{url}'}}");
    let node = yaml::read("probes.yaml", &text, 0, &mut problems).expect("YAML");
    ProbeSpec::parse("api/health", &node, &mut problems).expect("a probe")
}

async fn asked_at(origin: &str) -> Scan {
    let tree = tempdir().expect("a folder");
    let services = Ok(vec![spec(&format!("{origin}/health?x=1"))]);
    scan::scan(Asked { services, ..asked(tree.path(), Path::new("/nowhere")) }).await
}

/// A64.
#[tokio::test]
async fn routes_that_answer_anybody_are_found() {
    let origin = server(&["/.env", "/metrics"]);
    let scan = asked_at(&origin).await;
    let found: Vec<_> =
        scan.findings.iter().map(|found| (found.severity, found.url.clone())).collect();
    let url = |path: &str| Some(format!("{origin}{path}"));
    assert_eq!(found, [(Severity::Critical, url("/.env")), (Severity::Low, url("/metrics"))]);
}

#[tokio::test]
async fn who_answers_everything_or_nothing_is_not_judged() {
    let origin = server(&["*"]);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let closed = format!("http://{}", listener.local_addr().expect("bound"));
    drop(listener);
    for origin in [origin, closed] {
        let scan = asked_at(&origin).await;
        let look = scan.looks.iter().find(|look| look.scanner == "routes").expect("a look");
        assert!(look.state == State::NotRun && look.reason.is_some(), "{look:?}");
        assert_eq!(scan.findings, []);
    }
}

#[tokio::test]
async fn where_nothing_can_be_looked_at_nothing_was() {
    let scan = scanned(Path::new("/nowhere/at/all"), Path::new("/nowhere")).await;
    assert!(!scan.has_looked(), "{scan:?}");
}

/// A server that hangs up on TLS 1.2 and 1.3 as the standard says: alert 70, `protocol_version`.
#[tokio::test]
async fn a_server_with_an_old_protocol_only_is_found() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let origin = format!("https://{}", listener.local_addr().expect("bound"));
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(&[0x15, 3, 1, 0, 2, 2, 70]);
        }
    });
    let scan = asked_at(&origin).await;
    let rules: Vec<_> = scan.findings.iter().map(|found| found.rule.as_str()).collect();
    assert_eq!(rules, ["old-protocol"], "{:?}", scan.looks);
}
