//! Runs one program and hears what it says: no shell, an environment that began empty, bounded in time and bytes, ended
//! with its whole group.

use domain::{outside_text::is_hostile, said::Said};
use rustix::process::{Pid, Signal, kill_process_group};
use std::{
    ffi::OsString,
    io,
    os::unix::{fs::PermissionsExt, process::ExitStatusExt},
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::{Child, Command},
    time::{Instant, timeout, timeout_at},
};

/// Where programs are looked for, and what they get as their `PATH`.
pub const FOLDERS: [&str; 6] =
    ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
/// What is kept of an answer unless more is asked for.
const STDOUT_BYTES: usize = 8 << 20;
/// Enough of its complaints to say what is wrong.
const STDERR_BYTES: usize = 64 << 10;
/// When the program is gone, what is left in its pipes is read within this time: a daemon that it started may hold them
/// open for ever.
const DRAIN: Duration = Duration::from_secs(1);
/// More of a stranger's words helps nobody.
const SHOWN_CHARS: usize = 300;

/// A program with its arguments.
#[derive(Clone, Debug)]
pub struct Program {
    path: PathBuf,
    arguments: Vec<OsString>,
    environment: Vec<(&'static str, OsString)>,
    input: Vec<u8>,
    folder: Option<PathBuf>,
    most: usize,
}

/// How it ended, and what it said.
#[derive(Debug)]
pub struct Output {
    program: String,
    /// How it ended.
    pub status: ExitStatus,
    /// The beginning of what it printed.
    pub stdout: Vec<u8>,
    /// Whether it printed more.
    pub is_cut: bool,
    /// The beginning of what it complained.
    pub stderr: Vec<u8>,
}

/// Why a program gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// It is not there.
    #[error("{}", self.said().en)]
    NotFound(String),
    /// It cannot be started or heard.
    #[error("{}", self.said().en)]
    Io {
        /// Its name.
        program: String,
        /// What the system said.
        error: io::Error,
    },
    /// It did not end in time; it was killed with all that it started.
    #[error("{}", self.said().en)]
    TimedOut(String),
    /// It says that it failed.
    #[error("{}", self.said().en)]
    Failed {
        /// Its name.
        program: String,
        /// How it ended, with its last words.
        why: Said,
    },
}

impl ProgramError {
    /// The sentence for people.
    pub fn said(&self) -> Said {
        match self {
            Self::NotFound(program) => Said::new(
                format!("{program} が見つかりません。インストールしてください"),
                format!("{program} is not here; install it"),
            ),
            Self::Io { program, error } => Said::new(
                format!("{program} を実行できません: {error}"),
                format!("{program} cannot be run: {error}"),
            ),
            Self::TimedOut(program) => Said::new(
                format!("{program} は時間内に終わらず、強制終了されました"),
                format!("{program} did not end in time and was killed"),
            ),
            Self::Failed { program, why } => why.within(|why| format!("{program}: {why}")),
        }
    }
}

