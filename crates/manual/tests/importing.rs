//! The two reference documents, and documents of other houses, as drafts: every file as it is written, and what holds for
//! every draft of any document.
//!
//! With `UPDATE_GOLDEN=1` the expected files are written anew.

use domain::plan::{Body, EffectKind, Mode, Plan, Role};
use jiff::civil::date;
use manual::{Document, Imported, Level, import, lint};
use source::Problems;
use std::{
    fs,
    path::{Path, PathBuf},
};

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn imported(folder: &str, names: &[&str]) -> Imported {
    let texts: Vec<String> = names
        .iter()
        .map(|name| fs::read_to_string(here().join(folder).join(name)).expect("it is there"))
        .collect();
    let documents: Vec<_> =
        names.iter().zip(&texts).map(|(file, text)| Document { file, text }).collect();
    import(&documents)
}

fn of(text: &str) -> Imported {
    import(&[Document { file: "doc.md", text }])
}

/// A procedure with this block under 対応.
fn block(body: &str) -> Imported {
    of(&format!("# 復旧\n\n### サービスダウン\n\n#### 対応\n```bash\n{body}\n```\n"))
}

fn references() -> Imported {
    imported("reference", &["alert-response.md", "incident-response.md"])
}

fn expect_golden(name: &str, imported: &Imported) {
    let path = here().join("golden").join(name);
    let found: String =
        imported.files.iter().map(|(file, text)| format!("==> {file}\n{text}\n")).collect();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &found).expect("written");
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "{name} (UPDATE_GOLDEN=1 writes it anew):\n{found}");
}

/// The drafts as hikeshi loads them.
fn plans(imported: &Imported) -> Vec<Plan> {
    let mut problems = Problems::new();
    let drafts = imported.files.iter().filter(|(file, _)| file.ends_with(".md"));
    let plans: Vec<Plan> =
        drafts.filter_map(|(file, text)| runbook::read(file, text, &mut problems)).collect();
    assert!(problems.is_empty(), "{}", problems.render(domain::said::Language::En));
    assert_eq!(plans.len(), imported.drafts.len());
    plans
}

fn plan(imported: &Imported, name: &str) -> Plan {
    let found = plans(imported).into_iter().find(|plan| plan.name.as_str() == name);
    found.unwrap_or_else(|| panic!("{name}: {:?}", imported.files.keys()))
}

/// What is written for people to settle in a draft.
fn open(imported: &Imported, name: &str) -> Vec<String> {
    let made = imported.drafts.iter().find(|made| made.name == name).expect("a draft");
    made.open.iter().map(|open| format!("{}: {}", open.at, open.what.en)).collect()
}

#[test]
fn the_references_become_these_files() {
    expect_golden("import-reference.txt", &references());
}

#[test]
fn documents_of_other_houses_become_these_files() {
    let names = ["clean.md", "numbered.md", "operator.md"];
    expect_golden("import-houses.txt", &imported("houses", &names));
}

/// Nothing imported runs until a person promotes it, and promotion asks the linter.
#[test]
fn nothing_imported_runs_by_itself() {
    let references = references();
    for plan in plans(&references) {
        assert_eq!(plan.mode, Mode::Manual, "{}", plan.name);
        assert!(plan.reviewed.is_none() && plan.approved_by.is_none(), "{}", plan.name);
    }
    for made in &references.drafts {
        let text = &references.files[&made.file];
        let findings = lint(&[Document { file: &made.file, text }], date(2026, 11, 28));
        let held = findings.iter().filter(|found| found.level == Level::Error);
        let held = held.filter(|found| found.rule == "import-open").count();
        assert_eq!(held, made.open.len(), "{}", made.name);
        assert!(held > 0, "{}", made.name);
    }
}

/// A28–A30, C9: evidence before the response, and no step sends mail.
#[test]
fn evidence_comes_first_and_a_notice_is_no_step() {
    let references = references();
    let plan = plan(&references, "P0インシデント対応");
    let role = |name: &str| {
        plan.steps.iter().find(|step| step.name.as_str() == name).map(|step| step.role)
    };
    assert_eq!(role("journalctl"), Some(Role::Evidence));
    assert_eq!(role("pm2-stop-all"), Some(Role::Respond));
    let mails = |step: &&domain::plan::Step| matches!(&step.body, Body::Shell(body) if body.contains("mail"));
    assert_eq!(plan.steps.iter().find(mails), None);
    assert!(references.files["runbooks/P0インシデント対応.md"].contains("```text\necho \"P0"));
}

