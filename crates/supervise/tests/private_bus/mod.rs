//! A D-Bus of a test's own, on which a stand-in speaks as systemd does. The stories of the probe use it as well.
#![allow(dead_code, reason = "every test program uses another part of it")]

use std::{fs, process::Stdio, time::Duration};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::timeout,
};

/// How long the daemon may take to begin.
const LONG: Duration = Duration::from_secs(60);

/// A private bus; it ends when it is dropped.
pub struct PrivateBus {
    /// Where it listens.
    pub address: String,
    /// The `dbus-daemon`.
    pub daemon: Child,
    _folder: TempDir,
}

impl PrivateBus {
    /// Nothing when dbus-daemon is not installed; then the story is told nowhere, and CI does not accept that.
    pub async fn start() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let (config, socket) = (folder.path().join("bus.conf"), folder.path().join("bus"));
        let text = format!(
            "<busconfig><type>session</type><listen>unix:path={}</listen><auth>EXTERNAL</auth>\
             <policy context=\"default\"><allow send_destination=\"*\"/><allow own=\"*\"/>\
             <allow receive_sender=\"*\"/></policy></busconfig>",
            socket.display()
        );
        fs::write(&config, text).expect("written");
        let started = Command::new("dbus-daemon")
            .args(["--nofork", "--nopidfile", "--print-address=1", "--config-file"])
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        let Ok(mut daemon) = started else {
            let is_ci = std::env::var_os("CI").is_some();
            assert!(!is_ci, "dbus-daemon is missing: apt-get install dbus-daemon");
            eprintln!("skipped: dbus-daemon is not installed (apt-get install dbus-daemon)");
            return None;
        };
        // It prints its address when it listens.
        let output = daemon.stdout.take().expect("a pipe");
        let line = timeout(LONG, BufReader::new(output).lines().next_line()).await;
        line.expect("in time").expect("readable").expect("an address");
        let address = format!("unix:path={}", socket.display());
        Some(Self { address, daemon, _folder: folder })
    }
}
