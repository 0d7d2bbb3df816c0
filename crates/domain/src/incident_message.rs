//! What people are told of an incident: the values of the slots, and the template that fits (A52, A53).

use crate::{
    fact::Event,
    graph::Graph,
    ids::ServiceName,
    incident::{Incident, Stage},
    incident_role::IncidentRole,
    notice::Message,
    outside_text::plain,
    policy::Policy,
    said::Language,
    severity::Priority,
    stakeholders::{Audience, Stakeholders},
    standard_templates as standard,
    template::{self, Rendered, Slot, Value},
};
use jiff::Timestamp;

/// The text for those whom the route of an incident tells.
pub fn text(policy: &Policy, incident: &Incident, event: Event, now: Timestamp) -> Message {
    let next_at = promised(incident);
    let known = Known { policy, incident, language: policy.language, next_at, now };
    let usual = usual(event, incident.priority());
    let mut message = known.message(usual, event);
    if let Some(commander) = incident.holder(IncidentRole::Commander) {
        let title = policy.contacts.get(commander).map(|contact| contact.title.as_str());
        let label = policy.language.pick("指揮", "Commander");
        message.body.push_str(&format!("\n{label}: {}", plain(title.unwrap_or(commander))));
    }
    let changes = incident.assessment.iter().flat_map(|found| &found.recent_changes);
    let label = policy.language.pick("直前の変更", "Recent change");
    for change in changes.filter(|_| event != Event::Resolved) {
        message.body.push_str(&format!("\n{label}: {}", plain(change)));
    }
    message
}

/// The text for stakeholders, with the update that they are promised next.
pub fn for_stakeholders(
    policy: &Policy,
    incident: &Incident,
    group: &Stakeholders,
    event: Event,
    next_at: Option<Timestamp>,
    now: Timestamp,
) -> Message {
    let known = Known { policy, incident, language: group.language, next_at, now };
    let own = match event {
        Event::Resolved => &group.recovery_template,
        _ => &group.template,
    };
    let usual = usual(event, incident.priority());
    known.message(own.as_deref().unwrap_or(usual), event)
}

/// The beginning of a draft.
pub fn draft(
    policy: &Policy,
    incident: &Incident,
    audience: Audience,
    language: Language,
    next_at: Option<Timestamp>,
    now: Timestamp,
) -> Rendered {
    Known { policy, incident, language, next_at, now }.render(audience.word())
}

/// When those whom the route tells hear next.
fn promised(incident: &Incident) -> Option<Timestamp> {
    incident.next_update_at.or(incident.classification.as_ref().and_then(|c| c.next_update_at))
}

fn usual(event: Event, priority: Priority) -> &'static str {
    match (event, priority) {
        (Event::Resolved, _) => standard::RECOVERED,
        (_, Priority::P0) => standard::EMERGENCY,
        _ => standard::INCIDENT,
    }
}

/// What is known of an incident, for a reader.
struct Known<'a> {
    policy: &'a Policy,
    incident: &'a Incident,
    language: Language,
    next_at: Option<Timestamp>,
    now: Timestamp,
}

