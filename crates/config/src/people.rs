//! People and how they are told: channels, contacts, routes, escalation.

use crate::{
    calendars::Calendars,
    names,
    personal::{self, Times},
    schedules::{self, Around},
    services::check_name,
};
use domain::{
    contacts::is_placeholder,
    ids::{ChannelName, ContactName, RoleName, ScheduleName},
    policy::{ChannelBrief, Contact, EscalationLevel, Route},
    said::Said,
    schedule::Schedule,
    severity::Priority,
    stakeholders::ROLES,
};
use jiff::{SignedDuration, tz::TimeZone};
use notify::ChannelSpec;
use source::{Fields, Node, Place, Problems, yaml};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub(crate) struct People {
    pub(crate) channels: Vec<ChannelSpec>,
    pub(crate) briefs: BTreeMap<ChannelName, ChannelBrief>,
    pub(crate) contacts: BTreeMap<ContactName, Contact>,
    pub(crate) routes: BTreeMap<Priority, Route>,
    pub(crate) route_places: BTreeMap<Priority, Place>,
    pub(crate) warning_route: Route,
    pub(crate) escalation: Vec<EscalationLevel>,
    pub(crate) fallback: Vec<ChannelName>,
    pub(crate) schedules: BTreeMap<ScheduleName, Schedule>,
}

/// Without any channel, messages appear on the console: the smallest configuration still tells somebody.
const CONSOLE: &str = "console";

pub(crate) fn read(
    fields: &mut Fields<'_>,
    calendars: &Calendars,
    zone: &TimeZone,
    problems: &mut Problems,
) -> People {
    let mut people = People::default();
    for (name, _, node) in section(fields.optional("channels"), problems) {
        if let Some(spec) = ChannelSpec::parse(name.as_str(), node, problems) {
            people.briefs.insert(name.as_str().into(), spec.brief());
            people.channels.push(spec);
        }
    }
    if people.channels.is_empty() {
        let console = yaml::read("(built-in channel)", "kind: console", 0, problems);
        if let Some(spec) = console.and_then(|node| ChannelSpec::parse(CONSOLE, &node, problems)) {
            people.briefs.insert(CONSOLE.into(), spec.brief());
            people.channels.push(spec);
        }
    }
    // In a room where people answer, an address says who they are.
    let answers = people.channels.iter().filter(|spec| spec.settings.answering().is_some());
    let answered: BTreeSet<&str> = answers.map(|spec| spec.name.as_str()).collect();
    let times = Times { calendars, zone };
    for (name, _, node) in section(fields.optional("contacts"), problems) {
        people.contacts.extend(
            contact(name, node, &people.briefs, &answered, &times, problems)
                .map(|contact| (contact.name.clone(), contact)),
        );
    }
    let around = Around { contacts: &people.contacts, calendars, zone };
    people.schedules = schedules::read(fields.optional("schedules"), &around, problems);
    routes(fields.optional("routes"), &mut people, problems);
    let levels =
        fields.optional("escalation").and_then(|node| node.list(problems)).unwrap_or_default();
    people.escalation = levels.iter().filter_map(|node| level(node, &people, problems)).collect();
    check_order(&people.escalation, &levels, problems);
    let fallback = fields.optional("fallback").map(|node| channels(node, &people.briefs, problems));
    people.fallback = fallback.unwrap_or_else(|| {
        people
            .briefs
            .iter()
            .filter(|(_, brief)| brief.is_room)
            .map(|(name, _)| name.clone())
            .collect()
    });
    people
}

pub(crate) fn section<'a>(
    node: Option<&'a Node>,
    problems: &mut Problems,
) -> &'a [(String, Place, Node)] {
    node.and_then(|node| node.entries(problems)).unwrap_or_default()
}

