//! Every value that counts, with the line that says so, or that nobody wrote it: for people who ask why something is so.
//!
//! Secrets never stand in a configuration, their places do. What may hold one all the same (the part of an address before
//! its `@`, what follows a `?`, values under telling names) is hidden here, and people's addresses are masked.

use crate::{alerts, schema, settings::Settings};
use domain::{calendar::Within, clock::Clock, contacts::masked, policy::Policy, said::Said};
use source::{Assumed, Node, Place, Problems, Shape};
use std::{collections::BTreeSet, sync::Arc};

/// A value of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// Its keys from the top: `probes.web/up.every`.
    pub path: String,
    /// As it is written, or as it is when nobody writes it.
    pub value: String,
    /// Where it is written; none: nowhere.
    pub place: Option<Place>,
}

/// What the files say, and what holds where they say nothing.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// The keys of the main file in the order of the manual, with what they are.
    pub sections: Vec<(String, Said)>,
    /// Every value.
    pub values: Vec<Value>,
}

/// What is hidden.
const HIDDEN: &str = "…";
/// Words in the names of keys whose values are nobody's business.
const TELLING: [&str; 7] =
    ["password", "passwd", "secret", "token", "credential", "private", "api_key"];

/// All values: those of the files, with the built-in alerts below them, what the readers took where nothing is written,
/// and what holds of the whole.
pub(crate) fn all(
    node: &Node,
    assumed: &[Assumed],
    settings: &Settings,
    policy: &Policy,
) -> Written {
    let mut values = Vec::new();
    walk(node, &mut Vec::new(), &mut values);
    let own = values.iter().position(|value| value.path.starts_with("alerts."));
    values.retain(|value| !value.path.starts_with("alerts.") && value.path != "alerts");
    let mut built_in = Vec::new();
    // Its mistakes have been told by who reads the rules.
    if let Some(rules) = alerts::overlaid(node_of(node, "alerts"), &mut Problems::new()) {
        walk(&rules, &mut vec!["alerts".into()], &mut built_in);
    }
    for value in &mut built_in {
        value.place = value.place.take().filter(|place| &*place.file != alerts::BUILT_IN);
    }
    let at = own.unwrap_or(values.len());
    values.splice(at..at, built_in);
    let files = files(node);
    let taken = assumed.iter().filter_map(|one| unwritten(one, &files));
    for value in taken.chain(defaults(settings, policy)) {
        lay(value, &mut values);
    }
    Written { sections: schema::sections(), values }
}

/// A default of one of these files, or of a built-in alert; the readers read runbooks and others as well.
fn unwritten(assumed: &Assumed, files: &BTreeSet<Arc<str>>) -> Option<Value> {
    let path = match &*assumed.file {
        alerts::BUILT_IN => format!("alerts.{}", assumed.path),
        _ if files.contains(&assumed.file) => assumed.path.clone(),
        _ => return None,
    };
    Some(Value { path, value: assumed.value.clone(), place: None })
}

/// The files that a configuration was laid together from.
fn files(node: &Node) -> BTreeSet<Arc<str>> {
    let below: Vec<&Node> = match &node.shape {
        Shape::Map(entries) => entries.iter().map(|(.., node)| node).collect(),
        Shape::List(list) => list.iter().collect(),
        Shape::Scalar(_) | Shape::Empty => Vec::new(),
    };
    let own = std::iter::once(node.place.file.clone());
    own.chain(below.into_iter().flat_map(files)).collect()
}

/// Puts a default after what stands beside it, unless something is written there.
fn lay(value: Value, values: &mut Vec<Value>) {
    if values.iter().any(|other| other.path == value.path) {
        return;
    }
    let beside = value.path.rsplit_once('.').map(|(above, _)| format!("{above}."));
    let last =
        beside.and_then(|above| values.iter().rposition(|other| other.path.starts_with(&above)));
    values.insert(last.map_or(values.len(), |at| at + 1), value);
}

fn node_of<'a>(node: &'a Node, key: &str) -> Option<&'a Node> {
    match &node.shape {
        Shape::Map(entries) => entries.iter().find(|(name, ..)| name == key).map(|(.., node)| node),
        _ => None,
    }
}

fn walk(node: &Node, keys: &mut Vec<String>, values: &mut Vec<Value>) {
    let mut put = |value: String| {
        let place = Some(node.place.clone());
        values.push(Value { path: keys.join("."), value, place });
    };
    match &node.shape {
        Shape::Empty => put("~".into()),
        Shape::Scalar(text) => put(shown(keys, text)),
        Shape::List(list) => {
            let texts = list.iter().map(|one| match &one.shape {
                Shape::Scalar(text) => Some(shown(keys, text)),
                _ => None,
            });
            match texts.collect::<Option<Vec<_>>>() {
                Some(texts) => put(format!("[{}]", texts.join(", "))),
                None => {
                    for (index, one) in list.iter().enumerate() {
                        keys.push((index + 1).to_string());
                        walk(one, keys, values);
                        keys.pop();
                    }
                }
            }
        }
        Shape::Map(entries) => {
            for (key, _, node) in entries {
                keys.push(key.clone());
                walk(node, keys, values);
                keys.pop();
            }
        }
    }
}

