//! Stories of reading runbooks: what a team wrote becomes a plan, and every mistake is said with its line.

use domain::{
    graph::{Kind, Service},
    plan::{Body, Capture, EffectKind, Mode, OnFail, Parameter, Plan, Role},
    said::Language,
    severity::Level,
};
use jiff::SignedDuration;
use runbook::{info::Info, kinds, params, step};
use source::Problems;
use std::{fs, path::Path};

fn mks() -> Service {
    let attribute = |kind: &str, value: &str| Parameter { kind: kind.into(), value: value.into() };
    Service {
        name: "mks-backend".into(),
        title: "MKS".into(),
        kind: Kind::Process,
        system: "mks".into(),
        depends_on: Vec::new(),
        group: None,
        owner: None,
        attributes: [
            ("unit".to_owned(), attribute("systemd_unit", "mks-backend")),
            ("port".to_owned(), attribute("port", "5100")),
            (
                "health_url".to_owned(),
                attribute("const_url", "http://127.0.0.1:5100/api/v1/health"),
            ),
            ("log_folder".to_owned(), attribute("path", "/var/log/mks")),
            ("wait".to_owned(), attribute("duration", "1m 30s")),
        ]
        .into(),
    }
}

fn read(path: &Path) -> (Option<Plan>, Problems) {
    let mut problems = Problems::new();
    let text = fs::read_to_string(path).expect("the file is there");
    let name = path.file_name().expect("a name").to_string_lossy();
    let plan = runbook::read(&name, &text, &mut problems);
    if let Some(plan) = &plan {
        runbook::check(plan, [&mks()], &mut problems);
    }
    (plan, problems)
}

fn good(name: &str) -> Plan {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/good").join(name);
    let (plan, problems) = read(&path);
    assert_eq!(problems.render(Language::En), "", "{name}");
    plan.expect("it loads")
}

#[test]
fn the_smallest_file_is_a_whole_runbook() {
    let plan = good("service_down.md");
    assert_eq!(
        (plan.name.as_str(), plan.alert.as_str(), plan.title.as_str()),
        ("service_down", "service_down", "サービスダウン")
    );
    assert_eq!((plan.mode, plan.level), (Mode::Auto, Some(Level::Critical)));
    assert_eq!(plan.respond_within, Some(SignedDuration::from_mins(15)));
    let steps: Vec<_> = plan
        .steps
        .iter()
        .map(|step| (step.name.as_str(), step.role, step.effect, step.line))
        .collect();
    assert_eq!(
        steps,
        [
            ("status", Role::Diagnose, EffectKind::Read, 12),
            // Evidence comes before the repair, whether the file asks for it or not (C9, A29).
            ("evidence", Role::Evidence, EffectKind::Read, 16),
            ("restart", Role::Respond, EffectKind::Once, 16),
            ("health", Role::Verify, EffectKind::Read, 20),
        ]
    );
    assert_eq!(plan.steps[1].on_fail, OnFail::Continue);
    assert_eq!(plan.steps[0].digest, runbook::digest::of_body(&plan.steps[0].body));
}

// B16, B20, B21 to B24: document B's own shape runs as it reads.
#[test]
fn a_document_with_numbered_bold_items_is_a_runbook() {
    let plan = good("disk_full.md");
    let steps: Vec<_> =
        plan.steps.iter().map(|step| (step.name.as_str(), step.role, step.line)).collect();
    assert_eq!(
        steps,
        [
            ("usage", Role::Diagnose, 28),
            ("evidence", Role::Evidence, 38),
            ("rotate", Role::Respond, 38),
            ("free", Role::Verify, 46),
            ("unrotate", Role::Undo, 51),
            ("rotated", Role::Probe, 54),
        ]
    );
    let usage = &plan.steps[0];
    let Body::Shell(body) = &usage.body else { panic!("a script") };
    assert!(body.starts_with("# 使用率\ndf -P"), "without the indentation of the list: {body}");
    assert_eq!((usage.capture, usage.on_fail), (Some(Capture::Kv), OnFail::Continue));
    let rotate = &plan.steps[2];
    let Body::Action { verb, arguments } = &rotate.body else { panic!("a verb") };
    assert_eq!((verb.as_str(), arguments["keep"].as_str()), ("log.rotate", "$HK_KEEP"));
    assert_eq!(rotate.effect, EffectKind::Converge, "the verb knows its own effect");
    assert_eq!(plan.steps[3].ok_exit, [0, 3]);
    assert_eq!(plan.steps[4].belongs_to, Some("rotate".into()));
    let boxes: Vec<_> = plan.checklist.iter().map(|item| item.text.as_str()).collect();
    assert_eq!(
        boxes,
        ["サービス起動確認", "エラーログ確認", "ユーザー影響確認", "監視ダッシュボード確認"]
    );
    assert_eq!((plan.guardrails.rate_limit, plan.verify.passes), (2, 2));
    assert_eq!((plan.version.as_deref(), plan.approved_by.as_deref()), (Some("1.2"), Some("佐藤")));
    assert_eq!(plan.parameters["HK_KEEP"].value, "30");
}

