//! `logs errors`: the last lines of ERROR, FATAL and CRITICAL over all sources, and what they have in common (A33, B34).

use crate::{
    cleaner::Cleaner,
    log_source::{self, Found, LogSource},
    log_time, pattern,
    recent_lines::{self, Asked},
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fs,
    path::{Path, PathBuf},
};

/// The levels that count as errors.
pub(crate) const LEVELS: [&str; 3] = ["ERROR", "FATAL", "CRITICAL"];
/// More patterns than this nobody reads; the rest is one group.
const PATTERNS: usize = 500;
const OTHERS: &str = "(others)";
/// So many bytes of all logs together are read; files beyond are named.
const BYTES: u64 = 512 << 20;

/// What is asked.
#[derive(Clone, Debug)]
pub struct ErrorsAsked {
    /// So many of the last lines are wanted.
    pub limit: usize,
    /// Only lines that are younger.
    pub since: Option<SignedDuration>,
    /// Only this source, by name or by a part of its path.
    pub source: Option<String>,
    /// Only lines that came since the last time somebody asked.
    pub new: bool,
    /// The zone of times that name none.
    pub zone: TimeZone,
    /// The time now.
    pub now: Timestamp,
}

/// What was found.
#[derive(Clone, Debug, Serialize)]
pub struct Errors {
    /// How many lines there are, those beyond the limit too.
    pub total: u64,
    /// The last of them, oldest first.
    pub lines: Vec<ErrorLine>,
    /// What they have in common, the most frequent first.
    pub groups: Vec<Group>,
    /// Where was looked.
    pub sources: Vec<Searched>,
}

/// One error line.
#[derive(Clone, Debug, Serialize)]
pub struct ErrorLine {
    /// When it was written; nothing when it does not say.
    pub at: Option<Timestamp>,
    /// ERROR, FATAL or CRITICAL.
    pub level: &'static str,
    /// The name of its source.
    pub source: String,
    /// Its file.
    pub path: PathBuf,
    /// The line, without secrets.
    pub text: String,
}

/// Lines with one pattern.
#[derive(Clone, Debug, Serialize)]
pub struct Group {
    /// The message with its numbers, ids, addresses and quoted words replaced.
    pub pattern: String,
    /// How many lines.
    pub count: u64,
    /// The first of their times; nothing when none has one.
    pub first: Option<Timestamp>,
    /// The last of their times.
    pub last: Option<Timestamp>,
    /// The level of the last one.
    pub level: &'static str,
    /// The last one, without secrets.
    pub example: String,
    /// The sources that have it.
    pub sources: BTreeSet<String>,
}

/// One file that was searched.
#[derive(Clone, Debug, Serialize)]
pub struct Searched {
    /// The name of its source.
    pub source: String,
    /// The file, or the pattern when there is none.
    pub path: String,
    /// How many error lines it has.
    pub errors: u64,
    /// Whether only its end was read.
    pub is_cut: bool,
    /// Why it could not be read.
    pub error: Option<String>,
}

/// Searches all sources; `asked` says where the last search ended, and moves on to where this one does.
pub fn errors(
    sources: &[LogSource],
    wanted: &ErrorsAsked,
    asked: &mut Asked,
    cleaner: &Cleaner,
) -> Errors {
    let mut gathering = Gathering { wanted, cleaner, files: Vec::new(), groups: BTreeMap::new() };
    let (mut searched, mut left) = (Vec::new(), BYTES);
    for (source, file) in log_source::files(sources) {
        if source.has_requests || !is_wanted(source, &file, wanted.source.as_deref()) {
            continue;
        }
        searched.push(match file {
            Ok(path) if left == 0 => {
                let why = format!("left out, after {} MiB of other logs", BYTES >> 20);
                Searched::failed(source, &path.display().to_string(), why)
            }
            Ok(path) => {
                let size = fs::metadata(&path).map_or(0, |meta| meta.len());
                left = left.saturating_sub(size.min(recent_lines::BACK));
                gathering.search(source, &path, asked)
            }
            Err(why) => Searched::failed(source, &source.pattern, why),
        });
    }
    gathering.finish(searched)
}

fn is_wanted(source: &LogSource, file: &Found, part: Option<&str>) -> bool {
    let Some(part) = part else { return true };
    let path = file.as_ref().map(|path| path.to_string_lossy().into_owned());
    source.name == part || path.as_ref().unwrap_or(&source.pattern).contains(part)
}

