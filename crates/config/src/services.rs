//! Services: the nodes of the dependency graph, their attributes, and the commands of those that hikeshi supervises.

use crate::{names, settings::Settings, supervising};
use domain::{
    graph::{Graph, GraphError, Kind, Service},
    ids::ServiceName,
    plan::Parameter,
    said::Said,
};
use jiff::SignedDuration;
use source::{Fields, Node, Place, Problems, Secret, Shape};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use supervise::{ServiceCommand, Supervised};

/// What the section `services` says.
pub(crate) struct Services {
    /// The graph.
    pub(crate) graph: Graph,
    /// What hikeshi's own supervisor starts.
    pub(crate) commands: Vec<ServiceCommand>,
    /// What other supervisors start and stop.
    pub(crate) supervised: Vec<Supervised>,
    /// The short form `health:` of a service, with the service's name.
    pub(crate) health: Vec<(ServiceName, Node)>,
    /// Where each service stands.
    pub(crate) places: BTreeMap<ServiceName, Place>,
    /// Secrets that attributes name.
    pub(crate) secrets: Vec<Secret>,
    /// Where services name each other.
    edges: Vec<Edge>,
}

struct Edge {
    to: ServiceName,
    is_group: bool,
    place: Place,
}

pub(crate) fn read(node: Option<&Node>, settings: &Settings, problems: &mut Problems) -> Services {
    let mut found = Services {
        graph: Graph::default(),
        commands: Vec::new(),
        supervised: Vec::new(),
        health: Vec::new(),
        places: BTreeMap::new(),
        secrets: Vec::new(),
        edges: Vec::new(),
    };
    let Some(entries) = node.and_then(|node| node.entries(problems)) else { return found };
    let mut services = Vec::new();
    for (name, place, node) in entries {
        if !check_name(name, place, ("サービス名", "a service name"), problems) {
            continue;
        }
        found.places.insert(name.as_str().into(), place.clone());
        services.extend(service(name, node, settings, &mut found, problems));
    }
    check_edges(&found.edges, &services, problems);
    let known: BTreeSet<_> = services.iter().map(|service| service.name.clone()).collect();
    for service in &mut services {
        service.depends_on.retain(|name| known.contains(name));
        service.group = service.group.take().filter(|name| known.contains(name));
    }
    match Graph::new(services) {
        Ok(graph) => found.graph = graph,
        Err(error) => report(&error, &found.places, problems),
    }
    found
}

fn check_edges(edges: &[Edge], services: &[Service], problems: &mut Problems) {
    for Edge { to, is_group, place } in edges {
        match services.iter().find(|service| service.name == *to) {
            None => {
                let known = services.iter().map(|service| service.name.as_str());
                names::unknown(place, ("サービス", "service"), to.as_str(), known, problems);
            }
            Some(service) if *is_group && service.kind != Kind::Group => problems.add_with_hint(
                place,
                Said::new(
                    format!("`{to}` はグループではありません"),
                    format!("`{to}` is not a group"),
                ),
                Said::new(
                    format!("`{to}` に `kind: group` を書いてください"),
                    format!("write `kind: group` at `{to}`"),
                ),
            ),
            Some(_) => {}
        }
    }
}

/// Whether a name may stand in commands, paths and addresses; `word` says of what, in both languages.
pub(crate) fn check_name(
    name: &str,
    place: &Place,
    word: (&str, &str),
    problems: &mut Problems,
) -> bool {
    let fits = is_name(name);
    if !fits {
        let (ja, en) = word;
        problems.add_with_hint(
            place,
            Said::new(format!("`{name}` は{ja}に使えません"), format!("`{name}` is not {en}")),
            Said::new(
                "英数字で始め、英数字と . _ - だけを使ってください",
                "begin with a letter or digit; use letters, digits, . _ -",
            ),
        );
    }
    fits
}

/// The type `ident` of a runbook parameter: it never starts with `-`.
fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    let first = chars.next().is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
    first
        && name.len() <= 64
        && chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
}

fn report(error: &GraphError, places: &BTreeMap<ServiceName, Place>, problems: &mut Problems) {
    let (service, ja) = match error {
        GraphError::Missing { service, missing } => {
            (service, format!("`{missing}` というサービスはありません"))
        }
        GraphError::Circle { circle } => {
            let names: Vec<_> = circle.iter().map(ToString::to_string).collect();
            (&circle[0], format!("依存関係が循環しています: {}", names.join(" → ")))
        }
    };
    if let Some(place) = places.get(service) {
        problems.add(place, Said::new(ja, error.to_string()));
    }
}

