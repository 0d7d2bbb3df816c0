//! What documents say of events: how grave, by when, whose. A row of a table of alerts or an item of a class is one statement.

use crate::{
    page::{Page, Table},
    text,
};

/// What one line says of an event.
pub(crate) struct Statement {
    /// The line.
    pub(crate) line: u32,
    /// The event.
    pub(crate) name: String,
    /// `Critical`, `Warning`, `Info`.
    pub(crate) level: Option<&'static str>,
    /// `P0` to `P3`.
    pub(crate) priority: Option<&'static str>,
    /// By when somebody responds, in minutes.
    pub(crate) minutes: Option<u32>,
    /// The same in the words of the document.
    pub(crate) deadline: Option<String>,
    /// Whose it is.
    pub(crate) owner: Option<String>,
    /// What happens by itself.
    pub(crate) automatic: Option<String>,
    /// What else the line says, such as the condition.
    pub(crate) detail: String,
}

pub(crate) const OWNER_TITLES: &[&str] = &["担当", "owner", "responsible"];
pub(crate) const NAME_TITLES: &[&str] = &["アラート", "alert", "インシデント", "incident"];
pub(crate) const LEVEL_TITLES: &[&str] = &["レベル", "重大度", "level", "severity"];
pub(crate) const TIME_TITLES: &[&str] =
    &["対応時間", "対応期限", "respond", "respond within", "response time", "deadline"];
const AUTOMATIC_TITLES: &[&str] = &["自動対応", "自動処理", "automatic", "automation"];

const LEVELS: &[(&str, &[&str])] = &[
    ("Critical", &["critical", "重大"]),
    ("Warning", &["warning", "警告"]),
    ("Info", &["info", "情報"]),
];
const PRIORITIES: [&str; 4] = ["P0", "P1", "P2", "P3"];

/// The level that a text names.
pub(crate) fn level_of(text: &str) -> Option<&'static str> {
    LEVELS.iter().find(|(_, words)| text::has_word(text, words)).map(|(name, _)| *name)
}

/// The priority that a heading begins with.
pub(crate) fn priority_of(heading: &str) -> Option<&'static str> {
    PRIORITIES.into_iter().find(|name| heading.starts_with(name))
}

/// The column of a table whose title has one of these words.
pub(crate) fn column(table: &Table, words: &[&str]) -> Option<usize> {
    table.titles.iter().position(|title| text::has_word(title, words))
}

/// Everything that a document says of events, in the order of its lines.
pub(crate) fn of(page: &Page<'_>) -> Vec<Statement> {
    let mut found = Vec::new();
    for table in &page.tables {
        let Some(name_at) = column(table, NAME_TITLES) else { continue };
        for (line, cells) in &table.rows {
            let cell = |words: &[&str]| {
                let cell = column(table, words).and_then(|at| cells.get(at));
                cell.filter(|text| !text.is_empty()).cloned()
            };
            let Some(name) = cells.get(name_at) else { continue };
            let deadline = cell(TIME_TITLES);
            found.push(Statement {
                line: *line,
                name: name.clone(),
                level: cell(LEVEL_TITLES).and_then(|text| level_of(&text)),
                priority: cell(LEVEL_TITLES).and_then(|text| priority_of(&text)),
                minutes: deadline.as_deref().and_then(text::minutes),
                deadline,
                owner: cell(OWNER_TITLES),
                automatic: cell(AUTOMATIC_TITLES),
                detail: String::new(),
            });
        }
    }
    for item in &page.items {
        let Some(name) = &item.label else { continue };
        let (level, priority) = (level_of(&item.heading), priority_of(&item.heading));
        // A bold item with nothing behind it is the heading of steps, not an event.
        if level.is_none() && priority.is_none() || item.rest.is_empty() {
            continue;
        }
        let minutes = text::minutes(&item.rest).or_else(|| text::minutes(&item.heading));
        found.push(Statement {
            line: item.line,
            name: name.clone(),
            level,
            priority,
            minutes,
            deadline: minutes.map(|minutes| text::duration(minutes, true)),
            owner: None,
            automatic: None,
            detail: item.rest.clone(),
        });
    }
    found.sort_by_key(|said| said.line);
    found
}
