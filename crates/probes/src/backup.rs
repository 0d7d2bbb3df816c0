//! Probe kind `backup`: the newest backup, verified by listing and reading it, not by an exit code (B8, C16).

use crate::{
    backup_format::Format,
    inventory::Fault,
    matching::{self, Found},
    outside::shown,
    probe::{Kind, Probe, Seat, Settings},
    verify::{Listed, Rules},
};
use domain::{
    reading::{Observation, Reading},
    said::Said,
};
use futures::future::BoxFuture;
use glob::Pattern;
use jiff::SignedDuration;
use source::{Fields, Node, Problems};
use std::sync::Arc;
use tokio::{
    task::spawn_blocking,
    time::{Instant, timeout},
};

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "backup",
    summary: (
        "最新のバックアップを実際に一覧・読み通して検証する (PostgreSQL、SQL、tar、gzip)",
        "verifies the newest backup by listing it and reading it to its end (PostgreSQL, SQL, tar, gzip)",
    ),
    example: "\
kind: backup
service: db
path: /var/backups/miraikakaku/*.dump    # files, or a folder per backup
expect: [stock_prices, public.users]     # tables with data; in archives of files: names of files
format: custom                           # custom, folder, tar, sql or gzip; by its name unless written
settle: 2m                               # one that changed later is still being written: the one before counts
pg_restore: /usr/bin/pg_restore          # looked for in PATH unless written
every: 1h                                # a backup that did not change is not read again
timeout: 30m
",
    readings: &[
        ("listed", "最後まで一覧・読み込みでき、期待する中身があるか", "whether it lists and reads to its end and holds what is expected"),
        ("age_seconds", "最新バックアップの古さ", "how old the newest backup is"),
        ("size_bytes", "その大きさ", "its size"),
        ("size_ratio", "以前のバックアップの大きさの中央値に対する比", "its size over the median of those before"),
        ("entries", "中の項目数 (目次の行、表、ファイル)", "how many things are in it: lines of its contents, tables or files"),
        ("format", "形式", "its format"),
        ("problem", "問題点", "what is wrong with it"),
    ],
    parse,
};

/// As many earlier backups say what is usual.
const EARLIER: usize = 30;

#[derive(Clone, Debug)]
struct Backup {
    pattern: String,
    settle: SignedDuration,
    rules: Rules,
}

fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Arc<dyn Settings>> {
    let path = fields.required("path", problems).and_then(|node| pattern(node, problems));
    let expected = fields.optional("expect").and_then(|node| node.list(problems));
    let expected = expected.iter().flatten().filter_map(|node| pattern(node, problems)).collect();
    let format = fields.optional("format").and_then(|node| Format::parse(node, problems));
    let settle = fields.duration_or("settle", SignedDuration::from_mins(2), problems);
    let pg_restore = fields.text_or("pg_restore", "pg_restore", problems);
    let rules = Rules { format, expected, pg_restore };
    Some(Arc::new(Backup { pattern: path?.as_str().to_owned(), settle, rules }))
}

fn pattern(node: &Node, problems: &mut Problems) -> Option<Pattern> {
    let text = node.text(problems)?;
    Pattern::new(&text)
        .map_err(|error| problems.add(&node.place, Said::same(format!("`{text}`: {error}"))))
        .ok()
}

impl Settings for Backup {
    fn make(&self, seat: Seat) -> Box<dyn Probe> {
        Box::new(Looking { seat, backup: self.clone(), judged: None })
    }
}

struct Looking {
    seat: Seat,
    backup: Backup,
    /// What came of the backup that was read last: one that did not change is not read again.
    judged: Option<(Found, Result<Listed, Said>)>,
}

impl Probe for Looking {
    fn look(&mut self) -> BoxFuture<'_, Vec<Observation>> {
        Box::pin(async move {
            let seen = self.run().await;
            vec![seen.unwrap_or_else(|why| self.seat.failed("listed", why))]
        })
    }
}

impl Looking {
    async fn run(&mut self) -> Result<Observation, Said> {
        let begun = Instant::now();
        let limit = self.seat.timeout;
        let pattern = self.backup.pattern.clone();
        let late = |_| {
            Said::new(
                format!("{limit:?} 以内に最後まで読めませんでした。`timeout` を上げてください"),
                format!("not read to its end within {limit:?}; raise `timeout`"),
            )
        };
        let found =
            timeout(limit, spawn_blocking(move || backups(&pattern))).await.map_err(late)?;
        let found = found.map_err(|error| {
            Said::new(
                format!("検索が異常終了しました: {error}"),
                format!("the search broke: {error}"),
            )
        })??;
        let Some((newest, earlier)) = self.settled(&found) else {
            return Ok(self.none(!found.is_empty()));
        };
        let verdict = match self.judged.take().filter(|(judged, _)| judged == newest) {
            Some((_, verdict)) => Ok(verdict),
            None => {
                let left = limit.saturating_sub(begun.elapsed());
                match timeout(left, self.backup.rules.verify(newest)).await.map_err(late) {
                    Ok(Ok(listed)) => Ok(Ok(listed)),
                    Ok(Err(Fault::Bad(why))) => Ok(Err(why)),
                    Ok(Err(Fault::Cannot(why))) | Err(why) => Err(why),
                }
            }
        };
        self.judged = verdict.clone().ok().map(|verdict| (newest.clone(), verdict));
        Ok(observe(self.seat.observation(), newest, earlier, verdict))
    }

    /// The newest that nobody writes any more, and those before it.
    fn settled<'a>(&self, found: &'a [Found]) -> Option<(&'a Found, &'a [Found])> {
        let latest = self.seat.now().checked_sub(self.backup.settle).ok()?;
        let at = found.iter().position(|found| found.modified <= latest)?;
        Some((&found[at], &found[at + 1..]))
    }

    fn none(&self, is_being_written: bool) -> Observation {
        let (listed, problem) = if is_being_written {
            let why = Said::new(
                "唯一のバックアップが書き込み中かもしれません",
                "the only backup may still be being written",
            );
            (Reading::Unknown(why.clone()), why)
        } else {
            // Shown, not run: the pattern is ours.
            (
                Reading::flag(false),
                Said::new(
                    format!(
                        "バックアップがありません: {} に一致するものがありません",
                        self.backup.pattern
                    ),
                    format!("there is no backup: nothing matches {}", self.backup.pattern),
                ),
            )
        };
        let seen = self.seat.observation().with("listed", listed);
        let unknown = || {
            Reading::Unknown(Said::new(
                "計測できるバックアップがありません",
                "there is no backup to measure",
            ))
        };
        ["age_seconds", "size_bytes", "size_ratio", "entries"]
            .into_iter()
            .fold(seen, |seen, name| seen.with(name, unknown()))
            .with("problem", Reading::text(problem.en.clone()))
            .because(problem)
    }
}

/// A verdict, or why there is none.
type Verdict = Result<Result<Listed, Said>, Said>;

fn observe(seen: Observation, newest: &Found, earlier: &[Found], verdict: Verdict) -> Observation {
    let name = shown(&newest.path.display().to_string());
    let age = seen.at.duration_since(newest.modified).as_secs_f64();
    let seen = seen
        .with("age_seconds", Reading::number(age))
        .with("size_bytes", Reading::number(newest.size as f64))
        .with("size_ratio", ratio(newest, earlier));
    match verdict {
        Ok(Ok(listed)) => seen
            .with("listed", Reading::flag(true))
            .with("entries", Reading::number(listed.entries as f64))
            .with("format", Reading::text(listed.format))
            .because(Said::new(
                format!("{name}: {}、{} 件", listed.format, listed.entries),
                format!("{name}: {}, {} entries", listed.format, listed.entries),
            )),
        Ok(Err(why)) => seen
            .with("listed", Reading::flag(false))
            .with(
                "entries",
                Reading::Unknown(Said::new("一覧を取れませんでした", "it could not be listed")),
            )
            .with("problem", Reading::text(why.en.clone()))
            .because(why.within(|why| format!("{name}: {why}"))),
        Err(why) => seen
            .with("listed", Reading::Failed(why.clone()))
            .with("entries", Reading::Failed(why.clone()))
            .because(why.within(|why| format!("{name}: {why}"))),
    }
}

fn ratio(newest: &Found, earlier: &[Found]) -> Reading {
    let mut sizes: Vec<u64> = earlier.iter().map(|found| found.size).collect();
    sizes.sort_unstable();
    match sizes.get(sizes.len() / 2) {
        None => Reading::Unknown(Said::new(
            "以前のバックアップがありません",
            "there is no earlier backup",
        )),
        Some(0) => Reading::Unknown(Said::new(
            "以前のバックアップが空です",
            "the earlier backups are empty",
        )),
        Some(median) => Reading::number(newest.size as f64 / *median as f64),
    }
}

/// The newest backups, the newest first. A folder is as large as its files together and as new as the newest.
fn backups(pattern: &str) -> Result<Vec<Found>, Said> {
    let mut found = matching::newest_first(pattern)?;
    found.truncate(EARLIER + 1);
    for folder in found.iter_mut().filter(|found| found.is_folder) {
        let inside = Pattern::escape(&folder.path.to_string_lossy());
        let inside = matching::newest_first(&format!("{inside}/*"))?;
        folder.size = inside.iter().map(|file| file.size).sum();
        folder.modified = inside.first().map_or(folder.modified, |file| file.modified);
    }
    found.sort_by(|a, b| b.modified.cmp(&a.modified).then_with(|| b.path.cmp(&a.path)));
    Ok(found)
}