/// A27: 「または」 is a choice, and until it is made neither runs.
#[test]
fn alternatives_are_not_a_sequence() {
    let plan = plan(&references(), "P0インシデント対応");
    let condition = |name: &str| plan.conditions.get(name).map(String::as_str);
    assert_eq!(condition("pm2-stop-all"), Some("params.choice == 'pm2-stop-all'"));
    assert_eq!(condition("pm2-restart-all"), Some("params.choice == 'pm2-restart-all'"));
    assert_eq!(plan.parameters["HK_CHOICE"].value, "none");
    for text in ["restart if needed", "または", "落ちていれば、必要に応じて", "when it hangs"]
    {
        let plan =
            self::plan(&block(&format!("df -h\n# {text}\npm2 restart api")), "サービスダウン");
        assert_eq!(plan.conditions.len(), 1, "{text}: {:?}", plan.conditions);
    }
}

/// A60, A62: a placeholder is no value, and what has none does not run.
#[test]
fn a_placeholder_keeps_its_step_from_running() {
    let references = references();
    let plan = plan(&references, "シナリオ2-メモリ不足");
    let kills = |step: &&domain::plan::Step| matches!(&step.body, Body::Shell(body) if body.contains("kill"));
    assert_eq!(plan.steps.iter().find(kills), None);
    let text = &references.files["runbooks/シナリオ2-メモリ不足.md"];
    assert!(text.contains("```bash\nkill -9 [PID]\n```"), "{text}");
    assert!(
        open(&references, "シナリオ2-メモリ不足").iter().any(|open| open.contains("`pid` (int)"))
    );
    for line in ["nc -zv <host> 22", "ping -c 1 [SERVER_IP]", "curl -f <ヘルスチェックURL>"]
    {
        let made = block(line);
        assert_eq!((made.drafts[0].steps.len(), made.drafts[0].incomplete), (0, 1), "{line}");
    }
}

/// A87: a step's environment starts empty; what another block exported is not there, and no value is carried over.
#[test]
fn a_variable_of_another_block_is_missing_and_a_secret_has_no_value() {
    let text = "# 手順\n\n## 環境変数\n```bash\nexport DB_PASSWORD=\"hunter2\"\n```\n\n## 診断\n```bash\npsql -h \"$DB_HOST\" -c 'select 1'\n```\n";
    let made = of(text);
    assert_eq!(made.drafts[0].incomplete, 1);
    for (file, text) in &made.files {
        assert!(!text.contains("hunter2"), "{file}: {text}");
    }
    let aside = &made.files["not-yet.yaml"];
    assert!(
        aside.contains("{name: \"DB_PASSWORD\", given_by: \"person\", from: \"doc.md:5\"}"),
        "{aside}"
    );
}

/// What a command does is guessed for the worse.
#[test]
fn effects_are_guessed_for_the_worse() {
    for (body, effect) in [
        ("pm2 stop all", EffectKind::Destructive),
        ("rm -rf /var/cache/app", EffectKind::Destructive),
        ("/opt/app/tidy", EffectKind::Once),
        ("kubectl -n shop scale deploy/web --replicas=3", EffectKind::Once),
        ("cp /etc/app.conf.good /etc/app.conf", EffectKind::Once),
        ("logrotate -f /etc/logrotate.d/app", EffectKind::Converge),
    ] {
        let plan = plan(&block(body), "サービスダウン");
        let step = plan.steps.iter().find(|step| step.role == Role::Respond).expect(body);
        assert_eq!(step.effect, effect, "{body}");
    }
    let plan = plan(&of("# API is slow\n\n## Diagnosis\n```bash\nuptime\n```\n"), "API-is-slow");
    assert_eq!((plan.steps[0].role, plan.steps[0].effect), (Role::Diagnose, EffectKind::Read));
}

/// B22: a restart of a service by its supervisor is hikeshi's own verb, inside its guardrails.
#[test]
fn a_restart_becomes_the_verb() {
    let references = references();
    let plan = plan(&references, "アラート-アラート名");
    let restart = plan.steps.iter().find(|step| step.role == Role::Respond).expect("a response");
    assert!(matches!(&restart.body, Body::Action { verb, .. } if verb == "service.restart"));
    assert_eq!(plan.service.as_ref().map(|name| name.as_str()), Some("mks-backend"));
    // B27: the limits that systemd has are those of the runbook.
    assert_eq!((plan.guardrails.rate_limit, plan.guardrails.rate_spacing.as_secs()), (3, 30));
    let named = self::plan(&block("systemctl restart <サービス名>"), "サービスダウン");
    assert!(named.service.is_none() && named.steps.iter().any(|step| step.role == Role::Respond));
}

