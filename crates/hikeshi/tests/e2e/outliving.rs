//! Steps outlive hikeshi: what it began goes on without it, is waited for by the next life, and never runs twice.

use crate::common::{House, RESTART, UNHEARD, signal};
use rustix::process::Signal;
use serde_json::Value;
use std::{fs, thread, time::Duration};

/// A step writes its mark down, waits, and ends well.
fn runbook(file: &str, seconds: &str, mode: &str, effect: &str) -> String {
    format!(
        "---
alert: service_down
owner: SRE
mode: {mode}
verify: {{passes: 1, every: 1s, steady: 0s, within: 2s}}
limits: {{rate: 100 per 300s, spacing: 0s}}
params:
  file: {{type: path, value: {file}}}
---
# Mark
## Respond
```bash {{name=mark effect={effect} timeout=60s}}
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
    let text = runbook(&file.display().to_string(), seconds, "manual", "once");
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
fn living(mark: &str) -> Vec<u32> {
    let wanted = format!("HK_ATTEMPT={mark}");
    let all = fs::read_dir("/proc").expect("a folder").flatten();
    let pids = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let is_ours = |pid: &u32| {
        let bytes = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        bytes.split(|byte| *byte == 0).any(|entry| entry.starts_with(wanted.as_bytes()))
    };
    pids.filter(is_ours).collect()
}

/// The recorder of the first attempt and the mark of its step, once it has claimed it.
fn claimed(house: &House) -> Option<(u32, String)> {
    let text = fs::read_to_string(house.data().join("runs/RUN-1/mark-1.started")).ok()?;
    Some((text.split(':').next()?.parse().ok()?, text.rsplit(':').next()?.to_owned()))
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
    let (recorder, mark) = claimed(&house).expect("a claim");
    signal(recorder, Signal::KILL);
    asking.wait().expect("our own child");
    house.wait("it is settled", |house| (!settled(house).is_empty()).then_some(()));
    assert!(settled(&house)[0].1["unknown"]["en"].is_string(), "{:?}", settled(&house));
    assert_eq!(marks(&file).len(), 1);
    assert!(living(&mark).is_empty(), "nothing of it is left");
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

/// Who is killed in the midst of a step.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Victim {
    Hikeshi,
    Recorder,
    Step,
}

impl Victim {
    /// SIGKILL; hikeshi is started again.
    fn kill(self, house: &mut House) {
        match (self, claimed(house)) {
            (Self::Hikeshi, _) => {
                house.kill();
                house.serve();
            }
            // Before the claim there is neither.
            (_, None) => {}
            (Self::Recorder, Some((recorder, _))) => signal(recorder, Signal::KILL),
            (Self::Step, Some((_, mark))) => {
                living(&mark).into_iter().for_each(|pid| signal(pid, Signal::KILL));
            }
        }
    }
}

/// A step of this effect is agreed to, and somebody is killed at a moment: it has run once or not at all, also after one
/// more start, and nobody says "ok" of what did not run.
fn survives(effect: &str, victim: Victim, moment: Duration) {
    let mut house = House::new(UNHEARD);
    let file = house.path().join("marks");
    let text = runbook(&file.display().to_string(), "0.1", "approve", effect);
    house = house.with_runbook("mark", &text);
    house.serve();
    house.wait("somebody is asked", |house| {
        house.json(&["approval", "list"]).as_array().and_then(|list| list.first().cloned())
    });
    house.run_for(0, &["approval", "approve", "APP-1", "--yes"]);
    thread::sleep(moment);
    victim.kill(&mut house);
    house.wait("it is settled", |house| (!settled(house).is_empty()).then_some(()));
    // What was cancelled before it began asks once more: an approval counts for one attempt.
    let count = |house: &House, kind: &str| house.facts_of(kind).len();
    let is_at_rest = |house: &House| {
        count(house, "run_finished") + count(house, "question_asked") > 0
            || count(house, "approval_asked") > 1
    };
    house.wait("the run is over or a person is asked", |house| is_at_rest(house).then_some(()));
    house.kill();
    house.serve();
    let what = format!("{effect}, {victim:?} after {moment:?}: {:?}", settled(&house));
    let ran = marks(&file).len();
    assert!(ran <= 1, "it ran {ran} times: {what}");
    for (_, outcome) in settled(&house) {
        assert!(outcome != "ok" || ran == 1, "{what}");
        assert!(
            !outcome["cancelled"].is_string() || ran == 0 || settled(&house).len() > 1,
            "{what}"
        );
    }
}

fn survives_every_victim(effect: &str) {
    for victim in [Victim::Hikeshi, Victim::Recorder, Victim::Step] {
        for moment in [0, 20, 60, 150] {
            survives(effect, victim, Duration::from_millis(moment));
        }
    }
}

#[test]
fn what_may_run_once_runs_once_whoever_is_killed_and_when() {
    survives_every_victim("once");
}

#[test]
fn what_destroys_runs_once_whoever_is_killed_and_when() {
    survives_every_victim("destructive");
}

/// A verb runs inside hikeshi and is cut off with it: its outcome is unknown, and it is not begun again.
#[test]
fn a_verb_that_was_cut_off_is_not_begun_again() {
    for moment in [0, 10, 30, 80] {
        let mut house = House::new("clocks: {assess_within: 0s, steady: 1s}\n");
        let starts = house.path().join("starts");
        house.configure(&format!(
            "services: {{web: {{command: [bash, -c, \"echo . >> {}; exec sleep 1000\"]}}}}\n\
             clocks: {{assess_within: 0s, steady: 1s}}\n",
            starts.display()
        ));
        let text = RESTART.replace("mode: auto", "mode: approve");
        house = house.with_runbook("service-down", &text);
        house.serve();
        house.kill_service("web");
        house.wait("somebody is asked", |house| {
            house.json(&["approval", "list"]).as_array().and_then(|list| list.first().cloned())
        });
        house.run_for(0, &["approval", "approve", "APP-1", "--yes"]);
        thread::sleep(Duration::from_millis(moment));
        house.kill();
        house.serve();
        house.wait("it is over or a person is asked", |house| {
            let ended = !house.facts_of("run_finished").is_empty();
            (ended || !house.facts_of("question_asked").is_empty()).then_some(())
        });
        assert!(marks(&starts).len() <= 2, "started at first, and once again at most");
        let restarts = house.facts_of("step_intended").into_iter();
        let restarts = restarts.filter(|fact| fact["fact"]["step"] == "restart").count();
        assert_eq!(restarts, 1, "after {moment} ms: {:?}", house.facts_of("step_settled"));
    }
}
