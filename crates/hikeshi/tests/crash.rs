//! The crash test: the real server is killed under load at random moments, again and again, on the same data.
//!
//! What must hold at the end, whatever the moments were: everything acknowledged is in the journal, no step that must
//! not be repeated ran twice, every notice that was owed has arrived, and one notice has one key.
//! `HIKESHI_CRASH_SEED` repeats the choices of a run, `HIKESHI_CRASH_ROUNDS` sets how often the server is killed.

mod common;

use common::{House, client::Client, sink::Sink};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, SystemTime},
};

const SERVICES: [&str; 3] = ["one", "two", "three"];
const CALLERS: usize = 4;
const NOTES: usize = 8;

/// Something that a caller was told is durable: its text, and a position that it stands before.
type Acknowledged = Arc<Mutex<Vec<(String, u64)>>>;

#[test]
fn nothing_is_lost_and_nothing_is_done_twice_however_often_it_is_killed() {
    let clock = SystemTime::UNIX_EPOCH.elapsed().map_or(0, |age| age.subsec_nanos().into());
    let seed = number("HIKESHI_CRASH_SEED").unwrap_or(clock);
    println!("HIKESHI_CRASH_SEED={seed}");
    let rounds = number("HIKESHI_CRASH_ROUNDS").unwrap_or(50);
    let mut chance = StdRng::seed_from_u64(seed);

    let sink = Sink::start();
    let mut house = house(&sink);
    house.serve();
    let acknowledged = Acknowledged::default();
    let is_over = Arc::new(AtomicBool::new(false));
    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let client = house.local();
            let (acknowledged, is_over) = (acknowledged.clone(), is_over.clone());
            thread::spawn(move || call(caller, &client, &acknowledged, &is_over))
        })
        .collect();
    let mut started_at_boot: BTreeMap<&str, usize> = SERVICES.map(|name| (name, 1)).into();
    for _ in 0..rounds {
        make_trouble(&house, &mut chance);
        house.kill();
        for name in SERVICES {
            let is_dead = house.processes_of(name).is_empty();
            *started_at_boot.entry(name).or_default() += usize::from(is_dead);
        }
        house.serve();
    }
    is_over.store(true, Ordering::Relaxed);
    callers.into_iter().for_each(|caller| caller.join().expect("no caller gives up"));
    close_abandoned(&house);
    house.wait_until_calm();

    assert_eq!(house.json(&["journal", "verify"])["ok"], true);
    let facts = house.facts();
    let acknowledged = acknowledged.lock().expect("nobody panicked").clone();
    is_all_there(&facts, &acknowledged);
    no_step_ran_twice(&house, &facts, &started_at_boot);
    let told = every_notice_arrived(&facts, &sink);
    let cut = |entry: &&Value| {
        entry["kind"] == "step_settled" && !entry["fact"]["outcome"]["unknown"].is_null()
    };
    println!(
        "{rounds} kills, {} facts, {} acknowledged, {told} notices, {} steps cut short",
        facts.len(),
        acknowledged.len(),
        facts.iter().filter(cut).count()
    );
}

