//! What verbs may touch: a configuration says it, a runbook cannot.

use ipnet::IpNet;
use std::collections::BTreeSet;

/// Processes that nobody may end through us, by the name of their program or as they call themselves: databases,
/// supervisors, the way in, and hikeshi.
const PROTECTED: [&str; 36] = [
    "agetty",
    "auditd",
    "bash",
    "clickhouse-server",
    "containerd",
    "crond",
    "cron",
    "dbus-broker",
    "dbus-daemon",
    "docker-init",
    "dockerd",
    "etcd",
    "hikeshi",
    "init",
    "kubelet",
    "mariadbd",
    "mongod",
    "mysqld",
    "oracle",
    "podman",
    "postgres",
    "postmaster",
    "rabbitmq-server",
    "redis-server",
    "runc",
    "runit",
    "runsvdir",
    "s6-svscan",
    "sh",
    "sqlservr",
    "sshd",
    "supervisord",
    "systemd",
    "tini",
    "valkey-server",
    "zsh",
];
/// The same by how their names begin: `PM2 v7.0.4: God Daemon`, `systemd-journald`, `containerd-shim-runc-v2`.
const PROTECTED_BEGINNINGS: [&str; 5] = ["PM2 v", "systemd-", "containerd-", "sshd-", "postgres:"];

/// What verbs may touch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Addresses that are never blocked: load balancers, monitors, the office.
    pub never_block: Vec<IpNet>,
    /// Whether addresses of private networks may be blocked.
    pub block_private: bool,
    /// The names of processes that `process.terminate` may end.
    pub may_end: BTreeSet<String>,
}

/// Whether a process of this name is never ended, whatever the configuration says.
///
/// ```
/// assert!(runbook::limits::is_protected("postgres") && !runbook::limits::is_protected("node"));
/// ```
pub fn is_protected(name: &str) -> bool {
    PROTECTED.contains(&name) || PROTECTED_BEGINNINGS.iter().any(|start| name.starts_with(start))
}
