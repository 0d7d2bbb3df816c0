//! A small process around each bash step, so that a step outlives a restart of hikeshi, and keeps its time limit without it.
//!
//! hikeshi starts its own program again, in a session of its own, and hands it an [`Order`] on standard input. The recorder
//! claims the attempt (a file that only one can make), gives up what the step does not need, runs the step, and writes
//! down how it ended. Both files are on the disk before what they stand for: the claim before anything starts, the record
//! before anyone hears of it.
//!
//! | after a restart there is | it means |
//! | --- | --- |
//! | no claim | nothing started, and nothing will: hikeshi takes the claim itself |
//! | a claim and a record | it ended so |
//! | a claim, and its recorder lives | it is under way: wait for it |
//! | a claim, and its recorder is gone | nobody knows; what is left of the step is ended |

use crate::{
    confine, handing,
    mask::Mask,
    script::{self, Ended, Script},
    tree::{Scope, Tree},
};
use domain::plan::{Outcome, Step};
use domain::said::Said;
use process_wrap::tokio::{ChildWrapper, CommandWrap, ProcessSession};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
    process::{ExitCode, Stdio},
    time::Duration,
};
use supervise::{Identity, Scopes};
use tokio::{
    io::AsyncWriteExt,
    process::Command,
    time::{Instant, timeout_at},
};
use zeroize::Zeroizing;

/// The first argument that makes the program a recorder.
pub const RECORDER: &str = "record-step";
/// A recorder ends its step at the deadline; one that is silent for this long after it is given up.
const SILENCE: Duration = Duration::from_secs(20);

/// What a recorder is asked to do. It goes through a pipe: secrets stand in no file and in no argument.
#[derive(Serialize, Deserialize)]
pub struct Order {
    /// The step.
    pub step: Step,
    /// Its body, whose digest was checked.
    pub body: String,
    /// The folder of the run.
    pub folder: PathBuf,
    /// Which attempt.
    pub attempt: u32,
    /// What marks its processes.
    pub mark: String,
    /// The `HK_` variables.
    pub environment: BTreeMap<String, String>,
    /// Milliseconds until it is killed.
    pub left_ms: u64,
    /// What is masked in everything that is kept.
    pub secrets: Vec<String>,
    /// Secrets that the step gets, by the variables that say where.
    pub handed: BTreeMap<String, Zeroizing<String>>,
}

/// The files of one attempt.
struct Files {
    claim: PathBuf,
    record: PathBuf,
}

impl Files {
    fn of(folder: &Path, step: &str, attempt: u32) -> Self {
        let file = |what: &str| folder.join(format!("{step}-{attempt}.{what}"));
        Self { claim: file("started"), record: file("ended") }
    }
}

/// The exit code of a recorder that could not begin: nothing was started.
const NOT_BEGUN: u8 = 2;
/// The exit code of a recorder whose step ended, and whose record could not be written.
const NOT_RECORDED: u8 = 3;

/// The recorder's own `main`; nothing is printed, hikeshi reads the files.
pub fn main() -> ExitCode {
    let Ok((order, files)) = claim() else { return ExitCode::from(NOT_BEGUN) };
    match record(&order, &files) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(NOT_RECORDED),
    }
}

fn claim() -> io::Result<(Order, Files)> {
    let mut text = Zeroizing::new(Vec::new());
    io::stdin().lock().read_to_end(&mut text)?;
    // Half an order is none: hikeshi went down while it was written.
    let order: Order = serde_json::from_slice(&text).map_err(io::Error::other)?;
    let files = Files::of(&order.folder, order.step.name.as_str(), order.attempt);
    let own = Identity::of(std::process::id());
    let leader = own.ok_or_else(|| io::Error::other("/proc does not show this process"))?;
    let tree = Tree { leader, mark: order.mark.clone() };
    write_whole(&files.claim, tree.text().as_bytes(), true)?;
    Ok((order, files))
}

fn record(order: &Order, files: &Files) -> io::Result<()> {
    let ended = perform(order).unwrap_or_else(|error| {
        Ended::of(Outcome::Blocked(Said::new(
            format!("手順を開始できません: {error}"),
            format!("the step cannot be started: {error}"),
        )))
    });
    let text = serde_json::to_vec(&ended).map_err(io::Error::other)?;
    write_whole(&files.record, &text, false)
}

/// An error means that nothing was started.
fn perform(order: &Order) -> io::Result<Ended> {
    confine::to(&order.step, &order.folder)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut environment = order.environment.clone();
    // Held until the step is over.
    let files = handing::over(&order.handed)?;
    environment.extend(files.iter().map(|file| (file.variable.clone(), file.path())));
    let script = Script {
        step: &order.step,
        body: &order.body,
        folder: &order.folder,
        mark: &order.mark,
        environment: &environment,
        deadline: Instant::now() + Duration::from_millis(order.left_ms),
    };
    runtime.block_on(script.run(&Mask::new(order.secrets.clone()), |_| {}))
}

/// Writes a file so that it is there whole or not at all, also after a power cut. `is_claim`: fails when it is there.
fn write_whole(path: &Path, bytes: &[u8], is_claim: bool) -> io::Result<()> {
    let draft = path.with_extension(format!("draft-{}", std::process::id()));
    script::private_file(&draft, bytes)?;
    File::open(&draft)?.sync_all()?;
    let placed = if is_claim {
        // A link is made or is not, and never over another.
        fs::hard_link(&draft, path)
    } else {
        fs::rename(&draft, path)
    };
    let _ = fs::remove_file(&draft);
    placed?;
    let folder = path.parent().ok_or_else(|| io::Error::other("a path without a folder"))?;
    File::open(folder)?.sync_all()
}

