//! Probe kind `oom`: whom the kernel killed for want of memory, and who asked for too much.

use crate::{
    aside::{Aside, Blocking},
    kernel_log::{KernelLog, Kill, Victim},
    probe::{Kind, Probe, Seat, Settings},
};
use domain::reading::{Observation, Reading};
use domain::said::Said;
use jiff::SignedDuration;
use rustix::time::{ClockId, clock_gettime};
use source::{Fields, Problems};
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "oom",
    summary: (
        "メモリー不足でカーネルがプロセスを強制終了したか、どれが犠牲になったかを見る",
        "looks whether the kernel killed a process for want of memory, and which",
    ),
    example: "\
kind: oom
service: host-1
within: 5m                 # for so long after a kill `oom` stays true
path: /dev/kmsg            # needs CAP_SYSLOG where the kernel restricts its log
# counted there when the log may not be read; hikeshi's own cgroup unless written:
cgroup: /sys/fs/cgroup/system.slice/api-1.service
every: 10s
",
    readings: &[
        ("oom", "`within` の間に強制終了があったか", "whether there was a kill within `within`"),
        ("oom_kills", "`within` の間の強制終了の数", "how many kills within `within`"),
        ("victim", "最後に強制終了されたプロセス", "who was killed last"),
        ("victim_pid", "そのプロセス番号", "its process id"),
        ("invoked_by", "メモリーを要求していたプロセス", "who asked for memory then"),
        (
            "cgroup",
            "上限に達したメモリー cgroup (ホスト全体の不足なら無し)",
            "the memory cgroup at its limit; none when the machine itself ran out",
        ),
    ],
    parse,
};

#[derive(Clone, Debug)]
struct Oom {
    path: PathBuf,
    cgroup: Option<PathBuf>,
    within: Duration,
}

fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Arc<dyn Settings>> {
    let path = fields.text_or("path", "/dev/kmsg", problems);
    let cgroup = fields.text("cgroup", problems).map(PathBuf::from);
    let within = fields.duration_or("within", SignedDuration::from_mins(5), problems);
    let within = Duration::try_from(within).unwrap_or_default();
    Some(Arc::new(Oom { path: path.into(), cgroup, within }))
}

impl Settings for Oom {
    fn make(&self, seat: Seat) -> Box<dyn Probe> {
        let settings = self.clone();
        let looking = Looking { seat: seat.clone(), settings, source: None, kills: Vec::new() };
        Aside::new(seat, "oom", looking)
    }
}

/// Who tells of kills.
enum Source {
    Log(KernelLog),
    /// It only counts, and only from the first look on.
    Counter {
        file: PathBuf,
        before: Option<u64>,
    },
}

struct Looking {
    seat: Seat,
    settings: Oom,
    source: Option<Source>,
    /// Those of the last time, the newest last. They stay here, so that a look that is lost loses none.
    kills: Vec<Kill>,
}

impl Blocking for Looking {
    fn look(&mut self) -> Vec<Observation> {
        let now = since_boot();
        vec![match self.gather(now) {
            Ok(()) => self.observe(now),
            Err(NotSeen::Yet) => {
                let why = Said::new(
                    "カウンターしか読めません。2 回目の計測が必要です",
                    "only a counter can be read; needs a second look",
                );
                self.seat.observation().with("oom", Reading::Unknown(why.clone())).because(why)
            }
            Err(NotSeen::Failed(why)) => {
                self.source = None;
                self.seat.failed("oom", why)
            }
        }]
    }
}

/// Why a look says nothing about kills.
enum NotSeen {
    /// One value of a counter is no count.
    Yet,
    Failed(Said),
}

impl From<Said> for NotSeen {
    fn from(why: Said) -> Self {
        Self::Failed(why)
    }
}

impl Looking {
    fn gather(&mut self, now: Duration) -> Result<(), NotSeen> {
        let source = match self.source.take() {
            Some(source) => source,
            None => open(&self.settings)?,
        };
        match self.source.insert(source) {
            Source::Log(log) => {
                let said = |error| {
                    Said::new(
                        format!("{} を読めません: {error}", self.settings.path.display()),
                        format!("cannot read {}: {error}", self.settings.path.display()),
                    )
                };
                self.kills.extend(log.kills().map_err(said)?);
            }
            Source::Counter { file, before } => {
                let count = oom_kills(file)?;
                let before = before.replace(count).ok_or(NotSeen::Yet)?;
                let unnamed = Kill { at: now, victim: None, invoked_by: None, cgroup: None };
                let new = usize::try_from(count.saturating_sub(before)).unwrap_or(usize::MAX);
                // More than this is the same alert, and no reason to fill the memory again.
                self.kills.extend(std::iter::repeat_n(unnamed, new.min(1000)));
            }
        }
        self.kills.retain(|kill| now.saturating_sub(kill.at) < self.settings.within);
        Ok(())
    }

