//! Flows as drawn: mermaid graphs, and arrows in a line. States without a way out, without a way in, loops without a bound.

use crate::{
    finding::Level,
    page::Page,
    rule::{Hits, Look, Rule},
    text,
};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const FLOW_DEAD_END: Rule = Rule {
    id: "flow-dead-end",
    level: Level::Error,
    title: ("流れが行き止まりになる", "a flow with a dead end"),
    why: (
        "終わりでない状態から先がないと、そこで誰も何もしなくなる。",
        "From a state that is no end and has no way out, nobody does anything any more.",
    ),
    hint: (
        "次の状態か、終わりであることを書いてください",
        "draw what comes next, or say that it is the end",
    ),
    bad: "# T\n\n```mermaid\ngraph TD\n  A[受信] --> B{重大度}\n  B --> C[対応]\n  B --> D[記録のみ]\n  C --> E[クローズ]\n```\n",
    good: "# T\n\n```mermaid\ngraph TD\n  A[受信] --> B{重大度}\n  B --> C[対応]\n  C --> E[クローズ]\n  B --> E\n```\n",
    look: Look::Each(dead_ends),
};

pub(crate) const FLOW_UNREACHABLE: Rule = Rule {
    id: "flow-unreachable",
    level: Level::Error,
    title: ("流れのどこからも行けない状態", "a state that no flow reaches"),
    why: ("描かれていても、決して起こらない。", "It is drawn, and never happens."),
    hint: ("どこから来るかを書くか、消してください", "draw where it comes from, or remove it"),
    bad: "# T\n\n```mermaid\ngraph TD\n  A[受信] --> B[終了]\n  C[承認] --> B\n```\n",
    good: "# T\n\n```mermaid\ngraph TD\n  A[受信] --> C[承認]\n  C --> B[終了]\n```\n",
    look: Look::Each(unreachable),
};

pub(crate) const FLOW_UNBOUNDED_LOOP: Rule = Rule {
    id: "flow-unbounded-loop",
    level: Level::Warning,
    title: ("終わりのない繰り返し", "a loop without a bound"),
    why: (
        "直らない障害では、同じところを回り続ける。",
        "With trouble that does not go away it turns round for ever.",
    ),
    hint: (
        "何回まで、何分までかを書き、その先 (次の人など) を描いてください",
        "say how often or how long, and draw what then follows",
    ),
    bad: "# T\n\n```mermaid\ngraph TD\n  A[対応] --> B{復旧?}\n  B -->|Yes| C[終了]\n  B -->|No| A\n```\n",
    good: "# T\n\n```mermaid\ngraph TD\n  A[対応 (3回まで)] --> B{復旧?}\n  B -->|Yes| C[終了]\n  B -->|No| A\n```\n",
    look: Look::Each(loops),
};

/// More than a person draws; ways are looked for between all of them.
const ARROWS_LIMIT: usize = 300;

/// A flow.
struct Flow {
    /// Its states by id: what they say, and the line where that stands.
    states: BTreeMap<String, (String, u32)>,
    /// From, to, and the line.
    arrows: Vec<(String, String, u32)>,
}

fn flows(page: &Page<'_>) -> Vec<Flow> {
    let read = |block: &crate::block::Block| match block.language.as_str() {
        "mermaid" => Some(mermaid(block)),
        "" | "text" | "ascii" => Some(line_of_arrows(block)),
        _ => None,
    };
    let is_drawn = |flow: &Flow| (1..=ARROWS_LIMIT).contains(&flow.arrows.len());
    page.blocks.iter().filter_map(read).filter(is_drawn).collect()
}

fn mermaid(block: &crate::block::Block) -> Flow {
    let mut flow = Flow { states: BTreeMap::new(), arrows: Vec::new() };
    let mut rows = (0..).zip(block.body.lines());
    let is_graph = rows.by_ref().find(|(_, row)| !row.trim().is_empty()).is_some_and(|(_, row)| {
        ["graph", "flowchart", "stateDiagram"].iter().any(|kind| row.trim().starts_with(kind))
    });
    if !is_graph {
        return flow;
    }
    for (at, row) in rows {
        let line = block.line_of(at);
        let mut before: Option<String> = None;
        let row = row.replace("-.->", "-->").replace("==>", "-->");
        for part in row.split("-->").flat_map(|part| part.split("---")) {
            let part = part.trim().trim_end_matches(';');
            // `|label|` in front of a state, `-- label` behind one.
            let part = part
                .strip_prefix('|')
                .and_then(|rest| rest.split_once('|'))
                .map_or(part, |(_, rest)| rest.trim());
            let part = part.split(" -- ").next().unwrap_or_default();
            let part = part.split(" : ").next().unwrap_or_default();
            let is_border = part.starts_with("[*]");
            let end = if is_border {
                Some(3)
            } else {
                part.find(|c: char| !c.is_alphanumeric() && c != '_')
            };
            let end = end.unwrap_or(part.len());
            let (id, shape) = part.split_at(end);
            if id.is_empty()
                || matches!(id, "style" | "classDef" | "class" | "subgraph" | "end" | "linkStyle")
            {
                break;
            }
            let label = shape.trim_matches(|c: char| "[](){}\"> ".contains(c));
            let entry = flow.states.entry(id.to_owned()).or_insert_with(|| (id.to_owned(), line));
            if !label.is_empty() {
                *entry = (label.to_owned(), line);
            }
            if let Some(from) = before.replace(id.to_owned()) {
                flow.arrows.push((from, id.to_owned(), line));
            }
        }
    }
    flow
}

