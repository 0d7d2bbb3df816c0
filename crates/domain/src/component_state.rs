//! How the components of the status page are, judged from what is open and what is seen right now (A49). What was not
//! measured, or not lately, is unknown: no state here is good because nothing bad was heard.

use crate::{
    alert::Alert,
    ids::{AlertKey, ServiceName},
    maintenance,
    policy::{Feed, Policy},
    rule::Symptom,
    severity::{Level, Priority},
    silence::{Kind, Silence},
    status_page::{Component, ComponentState, StatusPage},
    watch::Health,
    world::World,
};

/// How a component is, and whether it is unknown for want of fresh looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition {
    /// How it is.
    pub state: ComponentState,
    /// It is unknown because its looks are too old, or have not come yet.
    pub is_stale: bool,
}

/// What trouble means for customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// It works, and worse than usual.
    Degraded,
    /// It does not work.
    Out,
}

/// How a service is, for customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Good,
    /// Announced work.
    Maintained,
    /// Nobody looks at it.
    Unwatched,
    /// The last look was bad, and it is not established that it is so.
    Unproved,
    /// The looks are too old, or have not come yet.
    Stale,
    Bad(Trouble),
}

impl Look {
    fn trouble(self) -> Option<Trouble> {
        match self {
            Self::Bad(trouble) => Some(trouble),
            _ => None,
        }
    }
}

/// The components of a page, in its order.
pub fn conditions(world: &World<'_>, page: &StatusPage) -> Vec<Condition> {
    page.components.iter().map(|component| condition(world, component)).collect()
}

/// What an alert means for the customers of its service; none: they notice nothing, or it is not about them. A full disk
/// hurts nobody before something stops working, and that has an alert of its own.
pub fn trouble(symptom: Symptom, level: Level, priority: Option<Priority>) -> Option<Trouble> {
    let found = match symptom {
        _ if level == Level::Info => return None,
        Symptom::ServiceDown | Symptom::DatabaseUnreachable | Symptom::FunctionFailed => {
            Trouble::Out
        }
        Symptom::ErrorRate | Symptom::Latency | Symptom::Integrity | Symptom::DataLoss => {
            Trouble::Degraded
        }
        Symptom::Other if level == Level::Critical => Trouble::Degraded,
        _ => return None,
    };
    // What alone means that everything is down is no slowness.
    Some(if priority == Some(Priority::P0) { Trouble::Out } else { found })
}

/// The trouble of a group: what all of its members have. As long as one of them serves, customers notice nothing.
pub fn of_members(members: impl IntoIterator<Item = Option<Trouble>>) -> Option<Trouble> {
    members.into_iter().min().flatten()
}

/// The state of a component, from the trouble of each of its services.
pub fn of_trouble(services: &[Option<Trouble>]) -> Option<ComponentState> {
    let out = services.iter().filter(|one| **one == Some(Trouble::Out)).count();
    match out {
        0 => services.iter().any(Option::is_some).then_some(ComponentState::Degraded),
        out if out == services.len() => Some(ComponentState::MajorOutage),
        _ => Some(ComponentState::PartialOutage),
    }
}

/// The services of a component of which nothing measures whether they work: it is unknown for good because of them.
pub fn unmeasured<'a>(policy: &Policy, component: &'a Component) -> Vec<&'a ServiceName> {
    let services = component.services.iter();
    services.filter(|name| !is_measured(policy, name)).collect()
}

fn is_measured(policy: &Policy, name: &ServiceName) -> bool {
    policy.probes.values().any(|feed| says_whether_it_works(policy, feed, name))
        || policy.graph.members(name).any(|member| is_measured(policy, &member.name))
}

fn says_whether_it_works(policy: &Policy, feed: &Feed, name: &ServiceName) -> bool {
    let of = |rule| policy.rules.get(rule).is_some_and(|rule| is_judged(rule.symptom));
    feed.service == *name && feed.rules.iter().any(of)
}

fn condition(world: &World<'_>, component: &Component) -> Condition {
    let looks: Vec<_> = component.services.iter().map(|name| service(world, name)).collect();
    let troubles: Vec<_> = looks.iter().map(|look| look.trouble()).collect();
    let is_any = |one: Look| looks.contains(&one);
    let state = of_trouble(&troubles).unwrap_or_else(|| {
        if [Look::Stale, Look::Unproved, Look::Unwatched].into_iter().any(is_any)
            || looks.is_empty()
        {
            ComponentState::Unknown
        } else if is_any(Look::Maintained) {
            ComponentState::Maintenance
        } else {
            ComponentState::Operational
        }
    });
    Condition { state, is_stale: state == ComponentState::Unknown && is_any(Look::Stale) }
}

