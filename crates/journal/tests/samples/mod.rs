//! Samples of every kind of fact, in the shapes in which they are written.

mod alerts;
mod comms;
mod incidents;
mod intake;
mod notices;
mod on_call;
mod paging;
mod runs;
mod signals;

use domain::{
    fact::{Fact, Recorded},
    ids::AlertKey,
};
use jiff::{SignedDuration, Timestamp};

/// Samples of all kinds.
pub fn all() -> Vec<Recorded> {
    let started = [Fact::EngineStarted { version: "0.1.0".into() }];
    let facts = started
        .into_iter()
        .chain(alerts::samples())
        .chain(incidents::samples())
        .chain(runs::samples())
        .chain(notices::samples())
        .chain(signals::samples())
        .chain(intake::samples())
        .chain(on_call::samples())
        .chain(paging::samples())
        .chain(comms::samples());
    facts.map(|fact| Recorded { at: after(0), fact }).collect()
}

/// A time of the night in which the samples happen, with a fraction.
fn after(seconds: i64) -> Timestamp {
    let began = Timestamp::from_millisecond(1_795_284_000_250).expect("a time in November 2026");
    began.saturating_add(SignedDuration::from_secs(seconds)).expect("still this year")
}

fn key() -> AlertKey {
    AlertKey::new("service_down", "api-1")
}
