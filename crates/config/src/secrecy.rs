//! `secrets:`: whether every secret that is named is declared, and who watches that no glass is broken unseen.

use domain::plan::Plan;
use probes::ProbeSpec;
use secrets::Declarations;
use source::{Node, Place, Problems, Secret, Shape};

/// hikeshi itself, as the subject of alerts of its own.
const HIKESHI: &str = "hikeshi";
/// The kind of probe that watches.
const WATCH: &str = "break_glass";

/// Reports every name that is not declared: of `used`, and of the steps of runbooks.
pub(crate) fn check(
    declared: &Declarations,
    used: impl IntoIterator<Item = Secret>,
    plans: &[Plan],
    problems: &mut Problems,
) {
    let of_steps = plans.iter().flat_map(|plan| {
        let steps = plan.steps.iter();
        steps.flat_map(|step| {
            let place = Place { file: plan.file.as_str().into(), line: step.line };
            let names = step.secrets.iter().cloned();
            names.map(move |name| Secret::Named { name, place: place.clone() })
        })
    });
    for secret in used.into_iter().chain(of_steps) {
        secret.check(declared.keys().map(String::as_str), problems);
    }
}

/// Where a glass can be broken, a probe looks whether one was, unless there is one already.
pub(crate) fn watch(
    declared: &Declarations,
    probes: &mut Vec<ProbeSpec>,
    place: &Place,
    problems: &mut Problems,
) {
    let can_break = declared.values().any(|one| one.break_glass.is_some());
    if !can_break || probes.iter().any(|spec| spec.kind.name == WATCH) {
        return;
    }
    let scalar = |text: &str| Node::made_up(place.clone(), Shape::Scalar(text.into()));
    let entry = |key: &str, value: &str| (key.to_owned(), place.clone(), scalar(value));
    let entries = vec![entry("kind", WATCH), entry("service", HIKESHI), entry("every", "5s")];
    let node = Node::made_up(place.clone(), Shape::Map(entries));
    probes.extend(ProbeSpec::parse(format!("{HIKESHI}/{WATCH}"), &node, problems));
}