fn service(world: &World<'_>, name: &ServiceName) -> Look {
    let own = alone(world, name);
    let members: Vec<_> =
        world.policy.graph.members(name).map(|member| service(world, &member.name)).collect();
    if members.is_empty() || matches!(own, Look::Bad(_) | Look::Maintained) {
        return own;
    }
    if let Some(trouble) = of_members(members.iter().map(|look| look.trouble())) {
        return Look::Bad(trouble);
    }
    // Where nothing looks at the group itself, it serves as long as one of its members does.
    let of_members = [Look::Good, Look::Stale, Look::Unproved, Look::Maintained];
    match own {
        Look::Unwatched => {
            let found = of_members.into_iter().find(|look| members.contains(look));
            found.unwrap_or(Look::Unwatched)
        }
        own => own,
    }
}

/// A service without a look at its members.
fn alone(world: &World<'_>, name: &ServiceName) -> Look {
    let (state, graph) = (world.state, &world.policy.graph);
    let announced = |silence: &&Silence| silence.announced.is_some();
    let is_named = |silence: &Silence| match &silence.kind {
        Kind::Maintenance(services) => {
            services.iter().any(|one| one == name || one == graph.unit(name))
        }
        Kind::Plain | Kind::Recurring(_) => false,
    };
    let windows: Vec<_> = state.silences.active().filter(announced).collect();
    if windows.iter().any(|silence| is_named(silence)) {
        return Look::Maintained;
    }
    let alerts = state.alerts.values().filter(|alert| alert.fired.key.service == *name);
    let mut worst = of_people(world, name);
    let mut is_explained = false;
    for alert in alerts {
        let Some(found) = of_alert(alert) else { continue };
        if windows.iter().any(|silence| maintenance::explains(graph, &silence.kind, name)) {
            is_explained = true;
        } else if !world.quiet.is_quiet(state, &alert.fired.key) {
            worst = worst.max(Some(found));
        }
    }
    match worst {
        Some(trouble) => Look::Bad(trouble),
        None if is_explained => Look::Maintained,
        None => measured(world, name),
    }
}

fn of_alert(alert: &Alert) -> Option<Trouble> {
    trouble(alert.fired.symptom, alert.fired.level, alert.fired.priority)
}

/// What people say is wrong with a service: nothing measures it, or not in the way that customers see it.
fn of_people(world: &World<'_>, name: &ServiceName) -> Option<Trouble> {
    let told = world.state.burning().filter(|one| one.is_by_hand() && one.cause == *name);
    told.filter_map(|incident| of_person(incident.priority())).max()
}

/// The trouble that a person means with a priority.
pub fn of_person(priority: Priority) -> Option<Trouble> {
    match priority {
        Priority::P0 => Some(Trouble::Out),
        Priority::P1 => Some(Trouble::Degraded),
        Priority::P2 | Priority::P3 => None,
    }
}

/// What the looks say, when no alert says that it is bad.
fn measured(world: &World<'_>, name: &ServiceName) -> Look {
    let (policy, watch) = (world.policy, world.watch);
    let mut look = Look::Unwatched;
    for (probe, feed) in &policy.probes {
        if !says_whether_it_works(policy, feed, name) {
            continue;
        }
        let is_fresh = |seen| world.now.duration_since(seen) <= feed.no_data_after;
        if !watch.has_heard(probe) || !is_fresh(watch.heard_at(probe)) {
            return Look::Stale;
        }
        for rule in feed.rules.iter().filter_map(|rule| policy.rules.get(rule)) {
            if !is_judged(rule.symptom) {
                continue;
            }
            let key = AlertKey { rule: rule.name.clone(), service: name.clone() };
            match watch.rule_health(&key) {
                Health::Bad => return Look::Unproved,
                Health::Good { seen, .. } if is_fresh(seen) => look = Look::Good,
                Health::Good { .. } => return Look::Stale,
                Health::Unknown => {}
            }
        }
        if look == Look::Unwatched {
            // It was looked at, and nothing that it brought says whether the service works.
            return Look::Stale;
        }
    }
    look
}

/// Whether a rule of this kind says that a service works when it is good.
fn is_judged(symptom: Symptom) -> bool {
    symptom.is_outage() || symptom == Symptom::FunctionFailed
}
