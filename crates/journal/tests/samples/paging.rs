//! Samples of paging, clocks and roles.

use domain::{
    fact::{Fact, NextStepMissing, WhyMissing},
    ids::IncidentId,
};

/// One sample per kind, and every shape.
pub fn samples() -> Vec<Fact> {
    let missing = |why| Fact::NextStepMissing(NextStepMissing { incident: IncidentId(3), why });
    vec![missing(WhyMissing::NothingPlanned), missing(WhyMissing::NobodyReachable)]
}
