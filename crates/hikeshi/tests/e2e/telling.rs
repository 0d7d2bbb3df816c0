//! What users, jobs and deployments tell hikeshi over its command line and its socket.

use crate::common::{House, Ran, finish};
use std::fs::{self, File};

/// A19: two reports of one thing are one incident.
#[test]
fn what_users_report_is_one_incident() {
    let mut house = House::new("services: {web: {title: Web}}\n");
    house.serve();
    let hostile = "no \u{1b}[31mchart\n<script>alert(1)</script>";
    let report = ["report", "--from", "support", "--text", hostile, "--service", "web"];
    let first = house.run_for(0, &report);
    assert_eq!(first.stdout.trim(), "INC-1", "{first:?}");
    let second = house.json(&["report", "--text", "still no chart"]);
    assert_eq!(second["incident"], 1, "{second}");
    let empty = house.run_for(1, &["report", "--text", " "]);
    assert!(empty.stderr.contains("the report is empty"), "{empty:?}");

    let view = house.json(&["incident", "show", "latest"]);
    assert_eq!((&view["reports"], &view["source"]), (&2.into(), &"report".into()), "{view}");
    assert_eq!(view["priority"], "P3", "{view}");
    let text = house.run_for(0, &["incident", "show", "1"]).stdout;
    assert!(!text.contains('\u{1b}') && text.contains("support"), "{text}");
    house.run_for(0, &["incident", "close", "1"]);
}

/// A15: a job that fails is an alert; its success ends it; a job that nobody expects is refused.
#[test]
fn a_job_gives_its_signs_of_life() {
    let mut house = House::new(
        "services: {web: {title: Web}}\nheartbeats: {backup: {service: web, every: 24h, level: warning}}\n",
    );
    house.serve();
    assert_eq!(house.json(&["heartbeat", "list"])[0]["state"], "unknown");
    house.run_for(0, &["ping", "backup", "--start", "--run", "a"]);
    assert_eq!(house.json(&["heartbeat", "list"])[0]["state"], "running");
    house.run_for(0, &["ping", "backup", "--exit", "3", "--text", "no space left", "--run", "a"]);
    let failed = house.json(&["heartbeat", "list"]);
    assert_eq!(failed[0]["state"], "failed", "{failed}");
    let alerts = house.json(&["alert", "list"]);
    assert_eq!(alerts[0]["key"], "heartbeat_failed{backup}@web", "{alerts}");
    assert_eq!(alerts[0]["observed"]["en"], "exit code 3: no space left", "{alerts}");
    house.run_for(0, &["ping", "backup"]);
    assert_eq!(house.json(&["alert", "list"]), serde_json::json!([]));
    assert_eq!(house.json(&["heartbeat", "list"])[0]["state"], "good");
    let unknown = house.run_for(1, &["ping", "nothing"]);
    assert!(
        unknown.stderr.contains("heartbeat nothing is not in the configuration"),
        "{unknown:?}"
    );
    house.run_for(2, &["ping", "backup", "--start", "--fail"]);
}

/// A mail as Postfix hands it to a program, from somebody whose mail program is an old Japanese one.
const MAIL: &str = "\
From sato@example.jp Sun Nov 22 20:00:01 2026
Return-Path: <sato@example.jp>
Delivered-To: support@example.jp
From: =?ISO-2022-JP?B?GyRCOjRGIxsoQg==?= <sato@example.jp>
To: support@example.jp
Subject: =?ISO-2022-JP?B?GyRCJUElYyE8JUgkLD1QJEokJBsoQg==?=
Date: Sun, 22 Nov 2026 20:00:00 +0900
MIME-Version: 1.0
Content-Type: text/plain; charset=ISO-2022-JP
Content-Transfer-Encoding: 7bit

\x1b$B3t2A$,I=<($5$l$^$;$s!#\x1b(B
";

/// `report --mail`, with a mail on its standard input.
fn report_mail(house: &House, mail: &str, code: i32) -> Ran {
    let file = house.path().join("mail");
    fs::write(&file, mail).expect("written");
    let mut command = house.command(&["report", "--mail", "--service", "web"]);
    command.stdin(File::open(file).expect("a mail"));
    let ran = finish(command);
    assert_eq!(ran.code, code, "{ran:?}\n{}", house.log());
    ran
}

/// A19: a mail server pipes what users write; it keeps what cannot be taken in now, and programs report nothing.
#[test]
fn a_mail_of_a_user_is_a_report() {
    let mut house = House::new("services: {web: {title: Web}}\n");
    let later = report_mail(&house, MAIL, 75);
    assert!(later.stderr.contains("cannot be reached"), "{later:?}");

    house.serve();
    assert_eq!(report_mail(&house, MAIL, 0).stdout.trim(), "INC-1");
    let picture = "A".repeat(76) + "\n";
    let large = format!("From: ito@example.jp\nSubject: me too\n\n{}", picture.repeat(20_000));
    assert_eq!(report_mail(&house, &large, 0).stdout.trim(), "INC-1");
    let automatic = MAIL.replace("Return-Path: <sato@example.jp>", "Return-Path: <>");
    let left_out = report_mail(&house, &automatic, 0);
    assert_eq!(left_out.stdout.trim(), "an automatic mail is no report");
    let none = report_mail(&house, "", 1);
    assert!(none.stderr.contains("the body is not a mail"), "{none:?}");
    house.run_for(2, &["report", "--mail", "--text", "x"]);
    house.run_for(2, &["report"]);

    let received = house.facts_of("report_received");
    assert_eq!(received.len(), 2, "{received:?}");
    let first = received[0].to_string();
    for part in ["チャートが出ない", "株価が表示されません。", "sato@example.jp", "\"mail\""]
    {
        assert!(first.contains(part), "{part}: {first}");
    }
}
