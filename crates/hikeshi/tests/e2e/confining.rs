//! What a step may not do, seen on real processes: one that only looks writes nothing, gains no rights, and ends.

use crate::common::House;
use serde_json::Value;

/// The report of a single diagnose step.
fn looked(keys: &str, body: &str) -> (House, Value) {
    let text = format!(
        "---
alert: service_down
mode: manual
owner: SRE
---
# Look
## Diagnose
```bash {{name=look timeout=10s on_fail=continue {keys}}}
{body}
```
"
    );
    let mut house = House::new("services: {web: {}}\n").with_runbook("look", &text);
    house.serve();
    house.run(&["runbook", "run", "look", "--service", "web"]);
    let settled = house.facts_of("step_settled");
    let look = settled.iter().find(|fact| fact["fact"]["step"] == "look");
    let fact = look.expect("it was settled")["fact"].clone();
    (house, fact)
}

#[test]
fn a_step_that_only_looks_writes_no_file_but_its_own() {
    let (house, fact) = looked("", "echo kept > own; cat own; echo lost > ../../outside");
    assert!(fact["outcome"]["failed"]["en"].is_string(), "{fact}");
    let output = fact["output"].as_str().unwrap_or_default();
    assert!(output.contains("kept") && output.contains("Permission denied"), "{output}");
    assert!(!house.data().join("outside").exists());
}

#[test]
fn a_step_that_says_so_may_write() {
    let (house, fact) = looked("needs=files", "echo kept > ../../outside");
    assert_eq!(fact["outcome"], "ok", "{fact}");
    assert!(house.data().join("outside").exists());
}

#[test]
fn a_step_that_only_looks_gains_no_rights() {
    let look = "grep NoNewPrivs /proc/self/status";
    let (_house, fact) = looked("", look);
    assert!(fact["output"].as_str().unwrap_or_default().contains("NoNewPrivs:\t1"), "{fact}");
    let (_house, fact) = looked("needs=privileges", look);
    assert!(fact["output"].as_str().unwrap_or_default().contains("NoNewPrivs:\t0"), "{fact}");
}

#[test]
fn a_step_that_only_looks_fills_no_disk() {
    let (house, fact) = looked("", "head -c 100M /dev/zero > big; echo 'went on'");
    assert!(fact["outcome"]["failed"]["en"].is_string(), "{fact}");
    let big = house.data().join("runs/RUN-1/big");
    assert!(std::fs::metadata(big).expect("it began").len() <= 64 << 20);
}
