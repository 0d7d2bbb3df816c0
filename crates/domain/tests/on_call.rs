//! Who is on call, against a slow model from first principles: A45, C17, and the rule for changes of the clock.

use domain::{
    calendar::{Calendar, Country},
    coverage,
    hours::Hours,
    ids::ContactName,
    rota::{During, Layer, Part, Turns},
    schedule::{self, Override, Overrides, Schedule, who},
};
use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::{DateTime, Weekday, date, time},
    tz::{AmbiguousOffset, TimeZone},
};
use std::sync::Arc;

/// Summer time in the north, in the south, by half an hour, at midnight, and none.
const ZONES: [&str; 6] = [
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Africa/Cairo",
    "Asia/Tokyo",
];

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).expect("a zone")
}

fn people(names: &[&str]) -> Vec<Vec<ContactName>> {
    names.iter().map(|name| vec![ContactName::from(*name)]).collect()
}

fn turns(names: &[&str], start: DateTime, hours: i64, zone: &TimeZone) -> Turns {
    Turns {
        people: people(names),
        start,
        every: SignedDuration::from_hours(hours),
        zone: zone.clone(),
    }
}

fn layer(turns: Turns, only: Vec<During>) -> Layer {
    Layer { name: "layer".into(), turns, only, from: None, until: None }
}

fn plan(layers: Vec<Layer>) -> Schedule {
    Schedule { name: "sre".into(), title: "SRE".into(), layers, covers: Vec::new(), tells: true }
}

/// The slow model. It knows the zone only through two questions: what is the wall clock now, and when, after which
/// offset, does this local time come.
struct Model {
    zone: TimeZone,
}

impl Model {
    fn first(&self, local: DateTime) -> Timestamp {
        match self.zone.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(local),
            // The clock jumps over it: the wall clock before the jump runs on.
            AmbiguousOffset::Gap { before, .. } => before.to_timestamp(local),
            AmbiguousOffset::Fold { before, .. } => before.to_timestamp(local),
        }
        .expect("in range")
    }

    fn last(&self, local: DateTime) -> Timestamp {
        match self.zone.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(local),
            AmbiguousOffset::Gap { before, .. } => before.to_timestamp(local),
            AmbiguousOffset::Fold { after, .. } => after.to_timestamp(local),
        }
        .expect("in range")
    }

    /// Walks turn by turn from the very first one.
    fn turns(&self, turns: &Turns, until: Timestamp) -> Vec<(Timestamp, Timestamp, ContactName)> {
        let mut found = Vec::new();
        let mut local = turns.start;
        for index in 0.. {
            let next = local.checked_add(turns.every).expect("in range");
            let person = turns.people[index % turns.people.len()][0].clone();
            found.push((self.first(local), self.last(next), person));
            local = next;
            if self.first(local) > until {
                return found;
            }
        }
        found
    }
}

fn names(people: &[ContactName]) -> Vec<&str> {
    people.iter().map(ContactName::as_str).collect()
}

/// Ten years, in every zone, daily, weekly and by shifts of 8 hours whose hand-over falls into the changes of the clock: a
/// second before, at and after every boundary exactly the people are on call whom the model names, and never nobody.
#[test]
fn at_every_boundary_of_ten_years_exactly_the_named_people_are_on_call() {
    let until: Timestamp = "2030-01-01T00:00:00Z".parse().expect("a time");
    for name in ZONES {
        let zone = zone(name);
        let model = Model { zone: zone.clone() };
        for (start, hours) in [
            (date(2020, 1, 5).at(2, 30, 0, 0), 24),
            (date(2020, 1, 5).at(1, 30, 0, 0), 24 * 7),
            (date(2020, 1, 5).at(0, 0, 0, 0), 24),
            (date(2020, 1, 5).at(1, 45, 0, 0), 8),
        ] {
            let turns = turns(&["sato", "suzuki", "tanaka"], start, hours, &zone);
            let expected = model.turns(&turns, until);
            let schedule = plan(vec![layer(turns, Vec::new())]);
            for (index, (from, to, _)) in expected.iter().enumerate() {
                for at in [*from, *to].into_iter().flat_map(|edge| {
                    [-1, 0, 1].map(|seconds| edge + SignedDuration::from_secs(seconds))
                }) {
                    let near = &expected[index.saturating_sub(4)..(index + 5).min(expected.len())];
                    let holds = near.iter().filter(|(from, to, _)| *from <= at && at < *to);
                    let mut right: Vec<_> = holds.map(|(.., who)| who.as_str()).collect();
                    right.dedup();
                    let is_inside = at >= expected[0].0 && index + 5 < expected.len();
                    if is_inside {
                        assert!(!right.is_empty(), "{name} {hours} h: nobody at {at}");
                        assert_eq!(names(&who(&schedule, &[], at)), right, "{name} {hours} h {at}");
                    }
                }
            }
        }
    }
}

