//! One line of `/proc/PID/stat`: what the kernel says about a process.

use std::fs;

/// The fields that identity, sessions and CPU use need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stat {
    /// The process id.
    pub pid: u32,
    /// The name of the program, at most 15 bytes; chosen by the process, so text from outside.
    pub comm: String,
    /// `R`, `S`, `D`, `Z` and so on.
    pub state: char,
    /// The parent's process id.
    pub parent: u32,
    /// The session that the process belongs to.
    pub session: u32,
    /// CPU time in user and kernel mode since the start, in clock ticks.
    pub cpu_ticks: u64,
    /// When the process started, in clock ticks since the machine started.
    pub start_ticks: u64,
    /// Memory that it holds now, in pages.
    pub rss_pages: u64,
}

impl Stat {
    /// Reads the line of one process; nothing when there is no such process.
    pub fn of(pid: u32) -> Option<Self> {
        let bytes = fs::read(format!("/proc/{pid}/stat")).ok()?;
        Self::parse(&String::from_utf8_lossy(&bytes))
    }

    /// The lines of all processes that are there now.
    pub fn all() -> Vec<Self> {
        let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
        entries
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter_map(Self::of)
            .collect()
    }

    /// Whether the process still runs: a zombie is dead, only its parent has not looked yet.
    pub fn is_living(&self) -> bool {
        !matches!(self.state, 'Z' | 'X' | 'x')
    }

    /// Takes the line apart. The name stands in parentheses and may itself hold any of them.
    pub fn parse(line: &str) -> Option<Self> {
        let (head, tail) = line.rsplit_once(')')?;
        let (pid, comm) = head.split_once('(')?;
        let fields: Vec<&str> = tail.split_ascii_whitespace().collect();
        // proc(5) counts from 1 and the state is field 3, so field N is at N - 3 here.
        let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
        let small = |field: usize| u32::try_from(number(field)?).ok();
        Some(Self {
            pid: pid.trim().parse().ok()?,
            comm: comm.to_owned(),
            state: fields.first()?.chars().next()?,
            parent: small(4)?,
            session: small(6)?,
            cpu_ticks: number(14)? + number(15)?,
            start_ticks: number(22)?,
            rss_pages: number(24)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_with_parentheses_in_its_name_is_read() {
        let line = "42 (a) S (b)) Z 1 42 42 0 -1 4194560 1 2 3 4 50 7 8 9 20 0 1 0 12345 100 200";
        let stat = Stat::parse(line).expect("a stat line");
        assert_eq!((stat.pid, stat.comm.as_str(), stat.state), (42, "a) S (b)", 'Z'));
        assert_eq!((stat.session, stat.cpu_ticks, stat.start_ticks), (42, 57, 12345));
        assert!(!stat.is_living());
    }

    #[test]
    fn nonsense_is_nothing() {
        assert_eq!(Stat::parse(""), None);
        assert_eq!(Stat::parse("12 (x"), None);
        assert_eq!(Stat::parse("12 (x) S 1"), None);
    }

    #[test]
    fn this_very_process_is_in_the_list() {
        assert!(Stat::all().iter().any(|stat| stat.pid == std::process::id() && stat.is_living()));
    }
}
