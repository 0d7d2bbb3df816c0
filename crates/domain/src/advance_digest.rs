//! The daily digest: P3 incidents since the last one, everything that is open, what ended by itself, what is overdue (A48).

use crate::{
    digest::{DigestPolicy, Small},
    fact::{About, DigestSent, Event, Fact},
    ids::{IncidentId, MeasureId},
    incident::Incident,
    measure::Measure,
    notice::{Message, Telling},
    outside_text::plain,
    rota, telling,
    template::time,
    world::World,
};
use jiff::{Timestamp, civil::Date};
use std::collections::{BTreeMap, BTreeSet};

/// Lines of one kind in a digest; more are counted.
const NAMED: usize = 50;

/// The digest that is due.
pub fn progress(world: &World<'_>) -> Vec<Fact> {
    let Some(policy) = &world.policy.digest else { return Vec::new() };
    let (digests, calendar) = (&world.state.digests, world.policy.business.as_deref());
    let Some(day) = digests.due(policy, calendar, world.now) else { return Vec::new() };
    let content = content(world);
    let told = match content.is_empty() {
        true => Vec::new(),
        false => told(world, policy, day, message(world, day, &content)),
    };
    let is_told = !told.is_empty();
    let incidents = content.small.iter().filter(|_| is_told).map(|(id, _)| **id);
    let sent = DigestSent {
        day,
        since: digests.since(world.now),
        incidents: incidents.collect(),
        is_told,
        is_stuck: !is_told && !content.is_empty(),
    };
    std::iter::once(Fact::DigestSent(Box::new(sent))).chain(told).collect()
}

/// When the next one is due.
pub fn next_at(world: &World<'_>) -> Option<Timestamp> {
    let policy = world.policy.digest.as_ref()?;
    let last = world.state.digests.last.as_ref().map(|last| last.day);
    policy.next(world.policy.business.as_deref(), last, world.now)
}

/// What the digest would say now.
pub fn preview(world: &World<'_>) -> Message {
    let zone = world.policy.digest.as_ref().map_or(&world.policy.zone, |policy| &policy.zone);
    message(world, world.now.to_zoned(zone.clone()).date(), &content(world))
}

fn told(world: &World<'_>, policy: &DigestPolicy, day: Date, message: Message) -> Vec<Fact> {
    let contacts = match policy.contacts.is_empty() {
        true => telling::first_told(world),
        false => policy.contacts.clone(),
    };
    let mut telling = Telling {
        about: About::Digest(day),
        event: Event::Digest,
        message,
        channels: &policy.channels,
        contacts: rota::unique(contacts),
        priority: None,
        level: None,
    };
    let first = world.state.next_notice();
    let owed = telling::owed(world, &telling, first);
    if !owed.is_empty() {
        return owed;
    }
    // Its channels reach nobody: at least those who read warnings hear of it.
    telling.channels = &world.policy.warning_route.channels;
    telling::owed(world, &telling, first)
}

/// What there is to tell.
struct Content<'a> {
    small: Vec<(&'a IncidentId, &'a Small)>,
    open: Vec<&'a Incident>,
    /// Titles of alerts that fire and belong to no incident.
    loose: Vec<String>,
    /// Measures whose day is over.
    measures: Vec<(&'a MeasureId, &'a Measure)>,
    /// Alerts that ended by themselves, by their rules.
    ended: &'a BTreeMap<String, u64>,
}

impl Content<'_> {
    fn is_empty(&self) -> bool {
        self.small.is_empty()
            && self.open.is_empty()
            && self.loose.is_empty()
            && self.measures.is_empty()
            && self.ended.is_empty()
    }
}

fn content<'a>(world: &World<'a>) -> Content<'a> {
    let (state, digests) = (world.state, &world.state.digests);
    let since = digests.since(world.now);
    // The first digest does not go back to the beginning of a journal.
    let is_recent = |small: &Small| {
        digests.last.is_some()
            || small.closed_at.is_none()
            || small.opened_at >= since
            || small.closed_at.is_some_and(|at| at >= since)
    };
    let small = digests.small.iter().filter(|(_, small)| is_recent(small)).collect();
    let mut open: Vec<_> = state.incidents.values().collect();
    open.sort_by_key(|incident| (std::cmp::Reverse(incident.priority()), incident.id));
    let loose = state.loose.iter().filter_map(|key| state.alerts.get(key));
    let loose = loose.map(|alert| alert.fired.title.clone()).collect();
    let today = world.now.to_zoned(world.policy.zone.clone()).date();
    let measures = state.measures.iter().filter(|(_, one)| one.is_overdue(today)).collect();
    Content { small, open, loose, measures, ended: &digests.ended }
}