/// The model walks minute by minute through the hours around each change of the clock and asks the wall clock alone: in
/// ordinary hours, the last hand-over that the wall clock has passed decides.
#[test]
fn away_from_changes_of_the_clock_the_wall_clock_decides() {
    for name in ZONES {
        let zone = zone(name);
        let start = date(2024, 1, 1).at(9, 0, 0, 0);
        let schedule = plan(vec![layer(turns(&["a", "b", "c", "d"], start, 24, &zone), vec![])]);
        let mut at: Timestamp = "2024-01-02T12:00:00Z".parse().expect("a time");
        let end: Timestamp = "2026-01-02T12:00:00Z".parse().expect("a time");
        while at < end {
            let local = at.to_zoned(zone.clone()).datetime();
            let day = local.date().since(date(2024, 1, 1)).expect("days").get_days();
            let turn = if local.time() >= time(9, 0, 0, 0) { day } else { day - 1 };
            let right = ["a", "b", "c", "d"][usize::try_from(turn % 4).expect("positive")];
            assert_eq!(names(&who(&schedule, &[], at)), [right], "{name} {at}");
            at += SignedDuration::from_mins(60);
        }
    }
}

fn layered(zone: &TimeZone) -> (Schedule, Vec<Override>) {
    let calendar = Arc::new(Calendar {
        zone: zone.clone(),
        country: Some(Country::Japan),
        ..Calendar::default()
    });
    let night = Hours {
        days: vec![Weekday::Friday, Weekday::Saturday],
        from: time(22, 0, 0, 0),
        to: time(2, 30, 0, 0),
        zone: zone.clone(),
    };
    let start = date(2024, 1, 1).at(9, 0, 0, 0);
    let base = layer(turns(&["a", "b"], start, 24 * 7, zone), vec![]);
    let closed = During::Calendar(calendar.clone(), Part::ClosedDays);
    let holidays = layer(turns(&["c", "d"], start, 24, zone), vec![closed]);
    let nights = layer(turns(&["n"], start, 24, zone), vec![During::Hours(night)]);
    let one = |from: &str, hours: i64, replaces: Option<&str>| {
        let from: Timestamp = from.parse().expect("a time");
        Override {
            id: domain::ids::OverrideId(1),
            schedule: "sre".into(),
            people: vec!["x".into()],
            replaces: replaces.map(Into::into),
            from,
            until: from + SignedDuration::from_hours(hours),
            reason: "ill".into(),
        }
    };
    let overrides =
        vec![one("2024-03-30T20:17:00Z", 9, None), one("2024-10-26T00:00:00Z", 48, Some("n"))];
    (plan(vec![base, holidays, nights]), overrides)
}

/// Layers, holidays, nights and overrides together: the shifts of a year say at every half hour what is true at
/// that instant, and what is true is what the rules say one by one.
#[test]
fn the_shifts_of_a_year_agree_with_every_half_hour() {
    for name in ZONES {
        let zone = zone(name);
        let (schedule, overrides) = layered(&zone);
        let from: Timestamp = "2024-01-02T00:00:00Z".parse().expect("a time");
        let until: Timestamp = "2025-01-02T00:00:00Z".parse().expect("a time");
        let shifts = schedule::shifts(&schedule, &overrides, from, until);
        assert_eq!((shifts[0].from, shifts[shifts.len() - 1].until), (from, until));
        let mut current = shifts.iter();
        let mut shift = current.next().expect("a shift");
        let mut at = from;
        while at < until {
            while shift.until <= at {
                let next = current.next().expect("no hole");
                assert_eq!(shift.until, next.from, "{name}: no hole, no overlap");
                shift = next;
            }
            let now = who(&schedule, &overrides, at);
            assert_eq!(shift.people, now, "{name} {at}");
            assert_eq!(now, by_the_rules(&schedule, &overrides, at), "{name} {at}");
            at += SignedDuration::from_mins(30);
        }
    }
}

/// The policy in plain words, for the schedule of [`layered`].
fn by_the_rules(schedule: &Schedule, overrides: &[Override], at: Timestamp) -> Vec<ContactName> {
    let During::Hours(night) = &schedule.layers[2].only[0] else { panic!("the nights") };
    let zone = &night.zone;
    let local = at.to_zoned(zone.clone());
    let is_night = [local.date(), local.date().yesterday().expect("a day")].iter().any(|day| {
        let model = Model { zone: zone.clone() };
        let end = day.tomorrow().expect("a day").to_datetime(night.to);
        let span = model.first(day.to_datetime(night.from))..model.last(end);
        night.days.contains(&day.weekday()) && span.contains(&at)
    });
    let day = local.date();
    let is_closed = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
        || domain::holidays::japan::holiday(day).is_some();
    let layer = if is_night { 2 } else { usize::from(is_closed) };
    let mut people: Vec<ContactName> = schedule.layers[layer].turns.at(at).cloned().collect();
    people.dedup();
    if overrides[0].from <= at && at < overrides[0].until {
        people = vec!["x".into()];
    }
    if overrides[1].from <= at && at < overrides[1].until {
        people.iter_mut().filter(|who| who.as_str() == "n").for_each(|who| *who = "x".into());
    }
    people
}

