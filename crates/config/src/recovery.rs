//! Recovery checklists and the clocks of incidents.

use crate::{alerts::Fed, hours, names};
use domain::{
    clock::{Allowed, Clock, Origin},
    graph::Graph,
    policy::{CheckBox, Checklist, Clocks},
    said::Said,
    severity::Priority,
};
use jiff::SignedDuration;
use source::{Fields, Node, Problems};

/// `recovery:` maps a system to its boxes: `miraikakaku: {db: {services: [database], rules: [...]}, …}`.
pub(crate) fn read(
    node: Option<&Node>,
    graph: &Graph,
    rules: &[Fed],
    problems: &mut Problems,
) -> Vec<Checklist> {
    let entries = node.and_then(|node| node.entries(problems)).unwrap_or_default();
    let mut lists = Vec::new();
    for (system, place, node) in entries {
        if !graph.services().any(|service| service.system == *system)
            && graph.services().next().is_some()
        {
            problems.add(
                place,
                Said::new(
                    format!("システム `{system}` に属するサービスがありません"),
                    format!("no service belongs to the system `{system}`"),
                ),
            );
        }
        let boxes = node.entries(problems).unwrap_or_default();
        let boxes = boxes
            .iter()
            .filter(|(.., node)| !node.is_off())
            .filter_map(|(name, _, node)| check_box(name, node, graph, rules, problems))
            .collect();
        lists.push(Checklist { system: system.clone(), boxes });
    }
    lists
}

fn check_box(
    name: &str,
    node: &Node,
    graph: &Graph,
    rules: &[Fed],
    problems: &mut Problems,
) -> Option<CheckBox> {
    let mut fields = Fields::open(node, problems)?;
    let title = fields.text_or("title", name, problems);
    let services = fields.required("services", problems).and_then(|node| node.list(problems));
    let named = fields.required("rules", problems).and_then(|node| node.list(problems));
    let hold = fields.duration_or("for", SignedDuration::ZERO, problems);
    fields.finish(problems);
    let mut known = |nodes: Vec<Node>, all: &[&str], word: (&str, &str)| -> Vec<String> {
        let mut found = Vec::new();
        for node in nodes {
            match node.text(problems) {
                Some(name) if all.contains(&name.as_str()) => found.push(name),
                Some(name) => {
                    names::unknown(&node.place, word, &name, all.iter().copied(), problems);
                }
                None => {}
            }
        }
        found
    };
    let all: Vec<_> = graph.services().map(|service| service.name.as_str()).collect();
    let services = known(services?, &all, ("サービス", "service"));
    let all: Vec<_> = rules.iter().map(|fed| fed.rule.name.as_str()).collect();
    let rules = known(named?, &all, ("アラート", "alert"));
    Some(CheckBox {
        name: name.into(),
        title,
        services: services.into_iter().map(Into::into).collect(),
        rules: rules.into_iter().map(Into::into).collect(),
        hold,
    })
}

const PRIORITIES: [(&str, Priority); 4] =
    [("P0", Priority::P0), ("P1", Priority::P1), ("P2", Priority::P2), ("P3", Priority::P3)];

/// The clocks of incidents; what a team leaves open is as the documents say.
pub(crate) fn clocks(node: &Node, problems: &mut Problems) -> Option<Clocks> {
    let mut fields = Fields::open(node, problems)?;
    let default = Clocks::default();
    let assess_within = fields.duration_or("assess_within", default.assess_within, problems);
    let steady = fields.duration_or("steady", default.steady, problems);
    let mut limits = default.limits;
    for (key, clock) in [
        ("notice_within", Clock::FirstNotice),
        ("respond_within", Clock::Respond),
        ("recover_within", Clock::Recover),
    ] {
        let Some(mut own) = fields.optional(key).and_then(|node| Fields::open(node, problems))
        else {
            continue;
        };
        for (name, priority) in PRIORITIES {
            let node = own.optional(name);
            // A team's own takes the place of what the documents say of the priority.
            if let Some(within) = node.and_then(|node| hours::within(node, problems)) {
                let what = format!("clocks.{key}.{name}");
                limits
                    .insert((clock, priority), vec![Allowed { within, from: Origin::Team, what }]);
            }
        }
        own.finish(problems);
    }
    fields.finish(problems);
    Some(Clocks { assess_within, steady, limits })
}
