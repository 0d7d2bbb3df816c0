//! A transient systemd scope: a control group of its own for a process that hikeshi has started.
//!
//! What is in it outlives a restart of hikeshi's own unit whatever its `KillMode` is, and nothing leaves it: neither a new
//! session nor an empty environment hides a process. The scope ends with its last process.
//! Format: `StartTransientUnit` of org.freedesktop.systemd1(5).

use crate::{bus::Bus, job};
use domain::said::Said;
use std::{fs, path::Path, sync::Mutex, time::Duration};
use tokio::time::{Instant, timeout};
use zbus::Variant;

/// A scope is there within a few milliseconds; a systemd that needs longer is not waited for.
const LIMIT: Duration = Duration::from_secs(2);
/// After a refusal systemd is not asked again for this long.
const PAUSE: Duration = Duration::from_secs(10 * 60);

/// Asks systemd for scopes.
#[derive(Debug)]
pub struct Scopes {
    bus: Bus,
    not_before: Mutex<Option<Instant>>,
}

impl Scopes {
    /// On this bus.
    pub fn on(bus: Bus) -> Self {
        Self { bus, not_before: Mutex::new(None) }
    }

    /// The manager that this process may ask: the machine's for root, else the user's. None: systemd does not run here.
    pub fn of_this_machine() -> Option<Self> {
        // As sd_booted(3) tells it.
        if !Path::new("/run/systemd/system").is_dir() {
            return None;
        }
        let is_root = rustix::process::geteuid().is_root();
        Some(Self::on(if is_root { Bus::System } else { Bus::Session }))
    }

    /// Puts a process into a scope of this name; what it starts from then on is in it, too.
    ///
    /// # Errors
    /// A sentence: systemd does not answer or does not allow it. The process runs as before.
    pub async fn adopt(&self, scope: &str, pid: u32) -> Result<(), Said> {
        let paused = *self.not_before.lock().expect("nobody panics while holding it");
        if paused.is_some_and(|until| Instant::now() < until) {
            return Err(Said::new(
                "少し前に systemd がスコープを拒否しました",
                "systemd has refused a scope a short while ago",
            ));
        }
        let properties = [
            ("Description", Variant::from("A step of a runbook (hikeshi)")),
            ("PIDs", Variant::from(vec![pid])),
            ("CollectMode", Variant::from("inactive-or-failed")),
        ];
        let aux: [(&str, Vec<(&str, Variant<'_>)>); 0] = [];
        let body = (scope, "fail", properties.as_slice(), aux.as_slice());
        let asked = timeout(LIMIT, job::run(&self.bus, "StartTransientUnit", scope, &body)).await;
        let result = match asked {
            Ok(Ok(result)) if result == "done" => return Ok(()),
            Ok(Ok(result)) => Said::new(
                format!("スコープ {scope} が `{}` で終わりました", result.escape_debug()),
                format!("the scope {scope} ended as `{}`", result.escape_debug()),
            ),
            Ok(Err(why)) => why,
            Err(_) => Said::new(
                format!("systemd が {LIMIT:?} 以内に応答しません"),
                format!("systemd gave no answer within {LIMIT:?}"),
            ),
        };
        let until = Instant::now() + PAUSE;
        *self.not_before.lock().expect("nobody panics while holding it") = Some(until);
        Err(result)
    }
}

/// Whether a process is in a scope, or in a group below it.
pub fn is_in(scope: &str, pid: u32) -> bool {
    // One line per hierarchy: `0::/system.slice/hikeshi-….scope`.
    let groups = fs::read_to_string(format!("/proc/{pid}/cgroup")).unwrap_or_default();
    groups.lines().any(|line| line.split('/').any(|part| part == scope))
}
