//! The page that customers see (A49): up to date within a minute, honest about what nobody measures, and with nothing of
//! ours on it.

use crate::{
    common::{House, RESTART, client::Client},
    visitor::Visitor,
};
use reqwest::header::HOST;
use serde_json::Value;
use std::{fs, path::Path};

/// Words that stand in the configuration and in what happens, and that no customer may ever read.
const INTERNAL: [&str; 17] = [
    "geheim-api",
    "db-host-42",
    "Interne Kasse",
    "10.1.2.3",
    "hunter2",
    "/srv/intern",
    "sakura-runbook",
    "Tanaka",
    "tanaka",
    "service_down",
    "INC-",
    "DRF-",
    "sleep",
    "OPS-4711",
    "Hotfix",
    "house",
    "silence",
];

/// A shop whose insides have telling names, and a page for its customers.
fn shop(page: &str) -> House {
    let yaml = format!(
        "services:
  geheim-api: {{title: Interne Kasse auf db-host-42, kind: group}}
  geheim-api-1: {{title: Kasse eins, group: geheim-api, command: [sleep, \"1000\"]}}
  lager: {{title: Lager, command: [sleep, \"1001\"]}}
channels:
  console: {{kind: console}}
  mail: {{kind: email, server: \"127.0.0.1:9\", tls: none, from: hikeshi@shop.example.test}}
contacts:
  tanaka: {{title: Tanaka Hanako, roles: [pr], mail: tanaka@shop.example.test}}
clocks: {{assess_within: 0s, steady: 1s}}
status_page:
  title: {{ja: 店の稼働状況, en: Shop status}}
  components:
    orders: {{name: {{ja: ご注文, en: Orders}}, services: [geheim-api], group: {{ja: 店, en: Shop}}}}
    stock: {{name: {{ja: 在庫, en: Stock}}, services: [lager]}}
{page}"
    );
    // Names that customers must not read.
    let runbook = RESTART.replace("SRE", "Tanaka").replace("Service down", "sakura-runbook");
    let runbook = runbook.replace("mode: auto", "mode: manual");
    House::new(&yaml).with_runbook("sakura-runbook", &runbook)
}

fn document(door: &Client) -> Value {
    door.get("/status.json").expect("an answer").json()
}

fn state<'a>(page: &'a Value, name: &str) -> &'a str {
    let all = page["components"].as_array().expect("components");
    let found = all.iter().find(|one| one["name"] == name).expect("the component");
    found["state"].as_str().expect("a state")
}

fn wait_for(house: &mut House, name: &str, wanted: &str) -> Value {
    house.wait(&format!("{name} is {wanted}"), |house| {
        let answer = house.open_door().get("/status.json").ok()?;
        let page: Value = (answer.status == 200).then(|| answer.json())?;
        (state(&page, name) == wanted).then_some(page)
    })
}

fn clean(what: &str, text: &str) {
    for word in INTERNAL {
        assert!(!text.contains(word), "{what} tells {word}:\n{text}");
    }
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A49: an outage is on the page within a minute, in words that were written for customers and in no others; so are the
/// words that somebody releases, and the end.
#[test]
fn customers_read_of_an_outage_and_of_nothing_else() {
    let mut house = shop("");
    house.serve();
    wait_for(&mut house, "Stock", "operational");
    let page = wait_for(&mut house, "Orders", "operational");
    assert_eq!((&page["stale"], &page["state"]), (&false.into(), &"operational".into()), "{page}");
    assert_eq!(page["incidents"], serde_json::json!([]), "{page}");

    house.kill_service("geheim-api-1");
    let page = wait_for(&mut house, "Orders", "major_outage");
    assert_eq!(page["state"], "partial_outage", "{page}");
    let page = house.wait("the incident is told", |house| {
        let page = document(&house.open_door());
        page["incidents"].get(0).is_some().then_some(page)
    });
    let told = &page["incidents"][0];
    let entry = &told["entries"][0];
    assert_eq!(entry["kind"], "began", "{told}");
    assert_eq!(entry["text"]["en"], "Orders: major outage. We are looking into it.", "{told}");
    assert_eq!(entry["text"]["ja"], "ご注文は「停止」です。状況を調べています。", "{told}");
    let opened: jiff::Timestamp =
        house.facts_of("detected")[0]["at"].as_str().expect("a time").parse().expect("a time");
    let shown: jiff::Timestamp =
        page["generated_at"].as_str().expect("a time").parse().expect("a time");
    assert!(shown.duration_since(opened).as_secs() <= 60, "{opened} {shown}");

    // What people write here is not what customers read, until whoever answers for it says so.
    house.run_for(
        0,
        &[
            "incident",
            "note",
            "1",
            "Hotfix on db-host-42 (10.1.2.3), password hunter2, /srv/intern",
        ],
    );
    house.run_for(0, &["comms", "draft", "1", "--audience", "customers"]);
    let text = house.path().join("text");
    fs::write(&text, "We are replacing a <b>part</b>.\nOrders may take longer.").expect("written");
    let file = text.display().to_string();
    house.run_for(0, &["comms", "edit", "DRF-1", "--subject", "What we know", "--body", &file]);
    let page = document(&house.open_door());
    assert!(!page.to_string().contains("What we know"), "it was not released");
    house.run_for(1, &["comms", "release", "DRF-1", "--revision", "2", "--by", "sato"]);
    house.run_for(0, &["comms", "release", "DRF-1", "--revision", "2", "--by", "tanaka"]);
    house.wait("the words are on the page", |house| {
        let page = document(&house.open_door());
        let entry = page["incidents"][0]["entries"].get(1)?.clone();
        (entry["subject"] == "What we know").then_some(())
    });

    let door = house.open_door();
    for path in
        ["/status", "/status?lang=ja", "/status.json", "/status.atom", "/status.atom?lang=ja"]
    {
        clean(path, &door.get(path).expect("an answer").body);
    }
    let html = door.get("/status?lang=en").expect("an answer").body;
    assert!(html.contains("&#60;b&#62;part&#60;/b&#62;"), "{html}");
    let feed = door.get("/status.atom?lang=en").expect("an answer").body;
    assert!(feed.contains("&lt;b&gt;part&lt;/b&gt;") && feed.contains("<id>urn:uuid:"), "{feed}");

    house.run_for(0, &["service", "restart", "geheim-api-1", "--yes"]);
    wait_for(&mut house, "Orders", "operational");
    let page = house.wait("the end is told", |house| {
        let page = document(&house.open_door());
        page["past_incidents"].get(0).is_some().then_some(page)
    });
    let entries = page["past_incidents"][0]["entries"].as_array().expect("entries").clone();
    let kinds: Vec<_> = entries.iter().map(|entry| entry["kind"].as_str().expect("text")).collect();
    assert_eq!(kinds, ["began", "statement", "ended"], "{page}");
    clean("/status.json", &page.to_string());
}

/// A49: without looks, and right after a start, nothing is good; announced work is told in the words that were released.
#[test]
fn what_nobody_measures_is_unknown() {
    // It takes whoever comes and never says anything: no look ends.
    let mute = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let mute = mute.local_addr().map(|address| (mute, address)).expect("bound");
    let mut house = House::new(
        &"services:
  web: {title: Web, health: {url: 'http://127.0.0.1:9/', every: 1h}}
  cards: {title: Cards, health: {url: 'http://MUTE/', timeout: 110s}}
  lager: {title: Lager, command: [sleep, \"1000\"]}
contacts: {tanaka: {title: Tanaka, roles: [pr]}}
status_page:
  components: {web: {name: Shop}, lager: {name: Stock}, cards: {name: Payments}}
"
        .replace("MUTE", &mute.1.to_string()),
    );
    house.serve();
    let page = wait_for(&mut house, "Stock", "operational");
    assert_eq!(state(&page, "Shop"), "unknown", "one look is no proof: {page}");
    assert_eq!(state(&page, "Payments"), "unknown", "no look has come: {page}");
    let stale = |name: &str| {
        page["components"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|one| one["name"] == name && one["stale"] == true)
    };
    assert!(stale("Payments") && !stale("Stock"), "{page}");
    assert_eq!((&page["stale"], &page["state"]), (&true.into(), &"unknown".into()), "{page}");
    let days = page["components"][0]["days"].as_array().expect("days");
    assert_eq!(days.len(), 90);
    assert!(days.iter().all(|day| day["uptime_percent"].is_null() && day["worst"].is_null()));

    let start =
        ["maint", "start", "--scope", "lager", "--for", "30m", "--comment", "OPS-4711 db-host-42"];
    house.run_for(0, &[&start[..], &["--by", "sato"]].concat());
    let words = ["--words", "We move to a larger hall."];
    let refused = house.run_for(1, &[&start[..], &words, &["--by", "sato"]].concat());
    assert!(refused.stderr.contains("only whoever holds the role pr"), "{refused:?}");
    assert_eq!(document(&house.open_door())["maintenance"], serde_json::json!([]));
    house.run_for(0, &[&start[..], &words, &["--by", "tanaka"]].concat());
    let page = wait_for(&mut house, "Stock", "maintenance");
    assert_eq!(page["maintenance"][0]["text"]["en"], "We move to a larger hall.", "{page}");
    clean("/status.json", &page.to_string());
    let later = [
        "maint",
        "start",
        "--scope",
        "web",
        "--for",
        "1h",
        "--at",
        "2030-01-01T02:00",
        "--announce",
    ];
    house.run_for(0, &[&later[..], &["--by", "sato"]].concat());
    let page = house.wait("the plan is told", |house| {
        let page = document(&house.open_door());
        page["maintenance"].get(1).is_some().then_some(page)
    });
    assert_eq!(page["maintenance"][1]["active"], false, "{page}");
    assert!(
        page["maintenance"][1]["text"]["ja"].as_str().is_some_and(|text| text.contains("Shop"))
    );
}

/// The page has nobody behind it that could be reached through it: under its own name and at its own address there is the
/// page, and nothing else.
#[test]
fn behind_the_page_is_nothing() {
    let mut house = shop("  public_url: https://status.shop.example.test\n  listen: 127.0.0.1:0\n");
    house.serve();
    wait_for(&mut house, "Orders", "operational");
    let own = house.wait("the own address", |house| {
        let line =
            house.log().lines().find(|line| line.contains("the status page is on"))?.to_owned();
        line.rsplit("http://").next()?.trim().parse::<std::net::SocketAddr>().ok()
    });
    let visitor = Visitor::new(house.door());
    let alone = Visitor::new(own);
    let named = |path: &str| {
        let request = visitor.http.get(format!("{}{path}", visitor.base));
        visitor.send(request.header(HOST, "status.shop.example.test"))
    };
    for get in [&named as &dyn Fn(&str) -> _, &|path: &str| alone.get(path)] {
        for path in ["/", "/status", "/status.json", "/status.atom"] {
            let answer = get(path);
            assert_eq!(answer.status, 200, "{path}: {answer:?}");
            clean(path, &answer.body);
            assert!(answer.header("content-security-policy").starts_with("default-src 'none'"));
        }
        for path in [
            "/incidents",
            "/incidents/1",
            "/sign-in",
            "/accounts",
            "/metrics",
            "/readyz",
            "/healthz",
            "/api/v1/status",
            "/api/v1/services",
            "/api/v2/alerts",
            "/live/now",
            "/a/x",
            "/push/page.js",
            "/in/alertmanager",
            "/ping/backup",
            "/api/v1/status-page/files",
        ] {
            let answer = get(path);
            assert_eq!(answer.status, 404, "{path}: {answer:?}");
            clean(path, &answer.body);
        }
    }
    // And what is inside asks who comes, as before.
    assert_eq!(visitor.get("/incidents").status, 303);
    assert_eq!(visitor.get("/status").status, 200, "also beside what is inside");
    let foreign = visitor.http.get(format!("{}/incidents", visitor.base));
    assert_eq!(visitor.send(foreign.header(HOST, "evil.example.test")).status, 403);
}

/// A49: when everything here is dead, the copy is still there; it says when it was made and until when it holds.
#[test]
fn the_copy_outlives_everything() {
    let mut house = shop("  export: ../public\n");
    house.serve();
    wait_for(&mut house, "Orders", "operational");
    house.kill_service("geheim-api-1");
    let folder = house.config().join("../public");
    house.wait("the copy follows", |_| {
        let text = fs::read_to_string(folder.join("status.json")).ok()?;
        let page: Value = serde_json::from_str(&text).expect("never half of it");
        let is_told = state(&page, "Orders") == "major_outage" && page["incidents"][0].is_object();
        // Pages come last: whoever sees them finds all the rest.
        let html = fs::read_to_string(folder.join("index.html")).ok()?;
        assert!(html.ends_with("</html>\n") || html.ends_with("</html>"), "never half of it");
        (is_told && html.contains("Trouble with Orders")).then_some(())
    });
    house.kill();
    let page: Value = serde_json::from_str(&read(&folder, "status.json")).expect("JSON");
    let time =
        |name: &str| page[name].as_str().expect("a time").parse::<jiff::Timestamp>().expect("one");
    let held = time("valid_until").duration_since(time("generated_at"));
    assert!((60..=300).contains(&held.as_secs()), "{held}");
    let names = [
        "index.html",
        "en.html",
        "ja.html",
        "status.json",
        "status.atom",
        "status.ja.atom",
        "page.css",
        "page.js",
    ];
    for name in names {
        clean(name, &read(&folder, name));
    }
    let html = read(&folder, "index.html");
    assert!(html.contains("major_outage") && html.contains("As of 20"), "{html}");
    assert!(html.contains("http-equiv=\"Content-Security-Policy\""), "{html}");
    assert!(!html.contains("=\"/"), "everything is found from where it lies: {html}");
    // A kill in the middle leaves at most a hidden file, which the next copy takes up.
    let all = fs::read_dir(&folder).expect("a folder").flatten().map(|entry| entry.file_name());
    let shown: Vec<_> = all.filter(|name| !name.to_string_lossy().starts_with('.')).collect();
    assert_eq!(shown.len(), names.len(), "{shown:?}");

    // Once, by hand.
    house.serve();
    let once = house.path().join("once");
    house.wait("there is a page", |house| {
        house.open_door().get("/status.json").ok().filter(|it| it.status == 200)
    });
    house.run_for(0, &["status", "export", once.to_str().expect("text")]);
    assert!(read(&once, "index.html").contains("Shop status"));
    let shown = house.run_for(0, &["status", "show"]).stdout;
    assert!(shown.contains("Orders"), "{shown}");
}
