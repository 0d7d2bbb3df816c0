//! `acting:` what verbs may touch: whom a firewall never blocks, which processes may be ended. A runbook cannot widen it.

use domain::said::Said;
use ipnet::IpNet;
use runbook::{Limits, limits};
use source::{Fields, Node, Problems};
use std::net::IpAddr;

/// Reads the section; without it nothing may be ended and nothing private be blocked.
pub(crate) fn read(node: Option<&Node>, problems: &mut Problems) -> Limits {
    let Some(mut fields) = node.and_then(|node| Fields::open(node, problems)) else {
        return Limits::default();
    };
    let never = fields.optional("never_block").and_then(|node| node.list(problems));
    let may_end = fields.optional("may_end").and_then(|node| node.list(problems));
    let limits = Limits {
        never_block: never.iter().flatten().filter_map(|node| network(node, problems)).collect(),
        block_private: fields.flag_or("block_private", false, problems),
        may_end: may_end.iter().flatten().filter_map(|node| process(node, problems)).collect(),
    };
    fields.finish(problems);
    limits
}

/// An address, or a network of them.
pub(crate) fn network(node: &Node, problems: &mut Problems) -> Option<IpNet> {
    let text = node.text(problems)?;
    let network = text.parse::<IpNet>().ok().or_else(|| Some(text.parse::<IpAddr>().ok()?.into()));
    if network.is_none() {
        problems.add_with_hint(
            &node.place,
            Said::new(
                format!("`{text}` はアドレスでもネットワークでもありません"),
                format!("`{text}` is neither an address nor a network"),
            ),
            Said::new("例: 192.0.2.10, 2001:db8::/32", "examples: 192.0.2.10, 2001:db8::/32"),
        );
    }
    network
}

fn process(node: &Node, problems: &mut Problems) -> Option<String> {
    let name = node.text(problems)?;
    if limits::is_protected(&name) {
        problems.add_with_hint(
            &node.place,
            Said::new(
                format!("`{name}` は hikeshi が終了させることのないプロセスです"),
                format!("`{name}` is a process that hikeshi never ends"),
            ),
            Said::new(
                "データベース、supervisor、シェル、sshd は書けません。再起動には service.restart を使ってください",
                "no databases, supervisors, shells or sshd; use service.restart to restart a service",
            ),
        );
        return None;
    }
    Some(name)
}
