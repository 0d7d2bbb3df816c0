//! The processes of one attempt: found by their session, by a mark in their environment and by their control group, and
//! ended as a whole.
//!
//! Without systemd there is no control group: a process that leaves the session and also clears its environment is not
//! found then.

use domain::said::Said;
use futures::future::select_all;
use std::{
    fs,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};
use supervise::{Identity, Process, Signal, stat::Stat};
use tokio::time::{Instant, sleep, timeout_at};

/// The variable that marks every process of an attempt.
pub const MARK: &str = "HK_ATTEMPT";
/// How long processes may take to end after TERM.
const GRACE: Duration = Duration::from_secs(2);
/// How long the kernel may take to end what was killed.
const KILL_TIMEOUT: Duration = Duration::from_secs(10);
/// New processes are looked for at least this often.
const LOOK: Duration = Duration::from_millis(50);

/// Which processes are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The session that the step opened. A daemon that left it on purpose is not meant.
    Session,
    /// The session, and whoever carries the mark of the attempt or is in its control group.
    Everything,
}

/// The processes of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// The first process; it opened the session.
    pub leader: Identity,
    /// The value of [`MARK`].
    pub mark: String,
}

impl Tree {
    /// A mark that no other attempt on this machine has.
    pub fn fresh_mark(attempt: &str) -> String {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let own = std::process::id();
        let start = Stat::of(own).map_or(0, |stat| stat.start_ticks);
        format!("{attempt}/{own}.{start}.{count}")
    }

    /// The text that a journal keeps; [`Tree::read`] takes it back.
    pub fn text(&self) -> String {
        let Identity { pid, start_ticks, boot_id } = &self.leader;
        format!("{pid}:{start_ticks}:{boot_id}:{}", self.mark)
    }

    /// Reads the text of [`Tree::text`].
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, ':');
        let pid = parts.next()?.parse().ok()?;
        let start_ticks = parts.next()?.parse().ok()?;
        let boot_id = parts.next()?.to_owned();
        let mark = parts.next().filter(|mark| !mark.is_empty())?.to_owned();
        Some(Self { leader: Identity { pid, start_ticks, boot_id }, mark })
    }

    /// The name of its control group, where it has one: no other unit has it.
    pub fn scope(&self) -> String {
        scope_of(&self.mark)
    }

    /// The living processes of the attempt, without the one that asks: a recorder is in the group of its step.
    pub fn living(&self, scope: Scope) -> Vec<Identity> {
        let all = Stat::all();
        // A session's number is given to nobody else while a member lives: another process with the
        // leader's pid means that all of them are gone.
        let is_reused = all
            .iter()
            .any(|stat| stat.pid == self.leader.pid && Identity::from_stat(stat) != self.leader);
        let in_session = |stat: &Stat| {
            !is_reused
                && stat.session == self.leader.pid
                && stat.start_ticks >= self.leader.start_ticks
        };
        let group = self.scope();
        let is_meant = |stat: &Stat| {
            in_session(stat)
                || (scope == Scope::Everything
                    && (self.marks(stat.pid) || supervise::scope::is_in(&group, stat.pid)))
        };
        all.iter()
            .filter(|stat| stat.is_living() && stat.pid != std::process::id() && is_meant(stat))
            .map(Identity::from_stat)
            .collect()
    }

    fn marks(&self, pid: u32) -> bool {
        let wanted = format!("{MARK}={}", self.mark);
        fs::read(format!("/proc/{pid}/environ")).is_ok_and(|bytes| {
            bytes.split(|byte| *byte == 0).any(|entry| entry == wanted.as_bytes())
        })
    }

    /// Ends every process: TERM, two seconds, KILL, until all are seen gone.
    ///
    /// # Errors
    /// The pids that would not go.
    pub async fn end(&self, scope: Scope) -> Result<(), Vec<u32>> {
        if self.is_gone(scope, Signal::TERM, Instant::now() + GRACE).await
            || self.is_gone(scope, Signal::KILL, Instant::now() + KILL_TIMEOUT).await
        {
            return Ok(());
        }
        Err(self.living(scope).iter().map(|identity| identity.pid).collect())
    }

    /// Signals whoever is left, each once, until nobody is; false when the deadline comes first.
    async fn is_gone(&self, scope: Scope, signal: Signal, deadline: Instant) -> bool {
        let mut signalled: Vec<Process> = Vec::new();
        loop {
            let living = self.living(scope);
            if living.is_empty() {
                return true;
            }
            signalled.retain(|process| living.contains(process.identity()));
            for identity in living {
                if signalled.iter().any(|process| *process.identity() == identity) {
                    continue;
                }
                // Who cannot be signalled stays in the list, and is named at the end.
                if let Ok(Some(process)) = identity.open()
                    && process.signal(signal).is_ok()
                {
                    signalled.push(process);
                }
            }
            if Instant::now() >= deadline {
                return false;
            }
            let until = deadline.min(Instant::now() + LOOK);
            if signalled.is_empty() {
                sleep(Duration::from_millis(5)).await;
            } else {
                let any = select_all(signalled.iter().map(|process| Box::pin(process.died())));
                // Whether somebody died or the time is up, the next look tells.
                let _ = timeout_at(until, any).await;
            }
        }
    }
}

/// The scope of an attempt: its mark in the letters that a unit's name may have.
fn scope_of(mark: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
    format!("hikeshi-{}.scope", mark.chars().map(letter).collect::<String>())
}

/// Ends what is left of an attempt that was started before hikeshi went down. `identity` is what
/// [`crate::Performer::perform`] gave to `started`; every process is checked against it before it is signalled.
/// Returns how many processes there were.
///
/// # Errors
/// The text is none, or processes would not go.
pub async fn reap(identity: &str) -> Result<usize, Said> {
    let tree = Tree::read(identity).ok_or_else(|| {
        Said::new(
            "記録されたプロセスの識別子が読めません",
            "the recorded identity of the process cannot be read",
        )
    })?;
    let found = tree.living(Scope::Everything).len();
    match tree.end(Scope::Everything).await {
        Ok(()) => Ok(found),
        Err(pids) => Err(Said::new(
            format!("プロセスが KILL の後も残っています (pid {pids:?})"),
            format!("processes are still there after KILL (pid {pids:?})"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_reads_back_from_what_the_journal_keeps() {
        let leader = Identity::of(std::process::id()).expect("this process lives");
        let tree = Tree { leader, mark: Tree::fresh_mark("RUN-7/restart/1") };
        assert_eq!(Tree::read(&tree.text()), Some(tree.clone()));
        assert_ne!(Tree::fresh_mark("RUN-7/restart/1"), tree.mark);
        for broken in ["", "12", "12:34:boot", "12:34:boot:", "x:34:boot:mark"] {
            assert_eq!(Tree::read(broken), None, "{broken}");
        }
    }

    #[tokio::test]
    async fn what_belongs_to_another_boot_or_to_nobody_is_left_alone() {
        let me = Identity::of(std::process::id()).expect("this process lives");
        let other = Tree {
            leader: Identity { boot_id: "before".into(), ..me },
            mark: "RUN-1/x/1/0.0.0".into(),
        };
        assert_eq!(reap(&other.text()).await, Ok(0));
        assert!(reap("nonsense").await.is_err());
    }
}
