//! `hikeshi serve` as a process of its own, as a user would run it.

use super::configuration::Work;
use crate::{client::Client, show::Trouble};
use demo::Platform;
use domain::said::Said;
use rustix::process::{Pid, Signal, kill_process};
use std::{
    fs::File,
    net::SocketAddr,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// How long a start may take: the services get ready in that time.
const START: Duration = Duration::from_secs(90);
/// How long an end may take before it is forced.
const END: Duration = Duration::from_secs(30);

/// The running server; it ends with this value.
pub struct Server {
    child: Child,
    socket: std::path::PathBuf,
    listen: SocketAddr,
}

impl Server {
    /// Starts it and waits until it answers.
    pub fn start(work: &Work, platform: &Platform) -> Result<Self, Trouble> {
        let cannot = |error: std::io::Error| {
            Trouble::unusable(Said::same(format!("hikeshi serve: {error}")))
        };
        let log = File::create(work.server_log()).map_err(cannot)?;
        let mut command = Command::new(std::env::current_exe().map_err(cannot)?);
        command
            .arg("serve")
            .arg("--ends-with")
            .arg(std::process::id().to_string())
            .arg("-c")
            .arg(work.config());
        if let Some(access) = platform.database() {
            command.env("POSTGRES_PASSWORD", &access.password.0);
        }
        let child = command
            .stdin(Stdio::null())
            .stdout(log.try_clone().map_err(cannot)?)
            .stderr(log)
            .spawn()
            .map_err(cannot)?;
        let mut server = Self {
            child,
            socket: work.config().join("data").join(crate::data_folder::SOCKET),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        };
        server.wait_until_ready(work)?;
        Ok(server)
    }

    fn wait_until_ready(&mut self, work: &Work) -> Result<(), Trouble> {
        let deadline = Instant::now() + START;
        while Instant::now() < deadline {
            if let Ok(status) = self.client().and_then(|client| client.get("/api/v1/status")) {
                let listen = status["listen"].as_str().and_then(|text| text.parse().ok());
                self.listen = listen.unwrap_or(self.listen);
                return Ok(());
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                let said = std::fs::read_to_string(work.server_log()).unwrap_or_default();
                return Err(Trouble::unusable(Said::same(format!(
                    "hikeshi serve ended ({status}):\n{said}"
                ))));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let log = work.server_log();
        Err(Trouble::unusable(Said::same(format!(
            "hikeshi serve is not ready after {START:?}; see {}",
            log.display()
        ))))
    }

    /// A client of it.
    pub fn client(&self) -> Result<Client, Trouble> {
        Client::at(self.socket.clone(), Some("demo".into()))
    }

    /// Where it listens.
    pub fn listen(&self) -> SocketAddr {
        self.listen
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid {
            let _ = kill_process(pid, Signal::TERM);
        }
        let deadline = Instant::now() + END;
        while Instant::now() < deadline {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
