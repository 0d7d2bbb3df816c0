//! `process.terminate`: ends one process that the configuration allows to end; asks it first, and sees it gone (A60, C26).

use crate::{
    call::{Argument, Call, Done, Verb, lines},
    limits::is_protected,
};
use domain::{
    plan::{EffectKind, Outcome},
    said::Said,
};
use futures::FutureExt;
use std::{collections::BTreeMap, fs, time::Duration};
use supervise::{Identity, Process, Signal, stat::Stat};
use tokio::time::{Instant, timeout_at};

/// Ends a process.
pub const VERB: Verb = Verb {
    name: "process.terminate",
    summary: (
        "許可された名前のプロセスを終了させる (TERM、待機、KILL。消えたことを確かめる)",
        "ends a process of an allowed name: TERM, a wait, KILL, and sees it gone",
    ),
    effect: EffectKind::Destructive,
    arguments: &[
        Argument { name: "process_name", kind: "const", bounds: None },
        Argument { name: "pid", kind: "int", bounds: Some((2, 4_194_304)) },
        Argument { name: "wait", kind: "duration", bounds: Some((1, 300)) },
    ],
    example: "```action {name=end timeout=60s}\nprocess.terminate\nprocess_name: node\nwait: 10s\n```",
    verify: None,
    undo: None,
    perform: |call| async move { perform(&call).await.unwrap_or_else(|done| done) }.boxed(),
};

const USUAL_WAIT: Duration = Duration::from_secs(10);
/// How long the kernel may take to end what was killed.
const KILL_WAIT: Duration = Duration::from_secs(10);

async fn perform(call: &Call<'_>) -> Result<Done, Done> {
    let name = call.setting("process_name")?;
    if !call.deps.limits.may_end.contains(name) || is_protected(name) {
        return Err(Done::blocked(&Said::new(
            format!(
                "`{name}` の終了は許可されていません。設定の `acting: {{may_end: […]}}` に書いてください"
            ),
            format!(
                "`{name}` may not be ended; allow it with `acting: {{may_end: […]}}` in the configuration"
            ),
        )));
    }
    let wait = call.duration("wait", USUAL_WAIT);
    // Whoever is asked gets the whole wait; a step that ends before would kill him without it.
    if Instant::now() + wait + KILL_WAIT > call.deadline {
        let least = (wait + KILL_WAIT).as_secs();
        return Err(Done::blocked(&Said::new(
            format!("手順の時間が足りません。`timeout` を {least} 秒より長くしてください"),
            format!("the step's time is too short; its `timeout` must be more than {least} s"),
        )));
    }
    let target = Target::find(name, call.argument("pid").and_then(|pid| pid.parse().ok()))
        .map_err(|why| Done::blocked(&why))?;
    let process = target.open()?;
    let (before, rss_kib) = (available_kib(), target.rss_kib());
    let mut signals = "TERM";
    process.signal(Signal::TERM).map_err(|error| Done::failed(format!("{target}: {error}")))?;
    let patience = Instant::now() + wait;
    if timeout_at(patience, process.died()).await.is_err() {
        // Looked at again: the handle stays with the process, but the process may have become another program.
        match target.open() {
            Ok(process) => {
                signals = "TERM, KILL";
                process
                    .signal(Signal::KILL)
                    .map_err(|error| Done::failed(format!("{target}: {error}")))?;
            }
            Err(done) if target.identity.is_alive() => return Err(done),
            // It went just now.
            Err(_) => {}
        }
        let deadline = Instant::now() + KILL_WAIT;
        if timeout_at(deadline, process.died()).await.is_err() {
            let why = Said::new(
                format!(
                    "{target} が KILL の後も残っています。ディスクが応答しているか確かめてください"
                ),
                format!("{target} is still there after KILL; see whether its disk answers"),
            );
            let output = lines(&why);
            return Err(Done::new(Outcome::Unknown(why), output).with("signals", signals));
        }
    }
    let output = format!("{target} is gone ({signals}); it held {rss_kib} KiB");
    let done = Done::new(Outcome::Ok, output)
        .with("signals", signals)
        .with("pid", target.identity.pid)
        .with("held_kib", rss_kib);
    Ok(match (before, available_kib()) {
        (Some(before), Some(after)) => {
            done.with("available_before_kib", before).with("available_after_kib", after)
        }
        _ => done,
    })
}

