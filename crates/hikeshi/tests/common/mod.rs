//! A house for tests from end to end: a folder with a small configuration, the real server, the real command line.
#![allow(dead_code, reason = "every test program uses another part of it")]

pub mod client;
pub mod mailbox;
pub mod sink;

use client::Client;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::{
    fs::{self, File},
    io::Read,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};
use supervise::Identity;
use tempfile::TempDir;

/// The program that is tested.
pub const HIKESHI: &str = env!("CARGO_BIN_EXE_hikeshi");
/// How long anything may take, on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(120);
/// How every configuration of the tests begins.
const HEAD: &str = "product: Test\nlanguage: en\nlisten: 127.0.0.1:0\n";

/// A runbook that restarts a service and sees that it runs, with minimal verification numbers.
pub const RESTART: &str = "\
---
alert: service_down
owner: SRE
mode: auto
verify: {passes: 1, every: 1s, steady: 0s, within: 60s}
limits: {rate: 3 per 300s, spacing: 1s}
---
# Service down
## Respond
```action {name=restart effect=once timeout=60s}
service.restart
```
## Verify
```action {name=running timeout=10s}
service.status
```
";

/// A service of which nothing is heard: its health address answers to nobody.
pub const UNHEARD: &str = "\
services: {web: {health: {url: \"http://127.0.0.1:1/\", every: 1s}}}
clocks: {assess_within: 0s, steady: 1s}
";

/// A runbook whose step does this, and helps nothing; it runs by itself, once.
pub fn in_vain(timeout: &str, body: &str) -> String {
    format!(
        "\
---
alert: service_down
owner: SRE
mode: auto
verify: {{passes: 1, every: 1s, steady: 0s, within: 2s}}
limits: {{rate: 1 per 300s, spacing: 1s}}
---
# Service down
## Respond
```bash {{name=fix effect=once timeout={timeout}}}
{body}
```
## Verify
```bash {{name=health timeout=2s}}
exit 1
```
"
    )
}

/// A folder with a configuration, and perhaps a server that runs on it. All of it ends with this value.
pub struct House {
    folder: TempDir,
    server: Option<Child>,
    variables: Vec<(String, String)>,
}

/// What a command of the command line said.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// The one JSON document on stdout.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("no JSON ({error}): {self:?}"))
    }

    /// Everything that was said.
    pub fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

impl House {
    /// A house with this configuration below the usual head.
    pub fn new(yaml: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let house = Self { folder, server: None, variables: Vec::new() };
        fs::create_dir_all(house.config()).expect("a folder");
        house.configure(yaml);
        house
    }

    /// Another configuration from the next start on.
    pub fn configure(&self, yaml: &str) {
        fs::write(self.config().join("hikeshi.yaml"), format!("{HEAD}{yaml}")).expect("written");
    }

