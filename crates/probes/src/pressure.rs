//! Probe kind `pressure`: how long work waits for CPU, memory and disk (PSI), swapping, and OOM kills.

use crate::{
    aside::{Aside, Blocking},
    probe::{Kind, Probe, Seat, Settings},
    unseen,
};
use domain::reading::{Observation, Reading};
use domain::said::Said;
use rustix::param::page_size;
use source::{Fields, Problems};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "pressure",
    summary: (
        "CPU・メモリー・ディスクの待ち (PSI) とスワップの出入り、OOM による強制終了の数を見る",
        "looks how long work waits for CPU, memory and disk (PSI), at swapping, and at OOM kills",
    ),
    example: "\
kind: pressure
service: host-1
root: /proc                # /host/proc in a container
every: 10s
",
    readings: &[
        (
            "memory_some_avg10",
            "メモリーを待った時間の割合 (%, 10 秒平均): 一つでも待った",
            "percent of the last 10 s in which some task waited for memory",
        ),
        ("memory_some_avg60", "同じ、60 秒平均", "the same over 60 s"),
        (
            "memory_full_avg10",
            "メモリーを待った時間の割合 (%, 10 秒平均): すべて待った",
            "percent of the last 10 s in which all tasks waited for memory",
        ),
        ("memory_full_avg60", "同じ、60 秒平均", "the same over 60 s"),
        ("cpu_some_avg10", "CPU 待ち、10 秒平均", "waiting for a CPU, some task, 10 s"),
        ("cpu_some_avg60", "CPU 待ち、60 秒平均", "waiting for a CPU, some task, 60 s"),
        ("cpu_full_avg10", "CPU 待ち (すべて)、10 秒平均", "waiting for a CPU, all tasks, 10 s"),
        ("cpu_full_avg60", "CPU 待ち (すべて)、60 秒平均", "waiting for a CPU, all tasks, 60 s"),
        ("io_some_avg10", "ディスク待ち、10 秒平均", "waiting for disks, some task, 10 s"),
        ("io_some_avg60", "ディスク待ち、60 秒平均", "waiting for disks, some task, 60 s"),
        ("io_full_avg10", "ディスク待ち (すべて)、10 秒平均", "waiting for disks, all tasks, 10 s"),
        ("io_full_avg60", "ディスク待ち (すべて)、60 秒平均", "waiting for disks, all tasks, 60 s"),
        ("oom_kills", "前回からの OOM による強制終了の数", "OOM kills since the last look"),
        ("swap_in_per_s", "スワップからの読み込み (バイト/秒)", "bytes read from swap, per second"),
        ("swap_out_per_s", "スワップへの書き出し (バイト/秒)", "bytes written to swap, per second"),
    ],
    parse,
};

#[derive(Clone, Debug)]
struct Pressure {
    root: PathBuf,
}

fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Arc<dyn Settings>> {
    let root = fields.text_or("root", "/proc", problems);
    Some(Arc::new(Pressure { root: root.into() }))
}

impl Settings for Pressure {
    fn make(&self, seat: Seat) -> Box<dyn Probe> {
        let root = self.root.clone();
        let looking = Looking { seat: seat.clone(), root, taken: None, last: None };
        Aside::new(seat, "memory_some_avg10", looking)
    }
}

/// The counters of `/proc/vmstat` at one moment.
#[derive(Clone, Copy, Debug)]
struct Counted {
    at: Instant,
    oom_kills: u64,
    swap_in_bytes: u64,
    swap_out_bytes: u64,
}

struct Looking {
    seat: Seat,
    root: PathBuf,
    /// What the counters were in the last look that somebody took: a kill seen in a look that was lost
    /// is counted again.
    taken: Option<Counted>,
    last: Option<Counted>,
}

