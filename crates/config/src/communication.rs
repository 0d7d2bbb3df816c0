//! Who hears of incidents without working on them, where drafts go, and a team's own templates.

use crate::{names, people, people::People, settings};
use domain::{
    graph::Graph,
    ids::{ChannelName, StakeholderName},
    policy::ChannelBrief,
    said::{Language, Said},
    severity::Priority,
    stakeholders::{Audience, Outlet, Outlets, Stakeholders},
    standard_templates as standard,
    template::{FlawKind, Moment, Slot, Template},
};
use source::{Fields, Node, Place, Problems};
use std::collections::{BTreeMap, BTreeSet};

/// What the sections `templates`, `stakeholders` and `audiences` say.
pub(crate) struct Communication {
    pub(crate) templates: BTreeMap<String, Template>,
    pub(crate) stakeholders: BTreeMap<StakeholderName, Stakeholders>,
    pub(crate) outlets: Outlets,
}

pub(crate) fn read(
    fields: &mut Fields<'_>,
    people: &People,
    graph: &Graph,
    language: Language,
    problems: &mut Problems,
) -> Communication {
    let mut written = BTreeMap::new();
    for (name, place, node) in people::section(fields.optional("templates"), problems) {
        if let Some(one) = template(place, node, language, problems) {
            written.insert(name.clone(), one);
        }
    }
    for (name, moment) in [
        (standard::EMERGENCY, Moment::Burning),
        (standard::INCIDENT, Moment::Burning),
        (standard::RECOVERED, Moment::Over),
    ] {
        if let Some(one) = written.get(name) {
            check_automatic(one, moment, problems);
        }
    }
    let around = Around { people, graph, written: &written, language };
    let mut stakeholders = BTreeMap::new();
    for (name, _, node) in people::section(fields.optional("stakeholders"), problems) {
        if !node.is_off()
            && let Some(group) = group(name, node, &around, problems)
        {
            stakeholders.insert(StakeholderName::from(name.as_str()), group);
        }
    }
    let outlets = outlets(fields.optional("audiences"), &around, problems);
    let templates = written.into_iter().map(|(name, one)| (name, one.template)).collect();
    Communication { templates, stakeholders, outlets }
}

struct Around<'a> {
    people: &'a People,
    graph: &'a Graph,
    written: &'a BTreeMap<String, Written>,
    language: Language,
}

/// A template and where its texts stand.
struct Written {
    template: Template,
    subject: Place,
    body: Place,
}

fn template(
    place: &Place,
    node: &Node,
    language: Language,
    problems: &mut Problems,
) -> Option<Written> {
    let mut fields = Fields::open(node, problems)?;
    let subject_node = fields.required("subject", problems);
    let body_node = fields.required("body", problems);
    fields.finish(problems);
    let (subject, body) = (subject_node?.text(problems)?, body_node?.text(problems)?);
    let at = |node: Option<&Node>| node.map_or_else(|| place.clone(), |node| node.place.clone());
    let (subject_at, body_at) = (at(subject_node), at(body_node));
    match Template::parse(&subject, &body, language) {
        Ok(template) => Some(Written { template, subject: subject_at, body: body_at }),
        Err(flaws) => {
            for (is_subject, flaw) in flaws {
                let place = if is_subject { &subject_at } else { &body_at };
                report(&line_of(place, flaw.line), &flaw.kind, problems);
            }
            None
        }
    }
}

fn line_of(place: &Place, line: usize) -> Place {
    let line = u32::try_from(line).unwrap_or(0);
    Place { file: place.file.clone(), line: place.line + line }
}

/// What goes out by itself has nobody who fills it in.
fn check_automatic(written: &Written, moment: Moment, problems: &mut Problems) {
    for (is_subject, flaw) in written.template.flaws_if_automatic(moment) {
        let place = if is_subject { &written.subject } else { &written.body };
        report(&line_of(place, flaw.line), &flaw.kind, problems);
    }
}

fn report(place: &Place, kind: &FlawKind, problems: &mut Problems) {
    match kind {
        FlawKind::Unknown(name) => {
            let known = Slot::ALL.map(Slot::name);
            names::unknown(place, ("項目", "slot"), name, known, problems);
        }
        FlawKind::Unclosed => problems.add_with_hint(
            place,
            Said::new("`{` が閉じていません", "a `{` is not closed on its line"),
            Said::new("波括弧そのものは `{{` と書きます", "write `{{` for a brace"),
        ),
        FlawKind::Empty => problems.add(
            place,
            Said::new(
                "件名は一行、本文は一行以上必要です",
                "a subject is one line, and a text is not empty",
            ),
        ),
        FlawKind::Blank(name) => problems.add_with_hint(
            place,
            Said::new(
                format!("`[{name}]` を埋める人がいません: 自動で送るテンプレートです"),
                format!("nobody fills in `[{name}]`: this template is sent by itself"),
            ),
            Said::new("項目 (例: {situation}) を使ってください", "use a slot, such as {situation}"),
        ),
        FlawKind::MayBeUnknown(slot) => {
            let name = slot.name();
            problems.add_with_hint(
                place,
                Said::new(
                    format!("`{{{name}}}` は値がないことがあります"),
                    format!("`{{{name}}}` may have no value"),
                ),
                Said::new(
                    format!("そのときの言葉を決めてください: `{{{name}?調査中}}`、「不明」でよければ `{{{name}?}}`"),
                    format!("say what is told then: `{{{name}?being looked into}}`, or `{{{name}?}}` for `unknown`"),
                ),
            );
        }
    }
}

