//! Runs one program and reads what it prints: no shell, bounded in bytes, ended with its group when cut.

use crate::outside::{masked, shown};
use domain::said::Said;
use rustix::process::{Pid, Signal, kill_process_group};
use std::{
    ffi::OsString,
    io,
    os::unix::process::ExitStatusExt,
    process::{ExitStatus, Stdio},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::{Child, Command},
    time::timeout,
};

/// More than this is no answer to a question.
const STDOUT_BYTES: u64 = 8 << 20;
/// Enough of its complaints to say what is wrong.
const STDERR_BYTES: u64 = 4 << 10;
/// When the program is gone, what is left in its pipes is read within this time: a daemon that it started
/// may hold them open for ever.
const DRAIN: Duration = Duration::from_secs(1);

/// A program with its arguments, and the environment that it gets beside `PATH`, `HOME` and `LANG`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Program {
    /// The program, and what it is told; never a line for a shell.
    pub command: Vec<String>,
    /// More variables. Nothing else of hikeshi's own environment is handed on: it holds secrets.
    pub environment: Vec<(&'static str, String)>,
}

impl Program {
    /// Runs it and returns what it printed. Dropped half-way, it is killed with all that it started.
    ///
    /// # Errors
    /// A sentence: it cannot be started, it says that it failed, or it prints without end.
    pub async fn run(&self) -> Result<Vec<u8>, Said> {
        let said = shown(&self.command.join(" "));
        let mut running = self.start().map_err(|error| {
            Said::new(
                format!("{said} を起動できません: {error}"),
                format!("cannot start {said}: {error}"),
            )
        })?;
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let status = running.read(&mut stdout, &mut stderr).await;
        let status = status.map_err(|error| Said::same(format!("{said}: {error}")))?;
        if !status.success() {
            let why = failure(status, &stderr);
            return Err(why.within(|why| format!("{said}: {why}")));
        }
        if stdout.len() as u64 > STDOUT_BYTES {
            return Err(Said::new(
                format!("{said} の出力が {STDOUT_BYTES} バイトを超えました"),
                format!("{said} printed more than {STDOUT_BYTES} bytes"),
            ));
        }
        Ok(stdout)
    }

    fn start(&self) -> io::Result<Running> {
        let (program, arguments) = self
            .command
            .split_first()
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "no program is named"))?;
        let own: Vec<(&str, OsString)> =
            ["PATH", "HOME"].into_iter().filter_map(|n| Some((n, std::env::var_os(n)?))).collect();
        Command::new(program)
            .args(arguments)
            .env_clear()
            .envs(own)
            .env("LANG", "C.UTF-8")
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map(Running)
    }
}

/// A child that leads its own group.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Once it was waited for it has no id any more, and its number may be another's.
        let leader = self.0.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        if let Some(leader) = leader {
            // Gone already is as good.
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }
}

impl Running {
    async fn read(&mut self, stdout: &mut Vec<u8>, stderr: &mut Vec<u8>) -> io::Result<ExitStatus> {
        let (out, err) = (self.0.stdout.take(), self.0.stderr.take());
        let reading = futures::future::join(
            // One byte more, to tell too much from just enough.
            keep(out, STDOUT_BYTES + 1, stdout),
            keep(err, STDERR_BYTES, stderr),
        );
        tokio::pin!(reading);
        tokio::select! {
            _ = &mut reading => self.0.wait().await,
            status = self.0.wait() => {
                // What came in time is enough.
                let _ = timeout(DRAIN, reading).await;
                status
            }
        }
    }
}

/// Keeps the first bytes and reads the rest away, so that the program never waits for its reader.
async fn keep(stream: Option<impl AsyncRead + Unpin>, most: u64, kept: &mut Vec<u8>) {
    let Some(mut stream) = stream else { return };
    let mut piece = vec![0; 16 << 10];
    while let Ok(count @ 1..) = stream.read(&mut piece).await {
        let room = usize::try_from(most).unwrap_or(usize::MAX).saturating_sub(kept.len());
        kept.extend_from_slice(&piece[..count.min(room)]);
    }
}

fn failure(status: ExitStatus, stderr: &[u8]) -> Said {
    let what = match (status.code(), status.signal()) {
        (Some(code), _) => Said::new(format!("終了コード {code}"), format!("exit code {code}")),
        (None, signal) => Said::new(
            format!("シグナル {} で終了", signal.unwrap_or_default()),
            format!("ended by signal {}", signal.unwrap_or_default()),
        ),
    };
    let text = String::from_utf8_lossy(stderr);
    match text.lines().rev().find(|line| !line.trim().is_empty()) {
        Some(line) => what.within(|what| format!("{what}: {}", shown(&masked(line)))),
        None => what,
    }
}