impl Program {
    /// A program: a name that is looked for in these folders, or a path.
    ///
    /// # Errors
    /// It is not there.
    pub fn find<'a>(
        name: &str,
        folders: impl IntoIterator<Item = &'a Path>,
    ) -> Result<Self, ProgramError> {
        let is_there = |path: &PathBuf| is_executable(path);
        let path = if name.contains('/') {
            Some(PathBuf::from(name)).filter(is_there)
        } else {
            folders.into_iter().map(|folder| folder.join(name)).find(is_there)
        };
        path.map(Self::at).ok_or_else(|| ProgramError::NotFound(one_line(name)))
    }

    /// The program at a path.
    pub fn at(path: PathBuf) -> Self {
        Self {
            path,
            arguments: Vec::new(),
            environment: Vec::new(),
            input: Vec::new(),
            folder: None,
            most: STDOUT_BYTES,
        }
    }

    /// Arguments that we wrote ourselves, or whose form was checked.
    #[must_use]
    pub fn args<T: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = T>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// The last arguments, behind a `--`: none of them is taken for an option.
    #[must_use]
    pub fn operands<T: Into<OsString>>(mut self, operands: impl IntoIterator<Item = T>) -> Self {
        self.arguments.push("--".into());
        self.args(operands)
    }

    /// One more variable beside `PATH`, `LANG` and `HOME`.
    #[must_use]
    pub fn env(mut self, name: &'static str, value: impl Into<OsString>) -> Self {
        self.environment.push((name, value.into()));
        self
    }

    /// What it reads from its standard input.
    #[must_use]
    pub fn input(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = bytes.into();
        self
    }

    /// The folder that it runs in, instead of ours.
    #[must_use]
    pub fn inside(self, folder: impl Into<PathBuf>) -> Self {
        Self { folder: Some(folder.into()), ..self }
    }

    /// How many bytes of its answer are kept.
    #[must_use]
    pub fn keep(mut self, bytes: usize) -> Self {
        self.most = bytes;
        self
    }

    /// Runs it. At the deadline, and when this is dropped, it is killed with all that it started.
    ///
    /// # Errors
    /// It cannot be started, or did not end in time.
    pub async fn run(self, deadline: Instant) -> Result<Output, ProgramError> {
        let program = self.name();
        let refuse = |error| ProgramError::Io { program: program.clone(), error };
        let mut running = self.start().map_err(refuse)?;
        let heard = timeout_at(deadline, running.hear(&self.input, self.most)).await;
        match heard {
            Ok(heard) => {
                let (status, stdout, stderr) = heard.map_err(refuse)?;
                let is_cut = stdout.len() > self.most;
                let stdout = stdout.into_iter().take(self.most).collect();
                Ok(Output { program, status, stdout, is_cut, stderr })
            }
            Err(_) => {
                running.kill();
                // Seen gone, not only told to go; a process that the kernel holds is not waited for.
                let _ = timeout(DRAIN, running.0.wait()).await;
                Err(ProgramError::TimedOut(program))
            }
        }
    }

    fn name(&self) -> String {
        one_line(&self.path.file_name().unwrap_or_default().to_string_lossy())
    }

    fn start(&self) -> io::Result<Running> {
        let mut command = Command::new(&self.path);
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        command
            .args(&self.arguments)
            .env_clear()
            .env("PATH", FOLDERS.join(":"))
            .env("LANG", "C.UTF-8")
            .env("HOME", std::env::var_os("HOME").unwrap_or_else(|| "/".into()))
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(if self.input.is_empty() { Stdio::null() } else { Stdio::piped() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map(Running)
    }
}

impl Output {
    /// What it printed, when it says that all is well.
    ///
    /// # Errors
    /// How it ended otherwise, with its last words.
    pub fn success(self) -> Result<Vec<u8>, ProgramError> {
        if self.status.success() {
            return Ok(self.stdout);
        }
        let how = match (self.status.code(), self.status.signal()) {
            (Some(code), _) => Said::new(format!("終了コード {code}"), format!("exit code {code}")),
            (None, signal) => Said::new(
                format!("シグナル {} で終了", signal.unwrap_or_default()),
                format!("ended by signal {}", signal.unwrap_or_default()),
            ),
        };
        let why = match self.complaint() {
            Some(words) => how.within(|how| format!("{how}: {words}")),
            None => how,
        };
        Err(ProgramError::Failed { program: self.program, why })
    }

    /// The first line that it complained with: what follows is often a picture.
    pub fn complaint(&self) -> Option<String> {
        let text = String::from_utf8_lossy(&self.stderr);
        text.lines().map(one_line).find(|line| !line.is_empty())
    }
}

/// A child that leads its own group.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Running {
    fn kill(&self) {
        // Once it was waited for it has no id any more, and its number may be another's.
        let leader = self.0.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        if let Some(leader) = leader {
            // Gone already is as good.
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }

    async fn hear(
        &mut self,
        input: &[u8],
        most: usize,
    ) -> io::Result<(ExitStatus, Vec<u8>, Vec<u8>)> {
        let (out, err, stdin) = (self.0.stdout.take(), self.0.stderr.take(), self.0.stdin.take());
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let talking = async {
            let writing = async {
                if let Some(mut stdin) = stdin {
                    // A program that does not want to hear it says why by its exit.
                    let _ = stdin.write_all(input).await;
                }
            };
            // One byte more, to tell too much from just enough.
            let kept = (keep(out, most + 1, &mut stdout), keep(err, STDERR_BYTES, &mut stderr));
            tokio::join!(writing, kept.0, kept.1);
        };
        let status = {
            tokio::pin!(talking);
            tokio::select! {
                () = &mut talking => self.0.wait().await?,
                status = self.0.wait() => {
                    // What came in time is enough.
                    let _ = timeout(DRAIN, talking).await;
                    status?
                }
            }
        };
        Ok((status, stdout, stderr))
    }
}

/// Keeps the first bytes and reads the rest away, so that the program never waits for its reader.
async fn keep(stream: Option<impl AsyncRead + Unpin>, most: usize, kept: &mut Vec<u8>) {
    let Some(mut stream) = stream else { return };
    let mut piece = vec![0; 16 << 10];
    while let Ok(count @ 1..) = stream.read(&mut piece).await {
        let room = most.saturating_sub(kept.len());
        kept.extend_from_slice(&piece[..count.min(room)]);
    }
}

fn is_executable(path: &Path) -> bool {
    path.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

/// A stranger's words on one line: without colours and control characters, and not too many.
///
/// ```
/// assert_eq!(supervise::program::one_line("\u{1b}[31m[PM2][ERROR]\u{1b}[39m gone\n"), "[PM2][ERROR] gone");
/// ```
pub fn one_line(text: &str) -> String {
    let mut plain = String::new();
    let mut chars = text.trim().chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' && chars.next_if_eq(&'[').is_some() {
            // Up to the letter that ends the sequence.
            while chars.next().is_some_and(|c| !c.is_ascii_alphabetic()) {}
        } else {
            plain.push(if is_hostile(c) { ' ' } else { c });
        }
    }
    plain.trim().chars().take(SHOWN_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stat::Stat;
    use std::fs;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    fn bash(text: &str) -> Program {
        Program::find("bash", [Path::new("/bin")]).expect("bash").args(["-c", text])
    }

    #[tokio::test]
    async fn a_program_hears_its_input_and_knows_nothing_of_our_environment() {
        let program = bash("cat; env | sort").env("MORE", "yes").input("hello\n");
        let output = program.run(soon()).await.expect("it runs").success().expect("exit 0");
        let text = String::from_utf8(output).expect("text");
        assert!(text.starts_with("hello\n") && text.contains("MORE=yes\n"), "{text}");
        assert!(text.contains("PATH=/usr/local/sbin:") && !text.contains("CARGO"), "{text}");
    }

    #[tokio::test]
    async fn operands_are_never_options() {
        let program = Program::at("/bin/echo".into()).operands(["--help", ";rm -rf /", "a\nb"]);
        let output = program.run(soon()).await.expect("it runs").success().expect("exit 0");
        assert_eq!(String::from_utf8_lossy(&output), "-- --help ;rm -rf / a\nb\n");
    }

    #[tokio::test]
    async fn at_the_deadline_the_whole_group_is_gone() {
        let folder = tempfile::tempdir().expect("a folder");
        let pids = folder.path().join("pids");
        let text = format!("sleep 600 & echo $! $$ >{}; wait", pids.display());
        let deadline = Instant::now() + Duration::from_secs(60);
        let running = tokio::spawn(bash(&text).run(Instant::now() + Duration::from_secs(3)));
        let error = running.await.expect("no panic").expect_err("too slow");
        assert!(matches!(&error, ProgramError::TimedOut(name) if name == "bash"), "{error}");
        let pids = fs::read_to_string(pids).expect("it began");
        for pid in pids.split_whitespace().map(|pid| pid.parse().expect("a pid")) {
            while Stat::of(pid).is_some_and(|stat| stat.is_living()) {
                assert!(Instant::now() < deadline, "{pid} lives on");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    }

    #[tokio::test]
    async fn endless_output_is_cut_and_a_failure_has_its_last_words() {
        let output = bash("yes | head -c 100000").keep(10).run(soon()).await.expect("it runs");
        assert!(output.is_cut && output.stdout.len() == 10, "{output:?}");
        let output = bash("echo; echo no such thing >&2; exit 3").run(soon()).await;
        let error = output.expect("it runs").success().expect_err("exit 3");
        assert_eq!(error.to_string(), "bash: exit code 3: no such thing");
        let missing = Program::find("no-such-program", [Path::new("/bin")]).expect_err("not there");
        assert!(missing.said().en.contains("install"), "{missing}");
    }
}