fn line_of_arrows(block: &crate::block::Block) -> Flow {
    let mut flow = Flow { states: BTreeMap::new(), arrows: Vec::new() };
    for (at, row) in (0..).zip(block.body.lines()) {
        let line = block.line_of(at);
        let states: Vec<&str> =
            row.split(['→', '⇒']).flat_map(|part| part.split("->")).map(str::trim).collect();
        if states.len() < 3
            || states.iter().any(|state| state.is_empty() || state.chars().count() > 40)
        {
            continue;
        }
        for state in &states {
            flow.states.entry((*state).to_owned()).or_insert_with(|| ((*state).to_owned(), line));
        }
        flow.arrows
            .extend(states.windows(2).map(|pair| (pair[0].to_owned(), pair[1].to_owned(), line)));
    }
    flow
}

const ENDS: &[&str] = &[
    "クローズ",
    "終了",
    "完了",
    "解決",
    "終わり",
    "レビュー",
    "close",
    "closed",
    "end",
    "done",
    "resolved",
    "finish",
    "finished",
    "[*]",
];
const STARTS: &[&str] =
    &["検知", "受信", "開始", "発生", "start", "alert", "detect", "detected", "received", "[*]"];
const BOUNDS: &[&str] = &[
    "回",
    "まで",
    "分以内",
    "分間",
    "times",
    "max",
    "attempts",
    "retries",
    "limit",
    "timeout",
    "minutes",
];

fn dead_ends(page: &Page<'_>, hits: &mut Hits) {
    for flow in flows(page) {
        for (id, (label, line)) in &flow.states {
            let goes_on = flow.arrows.iter().any(|(from, ..)| from == id);
            if !goes_on && !text::has_word(label, ENDS) {
                hits.at(
                    *line,
                    format!("「{label}」から先がありません"),
                    format!("nothing follows `{label}`"),
                );
            }
        }
    }
}

fn unreachable(page: &Page<'_>, hits: &mut Hits) {
    for flow in flows(page) {
        let first = flow.arrows.first().map(|(from, ..)| from.clone()).unwrap_or_default();
        let mut reached = BTreeSet::from([first]);
        reached.extend(
            flow.states
                .iter()
                .filter(|(id, (label, _))| {
                    let has_way_in = flow.arrows.iter().any(|(_, to, _)| to == *id);
                    !has_way_in && text::has_word(label, STARTS)
                })
                .map(|(id, _)| id.clone()),
        );
        loop {
            let more: Vec<_> = flow
                .arrows
                .iter()
                .filter(|(from, to, _)| reached.contains(from) && !reached.contains(to))
                .map(|(_, to, _)| to.clone())
                .collect();
            if more.is_empty() {
                break;
            }
            reached.extend(more);
        }
        for (_, (label, line)) in flow.states.iter().filter(|(id, _)| !reached.contains(*id)) {
            hits.at(
                *line,
                format!("「{label}」にはどこからも行けません"),
                format!("nothing leads to `{label}`"),
            );
        }
    }
}

fn loops(page: &Page<'_>, hits: &mut Hits) {
    for flow in flows(page) {
        let mut seen: BTreeSet<BTreeSet<String>> = BTreeSet::new();
        for (from, to, line) in &flow.arrows {
            // The arrow that closes a loop is one whose start can be reached from its end, and that goes back.
            let goes_back = first_place(&flow, to) <= first_place(&flow, from);
            let inside = between(&flow, to, from);
            if !goes_back || inside.is_empty() || !seen.insert(inside.clone()) {
                continue;
            }
            let is_bounded = inside.iter().any(|id| {
                flow.states.get(id).is_some_and(|(label, _)| text::has_word(label, BOUNDS))
            });
            if !is_bounded {
                let name = |id: &String| {
                    flow.states.get(id).map_or("", |(label, _)| label.as_str()).to_owned()
                };
                hits.at(
                    *line,
                    format!("「{}」から「{}」へ戻る回数に限りがありません", name(from), name(to)),
                    format!("`{}` goes back to `{}` any number of times", name(from), name(to)),
                );
            }
        }
    }
}

/// Where a state is first drawn.
fn first_place(flow: &Flow, id: &str) -> Option<usize> {
    let ends = flow.arrows.iter().flat_map(|(from, to, _)| [from, to]);
    ends.into_iter().position(|end| end == id)
}

/// The states on the ways from one state to another; none where there is no way.
fn between(flow: &Flow, from: &str, to: &str) -> BTreeSet<String> {
    let follow = |start: &str, forward: bool| {
        let mut reached = BTreeSet::from([start.to_owned()]);
        loop {
            let before = reached.len();
            for (a, b, _) in &flow.arrows {
                let (a, b) = if forward { (a, b) } else { (b, a) };
                if reached.contains(a) {
                    reached.insert(b.clone());
                }
            }
            if reached.len() == before {
                return reached;
            }
        }
    };
    let forward = follow(from, true);
    if !forward.contains(to) {
        return BTreeSet::new();
    }
    forward.intersection(&follow(to, false)).cloned().collect()
}
