//! A rule file's text to its rules; every mistake at once, with its line.

use crate::{
    dashboard, duration,
    expression::Expression,
    file::{Alerting, Group, Rule, RuleFile, RuleKind},
    line, template,
};
use domain::said::Said;
use jiff::SignedDuration;
use source::{Fields, Node, Place, Problems, Shape, yaml};
use std::collections::BTreeMap;

/// Reads a Prometheus rule file, the `PrometheusRule` of Kubernetes around one, or a Grafana dashboard.
///
/// Rules that are wrong are in `problems` and not in the result. None: the text is no such file.
pub fn read(file_name: &str, text: &str, problems: &mut Problems) -> Option<RuleFile> {
    let node = yaml::read(file_name, text, 0, problems)?;
    if dashboard::is_one(&node) {
        return Some(dashboard::read(file_name, text, &node, problems));
    }
    if node.shape == Shape::Empty {
        problems.add_with_hint(
            &node.place,
            Said::new("ファイルが空です", "the file is empty"),
            Said::new("`groups:` から書き始めてください", "start with `groups:`"),
        );
        return None;
    }
    let mut fields = Fields::open(resource(&node).unwrap_or(&node), problems)?;
    let nodes = fields.required("groups", problems).and_then(|node| node.list(problems));
    fields.finish(problems);
    let reader = Reader { lines: text.lines().collect() };
    let nodes = nodes?;
    let mut groups = Vec::new();
    for node in &nodes {
        groups.extend(reader.group(node, &groups, problems));
    }
    if problems.is_empty() && groups.iter().all(|group: &Group| group.rules.is_empty()) {
        problems.add(&node.place, Said::new("ルールがひとつもありません", "there is no rule"));
    }
    Some(RuleFile { name: file_name.into(), groups })
}

/// The `spec` of a `PrometheusRule`.
fn resource(node: &Node) -> Option<&Node> {
    let Shape::Map(entries) = &node.shape else { return None };
    let get = |key: &str| entries.iter().find(|(known, ..)| known == key).map(|(.., node)| node);
    get("kind").filter(|kind| kind.shape == Shape::Scalar("PrometheusRule".into()))?;
    get("spec")
}

struct Reader<'t> {
    lines: Vec<&'t str>,
}

impl Reader<'_> {
    fn group(&self, node: &Node, before: &[Group], problems: &mut Problems) -> Option<Group> {
        let mut fields = Fields::open(node, problems)?;
        let name = fields.required("name", problems).and_then(|node| node.text(problems));
        let interval = fields.optional("interval").and_then(|node| length(node, problems));
        let _ = fields.optional("query_offset").and_then(|node| length(node, problems));
        let _ = fields.optional("limit").and_then(|node| node.count(problems));
        let labels = texts(fields.optional("labels"), problems);
        let nodes = fields.optional("rules").and_then(|node| node.list(problems));
        fields.finish(problems);
        let name = name?;
        if let Some(first) = before.iter().find(|group| group.name == name) {
            problems.add(
                &node.place,
                Said::new(
                    format!(
                        "グループ `{name}` が 2 回あります ({} 行目にもあります)",
                        first.place.line
                    ),
                    format!("group `{name}` is here twice (also in line {})", first.place.line),
                ),
            );
        }
        let mut rules: Vec<Rule> = Vec::new();
        for node in nodes.unwrap_or_default() {
            let Some(rule) = self.rule(&node, &labels, problems) else { continue };
            match rules.iter().find(|other| is_same(other, &rule)) {
                Some(first) => repeated(&rule, first, problems),
                None => rules.push(rule),
            }
        }
        Some(Group { name, place: node.place.clone(), interval, rules })
    }

    fn rule(&self, node: &Node, group: &Texts, problems: &mut Problems) -> Option<Rule> {
        let mut fields = Fields::open(node, problems)?;
        let before = problems.len();
        let mut name = |key| Some((fields.optional(key)?.text(problems)?, key == "alert"));
        let named = match (name("alert"), name("record")) {
            (Some(_), Some(_)) | (None, None) => None,
            (alert, record) => alert.or(record),
        };
        if named.is_none() && problems.len() == before {
            problems.add(
                &node.place,
                Said::new(
                    "`alert` か `record` のどちらか一つが必要です",
                    "a rule has either `alert` or `record`",
                ),
            );
        }
        let expression =
            fields.required("expr", problems).and_then(|node| self.expression(node, problems));
        let (hold, keep) = (fields.optional("for"), fields.optional("keep_firing_for"));
        let annotations = fields.optional("annotations");
        let mut labels = group.clone();
        labels.extend(texts(fields.optional("labels"), problems));
        fields.finish(problems);
        let (name, is_alert) = named?;
        let kind = if is_alert {
            let mut read = |node: Option<&Node>| {
                node.and_then(|node| length(node, problems)).unwrap_or(SignedDuration::ZERO)
            };
            let (hold, keep_firing_for) = (read(hold), read(keep));
            let annotations = texts(annotations, problems);
            // An empty label is no label.
            labels.retain(|_, value| !value.is_empty());
            RuleKind::Alerting(Alerting { hold, keep_firing_for, labels, annotations })
        } else {
            let stray = [("for", hold), ("keep_firing_for", keep), ("annotations", annotations)];
            stray.iter().filter_map(|(key, node)| Some((key, (*node)?))).for_each(|(key, node)| {
                problems.add(
                    &node.place,
                    Said::new(
                        format!("`record` のルールに `{key}` は書けません"),
                        format!("a rule that records has no `{key}`"),
                    ),
                );
            });
            check_metric_name(&name, &node.place, problems);
            RuleKind::Recording
        };
        Some(Rule { name, place: node.place.clone(), expression: expression?, kind })
    }

    fn expression(&self, node: &Node, problems: &mut Problems) -> Option<Expression> {
        let text = node.text(problems)?;
        let place_of = |word: &str| line::place_of(word, &node.place, &self.lines);
        Expression::parse(&text, &place_of)
            .map_err(|said| line::wrong(&node.place, &said, problems))
            .ok()
    }
}

