//! Pages that are not sent any more: somebody is on it, or it is over.

use crate::{
    fact::{Fact, NoticeWithdrawn},
    ids::{Actor, IncidentId},
    notice::Notice,
    world::World,
};

/// Somebody is on it: pages that nobody got yet wake nobody up, and what is left of personal rules is not begun. What a
/// room is told, it is still told.
pub fn taken(world: &World<'_>, incident: IncidentId, by: &Actor) -> Vec<Fact> {
    let is_pager = |notice: &Notice| {
        // One that fell back to a room was meant to wake somebody all the same.
        let mut ways = notice.owed.ways.first().into_iter().chain(notice.current_way());
        ways.any(|way| {
            let brief = world.policy.channels.get(&way.channel);
            brief.is_some_and(|brief| brief.is_pager && !brief.is_mirror)
        })
    };
    withdrawn(world, incident, by, |notice| is_pager(notice) || !notice.has_begun(world.now))
}

/// It is over, or part of another: what was not begun is not begun any more.
pub fn over(world: &World<'_>, incident: IncidentId) -> Vec<Fact> {
    withdrawn(world, incident, &Actor::Hikeshi, |notice| !notice.has_begun(world.now))
}

fn withdrawn(
    world: &World<'_>,
    incident: IncidentId,
    by: &Actor,
    is_meant: impl Fn(&Notice) -> bool,
) -> Vec<Fact> {
    let fact = |page: &Notice| {
        Fact::NoticeWithdrawn(NoticeWithdrawn { notice: page.owed.id, by: by.clone() })
    };
    world.state.pages_of(incident).filter(|page| is_meant(page)).map(fact).collect()
}
