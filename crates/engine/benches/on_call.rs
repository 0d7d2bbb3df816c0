//! `cargo xtask bench on_call`: who is on call, and when to look next, with ten schedules and with a thousand.

use domain::{
    command::Command,
    ids::ContactName,
    policy::{Contact, Policy},
    rota::{Layer, Turns},
    schedule::{self, Overrides, Schedule},
};
use engine::Core;
use jiff::{SignedDuration, Timestamp, civil::date, tz::TimeZone};
use journal::MemoryJournal;
use std::{
    collections::BTreeMap,
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

const PEOPLE_EACH: usize = 10;
const ROUNDS: u32 = 2_000;

fn main() {
    for count in [10, 1_000] {
        let policy = Arc::new(policy(count));
        let people = policy.contacts.len();
        println!("{count} schedules, {people} people");
        let now: Timestamp = "2026-11-22T00:00:00Z".parse().expect("a time");
        let schedules: Vec<_> = policy.schedules.values().collect();
        let asked = each(|round| {
            let schedule = schedules[round as usize % schedules.len()];
            black_box(schedule::who(schedule, &[], now + SignedDuration::from_hours(round.into())));
        });
        println!("  who is on call by one schedule   {asked:>10.2?}");
        let all = each(|_| {
            let who = |one: &&Schedule| schedule::who(one, &[], now).len();
            black_box(schedules.iter().map(who).sum::<usize>());
        });
        println!("  who is on call by all of them    {all:>10.2?}");

        let begun = Instant::now();
        let mut core = Core::open(MemoryJournal::default(), policy.clone(), now).expect("opens");
        let boot = Command::Boot { version: "bench".into(), attached: Vec::new() };
        core.take(&boot, now).expect("a start is never refused");
        core.commit(now).expect("memory takes it");
        println!("  start, every schedule looked at  {:>10.2?}", begun.elapsed());
        let wakeup = each(|_| {
            black_box(core.next_wakeup(now));
        });
        println!("  when to look next                {wakeup:>10.2?}");

        let begun = Instant::now();
        let shifts =
            schedule::shifts(schedules[0], &[], now, now + SignedDuration::from_hours(8_760));
        println!("  a year of one rota, {:>4} shifts  {:>10.2?}", shifts.len(), begun.elapsed());
        let begun = Instant::now();
        let year = now + SignedDuration::from_hours(8_760);
        let twice = domain::coverage::double_bookings(
            policy.schedules.values(),
            &Overrides::default(),
            now,
            year,
        );
        println!("  a year of all, {:>3} double        {:>10.2?}", twice.len(), begun.elapsed());
    }
}

/// The mean time of a round.
fn each(mut work: impl FnMut(u32)) -> Duration {
    let begun = Instant::now();
    (0..ROUNDS).for_each(&mut work);
    begun.elapsed() / ROUNDS
}

/// Daily and weekly rotas of ten people each, in zones with and without summer time.
fn policy(count: usize) -> Policy {
    let zones = ["Asia/Tokyo", "Europe/Berlin", "America/New_York"];
    let mut policy = Policy::default();
    for index in 0..count {
        let people: Vec<ContactName> =
            (0..PEOPLE_EACH).map(|person| format!("p{index}-{person}").into()).collect();
        policy.contacts.extend(people.iter().map(|name| {
            let (title, addresses) = (name.to_string(), BTreeMap::new());
            (
                name.clone(),
                Contact {
                    name: name.clone(),
                    title,
                    addresses,
                    personal: Default::default(),
                    roles: Default::default(),
                },
            )
        }));
        let days = if index % 2 == 0 { 1 } else { 7 };
        let turns = Turns {
            people: people.into_iter().map(|name| vec![name]).collect(),
            start: date(2026, 1, 5).at(9, 0, 0, 0),
            every: SignedDuration::from_hours(24 * days),
            zone: TimeZone::get(zones[index % zones.len()]).expect("a zone"),
        };
        let layer = Layer { name: "base".into(), turns, only: Vec::new(), from: None, until: None };
        let name = format!("s{index}");
        let schedule = Schedule {
            name: name.as_str().into(),
            title: name.clone(),
            layers: vec![layer],
            covers: Vec::new(),
            tells: true,
        };
        policy.schedules.insert(name.as_str().into(), schedule);
    }
    policy
}
