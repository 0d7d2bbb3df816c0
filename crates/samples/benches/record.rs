//! Benchmark: values per second that reach the disk, as fast as the queue takes them and at a steady rate; and what
//! questions cost.
//!
//! `cargo bench -p samples --bench record -- [SERIES]` (2,000 unless told otherwise).

#![allow(missing_docs, reason = "a program, not a library")]

use jiff::{SignedDuration, Timestamp};
use samples::{Keep, Measure, NotRecorded, Samples, Series};
use std::{
    error::Error,
    fs,
    path::Path,
    thread,
    time::{Duration, Instant},
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// What is offered as fast as it is taken: each series once a second, for so many seconds.
const SECONDS: i64 = 300;
/// What is offered steadily: so many values per second, for so many seconds.
const STEADY: (usize, i64) = (20_000, 20);

fn main() -> Result<()> {
    // Cargo passes `--bench`; what is a number is ours.
    let count = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(2_000);
    let all: Vec<_> =
        (0..count).map(|number| Series::new(format!("probe-{number}"), "value")).collect();
    // Beside what was built, so that it is a disk and not memory.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let samples = Samples::open(folder.path(), Keep::default())?;
    println!("{count} series");
    as_fast_as_taken(&samples, &all, folder.path())?;
    steadily(&samples, &all)?;
    questions(&samples, &all[count / 2])?;
    took("three days later", || {
        samples.prune(at(3 * 24 * 3_600_000));
        samples.flush()?;
        Ok(samples.reader().series()?.len())
    })
}

fn as_fast_as_taken(samples: &Samples, all: &[Series], folder: &Path) -> Result<()> {
    let began = Instant::now();
    for second in 0..SECONDS {
        for series in all {
            let value = (second % 60) as f64 / 7.0;
            while samples.record(series, at(second * 1000), value) == Err(NotRecorded::QueueFull) {
                thread::sleep(Duration::from_millis(5));
            }
        }
    }
    samples.flush()?;
    let (values, took) = (all.len() as f64 * SECONDS as f64, began.elapsed().as_secs_f64());
    println!("  at most          {:>9.0} values per second", values / took);
    println!("  on the disk      {:>9.1} bytes per value", bytes(folder)? as f64 / values);
    Ok(())
}

/// Every tenth of a second its share, through all series in turn.
fn steadily(samples: &Samples, all: &[Series]) -> Result<()> {
    let (rate, seconds) = STEADY;
    let (dropped, cpu_before, began) = (samples.dropped(), cpu_s()?, Instant::now());
    let (mut turn, mut longest) = (all.iter().cycle(), Duration::ZERO);
    for tenth in 0..seconds * 10 {
        for (series, n) in turn.by_ref().take(rate / 10).zip(0..) {
            let time = at((SECONDS + 60) * 1000 + tenth * 100 + n % 100);
            let asked = Instant::now();
            // What is not taken is counted.
            let _ = samples.record(series, time, n as f64 / 7.0);
            longest = longest.max(asked.elapsed());
        }
        let next = Duration::from_millis(100) * u32::try_from(tenth + 1)?;
        thread::sleep(next.saturating_sub(began.elapsed()));
    }
    samples.flush()?;
    println!(
        "  {rate} per second for {seconds} s: {} dropped, {:.0} % of a CPU, longest call {:.2} ms",
        samples.dropped() - dropped,
        (cpu_s()? - cpu_before) / seconds as f64 * 100.0,
        longest.as_secs_f64() * 1000.0
    );
    Ok(())
}

fn questions(samples: &Samples, series: &Series) -> Result<()> {
    let (reader, end) = (samples.reader(), at(SECONDS * 1000));
    took("every series", || Ok(reader.series()?.len()))?;
    took("a curve in full", || {
        Ok(reader.range(series, at(0), end, SignedDuration::from_secs(1))?.buckets.len())
    })?;
    took("a baseline", || {
        reader.baseline(series, end, SignedDuration::from_mins(5), Measure::Mean)?;
        Ok(1)
    })?;
    took("a forecast", || {
        reader.forecast(series, 100.0, end)?;
        Ok(1)
    })
}

fn took(what: &str, question: impl FnOnce() -> Result<usize>) -> Result<()> {
    let began = Instant::now();
    let answers = question()?;
    println!("  {what:<16} {:>9.2} ms, {answers} answers", began.elapsed().as_secs_f64() * 1000.0);
    Ok(())
}

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(1_800_000_000_000 + ms).expect("a time of this century")
}

fn bytes(folder: &Path) -> Result<u64> {
    Ok(fs::read_dir(folder)?
        .map(|entry| Ok(entry?.metadata()?.len()))
        .sum::<std::io::Result<_>>()?)
}

/// CPU time of this process: user and system, in hundredths of a second.
fn cpu_s() -> Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> =
        stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks =
        |index: usize| fields.get(index).ok_or("a short line")?.parse::<f64>().map_err(Box::from);
    let sum: Result<f64> = ticks(11).and_then(|user: f64| Ok(user + ticks(12)?));
    Ok(sum? / 100.0)
}
