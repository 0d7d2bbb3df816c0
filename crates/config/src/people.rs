//! People and how they are told: channels, contacts, routes, escalation.

use domain::{
    ids::{ChannelName, ContactName},
    policy::{ChannelBrief, Contact, EscalationLevel, Route},
    said::Said,
    severity::Priority,
};
use jiff::SignedDuration;
use notify::ChannelSpec;
use source::{Fields, Node, Problems, yaml};
use std::collections::BTreeMap;

#[derive(Default)]
pub(crate) struct People {
    pub(crate) channels: Vec<ChannelSpec>,
    pub(crate) briefs: BTreeMap<ChannelName, ChannelBrief>,
    pub(crate) contacts: BTreeMap<ContactName, Contact>,
    pub(crate) routes: BTreeMap<Priority, Route>,
    pub(crate) warning_route: Route,
    pub(crate) escalation: Vec<EscalationLevel>,
    pub(crate) fallback: Vec<ChannelName>,
}

/// Without any channel, messages appear on the console: the smallest configuration still tells somebody.
const CONSOLE: &str = "console";

pub(crate) fn read(fields: &mut Fields<'_>, problems: &mut Problems) -> People {
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
    for (name, _, node) in section(fields.optional("contacts"), problems) {
        people.contacts.extend(
            contact(name, node, &people.briefs, problems)
                .map(|contact| (contact.name.clone(), contact)),
        );
    }
    routes(fields.optional("routes"), &mut people, problems);
    let levels =
        fields.optional("escalation").and_then(|node| node.list(problems)).unwrap_or_default();
    people.escalation = levels.iter().filter_map(|node| level(node, &people, problems)).collect();
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

fn section<'a>(
    node: Option<&'a Node>,
    problems: &mut Problems,
) -> &'a [(String, source::Place, Node)] {
    node.and_then(|node| node.entries(problems)).unwrap_or_default()
}

/// `sato: {title: 当番, mail: sato@example.jp, phone: "+81…"}`: every key but `title` is a personal channel.
fn contact(
    name: &str,
    node: &Node,
    briefs: &BTreeMap<ChannelName, ChannelBrief>,
    problems: &mut Problems,
) -> Option<Contact> {
    let mut fields = Fields::open(node, problems)?;
    let title = fields.text("title", problems).unwrap_or_else(|| name.to_owned());
    let mut addresses = BTreeMap::new();
    for (key, place, node) in fields.rest() {
        let Some(address) = node.text(problems) else { continue };
        if briefs.get(key.as_str()).is_none_or(|brief| brief.is_room) {
            problems.add_with_hint(
                place,
                Said::new(
                    format!("`{key}` は個人宛てのチャネルではありません"),
                    format!("`{key}` is not a personal channel"),
                ),
                Said::new(
                    "`channels:` にある名前を使ってください",
                    "use the name of a channel in `channels:`",
                ),
            );
        } else if is_placeholder(&address) {
            problems.add(
                place,
                Said::new(
                    format!("`{address}` は仮の値のままです (C28)"),
                    format!("`{address}` is still a placeholder (C28)"),
                ),
            );
        } else {
            addresses.insert(ChannelName::from(key.as_str()), address);
        }
    }
    Some(Contact { name: name.into(), title, addresses })
}

/// C28: `[電話番号]`, `<…>`, `stakeholders@company.com` are never sent to.
fn is_placeholder(address: &str) -> bool {
    let address = address.trim();
    address.is_empty()
        || address.contains(['[', ']', '<', '>'])
        || address.ends_with("@company.com")
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
        .map(|node| contacts(node, &people.contacts, problems))
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
    let contacts = fields
        .required("contacts", problems)
        .map(|node| contacts(node, &people.contacts, problems));
    fields.finish(problems);
    Some(EscalationLevel { after, contacts: contacts?, title })
}

fn channels(
    node: &Node,
    briefs: &BTreeMap<ChannelName, ChannelBrief>,
    problems: &mut Problems,
) -> Vec<ChannelName> {
    names(node, "チャネル", "channel", |name| briefs.contains_key(name), problems)
}

fn contacts(
    node: &Node,
    known: &BTreeMap<ContactName, Contact>,
    problems: &mut Problems,
) -> Vec<ContactName> {
    names(node, "連絡先", "contact", |name| known.contains_key(name), problems)
}

fn names<T: From<String>>(
    node: &Node,
    ja: &str,
    en: &str,
    is_known: impl Fn(&str) -> bool,
    problems: &mut Problems,
) -> Vec<T> {
    let mut found = Vec::new();
    for node in node.list(problems).unwrap_or_default() {
        let Some(name) = node.text(problems) else { continue };
        if is_known(&name) {
            found.push(T::from(name));
        } else {
            problems.add(
                &node.place,
                Said::new(
                    format!("{ja} `{name}` はありません"),
                    format!("there is no {en} `{name}`"),
                ),
            );
        }
    }
    found
}
