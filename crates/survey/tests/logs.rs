//! Stories of logs that are read: errors and what they have in common, access logs, and how logs are.

mod common;

use common::{SECRET, cleaner, contents, spec};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use probes::requests::AccessLog;
use std::{fmt::Write as _, fs, path::Path};
use survey::{
    AccessAsked, Asked, Errors, ErrorsAsked, LogSource, PART_LIMIT, Rotations, Status, access,
    errors, log_sources, logs,
};

fn now() -> Timestamp {
    "2026-11-22T10:30:00Z".parse().expect("a time")
}

fn wanted() -> ErrorsAsked {
    let zone = TimeZone::UTC;
    ErrorsAsked { limit: 100, since: None, source: None, new: false, zone, now: now() }
}

fn source(folder: &Path, file: &str) -> Vec<LogSource> {
    let path = folder.join(file);
    let text = format!("{{kind: log, service: app, path: '{}'}}", path.display());
    log_sources(&[spec("app/log", &text)], &[])
}

fn append(path: &Path, text: &str) {
    use std::io::Write;
    let file = fs::File::options().append(true).create(true).open(path);
    file.expect("opened").write_all(text.as_bytes()).expect("written");
}

fn search(sources: &[LogSource], wanted: &ErrorsAsked) -> Errors {
    errors(sources, wanted, &mut Asked::default(), &cleaner())
}

#[test]
fn the_last_errors_of_all_logs_are_grouped_by_what_they_have_in_common() {
    // A33: 250 lines, the last 100 of them, in groups with counts and first and last time.
    let folder = tempfile::tempdir().expect("a folder");
    let mut text = String::new();
    for (number, level) in (0..250).zip(["ERROR", "FATAL", "CRITICAL"].into_iter().cycle()) {
        let at = format!("2026-11-22 10:{:02}:{:02}", number / 60, number % 60);
        writeln!(text, "{at} {level} order {number} of \"user-{number}\" failed").expect("text");
        writeln!(text, "{at} INFO no ERROR here").expect("text");
    }
    fs::write(folder.path().join("a.log"), text).expect("written");
    let other =
        "{\"level\":\"ERROR\",\"message\":\"disk is full\",\"time\":\"2026-11-22T10:01:00Z\"}\n";
    fs::write(folder.path().join("b.log"), other).expect("written");

    let found = search(&source(folder.path(), "*.log"), &wanted());
    assert_eq!((found.total, found.lines.len()), (251, 100));
    let times: Vec<_> = found.lines.iter().map(|line| line.at).collect();
    assert!(times.is_sorted(), "over all logs they are in the order of time");
    assert_eq!(found.lines[99].text, "2026-11-22 10:04:09 ERROR order 249 of \"user-249\" failed");
    let group = &found.groups[0];
    assert_eq!(group.pattern, "<time> ERROR order <n> of <text> failed");
    assert_eq!(group.count, 84);
    assert_eq!(group.first, Some("2026-11-22T10:00:00Z".parse().expect("a time")));
    assert_eq!(group.last, Some("2026-11-22T10:04:09Z".parse().expect("a time")));
    assert!(found.groups.iter().any(|group| group.pattern == "disk is full" && group.count == 1));
}

#[test]
fn a_line_counts_by_its_level_field_and_only_while_it_is_young() {
    // B34.
    let folder = tempfile::tempdir().expect("a folder");
    let lines = "{\"level\":\"INFO\",\"message\":\"no ERROR here\"}\n\
                 {\"level\":\"ERROR\",\"message\":\"x\"}\n\
                 2026-11-22 10:29:30 | CRITICAL | m\n\
                 2026-11-22 08:00:00 | CRITICAL | long ago\n";
    let path = folder.path().join("app.log");
    fs::write(&path, lines).expect("written");
    let file = fs::File::options().append(true).open(&path).expect("opened");
    file.set_modified(now().into()).expect("set");
    let young = ErrorsAsked { since: Some(SignedDuration::from_mins(1)), ..wanted() };
    let found = search(&source(folder.path(), "app.log"), &young);
    assert_eq!(found.total, 2, "{found:?}");
}

#[test]
fn what_was_asked_once_is_not_new_any_more() {
    // B34: kept across restarts, and across a rotation.
    let folder = tempfile::tempdir().expect("a folder");
    let (path, kept) = (folder.path().join("app.log"), folder.path().join("kept/asked.json"));
    let sources = source(folder.path(), "app.log");
    let ask = |new: bool| {
        let mut asked = Asked::load(&kept).expect("readable");
        let found = errors(&sources, &ErrorsAsked { new, ..wanted() }, &mut asked, &cleaner());
        asked.save(&kept).expect("kept");
        found.total
    };
    append(&path, "ERROR one\nERROR two\n");
    assert_eq!(ask(false), 2);
    assert_eq!(ask(true), 0, "they were seen");
    append(&path, "ERROR three\n");
    assert_eq!(ask(true), 1);
    append(&path, "ERROR four\n");
    fs::rename(&path, folder.path().join("app.log.1")).expect("rotated");
    append(&path, "ERROR five\n");
    assert_eq!(ask(true), 2, "before and after the rotation");
    assert_eq!(ask(false), 1, "all that the log has");
    fs::write(&kept, "broken").expect("written");
    assert!(Asked::load(&kept).is_err(), "what cannot be read is no beginning");
}