    fn observe(&self, now: Duration) -> Observation {
        let seen = self
            .seat
            .observation()
            .with("oom", Reading::flag(!self.kills.is_empty()))
            .with("oom_kills", Reading::number(self.kills.len() as f64));
        let Some(last) = self.kills.last() else {
            return seen.because(Said::new(
                "カーネルがメモリ不足で止めたプロセスはありません",
                "the kernel killed no process for want of memory",
            ));
        };
        let mut seen = seen;
        let mut detail = match &last.victim {
            Some(Victim { name, pid }) => Said::new(
                format!("カーネルが {name} (pid {pid}) を強制終了"),
                format!("kernel killed {name} (pid {pid})"),
            ),
            None => Said::new(
                "カーネルがプロセスを強制終了。どれかはカーネルのログにしかありません",
                "kernel killed a process; which one is in its log only",
            ),
        };
        if let Some(victim) = &last.victim {
            seen = seen
                .with("victim", Reading::text(&victim.name))
                .with("victim_pid", Reading::number(f64::from(victim.pid)));
        }
        if let Some(who) = &last.invoked_by {
            detail.ja += &format!("、きっかけは {who}");
            detail.en += &format!(", invoked by {who}");
            seen = seen.with("invoked_by", Reading::text(who));
        }
        if let Some(cgroup) = &last.cgroup {
            detail.ja += &format!("、cgroup {cgroup} が上限に到達");
            detail.en += &format!(", the cgroup {cgroup} is at its limit");
            seen = seen.with("cgroup", Reading::text(cgroup));
        }
        let ago = now.saturating_sub(last.at).as_secs();
        detail.ja += &format!("、{ago} 秒前");
        detail.en += &format!(", {ago} s ago");
        if self.kills.len() > 1 {
            detail.ja += &format!("。この間に {} 件", self.kills.len());
            detail.en += &format!("; {} kills in this time", self.kills.len());
        }
        seen.because(detail)
    }
}

fn open(settings: &Oom) -> Result<Source, Said> {
    let path = &settings.path;
    let why = match KernelLog::open(path) {
        Ok(log) => return Ok(Source::Log(log)),
        Err(error) => Said::new(
            format!("{} を読めません: {error}", path.display()),
            format!("cannot read {}: {error}", path.display()),
        ),
    };
    let Some(cgroup) = settings.cgroup.clone().or_else(own_cgroup) else {
        return Err(or_give_rights(&why));
    };
    let file = cgroup.join("memory.events");
    match oom_kills(&file) {
        Ok(_) => Ok(Source::Counter { file, before: None }),
        Err(too) => Err(or_give_rights(&Said::join([&why, &too], "; "))),
    }
}

/// What a person can do about a log that may not be read.
fn or_give_rights(why: &Said) -> Said {
    Said::new(
        format!("{}。hikeshi に CAP_SYSLOG を与えるか、`cgroup` を書いてください", why.ja),
        format!("{}; give hikeshi CAP_SYSLOG, or name a `cgroup`", why.en),
    )
}

/// `0::/system.slice/hikeshi.service` in `/proc/self/cgroup`.
fn own_cgroup() -> Option<PathBuf> {
    let text = fs::read_to_string("/proc/self/cgroup").ok()?;
    let path = text.lines().find_map(|line| line.strip_prefix("0::/"))?;
    Some(Path::new("/sys/fs/cgroup").join(path))
}

fn oom_kills(file: &Path) -> Result<u64, Said> {
    let read = |error: io::Error| {
        Said::new(
            format!("{} を読めません: {error}", file.display()),
            format!("cannot read {}: {error}", file.display()),
        )
    };
    let text = fs::read_to_string(file).map_err(read)?;
    let count = text.lines().find_map(|line| line.strip_prefix("oom_kill ")?.trim().parse().ok());
    count.ok_or_else(|| {
        Said::new(
            format!("{} に oom_kill の数がありません", file.display()),
            format!("{} counts no oom_kill", file.display()),
        )
    })
}

/// The clock of the kernel's log.
fn since_boot() -> Duration {
    let now = clock_gettime(ClockId::Monotonic);
    let nanos = u32::try_from(now.tv_nsec).unwrap_or(0);
    Duration::new(u64::try_from(now.tv_sec).unwrap_or(0), nanos)
}
