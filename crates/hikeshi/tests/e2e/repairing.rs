//! From a killed process to a recovered incident, and repairs that people start themselves.

use crate::common::{House, RESTART};
use serde_json::Value;

/// Everything goes quickly.
const QUICK: &str = "\
clocks: {assess_within: 1s, steady: 1s}
";
const TASK: &str = "services: {task: {title: Task, command: [sleep, \"1000\"]}}\n";

fn house() -> House {
    House::new(&format!("{TASK}{QUICK}")).with_runbook("service-down", RESTART)
}

/// B1, B9, A17: dead, seen, restarted by its runbook, verified, recovered.
#[test]
fn a_killed_service_is_restarted_and_verified() {
    let mut house = house();
    house.serve();
    let dead = house.kill_service("task");
    house.wait_until_recovered();
    let alive = house.service("task").expect("it runs again");
    assert_ne!(alive, dead);
    assert_eq!(house.processes_of("task"), [alive.pid], "once");

    let alert = house.json(&["alert", "show", "service_down"]);
    assert_eq!(alert["state"], "resolved", "{alert}");
    assert_eq!(alert["key"], "service_down@task", "{alert}");
    let text = house.run_for(0, &["alert", "show", "A1"]).stdout;
    assert!(text.contains("ended by signal 9") && text.contains("alert_resolved"), "{text}");
    assert_eq!(house.json(&["alert", "list"]), serde_json::json!([]));
    assert_eq!(house.json(&["alert", "list", "--all"]).as_array().map(Vec::len), Some(1));

    let incident = house.json(&["incident", "show", "latest"]);
    assert_eq!(incident["priority"], "P1", "{incident}");
    assert_eq!(incident["cause"]["component"], "task", "{incident}");
    for time in ["occurred", "detected", "responded", "recovered"] {
        assert!(incident["times"][time].is_string(), "{time}: {}", incident["times"]);
    }
    let action = &incident["actions"][0];
    assert_eq!(action["result"], "recovered", "{action}");
    let restarts = |action: &Value| {
        let steps = action["steps"].as_array().cloned().unwrap_or_default();
        steps.iter().filter(|step| step["changes"] == true).count()
    };
    assert_eq!(restarts(action), 1, "{action}");
    // A29: what was there was kept before anything was touched.
    assert_eq!(action["steps"][0]["role"], "evidence", "{action}");

    // A68: a P1 that repaired itself still needs its cause.
    house.run_for(1, &["incident", "close", "latest"]);
    house.run_for(0, &["incident", "close", "latest", "--cause", "killed by the test"]);
    assert_eq!(house.json(&["journal", "verify"])["ok"], true);
    assert!(house.run_for(0, &["journal", "verify"]).stdout.starts_with("whole: "));
    let text = house.run_for(0, &["journal", "show"]).stdout;
    assert!(text.contains("step_settled") && text.contains("recovered"), "{text}");
}

/// B22: restart by hand, with the same guardrails, verified.
#[test]
fn a_person_restarts_a_service() {
    let mut house = house();
    house.serve();
    let before = house.service("task").expect("it runs");
    let status = house.json(&["service", "status", "task"]);
    assert_eq!(status[0]["name"], "task", "{status}");

    // C13: a dry run shows and changes nothing.
    let shown = house.json(&["service", "restart", "task", "--dry-run"]);
    assert_eq!((&shown["result"], &shown["dry_run"]), (&"dry_run".into(), &true.into()), "{shown}");
    let text = house.run_for(0, &["service", "restart", "task", "--dry-run"]).stdout;
    assert!(text.contains("service.restart @task") && text.contains("service.status"), "{text}");
    assert_eq!(house.service("task").as_ref(), Some(&before));

    let run = house.json(&["service", "restart", "task", "--yes", "--by", "sato"]);
    assert_eq!(run["result"], "recovered", "{run}");
    assert_eq!(run["by"]["person"], "sato", "{run}");
    let after = house.service("task").expect("it runs again");
    assert_ne!(after, before);
    assert_eq!(house.processes_of("task"), [after.pid], "once");
    let text = house.run_for(0, &["service", "status"]).stdout;
    assert!(text.contains("task") && text.contains("good"), "{text}");
}

