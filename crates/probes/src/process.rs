//! Probe kind `process`: does the process live, since when, with how much memory and CPU; its death is seen at once.

use crate::{
    outside::shown,
    probe::{Kind, Probe, Seat, Settings},
    unseen,
};
use domain::{
    ids::ServiceName,
    reading::{Observation, Reading},
    said::Said,
};
use futures::future::BoxFuture;
use rustix::param::{clock_ticks_per_second, page_size};
use source::{Fields, Node, Problems};
use std::{fs, io, path::PathBuf, sync::Arc, time::UNIX_EPOCH};
use supervise::{Identity, Process, stat::Stat};
use tokio::time::Instant;

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "process",
    summary: (
        "プロセスが生きているかを見る。死んだ瞬間に分かる",
        "looks whether a process lives; sees its death at once",
    ),
    example: "\
kind: process
service: api-1
pid_file: /run/miraikakaku/api-1.pid
# or, for a service that hikeshi starts:   supervised: api-1
# or, by the look of it:                   match: {exe: python3, cmdline: simple_api_server.py}
every: 5s
",
    readings: &[
        ("up", "生きているか", "whether it lives"),
        ("pid", "プロセス番号", "its process id"),
        ("uptime_s", "起動からの秒数", "seconds since it started"),
        ("rss_bytes", "使用中のメモリー", "memory that it holds"),
        (
            "cpu_percent",
            "前回からの CPU 使用率 (1 コア = 100)",
            "CPU since the last look, 100 is one core",
        ),
        ("restarts", "hikeshi による再起動の回数", "restarts by hikeshi"),
        ("exit", "最後の終わり方", "how it ended last"),
        (
            "cause",
            "いない原因: dead no_pid_file stale_pid_file no_match",
            "why it is not there: dead no_pid_file stale_pid_file no_match",
        ),
    ],
    parse,
};

#[derive(Clone, Debug)]
enum Target {
    PidFile(PathBuf),
    Supervised(ServiceName),
    Match { exe: Option<String>, cmdline: Option<String> },
}

fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Arc<dyn Settings>> {
    let pid_file = fields.text("pid_file", problems).map(|path| Target::PidFile(path.into()));
    let supervised =
        fields.text("supervised", problems).map(|name| Target::Supervised(name.into()));
    let matching = fields.optional("match").and_then(|node| parse_match(node, problems));
    let mut targets = [pid_file, supervised, matching].into_iter().flatten();
    match (targets.next(), targets.next()) {
        (Some(target), None) => Some(Arc::new(target)),
        _ => {
            let message = Said::new(
                "`pid_file`, `supervised`, `match` のうち一つを書いてください",
                "write one of `pid_file`, `supervised`, `match`",
            );
            problems.add(fields.place(), message);
            None
        }
    }
}

fn parse_match(node: &Node, problems: &mut Problems) -> Option<Target> {
    let mut fields = Fields::open(node, problems)?;
    let exe = fields.text("exe", problems);
    let cmdline = fields.text("cmdline", problems);
    fields.finish(problems);
    if exe.is_none() && cmdline.is_none() {
        problems.add(
            &node.place,
            Said::new("`exe` か `cmdline` を書いてください", "write `exe` or `cmdline`"),
        );
        return None;
    }
    Some(Target::Match { exe, cmdline })
}

impl Settings for Target {
    fn make(&self, seat: Seat) -> Box<dyn Probe> {
        Box::new(Looking { seat, target: self.clone(), watched: None, before: None })
    }
}

struct Looking {
    seat: Seat,
    target: Target,
    /// The handle that tells of its death.
    watched: Option<Process>,
    /// CPU ticks at the last look, of which process, and when.
    before: Option<(Identity, u64, Instant)>,
}

/// What was found where the process should be.
struct Found {
    process: Result<Stat, &'static str>,
    detail: Said,
    exit: Option<Reading>,
    restarts: Option<u64>,
}

impl Found {
    fn new(process: Result<Stat, &'static str>, detail: impl Into<Said>) -> Self {
        Self { process, detail: detail.into(), exit: None, restarts: None }
    }
}

impl Probe for Looking {
    fn look(&mut self) -> BoxFuture<'_, Vec<Observation>> {
        Box::pin(async move {
            let found = match &self.target {
                Target::PidFile(path) => by_pid_file(path),
                Target::Supervised(service) => self.supervised(service).await,
                Target::Match { exe, cmdline } => Ok(by_match(exe.as_deref(), cmdline.as_deref())),
            };
            vec![match found {
                Ok(found) => self.observe(found),
                Err(why) => self.seat.failed("up", why),
            }]
        })
    }

    fn woken(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            match &self.watched {
                Some(process) => process.died().await,
                None => std::future::pending().await,
            }
            // Once is enough; the next look finds whoever comes after it.
            self.watched = None;
        })
    }
}

impl Looking {
    async fn supervised(&self, service: &ServiceName) -> Result<Found, Said> {
        let supervisor = self.seat.deps.supervisor.as_ref().ok_or_else(|| {
            Said::new(
                "hikeshi はここでサービスを起動していません",
                "hikeshi starts no services here",
            )
        })?;
        let status = supervisor.status(service).await.map_err(|error| error.to_string())?;
        let stat = status.running.as_ref().and_then(|identity| Stat::of(identity.pid));
        let stat = stat
            .filter(|stat| stat.is_living() && Some(Identity::from_stat(stat)) == status.running);
        let detail = match (&stat, &status.last_exit) {
            (Some(stat), _) => Said::same(format!("pid {}", stat.pid)),
            (None, Some(exit)) => exit.said(),
            (None, None) => Said::new("未起動", "not started"),
        };
        let exit = status.last_exit.map(|exit| Reading::text(exit.to_string()));
        Ok(Found { process: stat.ok_or("dead"), detail, exit, restarts: Some(status.restarts) })
    }