impl Known<'_> {
    fn render(&self, name: &str) -> Rendered {
        let template = self.policy.template(name, self.language);
        template.render(self.language, &self.policy.zone, |slot| self.value(slot))
    }

    fn message(&self, name: &str, event: Event) -> Message {
        let Rendered { subject, body } = self.render(name);
        Message { subject: with_note(&subject, self.note(event)), body }
    }

    /// Why it is told again, behind the tag of the subject.
    fn note(&self, event: Event) -> &'static str {
        let language = self.language;
        match event {
            Event::Escalated if self.incident.level > 1 => {
                language.pick("エスカレーション ", "escalated: ")
            }
            // What became P0 now is announced exactly as document A says.
            Event::Raised if self.incident.priority() == Priority::P0 => "",
            Event::Raised => language.pick("優先度変更 ", "raised: "),
            Event::Repeated => language.pick("再通知 ", "again: "),
            Event::Update => language.pick("経過報告 ", "update: "),
            Event::Handover => language.pick("手動対応が必要 ", "needs a person: "),
            Event::Shift => language.pick("当番交代・未対応 ", "your shift now, unanswered: "),
            _ => "",
        }
    }

    fn value(&self, slot: Slot) -> Option<Value> {
        let incident = self.incident;
        let end = incident.times.recovered.unwrap_or(self.now);
        Some(match slot {
            Slot::System => Value::Text(incident.system.clone()),
            Slot::Title => Value::Text(incident.title.clone()),
            Slot::Priority => Value::Priority(self.incident.priority()),
            Slot::Incident => Value::Incident(incident.id),
            Slot::Began => Value::Time(incident.times.occurred),
            Slot::Recovered => Value::Time(end),
            Slot::Impact => Value::Period(incident.times.occurred, end),
            Slot::Scope => Value::Text(scope(&self.policy.graph, incident, self.language)),
            Slot::Situation => Value::Text(situation(incident, self.language)),
            Slot::ExpectedRecovery => {
                let found = incident.assessment.as_ref()?;
                Value::Minutes(found.eta_minutes?, found.eta_basis.clone())
            }
            Slot::Response => Value::Text(response(incident, self.language)),
            Slot::NextUpdate => Value::Time(self.next_at.filter(|at| *at > self.now)?),
            Slot::RootCause => Value::Text(incident.root_cause.as_ref()?.technical.clone()),
            // Most measures are decided in the review, after the message: those that are known by now.
            Slot::Prevention if incident.measures.is_empty() => return None,
            Slot::Prevention => Value::Text(incident.measures.join(self.language.pick("、", "; "))),
        })
    }
}

/// The note stands behind the tag: `[P0] 経過報告 …`.
fn with_note(subject: &str, note: &str) -> String {
    match template::tag(subject) {
        "" => format!("{note}{subject}"),
        tag => format!("{tag} {note}{}", subject[tag.len()..].trim_start()),
    }
}

fn scope(graph: &Graph, incident: &Incident, language: Language) -> String {
    let cause = || graph.get(&incident.cause).map_or("", |_| graph.title(&incident.cause));
    let Some(found) = &incident.assessment else { return cause().to_owned() };
    let titles = |names: &[ServiceName]| {
        names.iter().map(|name| graph.title(name).to_owned()).collect::<Vec<_>>().join(", ")
    };
    let mut parts = vec![titles(&found.services)];
    if !found.functions.is_empty() {
        parts.push(format!("{}: {}", language.pick("機能", "functions"), titles(&found.functions)));
    }
    if let Some(share) = found.request_share_percent {
        parts.push(language.pick(
            format!("リクエストの {share:.0}% が失敗"),
            format!("{share:.0}% of requests fail"),
        ));
    }
    parts.retain(|part| !part.is_empty());
    match parts.is_empty() {
        true => cause().to_owned(),
        false => parts.join(" / "),
    }
}

fn situation(incident: &Incident, language: Language) -> String {
    let observed = incident
        .classification
        .as_ref()
        .map(|c| format!(" ({}: {})", c.rule, c.observed.text(language)))
        .unwrap_or_default();
    let burning = incident.burning.len();
    match language {
        Language::Ja => format!("{}。発生中のアラート {burning} 件{observed}", incident.title),
        Language::En => format!("{}. {burning} alerts firing{observed}", incident.title),
    }
}

fn response(incident: &Incident, language: Language) -> String {
    let person = incident.acknowledged_by.as_ref();
    match (person, incident.handed_over, incident.stage) {
        (Some(person), ..) => {
            language.pick(format!("{person} が対応中"), format!("{person} is on it"))
        }
        (None, true, _) => language
            .pick("自動復旧は停止。手動対応待ち", "automation has stopped; waiting for a person")
            .to_owned(),
        (None, false, Stage::Responding) => {
            language.pick("自動復旧を実行中", "automatic repair is running").to_owned()
        }
        _ => language.pick("担当者に通知済み", "the person on call has been told").to_owned(),
    }
}