/// C13: a dry run judges, reads and shows; it writes nothing outside the record.
#[test]
fn a_dry_run_writes_nothing() {
    let house = house();
    let marks = house.path().join("marks");
    let text = format!(
        "---\nalert: disk_usage\nowner: SRE\nmode: manual\nverify: {{passes: 1, every: 1s, steady: 0s, within: 10s}}\n---\n# Marks\n\
         ## Diagnose\n```bash {{name=look timeout=5s}}\necho looked\n```\n\
         ## Respond\n```bash {{name=mark effect=once timeout=5s}}\ntouch {0}\n```\n\
         ## Verify\n```bash {{name=there timeout=5s}}\ntest -e {0}\n```\n",
        marks.display()
    );
    let mut house = house.with_runbook("marks", &text);
    house.serve();
    let plan = house.json(&["runbook", "show", "marks"]);
    assert_eq!(
        plan["steps"].as_array().map(Vec::len),
        Some(4),
        "evidence comes by itself (A29): {plan}"
    );
    assert!(house.run_for(0, &["runbook", "show", "marks"]).stdout.contains("touch "));
    assert!(house.run_for(0, &["runbook", "list"]).stdout.contains("service-restart"));

    let run = ["runbook", "run", "marks", "--service", "task"];
    let dry = house.json(&[&run[..], &["--dry-run"]].concat());
    assert_eq!(dry["result"], "dry_run", "{dry}");
    let outcome = |view: &Value, name: &str| {
        let steps = view["steps"].as_array().cloned().unwrap_or_default();
        steps.into_iter().find(|step| step["step"] == name).unwrap_or_default()
    };
    assert_eq!(outcome(&dry, "look")["outcome"], "ok", "reads really run: {dry}");
    assert!(outcome(&dry, "look")["output"].as_str().is_some_and(|text| text.contains("looked")));
    assert_eq!(outcome(&dry, "mark")["outcome"], "skipped", "{dry}");
    assert!(!marks.exists());

    let real = house.json(&run);
    assert_eq!(real["result"], "recovered", "{real}");
    assert!(marks.exists());
}

/// A40: `recover` runs the runbooks of everything that burns, also those that wait for a person.
#[test]
fn recover_repairs_what_waits_for_a_person() {
    let manual = RESTART.replace("mode: auto", "mode: manual");
    let mut house = House::new(&format!(
        "services: {{one: {{command: [sleep, \"1000\"]}}, two: {{command: [sleep, \"1000\"]}}}}\n{QUICK}"
    ))
    .with_runbook("service-down", &manual);
    house.serve();
    house.kill_service("one");
    house.kill_service("two");
    house.wait("both are noticed", |house| {
        let alerts = house.json(&["alert", "list"]);
        (alerts.as_array().map(Vec::len) == Some(2)).then_some(())
    });
    assert!(house.service("one").is_none(), "a manual runbook waits");
    let done = house.json(&["recover", "--yes"]);
    let results: Vec<_> =
        done["runs"].as_array().into_iter().flatten().map(|run| run["result"].clone()).collect();
    assert_eq!(results, ["recovered", "recovered"], "{done}");
    house.wait_until_recovered();
    assert!(house.service("one").is_some() && house.service("two").is_some());
}

/// B27: a crash loop ends at the limit; then people are told, and success is never claimed.
#[test]
fn a_crash_loop_is_given_up_and_never_called_recovered() {
    let starts = tempfile::NamedTempFile::new().expect("a file");
    let script = format!("echo start >> {}; sleep 0.2; exit 1", starts.path().display());
    let yaml = format!("services: {{task: {{command: [bash, -c, \"{script}\"]}}}}\n{QUICK}");
    // The verification looks until the service has had the time to die again.
    let slow = RESTART.replace(
        "passes: 1, every: 1s, steady: 0s, within: 60s",
        "passes: 3, every: 1s, steady: 0s, within: 5s",
    );
    let mut house = House::new(&yaml).with_runbook("service-down", &slow);
    house.serve();
    house.wait("it is given up", |house| (!house.facts_of("latched").is_empty()).then_some(()));
    let restarts = house.facts_of("step_intended").into_iter();
    let restarts = restarts.filter(|fact| fact["fact"]["changes"] == true).count();
    assert!(restarts <= 3, "{restarts} restarts");
    let started = std::fs::read_to_string(starts.path()).expect("written").lines().count();
    assert!(started <= restarts + 1, "{started} starts with {restarts} restarts");
    assert!(house.facts_of("recovered").is_empty() && house.facts_of("repaired").is_empty());
    let incident = house.json(&["incident", "show", "latest"]);
    assert_eq!(incident["handed_over"], true, "{incident}");
}

impl House {
    /// Waits until nothing burns any more.
    fn wait_until_recovered(&mut self) {
        self.wait("the incident recovers", |house| {
            let facts = house.facts_of("recovered");
            let status = house.local().get("/api/v1/status").ok()?.json();
            (!facts.is_empty() && status["alerts"] == 0 && status["runs"] == 0).then_some(())
        });
    }
}
