//! Roles in an incident and measures after it, in one sentence each.

use crate::{fact::Fact, said::Said};

/// The sentence; none: the fact is about something else.
pub fn tell(fact: &Fact) -> Option<Said> {
    Some(match fact {
        Fact::RoleAssigned(assigned) => {
            let (incident, role, to) = (assigned.incident, assigned.role.title(), &assigned.to);
            let by = &assigned.by;
            match &assigned.before {
                Some(before) => Said::new(
                    format!("{incident} {}: {before} → {to} ({by})", role.ja),
                    format!("{incident} {}: {before} → {to} ({by})", role.en),
                ),
                None => Said::new(
                    format!("{incident} {}: {to} ({by})", role.ja),
                    format!("{incident} {}: {to} ({by})", role.en),
                ),
            }
        }
        Fact::MeasureRecorded(recorded) => {
            let (id, incident, text) = (recorded.id, recorded.incident, &recorded.text);
            let part = |label: &str, value: Option<String>| {
                value.map(|value| format!("、{label} {value}")).unwrap_or_default()
            };
            let owner = recorded.owner.clone();
            let due = recorded.due.map(|day| day.to_string());
            let ja = part("担当", owner.clone()) + &part("期限", due.clone());
            let en = owner.map(|owner| format!(", {owner}")).unwrap_or_default()
                + &due.map(|day| format!(", by {day}")).unwrap_or_default();
            let by = &recorded.by;
            Said::new(
                format!("{id}: {incident} の再発防止策 ({by}{ja}): {text}"),
                format!("{id}: measure after {incident} ({by}{en}): {text}"),
            )
        }
        Fact::MeasureDone(done) => {
            let (id, by) = (done.id, &done.by);
            Said::new(format!("{id}: 実施済み ({by})"), format!("{id}: done ({by})"))
        }
        _ => return None,
    })
}
