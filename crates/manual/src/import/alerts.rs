//! One object per alert, with everything that the documents say of it, and what they say against each other.

use super::{
    names::{self, Known},
    places::At,
    procedures::clean,
};
use crate::{
    page::Page,
    statements::{self, Statement},
};
use domain::said::Said;
use std::collections::{BTreeMap, BTreeSet};

/// An alert.
#[derive(Clone, Debug)]
pub struct Alert {
    /// Its name in hikeshi.
    pub name: String,
    /// Its title in the first document that has it.
    pub title: String,
    /// Whether hikeshi has a rule of this name.
    pub is_built_in: bool,
    /// `critical`, `warning`, `info`: the gravest that is said.
    pub level: Option<&'static str>,
    /// `P0` to `P3`: the most urgent that is said.
    pub priority: Option<&'static str>,
    /// The earliest deadline that is said, in minutes.
    pub minutes: Option<u32>,
    /// The first owner that is said.
    pub owner: Option<String>,
    /// Where something is said, and what.
    pub sources: Vec<(At, String)>,
    /// What is said against each other.
    pub conflicts: Vec<Conflict>,
    /// Limits that are said, with the level that they give.
    pub(crate) limits: Vec<(f64, Option<&'static str>, Option<&'static str>)>,
}

/// Two places of which only one can be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The alert.
    pub alert: String,
    /// `level`, `respond_within` or `owner`.
    pub about: &'static str,
    /// One place, and what it says.
    pub one: (At, String),
    /// The other.
    pub other: (At, String),
}

impl Conflict {
    /// What a person has to decide.
    pub fn said(&self) -> Said {
        let Self { about, one, other, .. } = self;
        Said::new(
            format!(
                "`{about}` が食い違う: {} は「{}」、{} は「{}」。どちらかに決める",
                one.0, one.1, other.0, other.1
            ),
            format!(
                "`{about}` contradicts: {} says `{}`, {} says `{}`. Decide which one is right",
                one.0, one.1, other.0, other.1
            ),
        )
    }
}

/// The alerts of all documents, in the order of their names.
pub(crate) fn read(pages: &[Page<'_>]) -> Vec<Alert> {
    let mut by_name: BTreeMap<String, Vec<(usize, Statement)>> = BTreeMap::new();
    for (at, page) in pages.iter().enumerate() {
        for statement in statements::of(page) {
            let name = names::known(&statement.name).map_or_else(
                || names::of_alert(&clean(&statement.name)),
                |known| known.name.to_owned(),
            );
            by_name.entry(name).or_default().push((at, statement));
        }
    }
    by_name.into_iter().map(|(name, said)| alert(pages, name, &said)).collect()
}

fn alert(pages: &[Page<'_>], name: String, said: &[(usize, Statement)]) -> Alert {
    let at = |(page, statement): &(usize, Statement)| At::new(pages[*page].file, statement.line);
    let known = names::KNOWN.iter().find(|row| row.name == name);
    let all = || said.iter().map(|(_, statement)| statement);
    let grave =
        |level: &&'static str| ["Critical", "Warning", "Info"].iter().position(|it| it == level);
    let mut alert = Alert {
        title: all().next().map(|statement| clean(&statement.name)).unwrap_or_default(),
        is_built_in: known.is_some_and(|row| row.is_built_in),
        level: all().filter_map(|statement| statement.level).min_by_key(grave).map(lower),
        priority: all().filter_map(|statement| statement.priority).min(),
        minutes: all().filter_map(firm_minutes).min(),
        owner: all().find_map(|statement| statement.owner.as_deref()).map(clean),
        sources: said.iter().map(|one| (at(one), summary(&one.1))).collect(),
        conflicts: Vec::new(),
        limits: known.map(|row| limits(row, said)).unwrap_or_default(),
        name,
    };
    let level = |statement: &Statement| statement.level.map(str::to_owned);
    let minutes = |statement: &Statement| firm_minutes(statement).map(super::yaml::minutes);
    let owner = |statement: &Statement| statement.owner.clone();
    conflicts(&mut alert, said, pages, "level", level);
    conflicts(&mut alert, said, pages, "respond_within", minutes);
    conflicts(&mut alert, said, pages, "owner", owner);
    alert
}

/// A business day has no length until somebody says by which calendar.
fn firm_minutes(statement: &Statement) -> Option<u32> {
    let is_vague = statement
        .deadline
        .as_deref()
        .is_some_and(|text| text.contains("営業日") || text.to_lowercase().contains("business"));
    statement.minutes.filter(|_| !is_vague)
}

fn lower(level: &'static str) -> &'static str {
    match level {
        "Critical" => "critical",
        "Warning" => "warning",
        _ => "info",
    }
}

fn summary(statement: &Statement) -> String {
    let Statement { level, priority, deadline, owner, automatic, detail, .. } = statement;
    let words = [level.or(*priority), deadline.as_deref(), owner.as_deref(), automatic.as_deref()];
    let words =
        [Some(statement.name.as_str())].into_iter().chain(words).chain([Some(detail.as_str())]);
    let words: Vec<String> = words.flatten().filter(|word| !word.is_empty()).map(clean).collect();
    words.join(" | ")
}

/// Within a document only one event under one name; between documents whatever means the same alert.
fn conflicts(
    alert: &mut Alert,
    said: &[(usize, Statement)],
    pages: &[Page<'_>],
    about: &'static str,
    value: impl Fn(&Statement) -> Option<String>,
) {
    let valued: Vec<(usize, &Statement, String)> = said
        .iter()
        .filter_map(|(page, statement)| Some((*page, statement, value(statement)?)))
        .collect();
    let place = |(page, statement, value): &(usize, &Statement, String)| {
        (At::new(pages[*page].file, statement.line), clean(value))
    };
    let mut report = |one, other| {
        let conflict =
            Conflict { alert: alert.name.clone(), about, one: place(one), other: place(other) };
        alert.conflicts.push(conflict);
    };
    let mut first_of: BTreeMap<(usize, &str), &(usize, &Statement, String)> = BTreeMap::new();
    for one in &valued {
        let first = first_of.entry((one.0, one.1.name.as_str())).or_insert(one);
        if first.2 != one.2 {
            report(*first, one);
        }
    }
    let Some(first) = valued.first() else { return };
    let values = |page: usize| -> BTreeSet<&str> {
        let of_page = valued.iter().filter(|one| one.0 == page);
        of_page.map(|one| one.2.as_str()).collect()
    };
    let known = values(first.0);
    let mut seen = BTreeSet::from([first.0]);
    for other in &valued {
        if seen.insert(other.0) && known.is_disjoint(&values(other.0)) {
            report(first, other);
        }
    }
}

/// The limits that are said: `90%超`, `応答時間10秒以上`, `> 1GB`, `5-10秒`.
fn limits(
    known: &Known,
    said: &[(usize, Statement)],
) -> Vec<(f64, Option<&'static str>, Option<&'static str>)> {
    if known.limits.is_empty() {
        return Vec::new();
    }
    let number = |text: &str| {
        let start = text.find(|c: char| c.is_ascii_digit())?;
        let rest = &text[start..];
        let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
        rest[..end].parse::<f64>().ok()
    };
    let one = |(_, statement): &(usize, Statement)| {
        let value = number(&statement.detail).or_else(|| number(&statement.name))?;
        Some((value, statement.level.map(lower), statement.priority))
    };
    said.iter().filter_map(one).collect()
}
