//! Whether an urgent incident reaches anybody: a configuration that pages nobody is worse than none.

use crate::people::People;
use domain::{ids::ChannelName, policy::Route, said::Said, severity::Priority};
use source::{Place, Problems};

/// Reports the routes of P0 and P1 on which nobody would be told. `top` is the place for a route that was not written.
pub(crate) fn check(people: &People, top: &Place, problems: &mut Problems) {
    for priority in [Priority::P0, Priority::P1] {
        let Some(route) = people.routes.get(&priority) else { continue };
        if !route.channels.iter().any(|channel| reaches(people, route, channel)) {
            let place = people.route_places.get(&priority).unwrap_or(top);
            problems.add_with_hint(
                place,
                Said::new(
                    format!("{priority} は誰にも届きません"),
                    format!("a {priority} would be told to nobody"),
                ),
                Said::new(
                    "`channels:` にチャットなどを加えるか、`escalation:` の最初の段に宛先のある連絡先を書いてください",
                    "add a channel that needs no address, or a contact with an address to the first level of `escalation:`",
                ),
            );
        }
    }
}

fn reaches(people: &People, route: &Route, channel: &ChannelName) -> bool {
    let is_room = people.briefs.get(channel).is_some_and(|brief| brief.is_room);
    let first = people.escalation.first();
    let contacts = first.map(|level| level.contacts.as_slice()).unwrap_or_default();
    let schedules = first.map(|level| level.on_call.as_slice()).unwrap_or_default().iter();
    let layers =
        schedules.filter_map(|name| people.schedules.get(name)).flat_map(|one| &one.layers);
    let on_call = layers.flat_map(|layer| layer.turns.people.iter().flatten());
    let mut told = contacts.iter().chain(on_call).chain(&route.also);
    let has_address = |contact: &domain::policy::Contact| contact.addresses.contains_key(channel);
    // Whether somebody has enrolled is not written here: doctor asks.
    let enrols = people.briefs.get(channel).is_some_and(|brief| brief.devices.is_some());
    is_room || enrols || told.any(|name| people.contacts.get(name).is_some_and(has_address))
}
