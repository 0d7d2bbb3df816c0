//! Every mistake under `bad/` with the message it must give, and what good configurations mean.
//!
//! A folder of `bad/` holds one mistake and `message.txt`, for some `message.ja.txt`, with `.` for the folder. With
//! `HIKESHI_WRITE=1` in the environment the messages are written anew: read the difference before you keep it.

use config::{Loaded, StatusSite, load};
use domain::{
    calendar::Within,
    clock::Clock,
    labels::Labels,
    rule::{Symptom, Test},
    said::{Language, Said},
    severity::{Level, Priority},
};
use jiff::SignedDuration;
use std::{
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

const SMALLEST: &str = "services:\n  web:\n    health: http://127.0.0.1:8080/health\n";

const INTAKE_AND_QUIET: &str = r#"
intake:
  resolve_timeout: 7m
  sort:
    - match: '{alertname="InstanceDown", job=~"api.*"}'
      service: web
      group_by: [cluster]
      symptom: service_down
      level: critical
      priority: P0
      owner: DBA
      respond_within: 15m
      group_wait: 30s
      group_interval: 5m
      repeat_interval: 4h
inhibit:
  - {source: ['severity="critical"'], target: ['severity="warning"'], equal: [alertname, instance]}
silences:
  nightly-batch: {match: ['alertname="DiskBusy"'], days: [sat, Sunday], from: "22:00", to: "04:00", zone: Europe/Berlin, owner: sato, comment: nightly batch}
silence_reminder: 12h
integrations:
  prometheus: {kind: alertmanager}
  deploys: {kind: github, secret_env: GITHUB_WEBHOOK_SECRET}
"#;

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
    assert_eq!(loaded.policy.graph.services().count(), 16);
    assert_eq!(loaded.commands.len(), 5);
}

/// The runbooks in English are those of the example, and load with the configuration beside them.
#[test]
fn the_runbooks_in_english_are_those_of_the_example() {
    let names = |folder: &str| -> Vec<_> {
        let entries = fs::read_dir(here(folder)).expect("a folder of runbooks").flatten();
        let mut names: Vec<_> = entries.map(|entry| entry.file_name()).collect();
        names.sort();
        names
    };
    let ours = names("../../examples/miraikakaku/runbooks");
    assert_eq!(ours, names("../../examples/runbooks-en/runbooks"));
    let loaded = good(&here("../../examples/runbooks-en"));
    assert_eq!(loaded.policy.plans.len(), ours.len() + 1, "and the one behind `service restart`");
}

