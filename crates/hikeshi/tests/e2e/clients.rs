//! Other systems' own programs against hikeshi: Prometheus sends to it, amtool works with it, PagerDuty's clients find it.

use crate::common::{House, sink::Sink};
use serde_json::{Value, json};
use std::{
    fs,
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    time::{SystemTime, UNIX_EPOCH},
};

/// Everything is told at once, on one channel.
fn quick(sink: &Sink) -> String {
    format!(
        "services: {{api-1: {{}}}}\nchannels: {{hook: {channel}}}\ncontacts: {{}}\nroutes: {{P0: {{channels: [hook]}}, \
         P1: {{channels: [hook]}}, warning: {{channels: [hook]}}}}\nclocks: {{assess_within: 0s}}\n",
        channel = sink.channel()
    )
}

fn amtool(door: SocketAddr, arguments: &[&str]) -> String {
    let url = format!("--alertmanager.url=http://{door}");
    let ran = Command::new("amtool").arg(url).args(arguments).output().expect("amtool is there");
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(ran.status.success(), "{arguments:?}: {said}{}", String::from_utf8_lossy(&ran.stderr));
    said
}

/// A20, C1 of the wire formats: what people type at Alertmanager works here.
#[test]
fn amtool_adds_queries_and_silences() {
    let sink = Sink::start();
    let mut house = House::new(&quick(&sink));
    house.serve();
    let door = house.door();
    amtool(door, &["alert", "add", "alertname=HighLatency", "instance=api-1", "severity=warning"]);
    let listed: Value =
        serde_json::from_str(&amtool(door, &["-o", "json", "alert", "query"])).expect("JSON");
    assert_eq!(listed[0]["labels"]["alertname"], "HighLatency");
    assert_eq!(listed[0]["status"]["state"], "active");

    let add = ["silence", "add", "-a", "sato", "-c", "exchange", "-d", "1h", "alertname=~High.*"];
    let id = amtool(door, &add).trim().to_owned();
    assert!(amtool(door, &["alert", "query"]).lines().count() == 1, "only the heading is left");
    let silenced: Value =
        serde_json::from_str(&amtool(door, &["-o", "json", "alert", "query", "-s"])).expect("JSON");
    assert_eq!(silenced[0]["status"]["silencedBy"], json!([id]));
    let longer = amtool(door, &["silence", "update", "-d", "2h", &id]);
    assert!(longer.contains(&id), "an edit with the same matchers keeps the number: {longer}");
    amtool(door, &["silence", "expire", &id]);
    assert!(amtool(door, &["alert", "query"]).contains("HighLatency"), "loud again");
    assert!(amtool(door, &["silence", "query", "--expired"]).contains(&id));
    assert!(amtool(door, &["config", "show"]).contains("receivers:"));
    assert!(amtool(door, &["cluster", "show"]).contains("disabled"));
}

struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn prometheus(folder: &Path, door: SocketAddr, rules: &str) -> Ended {
    fs::write(folder.join("rules.yml"), rules).expect("written");
    let config = format!(
        "global: {{evaluation_interval: 1s}}\nrule_files: [rules.yml]\nalerting:\n  alertmanagers:\n  - static_configs: [{{targets: [\"{door}\"]}}]\n"
    );
    fs::write(folder.join("prometheus.yml"), config).expect("written");
    let program = Command::new("prometheus")
        .arg(format!("--config.file={}", folder.join("prometheus.yml").display()))
        .arg(format!("--storage.tsdb.path={}", folder.join("tsdb").display()))
        .args(["--web.listen-address=127.0.0.1:0", "--rules.alert.resend-delay=1s"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(fs::File::create(folder.join("prometheus.log")).expect("a file"))
        .spawn();
    Ended(program.expect("prometheus is there"))
}

/// Prometheus fires, hikeshi tells; Prometheus resolves, hikeshi tells that too.
#[test]
fn a_rule_of_prometheus_rings_here_and_ends_here() {
    let sink = Sink::start();
    let mut house = House::new(&quick(&sink));
    house.serve();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let rules = format!(
        "groups:\n- name: story\n  rules:\n  - alert: TooSlow\n    expr: vector(time()) < {}\n    labels: {{severity: warning, job: api-1}}\n    annotations: {{summary: 'it is slow'}}\n",
        now + 20
    );
    let _prometheus = prometheus(house.path(), house.door(), &rules);
    let told = |event: &str| {
        let event = event.to_owned();
        move |sink: &Sink| {
            let fits = |told: &crate::common::sink::Told| {
                told.body["event"] == event.as_str()
                    && told.body["about"]["alert"] == "TooSlow@api-1"
            };
            sink.told().iter().any(fits)
        }
    };
    house.wait("the owner hears of it", |_| told("firing")(&sink).then_some(()));
    house.wait("the owner hears that it is over", |_| told("resolved")(&sink).then_some(()));
    let firings = sink.told().iter().filter(|told| told.body["event"] == "firing").count();
    assert_eq!(firings, 1, "sent every second, told once");
}

/// A crash in the midst of a storm: every alert that was acknowledged is there, and the page goes out once.
#[test]
fn a_storm_survives_a_kill_and_pages_once() {
    let sink = Sink::start();
    let mut house = House::new(&quick(&sink));
    house.serve();
    let client = house.open_door();
    let alert = |number: usize| {
        json!({"labels": {"alertname": "DiskDead", "severity": "critical", "job": "api-1", "disk": format!("d{number}")},
               "startsAt": "2026-01-01T00:00:00Z", "endsAt": "2036-01-01T00:00:00Z"})
    };
    let mut acknowledged = 0;
    for batch in 0..100 {
        let alerts: Vec<_> = (batch * 100..batch * 100 + 100).map(alert).collect();
        let answer = client.post("/api/v2/alerts", &Value::Array(alerts)).expect("answered");
        assert_eq!(answer.status, 200, "{answer:?}");
        acknowledged += 100;
        if batch == 60 {
            house.kill();
            house.serve();
            break;
        }
    }
    let client = house.open_door();
    let kept = client.get("/api/v2/alerts").expect("answered").json();
    assert_eq!(kept.as_array().map(Vec::len), Some(acknowledged), "all that was acknowledged");
    house.wait("the page is out", |_| (!sink.told().is_empty()).then_some(()));
    house.wait("nobody else must be told", |house| {
        let status = house.local().get("/api/v1/status").ok()?.json();
        (status["notices_owed"] == 0).then_some(())
    });
    let keys: std::collections::BTreeSet<_> =
        sink.told().into_iter().map(|told| told.key).collect();
    assert_eq!(keys.len(), 1, "one page, whatever number of attempts: {keys:?}");
    let incidents = house.json(&["incident", "list"]);
    assert_eq!(incidents.as_array().map(Vec::len), Some(1));
}

/// An integration with a token lets in who shows it, and nobody else; the token stands nowhere.
#[test]
fn an_integration_opens_for_its_token_alone() {
    let sink = Sink::start();
    let mut house = House::new(&format!(
        "{}integrations: {{desk: {{kind: pagerduty}}, hooks: {{kind: generic, key: /id, summary: /text}}}}\n",
        quick(&sink)
    ));
    house.serve();
    let token =
        house.json(&["token", "new", "desk"])["token"].as_str().expect("a token").to_owned();
    let client = house.open_door();
    let event = |key: &str, action: &str| {
        json!({"routing_key": key, "event_action": action, "dedup_key": "disk",
               "payload": {"summary": "the disk is full", "source": "api-1", "severity": "critical"}})
    };
    let refused = client.post("/v2/enqueue", &event("wrong", "trigger")).expect("answered");
    assert!(refused.status >= 400, "{refused:?}");
    let taken = client.post("/v2/enqueue", &event(&token, "trigger")).expect("answered");
    assert_eq!((taken.status, &taken.json()["dedup_key"]), (202, &json!("disk")));
    house.wait("it is an incident", |house| {
        (house.json(&["incident", "list"]).as_array()?.len() == 1).then_some(())
    });
    assert_eq!(
        client.post("/v2/enqueue", &event(&token, "acknowledge")).expect("answered").status,
        202
    );
    let incident = house.json(&["incident", "show", "latest"]);
    assert!(
        incident["acknowledged_by"].is_object() || incident.to_string().contains("desk"),
        "{incident}"
    );
    assert_eq!(
        client.post("/v2/enqueue", &event(&token, "resolve")).expect("answered").status,
        202
    );
    let closed = client
        .post("/in/hooks", &json!({"id": "1", "state": "firing", "text": "x"}))
        .expect("answered");
    assert_eq!(closed.status, 401, "no token was made for it");
    let everything = fs::read(house.data().join("journal.db")).expect("the journal");
    assert!(!everything.windows(token.len()).any(|part| part == token.as_bytes()));
    house.run_for(0, &["token", "revoke", "1"]);
    let late = client.post("/v2/enqueue", &event(&token, "trigger")).expect("answered");
    assert!(late.status >= 400, "a revoked token opens nothing: {late:?}");
}

/// Bad requests cost no more than themselves.
#[test]
fn what_cannot_be_read_is_refused_and_everything_else_goes_on() {
    let mut house = House::new("services: {api-1: {}}\n");
    house.serve();
    let door = house.door();
    let send = |head: &str, body: &[u8]| {
        use std::io::{Read, Write};
        let mut stream = std::net::TcpStream::connect(door).expect("connects");
        let request = format!(
            "POST /api/v2/alerts HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {}\r\n{head}\r\n",
            body.len()
        );
        let _ = stream.write_all(request.as_bytes()).and_then(|()| stream.write_all(body));
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        answer.split_whitespace().nth(1).unwrap_or_default().to_owned()
    };
    assert_eq!(send("", b"{not json"), "400");
    assert_eq!(send("content-encoding: gzip\r\n", b"not gzip"), "400");
    assert_eq!(send("content-encoding: br\r\n", b"x"), "415");
    assert_eq!(send("origin: http://evil.example\r\n", b"[]"), "403");
    assert_eq!(send("", &vec![b'['; 17 << 20]), "413");
    assert_eq!(send("", br#"[{"labels":{"alertname":"fine"}},{"labels":{}}]"#), "400");
    assert_eq!(send("", "[".repeat(100_000).as_bytes()), "400");
    let kept = house.open_door().get("/api/v2/alerts").expect("answered").json();
    assert_eq!(kept.as_array().map(Vec::len), Some(1), "the valid one of the batch counts");
}

/// `POST /-/reload`: another configuration counts at once, one with mistakes changes nothing.
#[test]
fn a_reload_changes_who_is_told_and_what_is_watched() {
    let (first, second) = (Sink::start(), Sink::start());
    let mut house = House::new(&quick(&first));
    house.serve();
    let client = house.open_door();
    let fire = |name: &str| {
        let alerts =
            json!([{"labels": {"alertname": name, "severity": "warning", "job": "api-1"}}]);
        assert_eq!(client.post("/api/v2/alerts", &alerts).expect("answered").status, 200);
    };
    house.configure("services: {api-1: {}}\nunknown_key: 1\n");
    assert_eq!(client.post("/-/reload", &json!({})).expect("answered").status, 500);
    fire("BeforeReload");
    house.wait("the first hears of it", |_| (!first.told().is_empty()).then_some(()));
    house.configure(&format!(
        "{}probes: {{door: {{kind: tcp, service: api-1, address: \"127.0.0.1:1\", every: 1s}}}}\n",
        quick(&second)
    ));
    assert_eq!(client.post("/-/reload", &json!({})).expect("answered").status, 200);
    fire("AfterReload");
    house.wait("the second hears of it", |_| {
        second
            .told()
            .iter()
            .any(|told| told.body["about"]["alert"] == "AfterReload@api-1")
            .then_some(())
    });
    house.wait("the new probe looks", |house| {
        house.json(&["alert", "list"]).to_string().contains("service_down").then_some(())
    });
}
