//! Priority by impact (A2 to A14) with the rule and the numbers that decided (A23).

use crate::{
    alert::Alert,
    graph::{Graph, Kind},
    ids::ServiceName,
    rule::Symptom,
    said::Said,
    severity::Priority,
};

/// Priority, rule, numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The priority.
    pub priority: Priority,
    /// The rule that decided.
    pub rule: String,
    /// The numbers.
    pub observed: Said,
}

/// Decides the priority of an incident of `system` from the alerts that belong to it. The most urgent rule wins;
/// among equals the first in this order, which goes from what users feel to what machines say.
///
/// `works` says what the journeys of a function brought since the trouble began; none: nobody has looked since.
pub fn decide(
    graph: &Graph,
    system: &str,
    alerts: &[&Alert],
    works: &dyn Fn(&ServiceName) -> Option<bool>,
) -> Decision {
    let rules = [total_outage(graph, system, alerts), functions(graph, system, alerts, works)];
    let loudest = alerts.iter().filter_map(|alert| by_alert(alert));
    let worse = |a: Decision, b: Decision| if b.priority > a.priority { b } else { a };
    rules.into_iter().flatten().chain(loudest).reduce(worse).unwrap_or_else(|| Decision {
        priority: Priority::P3,
        rule: "no_impact_measured".into(),
        observed: alerts.first().map(|alert| alert.fired.observed.clone()).unwrap_or_default(),
    })
}

/// A2: every process of a system of more than one is down.
fn total_outage(graph: &Graph, system: &str, alerts: &[&Alert]) -> Option<Decision> {
    let serving: Vec<_> =
        graph.services().filter(|s| s.system == system && s.kind == Kind::Process).collect();
    let down = |name: &ServiceName| {
        alerts
            .iter()
            .any(|alert| alert.fired.key.service == *name && alert.fired.symptom.is_outage())
    };
    (serving.len() > 1 && serving.iter().all(|service| down(&service.name))).then(|| Decision {
        priority: Priority::P0,
        rule: "total_outage".into(),
        observed: Said::new(
            format!("{0} 台中 {0} 台が停止", serving.len()),
            format!("{0} of {0} services are down", serving.len()),
        ),
    })
}

/// A5, A6, A10: what users come for. All main functions dead: P0; one of them: P1; another function: P2.
/// A function is dead when its journeys have failed for long enough, or when something that it needs is out and its
/// journey has failed since: a database that only some functions need leaves the others alive (C4).
fn functions(
    graph: &Graph,
    system: &str,
    alerts: &[&Alert],
    works: &dyn Fn(&ServiceName) -> Option<bool>,
) -> Option<Decision> {
    let is_out = |alert: &&&Alert| alert.fired.symptom.is_outage() && !alert.fired.redundant;
    let out: Vec<_> =
        alerts.iter().filter(is_out).map(|alert| graph.unit(&alert.fired.key.service)).collect();
    let has_failed = |name: &ServiceName| {
        alerts.iter().any(|alert| {
            alert.fired.key.service == *name && alert.fired.symptom == Symptom::FunctionFailed
        })
    };
    let is_cut_off = |name: &ServiceName| out.iter().any(|unit| graph.needs(name, unit));
    let is_dead =
        |name: &ServiceName| has_failed(name) || (is_cut_off(name) && works(name) == Some(false));
    let of_kind = |core: bool| {
        graph.services().filter(move |s| s.system == system && s.kind == Kind::Function { core })
    };
    let dead_of = |core: bool| {
        of_kind(core).filter(|s| is_dead(&s.name)).map(|s| s.title.as_str()).collect::<Vec<_>>()
    };
    let (main, minor) = (dead_of(true), dead_of(false));
    let decision = |priority, rule: &str, titles: &[&str], all: usize| Decision {
        priority,
        rule: rule.into(),
        observed: Said::same(format!("{}/{all}: {}", titles.len(), titles.join(", "))),
    };
    let all = of_kind(true).count();
    if !main.is_empty() && main.len() == all {
        Some(decision(Priority::P0, "core_journey_dead", &main, all))
    } else if !main.is_empty() {
        Some(decision(Priority::P1, "main_function_dead", &main, all))
    } else if !minor.is_empty() {
        Some(decision(Priority::P2, "function_dead", &minor, of_kind(false).count()))
    } else {
        None
    }
}

/// A7 to A13: what one alert means by itself.
fn by_alert(alert: &Alert) -> Option<Decision> {
    if alert.fired.symptom == Symptom::FunctionFailed {
        return None;
    }
    Some(Decision {
        priority: alert.fired.priority?,
        rule: alert.fired.key.to_string(),
        observed: alert.seen(),
    })
}