/// `sato: {title: 当番, mail: sato@example.jp, phone: "+81…"}`: every key but `title`, `roles`, `rules` and
/// `quiet_hours` is a personal channel.
fn contact(
    name: &str,
    node: &Node,
    briefs: &BTreeMap<ChannelName, ChannelBrief>,
    answered: &BTreeSet<&str>,
    times: &Times<'_>,
    problems: &mut Problems,
) -> Option<Contact> {
    let mut fields = Fields::open(node, problems)?;
    let title = fields.text_or("title", name, problems);
    let (rules, quiet) = (fields.optional("rules"), fields.optional("quiet_hours"));
    let roles = roles(name, fields.optional("roles"), problems);
    let mut addresses = BTreeMap::new();
    for (key, place, node) in fields.rest() {
        let Some(address) = node.text(problems) else { continue };
        let is_answered = answered.contains(key.as_str());
        if briefs.get(key.as_str()).is_none_or(|brief| brief.is_room && !is_answered) {
            let is_addressed = |name: &ChannelName| answered.contains(name.as_str());
            let known = briefs.iter().filter(|(name, brief)| !brief.is_room || is_addressed(name));
            let known = known.map(|(name, _)| name.as_str());
            names::unknown(place, ("個人宛てのチャネル", "personal channel"), key, known, problems);
        } else if is_placeholder(&address) {
            // C28: it is never sent to.
            problems.add_with_hint(
                place,
                Said::new(
                    format!("`{address}` は仮の値のままです"),
                    format!("`{address}` is still a placeholder"),
                ),
                Said::new(
                    "本当の宛先を書くか、この行を消してください",
                    "write the real address, or remove this line",
                ),
            );
        } else {
            addresses.insert(ChannelName::from(key.as_str()), address);
        }
    }
    let personal = personal::read(rules, quiet, &addresses, times, problems);
    Some(Contact { name: name.into(), title, addresses, personal, roles })
}

/// What a contact answers for; a contact that is called like a role that hikeshi knows holds it.
fn roles(name: &str, node: Option<&Node>, problems: &mut Problems) -> BTreeSet<RoleName> {
    let own = ROLES.iter().filter(|role| **role == name).map(|role| RoleName::from(*role));
    let mut roles: BTreeSet<_> = own.collect();
    for node in node.and_then(|node| node.list(problems)).unwrap_or_default() {
        if let Some(role) = node.text(problems)
            && check_name(&role, &node.place, ("役割名", "a role"), problems)
        {
            roles.insert(role.into());
        }
    }
    roles
}

fn routes(node: Option<&Node>, people: &mut People, problems: &mut Problems) {
    let all: Vec<ChannelName> = people.briefs.keys().cloned().collect();
    let default = |repeat: Option<i64>, update: Option<i64>| Route {
        channels: all.clone(),
        also: Vec::new(),
        repeat_every: repeat.map(SignedDuration::from_mins),
        update_every: update.map(SignedDuration::from_mins),
    };
    let quiet = Route {
        channels: people
            .briefs
            .iter()
            .filter(|(_, brief)| !brief.is_pager)
            .map(|(name, _)| name.clone())
            .collect(),
        ..default(None, None)
    };
    people.routes = BTreeMap::from([
        (Priority::P0, default(Some(5), Some(30))),
        (Priority::P1, default(Some(15), Some(60))),
        (Priority::P2, quiet.clone()),
        (Priority::P3, Route::default()),
    ]);
    people.warning_route = quiet;
    for (key, place, node) in section(node, problems) {
        let Some(route) = route(node, people, problems) else { continue };
        match key.parse::<Priority>() {
            Ok(priority) => {
                people.route_places.insert(priority, place.clone());
                people.routes.insert(priority, route);
            }
            Err(_) if key == "warning" => people.warning_route = route,
            Err(_) => problems.add(
                place,
                Said::new(
                    format!("`{key}` は使えません: P0, P1, P2, P3, warning"),
                    format!("`{key}` is not a route: P0, P1, P2, P3 or warning"),
                ),
            ),
        }
    }
}

fn route(node: &Node, people: &People, problems: &mut Problems) -> Option<Route> {
    let mut fields = Fields::open(node, problems)?;
    let names =
        fields.required("channels", problems).map(|node| channels(node, &people.briefs, problems));
    let also = fields
        .optional("also")
        .map(|node| contacts_of(node, &people.contacts, problems))
        .unwrap_or_default();
    let repeat_every = fields.optional("repeat_every").and_then(|node| node.duration(problems));
    let update_every = fields.optional("update_every").and_then(|node| node.duration(problems));
    fields.finish(problems);
    Some(Route { channels: names?, also, repeat_every, update_every })
}

