//! `diagnose logs`: whether every configured log is there, is readable, is written to, and is rotated (C14).

use crate::{
    cleaner::Cleaner,
    log_source::{self, LogSource},
    log_time,
    part::{self, Part, Status},
    recent_lines,
    rotation::Rotations,
};
use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    fs,
    io::Read,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::time::Instant;

/// What was found of all logs.
#[derive(Clone, Debug, Serialize)]
pub struct Logs {
    /// Degraded when one is missing or cannot be read.
    pub status: Status,
    /// When it was looked.
    pub at: Timestamp,
    /// One entry per file, and one per source that has none.
    pub logs: Vec<LogState>,
    /// How the looking went.
    pub probes: Vec<Part>,
}

/// One log.
#[derive(Clone, Debug, Serialize)]
pub struct LogState {
    /// The probe that follows it, or `evidence_logs`.
    pub source: String,
    /// The file, or the pattern when there is none.
    pub path: String,
    /// Whether there is a file.
    pub exists: bool,
    /// Whether this user can read it.
    pub readable: bool,
    /// Its size.
    pub size_bytes: Option<u64>,
    /// When it was written to the last time.
    pub written_at: Option<Timestamp>,
    /// Whether a process has it open for writing; unknown when this user may not see who has.
    pub open_for_writing: Option<bool>,
    /// The time in its last line that has one.
    pub last_line_at: Option<Timestamp>,
    /// The last line, without secrets.
    pub last_line: Option<String>,
    /// How many lines of each level its end has.
    pub levels: BTreeMap<&'static str, u64>,
    /// Whether only its end was read, and how much of it.
    pub read_bytes: Option<u64>,
    /// The file of logrotate, or the runbook, that rotates it; nothing when none was found.
    pub rotated_by: Option<String>,
    /// What is wrong with it.
    pub error: Option<String>,
}

/// Looks at every log within a limit.
pub async fn logs(
    sources: Vec<LogSource>,
    rotations: Rotations,
    zone: TimeZone,
    now: Timestamp,
    cleaner: Cleaner,
    limit: Duration,
) -> Logs {
    if sources.is_empty() {
        let why = "no `log` probe and no `evidence_logs` is configured";
        let probes = vec![Part::not_measured("logs", why)];
        return Logs { status: Status::Failed, at: now, logs: Vec::new(), probes };
    }
    let until = Instant::now() + limit;
    let looking =
        part::aside(move || Ok(look_all(&sources, &rotations, &zone, now, &cleaner, until)));
    let (mut part, found) =
        part::within("logs", None, limit + Duration::from_secs(2), looking).await;
    let (logs, is_whole) = found.unwrap_or_default();
    if !is_whole && part.error.is_none() {
        part.error = Some(format!("not all logs could be looked at within {limit:?}"));
    }
    let bad = logs.iter().filter(|log: &&LogState| log.error.is_some()).count();
    let status = match (part.error.is_some(), bad) {
        (false, 0) => Status::Ok,
        (_, bad) if bad == logs.len() => Status::Failed,
        _ => Status::Degraded,
    };
    Logs { status, at: now, logs, probes: vec![part] }
}

fn look_all(
    sources: &[LogSource],
    rotations: &Rotations,
    zone: &TimeZone,
    now: Timestamp,
    cleaner: &Cleaner,
    until: Instant,
) -> (Vec<LogState>, bool) {
    let writers = writers();
    let mut states = Vec::new();
    for (source, file) in log_source::files(sources) {
        if Instant::now() >= until {
            return (states, false);
        }
        let mut state = LogState::nothing(source);
        match file {
            Ok(path) => {
                state.exists = true;
                state.path = path.display().to_string();
                state.rotated_by = rotations.rule_for(&path);
                state.error = state.look(&path, &writers, zone, now, cleaner).err();
            }
            Err(why) => state.error = Some(why),
        }
        states.push(state);
    }
    (states, true)
}

impl LogState {
    fn nothing(source: &LogSource) -> Self {
        Self {
            source: source.name.clone(),
            path: source.pattern.clone(),
            exists: false,
            readable: false,
            size_bytes: None,
            written_at: None,
            open_for_writing: None,
            last_line_at: None,
            last_line: None,
            levels: BTreeMap::new(),
            read_bytes: None,
            rotated_by: None,
            error: None,
        }
    }

    fn look(
        &mut self,
        path: &Path,
        writers: &Writers,
        zone: &TimeZone,
        now: Timestamp,
        cleaner: &Cleaner,
    ) -> Result<(), String> {
        let meta = fs::metadata(path).map_err(|error| error.to_string())?;
        if !meta.is_file() {
            return Err("this is no file".into());
        }
        self.size_bytes = Some(meta.len());
        self.written_at = meta.modified().ok().and_then(|at| Timestamp::try_from(at).ok());
        self.open_for_writing = writers.write_to((meta.dev(), meta.ino()));
        let (levels, mut last) = (&mut self.levels, String::new());
        let mut last_at = None;
        recent_lines::read(path, None, |line| {
            if let Some(level) = probes::level::of(line) {
                *levels.entry(level).or_default() += 1;
            }
            if !line.trim().is_empty() {
                last.clear();
                last.push_str(line);
                last_at = log_time::of(line, zone, now).or(last_at);
            }
        })
        .map_err(|error| error.to_string())?;
        self.readable = true;
        self.read_bytes = Some(meta.len().min(recent_lines::BACK));
        self.last_line_at = last_at;
        self.last_line = Some(cleaner.clean(&last)).filter(|line| !line.is_empty());
        Ok(())
    }
}

/// The files that processes have open for writing, by device and inode.
struct Writers {
    files: Vec<(u64, u64)>,
    /// Whether every process could be looked at.
    saw_all: bool,
}

impl Writers {
    fn write_to(&self, file: (u64, u64)) -> Option<bool> {
        if self.files.contains(&file) {
            return Some(true);
        }
        self.saw_all.then_some(false)
    }
}

fn writers() -> Writers {
    let (mut files, mut saw_all) = (Vec::new(), true);
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    for process in processes.map(|entry| entry.path()).filter(|path| path.join("fd").exists()) {
        let Ok(handles) = fs::read_dir(process.join("fd")) else {
            saw_all = false;
            continue;
        };
        for handle in handles.flatten() {
            let info = process.join("fdinfo").join(handle.file_name());
            if is_for_writing(&info)
                && let Ok(meta) = fs::metadata(handle.path())
                && meta.is_file()
            {
                files.push((meta.dev(), meta.ino()));
            }
        }
    }
    Writers { files, saw_all }
}

/// `flags:` is octal; its last two bits are 1 for writing and 2 for both.
fn is_for_writing(info: &PathBuf) -> bool {
    let mut text = String::new();
    let read = fs::File::open(info).and_then(|file| file.take(4096).read_to_string(&mut text));
    let flags = text.lines().find_map(|line| line.strip_prefix("flags:"));
    read.is_ok()
        && flags
            .and_then(|flags| u32::from_str_radix(flags.trim(), 8).ok())
            .is_some_and(|flags| flags & 3 != 0)
}