/// Starts a recorder and waits for its end. `started` hears what identifies it before it is waited for. Where systemd
/// runs, it is in a scope of its own before it hears what to do.
///
/// # Errors
/// It could not be started: nothing ran.
pub(crate) async fn run(
    program: &Path,
    scopes: Option<&Scopes>,
    order: &Order,
    started: impl FnOnce(Option<String>),
) -> io::Result<Ended> {
    script::private_folder(&order.folder)?;
    let mut child = spawn(program)?;
    let identity = child.id().and_then(Identity::of);
    if let (Some(scopes), Some(leader)) = (scopes, &identity) {
        let tree = Tree { leader: leader.clone(), mark: order.mark.clone() };
        // Where systemd refuses, the step runs as it does where there is none.
        let _ = scopes.adopt(&tree.scope(), leader.pid).await;
    }
    let text = Zeroizing::new(serde_json::to_vec(order).map_err(io::Error::other)?);
    let sent = match child.stdin().take() {
        Some(mut pipe) => pipe.write_all(&text).await,
        None => Err(io::Error::other("the recorder takes no order")),
    };
    let Some(leader) = identity.filter(|_| sent.is_ok()) else {
        child.start_kill()?;
        child.wait().await?;
        return Err(io::Error::other("the recorder ended before it was asked"));
    };
    let tree = Tree { leader, mark: order.mark.clone() };
    started(Some(tree.text()));
    let deadline = Instant::now() + Duration::from_millis(order.left_ms) + SILENCE;
    let files = Files::of(&order.folder, order.step.name.as_str(), order.attempt);
    let code = match timeout_at(deadline, child.wait()).await {
        Ok(status) => status?.code(),
        Err(_) => {
            let ended = found(
                &files,
                &tree,
                Said::new(
                    "レコーダーが時間内に終わりませんでした",
                    "its recorder did not end in time",
                ),
            )
            .await;
            child.start_kill()?;
            child.wait().await?;
            return Ok(ended);
        }
    };
    if code == Some(NOT_BEGUN.into()) {
        let why = format!("its recorder cannot write in {}", order.folder.display());
        return Err(io::Error::other(why));
    }
    let lost = if code == Some(NOT_RECORDED.into()) {
        Said::new(
            "終了しましたが、レコーダーが結果を記録できませんでした (ディスクの空きは？)",
            "it has ended, but its recorder could not write down how (is the disk full?)",
        )
    } else {
        Said::new("レコーダーが強制終了されました", "its recorder was killed")
    };
    Ok(found(&files, &tree, lost).await)
}

fn spawn(program: &Path) -> io::Result<Box<dyn ChildWrapper>> {
    let mut command = Command::new(program);
    command
        .arg(RECORDER)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    CommandWrap::from(command).wrap(ProcessSession).spawn()
}

/// What the record says; without one, what is left of the step is ended, and nobody knows: `lost` says why.
async fn found(files: &Files, tree: &Tree, lost: Said) -> Ended {
    if let Some(ended) = read(&files.record) {
        return ended;
    }
    Ended::of(Outcome::Unknown(match tree.end(Scope::Everything).await {
        Ok(()) => lost,
        Err(pids) => Said::new(
            format!("{}。KILL の後も残っています: pid {pids:?}", lost.ja),
            format!("{}; still there after KILL: pid {pids:?}", lost.en),
        ),
    }))
}

fn read(record: &Path) -> Option<Ended> {
    serde_json::from_slice(&fs::read(record).ok()?).ok()
}

/// Looks at an attempt that was intended before hikeshi went down, and waits for its end.
///
/// Whatever it finds is an answer: what ended, what was never begun (and never will be: the claim is taken), or that
/// nobody knows.
pub async fn attach(folder: &Path, step: &str, attempt: u32, deadline: Instant) -> Ended {
    let files = Files::of(folder, step, attempt);
    let claimed = script::private_folder(folder)
        .and_then(|()| write_whole(&files.claim, b"never started", true));
    match claimed {
        Ok(()) => {
            return Ended::of(Outcome::Cancelled(Said::new(
                "開始前に hikeshi が再起動しました",
                "hikeshi was restarted before it began",
            )));
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => {
            return Ended::of(Outcome::Unknown(Said::new(
                format!("開始の記録を読めません: {error}"),
                format!("its claim cannot be read: {error}"),
            )));
        }
    }
    let text = fs::read_to_string(&files.claim).unwrap_or_default();
    let Some(tree) = Tree::read(&text) else {
        return Ended::of(Outcome::Cancelled("hikeshi was restarted before it began".into()));
    };
    let is_silent = match tree.leader.open() {
        Ok(Some(recorder)) => timeout_at(deadline + SILENCE, recorder.died()).await.is_err(),
        _ => false,
    };
    let lost = if is_silent {
        Said::new("レコーダーが時間内に終わりませんでした", "its recorder did not end in time")
    } else {
        Said::new("レコーダーが強制終了されました", "its recorder was killed")
    };
    found(&files, &tree, lost).await
}

/// Whether an attempt can be attached to: it ran, or would have run, in a recorder.
pub fn is_recorded(step: &Step) -> bool {
    matches!(step.body, domain::plan::Body::Shell(_))
}

/// What every process of an attempt carries.
pub(crate) fn mark(run: domain::ids::RunId, step: &Step, attempt: u32) -> String {
    Tree::fresh_mark(&format!("{run}/{}/{attempt}", step.name))
}
