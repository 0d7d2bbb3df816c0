//! `status_page:` what customers see of the services, under which names, where, and how they can subscribe.

use crate::{names, people::People, services::check_name, settings, settings::Settings};
use domain::{
    graph::Graph,
    ids::{ChannelName, ServiceName},
    outside_text::is_hostile,
    said::{Language, Said},
    status_page::{Component, StatusPage},
};
use source::{Fields, Node, Place, Problems, Shape};
use std::{
    net::SocketAddr,
    path::{Component as PathPart, Path, PathBuf},
};

/// The kind of channel that brings mails to subscribers.
const MAIL: &str = "email";
/// Characters of a title or a name.
const LONGEST: usize = 80;

/// Where the page is, and what it looks like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusSite {
    /// The colour at its head, as red, green and blue.
    pub accent: Option<[u8; 3]>,
    /// An address of its own on this machine.
    pub listen: Option<SocketAddr>,
    /// The address of its own under which customers reach it.
    pub public_url: Option<String>,
    /// The folder of the copy that is served from elsewhere.
    pub export: Option<PathBuf>,
    /// The channel that brings mails to subscribers; none: nobody can subscribe.
    pub subscribe: Option<ChannelName>,
}

pub(crate) fn read(
    node: Option<&Node>,
    settings: &Settings,
    graph: &Graph,
    people: &People,
    problems: &mut Problems,
) -> Option<(StatusPage, StatusSite)> {
    let node = node.filter(|node| !node.is_off())?;
    let mut fields = Fields::open(node, problems)?;
    let title = fields.optional("title").and_then(|node| said(node, problems));
    let languages = languages(fields.optional("languages"), settings.language, problems);
    let components = fields.required("components", problems);
    let components = components.map(|node| components_of(node, graph, problems));
    let site = StatusSite {
        accent: fields.optional("accent").and_then(|node| colour(node, problems)),
        listen: fields
            .optional("listen")
            .and_then(|node| settings::listen(node, settings.is_guarded(), problems)),
        public_url: fields
            .optional("public_url")
            .and_then(|node| settings::public_url(node, problems)),
        export: fields.optional("export").and_then(|node| export(node, settings, problems)),
        subscribe: fields.optional("subscribe").and_then(|node| channel(node, people, problems)),
    };
    if let Some(subscribe) = fields.optional("subscribe")
        && site.public_url.is_none()
        && settings.public_url.is_none()
    {
        problems.add_with_hint(
            &subscribe.place,
            Said::new(
                "購読者へのメールに書くアドレスがありません",
                "there is no address for the links in mails to subscribers",
            ),
            Said::new(
                "status_page か全体に `public_url` を書いてください",
                "write `public_url` under `status_page`, or for all of hikeshi",
            ),
        );
    }
    fields.finish(problems);
    let product = &settings.product;
    let title = title
        .unwrap_or_else(|| Said::new(format!("{product} 稼働状況"), format!("{product} status")));
    Some((StatusPage { title, languages, components: components? }, site))
}

/// A text for both languages, or one for each: `{ja: …, en: …}`. One line.
fn said(node: &Node, problems: &mut Problems) -> Option<Said> {
    let said = match &node.shape {
        Shape::Map(_) => {
            let mut fields = Fields::open(node, problems)?;
            let (ja, en) = (fields.required("ja", problems), fields.required("en", problems));
            fields.finish(problems);
            Said::new(ja?.text(problems)?, en?.text(problems)?)
        }
        _ => Said::same(node.text(problems)?),
    };
    let is_line = |text: &String| {
        !text.trim().is_empty() && text.chars().count() <= LONGEST && !text.contains(is_hostile)
    };
    if ![&said.ja, &said.en].into_iter().all(is_line) {
        problems.add(
            &node.place,
            Said::new(
                format!("{LONGEST} 字までの一行が必要です"),
                format!("this is one line of up to {LONGEST} characters"),
            ),
        );
        return None;
    }
    Some(said)
}

fn languages(node: Option<&Node>, usual: Language, problems: &mut Problems) -> Vec<Language> {
    let other = usual.pick(Language::En, Language::Ja);
    let nodes = node.and_then(|node| node.list(problems)).unwrap_or_default();
    let mut found: Vec<Language> = Vec::new();
    for node in &nodes {
        let language = settings::language_of(node, problems);
        if !found.contains(&language) {
            found.push(language);
        }
    }
    if found.is_empty() { vec![usual, other] } else { found }
}