/// A value as everybody may see it.
fn shown(keys: &[String], text: &str) -> String {
    let key = keys.last().map(|key| key.to_lowercase().replace('-', "_")).unwrap_or_default();
    let is_place = key.ends_with("_env") || key.ends_with("_file") || text.starts_with("secret:");
    let is_declared = keys.first().is_some_and(|key| key == "secrets");
    if is_place || is_declared {
        return text.to_owned();
    }
    let is_telling = TELLING.iter().any(|word| key.contains(word))
        || keys.iter().any(|key| key == "headers")
        || text.to_lowercase().contains("bearer ");
    if is_telling {
        return HIDDEN.into();
    }
    if let Some((scheme, rest)) = text.split_once("://") {
        let is_outside = keys.first().is_some_and(|key| {
            matches!(key.as_str(), "channels" | "sign_of_life" | "integrations" | "audiences")
        });
        return format!("{scheme}://{}", address(rest, is_outside));
    }
    if let Some((name, _)) = text.split_once('=')
        && TELLING.iter().any(|word| name.to_lowercase().replace('-', "_").contains(word))
    {
        return format!("{name}={HIDDEN}");
    }
    let is_mail = text.contains('@') && !text.contains(char::is_whitespace);
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let is_number = digits >= 8
        && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ' | '(' | ')'));
    if is_mail || is_number { masked(text) } else { text.to_owned() }
}

/// An address without who signs in, and without what follows a `?`. For services outside, its path is a key to them.
fn address(rest: &str, is_outside: bool) -> String {
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let signs_in = if host.len() < authority.len() { "…@" } else { "" };
    let plain = path.find(['?', '#']).map_or(path, |end| &path[..end]);
    match (is_outside, path.len() > 1) {
        (true, true) => format!("{signs_in}{host}/{HIDDEN}"),
        _ if plain.len() < path.len() => format!("{signs_in}{host}{plain}?{HIDDEN}"),
        _ => format!("{signs_in}{host}{plain}"),
    }
}

/// What holds of the whole where nothing is written, and no reader takes for a default of a key.
fn defaults(settings: &Settings, policy: &Policy) -> Vec<Value> {
    let zone = policy.zone.iana_name().unwrap_or("UTC").to_owned();
    let language = policy.language.pick("ja", "en").to_owned();
    let mut all = vec![
        ("language".to_owned(), language),
        ("time_zone".into(), zone),
        ("listen".into(), settings.listen.to_string()),
        ("public_url".into(), settings.public_url.clone().unwrap_or_else(|| "~".into())),
        ("data".into(), settings.data.display().to_string()),
        ("silence_reminder".into(), format!("{:#}", policy.remind_every)),
    ];
    for ((clock, priority), limits) in &policy.clocks.limits {
        let key = match clock {
            Clock::FirstNotice => "notice_within",
            Clock::Respond => "respond_within",
            Clock::Recover => "recover_within",
            Clock::Update => continue,
        };
        let texts: Vec<_> = limits.iter().map(|limit| within(limit.within)).collect();
        all.push((format!("clocks.{key}.{priority}"), texts.join(", ")));
    }
    all.into_iter().map(|(path, value)| Value { path, value, place: None }).collect()
}

/// As people write it.
fn within(within: Within) -> String {
    match within {
        Within::Time(length) => format!("{length:#}"),
        Within::Business(length) => length.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use source::yaml;

    fn values(text: &str) -> Vec<(String, String, u32)> {
        let mut problems = Problems::new();
        let node = yaml::read("hikeshi.yaml", text, 0, &mut problems).expect("YAML");
        let mut values = Vec::new();
        walk(&node, &mut Vec::new(), &mut values);
        let plain =
            |value: Value| (value.path, value.value, value.place.map_or(0, |place| place.line));
        values.into_iter().map(plain).collect()
    }

    #[test]
    fn every_value_has_its_line() {
        let text = "product: Shop\nprobes:\n  web/up:\n    kind: http\n    paths: [/, /x]\n  \
                    web/x: {bands: [{above: 1}, {above: 2}]}\n";
        let found = values(text);
        let found: Vec<_> = found
            .iter()
            .map(|(path, value, line)| (path.as_str(), value.as_str(), *line))
            .collect();
        assert_eq!(
            found,
            [
                ("product", "Shop", 1),
                ("probes.web/up.kind", "http", 4),
                ("probes.web/up.paths", "[/, /x]", 5),
                ("probes.web/x.bands.1.above", "1", 6),
                ("probes.web/x.bands.2.above", "2", 6),
            ]
        );
    }

    /// A87, A78: what may hold a secret is hidden, its place is shown; people's addresses are masked.
    #[test]
    fn nothing_secret_is_shown() {
        for (text, value) in [
            ("a: {password: hunter2}", "…"),
            ("a: {password_env: DB_PASSWORD}", "DB_PASSWORD"),
            ("a: {password: 'secret:db'}", "secret:db"),
            ("a: {env: {API-KEY: hunter2}}", "…"),
            ("a: {headers: {X: hunter2}}", "…"),
            ("a: ['--db-password=hunter2', run]", "[--db-password=…, run]"),
            ("services: {a: {health: 'http://u:hunter2@h:1/x?k=hunter2'}}", "http://…@h:1/x?…"),
            ("services: {a: {health: 'http://h:1/x'}}", "http://h:1/x"),
            ("channels: {a: {url: 'https://hooks.example/T0/hunter2'}}", "https://hooks.example/…"),
            ("sign_of_life: {url: 'https://hc.example/hunter2'}", "https://hc.example/…"),
            ("contacts: {ann: {mail: ann@hikeshi.jp}}", "a…@hikeshi.jp"),
            ("contacts: {ann: {phone: +81-50-0000-0001}}", "…0001"),
            ("secrets: {db: ['env:DB']}", "[env:DB]"),
        ] {
            assert_eq!(values(text)[0].1, value, "{text}");
        }
    }
}