    fn observe(&mut self, found: Found) -> Observation {
        let mut seen = self.seat.observation().because(found.detail);
        if let Some(restarts) = found.restarts {
            seen = seen.with("restarts", Reading::number(restarts as f64));
        }
        if let Some(exit) = found.exit {
            seen = seen.with("exit", exit);
        }
        let stat = match found.process {
            Ok(stat) => stat,
            Err(cause) => {
                self.before = None;
                self.watched = None;
                return seen.with("up", Reading::flag(false)).with("cause", Reading::text(cause));
            }
        };
        let identity = Identity::from_stat(&stat);
        if self.watched.as_ref().is_none_or(|process| *process.identity() != identity) {
            // Without a handle its death is seen at the next look instead of at once.
            self.watched = identity.open().ok().flatten();
        }
        let cpu = self.cpu_percent(&identity, stat.cpu_ticks);
        seen.with("up", Reading::flag(true))
            .with("pid", Reading::number(f64::from(stat.pid)))
            .with("rss_bytes", Reading::number((stat.rss_pages * page_size() as u64) as f64))
            .with("uptime_s", uptime(&stat))
            .with("cpu_percent", cpu)
    }

    fn cpu_percent(&mut self, identity: &Identity, ticks: u64) -> Reading {
        let now = Instant::now();
        let before = self.before.replace((identity.clone(), ticks, now));
        match before {
            Some((whose, then_ticks, then)) if whose == *identity && now > then => {
                let spent =
                    ticks.saturating_sub(then_ticks) as f64 / clock_ticks_per_second() as f64;
                Reading::number(100.0 * spent / (now - then).as_secs_f64())
            }
            _ => unseen::second_look(),
        }
    }
}

fn by_pid_file(path: &PathBuf) -> Result<Found, Said> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Found::new(
                Err("no_pid_file"),
                Said::new(
                    format!("{} がありません", path.display()),
                    format!("{} does not exist", path.display()),
                ),
            ));
        }
        Err(error) => {
            return Err(Said::new(
                format!("{} を読めません: {error}", path.display()),
                format!("cannot read {}: {error}", path.display()),
            ));
        }
    };
    let first = text.split_whitespace().next().unwrap_or_default();
    let pid: u32 = first.parse().map_err(|_| {
        Said::new(
            format!(
                "{} にプロセス ID ではなく `{}` が書かれています",
                path.display(),
                shown(first)
            ),
            format!("{} holds no process id but `{}`", path.display(), shown(first)),
        )
    })?;
    let Some(stat) = Stat::of(pid).filter(Stat::is_living) else {
        return Ok(Found::new(
            Err("dead"),
            Said::new(format!("プロセス {pid} はありません"), format!("there is no process {pid}")),
        ));
    };
    // A process that started well after the file was written has only inherited the number.
    let written = fs::metadata(path).and_then(|meta| meta.modified()).ok();
    let written =
        written.and_then(|time| time.duration_since(UNIX_EPOCH).ok()).map(|age| age.as_secs());
    if let (Some(written), Some(started)) = (written, started_at_s(&stat))
        && started > written + 5
    {
        let detail = Said::new(
            format!("プロセス {pid} は {} が書かれた後に起動した別のプロセスです", path.display()),
            format!("process {pid} started after {} was written: another process", path.display()),
        );
        return Ok(Found::new(Err("stale_pid_file"), detail));
    }
    Ok(Found::new(Ok(stat), format!("pid {pid}")))
}

fn by_match(exe: Option<&str>, cmdline: Option<&str>) -> Found {
    let contains = |pid: u32| {
        let exe_fits = exe.is_none_or(|part| {
            fs::read_link(format!("/proc/{pid}/exe"))
                .is_ok_and(|path| path.to_string_lossy().contains(part))
        });
        let cmdline_fits = || {
            cmdline.is_none_or(|part| {
                let bytes = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
                String::from_utf8_lossy(&bytes).replace('\0', " ").contains(part)
            })
        };
        exe_fits && cmdline_fits()
    };
    let me = std::process::id();
    let mut fitting: Vec<Stat> = Stat::all();
    fitting.retain(|stat| stat.pid != me && stat.is_living() && contains(stat.pid));
    let count = fitting.len();
    match fitting.into_iter().min_by_key(|stat| stat.start_ticks) {
        Some(oldest) => {
            let detail = Said::new(
                format!("pid {}、一致 {count} 個", oldest.pid),
                format!("pid {}, {count} fitting", oldest.pid),
            );
            Found::new(Ok(oldest), detail)
        }
        None => Found::new(
            Err("no_match"),
            Said::new("一致するプロセスがありません", "no process fits"),
        ),
    }
}

fn uptime(stat: &Stat) -> Reading {
    let since_boot = fs::read_to_string("/proc/uptime").ok();
    let since_boot =
        since_boot.and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
    match since_boot {
        Some(now) => Reading::number(
            (now - stat.start_ticks as f64 / clock_ticks_per_second() as f64).max(0.0),
        ),
        None => Reading::Failed(Said::new("/proc/uptime を読めません", "cannot read /proc/uptime")),
    }
}

/// When the process started, in seconds since 1970.
fn started_at_s(stat: &Stat) -> Option<u64> {
    let text = fs::read_to_string("/proc/stat").ok()?;
    let boot: u64 =
        text.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()?;
    Some(boot + stat.start_ticks / clock_ticks_per_second())
}