fn components_of(node: &Node, graph: &Graph, problems: &mut Problems) -> Vec<Component> {
    let entries = node.entries(problems).unwrap_or_default();
    if entries.is_empty() {
        problems.add(
            &node.place,
            Said::new("コンポーネントが一つ以上必要です", "there is no component to show"),
        );
    }
    let mut found: Vec<Component> = Vec::new();
    for (key, place, node) in entries.iter().filter(|(_, _, node)| !node.is_off()) {
        let Some(one) = component(key, place, node, graph, problems) else { continue };
        let is_twin = |other: &&Component| {
            other.group == one.group
                && (other.name.ja == one.name.ja || other.name.en == one.name.en)
        };
        if let Some(twin) = found.iter().find(is_twin) {
            let twin = &twin.key;
            problems.add(
                place,
                Said::new(
                    format!("`{twin}` と名前が同じです: お客様には区別できません"),
                    format!("customers cannot tell it from `{twin}`, which has the same name"),
                ),
            );
        }
        found.push(one);
    }
    found
}

fn component(
    key: &str,
    place: &Place,
    node: &Node,
    graph: &Graph,
    problems: &mut Problems,
) -> Option<Component> {
    check_name(key, place, ("コンポーネントの名前", "a name of a component"), problems);
    let mut fields = Fields::open(node, problems)?;
    let name = fields.required("name", problems).and_then(|node| said(node, problems));
    let group = fields.optional("group").and_then(|node| said(node, problems));
    let services = fields.optional("services");
    fields.finish(problems);
    let mut found = Vec::new();
    match services {
        Some(node) => {
            let list = node.list(problems).unwrap_or_default();
            if list.is_empty() {
                let said = Said::new("サービスが一つ以上必要です", "it stands for no service");
                problems.add(&node.place, said);
            }
            for node in &list {
                if let Some(name) = node.text(problems) {
                    found.extend(service(&name, &node.place, graph, problems));
                }
            }
        }
        None => found.extend(service(key, place, graph, problems)),
    }
    Some(Component { key: key.to_owned(), name: name?, group, services: found })
}

fn service(
    name: &str,
    place: &Place,
    graph: &Graph,
    problems: &mut Problems,
) -> Option<ServiceName> {
    let found = ServiceName::from(name);
    if graph.get(&found).is_none() {
        let known = graph.services().map(|service| service.name.as_str());
        names::unknown(place, ("サービス", "service"), name, known, problems);
        return None;
    }
    Some(found)
}

/// `#b3261e`.
fn colour(node: &Node, problems: &mut Problems) -> Option<[u8; 3]> {
    let text = node.text(problems)?;
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii());
    let part = |at: usize| u8::from_str_radix(digits?.get(at..at + 2)?, 16).ok();
    let found = part(0).zip(part(2)).zip(part(4)).map(|((red, green), blue)| [red, green, blue]);
    if found.is_none() {
        problems.add_with_hint(
            &node.place,
            Said::new(format!("`{text}` は色ではありません"), format!("`{text}` is not a colour")),
            Said::new("例: \"#b3261e\"", "for example \"#b3261e\""),
        );
    }
    found
}

/// A folder for the world to read must hold nothing of ours: neither the configuration nor the journal.
fn export(node: &Node, settings: &Settings, problems: &mut Problems) -> Option<PathBuf> {
    let text = node.text(problems)?;
    let folder = settings.folder.join(&text);
    let [copy, own, data] = [&folder, &settings.folder, &settings.data].map(|path| plain(path));
    if own.starts_with(&copy) || data.starts_with(&copy) || copy.starts_with(&data) {
        problems.add_with_hint(
            &node.place,
            Said::new(
                format!("`{text}` には公開してはならないものがあります"),
                format!("`{text}` holds what the world must not read"),
            ),
            Said::new(
                "静的な写しだけのためのフォルダを書いてください",
                "name a folder that is for the copy alone",
            ),
        );
        return None;
    }
    Some(folder)
}

/// The path without steps up and on the spot.
fn plain(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            PathPart::ParentDir => drop(plain.pop()),
            part => plain.push(part),
        }
    }
    plain
}

/// A channel that sends mails to the addresses that it is given.
fn channel(node: &Node, people: &People, problems: &mut Problems) -> Option<ChannelName> {
    let name = node.text(problems)?;
    let mails =
        || people.channels.iter().filter(|spec| spec.kind.name == MAIL && !spec.brief().is_room);
    if let Some(spec) = mails().find(|spec| spec.name.as_str() == name) {
        return Some(spec.name.clone());
    }
    let known: Vec<_> = mails().map(|spec| spec.name.as_str()).collect();
    let known = if known.is_empty() { "-".to_owned() } else { known.join(", ") };
    problems.add_with_hint(
        &node.place,
        Said::new(
            format!("`{name}` は個人宛てのメールの通知先ではありません"),
            format!("`{name}` is not a mail channel for single addresses"),
        ),
        Said::new(
            format!("`kind: email` で `to` のない通知先が必要です (あるもの: {known})"),
            format!("it takes a channel of `kind: email` without `to`; there are: {known}"),
        ),
    );
    None
}