/// B27–B29: settings are facts to be checked; nothing of them is a step.
#[test]
fn settings_are_never_executed() {
    let references = references();
    for plan in plans(&references) {
        for step in &plan.steps {
            let Body::Shell(body) = &step.body else { continue };
            assert!(
                !body.contains("certbot") && !body.contains("rotate 30"),
                "{}: {body}",
                plan.name
            );
        }
    }
    let aside = &references.files["not-yet.yaml"];
    assert!(
        aside.contains(
            "setting: \"StartLimitBurst\", value: \"3\", from: \"alert-response.md:113\""
        )
    );
    assert!(aside.contains("certbot renew"), "{aside}");
}

/// C1, C3: one object per alert with all its sources; what contradicts itself names both lines and waits.
#[test]
fn a_contradiction_names_both_lines_and_blocks_the_draft() {
    let references = references();
    let places: Vec<_> = references
        .conflicts
        .iter()
        .map(|conflict| {
            format!("{} {} {} {}", conflict.alert, conflict.about, conflict.one.0, conflict.other.0)
        })
        .collect();
    assert_eq!(
        places,
        [
            "api_latency respond_within alert-response.md:26 incident-response.md:18",
            "database_connection_failed respond_within alert-response.md:24 incident-response.md:19",
            "disk_usage level alert-response.md:8 alert-response.md:25",
            "service_down respond_within alert-response.md:23 incident-response.md:11",
        ]
    );
    let boxes = open(&references, "シナリオ1-データベース接続エラー").join("\n");
    assert!(
        boxes.contains("alert-response.md:24 says `15m`, incident-response.md:19 says `1h`"),
        "{boxes}"
    );
    let down =
        references.alerts.iter().find(|alert| alert.name == "service_down").expect("it is said");
    assert_eq!((down.sources.len(), down.minutes), (4, Some(5)));
}

/// C28: placeholders and addresses for examples never become contacts that are sent to.
#[test]
fn contacts_have_no_made_up_address() {
    let references = references();
    let settings = &references.files["hikeshi.yaml"];
    let active: String = settings
        .lines()
        .map(|row| row.split("   #").next().unwrap_or_default())
        .filter(|row| !row.trim_start().starts_with('#'))
        .collect();
    for text in ["電話番号", "company.com", "サポート番号", "担当者名"] {
        assert!(!active.contains(text), "{text}: {settings}");
    }
    assert!(
        references
            .open
            .iter()
            .any(|open| open.at.line == 302 && open.what.en.contains("has no address"))
    );
}

/// The second reference ends with something that no author wrote.
#[test]
fn foreign_matter_is_left_out() {
    for (file, text) in
        references().files.iter().filter(|(file, _)| !file.ends_with("findings.txt"))
    {
        assert!(!text.contains("</content>") && !text.contains("<parameter"), "{file}");
    }
}

/// Only what is typed behind a prompt is a command.
#[test]
fn a_console_block_gives_only_its_commands() {
    let made = of(
        "# DiskFull\n\n## Diagnosis\n```console\n$ df -h /data\nFilesystem Size\n/dev/sdb 100G\n$ du -s /data\n42 /data\n```\n",
    );
    let plan = plan(&made, "DiskFull");
    let Body::Shell(body) = &plan.steps[0].body else { panic!("a script") };
    assert_eq!(body, "df -h /data\ndu -s /data\n");
}

/// What looks and what changes are two steps, unless one needs what the other sets.
#[test]
fn a_block_is_split_where_its_parts_stand_alone() {
    let count = |body: &str| block(body).drafts[0].steps.len() + block(body).drafts[0].incomplete;
    assert_eq!(count("# look\ndf -h\n# free\nrm /tmp/x"), 2);
    assert_eq!(count("systemctl restart web\ncurl -f --max-time 5 http://127.0.0.1/"), 2);
    assert_eq!(count("# where\nDIR=/srv\n# free\nrm \"$DIR/x\""), 1);
    assert_eq!(count("# go\ncd /srv\n# free\nrm x"), 1);
    assert_eq!(count("if true; then\n# free\nrm x\nfi"), 1);
}

