//! What the server shows on its address, and that only the local socket acts.

use crate::common::{House, RESTART};
use serde_json::json;
use std::{
    io::Write,
    process::{Command, Stdio},
};

const YAML: &str = "services: {task: {command: [sleep, \"1000\"]}}\n";

#[test]
fn it_is_alive_and_ready() {
    let mut house = House::new(YAML);
    house.serve();
    for door in [house.open_door(), house.local()] {
        assert_eq!(door.get("/healthz").expect("an answer").status, 200);
        assert_eq!(door.get("/readyz").expect("an answer").status, 200);
        let status = door.get("/api/v1/status").expect("an answer").json();
        assert_eq!((&status["incidents"], &status["alerts"]), (&json!(0), &json!(0)), "{status}");
    }
    house.stop();
    assert!(house.service("task").is_some(), "services live on by default");
}

/// What acts wants a token on the network; the same request on the socket acts.
#[test]
fn the_open_door_refuses_what_acts() {
    let mut house = House::new(YAML).with_runbook("service-down", RESTART);
    house.serve();
    let (open, local) = (house.open_door(), house.local());
    let incident = json!({"by": "sato", "title": "a test", "priority": "P3", "service": null});
    let by = json!({"by": "sato"});
    let run = json!({"by": "sato", "service": "task", "dry_run": true});
    let acts = [
        ("/api/v1/incidents", &incident),
        ("/api/v1/incidents/1/acknowledge", &by),
        ("/api/v1/incidents/1/note", &json!({"by": "sato", "text": "x"})),
        ("/api/v1/incidents/1/close", &by),
        ("/api/v1/runbooks/service-down/run", &run),
        ("/api/v1/recover", &by),
    ];
    for (path, body) in acts {
        let status = open.post(path, body).expect("an answer").status;
        assert_eq!(status, 401, "{path}");
    }
    assert_eq!(house.facts_of("detected").len(), 0);
    assert_eq!(local.post(acts[0].0, &incident).expect("an answer").status, 200);
    assert_eq!(open.get("/api/v1/incidents").expect("an answer").json()[0]["title"], "a test");

    // What is not understood is said, in both languages, and nothing happens.
    let nameless = local.post("/api/v1/incidents/1/acknowledge", &json!({"by": ""}));
    let nameless = nameless.expect("an answer");
    assert_eq!(nameless.status, 400, "{nameless:?}");
    assert_eq!(nameless.json()["error"]["kind"], "bad_request");
    let unknown = json!({"by": "sato", "surprise": 1});
    let answer = local.post("/api/v1/recover", &unknown).expect("an answer");
    assert!((400..500).contains(&answer.status), "{answer:?}");
    let huge = json!({"by": "sato", "text": "x".repeat(1 << 20)});
    // It is refused before it is read to its end; whether the answer is seen is a matter of luck.
    let answer = local.post("/api/v1/incidents/1/note", &huge);
    assert!(answer.map_or(true, |answer| answer.status == 413), "a body is bounded");
    assert_eq!(house.facts_of("noted").len(), 0);
}

/// B30: what Prometheus reads is what its own tool accepts.
#[test]
fn metrics_are_what_prometheus_accepts() {
    let mut house = House::new(YAML);
    house.serve();
    house.run_for(0, &["incident", "open", "--title", "burning", "--priority", "P2"]);
    let answer = house.open_door().get("/metrics").expect("an answer");
    assert_eq!(answer.status, 200);
    for line in [
        "hikeshi_incidents_open{priority=\"P2\"} 1",
        "hikeshi_incidents_open{priority=\"P0\"} 0",
        "hikeshi_journal_fault 0",
    ] {
        assert!(answer.body.lines().any(|found| found == line), "{line}:\n{}", answer.body);
    }
    let mut promtool = Command::new("promtool");
    promtool.args(["check", "metrics"]).stdin(Stdio::piped());
    let tool = promtool.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut tool = match tool {
        Ok(tool) => tool,
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "promtool is needed in CI: {error}");
            eprintln!("skipped: promtool: {error}; on Debian: apt-get install prometheus");
            return;
        }
    };
    let mut stdin = tool.stdin.take().expect("a pipe");
    stdin.write_all(answer.body.as_bytes()).expect("it reads");
    drop(stdin);
    let said = tool.wait_with_output().expect("it ends");
    let text = [said.stdout, said.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    assert!(said.status.success() && text.trim().is_empty(), "{text}\n{}", answer.body);
}