fn level(node: &Node, people: &People, problems: &mut Problems) -> Option<EscalationLevel> {
    let mut fields = Fields::open(node, problems)?;
    let title = fields.text("title", problems).unwrap_or_default();
    let after = fields.duration_or("after", SignedDuration::ZERO, problems);
    let on_call: Option<Vec<ScheduleName>> = fields.optional("on_call").map(|node| {
        let known: Vec<_> = people.schedules.keys().map(ScheduleName::as_str).collect();
        named(node, ("当番表", "schedule"), &known, problems)
    });
    let contacts = match on_call {
        Some(_) => fields.optional("contacts"),
        None => fields.required("contacts", problems),
    };
    let contacts = contacts.map(|node| contacts_of(node, &people.contacts, problems));
    fields.finish(problems);
    if contacts.is_none() && on_call.is_none() {
        return None;
    }
    let (contacts, on_call) = (contacts.unwrap_or_default(), on_call.unwrap_or_default());
    Some(EscalationLevel { after, contacts, on_call, title })
}

/// Levels are told one after the other; one that is due before the level above it would never be waited for.
fn check_order(levels: &[EscalationLevel], nodes: &[Node], problems: &mut Problems) {
    for (pair, node) in levels.windows(2).zip(nodes.iter().skip(1)) {
        if pair[1].after < pair[0].after {
            let (late, early) = (pair[0].after, pair[1].after);
            problems.add_with_hint(
                &node.place,
                Said::new(
                    format!("{early:#} 後の段が {late:#} 後の段のあとにあります"),
                    format!("a level after {early:#} stands behind one after {late:#}"),
                ),
                Said::new("早い段から順に書いてください", "write the earliest level first"),
            );
        }
    }
}

pub(crate) fn channels(
    node: &Node,
    briefs: &BTreeMap<ChannelName, ChannelBrief>,
    problems: &mut Problems,
) -> Vec<ChannelName> {
    let known: Vec<_> = briefs.keys().map(ChannelName::as_str).collect();
    named(node, ("チャネル", "channel"), &known, problems)
}

pub(crate) fn contacts_of(
    node: &Node,
    known: &BTreeMap<ContactName, Contact>,
    problems: &mut Problems,
) -> Vec<ContactName> {
    let known: Vec<_> = known.keys().map(ContactName::as_str).collect();
    named(node, ("連絡先", "contact"), &known, problems)
}

/// What is sent must arrive: personal channels need somebody with an address there.
pub(crate) fn check_reach(
    channels: &[ChannelName],
    contacts: &[ContactName],
    place: &Place,
    people: &People,
    problems: &mut Problems,
) {
    for channel in channels {
        let is_room =
            people.briefs.get(channel).is_none_or(|brief| brief.is_room || brief.devices.is_some());
        let has_address = |name| {
            let contact: Option<&Contact> = people.contacts.get(name);
            contact.is_some_and(|contact| contact.addresses.contains_key(channel))
        };
        if !is_room && !contacts.iter().any(has_address) {
            problems.add_with_hint(
                place,
                Said::new(
                    format!("`{channel}` に宛先のある連絡先がありません"),
                    format!("no contact here has an address on `{channel}`"),
                ),
                Said::new("`contacts` に書いてください", "name one under `contacts`"),
            );
        }
    }
}

fn named<T: From<String>>(
    node: &Node,
    word: (&str, &str),
    known: &[&str],
    problems: &mut Problems,
) -> Vec<T> {
    let mut found = Vec::new();
    for node in node.list(problems).unwrap_or_default() {
        match node.text(problems) {
            Some(name) if known.contains(&name.as_str()) => found.push(T::from(name)),
            Some(name) => {
                names::unknown(&node.place, word, &name, known.iter().copied(), problems);
            }
            None => {}
        }
    }
    found
}