#[test]
fn two_documents_with_the_same_headings_have_drafts_of_their_own() {
    let text = "# Ops\n\n## Restart\n```bash\npm2 restart api\n```\n";
    let documents = [Document { file: "a.md", text }, Document { file: "b.md", text }];
    let made = import(&documents);
    let names: Vec<_> =
        made.drafts.iter().map(|made| (made.name.as_str(), made.alert.as_str())).collect();
    assert_eq!(names.len(), 2);
    assert!(names[0].0 != names[1].0 && names[0].1 != names[1].1, "{names:?}");
}

/// What takes a step back never runs as part of the response.
#[test]
fn a_rollback_belongs_to_the_step_before_it() {
    let made = of(
        "# Web is down\n\nOwner: web team\n\n## Mitigation\n```bash\n/opt/web/next\n```\n\n## Rollback\n```bash\n/opt/web/back\n```\n",
    );
    let plan = plan(&made, "Web-is-down");
    let step = |name: &str| plan.steps.iter().find(|step| step.name.as_str() == name).expect(name);
    assert_eq!((step("next").role, step("back").role), (Role::Respond, Role::Undo));
    assert_eq!(step("back").belongs_to.as_ref().map(|name| name.as_str()), Some("next"));
    assert_eq!(plan.owner.as_deref(), Some("web team"));
    let alone = of("# Web is down\n\n## Rollback\n```bash\n/opt/web/back\n```\n");
    assert_eq!((alone.drafts[0].steps.len(), alone.drafts[0].incomplete), (0, 1));
}

/// Hostile documents are documents.
#[test]
fn hostile_documents_are_imported_too() {
    let deep = |mark: &str| mark.repeat(5_000);
    for text in [
        "\0\0# \0\n\0```bash\n\0rm -rf /\0\n```\0".to_owned(),
        format!("{}# T\n```bash\nrm x\n```", deep("> ")),
        format!("# T\n## 対応\n{}```bash\nrm x\n```", deep("- ")),
        format!("# T\n## 対応\n```bash\n{}x{}\n```", deep("$("), deep(")")),
        format!("# {}\n## 対応\n```bash\nrm x\n```", "長".repeat(100_000)),
        "# T\n## 対応\n````bash\n```\nrm x\n```\n````\n".to_owned(),
        "# T: \"x\" # y\n## 対応\n- <!-- \n- <script>\n- ```\n\n```bash\nrm x\n```\n".to_owned(),
        "# ---\n---\nalert: x\n---\n## 対応\n```bash {name=a timeout=5s}\nrm x\n```\n".to_owned(),
        "# T\n## 対応\n```bash\npm2 restart \"a'\\\"b\"\n```\n- **x\"y\\**: [電話番号]\n"
            .to_owned(),
    ] {
        sound(&of(&text), &text);
    }
}

/// Every draft loads, waits for a person, and its configuration is YAML.
fn sound(made: &Imported, text: &str) {
    for plan in plans(made) {
        assert_eq!(plan.mode, Mode::Manual, "{text:?}");
    }
    for file in ["hikeshi.yaml", "not-yet.yaml"] {
        let mut problems = Problems::new();
        let _ = source::yaml::read(file, &made.files[file], 0, &mut problems);
        assert!(
            problems.is_empty(),
            "{text:?}\n{}\n{}",
            problems.render(domain::said::Language::En),
            made.files[file]
        );
    }
}

proptest::proptest! {
    #[test]
    fn any_text_becomes_drafts_that_load_and_the_same_ones_again(
        text in "(# |## |#### P1 - |対応\n|診断\n|確認\n|段階的\n|エスカレーション基準\n|連絡先\n|コマンド集\n|- \\*\\*|\\*\\*: |- \\[ \\] |1\\. |\\| アラート名 \\| 担当 \\|\n|\\| --- \\| --- \\|\n|> |```(bash|console|ini|mermaid| )?\n|# または\n|# 必要に応じて\n|systemctl restart |pm2 restart all\n|## Rollback\n|kill -9 \\[PID\\]\n|<host>|\\$X|export A=\"b\"\n|cp /var/log/a\\.log /tmp/\n|StartLimitBurst=3\n|\\[Unit\\]\n|mail -s x\n|サービスダウン|30分|\"|'|\\\\|:|\\{|\\}|\n| |\u{0}|\u{85}|\u{feff}|<!--|`|~~~\n){0,60}"
    ) {
        let made = of(&text);
        sound(&made, &text);
        proptest::prop_assert_eq!(&of(&text).files, &made.files);
    }
}
