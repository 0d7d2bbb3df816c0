//! The two servers that are compared: hikeshi, and Alertmanager where it is installed.

use super::common::House;
use std::{
    fs,
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};
use tempfile::TempDir;

/// A server that takes alerts.
pub struct Server {
    /// What it is called in the table.
    pub name: &'static str,
    /// Where it listens.
    pub door: SocketAddr,
    pid: u32,
    _keep: Keep,
}

#[expect(dead_code, reason = "held so that it ends with the server")]
enum Keep {
    Hikeshi(Box<House>),
    Alertmanager(Running, TempDir),
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Server {
    /// hikeshi, which pages `hook` at once.
    pub fn hikeshi(hook: SocketAddr) -> Self {
        let mut house = House::new(&format!(
            "services: {{web: {{}}}}\nchannels: {{hook: {{kind: webhook, url: \"http://{hook}/hook\"}}}}\n\
             routes: {{P0: {{channels: [hook]}}, P1: {{channels: [hook]}}, warning: {{channels: [hook]}}}}\n\
             clocks: {{assess_within: 0s}}\n"
        ));
        house.serve();
        let (door, pid) = (house.door(), house.server_pid());
        Self { name: "hikeshi", door, pid, _keep: Keep::Hikeshi(Box::new(house)) }
    }

    /// Alertmanager, which pages `hook` at once; none: it is not installed.
    pub fn alertmanager(hook: SocketAddr) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let config = format!(
            "route: {{receiver: hook, group_by: [alertname], group_wait: 0s, group_interval: 1s}}\n\
             receivers: [{{name: hook, webhook_configs: [{{url: \"http://{hook}/hook\"}}]}}]\n"
        );
        fs::write(folder.path().join("am.yml"), config).expect("written");
        let door = free_address();
        let child = Command::new("prometheus-alertmanager")
            .arg(format!("--config.file={}", folder.path().join("am.yml").display()))
            .arg(format!("--storage.path={}", folder.path().join("data").display()))
            .arg(format!("--web.listen-address={door}"))
            .arg("--cluster.listen-address=")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let pid = child.id();
        for _ in 0..200 {
            if TcpStream::connect(door).is_ok() {
                break;
            }
            thread::sleep(Duration::from_millis(50));
        }
        let _keep = Keep::Alertmanager(Running(child), folder);
        Some(Self { name: "Alertmanager", door, pid, _keep })
    }

    /// CPU time so far, in seconds.
    pub fn cpu(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid)).unwrap_or_default();
        let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
        let ticks = after.split_whitespace().skip(11).take(2);
        ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
    }

    /// Resident memory in MiB.
    pub fn resident_mib(&self) -> f64 {
        let path = format!("/proc/{}/status", self.pid);
        let status = fs::read_to_string(Path::new(&path)).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
        kib.unwrap_or(f64::NAN) / 1024.0
    }
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("bound")
}
