//! `hikeshi runbook import` and `diff`: documents become drafts, people's edits stay, and a draft runs once it is promoted.

use crate::common::House;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

const MANUAL: &str = "# Runbooks\n\nOwner: SRE\nVersion: 1\n\n## Service down\n\n### Diagnosis\n```bash\nuptime\n```\n\n### Mitigation\n```bash\n# restart it\nsystemctl restart <service>\n```\n\n### Verify\n```bash\ntest -e <pid file>\n```\n";

/// Where the two reference documents lie.
fn references() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../manual/tests/reference");
    let names = ["alert-response.md", "incident-response.md"];
    names.iter().map(|name| folder.join(name).display().to_string()).collect()
}

/// Every file below a folder: its text and when it was written.
fn all(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(all(&path));
        } else {
            let time = fs::metadata(&path).and_then(|found| found.modified()).expect("a time");
            found.insert(path.clone(), (fs::read(&path).expect("it is there"), time));
        }
    }
    found
}

fn import(house: &House, documents: &[String], ops: &str) -> Value {
    let mut arguments = vec!["runbook", "import", "-o", ops];
    arguments.extend(documents.iter().map(String::as_str));
    house.json(&arguments)
}

/// The state of a file in what an import said.
fn state<'v>(said: &'v Value, file: &str) -> &'v str {
    let files = said["files"].as_array().expect("a list");
    let found = files.iter().find(|row| row["path"] == file);
    found.unwrap_or_else(|| panic!("{file}: {said}"))["state"].as_str().expect("a word")
}

#[test]
fn the_references_become_a_folder_that_hikeshi_accepts() {
    let house = House::new("services: {}\n");
    let ops = house.path().join("ops").display().to_string();
    let said = import(&house, &references(), &ops);
    assert_eq!(said["problems"], serde_json::json!([]), "{said}");
    assert_eq!(said["runbooks"].as_array().map(Vec::len), Some(9), "{said}");
    assert_eq!(said["conflicts"].as_array().map(Vec::len), Some(4), "{said}");
    house.run_for(0, &["config", "check", "-c", &ops]);

    // The same bytes again: no byte and no time changes.
    let before = all(Path::new(&ops));
    let again = import(&house, &references(), &ops);
    assert_eq!(all(Path::new(&ops)), before);
    let states: Vec<_> =
        again["files"].as_array().into_iter().flatten().map(|row| row["state"].clone()).collect();
    assert!(states.iter().all(|state| state == "same"), "{again}");
    house.run_for(0, &["runbook", "diff", "-o", &ops]);

    let page = house
        .run_for(
            0,
            &[
                &["runbook", "import", "-o", &ops][..],
                &references().iter().map(String::as_str).collect::<Vec<_>>(),
            ]
            .concat(),
        )
        .stdout;
    assert!(page.lines().count() <= 60 && page.contains("incomplete steps: 7"), "{page}");
}