fn message(world: &World<'_>, day: Date, content: &Content<'_>) -> Message {
    let (policy, digests) = (world.policy, &world.state.digests);
    let language = policy.language;
    let pick = |ja: &str, en: &str| language.pick(ja, en).to_owned();
    let at = |at: Timestamp| time(at, &policy.zone);
    let mut lines = vec![format!(
        "{}: {} – {}",
        pick("対象期間", "Covers"),
        at(digests.since(world.now)),
        at(world.now)
    )];
    let small = content.small.iter().map(|(id, small)| match world.state.incidents.get(id) {
        Some(incident) => open_line(world, incident),
        None => {
            let closed = small.closed_at.map_or_else(String::new, at);
            let (title, opened) = (plain(&small.title), at(small.opened_at));
            format!("P3 {id} {title} ({opened}, {} {closed})", pick("クローズ", "closed"))
        }
    });
    section(&mut lines, &pick("P3 インシデント", "P3 incidents"), small, language);
    let told: BTreeSet<_> = content.small.iter().map(|(id, _)| **id).collect();
    let open = content.open.iter().filter(|incident| !told.contains(&incident.id));
    let open = open.map(|incident| open_line(world, incident));
    section(&mut lines, &pick("未完了のインシデント", "Open incidents"), open, language);
    let loose = content.loose.iter().map(|title| plain(title));
    section(&mut lines, &pick("発生中の警告", "Warnings that fire"), loose, language);
    let ended = content.ended.iter().map(|(rule, count)| format!("{rule} × {count}"));
    let ended_title = pick("自然に解消したアラート", "Alerts that ended by themselves");
    section(&mut lines, &ended_title, ended, language);
    let overdue = content.open.iter().flat_map(|incident| overdue(world, incident));
    section(&mut lines, &pick("期限超過の約束", "Promises that are overdue"), overdue, language);
    let measures = content.measures.iter().map(|(id, measure)| {
        let owner = measure.owner.as_deref().unwrap_or("-");
        let due = measure.due.map(|day| day.to_string()).unwrap_or_default();
        format!("{id} {} ({}, {}, {due})", plain(&measure.text), measure.incident, plain(owner))
    });
    let measures_title = pick("期限超過の再発防止策", "Measures that are overdue");
    section(&mut lines, &measures_title, measures, language);
    if digests.omitted > 0 {
        let count = digests.omitted;
        lines.push(language.pick(
            format!("ほかに P3 が {count} 件 (hikeshi incident list --all)"),
            format!("and {count} more P3 (hikeshi incident list --all)"),
        ));
    }
    let product = plain(&policy.product);
    let subject = language.pick(
        format!("[日次] {product} 運用日報 {day}"),
        format!("[daily] {product} digest {day}"),
    );
    Message { subject, body: lines.join("\n") }
}

/// A title with its lines; nothing where there is none.
fn section(
    lines: &mut Vec<String>,
    title: &str,
    found: impl Iterator<Item = String>,
    language: crate::said::Language,
) {
    let all: Vec<_> = found.collect();
    if all.is_empty() {
        return;
    }
    lines.push(String::new());
    lines.push(format!("■ {title}: {}", all.len()));
    let rest = all.len().saturating_sub(NAMED);
    lines.extend(all.into_iter().take(NAMED).map(|line| format!("・{line}")));
    if rest > 0 {
        lines.push(language.pick(format!("・ほか {rest} 件"), format!("・and {rest} more")));
    }
}

fn open_line(world: &World<'_>, incident: &Incident) -> String {
    let language = world.policy.language;
    let who = match (&incident.acknowledged_by, incident.is_burning()) {
        (_, false) => language.pick("復旧済み、未クローズ", "recovered, not closed").to_owned(),
        (Some(by), _) => language.pick(format!("{by} が対応中"), format!("{by} is on it")),
        (None, _) => language.pick("未対応", "unanswered").to_owned(),
    };
    let missed = incident.deadlines.missed.keys();
    let missed: Vec<_> = missed.map(|clock| clock.title().text(language).to_owned()).collect();
    let missed = match missed.is_empty() {
        true => String::new(),
        false => format!(
            ", {}: {}",
            language.pick("期限超過", "deadlines missed"),
            missed.join(language.pick("・", ", "))
        ),
    };
    let (id, priority, title) = (incident.id, incident.priority(), plain(&incident.title));
    let since = time(incident.times.detected, &world.policy.zone);
    format!("{priority} {id} {title} ({since}, {who}{missed})")
}

/// Updates that were promised and are not there.
fn overdue(world: &World<'_>, incident: &Incident) -> Vec<String> {
    let language = world.policy.language;
    let owed = incident.updates.overdue.iter().filter(|late| late.kept_at.is_none());
    owed.map(|late| {
        let to = late.to.as_ref().map_or_else(
            || language.pick("通知先", "those who were told").to_owned(),
            ToString::to_string,
        );
        let at = time(late.promised_at, &world.policy.zone);
        let id = incident.id;
        language
            .pick(format!("{id} {to} への {at} の更新"), format!("{id} the update to {to} at {at}"))
    })
    .collect()
}