/// A49: two lines are enough for a page; what it is called, and in which language first, follows from the rest.
#[test]
fn a_small_status_page_has_everything() {
    let yaml = format!(
        "product: Shop\nlanguage: en\n{SMALLEST}status_page:\n  components: {{web: {{name: Site}}}}\n"
    );
    let loaded = good(folder(&[("hikeshi.yaml", &yaml)]).path());
    let page = loaded.policy.status_page.expect("a page");
    assert_eq!(page.title, Said::new("Shop 稼働状況", "Shop status"));
    assert_eq!(page.languages, [Language::En, Language::Ja]);
    assert_eq!(page.components[0].services, ["web".into()]);
    assert_eq!(page.components[0].name, Said::same("Site"));
    assert_eq!(loaded.status_site, Some(StatusSite::default()));
    let none = good(folder(&[("hikeshi.yaml", SMALLEST)]).path());
    assert!(none.policy.status_page.is_none() && none.status_site.is_none());
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

/// Every key of intake and quiet, as the manual shows them.
#[test]
fn intake_and_quiet_are_read() {
    let text = format!("{SMALLEST}{INTAKE_AND_QUIET}");
    let loaded = good(folder(&[("hikeshi.yaml", &text)]).path());
    let policy = &loaded.policy;
    assert_eq!(policy.intake.resolve_timeout, SignedDuration::from_mins(7));
    let sort = &policy.intake.sorts[0];
    assert_eq!(sort.matchers.len(), 2, "one text may hold several matchers");
    assert_eq!(
        (sort.service.as_ref().map(|name| name.as_str()), sort.priority),
        (Some("web"), Some(Priority::P0))
    );
    assert_eq!((sort.symptom, sort.level), (Some(Symptom::ServiceDown), Some(Level::Critical)));
    assert_eq!(sort.group_by, ["cluster"]);
    assert_eq!(sort.rhythm.wait, SignedDuration::from_secs(30));
    assert_eq!(sort.rhythm.interval, Some(SignedDuration::from_mins(5)));
    assert_eq!(sort.rhythm.repeat, Some(SignedDuration::from_hours(4)));
    let inhibition = &policy.inhibitions[0];
    assert_eq!(inhibition.equal, ["alertname", "instance"]);
    let nightly = &policy.recurring[0];
    assert_eq!((nightly.name.as_str(), nightly.owner.as_str()), ("nightly-batch", "sato"));
    assert_eq!(nightly.hours.days.len(), 2);
    assert_eq!(nightly.hours.zone.iana_name(), Some("Europe/Berlin"));
    assert_eq!(policy.remind_every, SignedDuration::from_hours(12));
    let deploys = &loaded.integrations[1];
    assert_eq!((deploys.name.as_str(), deploys.format.name), ("deploys", "github"));
    assert_eq!(deploys.secret, Some(source::Secret::Env("GITHUB_WEBHOOK_SECRET".into())));
}

/// The names that everybody uses are known; a team's own way of sorting comes first.
#[test]
fn alerts_with_well_known_names_are_sorted_without_configuration() {
    let own = "intake: {sort: [{match: 'alertname=\"TargetDown\"', symptom: other}]}\n";
    let loaded = good(folder(&[("hikeshi.yaml", &format!("{SMALLEST}{own}"))]).path());
    let symptom = |name: &str| {
        let labels = Labels::new([("alertname", name)]);
        loaded.policy.intake.sort_for(&labels).and_then(|sort| sort.symptom)
    };
    assert_eq!(symptom("InstanceDown"), Some(Symptom::ServiceDown));
    assert_eq!(symptom("PostgresqlDown"), Some(Symptom::DatabaseUnreachable));
    assert_eq!(symptom("TargetDown"), Some(Symptom::Other));
    assert_eq!(symptom("Anything"), None);
    let watchdog = Labels::new([("alertname", "Watchdog"), ("severity", "critical")]);
    let watchdog = loaded.policy.intake.sort_for(&watchdog);
    assert_eq!(watchdog.and_then(|sort| sort.level), Some(Level::Info));
}

/// A rehearsal hurries policy, not the world: what is measured keeps its limits, and people keep their deadlines.
#[test]
fn time_lapse_divides_times_and_leaves_what_is_measured() {
    let at = |factor: u32| {
        let text = format!("time_lapse: {factor}\n{SMALLEST}");
        good(folder(&[("hikeshi.yaml", &text)]).path()).policy
    };
    let (slow, fast) = (at(1), at(10));
    assert_eq!(fast.intake.resolve_timeout, SignedDuration::from_secs(30));
    let repeat = |policy: &domain::policy::Policy| policy.routes[&Priority::P0].repeat_every;
    assert_eq!(repeat(&slow), Some(SignedDuration::from_mins(5)));
    assert_eq!(repeat(&fast), Some(SignedDuration::from_secs(30)));
    assert_eq!(fast.rules["memory_usage"].bands[0].hold, SignedDuration::from_secs(12));
    assert_eq!(fast.plans[0].guardrails.rate_window, SignedDuration::from_secs(30));
    for policy in [&slow, &fast] {
        assert_eq!(policy.rules["api_latency"].bands[0].test, Test::AtLeast(10_000.0));
        let respond = &policy.clocks.limits[&(Clock::Respond, Priority::P0)];
        assert_eq!(respond[0].within, Within::Time(SignedDuration::from_mins(5)));
        let restart = policy.plans[0].steps.iter().find(|step| step.name.as_str() == "restart");
        assert_eq!(restart.map(|step| step.timeout), Some(SignedDuration::from_secs(90)));
    }
}

/// A heartbeat needs a service and a period; its priority comes from its level (C2), and a runbook may answer its alert.
#[test]
fn a_heartbeat_needs_a_service_and_a_period() {
    let text = format!(
        "{SMALLEST}heartbeats:\n  backup: {{service: web, every: 24h}}\n  batch: {{service: web, every: 5m, grace: 30s, level: warning, owner: DBA}}\n  old: off\n"
    );
    let runbook = "---\nalert: heartbeat_missed{backup}\nservice: web\n---\n# Backup\n## Verify\n```bash {name=look timeout=5s}\n./look\n```\n";
    let folder = folder(&[("hikeshi.yaml", &text)]);
    fs::create_dir(folder.path().join("runbooks")).expect("made");
    fs::write(folder.path().join("runbooks/backup.md"), runbook).expect("written");
    let heartbeats = good(folder.path()).policy.heartbeats;
    assert_eq!(heartbeats.len(), 2);
    let (backup, batch) = (&heartbeats["backup"], &heartbeats["batch"]);
    assert_eq!(
        (backup.grace, backup.priority),
        (SignedDuration::from_hours(1), Some(Priority::P1))
    );
    assert_eq!((batch.grace, batch.priority), (SignedDuration::from_secs(30), None));
    assert_eq!(batch.owner.as_deref(), Some("DBA"));
}

/// A84 to A86: what a dashboard shows is found by the kind of a probe, and can be written down.
#[test]
fn the_dashboard_finds_its_values_and_takes_others() {
    let text = format!(
        "{SMALLEST}  machine: {{kind: host}}\nprobes:\n  machine/host: {{kind: host, service: machine}}\ndashboard:\n  app:\n    p95_ms: {{probe: web/health, reading: latency_ms}}\n    error_rate: off\n  business:\n    orders: {{probe: web/health, reading: latency_ms, service: machine, unit: 件}}\n"
    );
    let gauges = good(folder(&[("hikeshi.yaml", &text)]).path()).dashboard;
    let find = |name: &str| gauges.iter().find(|gauge| gauge.name == name);
    let source = |name: &str| find(name).and_then(|gauge| gauge.source.clone());
    assert_eq!(source("cpu").map(|it| it.probe.to_string()), Some("machine/host".into()));
    assert_eq!(source("p95_ms").map(|it| it.reading), Some("latency_ms".into()));
    assert_eq!(find("error_rate"), None, "switched off");
    let orders = source("orders").expect("written down");
    assert_eq!((orders.own.as_str(), orders.of.as_str()), ("web", "machine"));
    assert_eq!(
        find("orders").map(|it| (it.group.as_str(), it.unit.as_str())),
        Some(("business", "件"))
    );
    let disk = find("disk").expect("always shown");
    assert!(disk.source.is_none() && disk.hint.en == "there is no probe of `kind: disk`");
}

/// C33: a leak or a breach is P0; A13: five times normal is P2; C1: full in less than four hours is critical.
#[test]
fn attacks_surges_and_filling_disks_are_judged_by_built_in_rules() {
    let text = format!(
        "{SMALLEST}probes:\n  web/security: {{kind: access_security, service: web, path: access.log}}\n  web/log: {{kind: log, service: web, path: app.log}}\n  web/disk: {{kind: disk, service: web}}\n"
    );
    let policy = good(folder(&[("hikeshi.yaml", &text)]).path()).policy;
    let judged = |probe: &str| -> Vec<_> {
        policy.probes[probe].rules.iter().map(|rule| rule.as_str()).collect()
    };
    let detectors: Vec<_> =
        judged("web/security").into_iter().filter(|rule| rule.starts_with("security_")).collect();
    assert_eq!(detectors.len(), 6, "{detectors:?}");
    assert!(
        judged("web/log").contains(&"log_surge") && judged("web/disk").contains(&"disk_full_soon")
    );
    let first = |rule: &str| {
        let band = &policy.rules[rule].bands[0];
        (band.test.clone(), band.priority)
    };
    assert_eq!(first("security_open_write").1, Some(Priority::P0));
    assert_eq!(first("security_bulk_export").1, Some(Priority::P0));
    assert_eq!(first("security_brute_force").1, Some(Priority::P1));
    assert_eq!(first("security_error_client").1, None);
    assert_eq!(first("log_surge"), (Test::AtLeast(5.0), Some(Priority::P2)));
    assert_eq!(first("disk_full_soon"), (Test::Below(4.0), Some(Priority::P1)));
}

#[test]
fn who_supervises_a_service_is_read_and_its_unit_is_an_attribute() {
    let text = "services:\n  web:\n    supervise: {systemd: web.service, bus: session}\n  api:\n    supervise: {pm2: api-1, home: /srv/.pm2}\nacting:\n  never_block: [192.0.2.10]\n  may_end: [node]\n";
    let folder = folder(&[("hikeshi.yaml", text)]);
    let loaded = good(folder.path());
    let kinds: Vec<_> = loaded.supervised.iter().map(|other| other.kind.name).collect();
    assert_eq!(kinds, ["systemd", "pm2"]);
    assert_eq!(loaded.supervised[1].target.options["home"], "/srv/.pm2");
    let web = loaded.policy.graph.get(&"web".into()).expect("there");
    assert_eq!(web.attributes["UNIT"].value, "web.service");
    assert!(loaded.settings.limits.may_end.contains("node"));
    assert_eq!(loaded.settings.limits.never_block[0].to_string(), "192.0.2.10/32");
}

#[test]
fn every_supervisor_can_be_written_as_its_row_says() {
    for kind in supervise::kinds::KINDS {
        let text = format!("services:\n  web:\n    supervise: {}\n", kind.example);
        let folder = folder(&[("hikeshi.yaml", &text)]);
        let loaded = good(folder.path());
        assert_eq!(loaded.supervised.len(), 1, "{}", kind.name);
    }
}

const ROTAS: &str = r#"
time_zone: Asia/Tokyo
contacts: {sato: {title: Sato}, suzuki: {title: Suzuki}, ito: {title: Ito}}
calendars:
  office: {country: japan, yearly: {年末年始: 12-29/01-03}, open: {2026-12-30: 棚卸し}}
  berlin: {zone: Europe/Berlin, ics: berlin.ics}
business_calendar: office
schedules:
  sre: {rotation: weekly, people: [sato, suzuki], from: "Mon 09:00"}
  day: {rotation: 12h, people: [sato + ito, suzuki], from: 2026-11-30T09:00, until: 2026-12-04T09:00}
  berlin: {people: [ito], only: holidays, calendar: berlin}
  gone: off
escalation: [{on_call: [sre, day], contacts: [ito]}]
alerts: {service_down: {respond_within: 1営業日}}
"#;

const BERLIN: &str = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Tag der Deutschen Einheit\n\
    DTSTART;VALUE=DATE:20201003\nRRULE:FREQ=YEARLY\nEND:VEVENT\nEND:VCALENDAR\n";

/// A45, B14, C29: who is on call, business time, and the holidays of another country.
#[test]
fn calendars_and_schedules_mean_what_they_say() {
    use domain::calendar::{BusinessTime, Within};
    use domain::{ids::ScheduleName, schedule::who};
    let yaml = format!("{SMALLEST}{ROTAS}");
    let folder = folder(&[("hikeshi.yaml", &yaml), ("berlin.ics", BERLIN)]);
    let policy = good(folder.path()).policy;
    let on_call = |name: &str, at: &str| {
        let schedule = &policy.schedules[&ScheduleName::from(name)];
        let people = who(schedule, &[], at.parse().expect("a time"));
        people.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    };
    let (before, after) = ("2026-11-23T08:59:59+09:00", "2026-11-23T09:00:00+09:00");
    assert_ne!(on_call("sre", before), on_call("sre", after), "handed over on Monday at nine");
    assert_eq!(on_call("sre", after), on_call("sre", "2026-11-30T08:59:59+09:00"), "for a week");

    assert_eq!(on_call("day", "2026-11-30T08:59:59+09:00"), "", "it has not begun");
    assert_eq!(on_call("day", "2026-11-30T09:00:00+09:00"), "sato ito");
    assert_eq!(on_call("day", "2026-11-30T21:00:00+09:00"), "suzuki");
    assert_eq!(on_call("day", "2026-12-04T09:00:00+09:00"), "", "it is over");

    assert_eq!(on_call("berlin", "2029-10-03T12:00:00+02:00"), "ito", "a yearly holiday");
    assert_eq!(on_call("berlin", "2029-10-04T12:00:00+02:00"), "");
    assert_eq!(policy.schedules.len(), 3, "one is off");
    assert_eq!(policy.escalation[0].on_call.len(), 2);

    let within = policy.rules.values().find(|rule| rule.name.as_str() == "service_down");
    let within = within.expect("a rule").respond_within;
    assert_eq!(within, Within::Business(BusinessTime::Days(1)));
    let from = "2026-11-20T15:00:00+09:00".parse().expect("a time");
    let calendar = policy.business.as_deref();
    let deadline = within.after(calendar, &policy.zone, from);
    assert_eq!(deadline.to_string(), "2026-11-24T06:00:00Z", "Monday is a holiday");
}