#[test]
fn a_box_that_names_a_step_is_ticked_by_it() {
    let text = "---\nalert: x\nlevel: warning\n---\n# T\n## 対応\n```bash {name=go timeout=1s}\ntrue\n```\n\
                ## 確認項目\n- [ ] 済んだ (`go`)\n- [ ] ログ `error.log` を見た\n";
    let plan = runbook::read("t.md", text, &mut Problems::new()).expect("it loads");
    let bound: Vec<_> = plan.checklist.iter().map(|item| item.step.clone()).collect();
    assert_eq!(bound, [Some("go".into()), None]);
}

#[test]
fn line_ends_of_other_systems_change_nothing_but_the_digest_of_the_file() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/good/service_down.md");
    let text = fs::read_to_string(path).expect("there").replace('\n', "\r\n");
    let mut problems = Problems::new();
    let windows = runbook::read("service_down.md", &text, &mut problems).expect("it loads");
    let unix = good("service_down.md");
    assert_eq!(windows.steps, unix.steps);
    assert_ne!(windows.digest, unix.digest);
}

/// Every file under `bad/` has its message beside it; `BLESS=1` writes it anew.
#[test]
fn every_mistake_has_its_message_in_both_languages() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad");
    let mut count = 0;
    for entry in fs::read_dir(&folder).expect("the folder is there") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|ending| ending != "md") {
            continue;
        }
        count += 1;
        let (_, problems) = read(&path);
        assert!(!problems.is_empty(), "{}: nothing was found", path.display());
        let said =
            format!("{}\n---\n{}\n", problems.render(Language::Ja), problems.render(Language::En));
        let beside = path.with_extension("txt");
        if std::env::var_os("BLESS").is_some() {
            fs::write(&beside, &said).expect("written");
        }
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        assert_eq!(said, expected, "{}", path.display());
    }
    assert!(count >= 30, "{count}");
}

#[test]
fn hostile_bytes_are_refused_and_never_panic() {
    for text in [
        "",
        "---",
        "---\n",
        "---\n---\n",
        "\u{0}\u{1b}[2J",
        "---\nalert: a\n---\n```bash {name=a timeout=1s}",
        "---\nalert: a\n---\n```bash {}}{{==",
        "---\nalert: a\n---\n## 診断\n```bash {name=a timeout=1s}\n$((((((((((${${${\"`'\n```\n",
        "---\nalert: \"$(reboot)\"\n---\n",
    ] {
        let mut problems = Problems::new();
        let plan = runbook::read("hostile.md", text, &mut problems);
        assert!(plan.is_none() && !problems.is_empty(), "{text:?}");
    }
}

#[test]
fn a_step_gets_what_it_names_and_nothing_else() {
    let plan = runbook::read(
        "r.md",
        "---\nalert: a\nparams:\n  limit: {type: int, min: 1, max: 9, value: 5}\n---\n## 診断\n```bash {name=a timeout=1s}\necho \"$HK_SERVICE\" \"$HK_PORT\" \"$HK_LIMIT\" \"$HK_WAIT_SECONDS\"\n```\n",
        &mut Problems::new(),
    )
    .expect("it loads");
    let environment = params::environment(&plan, &plan.steps[0], &mks(), &Default::default())
        .expect("all are there");
    let pairs: Vec<_> =
        environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(
        pairs,
        [
            ("HK_LIMIT", "5"),
            ("HK_PORT", "5100"),
            ("HK_SERVICE", "mks-backend"),
            ("HK_WAIT_SECONDS", "90")
        ]
    );
}

#[test]
fn a_missing_or_hostile_value_blocks_the_step() {
    let plan = good("service_down.md");
    let mut service = mks();
    service.attributes.remove("unit");
    let why = params::environment(&plan, &plan.steps[0], &service, &Default::default())
        .expect_err("it is missing");
    assert_eq!(
        why.en,
        "step `status` needs `HK_UNIT`, which has no value; add `unit:` to the service `mks-backend`"
    );
    for (kind, value) in
        [("systemd_unit", "x; reboot"), ("systemd_unit", "-H evil"), ("text", "x"), ("port", "080")]
    {
        service
            .attributes
            .insert("UNIT".into(), Parameter { kind: kind.into(), value: value.into() });
        assert!(
            params::environment(&plan, &plan.steps[0], &service, &Default::default()).is_err(),
            "{kind} {value}"
        );
    }
}

#[test]
fn the_example_of_every_verb_is_a_fence_that_loads() {
    for verb in kinds::VERBS {
        let (opening, body) = verb.example.split_once('\n').expect("two lines");
        let info = Info::read(opening.trim_start_matches('`')).expect("an info string");
        assert_eq!(info.language, "action");
        let (name, arguments) = step::action(body.trim_end_matches("```")).expect("an action");
        assert_eq!(name, verb.name);
        assert!(arguments.keys().all(|key| verb.argument(key).is_some()), "{name}");
        let shown = verb.dry_run(&"api-1".into(), &arguments);
        assert!(shown.en.contains(name) && shown.ja.contains(name), "{shown}");
    }
}
