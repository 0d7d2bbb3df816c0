//! What a step gets: the typed values that it names, and nothing else.

use crate::{shell, types};
use domain::{
    graph::Service,
    plan::{Body, Parameter, Plan, Step},
    said::Said,
    values::Values,
};
use std::collections::{BTreeMap, BTreeSet};

/// The environment of a step: every `HK_` variable that it names, with the canonical print of its value.
///
/// `HK_SERVICE` is the target; `given` are values from the labels of the alert; the attributes of the service are there by their upper-case names
/// (`health_url` is `HK_HEALTH_URL`), then come the parameters of the plan. A duration also gives
/// `…_SECONDS`, an address `…_VERSION`.
///
/// # Errors
/// A name that nobody declares, or a value that is not of its type. Nothing may run then.
pub fn environment(
    plan: &Plan,
    step: &Step,
    service: &Service,
    given: &BTreeMap<String, Parameter>,
) -> Result<BTreeMap<String, String>, Said> {
    let values = Values { plan, target: &service.name, service: Some(service), given };
    names(step).into_iter().map(|name| Ok((name.clone(), value(&name, step, values)?))).collect()
}

/// The `HK_` names that a step uses.
pub fn names(step: &Step) -> BTreeSet<String> {
    places(step).into_iter().map(|(_, name)| name).collect()
}

/// The variable that says where a step reads a secret: `HK_SECRET_DB_PASSWORD` for `db-password`.
pub fn secret_variable(name: &str) -> String {
    format!("{SECRET}{}", name.to_uppercase().replace('-', "_"))
}

/// How the variables of secrets begin.
pub(crate) const SECRET: &str = "HK_SECRET_";

/// The `HK_` names that a step uses, each with its line in the file, without those of the secrets that it gets.
pub fn places(step: &Step) -> Vec<(u32, String)> {
    let handed: Vec<_> = step.secrets.iter().map(|name| secret_variable(name)).collect();
    all_places(step).into_iter().filter(|(_, name)| !handed.contains(name)).collect()
}

fn all_places(step: &Step) -> Vec<(u32, String)> {
    match &step.body {
        Body::Shell(text) => shell::uses(text)
            .into_iter()
            .map(|found| (step.line + 1 + found.line, found.name))
            .collect(),
        Body::Action { arguments, .. } => arguments
            .values()
            .filter_map(|value| Some((step.line, value.strip_prefix('$')?.to_owned())))
            .collect(),
    }
}

/// Whether a plan or a service declares a name.
pub fn is_declared(name: &str, plan: &Plan, service: &Service) -> bool {
    let given = BTreeMap::new();
    let values = Values { plan, target: &service.name, service: Some(service), given: &given };
    let known = |name: &str| {
        let kind = values.find(name).map(|parameter| parameter.kind);
        kind.or_else(|| plan.inputs.get(name).map(|input| input.kind.clone()))
    };
    let derived = name.rsplit_once('_').and_then(|(base, suffix)| Some((known(base)?, suffix)));
    known(name).is_some() || derived.is_some_and(|(kind, suffix)| types::derives(&kind, suffix))
}

fn value(name: &str, step: &Step, values: Values<'_>) -> Result<String, Said> {
    let found = values.find(name);
    if let (None, Some((.., made))) = (&found, values.derived(name)) {
        return Ok(made);
    }
    let parameter = found.ok_or_else(|| {
        let attribute = name.trim_start_matches("HK_").to_lowercase();
        let service = values.target;
        Said::new(
            format!("手順 `{}` が使う `{name}` の値がありません。サービス `{}` に `{attribute}:` を書いてください", step.name, service),
            format!("step `{}` needs `{name}`, which has no value; add `{attribute}:` to the service `{}`", step.name, service),
        )
    })?;
    // Whoever made the parameter: what goes into an environment is typed here, once more.
    match types::parse(&parameter.kind, &parameter.value) {
        Ok(typed) if typed.value == parameter.value => Ok(typed.value),
        Ok(_) => Err(Said::new(
            format!("`{name}` の値が正規の形ではありません"),
            format!("the value of `{name}` is not in its canonical form"),
        )),
        Err(why) => {
            Err(Said::new(format!("`{name}`: {}", why.ja), format!("`{name}`: {}", why.en)))
        }
    }
}
