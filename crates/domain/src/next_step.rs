//! The standing self-check of escalation: every open P0 and P1 that nobody has acknowledged has a live next step (B19, C17).
//!
//! Pages, levels and deliveries follow from state, so there should never be one without. Should there be all the same, it is
//! named: a fact, a count, a finding of `hikeshi doctor`; and people are paged anew, on whatever reaches them.

use crate::{
    advance_incidents,
    fact::{Fact, NextStepMissing, WhyMissing},
    finding::{Finding, Grade},
    ids::NoticeId,
    incident::{Incident, Stage},
    paging,
    said::Said,
    severity::Priority,
    telling,
    world::World,
};
use jiff::Timestamp;

/// What comes next by itself for an incident that nobody has acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextStep {
    /// It is assessed, paged again, or the next level is told, then at the latest.
    At(Timestamp),
    /// A notice is on its way.
    Notice(NoticeId),
    /// All that burns is quiet; when that ends, it is judged anew.
    Silenced,
}

/// Whether somebody must be told of it until they answer: it burns, it is urgent, and nobody has acknowledged it.
pub fn is_owed(incident: &Incident) -> bool {
    incident.is_burning()
        && incident.acknowledged_by.is_none()
        && incident.priority() >= Priority::P1
}

/// What comes next for an incident.
///
/// # Errors
/// Nothing does, and why.
pub fn of(world: &World<'_>, incident: &Incident) -> Result<NextStep, WhyMissing> {
    if world.is_quiet(incident) {
        return Ok(NextStep::Silenced);
    }
    if !telling::reaches_anybody(world.policy) {
        return Err(WhyMissing::NobodyReachable);
    }
    match incident.stage {
        Stage::Detected => {
            return Ok(NextStep::At(advance_incidents::assess_until(world, incident)));
        }
        Stage::Assessed | Stage::Classified => return Ok(NextStep::At(world.now)),
        _ => {}
    }
    let times = [incident.next_level_at, paging::next_page(world, incident)];
    let planned = times.into_iter().flatten().filter(|at| *at > world.now).min();
    let under_way = || world.state.pages_of(incident.id).next().map(|notice| notice.owed.id);
    let step = planned.map(NextStep::At).or_else(|| under_way().map(NextStep::Notice));
    step.ok_or(WhyMissing::NothingPlanned)
}

/// Every incident that is owed a next step and has none.
pub fn missing<'a>(
    world: &'a World<'_>,
) -> impl Iterator<Item = (&'a Incident, WhyMissing)> + use<'a> {
    let owed = world.state.incidents.values().filter(|incident| is_owed(incident));
    owed.filter_map(|incident| Some((incident, of(world, incident).err()?)))
}

/// Names the first that has none, and pages people anew. The last of all moves: what else could follow has followed.
pub fn progress(world: &World<'_>) -> Vec<Fact> {
    let is_news =
        |incident: &Incident, why| !incident.is_stranded || why == WhyMissing::NothingPlanned;
    let Some((incident, why)) = missing(world).find(|(incident, why)| is_news(incident, *why))
    else {
        return Vec::new();
    };
    let named = NextStepMissing { incident: incident.id, why };
    let mut facts = vec![Fact::NextStepMissing(named)];
    if why == WhyMissing::NothingPlanned {
        let why = Said::new("次の呼び出しが予定されていません", "no next step was planned");
        facts.extend(paging::anew(world, incident, &why));
    }
    facts
}

/// What stands against readiness now.
pub fn findings(world: &World<'_>) -> Vec<Finding> {
    let found = missing(world).map(|(incident, why)| {
        let id = incident.id;
        let said = match why {
            WhyMissing::NothingPlanned => (
                format!("{id} は未対応のままで、次の呼び出しが予定されていません"),
                format!("{id} is unanswered, and no next page is planned"),
            ),
            WhyMissing::NobodyReachable => (
                format!("{id} は未対応のままで、呼び出せる人がいません"),
                format!("{id} is unanswered, and nobody can be reached"),
            ),
        };
        let hint = (
            format!(
                "hikeshi incident ack {id} で引き受け、routes と escalation を見直してください"
            ),
            format!(
                "take it with `hikeshi incident ack {id}`, and look at `routes` and `escalation`"
            ),
        );
        Finding::new(Grade::Error, "no_next_step", id, said, hint)
    });
    found.collect()
}