impl Searched {
    fn failed(source: &LogSource, path: &str, why: String) -> Self {
        let (source, path) = (source.name.clone(), path.to_owned());
        Self { source, path, errors: 0, is_cut: false, error: Some(why) }
    }
}

/// A line with the time by which it is put in order.
type Placed = (Timestamp, ErrorLine);

struct Gathering<'a> {
    wanted: &'a ErrorsAsked,
    cleaner: &'a Cleaner,
    /// The last lines of every file.
    files: Vec<VecDeque<Placed>>,
    groups: BTreeMap<String, Group>,
}

impl Gathering<'_> {
    fn search(&mut self, source: &LogSource, path: &Path, asked: &mut Asked) -> Searched {
        let name = path.display().to_string();
        let meta = match fs::metadata(path) {
            Ok(meta) => meta,
            Err(error) => return Searched::failed(source, &name, error.to_string()),
        };
        // What has no time of its own is as young as its file.
        let written = meta.modified().ok().and_then(|at| Timestamp::try_from(at).ok());
        let written = written.unwrap_or(self.wanted.now);
        let after = asked.files.get(path).filter(|_| self.wanted.new);
        let is_cut = after.is_none() && meta.len() > recent_lines::BACK;
        let (mut count, mut last) = (0, VecDeque::new());
        let read = recent_lines::read(path, after, |line| {
            if let Some(placed) = self.take(source, path, line, written) {
                count += 1;
                self.keep(&mut last, placed, line);
            }
        });
        self.files.push(last);
        match read {
            Ok(place) => {
                if let Some(place) = place {
                    asked.files.insert(path.to_owned(), place);
                }
                Searched {
                    source: source.name.clone(),
                    path: name,
                    errors: count,
                    is_cut,
                    error: None,
                }
            }
            Err(error) => Searched::failed(source, &name, error.to_string()),
        }
    }

    fn take(
        &self,
        source: &LogSource,
        path: &Path,
        line: &str,
        written: Timestamp,
    ) -> Option<Placed> {
        let level = probes::level::of(line).filter(|level| LEVELS.contains(level))?;
        let at = log_time::of(line, &self.wanted.zone, self.wanted.now);
        let placed = at.unwrap_or(written);
        if self.wanted.since.is_some_and(|since| self.wanted.now.duration_since(placed) > since) {
            return None;
        }
        let line = ErrorLine {
            at,
            level,
            source: source.name.clone(),
            path: path.to_owned(),
            text: self.cleaner.clean(line),
        };
        Some((placed, line))
    }

    fn keep(&mut self, last: &mut VecDeque<Placed>, (placed, line): Placed, raw: &str) {
        let pattern = self.cleaner.clean(&pattern::of(raw));
        let is_known = self.groups.contains_key(&pattern);
        let key = if is_known || self.groups.len() < PATTERNS { pattern } else { OTHERS.into() };
        let group = self.groups.entry(key.clone()).or_insert_with(|| Group {
            pattern: key,
            count: 0,
            first: None,
            last: None,
            level: line.level,
            example: String::new(),
            sources: BTreeSet::new(),
        });
        group.count += 1;
        if let Some(at) = line.at {
            group.first = Some(group.first.map_or(at, |first| first.min(at)));
            group.last = Some(group.last.map_or(at, |last| last.max(at)));
        }
        group.level = line.level;
        group.example.clone_from(&line.text);
        group.sources.insert(line.source.clone());
        last.push_back((placed, line));
        if last.len() > self.wanted.limit {
            last.pop_front();
        }
    }

    fn finish(self, sources: Vec<Searched>) -> Errors {
        let total = sources.iter().map(|searched| searched.errors).sum();
        let mut lines: Vec<Placed> = self.files.into_iter().flatten().collect();
        // Stable: lines of one file and one time stay in their order.
        lines.sort_by_key(|(placed, _)| *placed);
        let surplus = lines.len().saturating_sub(self.wanted.limit);
        let lines = lines.split_off(surplus).into_iter().map(|(_, line)| line).collect();
        let mut groups: Vec<Group> = self.groups.into_values().collect();
        groups.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.pattern.cmp(&b.pattern)));
        Errors { total, lines, groups, sources }
    }
}
