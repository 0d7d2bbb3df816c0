//! Stories of the `backup` probe: real dumps of a real PostgreSQL, whole, cut, empty and wrongly named (B8, C16).

mod common;

use common::{again, cluster::Cluster, deps, look, number, spec, text};
use domain::reading::{Observation, Reading, Value};
use flate2::{Compression, write::GzEncoder};
use std::{
    fs::{self, File},
    io::Write,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, SystemTime},
};

const DUMP: &str = "\
--
-- PostgreSQL database dump
--
CREATE TABLE public.prices (symbol text, close integer);
COPY public.prices (symbol, close) FROM stdin;
7203\t2900
\\.
--
-- PostgreSQL database dump complete
--
";

fn backup(pattern: &Path, more: &str) -> String {
    format!(
        "{{kind: backup, service: db, path: '{}', settle: 0s, timeout: 300s{more}}}",
        pattern.display()
    )
}

async fn verified(pattern: &Path, more: &str) -> Observation {
    look(&backup(pattern, more)).await
}

fn listed(seen: &Observation) -> Option<bool> {
    match seen.readings["listed"].measured() {
        Some(Value::Flag(listed)) => Some(*listed),
        _ => None,
    }
}

/// Why it is not listed; empty when it is.
fn problem(seen: &Observation) -> String {
    assert_eq!(listed(seen) == Some(true), text(seen, "problem").is_empty(), "{seen:?}");
    text(seen, "problem")
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(content).expect("memory");
    gzip.finish().expect("memory")
}

fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, content) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        tar.append_data(&mut header, name, *content).expect("memory");
    }
    tar.into_inner().expect("memory")
}

/// Bytes that do not compress, so that a cut falls into the data.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..length).map(next).collect()
}

/// What `pg_dump` writes in this format.
fn dump(cluster: &Cluster, format: &str, to: &Path) {
    let dumped = Command::new("pg_dump")
        .args(["-h", "127.0.0.1", "-U", "app", "-d", "postgres", "-p", &cluster.port.to_string()])
        .args(["-F", format, "-f"])
        .arg(to)
        .env("PGPASSWORD", "right")
        .stdin(Stdio::null())
        .status()
        .expect("pg_dump runs: apt-get install postgresql-client");
    assert!(dumped.success(), "pg_dump -F{format}: {dumped}");
}

async fn fill(cluster: &Cluster) {
    let config =
        format!("host=127.0.0.1 port={} user=app dbname=postgres password=right", cluster.port);
    let (client, connection) =
        tokio_postgres::connect(&config, tokio_postgres::NoTls).await.expect("it is ready");
    tokio::spawn(connection);
    let sql = "CREATE TABLE prices (symbol text, noise text); CREATE TABLE users (id int); \
               INSERT INTO prices SELECT n::text, md5(n::text) || md5((n * 7)::text) FROM generate_series(1, 20000) n";
    client.batch_execute(sql).await.expect("made");
}