    /// Adds a runbook.
    pub fn with_runbook(self, name: &str, text: &str) -> Self {
        let folder = self.config().join("runbooks");
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join(format!("{name}.md")), text).expect("written");
        self
    }

    /// Sets a variable for the server and all commands.
    pub fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// A folder that is not the configuration's.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The configuration's folder.
    pub fn config(&self) -> PathBuf {
        self.folder.path().join("house")
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.config().join("data")
    }

    /// What the server has said so far, over all its lives.
    pub fn log(&self) -> String {
        fs::read_to_string(self.path().join("server.log")).unwrap_or_default()
    }

    /// A command of this configuration that was not started yet.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(HIKESHI);
        command.args(arguments).env("HIKESHI_CONFIG", self.config());
        command.env("HIKESHI_LANG", "en").stdin(Stdio::null());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        finish(self.command(arguments))
    }

    /// Runs a command that must end with this code.
    pub fn run_for(&self, code: i32, arguments: &[&str]) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code, code, "{arguments:?}: {ran:?}\n{}", self.log());
        ran
    }

    /// Runs a command with `--json` that must end well.
    pub fn json(&self, arguments: &[&str]) -> Value {
        self.run_for(0, &[arguments, &["--json"]].concat()).json()
    }

    /// Starts the server and waits until it is ready.
    pub fn serve(&mut self) {
        self.launch();
        self.wait("the server is ready", |house| house.is_ready().then_some(()));
    }

    /// Starts the server and does not wait.
    pub fn launch(&mut self) {
        let mut options = File::options();
        let log = options.create(true).append(true).open(self.path().join("server.log"));
        let log = log.expect("a log file");
        let errors = log.try_clone().expect("a second handle");
        let mut command = self.command(&["serve"]);
        // As most people do it: in the folder itself, which makes every path a relative one.
        command.current_dir(self.config()).arg("-c").arg(".");
        let server = command.stdout(log).stderr(errors).spawn();
        self.server = Some(server.expect("it starts"));
    }

    /// Whether the server says that it is ready.
    pub fn is_ready(&mut self) -> bool {
        if let Some(Ok(Some(status))) = self.server.as_mut().map(Child::try_wait) {
            panic!("the server ended with {status}:\n{}", self.log());
        }
        self.local().get("/readyz").is_ok_and(|answer| answer.status == 200)
    }

    /// The server's process id.
    pub fn server_pid(&self) -> u32 {
        self.server.as_ref().expect("it runs").id()
    }

    /// Kills the server without a word.
    pub fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            // It may have ended by itself.
            let _ = server.kill();
            server.wait().expect("our own child");
        }
    }

    /// Asks the server to end, and sees that it does so well.
    pub fn stop(&mut self) {
        let mut server = self.server.take().expect("it runs");
        signal(server.id(), Signal::TERM);
        let status = wait("the server ends", || server.try_wait().expect("our own child"));
        assert!(status.success(), "{status}:\n{}", self.log());
    }

    /// The door that acts.
    pub fn local(&self) -> Client {
        Client::over_socket(&self.data().join("hikeshi.sock"))
    }

    /// Where the server listens.
    pub fn door(&self) -> SocketAddr {
        let status = self.local().get("/api/v1/status").expect("the server answers").json();
        status["listen"].as_str().and_then(|text| text.parse().ok()).expect("it listens")
    }

    /// The door for everybody: it shows, and takes in what other systems send.
    pub fn open_door(&self) -> Client {
        Client::over_tcp(self.door())
    }

    /// Waits until something is there; fails with what the server said when it does not come.
    pub fn wait<T>(&mut self, what: &str, mut look: impl FnMut(&mut Self) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look(self) {
                return found;
            }
            assert!(Instant::now() < deadline, "in vain: {what}\n{}", self.log());
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// The process of a service that hikeshi started, while it lives.
    pub fn service(&self, name: &str) -> Option<Identity> {
        let text = fs::read(self.data().join("services").join(format!("{name}.json"))).ok()?;
        let record: Value = serde_json::from_slice(&text).ok()?;
        let identity: Identity = serde_json::from_value(record["identity"].clone()).ok()?;
        identity.is_alive().then_some(identity)
    }

    /// Kills the process of a service, as an accident would; returns which it was.
    pub fn kill_service(&self, name: &str) -> Identity {
        let identity = self.service(name).unwrap_or_else(|| panic!("{name} runs"));
        signal(identity.pid, Signal::KILL);
        identity
    }

    /// The living processes that were started as this service, or as any.
    pub fn processes_of(&self, service: &str) -> Vec<u32> {
        let Ok(folder) = self.data().join("services").canonicalize() else { return Vec::new() };
        let mark = format!("HIKESHI_SERVICE={}/{service}", folder.display());
        let is_ours = |pid: &u32| {
            let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            environment.split(|byte| *byte == 0).any(|entry| {
                if service.is_empty() {
                    entry.starts_with(mark.as_bytes())
                } else {
                    entry == mark.as_bytes()
                }
            })
        };
        let entries = fs::read_dir("/proc").expect("Linux").flatten();
        let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        pids.filter(is_ours).filter(|pid| Identity::of(*pid).is_some()).collect()
    }

    /// Every fact in the journal, as `journal show --json` prints it.
    pub fn facts(&self) -> Vec<Value> {
        let ran = self.run_for(0, &["journal", "show", "--limit", "10000000", "--json"]);
        let parse = |line| serde_json::from_str(line).expect("a JSON object per line");
        ran.stdout.lines().map(parse).collect()
    }

    /// The facts of one kind.
    pub fn facts_of(&self, kind: &str) -> Vec<Value> {
        self.facts().into_iter().filter(|fact| fact["kind"] == kind).collect()
    }

    /// Waits until nothing burns, runs or is owed any more.
    pub fn wait_until_calm(&mut self) {
        self.wait("everything is calm", |house| {
            let status = house.local().get("/api/v1/status").ok()?.json();
            let open = ["incidents", "alerts", "runs", "notices_owed"];
            open.iter().all(|name| status[*name] == 0).then_some(())
        });
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.kill();
        for pid in self.processes_of("") {
            signal(pid, Signal::KILL);
        }
    }
}

/// Sends a signal to a process that a test started; it may be gone already.
pub fn signal(pid: u32, signal: Signal) {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).expect("a process id");
    let _ = kill_process(pid, signal);
}

/// Waits until something is there.
pub fn wait<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "in vain: {what}");
        thread::sleep(Duration::from_millis(50));
    }
}

/// Runs a command to its end, or kills it and fails.
pub fn finish(mut command: Command) -> Ran {
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let stdout = drain(child.stdout.take().expect("a pipe"));
    let stderr = drain(child.stderr.take().expect("a pipe"));
    let deadline = Instant::now() + PATIENCE;
    let status = loop {
        if let Some(status) = child.try_wait().expect("our own child") {
            break status;
        }
        if Instant::now() > deadline {
            let _ = child.kill();
            let _ = child.wait();
            panic!("{command:?} does not end; it said {}", stdout.join().expect("read"));
        }
        thread::sleep(Duration::from_millis(10));
    };
    Ran {
        code: status.code().unwrap_or(-1),
        stdout: stdout.join().expect("read"),
        stderr: stderr.join().expect("read"),
    }
}

fn drain(mut pipe: impl Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).expect("a pipe can be read");
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
