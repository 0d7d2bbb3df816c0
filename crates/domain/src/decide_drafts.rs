//! Deciding on drafts: begun from a template, completed by people, released by whoever answers for them (A51).

use crate::{
    command::{Command, Refusal},
    draft::{Draft, approved_by},
    fact::{
        About, DraftChanged, DraftDiscarded, DraftReleased, DraftWritten, Event, Fact,
        StakeholdersInformed,
    },
    ids::{Actor, ChannelName, ContactName, DraftId, IncidentId, NoticeId, RoleName},
    incident::Incident,
    incident_message, message,
    notice::{Message, Telling},
    outside_text::plain,
    stakeholders::{Audience, Outlet},
    telling,
    template::Rendered,
    updates,
    world::World,
};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Characters of a subject.
const SUBJECT_CHARS: usize = 200;
/// Characters of a text.
const BODY_CHARS: usize = 20_000;
/// Drafts that may wait at once.
const MOST: usize = 200;

/// Decides a command on drafts; every other command is nothing here.
///
/// # Errors
/// Why it is not carried out.
pub fn decide(world: &World<'_>, command: &Command) -> Result<Vec<Fact>, Refusal> {
    match command {
        Command::WriteDraft { incident, audience, by } => write(world, *incident, *audience, by),
        Command::FillDraft { id, values, by } => fill(find(world, *id)?, values, by),
        Command::EditDraft { id, subject, body, by } => {
            edit(find(world, *id)?, subject.as_deref(), body.as_deref(), by)
        }
        Command::ReleaseDraft { id, revision, by } => {
            release(world, find(world, *id)?, *revision, by)
        }
        Command::DiscardDraft { id, reason, by } => discard(find(world, *id)?, reason, by),
        _ => Ok(Vec::new()),
    }
}

/// A draft that hikeshi begins, because somebody must write soon.
pub(crate) fn begin(world: &World<'_>, incident: &Incident, audience: Audience) -> Vec<Fact> {
    begun(world, incident, audience, &Actor::Hikeshi)
}

fn begun(world: &World<'_>, incident: &Incident, audience: Audience, by: &Actor) -> Vec<Fact> {
    let policy = world.policy;
    let outlet = policy.outlet(audience);
    let next_update_at =
        (audience == Audience::Stakeholders).then(|| next_promise(world, incident)).flatten();
    let Rendered { subject, body } = incident_message::draft(
        policy,
        incident,
        audience,
        outlet.language,
        next_update_at,
        world.now,
    );
    let written = DraftWritten {
        id: world.state.next_draft(),
        incident: incident.id,
        audience,
        approver_role: outlet.approver.clone(),
        subject,
        body,
        next_update_at,
        by: by.clone(),
    };
    let told = outlet.approver.map(|role| told_to_role(world, &written, &role));
    let mut facts = vec![Fact::DraftWritten(Box::new(written))];
    facts.extend(told.unwrap_or_default());
    facts
}

/// When stakeholders hear after the draft: a cadence after what they are promised now.
fn next_promise(world: &World<'_>, incident: &Incident) -> Option<Timestamp> {
    let groups = world.policy.stakeholders.iter().filter_map(|(name, group)| {
        let promise = incident.updates.promises.get(name);
        if promise.is_none() && !group.hear_of(incident.priority(), &incident.system) {
            return None;
        }
        let every = telling::cadence(world, incident, group)?;
        let from = promise.and_then(|promise| promise.next_at).unwrap_or(world.now);
        from.max(world.now).saturating_add(every).ok()
    });
    groups.fold(None, |first, next| updates::earlier(first, Some(next)))
}

/// Whoever holds the role hears that a draft waits for them. Nobody is woken up for it.
fn told_to_role(world: &World<'_>, written: &DraftWritten, role: &RoleName) -> Vec<Fact> {
    let policy = world.policy;
    let channels = policy.quiet_personal();
    let telling = Telling {
        about: About::News(written.incident),
        event: Event::Draft,
        message: message::draft_waits(policy, written),
        channels: &channels,
        contacts: policy.holders(role),
        priority: None,
        level: None,
    };
    telling::owed(world, &telling, world.state.next_notice())
}

fn find<'a>(world: &World<'a>, id: DraftId) -> Result<&'a Draft, Refusal> {
    world.state.drafts.get(id).ok_or_else(|| {
        Refusal::not_found(
            format!("待っている下書き {id} はありません (公開済み・破棄済みは incident show に)"),
            format!(
                "there is no waiting draft {id} (what was released or discarded is in `incident show`)"
            ),
        )
    })
}

