//! A small town for browsers: a house with services that need each other, people, and a runbook that asks before it acts.

use crate::{
    common::{House, RESTART},
    driver::Browser,
};
use domain::{
    fact::Asks,
    ids::{ApprovalId, IncidentId},
};
use jiff::{SignedDuration, Timestamp};
use web::{Grant, Links, Purpose};

/// A password of the tests; it opens nothing but houses that live for seconds.
pub const PASSWORD: &str = "correct horse battery staple";

/// Services of a platform, one of which really runs; who is on call; the rest nobody watches.
const TOWN: &str = "\
services:
  prices: {title: 株価表示, kind: function, core: true, depends_on: [frontend]}
  forecast: {title: 株価予測, kind: function, core: true, depends_on: [frontend, batch]}
  frontend: {title: フロントエンド, depends_on: [web], command: [sleep, \"1000\"]}
  web: {title: 予測 API, depends_on: [database], command: [sleep, \"1000\"]}
  batch: {title: 夜間バッチ, depends_on: [database]}
  database: {title: データベース}
contacts:
  sato: {title: 佐藤}
  suzuki: {title: 鈴木}
schedules:
  sre: {title: SRE 当番, people: [sato, suzuki]}
escalation:
  - {title: 一次対応, on_call: sre}
  - {title: 二次対応, after: 30m, contacts: [suzuki]}
clocks: {assess_within: 0s, steady: 1s}
";

/// A house that asks before it restarts what died.
pub fn house() -> House {
    House::new(TOWN).with_runbook("service-down", &RESTART.replace("mode: auto", "mode: approve"))
}

/// The same with Japanese messages and a name.
pub fn japanese() -> House {
    let house = house();
    let file = house.config().join("hikeshi.yaml");
    let text = std::fs::read_to_string(&file).expect("written");
    let text = text.replace("language: en", "language: ja").replace("Test", "ミライ株価");
    std::fs::write(file, text).expect("written");
    house
}

/// The Japanese town with a public address, so that messages carry links, and with a channel on which phones are enrolled.
pub fn reached() -> House {
    let keys = House::new("services: {}").json(&["device", "keys"]);
    let key = |name: &str| keys[name].as_str().expect("a key").to_owned();
    let house = japanese().with_variable("PUSH", &key("private_key"));
    let file = house.config().join("hikeshi.yaml");
    let text = std::fs::read_to_string(&file).expect("written");
    let channel = format!(
        "public_url: https://hikeshi.example.jp
channels:
  push: {{kind: web_push, public_key: {}, private_key_env: PUSH, contact: 'mailto:ops@example.jp', pager: true}}
",
        key("public_key")
    );
    std::fs::write(file, text + &channel).expect("written");
    house
}

/// The pages behind links to 佐藤 in a town that was set on fire, by name and path.
pub fn links(house: &House) -> Vec<(&'static str, String)> {
    let enrol = house.json(&["device", "link", "sato"]);
    let enrol = enrol["url"].as_str().map(path_of).expect("a link");
    vec![
        ("link-incident", answer_link(house, Asks::Incident(IncidentId(1)))),
        ("link-approval", answer_link(house, Asks::Approval(ApprovalId(1)))),
        ("link-test", answer_link(house, Asks::Arrival("k7qdm2xw".into()))),
        ("link-over", answer_link(house, Asks::Approval(ApprovalId(99)))),
        ("link-enrol", enrol),
    ]
}

/// The path of a link with which 佐藤 answers, signed as messages are.
pub fn answer_link(house: &House, asks: Asks) -> String {
    let key = std::fs::read(house.data().join("answer.key")).expect("a key");
    let links = Links::new("", key.try_into().expect("32 bytes"));
    let until = Timestamp::now() + SignedDuration::from_hours(1);
    let purpose = Purpose::Answer(asks);
    let grant = Grant { purpose, notice: None, person: "sato".into(), until };
    format!("/a/{}", links.sign(&grant))
}

/// What stands in an address behind the host.
pub fn path_of(address: &str) -> String {
    let (_, rest) = address.split_once("://").expect("an address");
    rest[rest.find('/').expect("a path")..].to_owned()
}

/// Probes of the town, whose alerts say nothing of the machine that the tests run on.
const MEASURED: &str = "\
probes:
  machine/host: {kind: host, service: machine, every: 1s}
  machine/disk: {kind: disk, service: machine, paths: [/], every: 1s}
  web/traffic: {kind: access_log, service: web, path: ACCESS_LOG, minimum_requests: 5, every: 1s}
";

/// The Japanese town with a machine, and a day of measurements before it begins.
pub fn measured() -> House {
    let house = japanese();
    let file = house.config().join("hikeshi.yaml");
    let text = std::fs::read_to_string(&file).expect("written");
    let log = house.path().join("access.log");
    std::fs::write(&log, "").expect("written");
    let text =
        text.replace("\ncontacts:", "\n  machine: {title: 本番サーバー, kind: host}\ncontacts:");
    let probes = MEASURED.replace("ACCESS_LOG", &log.display().to_string());
    std::fs::write(&file, text + &probes).expect("written");
    let runbook = house.config().join("runbooks/service-down.md");
    std::fs::write(runbook, RESTART).expect("written");
    std::fs::create_dir_all(house.data()).expect("a folder");
    fill(&house.data());
    house
}

/// A day in which the answers of the API became slow twice, with two hours in which nobody looked.
fn fill(data: &std::path::Path) {
    let samples = samples::Samples::open(data, samples::Keep::default()).expect("samples");
    let now = Timestamp::now();
    for minute in 1..24 * 60_i32 {
        if (300..420).contains(&minute) {
            continue;
        }
        let at = now - SignedDuration::from_mins(minute.into());
        let wave = (f64::from(minute) / 90.0).sin();
        let noise = f64::from(minute * 7919 % 100) / 100.0;
        let slow = if (700..760).contains(&minute) || minute < 40 { 5200.0 } else { 0.0 };
        for (probe, reading, value) in [
            ("machine/host", "cpu_percent", 38.0 + 20.0 * wave + 12.0 * noise),
            ("machine/host", "mem_used_percent", 61.0 + 5.0 * wave + noise),
            ("machine/disk", "used_percent", 74.0 - f64::from(minute) / 300.0),
            ("web/traffic", "p95_ms", 240.0 + 90.0 * wave + 200.0 * noise + slow),
            ("web/traffic", "error_rate_percent", noise + slow / 1000.0),
            ("web/traffic", "requests_per_s", 30.0 + 20.0 * wave + noise),
        ] {
            samples.record(&samples::Series::new(probe, reading), at, value).expect("recorded");
            if minute % 200 == 0 {
                samples.flush().expect("kept");
            }
        }
    }
    samples.flush().expect("kept");
}

/// Adds an account, and signs its owner in through the link.
pub fn sign_in(house: &House, browser: &Browser, name: &str, role: &str) {
    sign_in_at(house, browser, &format!("http://{}", house.door()), name, role);
}

/// The same under another name of this machine.
pub fn sign_in_at(house: &House, browser: &Browser, base: &str, name: &str, role: &str) {
    let made = house.json(&["account", "add", name, "--role", role]);
    let link = made["link"].as_str().expect("a link");
    browser.open(&format!("{base}{}", path_of(link)));
    browser.write("input[name=password]", PASSWORD);
    browser.press("main button");
    browser.wait("the first page", |browser| browser.find("#p-head"));
}

/// Sets the town on fire, with something on every page; answers with all pages, by name and path.
pub fn set_on_fire(house: &mut House) -> Vec<(&'static str, String)> {
    house.run_for(0, &["account", "add", "鈴木", "--role", "responder"]);
    house.run_for(0, &["incident", "open", "--title", "決済が遅い <b>", "--priority", "P3"]);
    house.kill_service("web");
    house.wait("somebody is asked", |house| {
        house.json(&["approval", "list"]).as_array().filter(|all| !all.is_empty()).map(|_| ())
    });
    house.run_for(0, &["incident", "note", "latest", "電源ランプが消えています", "--by", "鈴木"]);
    let quiet = ["silence", "add", "alertname=\"Slow\"", "--for", "2h", "--comment", "調査中"];
    house.run_for(0, &quiet);
    let burning = house.json(&["incident", "list"]);
    let burning = burning.as_array().into_iter().flatten().find(|one| one["cause"] == "web");
    let number = burning.expect("it burns")["id"].to_string();
    house.run_for(0, &["comms", "draft", "--audience", "stakeholders", &number]);
    [
        ("now", "/".to_owned()),
        ("room", format!("/incidents/{number}")),
        ("report", format!("/incidents/{number}/report")),
        ("draft", "/drafts/DRF-1".to_owned()),
        ("run", "/runs/RUN-1".to_owned()),
        ("evidence", "/evidence/RUN-1/evidence/1".to_owned()),
        ("evidence-file", "/evidence/RUN-1/evidence/1/processes.txt".to_owned()),
        ("service", "/services/web".to_owned()),
        ("runbook", "/runbooks/service-down".to_owned()),
    ]
    .into_iter()
    .chain(PLAIN.map(|name| (name, format!("/{name}"))))
    .collect()
}

/// Pages whose path is their name.
const PLAIN: [&str; 17] = [
    "wall",
    "incidents",
    "alerts",
    "silences",
    "dashboard",
    "services",
    "runbooks",
    "on-call",
    "audit",
    "readiness",
    "configuration",
    "find?q=web",
    "accounts",
    "settings",
    "settings/security",
    "settings/tokens",
    "nothing",
];