type Texts = BTreeMap<String, String>;

fn check_metric_name(name: &str, place: &Place, problems: &mut Problems) {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    if name.is_empty() || !name.chars().all(fits) || name.starts_with(|c: char| c.is_ascii_digit())
    {
        problems.add_with_hint(
            place,
            Said::new(
                format!("`{name}` はメトリクス名として使えません"),
                format!("`{name}` is no name for a metric"),
            ),
            Said::new("例: job:http_requests:rate5m", "example: job:http_requests:rate5m"),
        );
    }
}

fn length(node: &Node, problems: &mut Problems) -> Option<SignedDuration> {
    let text = node.text(problems)?;
    let length = duration::read(&text);
    if length.is_none() {
        problems.add_with_hint(
            &node.place,
            Said::new(
                format!("`{text}` は時間として読めません"),
                format!("`{text}` is not a duration"),
            ),
            Said::new("例: 30s, 5m, 1h30m, 1d", "examples: 30s, 5m, 1h30m, 1d"),
        );
    }
    length
}

/// Labels or annotations.
fn texts(node: Option<&Node>, problems: &mut Problems) -> Texts {
    let entries = node.and_then(|node| node.entries(problems)).unwrap_or_default();
    let mut texts = Texts::new();
    for (key, place, node) in entries {
        if key.is_empty() || key == "__name__" {
            problems.add(
                place,
                Said::new(
                    format!("`{key}` という名前は使えません"),
                    format!("the name `{key}` cannot be used"),
                ),
            );
        }
        let Some(text) = node.text(problems) else { continue };
        if let Some(said) = template::mistake(&text) {
            problems.add(
                &node.place,
                Said::new(format!("`{key}`: {}", said.ja), format!("`{key}`: {}", said.en)),
            );
        }
        texts.insert(key.clone(), text);
    }
    texts
}

/// Two alerts of one name are fine as long as a label tells them apart.
fn is_same(a: &Rule, b: &Rule) -> bool {
    let labels = |rule: &Rule| rule.alerting().map(|alerting| alerting.labels.clone());
    a.name == b.name && a.alerting().is_some() && labels(a) == labels(b)
}

fn repeated(rule: &Rule, first: &Rule, problems: &mut Problems) {
    let (name, line) = (&rule.name, first.place.line);
    problems.add_with_hint(
        &rule.place,
        Said::new(
            format!("同じラベルの alert `{name}` が 2 回あります ({line} 行目にもあります)"),
            format!("alert `{name}` is here twice with the same labels (also in line {line})"),
        ),
        Said::new(
            "名前か `severity` などのラベルを変えてください",
            "give it another name, or a label such as `severity` that differs",
        ),
    );
}