impl Blocking for Looking {
    fn look(&mut self) -> Vec<Observation> {
        let mut seen = self.seat.observation();
        for what in ["memory", "cpu", "io"] {
            seen = stalls(seen, what, &self.root.join("pressure").join(what));
        }
        let path = self.root.join("vmstat");
        let now = match fs::read_to_string(&path) {
            Ok(text) => counted(&text).ok_or_else(|| {
                Said::new(
                    format!("{} にスワップの数がありません", path.display()),
                    format!("{} names no swap", path.display()),
                )
            }),
            Err(error) => Err(Said::new(
                format!("{} を読めません: {error}", path.display()),
                format!("cannot read {}: {error}", path.display()),
            )),
        };
        self.last = now.as_ref().ok().copied();
        vec![with_counters(seen, self.taken, now)]
    }

    fn taken(&mut self) {
        self.taken = self.last;
    }
}

/// The readings of one file of `/proc/pressure`.
fn stalls(mut seen: Observation, what: &str, path: &Path) -> Observation {
    let text = fs::read_to_string(path).map_err(|error| {
        let path = path.display();
        Said::new(
            format!("{path} を読めません: {error}。カーネルの PSI が必要です (psi=1 で起動)"),
            format!("cannot read {path}: {error}; the kernel needs PSI (boot it with psi=1)"),
        )
    });
    for share in ["some", "full"] {
        for average in ["avg10", "avg60"] {
            let reading = match &text {
                Err(why) => Reading::Failed(why.clone()),
                Ok(text) => stall_percent(text, share, average).map_or_else(
                    // Before Linux 5.13 there is no `full` for the CPU.
                    || {
                        Reading::Unknown(Said::new(
                            format!("このカーネルは {what} の `{share}` を数えません"),
                            format!("this kernel does not count `{share}` for {what}"),
                        ))
                    },
                    Reading::number,
                ),
            };
            seen = seen.with(&format!("{what}_{share}_{average}"), reading);
        }
    }
    seen
}

/// `some avg10=0.15 avg60=0.41 avg300=1.85 total=2562006152`
fn stall_percent(text: &str, share: &str, average: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(share)?.strip_prefix(' '))?;
    let value = line.split(' ').find_map(|field| field.strip_prefix(average)?.strip_prefix('='))?;
    value.parse().ok()
}

fn counted(vmstat: &str) -> Option<Counted> {
    let counter = |name: &str| {
        let line = vmstat.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
        line.trim().parse::<u64>().ok()
    };
    let page = page_size() as u64;
    Some(Counted {
        at: Instant::now(),
        oom_kills: counter("oom_kill")?,
        swap_in_bytes: counter("pswpin")?.saturating_mul(page),
        swap_out_bytes: counter("pswpout")?.saturating_mul(page),
    })
}

fn with_counters(
    seen: Observation,
    before: Option<Counted>,
    now: Result<Counted, Said>,
) -> Observation {
    let readings = match (before, now) {
        (_, Err(why)) => [(); 3].map(|()| Reading::Failed(why.clone())),
        (None, Ok(_)) => [(); 3].map(|()| unseen::second_look()),
        (Some(before), Ok(now)) => {
            let seconds = now.at.duration_since(before.at).as_secs_f64();
            let grown = |before: u64, now: u64| now.saturating_sub(before) as f64;
            let rate = |before, now| match seconds > 0.0 {
                true => Reading::number(grown(before, now) / seconds),
                false => Reading::Unknown(Said::new(
                    "前回の計測から時間が経っていません",
                    "no time has passed since the last look",
                )),
            };
            [
                Reading::number(grown(before.oom_kills, now.oom_kills)),
                rate(before.swap_in_bytes, now.swap_in_bytes),
                rate(before.swap_out_bytes, now.swap_out_bytes),
            ]
        }
    };
    let [oom_kills, swap_in, swap_out] = readings;
    seen.with("oom_kills", oom_kills)
        .with("swap_in_per_s", swap_in)
        .with("swap_out_per_s", swap_out)
}