fn write(
    world: &World<'_>,
    incident: Option<IncidentId>,
    audience: Audience,
    by: &Actor,
) -> Result<Vec<Fact>, Refusal> {
    let incidents = &world.state.incidents;
    let found = match incident {
        Some(id) => incidents.get(&id).ok_or_else(|| Refusal::no_incident(id))?,
        None => incidents.values().next_back().ok_or_else(|| {
            Refusal::not_found(
                "開いているインシデントはありません".into(),
                "there is no open incident".into(),
            )
        })?,
    };
    if world.state.drafts.all().count() >= MOST {
        return Err(Refusal::conflict(
            format!("下書きが {MOST} 件待っています: 公開するか破棄してください"),
            format!("{MOST} drafts are waiting: release or discard some"),
        ));
    }
    Ok(begun(world, found, audience, by))
}

fn fill(
    draft: &Draft,
    values: &BTreeMap<String, String>,
    by: &Actor,
) -> Result<Vec<Fact>, Refusal> {
    let (mut subject, mut body) = (draft.written.subject.clone(), draft.written.body.clone());
    let blanks = draft.blanks();
    for (name, value) in values {
        let value = plain(value).trim().to_owned();
        if value.is_empty() {
            return Err(Refusal::incomplete(
                format!("[{name}] の値が空です"),
                format!("the value of [{name}] is empty"),
            ));
        }
        if !blanks.contains(name) {
            let list = list(&blanks);
            return Err(Refusal::not_found(
                format!("空欄 [{name}] はありません。空欄: {list}"),
                format!("there is no blank [{name}]; blanks: {list}"),
            ));
        }
        let blank = format!("[{name}]");
        if subject.contains(&blank) || body.contains(&blank) {
            subject = subject.replace(&blank, &value);
            body = body.replace(&blank, &value);
        } else {
            body = labelled(&body, name, &value);
        }
    }
    changed(draft, subject, body, by)
}

