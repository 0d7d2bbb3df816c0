//! `freezes:` times in which services are changed only with a person's consent.

use crate::hours;
use domain::{
    freeze::{Freeze, When},
    graph::Graph,
    ids::ServiceName,
    said::Said,
};
use jiff::tz::TimeZone;
use source::{Fields, Node, Problems};

/// `freezes:` maps a name to hours (`days`, `from`, `to`), or once (`from`, `until`: `2026-12-29T00:00`).
pub(crate) fn read(
    node: Option<&Node>,
    graph: &Graph,
    zone: &TimeZone,
    problems: &mut Problems,
) -> Vec<Freeze> {
    let entries = node.and_then(|node| node.entries(problems)).unwrap_or_default();
    let entries = entries.iter().filter(|(.., node)| !node.is_off());
    entries.filter_map(|(name, _, node)| freeze(name, node, graph, zone, problems)).collect()
}

fn freeze(
    name: &str,
    node: &Node,
    graph: &Graph,
    zone: &TimeZone,
    problems: &mut Problems,
) -> Option<Freeze> {
    let mut fields = Fields::open(node, problems)?;
    let when = match fields.optional("until") {
        Some(until) => {
            let in_zone = |local| zone.to_timestamp(local).ok();
            let until = hours::moment(until, problems, in_zone);
            let from = fields.required("from", problems);
            let from = from.and_then(|node| hours::moment(node, problems, in_zone));
            from.zip(until).map(|(from, until)| When::Once { from, until })
        }
        None => hours::read(&mut fields, zone, problems).map(When::Hours),
    };
    let mut services = Vec::new();
    for text in fields.texts("services", problems) {
        let service = ServiceName::from(text.as_str());
        let is_group = graph.members(&service).next().is_some();
        if graph.get(&service).is_none() && !is_group {
            problems.add(
                &node.place,
                Said::new(
                    format!("サービス `{text}` は設定にありません"),
                    format!("there is no service `{text}`"),
                ),
            );
        }
        services.push(service);
    }
    fields.finish(problems);
    Some(Freeze { name: name.to_owned(), when: when?, services })
}
