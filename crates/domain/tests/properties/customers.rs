//! What customers see in every story (A49): good is only what was lately measured good, and nothing that fires is good.

use crate::support::{
    shop::{self, SIGHTS},
    story::{Act, story},
    town::Town,
};
use domain::{
    component_state::{self, Condition},
    policy::Policy,
    said::Said,
    status_page::{Component, ComponentState, StatusPage},
};
use jiff::Timestamp;
use proptest::prelude::*;

/// Every service of the shop that has a probe which says whether it works, as a component of its own; and the group.
const SHOWN: [(&str, &[&str]); 4] =
    [("db", &["db"]), ("api", &["api-1", "api-2"]), ("front", &["front"]), ("price", &["price"])];

fn policy() -> Policy {
    let component = |(name, _): (&str, &[&str])| Component {
        key: name.into(),
        name: Said::same(name),
        group: None,
        services: vec![name.into()],
    };
    let components = SHOWN.into_iter().map(component).collect();
    let page = StatusPage { title: Said::same("Shop"), languages: Vec::new(), components };
    Policy { status_page: Some(page), ..shop::policy() }
}

fn shown(town: &Town) -> Vec<Condition> {
    let page = town.policy.status_page.as_ref().expect("there is one");
    component_state::conditions(&town.world(), page)
}

/// A time in which a probe would have seen this, had it looked.
struct Stretch {
    from: Timestamp,
    to: Timestamp,
    sees: [Option<f64>; SIGHTS.len()],
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever fails, heals, falls silent, is silenced or killed: where a component is shown as good, each service behind it
    /// could be seen good within the time after which its probe counts as silent, and since hikeshi started; of a group, one.
    #[test]
    fn good_is_only_what_was_lately_measured(acts in story(40)) {
        let mut town = Town::under(policy());
        let (mut stretches, mut started): (Vec<Stretch>, _) = (Vec::new(), town.now);
        for act in &acts {
            let (from, before) = (town.now, town.sees);
            act.play(&mut town);
            if matches!(act, Act::Crash) {
                started = town.now;
                let conditions = shown(&town);
                let is_any_good = conditions.iter().any(|one| one.state == ComponentState::Operational);
                prop_assert!(!is_any_good, "nothing was seen since the start: {:?}", conditions);
            }
            // Repairs change what is seen in the middle of it; nothing else does.
            stretches.extend([before, town.sees].map(|sees| Stretch { from, to: town.now, sees }));
            for ((name, services), now) in SHOWN.iter().zip(shown(&town)) {
                if now.state != ComponentState::Operational {
                    prop_assert!(!now.is_stale || now.state == ComponentState::Unknown);
                    continue;
                }
                let is_seen_good = |service: &&str| {
                    let probe = SIGHTS.iter().position(|sight| sight.service == *service);
                    let probe = probe.expect("a probe");
                    let silent_after = town.policy.probes[SIGHTS[probe].probe].no_data_after;
                    let since = started.max(town.now - silent_after);
                    let mut lately = stretches.iter().filter(|one| one.to >= since && one.from <= town.now);
                    lately.any(|one| one.sees[probe] == Some(SIGHTS[probe].good))
                };
                prop_assert!(services.iter().any(is_seen_good), "{} after {:?}", name, act);
                let fires = |service: &&str| town.state.alerts.values().any(|alert| {
                    alert.fired.key.service.as_str() == *service
                        && component_state::trouble(alert.fired.symptom, alert.fired.level, alert.fired.priority).is_some()
                        && !town.is_quiet(&alert.fired.key)
                });
                prop_assert!(!services.iter().all(fires), "{} burns after {:?}", name, act);
            }
        }
    }
}
