//! Documents that the readers take, and what they say of others.

use domain::said::Language;
use serde_json::Value;
use source::{Node, Problems, Shape, yaml};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

pub fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

pub fn node(text: &str) -> Node {
    let mut problems = Problems::new();
    yaml::read("x", text, 0, &mut problems).expect("YAML")
}

/// A document as an editor sees it: plain scalars have types. `as_text`: as if all of them stood in quotes.
pub fn document(node: &Node, as_text: bool) -> Value {
    match &node.shape {
        Shape::Empty => Value::Null,
        Shape::Scalar(text) if as_text => Value::String(text.clone()),
        Shape::Scalar(text) => match text.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            text => text
                .parse::<i64>()
                .map(Value::from)
                .or_else(|_| text.parse::<f64>().map(Value::from))
                .unwrap_or_else(|_| Value::String(text.into())),
        },
        Shape::List(nodes) => nodes.iter().map(|node| document(node, as_text)).collect(),
        Shape::Map(entries) => Value::Object(
            entries.iter().map(|(key, _, node)| (key.clone(), document(node, as_text))).collect(),
        ),
    }
}

/// What a reader says of a document: nothing, when it takes it.
pub type Reader = fn(&Node) -> Problems;

/// The reader of a folder.
pub fn load(node: &Node) -> Problems {
    let folder = tempfile::tempdir().expect("a folder");
    let text = document(node, true).to_string();
    fs::create_dir(folder.path().join("runbooks")).expect("made");
    fs::write(folder.path().join("hikeshi.yaml"), text).expect("written");
    config::load(folder.path()).err().unwrap_or_default()
}

/// The reader of front matter. Steps are named there and stand elsewhere.
pub fn front(node: &Node) -> Problems {
    let mut problems = Problems::new();
    runbook::front::read("x.md", &document(node, true).to_string(), &mut problems);
    problems
}

/// Documents that the readers take: what people copy from, one example per kind, and one with every key.
pub fn accepted() -> Vec<(String, Node)> {
    let folders = ["../../examples", "../../stories"];
    let files = folders.iter().flat_map(|folder| fs::read_dir(here(folder)).expect("a folder"));
    let files = files.flatten().map(|entry| entry.path().join("hikeshi.yaml"));
    let mut all: Vec<_> = files
        .filter(|file| file.exists())
        .map(|file| {
            (file.display().to_string(), node(&fs::read_to_string(&file).expect("readable")))
        })
        .collect();
    assert!(all.len() >= 6, "the examples are there");
    let full = fs::read_to_string(here("tests/schema/full.yaml")).expect("readable");
    all.push(("full.yaml".into(), node(&full)));
    let inside = |section: &str, example: &str| {
        let lines: String = example.lines().map(|line| format!("    {line}\n")).collect();
        let named = example.split("secret:").skip(1).map(|rest| {
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
            rest.split(|c| !is_name(c)).next().unwrap_or_default()
        });
        let named: BTreeSet<_> =
            named.filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase())).collect();
        let secrets: Vec<_> = named.iter().map(|name| format!("{name}: env:X")).collect();
        let secrets = format!("secrets: {{{}}}", secrets.join(", "));
        format!("{secrets}\nservices: {{SERVICES}}\n{section}:\n  x:\n{lines}")
    };
    for kind in probes::kinds::KINDS {
        let service = kind.example.lines().find_map(|line| line.strip_prefix("service: "));
        let named = ["api-1", "api-2", "search", "prediction"].iter();
        let services: BTreeSet<_> = named.copied().chain(service).collect();
        let services: Vec<_> =
            services.iter().map(|name| format!("{name}: {{kind: external}}")).collect();
        let text = inside("probes", kind.example).replace("SERVICES", &services.join(", "));
        all.push((format!("probe {}", kind.name), node(&text)));
    }
    let one = "web: {kind: external}";
    for kind in notify::kinds::KINDS {
        // A P0 must reach somebody.
        let text =
            inside("channels", kind.example).replace("SERVICES", one) + "  y: {kind: console}\n";
        all.push((format!("channel {}", kind.name), node(&text)));
    }
    for kind in intake::kinds::KINDS {
        let text = inside("integrations", kind.example).replace("SERVICES", one);
        all.push((format!("integration {}", kind.name), node(&text)));
    }
    for place in ["url_env: X", "url_file: /run/x"] {
        let text = format!("services: {{{one}}}\nsign_of_life: {{{place}}}\n");
        all.push((format!("sign_of_life {place}"), node(&text)));
    }
    for place in ["client_secret: secret:a", "client_secret_file: /run/x"] {
        let provider = format!("{{issuer: 'https://x.jp', client_id: x, {place}}}");
        let accounts = format!("accounts: {{openid_connect: {provider}}}");
        let text = format!("services: {{{one}}}\nsecrets: {{a: env:X}}\n{accounts}\n");
        all.push((format!("openid_connect {place}"), node(&text)));
    }
    all
}

pub fn fronts() -> Vec<(String, Node)> {
    let mut all = Vec::new();
    for folder in ["../../examples/miraikakaku/runbooks", "../runbook/tests/good"] {
        for entry in fs::read_dir(here(folder)).expect("a folder").flatten() {
            let text = fs::read_to_string(entry.path()).expect("readable");
            if let Some((yaml, ..)) = runbook::front::split(&text) {
                all.push((entry.path().display().to_string(), node(yaml)));
            }
        }
    }
    assert!(all.len() >= 10, "the examples are there");
    all.push(("full".into(), node(include_str!("full-front.yaml"))));
    all
}

pub fn english(problems: &Problems) -> String {
    problems.render(Language::En)
}
