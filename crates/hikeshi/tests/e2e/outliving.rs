//! Steps outlive hikeshi: what it began goes on without it, is waited for by the next life, and never runs twice.

use crate::common::{House, signal};
use rustix::process::Signal;
use serde_json::Value;
use std::{fs, thread, time::Duration};

/// A step that may run once writes its mark down, waits, and ends well.
fn runbook(file: &str, seconds: &str) -> String {
    format!(
        "---
alert: service_down
owner: SRE
mode: manual
verify: {{passes: 1, every: 1s, steady: 0s, within: 2s}}
limits: {{rate: 100 per 300s, spacing: 0s}}
params:
  file: {{type: path, value: {file}}}
---
# Mark
## Respond
```bash {{name=mark effect=once timeout=60s}}
printenv | sed -n 's/^[H]K_ATTEMPT=//p' >> \"$HK_FILE\"
sleep {seconds}
```
## Verify
```bash {{name=marked timeout=5s}}
test -s \"$HK_FILE\"
```
"
    )
}

fn house(seconds: &str) -> (House, std::path::PathBuf) {
    let house = House::new("services: {web: {}}\n");
    let file = house.path().join("marks");
    let text = runbook(&file.display().to_string(), seconds);
    (house.with_runbook("mark", &text), file)
}

fn marks(file: &std::path::Path) -> Vec<String> {
    fs::read_to_string(file).unwrap_or_default().lines().map(str::to_owned).collect()
}

/// Starts the runbook and does not wait for its end.
fn begin(house: &House) -> std::process::Child {
    let mut command = house.command(&["runbook", "run", "mark", "--service", "web", "--json"]);
    command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    command.spawn().expect("it starts")
}

/// Living processes whose mark begins so.
fn living(mark: &str) -> usize {
    let wanted = format!("HK_ATTEMPT={mark}");
    let all = fs::read_dir("/proc").expect("a folder").flatten();
    let environments = all.filter_map(|entry| fs::read(entry.path().join("environ")).ok());
    let is_ours = |bytes: &Vec<u8>| {
        bytes.split(|byte| *byte == 0).any(|entry| entry.starts_with(wanted.as_bytes()))
    };
    environments.filter(is_ours).count()
}

/// The settled attempts of the step: mark, outcome.
fn settled(house: &House) -> Vec<(String, Value)> {
    let all = house.facts_of("step_settled").into_iter();
    all.filter(|fact| fact["fact"]["step"] == "mark")
        .map(|fact| {
            let fact = &fact["fact"];
            (format!("RUN-{}/mark/{}/", fact["run"], fact["attempt"]), fact["outcome"].clone())
        })
        .collect()
}

#[test]
fn a_step_that_hikeshi_did_not_see_end_is_settled_as_it_ended() {
    let (mut house, file) = house("3");
    house.serve();
    let mut asking = begin(&house);
    house.wait("the step runs", |_| (marks(&file).len() == 1).then_some(()));
    house.kill();
    asking.wait().expect("our own child");
    house.serve();
    house.wait("the run is over", |house| {
        (!house.facts_of("run_finished").is_empty()).then_some(())
    });
    assert_eq!(settled(&house)[0].1, "ok");
    assert_eq!(marks(&file).len(), 1, "it ran once");
    assert_eq!(house.facts_of("run_finished")[0]["fact"]["result"], "recovered");
}

#[test]
fn a_step_whose_recorder_was_killed_is_unknown_and_its_processes_are_gone() {
    let (mut house, file) = house("1000");
    house.serve();
    let mut asking = begin(&house);
    house.wait("the step runs", |_| (marks(&file).len() == 1).then_some(()));
    let claim = house.data().join("runs/RUN-1/mark-1.started");
    let text = fs::read_to_string(claim).expect("a claim");
    let (recorder, mark) = (text.split(':').next(), text.rsplit(':').next());
    let recorder = recorder.and_then(|pid| pid.parse().ok()).expect("a pid");
    signal(recorder, Signal::KILL);
    asking.wait().expect("our own child");
    house.wait("it is settled", |house| (!settled(house).is_empty()).then_some(()));
    assert!(settled(&house)[0].1["unknown"].is_string(), "{:?}", settled(&house));
    assert_eq!(marks(&file).len(), 1);
    assert_eq!(living(mark.expect("a mark")), 0, "nothing of it is left");
}

/// SIGKILL at every moment between asked and settled: no attempt runs twice, what is "ok" did run, what was cancelled did
/// not.
#[test]
fn whenever_hikeshi_is_killed_nothing_runs_twice_and_nothing_is_made_up() {
    let (mut house, file) = house("0.05");
    house.serve();
    for round in 0..24_u64 {
        let mut asking = begin(&house);
        thread::sleep(Duration::from_millis(round * 7 % 120));
        house.kill();
        let _ = asking.kill();
        asking.wait().expect("our own child");
        house.serve();
        house.wait("every run is over", |house| {
            let count = |kind: &str| house.facts_of(kind).len();
            (count("run_planned") == count("run_finished")).then_some(())
        });
    }
    let marks = marks(&file);
    for mark in &marks {
        assert_eq!(marks.iter().filter(|other| *other == mark).count(), 1, "{mark} ran twice");
    }
    let ran = |start: &str| marks.iter().filter(|mark| mark.starts_with(start)).count();
    for (attempt, outcome) in settled(&house) {
        if outcome == "ok" {
            assert_eq!(ran(&attempt), 1, "{attempt} is ok and ran once");
        } else if outcome["cancelled"].is_string() {
            assert_eq!(ran(&attempt), 0, "{attempt} was cancelled and never ran");
        } else {
            assert!(ran(&attempt) <= 1, "{attempt}: {outcome}");
        }
    }
    assert_eq!(house.json(&["journal", "verify"])["ok"], true);
}
