//! How alerts of other systems are sorted: the team's own ways first, then those for names that everybody uses.

use crate::{alerts, hours, names, quiet};
use domain::{
    graph::Graph,
    ids::ServiceName,
    said::Said,
    sorting::{Intake, Rhythm, Sort},
};
use jiff::SignedDuration;
use source::{Fields, Node, Problems, yaml};

/// Ways of sorting that everybody gets, as a person would write them.
const BUILT_IN: &str = include_str!("sorts.yaml");

/// `intake:`.
pub(crate) fn read(node: Option<&Node>, graph: &Graph, problems: &mut Problems) -> Intake {
    let mut intake = Intake::default();
    if let Some(mut fields) = node.and_then(|node| Fields::open(node, problems)) {
        intake.resolve_timeout =
            positive(&mut fields, "resolve_timeout", problems).unwrap_or(intake.resolve_timeout);
        let sorts =
            fields.optional("sort").and_then(|node| node.list(problems)).unwrap_or_default();
        intake.sorts = sorts.iter().filter_map(|node| sort(node, graph, problems)).collect();
        fields.finish(problems);
    }
    let built_in = yaml::read("(built-in sorting)", BUILT_IN, 0, problems);
    let built_in = built_in.and_then(|node| node.list(problems)).unwrap_or_default();
    intake.sorts.extend(built_in.iter().filter_map(|node| sort(node, graph, problems)));
    intake
}

/// Names of alerts from outside that the team sorts by name: runbooks may answer them.
pub(crate) fn named_alerts(intake: &Intake) -> impl Iterator<Item = String> + '_ {
    let matchers = intake.sorts.iter().flat_map(|sort| &sort.matchers);
    let exact = matchers.filter(|one| one.name == "alertname" && one.is_equal && !one.is_regex());
    exact.map(|matcher| matcher.value.clone())
}

fn sort(node: &Node, graph: &Graph, problems: &mut Problems) -> Option<Sort> {
    let mut fields = Fields::open(node, problems)?;
    let matchers = quiet::required(&mut fields, "match", problems);
    let service = fields.optional("service").and_then(|node| service(node, graph, problems));
    let label = fields.optional("service_label");
    if let (Some(_), Some(label)) = (&service, label) {
        problems.add(
            &label.place,
            Said::new(
                "`service` と `service_label` はどちらか一つだけ書いてください",
                "write `service` or `service_label`, not both",
            ),
        );
    }
    let service_label = label.and_then(|node| node.text(problems));
    let group_by = group_by(fields.optional("group_by"), problems);
    let symptom = fields.optional("symptom").and_then(|node| alerts::symptom(node, problems));
    let level = fields.optional("level").and_then(|node| alerts::level(node, problems));
    let priority = fields.optional("priority").and_then(|node| alerts::priority(node, problems));
    let owner = fields.text("owner", problems);
    let respond_within =
        fields.optional("respond_within").and_then(|node| hours::within(node, problems));
    let rhythm = Rhythm {
        wait: fields.duration_or("group_wait", SignedDuration::ZERO, problems),
        interval: positive(&mut fields, "group_interval", problems),
        repeat: positive(&mut fields, "repeat_interval", problems),
    };
    fields.finish(problems);
    Some(Sort {
        matchers: matchers?,
        service,
        service_label,
        group_by,
        symptom,
        level,
        priority,
        owner,
        respond_within,
        rhythm,
    })
}

/// A service of the configuration.
pub(crate) fn service(node: &Node, graph: &Graph, problems: &mut Problems) -> Option<ServiceName> {
    let name = ServiceName::from(node.text(problems)?);
    if graph.get(&name).is_none() {
        let known = graph.services().map(|service| service.name.as_str());
        names::unknown(&node.place, ("サービス", "service"), name.as_str(), known, problems);
        return None;
    }
    Some(name)
}

/// Label names. Alertmanager's `...` (each alert by itself) is refused: one cause is one message here.
fn group_by(node: Option<&Node>, problems: &mut Problems) -> Vec<String> {
    let nodes = node.and_then(|node| node.list(problems)).unwrap_or_default();
    let mut labels = Vec::new();
    for node in &nodes {
        match node.text(problems) {
            Some(text) if text == "..." => problems.add_with_hint(
                &node.place,
                Said::new("`...` は使えません", "`...` cannot be used here"),
                Said::new(
                    "分けたいラベルの名前を書いてください",
                    "name the labels whose values shall be alerts of their own",
                ),
            ),
            text => labels.extend(text),
        }
    }
    labels
}

/// A length of time that is not nothing.
pub(crate) fn positive(
    fields: &mut Fields<'_>,
    key: &'static str,
    problems: &mut Problems,
) -> Option<SignedDuration> {
    let node = fields.optional(key)?;
    let duration = node.duration(problems)?;
    if duration.is_zero() {
        problems.add(
            &node.place,
            Said::new(format!("`{key}` は 0 にできません"), format!("`{key}` must not be 0")),
        );
        return None;
    }
    Some(duration)
}