#[tokio::test]
async fn real_dumps_are_listed_and_broken_ones_are_not() {
    let Some(cluster) = Cluster::start() else { return };
    fill(&cluster).await;
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    for (format, name, told) in [
        ("c", "good.dump", "custom"),
        ("t", "good.tar", "tar"),
        ("d", "good.d", "folder"),
        ("p", "good.sql", "sql"),
    ] {
        dump(&cluster, format, &at(name));
        let seen = verified(&at(name), ", expect: [prices, public.users]").await;
        assert_eq!(
            (problem(&seen).as_str(), text(&seen, "format").as_str()),
            ("", told),
            "{seen:?}"
        );
        assert!(
            number(&seen, "entries") >= 2.0 && number(&seen, "size_bytes") > 1000.0,
            "{seen:?}"
        );
        let seen = verified(&at(name), ", expect: [prices, orders]").await;
        assert_eq!(problem(&seen), "it does not hold the data of orders", "{name}");
    }

    // B8: plain SQL under the name of a dump cannot be restored by those who try.
    fs::copy(at("good.sql"), at("plain.dump")).expect("copied");
    let why = problem(&verified(&at("plain.dump"), "").await);
    assert_eq!(why, "it is called .dump but is sql: pg_restore cannot restore it");
    let why = problem(&verified(&at("good.sql"), ", format: custom").await);
    assert_eq!(why, "it is sql, not custom as `format` says");

    // Cut: the list at the beginning is whole, the data are not.
    for (name, told) in
        [("good.dump", "pg_restore"), ("good.tar", "read to its end"), ("good.sql", "truncated")]
    {
        let whole = fs::read(at(name)).expect("there");
        for part in [2, 3] {
            let cut = at(&format!("cut-{part}-{name}"));
            fs::write(&cut, &whole[..whole.len() * (part - 1) / part]).expect("written");
            let why = problem(&verified(&cut, "").await);
            assert!(why.contains(told), "{name}: {why}");
        }
    }
    let data = fs::read_dir(at("good.d")).expect("there").flatten().map(|entry| entry.path());
    let data = data.filter(|path| path.extension().is_some_and(|is| is == "gz"));
    let largest = data.max_by_key(|path| path.metadata().expect("there").len()).expect("one");
    fs::write(&largest, &fs::read(&largest).expect("there")[..5000]).expect("written");
    let why = problem(&verified(&at("good.d"), "").await);
    assert!(why.starts_with("pg_restore cannot read it"), "{why}");

    // Without the program nothing is said about the backup.
    let seen = verified(&at("good.dump"), ", pg_restore: /nowhere/pg_restore").await;
    assert_eq!(listed(&seen), None, "{seen:?}");
    assert!(
        matches!(&seen.readings["listed"], Reading::Failed(why) if why.en.contains("install PostgreSQL")),
        "{seen:?}"
    );
    assert!(number(&seen, "size_bytes") > 1000.0, "what can be measured is");
}

#[tokio::test]
async fn archives_are_read_to_their_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let noise = noise(300_000);
    let archive = tar(&[("data/prices.csv", &noise), ("data/empty.csv", b"")]);
    for (name, content, entries, expect) in [
        ("a.tar", archive.clone(), 2.0, "prices.csv"),
        ("a.tar.gz", gzip(&archive), 2.0, "data/*.csv"),
        ("a.sql.gz", gzip(DUMP.as_bytes()), 1.0, "prices"),
    ] {
        fs::write(at(name), &content).expect("written");
        let seen = verified(&at(name), &format!(", expect: ['{expect}']")).await;
        assert_eq!((problem(&seen).as_str(), number(&seen, "entries")), ("", entries), "{name}");
        let missing = problem(&verified(&at(name), ", expect: [users]").await);
        assert_eq!(missing, "it does not hold the data of users", "{name}");
        // The end of a tar is zeros, of which a few do not matter.
        let most = content.len() - if name.ends_with(".tar") { 1000 } else { 9 };
        for length in [content.len() * 2 / 3, most] {
            let cut = at(&format!("cut-{length}-{name}"));
            fs::write(&cut, &content[..length]).expect("written");
            let seen = verified(&cut, "").await;
            assert_eq!(listed(&seen), Some(false), "{name} cut after {length}: {seen:?}");
        }
    }
    // A tar whose last block is missing ends where a file ends.
    let cut = at("block.tar");
    fs::write(&cut, &archive[..archive.len() - 1024]).expect("written");
    assert!(problem(&verified(&cut, "").await).contains("truncated"));
    let mut bent = gzip(&noise);
    let middle = bent.len() / 2;
    bent[middle] ^= 1;
    fs::write(at("bent.gz"), bent).expect("written");
    assert!(problem(&verified(&at("bent.gz"), "").await).contains("cannot be read to its end"));
}

#[tokio::test]
async fn what_is_no_backup_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    for (name, content, part) in [
        ("empty.dump", Vec::new(), "the file is empty"),
        (
            "page.bak",
            b"<html>502\x1b[31m</html>".to_vec(),
            "no backup of a known format: <html>502 [31m</html>",
        ),
        ("nothing.sql.gz", gzip(b""), "nothing is in it"),
        ("nothing.tar", tar(&[]), "is called .tar but is of no known format"),
        ("prices.tar.gz", tar(&[("a", b"b")]), "is called .gz but is tar"),
        ("short.dump", b"PGDMP".to_vec(), "pg_restore cannot read it"),
        ("half.sql", DUMP.replace(" complete", "").into_bytes(), "truncated"),
    ] {
        fs::write(at(name), content).expect("written");
        let why = problem(&verified(&at(name), "").await);
        assert!(why.contains(part), "{name}: {why}");
    }
    fs::write(at("sealed.zip"), b"PK\x03\x04").expect("written");
    let seen = verified(&at("sealed.zip"), "").await;
    assert!(
        matches!(&seen.readings["listed"], Reading::Failed(why) if why.en.contains("zip")),
        "{seen:?}"
    );
    let seen = verified(&at("nowhere/*.dump"), "").await;
    assert_eq!((listed(&seen), number_is_unknown(&seen, "age_seconds")), (Some(false), true));
    assert!(problem(&seen).starts_with("there is no backup"));
}