fn service(
    name: &str,
    node: &Node,
    settings: &Settings,
    found: &mut Services,
    problems: &mut Problems,
) -> Option<Service> {
    let mut fields = Fields::open(node, problems)?;
    let title = fields.text_or("title", name, problems);
    let is_core = fields.flag_or("core", false, problems);
    let kind = fields.or_assume("kind", || "process".into(), problems);
    let kind = kind.map_or(Some(Kind::Process), |node| self::kind(node, is_core, problems));
    let system = fields.text_or("system", &settings.product, problems);
    let depends_on: Vec<_> = edges(fields.optional("depends_on"), false, found, problems);
    let group = edges(fields.optional("group"), true, found, problems).pop();
    let owner = fields.text("owner", problems);
    let health = fields.optional("health");
    let command = command(name, &mut fields, settings, problems);
    if let Some(node) = fields.optional("supervise") {
        found.supervised.extend(supervising::read(name, node, problems));
        if command.is_some() {
            supervising::beside_a_command(&node.place, problems);
        }
    }
    let mut attributes = attributes(&mut fields, &mut found.secrets, problems);
    if let Some(unit) = found.supervised.last().and_then(|other| other.unit_of(name))
        && let Ok(parameter) = runbook::types::parse("systemd_unit", unit)
    {
        attributes.entry("UNIT".into()).or_insert(parameter);
    }
    if let Some(node) = health {
        let probe = http(name, node);
        if let Some(url) = url_of(&probe) {
            attributes
                .insert("HEALTH_URL".into(), Parameter { kind: "const_url".into(), value: url });
        }
        found.health.push((name.into(), probe));
    }
    found.commands.extend(command);
    Some(Service {
        name: name.into(),
        title,
        // After a mistake here the rest is still checked.
        kind: kind.unwrap_or(Kind::Process),
        system,
        depends_on,
        group,
        owner,
        attributes,
    })
}

fn edges(
    node: Option<&Node>,
    is_group: bool,
    found: &mut Services,
    problems: &mut Problems,
) -> Vec<ServiceName> {
    let nodes = node.and_then(|node| node.list(problems)).unwrap_or_default();
    let mut names = Vec::new();
    for node in nodes {
        let Some(name) = node.text(problems).map(ServiceName::from) else { continue };
        found.edges.push(Edge { to: name.clone(), is_group, place: node.place });
        names.push(name);
    }
    names
}

fn kind(node: &Node, core: bool, problems: &mut Problems) -> Option<Kind> {
    let text = node.text(problems)?;
    match text.as_str() {
        "process" => Some(Kind::Process),
        "group" => Some(Kind::Group),
        "database" => Some(Kind::Database),
        "function" => Some(Kind::Function { core }),
        "host" => Some(Kind::Host),
        "external" => Some(Kind::External),
        _ => {
            problems.add_with_hint(
                &node.place,
                Said::new(
                    format!("`{text}` という種類のサービスはありません"),
                    format!("there is no kind of service `{text}`"),
                ),
                Said::same("process, group, database, function, host, external"),
            );
            None
        }
    }
}

fn command(
    name: &str,
    fields: &mut Fields<'_>,
    settings: &Settings,
    problems: &mut Problems,
) -> Option<ServiceCommand> {
    let node = fields.optional("command");
    let env = fields.optional("env").and_then(|node| node.entries(problems)).unwrap_or_default();
    for (key, place, _) in env.iter().filter(|(key, ..)| is_secret(key)) {
        in_the_open(key, place, &format!("pass_env: [{key}]"), problems);
    }
    let env =
        env.iter().filter_map(|(key, _, node)| Some((key.clone(), node.text(problems)?))).collect();
    let pass_env = fields.texts("pass_env", problems);
    let cwd = fields.text("cwd", problems);
    let stop_timeout = fields.duration_or("stop_timeout", SignedDuration::from_secs(10), problems);
    let log = fields.text("output", problems);
    let node = node?;
    let argv = match &node.shape {
        Shape::List(_) => node.texts(problems)?,
        _ => {
            problems.add_with_hint(
                &node.place,
                Said::new("`command` はリストで書きます", "`command` is a list"),
                Said::new(
                    "例: [python3, app.py, --port, \"8080\"] (シェルは通りません)",
                    "example: [python3, app.py, --port, \"8080\"] (no shell is involved)",
                ),
            );
            return None;
        }
    };
    if argv.is_empty() {
        problems.add(&node.place, Said::new("`command` が空です", "`command` is empty"));
        return None;
    }
    let log_file = log.map_or_else(
        || settings.data.join("output").join(format!("{name}.log")),
        |log| settings.folder.join(log),
    );
    let mut command = ServiceCommand::new(name, argv, log_file);
    command.env = env;
    command.pass_env = pass_env;
    command.cwd = cwd.map(|cwd| settings.folder.join(cwd));
    command.stop_timeout = Duration::try_from(stop_timeout).unwrap_or(Duration::from_secs(10));
    Some(command)
}

