//! The kernel's own log, record by record as `/dev/kmsg` gives it, and the OOM kills in it.

use crate::outside::shown;
use regex::Regex;
use rustix::{
    fs::{Mode, OFlags},
    io::Errno,
};
use std::{fs::File, io, path::Path, sync::LazyLock, time::Duration};

/// The longest record of the kernel is 1 KiB with its header; a shorter buffer would be refused.
const RECORD_BYTES: usize = 8 << 10;
/// A line that does not end is none of the kernel's.
const LINE_BYTES: usize = 64 << 10;

/// A process that was killed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Victim {
    /// Its name, as far as the kernel keeps it (15 bytes).
    pub name: String,
    /// Its process id.
    pub pid: u32,
}

/// The kernel killed a process for want of memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kill {
    /// When, on the kernel's clock: the time since the machine started.
    pub at: Duration,
    /// Which process; nothing when only a counter tells.
    pub victim: Option<Victim>,
    /// Who asked for memory when there was none.
    pub invoked_by: Option<String>,
    /// The memory cgroup whose limit was hit; nothing when the machine itself ran out.
    pub cgroup: Option<String>,
}

/// Reads a kernel log from its beginning, each record once.
#[derive(Debug)]
pub(crate) struct KernelLog {
    file: File,
    line: Vec<u8>,
    invoked_by: Option<String>,
    cgroup: Option<String>,
}

impl KernelLog {
    /// Opens it; never waits for records.
    ///
    /// # Errors
    /// It is not there, or may not be read.
    pub fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
        Ok(Self { file, line: Vec::new(), invoked_by: None, cgroup: None })
    }

    /// The kills since the last call.
    ///
    /// # Errors
    /// It cannot be read any more.
    pub fn kills(&mut self) -> io::Result<Vec<Kill>> {
        let mut kills = Vec::new();
        let mut record = [0; RECORD_BYTES];
        loop {
            match rustix::io::read(&self.file, &mut record) {
                Ok(0) | Err(Errno::AGAIN) => return Ok(kills),
                // Overwritten before it was read: the next read goes on behind the gap.
                Err(Errno::PIPE | Errno::INTR) => self.line.clear(),
                Err(error) => return Err(error.into()),
                Ok(count) => self.take(&record[..count], &mut kills),
            }
        }
    }

    fn take(&mut self, bytes: &[u8], kills: &mut Vec<Kill>) {
        for byte in bytes {
            if *byte != b'\n' {
                if self.line.len() < LINE_BYTES {
                    self.line.push(*byte);
                }
                continue;
            }
            let line = std::mem::take(&mut self.line);
            kills.extend(self.judge(&String::from_utf8_lossy(&line)));
        }
    }

    /// `3,1234,5678901,-;Out of memory: Killed process 123 (python3) ...`; the second number is the
    /// record's, the third is microseconds since the machine started.
    fn judge(&mut self, line: &str) -> Option<Kill> {
        let (header, message) = line.split_once(';')?;
        let mut fields = header.split(',');
        // The bits above the level are who wrote it: 0 is the kernel, the others anybody with the right to.
        let is_kernel = fields.next()?.parse::<u32>().ok()? >> 3 == 0;
        let micros = fields.nth(1).filter(|_| is_kernel)?.parse().ok()?;
        if let Some((who, _)) = message.split_once(" invoked oom-killer: ") {
            (self.invoked_by, self.cgroup) = (Some(shown(who)), None);
            return None;
        }
        if let Some(details) = message.strip_prefix("oom-kill:") {
            self.cgroup =
                details.split(',').find_map(|field| field.strip_prefix("oom_memcg=")).map(shown);
            return None;
        }
        let found = KILLED.captures(message)?;
        Some(Kill {
            at: Duration::from_micros(micros),
            victim: Some(Victim { name: shown(&found[2]), pid: found[1].parse().ok()? }),
            invoked_by: self.invoked_by.take(),
            cgroup: self.cgroup.take(),
        })
    }
}

/// Newer kernels: `Out of memory: Killed process 123 (python3) total-vm:...`, or `Memory cgroup out of
/// memory: ...` before it; older ones: `Killed process 123 (python3), UID 1000, total-vm:...`.
static KILLED: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"(?:^|: )Killed process (\d+) \((.*)\),? (?:UID \d+,? )?total-vm";
    Regex::new(pattern).expect("a constant pattern")
});

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, io::Write};

    fn kills_of(messages: &[&str]) -> Vec<Kill> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("kmsg");
        let records: String =
            messages.iter().map(|message| format!("4,7,9000000,-;{message}\n")).collect();
        fs::write(&path, records).expect("written");
        KernelLog::open(&path).expect("there").kills().expect("readable")
    }

    #[test]
    fn the_victim_and_who_invoked_the_killer_are_named() {
        // A58.
        let kills = kills_of(&[
            "node invoked oom-killer: gfp_mask=0x140cca(GFP_HIGHUSER_MOVABLE), order=0, oom_score_adj=0",
            "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/x,task=python3,pid=123,uid=0",
            "Out of memory: Killed process 123 (python3) total-vm:812kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:48kB oom_score_adj:0",
            "oom_reaper: reaped process 123 (python3), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB",
        ]);
        let expected = Kill {
            at: Duration::from_secs(9),
            victim: Some(Victim { name: "python3".into(), pid: 123 }),
            invoked_by: Some("node".into()),
            cgroup: None,
        };
        assert_eq!(kills, [expected]);
    }

    #[test]
    fn a_cgroup_at_its_limit_and_the_words_of_older_kernels_are_understood() {
        let kills = kills_of(&[
            "python3 invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0",
            "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/system.slice/api.service,task_memcg=/system.slice/api.service,task=python3,pid=9,uid=33",
            "Memory cgroup out of memory: Killed process 9 (tmux: (a) b) total-vm:812kB, anon-rss:4kB",
            "Out of memory: Kill process 2592 (java) score 900 or sacrifice child",
            "Killed process 2592 (java), UID 1000, total-vm:812kB, anon-rss:4kB, file-rss:0kB",
        ]);
        assert_eq!(kills.len(), 2, "{kills:?}");
        let name = |kill: &Kill| kill.victim.as_ref().map(|victim| victim.name.clone());
        assert_eq!(name(&kills[0]).as_deref(), Some("tmux: (a) b"));
        assert_eq!(kills[0].cgroup.as_deref(), Some("/system.slice/api.service"));
        assert_eq!((name(&kills[1]).as_deref(), &kills[1].invoked_by), (Some("java"), &None));
    }

    #[test]
    fn each_record_is_read_once_and_only_when_it_is_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("kmsg");
        let record =
            "6,1,1000000,-;Out of memory: Killed process 5 (a) total-vm:1kB\n SUBSYSTEM=x\n";
        fs::write(&path, record).expect("written");
        let mut log = KernelLog::open(&path).expect("there");
        assert_eq!(log.kills().expect("readable").len(), 1);
        assert_eq!(log.kills().expect("readable").len(), 0);
        let mut file = File::options().append(true).open(&path).expect("there");
        let (begun, rest) = record.split_at(40);
        file.write_all(begun.as_bytes()).expect("written");
        assert_eq!(log.kills().expect("readable").len(), 0);
        file.write_all(rest.as_bytes()).expect("written");
        assert_eq!(log.kills().expect("readable").len(), 1);
        let forged =
            "12,2,1000000,-;Killed process 7 (b) total-vm\nKilled process 7 (b) total-vm\n";
        file.write_all(forged.as_bytes()).expect("written");
        assert_eq!(log.kills().expect("readable").len(), 0, "only records of the kernel count");
    }
}