fn number_is_unknown(seen: &Observation, name: &str) -> bool {
    matches!(seen.readings[name], Reading::Unknown(_))
}

fn write(path: &Path, content: &[u8], hours_ago: u64) {
    fs::write(path, content).expect("written");
    let at = SystemTime::now() - Duration::from_secs(hours_ago * 3600);
    File::options().write(true).open(path).expect("ours").set_modified(at).expect("ours");
}

#[tokio::test]
async fn the_newest_settled_backup_counts_and_is_held_against_those_before() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let pattern = at("*.sql");
    let large = DUMP.replace("7203\t2900\n", &"7203\t2900\n".repeat(1000));
    for (name, hours_ago) in [("1.sql", 72), ("2.sql", 48), ("3.sql", 27)] {
        write(&at(name), large.as_bytes(), hours_ago);
    }
    write(&at("4.sql"), DUMP.as_bytes(), 3);
    fs::write(at("5.sql"), &DUMP[..20]).expect("written");
    let settled = backup(&pattern, "").replace("settle: 0s", "settle: 10m");
    let mut probe = spec(&settled).make(&deps());
    let seen = again(&mut probe).await;
    assert_eq!(problem(&seen), "", "5.sql is still being written: {seen:?}");
    let (age, ratio) = (number(&seen, "age_seconds"), number(&seen, "size_ratio"));
    assert!((3.0 * 3600.0..4.0 * 3600.0).contains(&age), "{age}");
    assert!(ratio < 0.1, "much smaller than usual: {ratio}");

    // The one that is there again, the same name and another content, is read again.
    write(&at("4.sql"), &DUMP.as_bytes()[..100], 2);
    assert!(problem(&again(&mut probe).await).contains("truncated"));
    assert!(problem(&again(&mut probe).await).contains("truncated"), "remembered");
    for name in ["1.sql", "2.sql", "3.sql", "4.sql"] {
        fs::remove_file(at(name)).expect("ours");
    }
    let seen = again(&mut probe).await;
    assert!(
        matches!(&seen.readings["listed"], Reading::Unknown(why) if why.en.contains("being written")),
        "{seen:?}"
    );
}

#[tokio::test]
async fn a_backup_may_be_a_folder_of_files() {
    let folder = tempfile::tempdir().expect("a folder");
    for day in ["20261119", "20261120"] {
        fs::create_dir(folder.path().join(day)).expect("made");
        write(
            &folder.path().join(day).join("db.sql.gz"),
            &gzip(DUMP.as_bytes()),
            24 - day.len() as u64,
        );
        write(&folder.path().join(day).join("manifest.json"), b"{}", 30);
    }
    let pattern = folder.path().join("2026*");
    let seen = verified(&pattern, ", expect: [prices, manifest.json]").await;
    assert_eq!(
        (problem(&seen).as_str(), text(&seen, "format").as_str()),
        ("", "folder"),
        "{seen:?}"
    );
    assert_eq!((number(&seen, "entries"), number(&seen, "size_ratio")), (2.0, 1.0));
    fs::write(folder.path().join("20261120/db.sql.gz"), gzip(b"")).expect("written");
    assert_eq!(problem(&verified(&pattern, "").await), "db.sql.gz: nothing is in it");
}

#[tokio::test]
async fn a_backup_that_is_too_large_for_the_time_is_not_judged() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("large.sql");
    let file = File::create(&path).expect("made");
    // A hole of 64 GiB: no machine reads it in a tenth of a second.
    file.set_len(1 << 36).expect("a sparse file");
    (&file).write_all(DUMP.as_bytes()).expect("written");
    let seen = look(&backup(&path, "").replace("timeout: 300s", "timeout: 100ms")).await;
    assert!(
        matches!(&seen.readings["listed"], Reading::Failed(why) if why.en.contains("raise `timeout`")),
        "{seen:?}"
    );
    assert_eq!(number(&seen, "size_bytes"), (1_u64 << 36) as f64);
}
