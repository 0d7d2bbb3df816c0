//! The page as HTML: whole without a script, nothing inline, readable on a telephone, on paper, and in a copy that lies
//! elsewhere.

use crate::{
    page::{Day, Page, Shown, Work},
    place::Place,
    tally::percent,
    told::{Entry, Told},
    words,
};
use askama::Template;
use domain::{said::Language, status_page::ComponentState};
use jiff::Timestamp;

/// Why a page could not be rendered.
pub type Error = askama::Error;

#[derive(Template)]
#[template(path = "page.html")]
struct Whole<'a> {
    l: Language,
    code: &'a str,
    /// The other language, where there is one: its code and its page.
    other: Option<(&'a str, String)>,
    place: &'a Place,
    page: &'a Page,
    title: &'a str,
    now: &'a str,
    state: Said,
    unknown: Said,
    made: String,
    groups: Vec<Group<'a>>,
    open: Vec<Incident<'a>>,
    past: Vec<Incident<'a>>,
    works: Vec<Announced>,
}

/// A state: its class, and its words.
struct Said {
    class: &'static str,
    text: String,
}

struct Group<'a> {
    heading: Option<&'a str>,
    components: Vec<Row<'a>>,
}

struct Row<'a> {
    name: &'a str,
    state: Said,
    bars: Vec<Bar>,
    /// The share of the measured time, in words.
    uptime: String,
}

struct Bar {
    x: usize,
    class: &'static str,
    title: String,
}

struct Incident<'a> {
    id: &'a str,
    heading: String,
    span: String,
    hits: Vec<(String, Said)>,
    entries: Vec<Line>,
}

/// Something that was said, as it is shown.
struct Line {
    iso: String,
    at: String,
    kind: String,
    text: String,
}

struct Announced {
    is_active: bool,
    heading: String,
    span: String,
    text: String,
}

/// The page in a language, for a place.
///
/// # Errors
/// The template cannot be rendered.
pub fn page(page: &Page, language: Language, place: &Place) -> Result<String, Error> {
    let other = page.languages.iter().find(|other| **other != language);
    let other = other.map(|other| (code(*other), place.page(*other, page.language())));
    Whole {
        l: language,
        code: code(language),
        other,
        place,
        page,
        title: page.title.text(language),
        now: page.state.word(),
        state: Said {
            class: page.state.word(),
            text: words::together(page.state).text(language).to_owned(),
        },
        unknown: said(ComponentState::Unknown, language),
        made: words::made(page, language),
        groups: groups(page, language),
        open: page.open().map(|told| incident(told, page, language)).collect(),
        past: page.past().map(|told| incident(told, page, language)).collect(),
        works: page.windows.iter().map(|work| announced(work, page, language)).collect(),
    }
    .render()
}

/// The code of a language.
pub(crate) fn code(language: Language) -> &'static str {
    language.pick("ja", "en")
}

fn said(state: ComponentState, language: Language) -> Said {
    Said { class: state.word(), text: state.said().text(language).to_owned() }
}

/// Components under their headings, in the order in which a heading comes first.
fn groups(page: &Page, language: Language) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for shown in &page.components {
        let heading = shown.group.as_ref().map(|group| group.text(language));
        let row = row(shown, language);
        match groups.iter_mut().find(|group| group.heading == heading) {
            Some(group) => group.components.push(row),
            None => groups.push(Group { heading, components: vec![row] }),
        }
    }
    groups
}

fn row(shown: &Shown, language: Language) -> Row<'_> {
    let total = shown.total();
    let measured = shown.days.iter().filter(|day| day.tally.measured() > 0).count();
    let days = shown.days.len();
    let uptime = match (total.uptime(), language) {
        (None, _) => language.pick("計測なし", "Not measured yet").to_owned(),
        (Some(share), Language::Ja) => {
            format!("稼働率 {:.2}% ({days} 日のうち計測した {measured} 日)", percent(share))
        }
        (Some(share), Language::En) => {
            format!("{:.2}% up ({measured} of {days} days measured)", percent(share))
        }
    };
    let bar = |(place, day)| bar(place, day, language);
    Row {
        name: shown.name.text(language),
        state: said(shown.state, language),
        bars: shown.days.iter().enumerate().map(bar).collect(),
        uptime,
    }
}

fn bar(place: usize, day: &Day, language: Language) -> Bar {
    let worst = day.tally.worst();
    let said = match (worst, day.tally.uptime()) {
        (None, _) => language.pick("計測なし", "not measured").to_owned(),
        (Some(worst), None) => worst.said().text(language).to_owned(),
        (Some(worst), Some(share)) => {
            format!("{} {:.2}%", worst.said().text(language), percent(share))
        }
    };
    Bar {
        x: place * 4,
        class: worst.map_or("none", ComponentState::word),
        title: format!("{}: {said}", day.date),
    }
}

fn incident<'a>(told: &'a Told, page: &Page, language: Language) -> Incident<'a> {
    let hit =
        |hit: &crate::told::Hit| (hit.name.text(language).to_owned(), said(hit.state, language));
    let entries = told.entries.iter().rev().map(|entry| shown_entry(entry, page, language));
    Incident {
        id: &told.id,
        heading: words::heading(&told.hits, language),
        span: span(told.began_at, told.ended_at, page),
        hits: told.hits.iter().map(hit).collect(),
        entries: entries.collect(),
    }
}

fn shown_entry(entry: &Entry, page: &Page, language: Language) -> Line {
    Line {
        iso: entry.at.to_string(),
        at: words::time(entry.at, &page.zone),
        kind: words::kind(&entry.what, language).to_owned(),
        text: words::text(&entry.what, language),
    }
}

fn announced(work: &Work, page: &Page, language: Language) -> Announced {
    Announced {
        is_active: work.is_active,
        heading: words::names(&work.names, language),
        span: span(work.starts_at, Some(work.ends_at), page),
        text: words::work(work, language),
    }
}

/// From when until when; open at its end while it goes on.
fn span(from: Timestamp, to: Option<Timestamp>, page: &Page) -> String {
    let to = to.map(|to| words::time(to, &page.zone)).unwrap_or_default();
    format!("{} – {to}", words::time(from, &page.zone)).trim_end().to_owned()
}

#[derive(Template)]
#[template(path = "small.html")]
struct Small<'a> {
    l: Language,
    code: &'a str,
    place: &'a Place,
    title: &'a str,
    heading: &'a str,
    text: &'a str,
    form: Option<Form<'a>>,
    home: String,
}

/// What a small page asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form<'a> {
    /// Where it goes.
    pub(crate) action: &'a str,
    /// What its button says.
    pub(crate) button: &'a str,
    /// Whether it asks for an address.
    pub(crate) asks_address: bool,
}

/// A page of one sentence, and perhaps something to press.
pub(crate) fn small(
    page: &Page,
    language: Language,
    (heading, text): (&str, &str),
    form: Option<Form<'_>>,
) -> Result<String, Error> {
    let place = Place::Live { subscribe: false };
    let home = place.page(language, page.language());
    let title = page.title.text(language);
    Small { l: language, code: code(language), place: &place, title, heading, text, form, home }
        .render()
}
