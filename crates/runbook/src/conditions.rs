//! What a runbook learns from its steps, and the conditions that it makes of it: `facts:`, `guards:` and `if:`.
//!
//! ```yaml
//! facts:
//!   free_mb: {type: int, min: 0, max: 100000000, step: disk}   # `free_mb=…` in the output of the step `disk`
//! guards: ["facts.free_mb > 100"]                              # before anything is changed
//! if: {rotate: "facts.free_mb < 500"}                          # this step only then
//! ```

use domain::{
    condition,
    ids::StepName,
    plan::{Output, Plan, Role},
    said::Said,
    types::{self, Limits},
};
use source::{Fields, Node, Place, Problems};
use std::collections::BTreeMap;

/// `facts:` maps a name to the step that gives it and the type that it must have.
pub(crate) fn facts(node: Option<&Node>, problems: &mut Problems) -> BTreeMap<String, Output> {
    let entries = node.and_then(|node| node.entries(problems)).unwrap_or_default();
    let mut facts = BTreeMap::new();
    for (name, place, node) in entries {
        let output = output(node, place, problems);
        facts.extend(output.map(|output| (name.clone(), output)));
    }
    facts
}

fn output(node: &Node, place: &Place, problems: &mut Problems) -> Option<Output> {
    let mut fields = Fields::open(node, problems)?;
    let kind = fields.required("type", problems).and_then(|node| node.text(problems));
    let step = fields.required("step", problems).and_then(|node| node.text(problems));
    let limits = limits(&mut fields, problems);
    fields.finish(problems);
    let kind = kind?;
    match types::by_name(&kind).and_then(|_| limits.suit(&kind)) {
        Ok(()) => Some(Output { step: StepName::from(step?), kind, limits }),
        Err(said) => {
            problems.add(place, said);
            None
        }
    }
}

/// `min`, `max`, `values`, `under`.
pub(crate) fn limits(fields: &mut Fields<'_>, problems: &mut Problems) -> Limits {
    Limits {
        min: fields.optional("min").and_then(|node| node.number(problems)),
        max: fields.optional("max").and_then(|node| node.number(problems)),
        values: fields.texts("values", problems),
        under: fields.text("under", problems),
    }
}

/// `guards:` is a list of conditions.
pub(crate) fn guards(node: Option<&Node>, problems: &mut Problems) -> Vec<String> {
    let nodes = node.and_then(|node| node.list(problems)).unwrap_or_default();
    nodes.iter().filter_map(|node| condition_of(node, problems)).collect()
}

/// `if:` maps a step to its condition.
pub(crate) fn of_steps(node: Option<&Node>, problems: &mut Problems) -> BTreeMap<StepName, String> {
    let entries = node.and_then(|node| node.entries(problems)).unwrap_or_default();
    let mut conditions = BTreeMap::new();
    for (name, _, node) in entries {
        let condition = condition_of(node, problems);
        conditions.extend(condition.map(|text| (StepName::from(name.as_str()), text)));
    }
    conditions
}

fn condition_of(node: &Node, problems: &mut Problems) -> Option<String> {
    let text = node.text(problems)?;
    match condition::check(&text) {
        Ok(()) => Some(text),
        Err(why) => {
            problems.add_with_hint(
                &node.place,
                Said::new(format!("条件として読めません: {}", why.ja), why.en),
                Said::new(
                    "例: `facts.free_mb < 500 && service == \"web\"`",
                    "for example `facts.free_mb < 500 && service == \"web\"`",
                ),
            );
            None
        }
    }
}

/// Whether everything that conditions speak of is there: facts, steps that capture them, steps that have a condition.
pub(crate) fn check(plan: &Plan, place: &Place, problems: &mut Problems) {
    for (name, output) in &plan.facts {
        if plan.step(&output.step).is_none_or(|step| step.capture.is_none()) {
            problems.add_with_hint(
                place,
                Said::new(
                    format!("`facts.{name}` を出す手順 `{}` が値を出力しません", output.step),
                    format!("`facts.{name}`: the step `{}` captures nothing", output.step),
                ),
                Said::new(
                    "その手順のコードブロックに `capture=kv` を付けてください",
                    "add `capture=kv` to the fence of that step",
                ),
            );
        }
    }
    for name in plan.conditions.keys() {
        if plan.step(name).is_none_or(|step| step.role > Role::Respond) {
            problems.add(
                place,
                Said::new(
                    format!("`if` の `{name}` という診断・証拠・対応の手順はありません"),
                    format!("`if`: there is no step `{name}` that diagnoses, keeps or responds"),
                ),
            );
        }
    }
    for condition in plan.guards.iter().chain(plan.conditions.values()) {
        for name in named(condition) {
            if !plan.facts.contains_key(name) {
                problems.add(
                    place,
                    Said::new(
                        format!("`{condition}`: `facts.{name}` は宣言されていません"),
                        format!("`{condition}`: `facts.{name}` is not declared"),
                    ),
                );
            }
        }
    }
}

/// The facts that a condition names.
fn named(condition: &str) -> impl Iterator<Item = &str> {
    condition.split("facts.").skip(1).map(|rest| {
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        &rest[..end.unwrap_or(rest.len())]
    })
}