/// One process, and by which name it was found.
struct Target {
    name: String,
    identity: Identity,
    rss_pages: u64,
}

impl Target {
    /// The process with this pid, or of all with the name the one that holds the most memory.
    fn find(name: &str, pid: Option<u32>) -> Result<Self, Said> {
        let all: BTreeMap<u32, Stat> =
            Stat::all().into_iter().map(|stat| (stat.pid, stat)).collect();
        let is_meant = |stat: &&Stat| {
            pid.is_none_or(|pid| stat.pid == pid)
                && stat.is_living()
                && names(stat).contains(&name.to_owned())
        };
        let found = all.values().filter(is_meant).max_by_key(|stat| stat.rss_pages);
        let Some(stat) = found else {
            let which =
                pid.map_or_else(|| format!("`{name}`"), |pid| format!("`{name}` (pid {pid})"));
            return Err(Said::new(
                format!("{which} というプロセスはありません"),
                format!("there is no process {which}"),
            ));
        };
        if let Some((ja, en)) = untouchable(stat, &all) {
            let pid = stat.pid;
            return Err(Said::new(
                format!("`{name}` (pid {pid}) は終了させません: {ja}"),
                format!("`{name}` (pid {pid}) is not ended: {en}"),
            ));
        }
        let identity = Identity::from_stat(stat);
        Ok(Self { name: name.to_owned(), identity, rss_pages: stat.rss_pages })
    }

    /// A handle on this very process, when it still is what was allowed: same pid, same start, same name.
    fn open(&self) -> Result<Process, Done> {
        let gone = || {
            Done::failed(Said::new(
                format!("{self} はもうありません。シグナルは送っていません"),
                format!("{self} is not there any more; nothing was signalled"),
            ))
        };
        let process =
            self.identity.open().map_err(|error| Done::failed(format!("{self}: {error}")))?;
        let process = process.ok_or_else(gone)?;
        let names = Stat::of(self.identity.pid).as_ref().map(names).unwrap_or_default();
        // A name that changed in between is not the one that was allowed.
        if !names.contains(&self.name) || names.iter().any(|name| is_protected(name)) {
            return Err(Done::failed(Said::new(
                format!("{self} は別のプログラムになっています。何もしません"),
                format!("{self} has become another program; it is left alone"),
            )));
        }
        Ok(process)
    }

    fn rss_kib(&self) -> u64 {
        self.rss_pages * (rustix::param::page_size() as u64 / 1024)
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` ({})", self.name, self.identity)
    }
}

/// What a process is called: by itself, and by the file of its program.
fn names(stat: &Stat) -> Vec<String> {
    let file = fs::read_link(format!("/proc/{}/exe", stat.pid)).ok();
    let file =
        file.as_ref().and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
    // After an upgrade the file that runs is no longer the one on the disk.
    let file = file.map(|name| name.trim_end_matches(" (deleted)").to_owned());
    std::iter::once(stat.comm.clone()).chain(file).collect()
}

/// Why a process is never ended, whatever its name.
fn untouchable(stat: &Stat, all: &BTreeMap<u32, Stat>) -> Option<(&'static str, &'static str)> {
    if names(stat).iter().any(|name| is_protected(name)) {
        return Some((
            "データベース、supervisor などは守られています",
            "databases, supervisors and the like are protected",
        ));
    }
    if stat.pid == 1 {
        return Some(("init です", "it is init"));
    }
    // hikeshi, and whatever it was started by: its supervisor, a container's first process.
    let mut line = Some(std::process::id());
    while let Some(pid) = line.filter(|pid| *pid > 0) {
        if pid == stat.pid {
            return Some((
                "hikeshi 自身か、それを起動したプロセスです",
                "it is hikeshi, or what started it",
            ));
        }
        line = all.get(&pid).map(|stat| stat.parent).filter(|parent| *parent != pid);
    }
    None
}

fn available_kib() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}
