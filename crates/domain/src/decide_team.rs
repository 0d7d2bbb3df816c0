//! Deciding on people: who does what in an incident, and which measures follow from it.

use crate::{
    command::{Command, Refusal},
    fact::{About, Event, Fact, MeasureDone, MeasureRecorded, RoleAssigned},
    ids::{Actor, ContactName, IncidentId, MeasureId},
    incident::Incident,
    incident_role::IncidentRole,
    message,
    notice::Telling,
    outside_text::{cut, line},
    telling,
    world::World,
};
use jiff::civil::Date;

/// Characters of a measure.
const TEXT_CHARS: usize = 500;
/// Characters of whoever does it.
const OWNER_CHARS: usize = 100;
/// Measures that may be open at once.
const MOST: usize = 1000;

/// Decides a command on roles and measures; every other command is nothing here.
///
/// # Errors
/// Why it is not carried out.
pub fn decide(world: &World<'_>, command: &Command) -> Result<Vec<Fact>, Refusal> {
    match command {
        Command::AssignRole { incident, role, to, by } => {
            let found = world.state.incidents.get(incident);
            assign(world, found.ok_or_else(|| Refusal::no_incident(*incident))?, *role, to, by)
        }
        Command::RecordMeasure { incident, text, owner, due, by } => {
            record(world, *incident, text, owner.as_deref(), *due, by)
        }
        Command::FinishMeasure { id, by } => finish(world, *id, by),
        _ => Ok(Vec::new()),
    }
}

/// Gives a role to somebody, or hands it over. Whoever gets it from somebody else hears of it.
fn assign(
    world: &World<'_>,
    incident: &Incident,
    role: IncidentRole,
    to: &str,
    by: &Actor,
) -> Result<Vec<Fact>, Refusal> {
    let is_contact = world.policy.contacts.contains_key(to);
    // Whoever acts is known by the name under which they act, as when they acknowledge.
    let is_asker = matches!(by, Actor::Person(name) if name == to);
    if !is_contact && !is_asker {
        let known: Vec<_> = world.policy.contacts.keys().map(ContactName::as_str).collect();
        let known = known.join(", ");
        return Err(Refusal::not_found(
            format!("連絡先 {to} は設定にありません。ある名前: {known}"),
            format!("there is no contact {to}; there are: {known}"),
        ));
    }
    let before = incident.holder(role).map(str::to_owned);
    let title = role.title();
    if before.as_deref() == Some(to) && incident.roles.contains_key(&role) {
        return Err(Refusal::conflict(
            format!("{} の{}はすでに {to} です", incident.id, title.ja),
            format!("{to} is {} of {} already", title.en, incident.id),
        ));
    }
    let mut facts = vec![Fact::RoleAssigned(Box::new(RoleAssigned {
        incident: incident.id,
        role,
        to: to.to_owned(),
        before: before.filter(|before| before != to),
        by: by.clone(),
    }))];
    if is_contact && !is_asker {
        let channels = world.policy.quiet_personal();
        let telling = Telling {
            about: About::Incident(incident.id),
            event: Event::Reminder,
            message: message::role_assigned(world.policy, incident, role, by),
            channels: &channels,
            contacts: vec![to.into()],
            priority: Some(incident.priority()),
            level: None,
        };
        facts.extend(telling::owed(world, &telling, world.state.next_notice()));
    }
    Ok(facts)
}

/// Writes a measure down. The review often comes after the closing: a closed incident gets measures, too.
fn record(
    world: &World<'_>,
    incident: IncidentId,
    text: &str,
    owner: Option<&str>,
    due: Option<Date>,
    by: &Actor,
) -> Result<Vec<Fact>, Refusal> {
    if incident.0 == 0 || incident.0 > world.state.last.incident {
        return Err(Refusal::not_found(
            format!("インシデント {incident} はありません"),
            format!("there is no incident {incident}"),
        ));
    }
    let text = line(text, TEXT_CHARS);
    if text.is_empty() {
        return Err(Refusal::incomplete(
            "再発防止策の内容がありません".into(),
            "say what is to be done".into(),
        ));
    }
    if world.state.measures.len() >= MOST {
        return Err(Refusal::conflict(
            format!(
                "未実施の再発防止策が {MOST} 件あります: `hikeshi measure done` で終えてください"
            ),
            format!("{MOST} measures are open: finish some with `hikeshi measure done`"),
        ));
    }
    let owner = owner.map(|owner| cut(owner.trim(), OWNER_CHARS)).filter(|owner| !owner.is_empty());
    Ok(vec![Fact::MeasureRecorded(Box::new(MeasureRecorded {
        id: world.state.next_measure(),
        incident,
        text,
        owner,
        due,
        by: by.clone(),
    }))])
}

fn finish(world: &World<'_>, id: MeasureId, by: &Actor) -> Result<Vec<Fact>, Refusal> {
    let measure = world.state.measures.get(&id).ok_or_else(|| {
        Refusal::not_found(
            format!("未実施の再発防止策 {id} はありません"),
            format!("there is no open measure {id}"),
        )
    })?;
    let (incident, by) = (measure.incident, by.clone());
    Ok(vec![Fact::MeasureDone(MeasureDone { id, incident, by })])
}
