//! The page as data: what it says now, and until when that may be believed. Everything that is shown, written or sent is
//! made from this, and nothing that is not in it reaches the outside.

use crate::{
    book::{Book, DAYS},
    tally::Tally,
    told::{self, Told},
};
use domain::{
    component_state::Condition,
    graph::Graph,
    said::{Language, Said},
    silence::{Kept, Kind, Stage},
    status_page::{ComponentState, StatusPage},
};
use history::Outward;
use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date, tz::TimeZone};

/// What the page says is to be believed for so long; it is made anew every few seconds, its copy every minute.
pub const GOOD_FOR: SignedDuration = SignedDuration::from_mins(3);
/// Ended windows are shown for so long.
const WINDOW_SHOWN: SignedDuration = SignedDuration::from_hours(24);

/// The page.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// Its title.
    pub title: Said,
    /// The languages that it is offered in, the usual one first.
    pub languages: Vec<Language>,
    /// The zone of its times and days.
    pub zone: TimeZone,
    /// When it was made.
    pub generated_at: Timestamp,
    /// Until when it may be believed.
    pub valid_until: Timestamp,
    /// Some of it is unknown for want of fresh measurements.
    pub is_stale: bool,
    /// Everything together.
    pub state: ComponentState,
    /// What it shows.
    pub components: Vec<Shown>,
    /// Incidents, the newest first.
    pub incidents: Vec<Told>,
    /// Announced work, the next first.
    pub windows: Vec<Work>,
}

/// A component.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// What customers call it.
    pub name: Said,
    /// The heading that it stands under.
    pub group: Option<Said>,
    /// How it is.
    pub state: ComponentState,
    /// It is unknown for want of fresh measurements.
    pub is_stale: bool,
    /// The last days, the oldest first.
    pub days: Vec<Day>,
}

/// A day of a component.
#[derive(Clone, Debug, PartialEq)]
pub struct Day {
    /// Which, in the zone of the page.
    pub date: Date,
    /// How it was.
    pub tally: Tally,
}

/// Announced work.
#[derive(Clone, Debug, PartialEq)]
pub struct Work {
    /// Tells it from others.
    pub id: String,
    /// From when on.
    pub starts_at: Timestamp,
    /// Until when.
    pub ends_at: Timestamp,
    /// When it was announced.
    pub announced_at: Timestamp,
    /// Whether it goes on.
    pub is_active: bool,
    /// What it is about.
    pub names: Vec<Said>,
    /// Words of people, released for customers.
    pub words: Option<String>,
}

/// What a page is made from.
#[derive(Debug)]
pub struct Sources<'a> {
    /// What is configured.
    pub page: &'a StatusPage,
    /// The services behind it.
    pub graph: &'a Graph,
    /// The zone of its times.
    pub zone: &'a TimeZone,
    /// How its components are.
    pub conditions: &'a [Condition],
    /// What may be told of incidents.
    pub outward: &'a [Outward],
    /// Windows that were announced.
    pub windows: &'a [Kept],
    /// How it was.
    pub book: &'a Book,
    /// The time.
    pub now: Timestamp,
}

impl Page {
    /// Makes it.
    pub fn new(from: &Sources<'_>) -> Self {
        let today = from.now.to_zoned(from.zone.clone()).date();
        let mut incidents: Vec<_> = from
            .outward
            .iter()
            .filter_map(|outward| told::tell(from.page, from.graph, outward))
            .collect();
        incidents.sort_by_key(|told| std::cmp::Reverse((told.ended_at.is_none(), told.began_at)));
        let components: Vec<_> =
            (0..from.page.components.len()).map(|place| shown(from, place, today)).collect();
        let mut windows: Vec<_> = from.windows.iter().filter_map(|kept| work(from, kept)).collect();
        windows.sort_by_key(|work| (work.starts_at, work.id.clone()));
        Self {
            title: from.page.title.clone(),
            languages: from.page.languages.clone(),
            zone: from.zone.clone(),
            generated_at: from.now,
            valid_until: from.now.saturating_add(GOOD_FOR).unwrap_or(Timestamp::MAX),
            is_stale: components.iter().any(|one| one.is_stale),
            state: ComponentState::together(components.iter().map(|one| one.state)),
            components,
            incidents,
            windows,
        }
    }

    /// What is left of it at this time: after its end nothing is known of the present any more.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> Self {
        if now <= self.valid_until {
            return self.clone();
        }
        let mut old = self.clone();
        (old.is_stale, old.state) = (true, ComponentState::Unknown);
        for component in &mut old.components {
            (component.is_stale, component.state) = (true, ComponentState::Unknown);
        }
        old
    }

    /// The language that is usual.
    pub fn language(&self) -> Language {
        self.languages.first().copied().unwrap_or_default()
    }

    /// Incidents that go on.
    pub fn open(&self) -> impl Iterator<Item = &Told> {
        self.incidents.iter().filter(|told| told.ended_at.is_none())
    }

    /// Incidents that are over.
    pub fn past(&self) -> impl Iterator<Item = &Told> {
        self.incidents.iter().filter(|told| told.ended_at.is_some())
    }

    /// Whether the other says the same, whenever it was made.
    pub fn says_as(&self, other: &Self) -> bool {
        let state = |page: &Self| -> Vec<_> {
            page.components.iter().map(|one| (one.name.clone(), one.state)).collect()
        };
        self.is_stale == other.is_stale
            && state(self) == state(other)
            && self.incidents == other.incidents
            && self.windows == other.windows
    }
}

impl Shown {
    /// All of its days as one.
    pub fn total(&self) -> Tally {
        let mut total = Tally::default();
        self.days.iter().for_each(|day| total.join(&day.tally));
        total
    }
}

fn shown(from: &Sources<'_>, place: usize, today: Date) -> Shown {
    let component = &from.page.components[place];
    let unknown = Condition { state: ComponentState::Unknown, is_stale: true };
    let Condition { state, is_stale } = from.conditions.get(place).copied().unwrap_or(unknown);
    let day = |ago: i64| {
        let date = today.saturating_sub(ago.days());
        Day { date, tally: from.book.on(&component.key, date) }
    };
    Shown {
        name: component.name.clone(),
        group: component.group.clone(),
        state,
        is_stale,
        days: (0..DAYS).rev().map(day).collect(),
    }
}

fn work(from: &Sources<'_>, kept: &Kept) -> Option<Work> {
    let silence = &kept.silence;
    let announced = silence.announced.as_ref()?;
    let Kind::Maintenance(services) = &silence.kind else { return None };
    if kept.stage == Stage::Expired && from.now.duration_since(silence.ends_at) > WINDOW_SHOWN {
        return None;
    }
    let names = from.page.hit(from.graph, services).into_iter();
    Some(Work {
        id: told::name(&format!("window {}", silence.id)),
        starts_at: silence.starts_at,
        ends_at: silence.ends_at,
        announced_at: kept.updated_at,
        is_active: kept.stage == Stage::Active,
        names: names.map(|place| from.page.components[place].name.clone()).collect(),
        words: announced.words.clone(),
    })
}