/// Grafana OnCall 5, OneUptime 1890, GoAlert 6: where the clock is put back both are on call for the doubled hour, where it
/// is put forward there is no gap.
#[test]
fn a_change_of_the_clock_neither_shortens_nor_gaps() {
    let zone = zone("America/New_York");
    let turns = turns(&["sato", "suzuki"], date(2026, 3, 7).at(2, 30, 0, 0), 24, &zone);
    let schedule = plan(vec![layer(turns, Vec::new())]);
    let from: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a time");
    let year = schedule::shifts(&schedule, &[], from, from + SignedDuration::from_hours(24 * 365));
    assert!(year.iter().all(|shift| !shift.people.is_empty()));
    // 2026-03-08 02:30 does not come: the hand-over is at 03:30, which is 07:30 UTC.
    let spring: Timestamp = "2026-03-08T07:30:00Z".parse().expect("a time");
    assert!(year.iter().any(|shift| shift.until == spring));
    // 2026-11-01 01:30 comes twice.
    let turns = self::turns(&["sato", "suzuki"], date(2026, 3, 7).at(1, 30, 0, 0), 24, &zone);
    let schedule = plan(vec![layer(turns, Vec::new())]);
    let doubled: Timestamp = "2026-11-01T05:45:00Z".parse().expect("a time");
    assert_eq!(who(&schedule, &[], doubled).len(), 2);
    assert_eq!(who(&schedule, &[], doubled + SignedDuration::from_hours(1)).len(), 1);
}

#[test]
fn gaps_and_double_bookings_are_found_a_year_ahead() {
    let zone = zone("Asia/Tokyo");
    let start = date(2026, 1, 5).at(9, 0, 0, 0);
    let day =
        Hours { days: vec![], from: time(9, 0, 0, 0), to: time(18, 0, 0, 0), zone: zone.clone() };
    let from: Timestamp = "2026-01-05T00:00:00Z".parse().expect("a time");
    let until = from + SignedDuration::from_hours(24 * 365);
    let mut office =
        plan(vec![layer(turns(&["sato"], start, 24, &zone), vec![During::Hours(day.clone())])]);
    let none = Overrides::default();
    let gaps = coverage::gaps(&office, &none, from, until);
    assert_eq!(gaps.len(), 365, "every night");
    assert_eq!(gaps[0].until.duration_since(gaps[0].from), SignedDuration::from_hours(15));
    office.covers = vec![During::Hours(day)];
    assert_eq!(coverage::gaps(&office, &none, from, until), [], "only the days are to be covered");

    let mut other = plan(vec![layer(turns(&["sato", "suzuki"], start, 24 * 7, &zone), vec![])]);
    other.name = "dba".into();
    let double = coverage::double_bookings([&office, &other], &none, from, until);
    assert_eq!(double.len(), 27 * 7 - 6, "every day of every other week");
    assert!(double.iter().all(|one| one.person.as_str() == "sato"));
}

/// An open layer begins and ends when it says so: a schedule for a time.
#[test]
fn a_temporary_layer_holds_for_its_time_only() {
    let zone = zone("Asia/Tokyo");
    let start = date(2026, 1, 5).at(9, 0, 0, 0);
    let base = layer(turns(&["sato"], start, 24, &zone), vec![]);
    let from: Timestamp = "2026-12-01T00:00:00Z".parse().expect("a time");
    let until = from + SignedDuration::from_hours(24 * 3);
    let launch = Layer {
        from: Some(from),
        until: Some(until),
        ..layer(turns(&["tanaka"], start, 24, &zone), vec![])
    };
    let schedule = plan(vec![base, launch]);
    let before = from.checked_sub(1.second()).expect("in range");
    assert_eq!(names(&who(&schedule, &[], before)), ["sato"]);
    assert_eq!(names(&who(&schedule, &[], from)), ["tanaka"]);
    assert_eq!(names(&who(&schedule, &[], until)), ["sato"]);
    assert_eq!(schedule::next_change(&schedule, &[], before), Some(from));
    assert_eq!(schedule::next_change(&schedule, &[], from), Some(until));
    assert_eq!(schedule::next_change(&schedule, &[], until), None);
}