fn in_the_open(key: &str, place: &Place, better: &str, problems: &mut Problems) {
    problems.add_with_hint(
        place,
        Said::new(
            format!("`{key}` の値がそのまま書かれています"),
            format!("the value of `{key}` stands here for everybody to read"),
        ),
        Said::new(
            format!("`{better}` と書き、値はほかの場所に置いてください"),
            format!("write `{better}`, and keep the value elsewhere"),
        ),
    );
}

/// Names of variables and attributes that hold secrets by custom.
fn is_secret(key: &str) -> bool {
    let key = key.to_uppercase();
    ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "API_KEY", "PRIVATE_KEY"]
        .iter()
        .any(|end| key.ends_with(end))
}

/// Whatever else stands there is an attribute: a parameter of every runbook for the service, typed by its name or as
/// `{type: …, value: …}`.
fn attributes(
    fields: &mut Fields<'_>,
    secrets: &mut Vec<Secret>,
    problems: &mut Problems,
) -> BTreeMap<String, Parameter> {
    let mut attributes = BTreeMap::new();
    for (key, place, node) in fields.rest() {
        let typed = match &node.shape {
            Shape::Map(_) => typed(node, problems),
            _ => node.text(problems).map(|text| (kind_of(key).to_owned(), text)),
        };
        let Some((kind, text)) = typed else { continue };
        let secret = Secret::reference(&text, place);
        if secret.is_none() && is_secret(key) {
            in_the_open(key, place, &format!("{key}: secret:NAME"), problems);
            continue;
        }
        secrets.extend(secret);
        match runbook::types::parse(&kind, &text) {
            Ok(parameter) => {
                attributes.insert(key.to_uppercase(), parameter);
            }
            Err(said) => problems.add(place, said),
        }
    }
    attributes
}

fn typed(node: &Node, problems: &mut Problems) -> Option<(String, String)> {
    let mut fields = Fields::open(node, problems)?;
    let kind = fields.required("type", problems).and_then(|node| node.text(problems));
    let value = fields.required("value", problems).and_then(|node| node.text(problems));
    fields.finish(problems);
    Some((kind?, value?))
}

fn kind_of(key: &str) -> &'static str {
    match key {
        "port" => "port",
        "unit" => "systemd_unit",
        key if key.ends_with("_port") => "port",
        key if key.ends_with("_url") => "const_url",
        _ => "const",
    }
}

/// `health: URL` or `health: {url: …, expect: …}` as the settings of an http probe of that service.
fn http(service: &str, node: &Node) -> Node {
    let scalar = |text: &str| Node::made_up(node.place.clone(), Shape::Scalar(text.into()));
    let entry = |key: &str, value: Node| (key.to_owned(), node.place.clone(), value);
    let mut entries = vec![entry("kind", scalar("http")), entry("service", scalar(service))];
    match &node.shape {
        Shape::Map(given) => entries.extend(given.iter().cloned()),
        _ => entries.push(entry("url", node.clone())),
    }
    Node { path: node.path.clone(), ..Node::made_up(node.place.clone(), Shape::Map(entries)) }
}

fn url_of(probe: &Node) -> Option<String> {
    let Shape::Map(entries) = &probe.shape else { return None };
    let (.., node) = entries.iter().find(|(key, ..)| key == "url")?;
    match &node.shape {
        Shape::Scalar(url) => Some(url.clone()),
        _ => None,
    }
}