#[test]
fn what_people_wrote_stays_and_what_the_document_changed_is_shown() {
    let house = House::new("services: {}\n");
    let ops = house.path().join("ops").display().to_string();
    let document = house.path().join("manual.md");
    fs::write(&document, MANUAL).expect("written");
    let documents = [document.display().to_string()];
    import(&house, &documents, &ops);
    let draft = Path::new(&ops).join("runbooks/Service-down.md");
    let edited =
        fs::read_to_string(&draft).expect("a draft").replace("\nuptime\n", "\nuptime -p\n");
    fs::write(&draft, &edited).expect("written");

    // A person's edit: kept, and a difference.
    assert_eq!(state(&import(&house, &documents, &ops), "runbooks/Service-down.md"), "edited");
    let diff = house.run_for(1, &["runbook", "diff", "-o", &ops]).stdout;
    assert!(diff.contains("\n-uptime -p\n+uptime\n") && diff.contains("@@ "), "{diff}");

    // A line above moves everything and changes nothing.
    fs::write(&document, format!("<!-- v2 -->\n{MANUAL}")).expect("written");
    assert_eq!(state(&import(&house, &documents, &ops), "runbooks/Service-down.md"), "edited");

    // What the document changes in an edited draft is shown until somebody settles it; the edit stays.
    fs::write(&document, MANUAL.replace("restart it", "restart it once")).expect("written");
    for _ in 0..2 {
        let shown = house.run_for(0, &["runbook", "import", &documents[0], "-o", &ops]).stdout;
        assert!(shown.contains("+restart it once `manual.md:"), "{shown}");
    }
    assert_eq!(fs::read_to_string(&draft).expect("a draft"), edited);
    let settled = house.json(&["runbook", "import", &documents[0], "-o", &ops, "--settle"]);
    assert_eq!(state(&settled, "runbooks/Service-down.md"), "differs");
    assert_eq!(state(&import(&house, &documents, &ops), "runbooks/Service-down.md"), "edited");

    // What nobody edited follows, what a person removed stays away, and a second document joins the first.
    fs::remove_file(&draft).expect("removed");
    let more = house.path().join("more.md");
    fs::write(&more, "# DiskFull\n\n## Diagnosis\n```bash\ndf -h\n```\n").expect("written");
    let said = import(&house, &[more.display().to_string()], &ops);
    assert_eq!(state(&said, "runbooks/Service-down.md"), "removed");
    assert_eq!(state(&said, "runbooks/DiskFull.md"), "new");
    assert_eq!((state(&said, "hikeshi.yaml"), &said["documents"]), ("updated", &2.into()));
    assert!(!draft.exists());
    fs::remove_file(&document).expect("removed");
    let said = house.run_for(1, &["runbook", "diff", "-o", &ops, "--json"]).json();
    assert_eq!(state(&said, "findings.txt"), "gone");
}

/// A team that has a configuration keeps it.
#[test]
fn a_configuration_that_was_there_is_not_touched() {
    let house = House::new("services: {web: {}}\n");
    let before = fs::read(house.config().join("hikeshi.yaml")).expect("it is there");
    let document = house.path().join("manual.md");
    fs::write(&document, MANUAL).expect("written");
    let ops = house.config().display().to_string();
    let said = import(&house, &[document.display().to_string()], &ops);
    assert_eq!(state(&said, "hikeshi.yaml"), "differs");
    assert_eq!(fs::read(house.config().join("hikeshi.yaml")).expect("it is there"), before);
}

/// runbook-format, principle 3: nothing imported runs before it has no open question, an owner, a review and a dry run.
#[test]
fn an_imported_draft_runs_after_promotion_and_not_before() {
    let mut house = House::new("services: {web: {title: Web, command: [sleep, '1000']}}\n");
    let document = house.path().join("manual.md");
    fs::write(&document, MANUAL).expect("written");
    let ops = house.config().display().to_string();
    import(&house, &[document.display().to_string()], &ops);
    house.serve();
    let shown = house.json(&["runbook", "show", "Service-down"]);
    assert_eq!(
        (&shown["mode"], &shown["alert"]),
        (&"manual".into(), &"service_down".into()),
        "{shown}"
    );

    let promote = ["runbook", "promote", "Service-down", "--to", "auto"];
    let refused = house.run_for(1, &promote).stdout;
    assert!(refused.contains("import-open") && refused.contains("placeholder-left"), "{refused}");

    let draft = house.config().join("runbooks/Service-down.md");
    let text = fs::read_to_string(&draft).expect("a draft");
    let text = text
        .replace(
            "```bash\ntest -e <pid file>",
            "```bash {name=there timeout=5s}\ntest -e /proc/self",
        )
        .replace("mode: manual\n", "mode: manual\nreviewed: 2026-11-28\nverify: {passes: 1, every: 1s, steady: 0s, within: 60s}\n",
        )
        .replace("- [ ] `manual.md", "- [x] `manual.md");
    fs::write(&draft, text).expect("written");
    house.local().post("/-/reload", &serde_json::json!({})).expect("it answers");
    let refused = house.run_for(1, &promote);
    assert!(refused.stderr.contains("no dry run"), "{refused:?}");
    house.run_for(0, &["runbook", "run", "Service-down", "--service", "web", "--dry-run"]);
    house.run_for(0, &promote);
    assert_eq!(house.json(&["runbook", "show", "Service-down"])["mode"], "auto");

    house.kill_service("web");
    house.wait("the imported runbook restarts it", |house| {
        let finished = house.facts_of("run_finished");
        finished.iter().any(|fact| fact["fact"]["result"] == "recovered").then_some(())
    });
    // The promotion is an edit like any other.
    let said = import(&house, &[document.display().to_string()], &ops);
    assert_eq!(state(&said, "runbooks/Service-down.md"), "edited");
}

