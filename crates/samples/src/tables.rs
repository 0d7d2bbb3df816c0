//! The tables and the statements on them, one function each.

use crate::{
    grid::{HOUR, MINUTE},
    point::Point,
    roll::{Roll, Step},
    series::Series,
};
use rusqlite::{Connection, OptionalExtension, Result, Row, params};

/// The layout below. A file of another layout is set aside.
pub(crate) const LAYOUT: i64 = 1;

/// The tables. Times are milliseconds since 1970; a series' values lie side by side. `cut` holds before which time
/// values of a table are gone.
pub(crate) const TABLES: &str = "
create table series (id integer primary key, probe text not null, reading text not null, last_at integer, last_value real, unique (probe, reading));
create table raw (series integer not null, at integer not null, value real not null, primary key (series, at)) without rowid;
create table minutes (series integer not null, at integer not null, min real not null, max real not null, sum real not null, count integer not null, primary key (series, at)) without rowid;
create table hours (series integer not null, at integer not null, min real not null, max real not null, sum real not null, count integer not null, primary key (series, at)) without rowid;
create table cut (source text primary key, before integer not null) without rowid;
";

/// One of the three tables that hold values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Raw,
    Minutes,
    Hours,
}

impl Source {
    /// The finest first.
    pub(crate) const ALL: [Self; 3] = [Self::Raw, Self::Minutes, Self::Hours];

    /// The length of its steps, in milliseconds.
    pub(crate) fn step(self) -> i64 {
        match self {
            Self::Raw => 1,
            Self::Minutes => MINUTE,
            Self::Hours => HOUR,
        }
    }

    fn table(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Minutes => "minutes",
            Self::Hours => "hours",
        }
    }
}

/// A series' number, if anything of it was ever kept.
pub(crate) fn id(db: &Connection, series: &Series) -> Result<Option<i64>> {
    db.prepare_cached("select id from series where probe = ?1 and reading = ?2")?
        .query_row([series.probe(), series.reading()], |row| row.get(0))
        .optional()
}

pub(crate) fn all_ids(db: &Connection) -> Result<Vec<(Series, i64)>> {
    db.prepare_cached("select probe, reading, id from series")?
        .query_map([], |row| Ok((series(row)?, row.get(2)?)))?
        .collect()
}

pub(crate) fn add_series(db: &Connection, series: &Series) -> Result<i64> {
    db.prepare_cached("insert into series (probe, reading) values (?1, ?2)")?
        .insert([series.probe(), series.reading()])
}

/// Forgets series of which nothing is left; says how many.
pub(crate) fn forget_empty(db: &Connection, last_before: i64) -> Result<usize> {
    db.prepare_cached(
        "delete from series where coalesce(last_at < ?1, true)
         and not exists (select 1 from raw where series = id)
         and not exists (select 1 from minutes where series = id)
         and not exists (select 1 from hours where series = id)",
    )?
    .execute([last_before])
}

/// The newest value of every series, by name.
pub(crate) fn newest(db: &Connection) -> Result<Vec<(Series, Point)>> {
    db.prepare_cached(
        "select probe, reading, last_at, last_value from series where last_at is not null order by probe, reading",
    )?
    .query_map([], |row| Ok((series(row)?, point(row, 2)?)))?
    .collect()
}

pub(crate) fn latest(db: &Connection, series: &Series) -> Result<Option<Point>> {
    db.prepare_cached(
        "select last_at, last_value from series where probe = ?1 and reading = ?2 and last_at is not null",
    )?
    .query_row([series.probe(), series.reading()], |row| point(row, 0))
    .optional()
}

/// A later one that is known already stays.
pub(crate) fn set_latest(db: &Connection, id: i64, at: i64, value: f64) -> Result<()> {
    db.prepare_cached(
        "update series set last_at = ?2, last_value = ?3 where id = ?1 and coalesce(last_at <= ?2, true)",
    )?
    .execute(params![id, at, value])
    .map(drop)
}

/// The newest value is looked up again where it lies beyond `end`.
pub(crate) fn find_latest_before(db: &Connection, end: i64) -> Result<()> {
    db.prepare_cached(
        "update series set (last_at, last_value) = (select at, value from raw where series = id and at < ?1 order by at desc limit 1)
         where last_at >= ?1",
    )?
    .execute([end])
    .map(drop)
}

