//! Benchmark: commands per second made durable, next to the disk's own rate; and the time to start with many facts.
//!
//! `cargo bench -p engine --bench durable -- [FACTS]` (one million facts unless told otherwise).

#![allow(missing_docs, reason = "a program, not a library")]

use domain::{
    command::Command,
    fact::{AlertFired, Fact, Recorded},
    graph::Graph,
    ids::{Actor, AlertId, AlertKey, IncidentId},
    policy::{Clocks, Delivery, Policy, Route},
    rule::Symptom,
    said::Language,
    severity::{Level, Priority},
};
use engine::{Core, Engine, Fault, Outside, Work};
use jiff::{Timestamp, tz::TimeZone};
use journal::{Journal, Position, SqliteJournal};
use std::{
    error::Error,
    fs::File,
    io::{Seek, Write},
    path::Path,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// How long each rate is measured.
const MEASURE: Duration = Duration::from_secs(3);

fn main() -> Result<()> {
    // Cargo passes `--bench`; what is a number is ours.
    let facts = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(1_000_000);
    // Beside what was built, so that it is a disk and not memory.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    println!("disk of {}", folder.path().display());
    let syncs = disk_rate(folder.path())?;
    println!("  the disk alone      {syncs:>9.0} synced writes of 4 KiB per second");
    for callers in [1, 16, 64, 256] {
        let rate = command_rate(&folder.path().join(format!("{callers}.db")), callers)?;
        println!(
            "  {callers:>3} callers         {rate:>9.0} commands per second, {:.1} per synced write of the disk",
            rate / syncs
        );
    }
    start_times(&folder.path().join("many.db"), facts)
}

/// The yardstick: what one writer gets from this disk when every write must be durable.
fn disk_rate(folder: &Path) -> Result<f64> {
    let mut file = File::create(folder.join("yardstick"))?;
    // A place of its own first, so that growing the file is not what is measured.
    file.write_all(&vec![1; 1 << 20])?;
    file.sync_all()?;
    let (began, mut count) = (Instant::now(), 0_u32);
    while began.elapsed() < MEASURE {
        file.seek(std::io::SeekFrom::Start(u64::from(count % 256) * 4096))?;
        file.write_all(&[2; 4096])?;
        file.sync_data()?;
        count += 1;
    }
    Ok(f64::from(count) / began.elapsed().as_secs_f64())
}

/// Callers that each wait until a note is durable before they write the next.
fn command_rate(file: &Path, callers: usize) -> Result<f64> {
    let core = Core::open(SqliteJournal::open(file)?, Arc::new(policy()), Timestamp::now())?;
    let (engine, writer) = Engine::start(core, Timestamp::now, Nobody)?;
    engine.submit_and_wait(Command::Boot { version: "bench".into(), attached: Vec::new() })?;
    let by = Actor::Person("caller".into());
    let (title, priority) = ("load".into(), Priority::P3);
    engine.submit_and_wait(Command::OpenIncident {
        title,
        priority,
        service: None,
        by: by.clone(),
    })?;
    let note = Command::Note { incident: IncidentId(1), text: "this must not be lost".into(), by };
    let began = Instant::now();
    let done: usize = thread::scope(|scope| {
        let start = |_| {
            let (engine, note) = (engine.clone(), note.clone());
            scope.spawn(move || {
                let mut done = 0;
                while began.elapsed() < MEASURE && engine.submit_and_wait(note.clone()).is_ok() {
                    done += 1;
                }
                done
            })
        };
        let callers: Vec<_> = (0..callers).map(start).collect();
        callers.into_iter().map(|caller| caller.join().unwrap_or(0)).sum()
    });
    let rate = done as f64 / began.elapsed().as_secs_f64();
    engine.stop();
    writer.join().map_err(|_| "the writer ended with a panic")?;
    Ok(rate)
}

/// A start reads the whole journal, or the newest snapshot and what came after it.
fn start_times(file: &Path, facts: usize) -> Result<()> {
    let mut journal = SqliteJournal::open(file)?;
    let mut written = 0;
    while written < facts {
        let frame: Vec<_> = (written..facts.min(written + 1000)).map(fact).collect();
        journal.append(written as Position, &frame)?;
        written += frame.len();
    }
    drop(journal);
    let size = std::fs::metadata(file)?.len() as f64 / f64::from(1 << 20);
    println!("start with {facts} facts ({size:.0} MiB)");
    let (mut core, whole) = open(file)?;
    println!(
        "  from the first fact {:>9.2} s, {:.0} facts per second",
        whole,
        facts as f64 / whole
    );
    core.snapshot(Timestamp::now());
    drop(core);
    let (_, short) = open(file)?;
    println!("  from a snapshot     {short:>9.3} s, {:.0} times as fast", whole / short);
    Ok(())
}

fn open(file: &Path) -> Result<(Core<SqliteJournal>, f64)> {
    let began = Instant::now();
    let core = Core::open(SqliteJournal::open(file)?, Arc::new(policy()), Timestamp::now())?;
    Ok((core, began.elapsed().as_secs_f64()))
}

/// Fifty services whose alerts fire and end in turn, as years of trouble leave them behind.
fn fact(number: usize) -> Recorded {
    let turn = number / 2;
    let key = AlertKey::new("service_down", format!("service-{}", turn % 50));
    let (id, observed) = (AlertId(turn as u64 + 1), "connection refused".to_owned());
    let fact = if number.is_multiple_of(2) {
        Fact::AlertFired(Box::new(AlertFired {
            id,
            title: format!("service down: {}", key.service),
            key,
            symptom: Symptom::ServiceDown,
            level: Level::Critical,
            priority: Some(Priority::P2),
            band: 0,
            condition: "up = false".into(),
            observed: observed.into(),
            occurred_at: Timestamp::UNIX_EPOCH,
            owner: "SRE".into(),
            respond_by: Timestamp::UNIX_EPOCH,
            runbook: None,
            redundant: false,
            is_outside: false,
        }))
    } else {
        Fact::AlertResolved { key, id, observed: observed.into(), owes_word: false }
    };
    Recorded { at: Timestamp::UNIX_EPOCH, fact }
}

/// Nothing to watch and nobody to tell: the way of a command alone is measured.
fn policy() -> Policy {
    Policy {
        product: "bench".into(),
        language: Language::En,
        zone: TimeZone::UTC,
        graph: Graph::default(),
        rules: Default::default(),
        probes: Default::default(),
        plans: Vec::new(),
        routes: Default::default(),
        warning_route: Route::default(),
        escalation: Vec::new(),
        contacts: Default::default(),
        channels: Default::default(),
        fallback: Vec::new(),
        delivery: Delivery::default(),
        checklists: Vec::new(),
        clocks: Clocks::default(),
        ..Policy::default()
    }
}

struct Nobody;

impl Outside for Nobody {
    fn work(&mut self, _: Work) {}
    fn facts(&mut self, _: &[(Position, Recorded)]) {}
    fn fault(&mut self, fault: Option<&Fault>) {
        if let Some(fault) = fault {
            eprintln!("the journal failed: {fault}");
        }
    }
}