fn group(
    name: &str,
    node: &Node,
    around: &Around<'_>,
    problems: &mut Problems,
) -> Option<Stakeholders> {
    let mut fields = Fields::open(node, problems)?;
    let title = fields.text_or("title", name, problems);
    let channels = channels(fields.required("channels", problems), around.people, problems);
    let contacts = fields.optional("contacts");
    let contacts = contacts
        .map(|node| people::contacts_of(node, &around.people.contacts, problems))
        .unwrap_or_default();
    let priorities = priorities(fields.optional("priorities"), problems);
    let systems = systems(fields.optional("systems"), around.graph, problems);
    let update_every = fields.optional("update_every").and_then(|node| node.duration(problems));
    let is_written = written_by(fields.optional("written_by"), problems);
    let template = named(fields.optional("template"), around, Moment::Burning, problems);
    let recovery = named(fields.optional("recovery_template"), around, Moment::Over, problems);
    let language = language(fields.optional("language"), around, problems);
    fields.finish(problems);
    let group = Stakeholders {
        title,
        contacts,
        channels,
        priorities,
        systems,
        update_every,
        is_written,
        template,
        recovery_template: recovery,
        language,
    };
    people::check_reach(&group.channels, &group.contacts, &node.place, around.people, problems);
    Some(group)
}

/// Channels on which people read; those that show the state of incidents take no news.
fn channels(node: Option<&Node>, people: &People, problems: &mut Problems) -> Vec<ChannelName> {
    let Some(node) = node else { return Vec::new() };
    let is_mirror = |brief: &ChannelBrief| brief.is_mirror;
    let found = people::channels(node, &people.briefs, problems);
    for name in found.iter().filter(|name| people.briefs.get(*name).is_some_and(is_mirror)) {
        problems.add(
            &node.place,
            Said::new(
                format!("`{name}` はインシデントの状態を映す通知先で、お知らせは送れません"),
                format!("`{name}` shows the state of incidents and takes no news"),
            ),
        );
    }
    found
}

fn priorities(node: Option<&Node>, problems: &mut Problems) -> BTreeSet<Priority> {
    let Some(node) = node else { return BTreeSet::from([Priority::P0, Priority::P1]) };
    let nodes = node.list(problems).unwrap_or_default();
    nodes.iter().filter_map(|node| node.parse::<Priority>(problems)).collect()
}

fn systems(node: Option<&Node>, graph: &Graph, problems: &mut Problems) -> BTreeSet<String> {
    let known: BTreeSet<&str> = graph.services().map(|service| service.system.as_str()).collect();
    let mut found = BTreeSet::new();
    for node in node.and_then(|node| node.list(problems)).unwrap_or_default() {
        let Some(name) = node.text(problems) else { continue };
        if known.contains(name.as_str()) {
            found.insert(name);
        } else {
            let known = known.iter().copied();
            names::unknown(&node.place, ("システム", "system"), &name, known, problems);
        }
    }
    found
}

fn written_by(node: Option<&Node>, problems: &mut Problems) -> bool {
    let Some(node) = node else { return false };
    match node.text(problems).as_deref() {
        Some("person") => true,
        Some("hikeshi") | None => false,
        Some(other) => {
            problems.add(
                &node.place,
                Said::new(
                    format!("`{other}` は使えません: hikeshi か person"),
                    format!("`{other}` is not hikeshi or person"),
                ),
            );
            false
        }
    }
}

/// A template that stakeholders hear by: it goes out by itself.
fn named(
    node: Option<&Node>,
    around: &Around<'_>,
    moment: Moment,
    problems: &mut Problems,
) -> Option<String> {
    let node = node?;
    let name = node.text(problems)?;
    match around.written.get(&name) {
        Some(written) => check_automatic(written, moment, problems),
        None => {
            let known = around.written.keys().map(String::as_str);
            names::unknown(&node.place, ("テンプレート", "template"), &name, known, problems);
        }
    }
    Some(name)
}

fn language(node: Option<&Node>, around: &Around<'_>, problems: &mut Problems) -> Language {
    node.map_or(around.language, |node| settings::language_of(node, problems))
}

fn outlets(node: Option<&Node>, around: &Around<'_>, problems: &mut Problems) -> Outlets {
    let mut found = Outlets::new();
    let Some(mut words) = node.and_then(|node| Fields::open(node, problems)) else { return found };
    for audience in Audience::ALL {
        let Some(node) = words.optional(audience.word()) else { continue };
        let Some(mut fields) = Fields::open(node, problems) else { continue };
        let to = channels(fields.optional("channels"), around.people, problems);
        let contacts = fields.optional("contacts");
        let contacts = contacts
            .map(|node| people::contacts_of(node, &around.people.contacts, problems))
            .unwrap_or_default();
        let approver = fields.optional("approver").and_then(|node| {
            let role = node.text(problems)?;
            let roles = around.people.contacts.values().flat_map(|contact| &contact.roles);
            let known: BTreeSet<&str> = roles.map(|role| role.as_str()).collect();
            if !known.contains(role.as_str()) {
                names::unknown(&node.place, ("役割", "role"), &role, known, problems);
            }
            Some(role.into())
        });
        let language = language(fields.optional("language"), around, problems);
        fields.finish(problems);
        people::check_reach(&to, &contacts, &node.place, around.people, problems);
        let usual = Outlet::standard(audience, language);
        let approver = approver.or(usual.approver);
        found.insert(audience, Outlet { channels: to, contacts, approver, language });
    }
    words.finish(problems);
    found
}