/// Puts a value behind a label that has none.
fn labelled(body: &str, label: &str, value: &str) -> String {
    let line = |line: &str| match line.trim_end().strip_prefix(label) {
        Some(colon @ (":" | "：")) => format!("{label}{colon} {value}"),
        _ => line.to_owned(),
    };
    body.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn edit(
    draft: &Draft,
    subject: Option<&str>,
    body: Option<&str>,
    by: &Actor,
) -> Result<Vec<Fact>, Refusal> {
    let is_line = |text: &str| !text.chars().any(char::is_control);
    if subject.is_some_and(|subject| !is_line(subject)) {
        return Err(Refusal::incomplete("件名は一行です".into(), "a subject is one line".into()));
    }
    let subject = subject.unwrap_or(&draft.written.subject).trim().to_owned();
    let body = body.unwrap_or(&draft.written.body).replace("\r\n", "\n");
    changed(draft, subject, body.trim_end().to_owned(), by)
}

fn changed(draft: &Draft, subject: String, body: String, by: &Actor) -> Result<Vec<Fact>, Refusal> {
    if subject.chars().count() > SUBJECT_CHARS || body.chars().count() > BODY_CHARS {
        return Err(Refusal::incomplete(
            format!("長すぎます (件名 {SUBJECT_CHARS} 字、本文 {BODY_CHARS} 字まで)"),
            format!("too long: {SUBJECT_CHARS} characters of subject, {BODY_CHARS} of text"),
        ));
    }
    if subject == draft.written.subject && body == draft.written.body {
        return Ok(Vec::new());
    }
    Ok(vec![Fact::DraftChanged(Box::new(DraftChanged {
        id: draft.written.id,
        incident: draft.written.incident,
        revision: draft.revision + 1,
        subject,
        body,
        by: by.clone(),
    }))])
}

fn release(
    world: &World<'_>,
    draft: &Draft,
    revision: u32,
    by: &Actor,
) -> Result<Vec<Fact>, Refusal> {
    let written = &draft.written;
    approved_by(world.policy, written.approver_role.as_ref(), by)?;
    if revision != draft.revision {
        return Err(Refusal::conflict(
            format!(
                "{} は第 {} 版に変わっています (指定は第 {revision} 版): もう一度お読みください",
                written.id, draft.revision
            ),
            format!(
                "{} is at revision {} now, not {revision}: read it again",
                written.id, draft.revision
            ),
        ));
    }
    let blanks = draft.blanks();
    if !blanks.is_empty() {
        let list = list(&blanks);
        return Err(Refusal::incomplete(
            format!("{} には空欄があります: {list}", written.id),
            format!("{} has blanks: {list}", written.id),
        ));
    }
    if let Some(at) = written.next_update_at.filter(|at| *at <= world.now) {
        let at = crate::template::time(at, &world.policy.zone);
        return Err(Refusal::conflict(
            format!("約束する次回更新 {at} を過ぎています: 新しい下書きを作ってください"),
            format!("the next update that it promises, {at}, has passed: write a new draft"),
        ));
    }
    let mut facts = vec![Fact::DraftReleased(DraftReleased {
        id: written.id,
        incident: written.incident,
        revision,
        by: by.clone(),
    })];
    match written.audience {
        Audience::Stakeholders => to_stakeholders(world, draft, &mut facts)?,
        Audience::Media | Audience::Customers => to_outlet(world, draft, &mut facts)?,
    }
    Ok(facts)
}

fn to_outlet(world: &World<'_>, draft: &Draft, facts: &mut Vec<Fact>) -> Result<(), Refusal> {
    let outlet: Outlet = world.policy.outlet(draft.written.audience);
    let owed = statement(
        world,
        draft,
        Event::Statement,
        (&outlet.channels, outlet.contacts.clone()),
        world.state.next_notice(),
    );
    let is_shown =
        draft.written.audience == Audience::Customers && world.policy.status_page.is_some();
    if owed.is_empty() && !is_shown {
        let word = draft.written.audience.word();
        return Err(Refusal::conflict(
            format!("{word} への送信先がありません (audiences.{word}.channels)"),
            format!("there is nowhere to send it: write `channels` under audiences.{word}"),
        ));
    }
    facts.extend(owed);
    Ok(())
}

/// The update that stakeholders were promised: what was owed to them is kept with it.
fn to_stakeholders(world: &World<'_>, draft: &Draft, facts: &mut Vec<Fact>) -> Result<(), Refusal> {
    let written = &draft.written;
    let incident = world.state.incidents.get(&written.incident);
    for incident in incident.into_iter().filter(|incident| incident.is_burning()) {
        for (name, group) in &world.policy.stakeholders {
            let is_told = incident.updates.promises.contains_key(name)
                || group.hear_of(incident.priority(), &incident.system);
            if !is_told {
                continue;
            }
            facts.push(Fact::StakeholdersInformed(StakeholdersInformed {
                incident: incident.id,
                group: name.clone(),
                priority: incident.priority(),
                next_at: written.next_update_at,
                is_over: false,
                draft: Some(written.id),
            }));
            let to = (group.channels.as_slice(), group.contacts.clone());
            let first = telling::next_notice(world, facts);
            facts.extend(statement(world, draft, Event::Update, to, first));
        }
    }
    if facts.len() == 1 {
        return Err(Refusal::conflict(
            "知らせるステークホルダーがいません (stakeholders の設定、または終了したインシデント)"
                .into(),
            "there are no stakeholders to tell: none is configured for it, or it is over".into(),
        ));
    }
    Ok(())
}

fn statement(
    world: &World<'_>,
    draft: &Draft,
    event: Event,
    (channels, contacts): (&[ChannelName], Vec<ContactName>),
    first: NoticeId,
) -> Vec<Fact> {
    let written = &draft.written;
    let telling = Telling {
        about: About::News(written.incident),
        event,
        message: Message { subject: written.subject.clone(), body: written.body.clone() },
        channels,
        contacts,
        priority: None,
        level: None,
    };
    telling::owed_outside(world, &telling, first)
}

fn discard(draft: &Draft, reason: &str, by: &Actor) -> Result<Vec<Fact>, Refusal> {
    if reason.trim().is_empty() {
        return Err(Refusal::incomplete(
            "破棄には理由が必要です".into(),
            "say why it is discarded".into(),
        ));
    }
    Ok(vec![Fact::DraftDiscarded(DraftDiscarded {
        id: draft.written.id,
        incident: draft.written.incident,
        reason: reason.to_owned(),
        by: by.clone(),
    })])
}

fn list(blanks: &[String]) -> String {
    blanks.iter().map(|name| format!("[{name}]")).collect::<Vec<_>>().join(", ")
}
