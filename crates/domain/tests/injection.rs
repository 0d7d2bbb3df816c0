//! The injection suite: whatever an alert says, a step gets the canonical print of the declared type, or nothing runs.

use domain::{
    inputs,
    labels::Labels,
    plan::{Guardrails, Input, Mode, Plan, VerifyNumbers},
    policy::Policy,
    types::{self, Limits},
};
use proptest::prelude::*;
use std::collections::BTreeMap;

const HOSTILE: &[&str] = &[
    ";rm -rf /",
    "--help",
    "-rf",
    "a[$(id)]",
    "$(reboot)",
    "`reboot`",
    "${HOME}",
    "a\nb",
    "a\r\nSet-Cookie: x",
    "a\0b",
    "../../etc/shadow",
    "/etc/../etc/shadow",
    "x' OR '1'='1",
    "\"; DROP TABLE prices; --",
    "１２３",
    "1２3",
    "10.0.0.１",
    "::ffff:127.0.0.1",
    "fe80::1%eth0",
    "true;false",
    "\u{202e}txt.exe",
    "pаypal",
    "{{ .Labels }}",
    "%s%s%n",
    "\u{1b}]0;pwned\u{7}",
    "*",
    "~root",
    "$HK_UNIT",
];

/// A plan whose only input is of this type, and takes it from the label `x`.
fn plan(kind: &str) -> Plan {
    let limits = Limits {
        min: Some(-1e9),
        max: Some(1e9),
        values: vec!["red".into(), "green".into()],
        under: Some("/var/log".into()),
    };
    let input = Input { kind: kind.into(), label: "x".into(), limits };
    Plan {
        name: "suite".into(),
        file: "suite.md".into(),
        title: "Suite".into(),
        alert: "any".into(),
        service: None,
        level: None,
        respond_within: None,
        owner: None,
        mode: Mode::Auto,
        version: None,
        approved_by: None,
        reviewed: None,
        parameters: BTreeMap::new(),
        inputs: BTreeMap::from([("HK_X".to_owned(), input)]),
        facts: BTreeMap::new(),
        guards: Vec::new(),
        conditions: BTreeMap::new(),
        checklist: Vec::new(),
        steps: Vec::new(),
        verify: VerifyNumbers::default(),
        guardrails: Guardrails::default(),
        digest: String::new(),
    }
}

/// What a step would get; nothing: the run is blocked.
fn given(kind: &str, text: &str) -> Option<String> {
    let labels = Labels::new([("x", text)]);
    let read =
        inputs::read(&Policy::default(), &plan(kind), |name| labels.get(name).map(Into::into));
    read.ok().and_then(|values| values.into_values().next()).map(|value| value.value)
}

/// Letters of every type that a label can have: none of them means anything to a shell, and none begins an option.
fn is_harmless(value: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || " _.:/-+".contains(c);
    !value.is_empty() && value.chars().all(plain) && !value.starts_with('-')
}

/// `const` and `const_url` stand in the file and never come from an alert: the loader sees to that.
fn kinds() -> impl Iterator<Item = &'static str> {
    types::TYPES.iter().map(|kind| kind.name).filter(|name| !name.starts_with("const"))
}

#[test]
fn no_hostile_label_becomes_a_value_of_any_type() {
    let long = "9".repeat(1 << 20);
    for kind in kinds() {
        for text in HOSTILE.iter().copied().chain([long.as_str(), ""]) {
            let value = given(kind, text);
            assert_eq!(value, None, "{kind} takes {:?}", text.chars().take(40).collect::<String>());
        }
    }
}

#[test]
fn a_number_is_finite_and_within_its_limits() {
    for text in ["1e309", "NaN", "inf", "-1e10", "9999999999"] {
        assert_eq!(given("float", text), None, "{text}");
        assert_eq!(given("int", text), None, "{text}");
    }
}

#[test]
fn an_address_has_one_way_of_writing() {
    for text in ["0x7f.0.0.1", "010.0.0.1", "1.2.3", "127.1", "127.0.0.1", "::1", "203.0.113.9/24"]
    {
        assert_eq!(given("ip", text), None, "{text}");
        assert_eq!(given("cidr", text), None, "{text}");
    }
}

#[test]
fn what_is_meant_arrives_in_its_canonical_print() {
    for (kind, text, value) in [
        ("enum", "red", "red"),
        ("int", "+12", "12"),
        ("bool", "true", "true"),
        ("duration", "90s", "1m 30s"),
        ("port", "08080", "8080"),
        ("hex", "DEADBEEF", "deadbeef"),
        ("ip", "2001:db8:0::1", "2001:db8::1"),
        ("cidr", "203.0.113.0/24", "203.0.113.0/24"),
        ("ident", "web-1", "web-1"),
        ("path", "/var/log//mks/app.log", "/var/log/mks/app.log"),
    ] {
        assert_eq!(given(kind, text).as_deref(), Some(value), "{kind}");
    }
    // Names are looked up: what the configuration does not have is not meant.
    for kind in ["service", "host", "contact", "systemd_unit"] {
        assert_eq!(given(kind, "web"), None, "{kind}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_label_says_a_value_is_harmless(text in "\\PC{0,80}", wild in any::<String>()) {
        for kind in kinds() {
            for text in [&text, &wild] {
                if let Some(value) = given(kind, text) {
                    prop_assert!(is_harmless(&value) || (kind == "int" || kind == "float"), "{kind}: {value:?}");
                    prop_assert_eq!(types::parse(kind, &value).map(|again| again.value).ok(), Some(value));
                }
            }
        }
    }
}
