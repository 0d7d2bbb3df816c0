//! Every mistake under `bad/` with the message it must give, and what good configurations mean.
//!
//! A folder of `bad/` holds one mistake and `message.txt`, for some `message.ja.txt`, with `.` for the folder. With
//! `HIKESHI_WRITE=1` in the environment the messages are written anew: read the difference before you keep it.

use config::{Loaded, load};
use domain::{rule::Test, said::Language, severity::Priority};
use jiff::SignedDuration;
use std::{
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

const SMALLEST: &str = "services:\n  web:\n    health: http://127.0.0.1:8080/health\n";

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("written");
    }
    folder
}

fn good(folder: &Path) -> Loaded {
    load(folder).unwrap_or_else(|problems| panic!("{}", problems.render(Language::En)))
}

/// What the configuration of a folder is told, without the folder's own path.
fn message(folder: &Path, language: Language) -> String {
    match load(folder) {
        Ok(_) => "no problem\n".into(),
        Err(problems) => {
            problems.render(language).replace(&folder.display().to_string(), ".") + "\n"
        }
    }
}

fn check(file: &Path, said: &str, failures: &mut Vec<String>) {
    if std::env::var_os("HIKESHI_WRITE").is_some() {
        fs::write(file, said).expect("written");
    }
    let expected = fs::read_to_string(file).unwrap_or_default();
    if expected != said {
        failures.push(format!("{}:\n{said}instead of\n{expected}", file.display()));
    }
}

#[test]
fn every_mistake_is_told_as_written_down() {
    let mut folders: Vec<_> = fs::read_dir(here("tests/bad"))
        .expect("the folder of mistakes")
        .flatten()
        .map(|entry| entry.path())
        .collect();
    folders.sort();
    assert!(folders.len() >= 40, "only {} mistakes were found", folders.len());
    let mut failures = Vec::new();
    for folder in &folders {
        check(&folder.join("message.txt"), &message(folder, Language::En), &mut failures);
        let japanese = folder.join("message.ja.txt");
        if japanese.exists() {
            check(&japanese, &message(folder, Language::Ja), &mut failures);
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_message_has_a_place_and_hides_secrets() {
    for entry in fs::read_dir(here("tests/bad")).expect("the folder of mistakes").flatten() {
        for language in [Language::En, Language::Ja] {
            let said = message(&entry.path(), language);
            assert!(said.starts_with("./") && said != "no problem\n", "{said}");
            assert!(!said.contains("hunter2"), "{said}");
        }
    }
}

#[test]
fn the_example_has_no_problem() {
    let loaded = good(&here("../../examples/miraikakaku"));
    assert_eq!(loaded.policy.product, "Miraikakaku");
    assert_eq!(loaded.policy.graph.services().count(), 13);
    assert_eq!(loaded.commands.len(), 5);
}

/// Three lines are enough: a probe, the built-in rules, and the console that tells.
#[test]
fn the_smallest_configuration_watches_and_tells() {
    let folder = folder(&[("hikeshi.yaml", SMALLEST)]);
    let loaded = good(folder.path());
    let probe = &loaded.probes[0];
    assert_eq!((probe.name.as_str(), probe.kind.name), ("web/health", "http"));
    assert_eq!((probe.every.as_secs(), probe.timeout.as_secs()), (10, 15));
    let feed = &loaded.policy.probes["web/health"];
    assert!(feed.rules.iter().any(|rule| rule.as_str() == "service_down"), "{feed:?}");
    assert_eq!(loaded.channels[0].kind.name, "console");
    assert_eq!(
        loaded.policy.routes[&Priority::P0].repeat_every,
        Some(SignedDuration::from_mins(5))
    );
    assert_eq!(loaded.settings.listen.to_string(), "127.0.0.1:7070");
    assert_eq!(loaded.settings.language, Language::Ja);
    assert_eq!(loaded.settings.zone.iana_name(), Some("Asia/Tokyo"));
    assert_eq!(loaded.settings.data, folder.path().join("data"));
    assert_eq!(loaded.policy.plans.len(), 1, "only the one behind `service restart`");
}

#[test]
fn what_differs_on_this_machine_is_laid_over() {
    let local = "product: Here\nservices:\n  web:\n    port: 9000\n  extra: {kind: external}\n";
    let loaded = good(folder(&[("hikeshi.yaml", SMALLEST), ("hikeshi.local.yaml", local)]).path());
    let web = loaded.policy.graph.get(&"web".into()).expect("web");
    assert_eq!(loaded.policy.product, "Here");
    assert_eq!(web.attributes["PORT"].value, "9000");
    assert!(web.attributes.contains_key("HEALTH_URL"), "what is below stays");
    assert_eq!(loaded.policy.graph.services().count(), 2);
}

#[test]
fn a_mistake_in_the_local_file_names_the_local_file() {
    let folder = folder(&[("hikeshi.yaml", SMALLEST), ("hikeshi.local.yaml", "lisen: x\n")]);
    let said = message(folder.path(), Language::En);
    assert_eq!(
        said,
        "./hikeshi.local.yaml:1: unknown key `lisen`\n  hint: did you mean `listen`?\n"
    );
}

#[test]
fn a_built_in_alert_can_be_changed_in_one_key_or_switched_off() {
    let own = format!("{SMALLEST}alerts:\n  cpu_usage: off\n  service_down: {{owner: Web team}}\n");
    let loaded = good(folder(&[("hikeshi.yaml", &own)]).path());
    assert!(!loaded.policy.rules.contains_key("cpu_usage"));
    let rule = &loaded.policy.rules["service_down"];
    assert_eq!((rule.owner.as_str(), rule.bands.len()), ("Web team", 1));
}

/// A rehearsal hurries policy, not the world: what is measured keeps its limits, and people keep their deadlines.
#[test]
fn time_lapse_divides_times_and_leaves_what_is_measured() {
    let at = |factor: u32| {
        let text = format!("time_lapse: {factor}\n{SMALLEST}");
        good(folder(&[("hikeshi.yaml", &text)]).path()).policy
    };
    let (slow, fast) = (at(1), at(10));
    let repeat = |policy: &domain::policy::Policy| policy.routes[&Priority::P0].repeat_every;
    assert_eq!(repeat(&slow), Some(SignedDuration::from_mins(5)));
    assert_eq!(repeat(&fast), Some(SignedDuration::from_secs(30)));
    assert_eq!(fast.rules["memory_usage"].bands[0].hold, SignedDuration::from_secs(12));
    assert_eq!(fast.plans[0].guardrails.rate_window, SignedDuration::from_secs(30));
    for policy in [&slow, &fast] {
        assert_eq!(policy.rules["api_latency"].bands[0].test, Test::AtLeast(10_000.0));
        assert_eq!(policy.clocks.respond_within[&Priority::P0], SignedDuration::from_mins(5));
        let restart = policy.plans[0].steps.iter().find(|step| step.name.as_str() == "restart");
        assert_eq!(restart.map(|step| step.timeout), Some(SignedDuration::from_secs(90)));
    }
}
