//! Runs one bash body: constant text from a file, an environment that started empty, a session of its own.

use crate::{
    mask::Mask,
    output::{self, Output},
    tree::{MARK, Scope, Tree},
};
use domain::plan::{Outcome, Step};
use domain::said::Said;
use process_wrap::tokio::{ChildWrapper, CommandWrap, ProcessSession};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write},
    os::unix::{
        fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
        process::ExitStatusExt,
    },
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::Arc,
    time::Duration,
};
use supervise::{Identity, stat::Stat};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::Command,
    task::JoinHandle,
    time::{Instant, timeout, timeout_at},
};

/// Where steps look for programs.
pub const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// After the last process is gone, what is left in the pipes is read within this time.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(2);

/// A bash body that is to be run.
pub struct Script<'a> {
    /// The step.
    pub step: &'a Step,
    /// Its body, whose digest was checked.
    pub body: &'a str,
    /// The folder of the run.
    pub folder: &'a Path,
    /// What marks every process of the attempt: see [`Tree::fresh_mark`].
    pub mark: &'a str,
    /// The `HK_` variables.
    pub environment: &'a BTreeMap<String, String>,
    /// When it is killed.
    pub deadline: Instant,
}

/// How it went.
#[derive(Debug, Serialize, Deserialize)]
pub struct Ended {
    /// The outcome.
    pub outcome: Outcome,
    /// The exit code, when there is one.
    pub exit: Option<i32>,
    /// Head and tail of what it printed, masked.
    pub output: String,
    /// Captured values.
    pub captured: BTreeMap<String, String>,
}

impl Ended {
    /// An outcome and nothing else.
    pub fn of(outcome: Outcome) -> Self {
        Self { outcome, exit: None, output: String::new(), captured: BTreeMap::new() }
    }
}

impl Script<'_> {
    /// Runs it to its end. `started` hears the identity of the process before it is waited for.
    ///
    /// # Errors
    /// It was not started at all.
    pub async fn run(
        &self,
        mask: &Mask,
        started: impl FnOnce(Option<String>),
    ) -> io::Result<Ended> {
        private_folder(self.folder)?;
        let file = self.folder.join(format!("{}.sh", self.step.name));
        private_file(&file, self.body.as_bytes())?;
        let mark = self.mark.to_owned();
        let mut child = self.spawn(&file, &mark)?;
        let output = Arc::new(Output::default());
        let readers = [
            drain(child.stdout().take(), Arc::clone(&output), true),
            drain(child.stderr().take(), Arc::clone(&output), false),
        ];
        // Until it is waited for, even a dead child keeps its pid and its line in /proc.
        let Some(stat) = child.id().and_then(Stat::of) else {
            child.start_kill()?;
            child.wait().await?;
            return Err(io::Error::other("/proc does not show the process"));
        };
        let tree = Tree { leader: Identity::from_stat(&stat), mark };
        started(Some(tree.text()));
        let exit = timeout_at(self.deadline, child.wait()).await;
        let scope = if exit.is_ok() { Scope::Session } else { Scope::Everything };
        let gone = tree.end(scope).await;
        if exit.is_err() && gone.is_ok() {
            // Collects the dead child; its exit code says nothing.
            let _ = child.wait().await;
        }
        for reader in readers {
            let abort = reader.abort_handle();
            if timeout(DRAIN_TIMEOUT, reader).await.is_err() {
                abort.abort();
            }
        }
        Ok(self.ended(exit.ok(), gone, &output, mask))
    }

    fn spawn(&self, file: &Path, mark: &str) -> io::Result<Box<dyn ChildWrapper>> {
        let mut command = Command::new("/bin/bash");
        command
            .args(["--noprofile", "--norc", "-euo", "pipefail"])
            .arg(file)
            .env_clear()
            .envs(self.environment)
            .env("PATH", PATH)
            .env("LANG", "C.UTF-8")
            .env("HOME", self.folder)
            .env("TMPDIR", self.folder)
            .env(MARK, mark)
            .current_dir(self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Ok(CommandWrap::from(command).wrap(ProcessSession).spawn()?.into_inner())
    }

    fn ended(
        &self,
        exit: Option<io::Result<ExitStatus>>,
        gone: Result<(), Vec<u32>>,
        output: &Output,
        mask: &Mask,
    ) -> Ended {
        let text = output.text(mask);
        let mut ended = Ended { output: text, ..Ended::of(Outcome::Timeout) };
        match exit {
            None => {}
            Some(Err(error)) => {
                ended.outcome = Outcome::Unknown(Said::new(
                    format!("終了状態を取得できません: {error}"),
                    format!("its exit cannot be read: {error}"),
                ))
            }
            Some(Ok(status)) => {
                ended.exit = status.code();
                ended.outcome = self.judge(status, &ended.output);
            }
        }
        if let (Some(capture), Outcome::Ok) = (self.step.capture, &ended.outcome) {
            match output.values(capture, mask) {
                Ok(values) => ended.captured = values,
                Err(why) => ended.outcome = Outcome::Failed(why),
            }
        }
        if let Err(pids) = gone {
            ended.outcome = Outcome::Unknown(Said::new(
                format!("KILL の後もプロセスが残っています (pid {pids:?})"),
                format!("processes are still there after KILL (pid {pids:?})"),
            ));
        }
        ended
    }

    fn judge(&self, status: ExitStatus, output: &str) -> Outcome {
        let what = match (status.code(), status.signal()) {
            (Some(code), _)
                if u8::try_from(code).is_ok_and(|code| self.step.ok_exit.contains(&code)) =>
            {
                return Outcome::Ok;
            }
            (Some(code), _) => Said::new(format!("終了コード {code}"), format!("exit code {code}")),
            (None, signal) => Said::new(
                format!("シグナル {} で終了", signal.unwrap_or_default()),
                format!("ended by signal {}", signal.unwrap_or_default()),
            ),
        };
        match output::last_line(output) {
            line if line.is_empty() => Outcome::Failed(what),
            line => Outcome::Failed(what.within(|what| format!("{what}: {line}"))),
        }
    }
}

/// Reads a stream to its end, however long it is, so that the step never blocks.
fn drain(
    stream: Option<impl AsyncRead + Unpin + Send + 'static>,
    output: Arc<Output>,
    is_stdout: bool,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let Some(mut stream) = stream else { return };
        let mut piece = vec![0; 64 << 10];
        while let Ok(count @ 1..) = stream.read(&mut piece).await {
            output.push(&piece[..count], is_stdout);
        }
    })
}

/// Makes a folder that only its owner can enter.
pub(crate) fn private_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}

/// Writes a file that only its owner can read; one that is there is replaced, a link is not followed.
pub(crate) fn private_file(path: &PathBuf, bytes: &[u8]) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?.write_all(bytes)
}
