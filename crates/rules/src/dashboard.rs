//! A Grafana dashboard: the PromQL queries of its panels, linted like rules (B31).

use crate::{
    expression::Expression,
    file::{Group, Rule, RuleFile, RuleKind},
    line,
};
use source::{Node, Problems, Shape};

/// JSON is YAML, so one reader reads both; a dashboard is told by its panels.
pub(crate) fn is_one(node: &Node) -> bool {
    get(node, "panels").is_some()
}

/// The queries of all panels, rows opened; what is not PromQL is passed over.
pub(crate) fn read(file_name: &str, text: &str, node: &Node, problems: &mut Problems) -> RuleFile {
    let lines: Vec<_> = text.lines().collect();
    let mut rules = Vec::new();
    panels(node, &lines, &mut rules, problems);
    let name = get(node, "title").and_then(scalar).unwrap_or_default().to_owned();
    let group = Group { name, place: node.place.clone(), interval: None, rules };
    RuleFile { name: file_name.into(), groups: vec![group] }
}

fn panels(node: &Node, lines: &[&str], rules: &mut Vec<Rule>, problems: &mut Problems) {
    for panel in get(node, "panels").map(list).unwrap_or_default() {
        let name = get(panel, "title").and_then(scalar).unwrap_or("(no title)");
        let targets = get(panel, "targets").map(list).unwrap_or_default();
        for target in targets.iter().filter(|target| is_promql(panel, target)) {
            let Some(node) = get(target, "expr") else { continue };
            let Some(text) = scalar(node).filter(|text| !text.trim().is_empty()) else { continue };
            let place_of = |word: &str| line::place_of(word, &node.place, lines);
            match Expression::parse(&without_variables(text), &place_of) {
                Ok(expression) => rules.push(Rule {
                    name: name.to_owned(),
                    place: node.place.clone(),
                    expression,
                    kind: RuleKind::Panel,
                }),
                Err(said) => line::wrong(&node.place, &said, problems),
            }
        }
        panels(panel, lines, rules, problems);
    }
}

/// Other sources have an `expr` in other languages.
fn is_promql(panel: &Node, target: &Node) -> bool {
    let source = get(target, "datasource").or_else(|| get(panel, "datasource"));
    let kind = source.and_then(|source| get(source, "type")).and_then(scalar);
    kind.is_none_or(|kind| kind == "prometheus" || kind.starts_with('$'))
}

/// Variables get a value only when somebody looks: a window becomes five minutes, another bare one the number 1.
/// Within quotes they stay; the linter passes over a matcher that has one.
fn without_variables(text: &str) -> String {
    let (mut plain, mut rest) = (String::new(), text);
    let (mut quote, mut in_window) = (None, false);
    while let Some(c) = rest.chars().next() {
        let variable = if quote.is_none() { variable_length(rest) } else { 0 };
        if variable > 0 {
            plain.push_str(if in_window { "5m" } else { "1" });
            rest = &rest[variable..];
            continue;
        }
        match (quote, c) {
            (None, '"' | '\'' | '`') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            (None, '[') => in_window = true,
            (None, ']') => in_window = false,
            _ => {}
        }
        plain.push(c);
        rest = &rest[c.len_utf8()..];
    }
    plain
}

/// How long a `$name`, `${name}` or `${name:format}` at the start is; 0: there is none.
fn variable_length(text: &str) -> usize {
    let Some(name) = text.strip_prefix('$') else { return 0 };
    if name.starts_with('{') {
        return name.find('}').map_or(0, |end| end + 2);
    }
    let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
    if end == 0 { 0 } else { end + 1 }
}

fn get<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    let Shape::Map(entries) = &node.shape else { return None };
    entries.iter().find(|(known, ..)| known == key).map(|(_, _, node)| node)
}

fn list(node: &Node) -> &[Node] {
    match &node.shape {
        Shape::List(nodes) => nodes,
        _ => &[],
    }
}

fn scalar(node: &Node) -> Option<&str> {
    match &node.shape {
        Shape::Scalar(text) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_given_a_value() {
        assert_eq!(
            without_variables(r#"rate(x{job=~"$job"}[$__rate_interval]) * ${factor} > $limit"#),
            r#"rate(x{job=~"$job"}[5m]) * 1 > 1"#
        );
        assert_eq!(without_variables("x{a=~\"5..$\"} $"), "x{a=~\"5..$\"} $");
    }
}
