//! Data may be lost: legal and management hear of it at once, whatever else is going on (A82).

use crate::{
    command::Refusal,
    fact::{About, DataLossSuspected, Event, Fact},
    ids::{Actor, ChannelName, RoleName},
    incident::Incident,
    message,
    notice::Telling,
    rota,
    rule::Symptom,
    said::Said,
    severity::Priority,
    stakeholders::{LEGAL, MANAGEMENT},
    telling,
    world::World,
};

/// An alert of an incident says that data is missing.
pub fn suspect(world: &World<'_>, incident: &Incident) -> Vec<Fact> {
    if incident.data_loss_suspected || !incident.is_burning() {
        return Vec::new();
    }
    let burning = world.state.alerts_of(incident);
    let is_heard = |key| !world.quiet.is_quiet(world.state, key);
    let alert = burning
        .into_iter()
        .find(|alert| alert.fired.symptom == Symptom::DataLoss && is_heard(&alert.fired.key));
    let reason = |alert: &crate::alert::Alert| {
        let seen = alert.seen();
        Said::each(|language| format!("{}: {}", alert.fired.title, seen.text(language)))
    };
    alert.map(|alert| tell(world, incident, reason(alert), &Actor::Hikeshi)).unwrap_or_default()
}

/// A person suspects it.
///
/// # Errors
/// Without a reason, or when it is known already.
pub fn by_person(
    world: &World<'_>,
    incident: &Incident,
    reason: &str,
    by: &Actor,
) -> Result<Vec<Fact>, Refusal> {
    if reason.trim().is_empty() {
        return Err(Refusal::incomplete(
            "データ損失を疑う理由を書いてください".into(),
            "say what speaks for a loss of data".into(),
        ));
    }
    if incident.data_loss_suspected {
        return Err(Refusal::conflict(
            format!("{} のデータ損失の疑いは報告済みです", incident.id),
            format!("a loss of data is suspected in {} already", incident.id),
        ));
    }
    Ok(tell(world, incident, reason.into(), by))
}

fn tell(world: &World<'_>, incident: &Incident, reason: Said, by: &Actor) -> Vec<Fact> {
    let policy = world.policy;
    let is_personal = |channel: &&ChannelName| !policy.channels[*channel].is_room;
    let channels: Vec<_> = policy.channels.keys().filter(is_personal).cloned().collect();
    let is_reached = |contact: &crate::ids::ContactName| {
        let known = policy.contacts.get(contact);
        known.is_some_and(|known| channels.iter().any(|one| known.addresses.contains_key(one)))
    };
    let roles: [RoleName; 2] = [LEGAL.into(), MANAGEMENT.into()];
    let of_role =
        |role: &RoleName| policy.holders(role).into_iter().filter(is_reached).collect::<Vec<_>>();
    let contacts = rota::unique(roles.iter().flat_map(of_role));
    let vacant: Vec<_> = roles.iter().filter(|role| of_role(role).is_empty()).cloned().collect();
    let message = message::data_loss(policy, incident, &reason, &vacant);
    let priority = incident.classification.as_ref().map(|c| c.priority);
    let mut facts = vec![Fact::DataLossSuspected(Box::new(DataLossSuspected {
        incident: incident.id,
        reason,
        contacts: contacts.clone(),
        vacant: vacant.clone(),
        by: by.clone(),
    }))];
    let mut telling = Telling {
        about: About::News(incident.id),
        event: Event::Report,
        message,
        channels: &channels,
        contacts,
        priority,
        level: None,
    };
    facts.extend(telling::owed(world, &telling, world.state.next_notice()));
    // Where nobody holds a role, those who work on it must reach somebody.
    let route = policy.routes.get(&priority.unwrap_or(Priority::P0));
    if let (Some(route), false) = (route, vacant.is_empty()) {
        telling.about = About::Incident(incident.id);
        telling.channels = &route.channels;
        telling.contacts = telling::told(world, incident);
        let first = telling::next_notice(world, &facts);
        facts.extend(telling::owed(world, &telling, first));
    }
    facts
}