/// Closes what people opened and could not close, because the answer to their opening was cut off by a kill.
fn close_abandoned(house: &House) {
    for incident in house.json(&["incident", "list"]).as_array().into_iter().flatten() {
        if incident["source"] == "manual" {
            let id = incident["id"].to_string();
            house.run_for(0, &["incident", "close", &id, "--cause", "a test"]);
        }
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

/// Services that note every start, a runbook that notes every attempt, and people whose incidents have a service each.
fn house(sink: &Sink) -> House {
    let house = House::new("");
    let note_start = |name: &str| {
        let file = starts(house.path(), name);
        format!("echo $$ >> {}; exec sleep 1000", file.display())
    };
    let mut services = String::new();
    for name in SERVICES {
        let ledger = ledger(house.path());
        services += &format!(
            "  {name}: {{command: [bash, -c, \"{}\"], ledger: \"{}\"}}\n",
            note_start(name),
            ledger.display()
        );
    }
    (0..CALLERS).for_each(|caller| services += &format!("  desk-{caller}: {{}}\n"));
    house.configure(&format!(
        "services:\n{services}channels: {{hook: {}}}\nroutes: {{P1: {{channels: [hook]}}, P2: {{channels: [hook]}}}}\n\
         time_lapse: 1000\n",
        sink.channel()
    ));
    let runbook = "\
---
alert: service_down
owner: SRE
mode: auto
verify: {passes: 1, every: 1s, steady: 0s, within: 10m}
limits: {rate: 1000 per 300s, spacing: 0s}
---
# Service down
## Respond
```bash {name=note effect=once timeout=20s}
printenv | grep ATTEMPT= >> \"$HK_LEDGER\"
sleep 0.02
```
```action {name=restart effect=once timeout=30s}
service.restart
```
## Verify
```action {name=running timeout=10s}
service.status
```
";
    house.with_runbook("service-down", runbook)
}

fn starts(folder: &Path, service: &str) -> std::path::PathBuf {
    folder.join(format!("{service}.starts"))
}

fn ledger(folder: &Path) -> std::path::PathBuf {
    folder.join("ledger")
}

/// Kills services at random moments; the server's own end comes at any moment of their repair.
fn make_trouble(house: &House, chance: &mut StdRng) {
    thread::sleep(Duration::from_millis(chance.random_range(0..800)));
    let mut killed = Vec::new();
    for name in SERVICES {
        if chance.random_bool(0.5)
            && let Some(identity) = house.service(name)
        {
            common::signal(identity.pid, rustix::process::Signal::KILL);
            killed.push(identity);
        }
    }
    thread::sleep(Duration::from_millis(chance.random_range(0..400)));
    // Until the kernel has ended it, a killed process still looks alive, and would be counted as one.
    common::wait("the killed are gone", || {
        killed.iter().all(|identity| !identity.is_alive()).then_some(())
    });
}

/// A person at work: opens an incident, writes notes into it, closes it. What was answered is noted down.
fn call(caller: usize, client: &Client, acknowledged: &Acknowledged, is_over: &AtomicBool) {
    let by = format!("caller-{caller}");
    // No answer, or a refusal of what a lost answer had done already: neither is an acknowledgement.
    let act = |path: &str, body: Value| -> Option<u64> {
        let answer = client.post(path, &body).ok()?;
        if answer.status != 200 {
            return None;
        }
        answer.json()["position"].as_u64()
    };
    let keep = |text: &str, position: Option<u64>| {
        if let Some(position) = position {
            acknowledged.lock().expect("nobody panics").push((text.to_owned(), position));
        }
        position.is_some()
    };
    for number in 0.. {
        if is_over.load(Ordering::Relaxed) {
            return;
        }
        let title = format!("{by} opens {number}");
        let service = format!("desk-{caller}");
        let open = json!({"by": by, "title": title, "priority": "P2", "service": service});
        if !keep(&title, act("/api/v1/incidents", open)) {
            // The server is down; it comes back.
            thread::sleep(Duration::from_millis(20));
        }
        let Some(id) = own_incident(client, &by) else { continue };
        for note in 0..NOTES {
            let text = format!("{by} notes {number}.{note}");
            let noted =
                act(&format!("/api/v1/incidents/{id}/note"), json!({"by": by, "text": text}));
            keep(&text, noted);
        }
        act(&format!("/api/v1/incidents/{id}/close"), json!({"by": by, "technical": "a test"}));
    }
}

/// The oldest open incident of a caller: later ones of the same service have been merged into it.
fn own_incident(client: &Client, by: &str) -> Option<u64> {
    let list =
        client.get("/api/v1/incidents?limit=1000").ok().filter(|answer| answer.status == 200)?;
    let list = list.json();
    let own = list
        .as_array()?
        .iter()
        .filter(|incident| incident["title"].as_str().is_some_and(|title| title.starts_with(by)));
    own.filter_map(|incident| incident["id"].as_u64()).min()
}

/// Every acknowledged text is in the journal, before the position that was answered.
fn is_all_there(facts: &[Value], acknowledged: &[(String, u64)]) {
    let mut written: BTreeMap<&str, u64> = BTreeMap::new();
    for entry in facts {
        let text = match entry["kind"].as_str() {
            Some("detected") => entry["fact"]["title"].as_str(),
            Some("noted") => entry["fact"]["text"].as_str(),
            _ => None,
        };
        written.extend(text.zip(entry["position"].as_u64()));
    }
    assert!(!acknowledged.is_empty(), "the load was real");
    for (text, position) in acknowledged {
        let found = written.get(text.as_str());
        assert!(
            found.is_some_and(|at| at < position),
            "{text} was acknowledged at {position}: {found:?}"
        );
    }
}

/// A `once` step leaves a line per execution; each attempt has one at most, and each line has its intention.
fn no_step_ran_twice(house: &House, facts: &[Value], started_at_boot: &BTreeMap<&str, usize>) {
    let intended: Vec<(String, String)> = facts
        .iter()
        .filter(|entry| entry["kind"] == "step_intended" && entry["fact"]["changes"] == true)
        .map(|entry| &entry["fact"])
        .map(|fact| {
            let text = |name: &str| fact[name].as_str().unwrap_or_default().to_owned();
            let attempt = format!("RUN-{}/{}/{}", fact["run"], text("step"), fact["attempt"]);
            (attempt, text("target"))
        })
        .collect();
    let unique: BTreeSet<_> = intended.iter().map(|(attempt, _)| attempt).collect();
    assert_eq!(unique.len(), intended.len(), "an attempt is intended once");
    let ledger = fs::read_to_string(ledger(house.path())).expect("repairs have run");
    let mut seen = BTreeSet::new();
    for line in ledger.lines() {
        // The mark names the attempt, and then who performs it: that differs when it is performed twice.
        let attempt = line.split('=').next_back().and_then(|mark| mark.rsplit_once('/'));
        let attempt = attempt.map(|(attempt, _)| attempt).unwrap_or_default();
        assert!(seen.insert(attempt), "{attempt} ran twice");
        assert!(unique.contains(&attempt.to_owned()), "{attempt} was never intended: {unique:?}");
    }
    for name in SERVICES {
        let started = fs::read_to_string(starts(house.path(), name)).expect("it was started");
        let started = started.lines().count();
        let restarts = intended
            .iter()
            .filter(|(attempt, target)| target == name && attempt.contains("/restart/"))
            .count();
        let allowed = restarts + started_at_boot[name];
        assert!(started <= allowed, "{name} was started {started} times, {allowed} were intended");
        assert_eq!(house.processes_of(name).len(), 1, "{name} runs once");
    }
}

/// Every notice that was owed is in the sink, and whatever came twice came under the same key.
fn every_notice_arrived(facts: &[Value], sink: &Sink) -> usize {
    let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for told in sink.told() {
        let notice = told.body["notice"].as_str().unwrap_or_default().to_owned();
        keys.entry(notice).or_default().insert(told.key);
    }
    let owed: Vec<_> = facts.iter().filter(|entry| entry["kind"] == "notice_owed").collect();
    assert!(!owed.is_empty(), "somebody was to be told");
    for entry in &owed {
        let fact = &entry["fact"];
        assert_eq!(fact["ways"][0]["channel"], "hook", "{entry}");
        let keys = keys.remove(&format!("N{}", fact["id"]));
        assert_eq!(keys.map_or(0, |keys| keys.len()), 1, "told, under one key: {entry}");
    }
    assert!(keys.is_empty(), "nothing was told that was not owed first: {keys:?}");
    owed.len()
}
