//! Probe kind `log`: new lines at error levels, the size of log files, and what deleted ones still hold.

use crate::{
    aside::{Aside, Blocking},
    deleted,
    follow::{Follower, Position, Start},
    level,
    matching::files,
    normal::Normal,
    outside::{masked, shown},
    probe::{Kind, Probe, Seat, Settings},
    subject::Subject,
};
use domain::{
    reading::{Observation, Reading},
    said::Said,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use source::{Fields, Problems};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "log",
    summary: (
        "ログの新しいエラー行とファイルの大きさを見る。ローテーションと再起動をまたいで 1 行を 2 度数えない",
        "looks at new error lines and the size of logs; counts no line twice across rotations and restarts",
    ),
    example: "\
kind: log
service: mks-backend
path: /var/log/mks/*.log            # a path, or a pattern
levels: [ERROR, FATAL, CRITICAL]    # these unless written otherwise
window: 5m
every: 10s
",
    readings: &[
        ("errors", "前回からの新しいエラー行", "new error lines since the last look"),
        ("errors_in_window", "window 内のエラー行", "error lines within the window"),
        (
            "surge_ratio",
            "直近 5 分のエラー行が通常の何倍か (通常 = 同じ時間帯の 7 日間の中央値、下限 5 分に 10 行)",
            "error lines of the last 5 minutes against normal: the median of the same hour over 7 days, at least 10",
        ),
        ("size_bytes", "最も大きいファイルの大きさ", "size of the largest file"),
        (
            "deleted_open_bytes",
            "削除後も開かれているファイルの使用量",
            "held by deleted files that are still open",
        ),
        ("unreadable", "読めないファイルの数", "how many files cannot be read"),
        ("last_error", "最後のエラー行 (秘密は伏せる)", "the last error line, secrets masked"),
    ],
    parse,
};

#[derive(Clone, Debug)]
struct Log {
    pattern: String,
    levels: Vec<&'static str>,
    window: SignedDuration,
}

fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Arc<dyn Settings>> {
    let pattern = fields.required("path", problems).and_then(|node| {
        let pattern = node.text(problems)?;
        if let Err(error) = glob::Pattern::new(&pattern) {
            problems.add(&node.place, Said::same(format!("`{pattern}`: {error}")));
        }
        Some(pattern)
    });
    let window = fields.duration_or("window", SignedDuration::from_mins(5), problems);
    let mut levels = vec!["ERROR", "FATAL", "CRITICAL"];
    if let Some(node) = fields.optional("levels") {
        levels.clear();
        for node in node.list(problems)? {
            let word = node.text(problems)?;
            match level::named(&word) {
                Some(level) => levels.push(level),
                None => {
                    let message = Said::new(
                        format!("`{word}` はログのレベルではありません"),
                        format!("`{word}` is not a log level"),
                    );
                    problems.add(&node.place, message);
                }
            }
        }
    }
    Some(Arc::new(Log { pattern: pattern?, levels, window }))
}

impl Settings for Log {
    fn make(&self, seat: Seat) -> Box<dyn Probe> {
        let state_file =
            seat.deps.state_folder.as_ref().map(|folder| state_file(folder, seat.probe.as_str()));
        let looking = Looking {
            seat: seat.clone(),
            log: self.clone(),
            followers: BTreeMap::new(),
            unreadable: BTreeSet::new(),
            state_file,
            kept: None,
            fresh: 0,
            recent: Vec::new(),
            last_error: None,
        };
        Aside::new(seat, "errors", looking)
    }

    fn subject(&self) -> Subject {
        Subject::Log(self.pattern.clone())
    }
}

/// What survives a restart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct State {
    files: BTreeMap<PathBuf, Position>,
    recent: Vec<(Timestamp, u64)>,
}

struct Looking {
    seat: Seat,
    log: Log,
    followers: BTreeMap<PathBuf, Follower>,
    /// Files that could not be read at the last look.
    unreadable: BTreeSet<PathBuf>,
    state_file: Option<PathBuf>,
    /// What the state file holds; nothing before the first look.
    kept: Option<State>,
    /// Error lines that nobody took yet.
    fresh: u64,
    /// Error lines within the window, by when they were seen.
    recent: Vec<(Timestamp, u64)>,
    last_error: Option<String>,
}

impl Blocking for Looking {
    fn look(&mut self) -> Vec<Observation> {
        let now = self.seat.now();
        let paths = match files(&self.log.pattern) {
            Ok(paths) => paths,
            Err(why) => return vec![self.seat.failed("errors", why)],
        };
        let is_first = self.kept.is_none() && !self.remember();
        if paths.is_empty() && self.followers.is_empty() {
            let what = match fs::metadata(&self.log.pattern) {
                Ok(meta) if meta.is_dir() => "is a folder; name the log in it",
                _ => "does not exist; check the path",
            };
            let why = format!("{} {what}", self.log.pattern);
            return vec![self.seat.failed("errors", why)];
        }
        let problems = self.read_all(&paths, is_first, now);
        vec![self.observe(&paths, is_first, &problems, now)]
    }

    fn taken(&mut self) {
        self.fresh = 0;
        let state = self.state();
        if self.kept.as_ref() == Some(&state) {
            return;
        }
        if let Some(path) = &self.state_file {
            // A full disk must not stop the looking; the worst is a line counted again after a restart.
            let _ = write(path, &state);
        }
        self.kept = Some(state);
    }
}

impl Looking {
    /// Reads how far an earlier hikeshi came; false when there is nothing to go on from.
    fn remember(&mut self) -> bool {
        let bytes = self.state_file.as_ref().and_then(|path| fs::read(path).ok());
        let Some(state) = bytes.and_then(|bytes| serde_json::from_slice::<State>(&bytes).ok())
        else {
            self.kept = Some(State::default());
            return false;
        };
        self.recent = state.recent.clone();
        for (path, position) in &state.files {
            if let Ok(follower) = Follower::begin(path, Some(position), Start::End) {
                self.followers.insert(path.clone(), follower);
            }
        }
        self.kept = Some(state);
        true
    }

    fn read_all(&mut self, paths: &[PathBuf], is_first: bool, now: Timestamp) -> Vec<String> {
        let (mut errors, mut last_error, mut problems) = (0, None, Vec::new());
        let mut unreadable = BTreeSet::new();
        let levels = &self.log.levels;
        let mut each = |line: &str| {
            if level::of(line).is_some_and(|level| levels.contains(&level)) {
                errors += 1;
                last_error = Some(shown(&masked(line)));
            }
        };
        for (path, follower) in &mut self.followers {
            if let Err(error) = follower.read(&mut each) {
                problems.push(format!("{}: {error}", path.display()));
                unreadable.insert(path.clone());
            }
        }
        for path in paths {
            if self.followers.contains_key(path) {
                continue;
            }
            // A file that appears is new from its first line, unless it was only renamed or unreadable before.
            let is_known = self.unreadable.contains(path)
                || fs::metadata(path)
                    .is_ok_and(|meta| self.followers.values().any(|f| f.holds(&meta)));
            let start = if is_first || is_known { Start::End } else { Start::Back(u64::MAX) };
            let begun = Follower::begin(path, None, start).and_then(|mut follower| {
                follower.read(&mut each)?;
                Ok(follower)
            });
            match begun {
                Ok(follower) => drop(self.followers.insert(path.clone(), follower)),
                Err(error) => {
                    problems.push(format!("{}: {error}", path.display()));
                    unreadable.insert(path.clone());
                }
            }
        }
        self.unreadable = unreadable;
        self.fresh += errors;
        if errors > 0 {
            self.recent.push((now, errors));
            self.last_error = last_error;
        }
        let longest = self.log.window.max(Normal::WINDOW);
        self.recent.retain(|(at, _)| now.duration_since(*at) <= longest);
        problems
    }

    fn observe(
        &self,
        paths: &[PathBuf],
        is_first: bool,
        problems: &[String],
        now: Timestamp,
    ) -> Observation {
        let within = |window: SignedDuration| -> u64 {
            let recent = self.recent.iter().filter(|(at, _)| now.duration_since(*at) <= window);
            recent.map(|(_, count)| count).sum()
        };
        let is_blind = !problems.is_empty()
            && self.followers.keys().all(|path| self.unreadable.contains(path));
        let count = |number: u64| match number {
            _ if is_blind => Reading::Failed(problems.join("; ").into()),
            _ if is_first => Reading::Unknown(Said::new(
                "最初の計測です。ここから行を数えます",
                "the first look: lines are counted from here on",
            )),
            number => Reading::number(number as f64),
        };
        let surge = match count(within(Normal::WINDOW)) {
            Reading::Measured(_) => {
                Normal::of(&self.seat, "errors", now).ratio(within(Normal::WINDOW))
            }
            unmeasured => unmeasured,
        };
        let largest =
            paths.iter().filter_map(|path| fs::metadata(path).ok()).map(|meta| meta.len()).max();
        let size = largest.map_or_else(
            || {
                Reading::Failed(Said::new(
                    format!("{} がありません", self.log.pattern),
                    format!("{} does not exist", self.log.pattern),
                ))
            },
            |size| Reading::number(size as f64),
        );
        let fixed = self.log.pattern.split(['*', '?', '[']).next().unwrap_or_default();
        let deleted = deleted::open_bytes(|path| !fixed.is_empty() && path.starts_with(fixed));
        let mut seen = Observation::new(self.seat.probe.as_str(), self.seat.service.as_str(), now)
            .with("errors", count(self.fresh))
            .with("errors_in_window", count(within(self.log.window)))
            .with("surge_ratio", surge)
            .with("size_bytes", size)
            .with("unreadable", Reading::number(self.unreadable.len() as f64))
            .with("deleted_open_bytes", Reading::number(deleted as f64));
        if let Some(error) = &self.last_error {
            seen = seen.with("last_error", Reading::text(error.clone())).because(error.clone());
        }
        if problems.is_empty() { seen } else { seen.because(problems.join("; ")) }
    }

    fn state(&self) -> State {
        let position = |(path, follower): (&PathBuf, &Follower)| {
            Some((path.clone(), follower.position()?.clone()))
        };
        State {
            files: self.followers.iter().filter_map(position).collect(),
            recent: self.recent.clone(),
        }
    }
}

fn state_file(folder: &Path, probe: &str) -> PathBuf {
    let name: String = probe
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect();
    folder.join(format!("log-{name}.json"))
}

fn write(path: &Path, state: &State) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let fresh = path.with_extension("json.new");
    let mut file = File::create(&fresh)?;
    file.write_all(&serde_json::to_vec(state)?)?;
    file.sync_all()?;
    fs::rename(fresh, path)
}