#[test]
fn secrets_and_hostile_lines_do_no_harm() {
    // A87.
    let folder = tempfile::tempdir().expect("a folder");
    let mut text = format!("ERROR login {SECRET} failed, password=swordfish \u{1b}[2J\n");
    text.push_str("ERROR \u{202e}turned\nERROR ");
    text.push_str(&"x".repeat(100_000));
    text.push('\n');
    (0..2000).for_each(|_| text.push_str(&format!("ERROR {}\n", "abc".repeat(3))));
    for number in 0..700_u32 {
        let word: String = number.to_string().bytes().map(|b| char::from(b + 49)).collect();
        text.push_str(&format!("ERROR strange {word}\n"));
    }
    fs::write(folder.path().join("app.log"), text).expect("written");
    let found = search(&source(folder.path(), "app.log"), &ErrorsAsked { limit: 9999, ..wanted() });
    let told = serde_json::to_string(&found).expect("plain data");
    assert!(!told.contains(SECRET) && !told.contains("swordfish"), "masked");
    assert!(!told.contains("\\u001b") && !told.contains('\u{202e}'), "no control characters");
    assert!(found.groups.len() <= 501, "{}", found.groups.len());
    assert!(found.lines.iter().all(|line| line.text.chars().count() <= 501));
}

#[test]
fn a_source_that_is_not_there_is_said_and_the_others_are_read() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("a.log"), "ERROR here\n").expect("written");
    let mut sources = source(folder.path(), "a.log");
    sources.extend(source(folder.path(), "gone.log"));
    let found = search(&sources, &wanted());
    assert_eq!(found.total, 1);
    let error = found.sources[1].error.as_deref().unwrap_or_default();
    assert!(error.contains("gone.log") && error.contains("does not exist"), "{error}");
    let only = ErrorsAsked { source: Some("gone".into()), ..wanted() };
    assert_eq!(search(&sources, &only).sources.len(), 1);
}

/// Document A's filter drops both of these; the status field does not lie (A65).
const FAILED_WRITES: &str = "\
10.0.200.7 - - [21/Nov/2026:10:00:00 +0900] \"POST /api/v1/auth/login HTTP/1.1\" 401 44
198.51.100.9 - - [21/Nov/2026:10:00:01 +0900] \"DELETE /api/x HTTP/1.1\" 403 512
";

#[test]
fn writes_that_failed_are_told_by_the_status_field() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.log");
    fs::write(&path, FAILED_WRITES).expect("written");
    append(&path, "10.0.0.1 - - [21/Nov/2026:10:00:02 +0900] \"POST /api/x HTTP/1.1\" 201 5\n");
    append(&path, "10.0.0.1 - - [21/Nov/2026:10:00:03 +0900] \"GET /?POST HTTP/1.1\" 404 401\n");
    let log = [AccessLog::at(path)];
    let asked = AccessAsked { writes_failed: true, since: None, now: now() };
    let found = access(&log, &asked, &cleaner());
    assert_eq!(found.total, 2);
    let group = &found.groups[0];
    let told = (&*group.client, &*group.method, &*group.path, group.status, group.count);
    assert_eq!(told, ("10.0.200.7", "POST", "/api/v1/auth/login", Some(401), 1));
    let all = access(&log, &AccessAsked { writes_failed: false, ..asked }, &cleaner());
    assert_eq!((all.total, all.by_status.get(&404)), (4, Some(&1)));
}

#[tokio::test]
async fn every_configured_log_is_there_or_missing_and_nothing_is_changed() {
    // C14.
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("app.log");
    fs::write(&path, "2026-11-22 10:29:00 ERROR x\n2026-11-22 10:29:30 INFO y\nmore of it\n")
        .expect("written");
    let writer = fs::File::options().append(true).open(&path).expect("opened");
    let mut sources = source(folder.path(), "app.log");
    sources.extend(source(folder.path(), "nowhere.log"));
    let before = contents(folder.path());
    let found =
        logs(sources, Rotations::default(), TimeZone::UTC, now(), cleaner(), PART_LIMIT).await;
    assert_eq!(contents(folder.path()), before);
    assert_eq!(found.status, Status::Degraded);
    let [log, missing] = &found.logs[..] else { panic!("two logs: {found:?}") };
    assert!(log.exists && log.readable && log.error.is_none(), "{log:?}");
    assert_eq!(log.open_for_writing, Some(true), "this test has it open");
    assert_eq!(log.last_line_at, Some("2026-11-22T10:29:30Z".parse().expect("a time")));
    assert_eq!(log.last_line.as_deref(), Some("more of it"));
    assert_eq!((log.levels.get("ERROR"), log.levels.get("INFO")), (Some(&1), Some(&1)));
    assert_eq!(log.rotated_by, None);
    assert!(!missing.exists && missing.error.is_some(), "{missing:?}");
    drop(writer);
}
