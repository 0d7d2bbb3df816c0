//! Changes that other systems tell of: marked once, and told beside trouble that began soon after.

use crate::{
    change::{Change, ChangeMarked},
    command::Refusal,
    fact::Fact,
    ids::{IntegrationName, ServiceName},
    incident::Incident,
    outside_text::{line, link},
    template,
    world::World,
};

/// Characters of a title and of a source.
const TITLE_CHARS: usize = 500;
/// Characters of a key, and of a service that is named.
const NAME_CHARS: usize = 200;
/// Changes that are told beside one incident.
const TOLD: usize = 3;

/// Marks a change. Told again with the same key, it is the same one.
///
/// # Errors
/// It has no title.
pub fn mark(
    world: &World<'_>,
    integration: &IntegrationName,
    change: &Change,
) -> Result<Vec<Fact>, Refusal> {
    let title = line(&change.title, TITLE_CHARS);
    if title.is_empty() {
        return Err(Refusal::incomplete(
            "変更の内容がありません".into(),
            "the change has no title".into(),
        ));
    }
    let key = line(&change.key, NAME_CHARS);
    let is_same = |known: &&ChangeMarked| known.key == key && known.integration == *integration;
    if !key.is_empty() && world.state.changes.iter().any(|known| is_same(&known)) {
        return Ok(Vec::new());
    }
    let named = change.service.as_ref().map(|service| line(service.as_str(), NAME_CHARS));
    Ok(vec![Fact::ChangeMarked(Box::new(ChangeMarked {
        integration: integration.clone(),
        key,
        title,
        source: line(&change.source, TITLE_CHARS),
        service: named.filter(|name| !name.is_empty()).map(ServiceName::from),
        url: link(&change.url),
        // A clock that is ahead does not make a change of the future.
        made_at: change.at.map_or(world.now, |at| at.min(world.now)),
    }))])
}

/// The changes that may have to do with an incident, newest first, one line each.
pub fn recent(world: &World<'_>, incident: &Incident) -> Vec<String> {
    let graph = &world.policy.graph;
    let explains = |change: &&ChangeMarked| {
        change.may_explain(graph, &incident.cause, incident.times.occurred)
    };
    let mut found: Vec<_> = world.state.changes.iter().filter(explains).collect();
    found.sort_by_key(|change| std::cmp::Reverse(change.made_at));
    let told = |change: &&ChangeMarked| {
        let at = template::time(change.made_at, &world.policy.zone);
        let on = change.service.as_ref().map_or("", |service| graph.title(service));
        format!("{} — {on} ({}, {at})", change.title, change.source)
    };
    found.iter().take(TOLD).map(told).collect()
}
