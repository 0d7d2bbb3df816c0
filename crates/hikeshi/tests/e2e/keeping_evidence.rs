//! Evidence on the pages: what a step kept before the repair is read from a telephone, and nothing else is (A29, A30, C9).

use crate::{
    common::{House, RESTART},
    visitor::{Answer, Visitor},
};
use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    os::unix::fs::symlink,
    path::PathBuf,
};

const CANARY: &str = "zz-canary";
/// The page of the one bundle there is.
const BUNDLE: &str = "/evidence/RUN-1/evidence/1";
/// What an attacker writes into a log for whoever reads it in a browser.
const HOSTILE: &str = "GET /<script>alert(1)</script><img src=x onerror=alert(1)> 404";
const LINES: usize = 4000;

/// A house in which a step waits for an approval, with evidence kept before it.
fn burning() -> House {
    let runbook = RESTART.replace("mode: auto", "mode: approve");
    let mut house =
        House::new("").with_runbook("service-down", &runbook).with_variable("TOKEN", CANARY);
    let folder = house.path().join("logs");
    fs::create_dir(&folder).expect("a folder");
    let app = format!("{HOSTILE}\nlogin with {CANARY} failed\n");
    fs::write(folder.join("app.log"), app).expect("written");
    let line = |line| format!("request {line} of many, in a long log\n");
    fs::write(folder.join("long.log"), (1..=LINES).map(line).collect::<String>()).expect("written");
    let logs = folder.display();
    house.configure(&format!(
        "services:
  web: {{command: [sleep, \"1000\"]}}
  other: {{command: [sleep, \"1000\"]}}
evidence_logs: [\"{logs}/*.log\", \"{logs}/nothing/here.log\"]
clocks: {{assess_within: 0s, steady: 1s}}
contacts: {{sato: {{title: 佐藤, phone: \"+81-50-0000-0001\"}}}}
channels: {{phone: {{kind: ntfy, api: \"http://127.0.0.1:1\", token_env: TOKEN}}}}
escalation: [{{title: on call, contacts: [sato]}}]
"
    ));
    house.serve();
    house.kill_service("web");
    house.wait("somebody is asked", |house| {
        let all = house.json(&["approval", "list"]);
        all[0]["evidence"][0].is_string().then_some(())
    });
    house
}

/// Where the bundle of a run really is.
fn bundle(house: &House, run: &str) -> PathBuf {
    let steps = house.json(&["run", "show", run])["steps"].clone();
    let path = steps[0]["evidence"].as_str().unwrap_or_else(|| panic!("no evidence: {steps}"));
    house.config().join(path)
}

fn is_sound(answer: &Answer) {
    assert_eq!(answer.status, 200, "{answer:?}");
    for word in [" style=", "<script>", "<img src=x", CANARY] {
        assert!(!answer.body.contains(word), "{word} in {}", answer.body);
    }
}

/// The address of the link with these words.
fn link_to(answer: &Answer, words: &str) -> Option<String> {
    let (before, _) = answer.body.split_once(&format!(">{words}</a>"))?;
    let link = before.rsplit("href=\"").next()?.split('"').next()?;
    Some(link.replace("&#38;", "&"))
}

#[test]
fn whoever_may_only_look_reads_what_was_kept() {
    let house = burning();
    let visitor = Visitor::signed_in(&house, "sato", "viewer");
    // From the room, from the approval in it, and from the run.
    let room = visitor.get("/incidents/1");
    is_sound(&room);
    let kept = room.body.split("id=\"r-evidence\"").nth(1).expect("a part of the room");
    assert!(kept.contains(&format!("href=\"{BUNDLE}\"")), "{kept}");
    let asked =
        room.body.split("id=\"ask-APP-1\"").nth(1).and_then(|it| it.split("</section>").next());
    assert!(asked.expect("it is asked").contains(&format!("href=\"{BUNDLE}\"")), "{asked:?}");
    assert!(visitor.get("/runs/1").body.contains(&format!("href=\"{BUNDLE}\"")));

    let page = visitor.get(BUNDLE);
    is_sound(&page);
    for text in [
        "as it was kept",
        "processes.txt",
        "app.log",
        "nothing/here.log",
        "no such file",
        "SHA-256",
    ] {
        assert!(page.body.contains(text), "{text} in {}", page.body);
    }
    let app = link_to(&page, "log-01-app.log").expect("it is listed");
    let file = visitor.get(&app);
    is_sound(&file);
    for text in [
        "&#60;script&#62;alert(1)&#60;/script&#62;&#60;img src=x onerror=alert(1)&#62; 404",
        "login with *** failed",
        "as it was kept",
    ] {
        assert!(file.body.contains(text), "{text} in {}", file.body);
    }
    // Kept as a file, and never shown by a browser.
    let down = visitor.get(&format!("{app}/download"));
    assert_eq!(
        (down.status, down.body.as_str()),
        (200, &*format!("{HOSTILE}\nlogin with *** failed\n"))
    );
    assert_eq!(down.header("content-type"), "application/octet-stream");
    assert_eq!(down.header("x-content-type-options"), "nosniff");
    assert_eq!(down.header("cache-control"), "no-store");
    let name = down.header("content-disposition");
    assert!(name.starts_with("attachment; filename=\"RUN-1-log-01-app.log\""), "{name}");

    // The same in Japanese; and nothing without an account.
    let mut japanese = Visitor::new(house.door());
    japanese.cookie = format!("{}; hikeshi-language=ja", visitor.cookie);
    let page = japanese.get(BUNDLE);
    is_sound(&page);
    assert!(page.body.contains("採取時のまま") && page.body.contains("採取できなかったもの"));
    assert!(japanese.get(&app).body.contains("ダウンロード"));
    for path in [BUNDLE, &app, &format!("{app}/download")] {
        assert_eq!(Visitor::new(house.door()).get(path).status, 303, "{path}");
    }
}

#[test]
fn a_long_log_is_read_from_its_end_part_by_part() {
    let house = burning();
    let visitor = Visitor::signed_in(&house, "sato", "viewer");
    let mut path = link_to(&visitor.get(BUNDLE), "log-02-long.log").expect("it is listed");
    let (mut seen, mut pages) = (Vec::new(), 0);
    loop {
        let page = visitor.get(&path);
        is_sound(&page);
        assert!(page.body.len() < 100_000, "{} bytes", page.body.len());
        assert!(page.body.contains(&format!("of {LINES} (")), "what is left out is said");
        let text = page.body.split("<code>").nth(1).and_then(|it| it.split("</code>").next());
        let lines = text.expect("the text").lines();
        let mut numbers: Vec<usize> = lines
            .map(|line| line.split(' ').nth(1).and_then(|it| it.parse().ok()).expect(line))
            .collect();
        let said = format!("Lines {} to {} of", numbers[0], numbers[numbers.len() - 1]);
        assert!(page.body.contains(&said), "{said}");
        numbers.append(&mut seen);
        seen = numbers;
        pages += 1;
        match link_to(&page, "Earlier lines") {
            Some(earlier) => path = earlier,
            None => break,
        }
    }
    assert!(pages > 1, "it does not fit on one");
    assert!(seen.iter().copied().eq(1..=LINES), "every line once: {} lines", seen.len());
    assert_eq!(visitor.get(&format!("{path}0")).status, 404, "there is no such part");
    assert_eq!(visitor.get(&path.replace("part=", "part=%3Cb%3E")).status, 400);
}

/// A request as no client of good manners would write it.
fn raw(house: &House, visitor: &Visitor, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(house.door()).expect("it listens");
    let head = format!(
        "GET {path} HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\nAccept: text/html\r\nConnection: close\r\n\r\n",
        house.door(),
        visitor.cookie
    );
    stream.write_all(head.as_bytes()).expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("answered");
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.expect("a status"), answer)
}

#[test]
fn no_address_leads_out_of_the_evidence_of_the_run() {
    let house = burning();
    let visitor = Visitor::signed_in(&house, "sato", "administrator");
    let folder = bundle(&house, "RUN-1");
    fs::write(house.data().join("evidence/loose.txt"), CANARY).expect("written");
    symlink(house.data().join("journal.db"), folder.join("journal.db")).expect("made");
    symlink(house.config(), folder.join("house")).expect("made");
    let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
    for path in [
        format!("{BUNDLE}/../loose.txt"),
        format!("{BUNDLE}/.."),
        format!("{BUNDLE}/%2e%2e"),
        format!("{BUNDLE}/..%2floose.txt"),
        format!("{BUNDLE}/..%2Floose.txt/download"),
        format!("{BUNDLE}/%2e%2e%2f%2e%2e%2faccounts.db/download"),
        format!("{BUNDLE}/%2Fetc%2Fpasswd"),
        format!("{BUNDLE}/..%5c..%5cjournal.db"),
        format!("{BUNDLE}/processes.txt%00"),
        format!("{BUNDLE}/journal.db"),
        format!("{BUNDLE}/journal.db/download"),
        format!("{BUNDLE}/house"),
        format!("{BUNDLE}/house%2Fhikeshi.yaml"),
        format!("{BUNDLE}/house/hikeshi.yaml"),
        "/evidence/RUN-1/evidence/2/processes.txt".to_owned(),
        "/evidence/RUN-1/restart/1/processes.txt".to_owned(),
        "/evidence/RUN-2/evidence/1/processes.txt".to_owned(),
        "/evidence/..%2f..%2fdata/evidence/1/processes.txt".to_owned(),
        format!("/evidence/{name}/processes.txt"),
        format!("/evidence/RUN-1/..%2F{name}/1/processes.txt"),
    ] {
        let (status, answer) = raw(&house, &visitor, &path);
        assert_eq!(status, 404, "{path}: {answer}");
        for word in [CANARY, "root:", "SQLite", "product: Test"] {
            assert!(!answer.contains(word), "{path}: {answer}");
        }
    }
    // What leads away is told, and leads nowhere.
    let page = visitor.get(BUNDLE);
    is_sound(&page);
    assert!(
        page.body.contains("journal.db") && !page.body.contains("/journal.db\""),
        "{}",
        page.body
    );
    assert_eq!(raw(&house, &visitor, &format!("{BUNDLE}/processes.txt")).0, 200);
}

#[test]
fn evidence_that_was_changed_or_thrown_away_is_told_as_such() {
    let house = burning();
    let visitor = Visitor::signed_in(&house, "sato", "viewer");
    let folder = bundle(&house, "RUN-1");
    fs::write(folder.join("log-01-app.log"), "nothing happened\n").expect("ours");
    let file = visitor.get(&format!("{BUNDLE}/log-01-app.log"));
    is_sound(&file);
    assert!(file.body.contains("changed since it was kept"), "{}", file.body);
    fs::remove_file(folder.join("memory.txt")).expect("ours");
    let page = visitor.get(BUNDLE);
    is_sound(&page);
    assert!(page.body.contains("is no longer there") && page.body.contains("memory.txt"));
    let gone = visitor.get(&format!("{BUNDLE}/memory.txt"));
    assert_eq!(gone.status, 404);
    assert!(gone.body.contains("no longer, in the evidence of RUN-1"), "{}", gone.body);
    // With another manifest no digest in it counts.
    let manifest = folder.join("manifest.json");
    let text = fs::read_to_string(&manifest).expect("there");
    fs::write(&manifest, text + " ").expect("ours");
    assert!(visitor.get(BUNDLE).body.contains("changed since it was kept"));
    let other = visitor.get(&format!("{BUNDLE}/processes.txt"));
    assert!(other.body.contains("no sure digest is known"), "{}", other.body);

    fs::remove_dir_all(&folder).expect("ours");
    let page = visitor.get(BUNDLE);
    assert_eq!(page.status, 404, "{page:?}");
    assert!(
        page.body.contains("It is no longer there.") && page.body.contains("href=\"/incidents/1\"")
    );
    assert_eq!(visitor.get(&format!("{BUNDLE}/processes.txt")).status, 404);
    assert_eq!(visitor.get("/incidents/1").status, 200, "the room still names it");
}

/// A87: also a secret that the configuration names only since it was read again.
#[test]
fn a_secret_that_was_configured_later_is_masked_in_what_is_kept_and_shown() {
    let house = burning();
    let visitor = Visitor::signed_in(&house, "sato", "viewer");
    let file = house.config().join("hikeshi.yaml");
    let yaml = fs::read_to_string(&file).expect("written");
    let secret = house.path().join("later-secret");
    fs::write(&secret, "request 4000").expect("written");
    let place = format!("token_file: '{}'", secret.display());
    fs::write(file, yaml.replace("token_env: TOKEN", &place)).expect("written");
    let page = visitor.get(&format!("{BUNDLE}/log-02-long.log"));
    assert!(page.body.contains("request 4000 of many"), "nobody knows it yet");
    let reload = house.open_door().post("/-/reload", &serde_json::Value::Null).expect("an answer");
    assert_eq!(reload.status, 200, "{reload:?}");
    let page = visitor.get(&format!("{BUNDLE}/log-02-long.log"));
    is_sound(&page);
    assert!(page.body.contains("*** of many") && !page.body.contains("request 4000 of many"));
    assert!(page.body.contains("are taken out of what is shown"), "{}", page.body);
    assert!(page.body.contains("as it was kept"), "the file is left as it is");
    house.run_for(0, &["service", "restart", "other", "--yes"]);
    let long = fs::read_to_string(bundle(&house, "RUN-2").join("log-02-long.log")).expect("kept");
    assert!(long.contains("3999 of many") && long.ends_with("\n*** of many, in a long log\n"));
    // The one before is still spoken of.
    fs::write(bundle(&house, "RUN-1").join("log-01-app.log"), CANARY).expect("ours");
    is_sound(&visitor.get(&format!("{BUNDLE}/log-01-app.log")));
}
