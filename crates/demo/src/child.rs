//! A process the platform started: it is told when we are gone, and it is ended by us alone.

use crate::error::DemoError;
use crate::folder::Folder;
use rustix::process::{Pid, Signal, kill_process};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How often an ending process is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// A running (or ended, not yet forgotten) process.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    stopped: bool,
}

impl Process {
    /// Starts the command and waits until it says that it is ready. Its standard input is a pipe
    /// whose end tells it that we are gone; it has a process group of its own, so that Ctrl-C
    /// reaches it through us.
    ///
    /// # Errors
    /// [`DemoError::Start`] with what it said, when it ends or takes too long instead.
    pub fn start(
        folder: &Folder,
        name: &str,
        mut command: Command,
        patience: Duration,
        progress: &dyn Fn(&str),
    ) -> Result<Process, DemoError> {
        let stderr = folder.stderr_log(name);
        let stderr_file = File::create(&stderr).map_err(DemoError::file("write", &stderr))?;
        let failed = |reason: String| DemoError::Start { name: name.to_owned(), reason };
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(stderr_file)
            .process_group(0)
            .spawn()
            .map_err(|error| failed(error.to_string()))?;
        let stdout = child.stdout.take();
        let process = Process { name: name.to_owned(), child, stopped: false };
        let Some(stdout) = stdout else { return Err(failed("it has no output".into())) };
        // From here on an early return ends the process.
        wait_until_ready(stdout, patience, progress).map_err(|reason| {
            let said = std::fs::read_to_string(&stderr).unwrap_or_default();
            let last = said.lines().last().unwrap_or_default();
            failed(if reason.is_empty() { format!("it ended: {last}") } else { reason })
        })?;
        Ok(process)
    }

    /// Its name, for example `proxy`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        !self.stopped && matches!(self.child.try_wait(), Ok(None))
    }

    /// Ends it: SIGTERM, and SIGKILL where that does not end it in time.
    pub fn stop(&mut self, patience: Duration) {
        if self.stopped {
            return;
        }
        self.terminate();
        let deadline = Instant::now() + patience;
        while self.is_running() && Instant::now() < deadline {
            std::thread::sleep(LOOK_EVERY);
        }
        // Does nothing where it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.stopped = true;
    }

    /// Sends SIGTERM. The pid is ours until it is waited for, so it cannot mean anyone else.
    pub fn terminate(&mut self) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let (true, Some(pid)) = (self.is_running(), pid) {
            let _ = kill_process(pid, Signal::TERM);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop(Duration::from_secs(3));
    }
}

/// Reads `progress TEXT`, `failed TEXT` and `ready`. The error is the reason, empty where the
/// process ended without one.
fn wait_until_ready(
    stdout: ChildStdout,
    patience: Duration,
    progress: &dyn Fn(&str),
) -> Result<(), String> {
    let (lines, said) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let is_last = line == "ready";
            if lines.send(line).is_err() || is_last {
                return;
            }
        }
    });
    let deadline = Instant::now() + patience;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let line = match said.recv_timeout(left) {
            Ok(line) => line,
            Err(mpsc::RecvTimeoutError::Disconnected) => return Err(String::new()),
            Err(mpsc::RecvTimeoutError::Timeout) => {
                return Err(format!("it was not ready within {} s", patience.as_secs()));
            }
        };
        match line.split_once(' ') {
            _ if line == "ready" => return Ok(()),
            Some(("progress", text)) => progress(text),
            Some(("failed", text)) => return Err(text.to_owned()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    fn start(script: &str, patience: Duration) -> (Result<Process, DemoError>, Vec<String>) {
        let place = tempfile::tempdir().expect("a temporary folder");
        let folder = Folder::create(place.path()).expect("the working folder");
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        let told = RefCell::new(Vec::new());
        let progress = |text: &str| told.borrow_mut().push(text.to_owned());
        let process = Process::start(&folder, "proxy", command, patience, &progress);
        (process, told.into_inner())
    }

    #[test]
    fn a_ready_process_has_told_its_progress_and_ends_when_told() {
        let script = "echo progress one; echo progress two; echo ready; read gone";
        let (process, told) = start(script, Duration::from_secs(60));
        let mut process = process.expect("gets ready");
        assert_eq!(told, ["one", "two"]);
        assert!(process.is_running());
        process.stop(Duration::from_secs(60));
        assert!(!process.is_running());
    }

    #[test]
    fn a_process_that_ignores_sigterm_is_killed() {
        let script = "trap '' TERM; echo ready; while :; do read gone; sleep 0.05; done";
        let (process, _) = start(script, Duration::from_secs(60));
        let mut process = process.expect("gets ready");
        process.stop(Duration::from_millis(200));
        assert!(!process.is_running());
    }

    #[test]
    fn a_process_that_fails_is_reported_in_its_own_words() {
        let (failed, _) = start("echo failed no such port; exit 1", Duration::from_secs(60));
        let error = failed.expect_err("fails").to_string();
        assert_eq!(error, "cannot start proxy: no such port");
        let (ended, _) = start("echo out of luck >&2; exit 1", Duration::from_secs(60));
        assert!(ended.expect_err("ends").to_string().contains("it ended: out of luck"));
        let (silent, _) = start("read gone", Duration::from_millis(100));
        assert!(silent.expect_err("never ready").to_string().contains("not ready within"));
    }
}