/// Says whether it is new: a series has one value at a time, and the first stays.
pub(crate) fn add_raw(db: &Connection, id: i64, at: i64, value: f64) -> Result<bool> {
    db.prepare_cached("insert or ignore into raw (series, at, value) values (?1, ?2, ?3)")?
        .execute(params![id, at, value])
        .map(|rows| rows == 1)
}

pub(crate) fn add_roll(db: &Connection, source: Source, id: i64, (at, roll): Step) -> Result<()> {
    db.prepare_cached(&format!(
        "insert into {} (series, at, min, max, sum, count) values (?1, ?2, ?3, ?4, ?5, ?6)
         on conflict (series, at) do update set min = min(min, excluded.min), max = max(max, excluded.max),
         sum = sum + excluded.sum, count = count + excluded.count",
        source.table()
    ))?
    .execute(params![id, at, roll.min, roll.max, roll.sum, roll.count])
    .map(drop)
}

/// Hands what a series has from a time up to another to `each`, oldest first.
pub(crate) fn each(
    db: &Connection,
    source: Source,
    id: i64,
    (from, to): (i64, i64),
    mut each: impl FnMut(i64, Roll),
) -> Result<()> {
    let columns = match source {
        Source::Raw => "at, value",
        Source::Minutes | Source::Hours => "at, min, max, sum, count",
    };
    let mut select = db.prepare_cached(&format!(
        "select {columns} from {} where series = ?1 and at >= ?2 and at < ?3 order by at",
        source.table()
    ))?;
    let mut rows = select.query(params![id, from, to])?;
    while let Some(row) = rows.next()? {
        let roll = match source {
            Source::Raw => Roll::of(row.get(1)?),
            Source::Minutes | Source::Hours => roll(row)?,
        };
        each(row.get(0)?, roll);
    }
    Ok(())
}

/// The first and the last time of a series in a table.
pub(crate) fn ends(db: &Connection, source: Source, id: i64) -> Result<Option<(i64, i64)>> {
    // Two questions: one for both ends would read everything in between.
    let end = |order: &str| {
        db.prepare_cached(&format!(
            "select at from {} where series = ?1 order by at {order} limit 1",
            source.table()
        ))?
        .query_row([id], |row| row.get(0))
        .optional()
    };
    Ok(end("asc")?.zip(end("desc")?))
}

/// Deletes at most so many rows of a series from a time up to another, oldest first; says how many.
pub(crate) fn delete(
    db: &Connection,
    source: Source,
    id: i64,
    (from, to): (i64, i64),
    limit: usize,
) -> Result<usize> {
    let table = source.table();
    db.prepare_cached(&format!(
        "delete from {table} where series = ?1 and at >= ?2 and at < coalesce(
         (select at from {table} where series = ?1 and at >= ?2 and at < ?3 order by at limit 1 offset ?4), ?3)"
    ))?
    .execute(params![id, from, to, limit])
}

/// Before which time values of a table are gone.
pub(crate) fn cut_before(db: &Connection, source: Source) -> Result<i64> {
    let cut = db
        .prepare_cached("select before from cut where source = ?1")?
        .query_row([source.table()], |row| row.get(0))
        .optional()?;
    Ok(cut.unwrap_or(i64::MIN))
}

/// What was cut once stays cut.
pub(crate) fn set_cut_before(db: &Connection, source: Source, before: i64) -> Result<()> {
    db.prepare_cached(
        "insert into cut (source, before) values (?1, ?2) on conflict (source) do update set before = max(before, ?2)",
    )?
    .execute(params![source.table(), before])
    .map(drop)
}

/// A number that SQLite tells about the file.
pub(crate) fn pragma(db: &Connection, name: &str) -> Result<i64> {
    db.pragma_query_value(None, name, |row| row.get(0))
}

fn series(row: &Row<'_>) -> Result<Series> {
    Ok(Series::new(row.get::<_, String>(0)?, row.get::<_, String>(1)?))
}

fn point(row: &Row<'_>, first: usize) -> Result<Point> {
    Ok(Point { at: crate::grid::time(row.get(first)?), value: row.get(first + 1)? })
}

fn roll(row: &Row<'_>) -> Result<Roll> {
    Ok(Roll { min: row.get(1)?, max: row.get(2)?, sum: row.get(3)?, count: row.get(4)? })
}
