//! The recovery checklist (A35 to A39): an incident is not recovered until every box was measured good for long enough.

use crate::{
    fact::CheckResult,
    ids::{AlertKey, ServiceName},
    policy::{CheckBox, Policy},
    said::Said,
    watch::{Health, Watch},
};
use jiff::Timestamp;

/// What one box says now, and what was seen.
pub fn check(
    policy: &Policy,
    watch: &Watch,
    the_box: &CheckBox,
    after: Timestamp,
) -> (CheckResult, Said) {
    let mut watched = 0;
    let mut open = None;
    for (rule, service) in pairs(policy, the_box) {
        let key = AlertKey { rule: rule.into(), service };
        match watch.rule_health(&key) {
            Health::Unknown => {}
            Health::Bad => return (CheckResult::Fail, Said::same(key.to_string())),
            Health::Good { since, seen } => {
                watched += 1;
                // What is not looked at any more is not good any longer than it was seen.
                let steady = seen.duration_since(since.max(after)) >= the_box.hold;
                if seen < after || !steady {
                    open.get_or_insert(key);
                }
            }
        }
    }
    match (watched, open) {
        (0, _) => {
            (CheckResult::Unknown, Said::new("まだ測定されていません", "nothing measured it yet"))
        }
        (_, Some(key)) => {
            let ja = format!("{key}: 良好な状態がまだ十分に続いていません");
            (CheckResult::Unknown, Said::new(ja, format!("{key}: not good for long enough")))
        }
        (watched, None) => {
            let ja = format!("{watched} 件の測定が良好");
            (CheckResult::Pass, Said::new(ja, format!("{watched} measured good")))
        }
    }
}

/// When a box that only waits for its time could pass.
pub fn earliest(the_box: &CheckBox, after: Timestamp) -> Timestamp {
    after.saturating_add(the_box.hold).unwrap_or(Timestamp::MAX)
}

fn pairs<'a>(
    policy: &'a Policy,
    the_box: &'a CheckBox,
) -> impl Iterator<Item = (&'a str, ServiceName)> {
    let with_members = |service: &ServiceName| {
        let members = policy.graph.members(service).map(|member| member.name.clone());
        members.chain([service.clone()]).collect::<Vec<_>>()
    };
    let services: Vec<_> = the_box.services.iter().flat_map(with_members).collect();
    the_box.rules.iter().flat_map(move |rule| {
        services.clone().into_iter().map(move |service| (rule.as_str(), service))
    })
}
