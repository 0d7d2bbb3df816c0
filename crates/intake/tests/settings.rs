//! What people write for a format: mistakes are told with their places, and what is written is what holds.

use domain::said::Language;
use intake::{Context, Heard, Proof, Reader, Rejected, Word, kinds, written};
use jiff::Timestamp;
use source::{Fields, Problems, yaml};
use std::sync::Arc;

fn configured(text: &str) -> Result<Arc<dyn Reader>, String> {
    let mut problems = Problems::new();
    let node = yaml::read("hikeshi.yaml", text, 0, &mut problems).expect("YAML");
    let mut fields = Fields::open(&node, &mut problems).expect("a mapping");
    let kind = fields.text("kind", &mut problems).expect("a kind");
    let reader = (kinds::by_name(&kind).expect(&kind).parse)(&mut fields, &mut problems);
    fields.finish(&mut problems);
    if problems.is_empty() {
        Ok(reader.expect("a reader"))
    } else {
        Err(problems.render(Language::En))
    }
}

fn mistakes(text: &str) -> String {
    configured(text).expect_err("a mistake")
}

fn read(reader: &Arc<dyn Reader>, proof: Proof, request: &str) -> Result<Heard, Rejected> {
    let now: Timestamp = "2026-11-22T20:00:00Z".parse().expect("a time");
    let context = Context { integration: "ours", now, proof };
    written::with_request("/", request.as_bytes(), |request| reader.read(request, &context))
}

#[test]
fn every_mistake_of_a_mapping_has_its_place() {
    let said = mistakes(
        "kind: generic\nitems: alerts\nkey: \"{{/host\"\nseverity: \"{{level}}\"\n\
         status:\n  at: /state\n  firing: [BAD, OK]\n  resolved: [ok]\nlabels:\n  host: /a~b\nsumary: /msg\n",
    );
    for expected in [
        "hikeshi.yaml:2: `alerts` is not a JSON pointer",
        "hikeshi.yaml:3: a `{{` of `{{/host` is not closed",
        "hikeshi.yaml:4: `level` is not a JSON pointer",
        "hikeshi.yaml:8: `ok` is both firing and resolved",
        "hikeshi.yaml:10: `/a~b` is not a JSON pointer",
        "hikeshi.yaml:1: `summary` is missing",
        "hikeshi.yaml:11: unknown key `sumary`\n  hint: did you mean `summary`?",
    ] {
        assert!(said.contains(expected), "{expected} is not in\n{said}");
    }
    assert!(
        mistakes("kind: generic\nsummary: x\nstatus: {at: /a}").contains("`firing` is missing")
    );
}

#[test]
fn a_key_that_a_format_does_not_have_is_a_mistake() {
    assert!(mistakes("kind: pagerduty\nroutingkey: x").contains("unknown key `routingkey`"));
    assert!(mistakes("kind: grafana\nsignature_header: X Y").contains("hikeshi.yaml:2:"));
    assert!(mistakes("kind: cloudevents\nfiring: {a: b}").contains("hikeshi.yaml:2:"));
}

#[test]
fn a_mapping_without_a_status_always_fires_and_reads_forms_too() {
    let reader = configured("kind: generic\nsummary: /msg\n").expect("a reader");
    let form = "POST /\ncontent-type: application/x-www-form-urlencoded\n\nmsg=disk+full";
    let heard = read(&reader, Proof::Checked, form).expect("heard");
    let [Word::Told(told)] = &heard.words[..] else { panic!("{heard:?}") };
    assert_eq!(told.annotations.get("summary").as_deref(), Some("disk full"));
    assert_eq!(told.labels.get("alertname").as_deref(), Some("ours"));
    assert_eq!(told.ends_at, Some(intake::UNTIL_TOLD));
}

/// Grafana without a header for the timestamp signs the body alone.
#[test]
fn a_signature_over_the_body_alone_is_checked() {
    let reader = configured("kind: grafana\n").expect("a reader");
    let signed = |signature: &str| {
        let request =
            format!("POST /\nx-grafana-alerting-signature: {signature}\n\n{{\"alerts\":[]}}");
        read(&reader, Proof::Secret(b"key"), &request)
    };
    // printf '{"alerts":[]}' | openssl dgst -sha256 -hmac key
    let right = "616c0d2e0ce8983650a0ae8537c348e448bbef423b32ba12d8dabba04daa8c11";
    assert!(signed(right).is_ok());
    assert_eq!(signed(&right.replace('0', "1")).expect_err("forged").status(), 401);
    assert_eq!(signed("").expect_err("not signed").status(), 401);
}

#[test]
fn the_endings_of_event_types_are_those_that_are_written() {
    let reader =
        configured("kind: cloudevents\nfiring: [.bad, \"\"]\nresolved: []").expect("a reader");
    let word = |kind: &str| {
        let event = format!(r#"{{"specversion":"1.0","id":"1","source":"s","type":"{kind}"}}"#);
        let request = format!("POST /\ncontent-type: application/cloudevents+json\n\n{event}");
        read(&reader, Proof::Checked, &request).expect("heard").words.remove(0)
    };
    assert!(matches!(word("disk.bad"), Word::Told(_)));
    assert!(matches!(word("disk.failed"), Word::Change(_)), "the usual endings hold no more");
}

/// 512 KB, as PagerDuty has it.
#[test]
fn an_event_that_is_too_large_is_told_so() {
    let reader = configured("kind: pagerduty\n").expect("a reader");
    let request = format!("POST /v2/enqueue\n\n{{\"x\":\"{}\"}}", "x".repeat(512 << 10));
    let rejected = read(&reader, Proof::Checked, &request).expect_err("too large");
    assert_eq!(
        (rejected.status(), rejected.reason.as_str()),
        (400, "the event has more than 512 KB")
    );
}
