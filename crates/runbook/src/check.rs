//! A plan against the services of the configuration: is every variable that its steps name declared?

use crate::{params, step::place};
use domain::{graph::Service, plan::Plan, said::Said};
use source::Problems;
use std::collections::BTreeSet;

/// Adds a problem for every `HK_` variable that neither the plan nor its service declares, for a service
/// that does not exist, and for a parameter that hides an attribute. A plan for any service may use what
/// at least one service has.
pub fn check<'a>(
    plan: &Plan,
    services: impl IntoIterator<Item = &'a Service>,
    problems: &mut Problems,
) {
    let services: Vec<&Service> = services.into_iter().collect();
    let candidates: Vec<&Service> = match &plan.service {
        None => services,
        Some(name) => services.into_iter().filter(|service| service.name == *name).collect(),
    };
    if let (Some(name), true) = (&plan.service, candidates.is_empty()) {
        problems.add_with_hint(
            &place(&plan.file, 1),
            Said::new(
                format!("サービス `{name}` は設定にありません"),
                format!("there is no service `{name}`"),
            ),
            Said::new(
                "設定の services にある名前を書いてください",
                "use a name from `services` in the configuration",
            ),
        );
        return;
    }
    for step in &plan.steps {
        for (line, name) in params::places(step) {
            if !candidates.iter().any(|service| params::is_declared(&name, plan, service)) {
                undeclared(plan, &candidates, line, &name, problems);
            }
        }
    }
    hidden(plan, &candidates, problems);
}

fn undeclared(plan: &Plan, services: &[&Service], line: u32, name: &str, problems: &mut Problems) {
    let attributes = services.iter().flat_map(|service| service.attributes.keys());
    let mut known: BTreeSet<String> =
        attributes.map(|key| format!("HK_{}", key.to_uppercase())).collect();
    known.extend(plan.parameters.keys().cloned());
    known.insert("HK_SERVICE".into());
    let near = known
        .iter()
        .min_by_key(|other| strsim::osa_distance(name, other))
        .cloned()
        .unwrap_or_default();
    let attribute = name.trim_start_matches("HK_").to_lowercase();
    let hint = if let Some(secret) = name.strip_prefix(params::SECRET) {
        let secret = secret.to_lowercase().replace('_', "-");
        Said::new(
            format!("コードブロックに `secrets={secret}` と書いてください"),
            format!("write `secrets={secret}` on the fence"),
        )
    } else if strsim::osa_distance(name, &near) <= 3 {
        Said::new(format!("`${near}` のことですか?"), format!("did you mean `${near}`?"))
    } else {
        Said::new(
            format!("サービスに `{attribute}:` を書くか、`params` で宣言してください"),
            format!("add `{attribute}:` to the service, or declare it under `params`"),
        )
    };
    problems.add_with_hint(
        &place(&plan.file, line),
        Said::new(format!("`${name}` は宣言されていません"), format!("`${name}` is not declared")),
        hint,
    );
}

fn hidden(plan: &Plan, services: &[&Service], problems: &mut Problems) {
    for name in plan.parameters.keys() {
        let is_attribute = |service: &&&Service| {
            service.attributes.keys().any(|key| format!("HK_{}", key.to_uppercase()) == *name)
        };
        if let Some(service) = services.iter().find(is_attribute) {
            let key = name.trim_start_matches("HK_").to_lowercase();
            problems.add_with_hint(
                &place(&plan.file, 1),
                Said::new(
                    format!("`params` の `{key}` はサービス `{}` の属性を隠します", service.name),
                    format!(
                        "`{key}` under `params` hides an attribute of the service `{}`",
                        service.name
                    ),
                ),
                Said::new("別の名前にしてください", "give it another name"),
            );
        }
    }
}