#[test]
fn what_is_no_document_is_said() {
    use std::os::unix::ffi::OsStringExt;
    let house = House::new("services: {}\n");
    let ops = house.path().join("ops").display().to_string();
    let large = house.path().join("large.md");
    fs::write(&large, "x".repeat(2 << 20)).expect("written");
    for (file, said) in [
        ("-", "standard input"),
        ("nothing.md", "cannot be read"),
        (large.to_str().expect("UTF-8"), "1 MiB"),
    ] {
        let ran = house.run_for(2, &["runbook", "import", file, "-o", &ops]);
        assert!(ran.stderr.contains(said), "{file}: {ran:?}");
    }
    let ran = house.run_for(2, &["runbook", "diff", "-o", &ops]);
    assert!(ran.stderr.contains("no document of an earlier import"), "{ran:?}");
    let odd = house.path().join(std::ffi::OsString::from_vec(b"b\xff.md".to_vec()));
    fs::write(&odd, MANUAL).expect("written");
    let output =
        house.command(&["runbook", "import", "-o", &ops]).arg(&odd).output().expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no UTF-8"), "{output:?}");
    assert!(!Path::new(&ops).exists());
}

/// The names and limits that the import takes for built in are those of the rules that come built in.
#[test]
fn what_counts_as_built_in_is_built_in() {
    let mut problems = source::Problems::new();
    let rules =
        source::yaml::read("built-in", config::DEFAULT_ALERTS, 0, &mut problems).expect("it reads");
    let rules = rules.entries(&mut problems).expect("a mapping");
    for known in manual::import::names::KNOWN {
        let found = rules.iter().find(|(name, ..)| name == known.name);
        assert_eq!(found.is_some(), known.is_built_in, "{}", known.name);
        let text = config::DEFAULT_ALERTS
            .split(&format!("\n{}:\n", known.name))
            .nth(1)
            .unwrap_or_default();
        let text = text.split("\n\n").next().unwrap_or_default();
        for limit in known.limits {
            // Documents speak of seconds and gigabytes, rules of milliseconds and bytes.
            let is_there = [1.0, 1e3, 1e9].iter().any(|unit| {
                let number = format!(" {}\"", limit * unit);
                text.contains(&number)
            });
            assert!(is_there, "{}: {limit}", known.name);
        }
    }
}

/// A folder that holds its own drafts can be named again and again.
#[test]
fn drafts_are_none_of_the_documents() {
    let house = House::new("services: {}\n");
    let folder = house.path().join("docs");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("manual.md"), MANUAL).expect("written");
    let (docs, ops) = (folder.display().to_string(), folder.join("ops").display().to_string());
    for _ in 0..2 {
        let said = import(&house, std::slice::from_ref(&docs), &ops);
        assert_eq!(said["documents"], 1, "{said}");
    }
}

/// Names from commands make a configuration that loads, whatever they are.
#[test]
fn odd_names_of_services_are_accepted_or_left_out() {
    let house = House::new("services: {}\n");
    let ops = house.path().join("ops").display().to_string();
    let document = house.path().join("odd.md");
    let commands = [
        "systemctl restart a.b-c_d@1.service",
        "pm2 restart 5",
        "pm2 restart \"$X\"",
        "docker restart my.app",
        "systemctl restart 'x;y'",
        "systemctl restart -- --help",
        "systemctl restart ../../etc",
        "pm2 restart _x",
        "systemctl restart database",
        "gcloud sql instances restart db1",
        "service nginx restart",
        "systemctl restart x.timer",
    ];
    let blocks: String =
        commands.iter().map(|command| format!("```bash\n{command}\n```\n")).collect();
    fs::write(&document, format!("# Odd\n\n## Mitigation\n{blocks}")).expect("written");
    let said = import(&house, &[document.display().to_string()], &ops);
    assert_eq!(said["problems"], serde_json::json!([]), "{said}");
}
