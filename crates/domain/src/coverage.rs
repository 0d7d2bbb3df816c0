//! Looks ahead: times in which nobody is on call, and people who are on call in two schedules at once.

use crate::{
    ids::{ContactName, ScheduleName},
    rota,
    schedule::{self, Overrides, Schedule},
};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A time in which somebody must be on call, and nobody is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Where.
    pub schedule: ScheduleName,
    /// From then on.
    pub from: Timestamp,
    /// Up to then.
    pub until: Timestamp,
}

/// A time in which one person is on call in two schedules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoubleBooking {
    /// Who.
    pub person: ContactName,
    /// Where.
    pub schedules: [ScheduleName; 2],
    /// From then on.
    pub from: Timestamp,
    /// Up to then.
    pub until: Timestamp,
}

/// The gaps of a schedule, in order.
pub fn gaps(
    schedule: &Schedule,
    overrides: &Overrides,
    from: Timestamp,
    until: Timestamp,
) -> Vec<Gap> {
    let mut found: Vec<Gap> = Vec::new();
    let empty = schedule::shifts(schedule, overrides.of(&schedule.name), from, until);
    for shift in empty.into_iter().filter(|shift| shift.people.is_empty()) {
        let mut at = shift.from;
        while at < shift.until {
            let edges = schedule.covers.iter().filter_map(|during| during.next_edge(at));
            let edge = edges.min().map_or(shift.until, |edge| edge.min(shift.until));
            if rota::any_holds(&schedule.covers, at) {
                match found.last_mut().filter(|last| last.until == at) {
                    Some(last) => last.until = edge,
                    None => {
                        found.push(Gap { schedule: schedule.name.clone(), from: at, until: edge })
                    }
                }
            }
            at = edge;
        }
    }
    found
}

/// The double bookings of all schedules together, in order.
pub fn double_bookings<'a>(
    schedules: impl IntoIterator<Item = &'a Schedule>,
    overrides: &Overrides,
    from: Timestamp,
    until: Timestamp,
) -> Vec<DoubleBooking> {
    let mut duties: BTreeMap<ContactName, Vec<(Timestamp, Timestamp, &ScheduleName)>> =
        BTreeMap::new();
    for schedule in schedules {
        for shift in schedule::shifts(schedule, overrides.of(&schedule.name), from, until) {
            for person in shift.people {
                let own = duties.entry(person).or_default();
                // Others who come and go beside somebody do not end their time.
                match own
                    .last_mut()
                    .filter(|(_, end, of)| *end == shift.from && *of == &schedule.name)
                {
                    Some((_, end, _)) => *end = shift.until,
                    None => own.push((shift.from, shift.until, &schedule.name)),
                }
            }
        }
    }
    let mut found = Vec::new();
    for (person, mut own) in duties {
        own.sort();
        let mut open: Vec<(Timestamp, Timestamp, &ScheduleName)> = Vec::new();
        for duty in own {
            open.retain(|(_, end, _)| *end > duty.0);
            found.extend(open.iter().map(|(_, end, of)| DoubleBooking {
                person: person.clone(),
                schedules: [(*of).clone(), duty.2.clone()],
                from: duty.0,
                until: (*end).min(duty.1),
            }));
            open.push(duty);
        }
    }
    found.sort_by(|a, b| (a.from, &a.person).cmp(&(b.from, &b.person)));
    found
}
