//! The decision on a priority with its deadlines: of every clock the strictest of all sources, each named (section D, C3).

use crate::{
    alert::Alert,
    calendar::Within,
    classify::Decision,
    clock::{self, Clock, Limit, Origin},
    fact::Classification,
    firing,
    incident::Incident,
    said::Said,
    severity::Priority,
    world::World,
};
use jiff::{SignedDuration, Timestamp};

/// Alerts of an incident whose limits are listed, the strictest: a storm has thousands.
const NAMED: usize = 20;
/// The time in which a digest must have been delivered.
const DIGEST_GRACE: SignedDuration = SignedDuration::from_hours(1);

/// The classification of an incident that is decided now; none: one that begins now.
///
/// What becomes more urgent keeps what was promised before, and its new limits begin now; what becomes less urgent gets the
/// limits that it would have had from the start. An update that was promised comes then, or earlier.
pub fn classification(
    world: &World<'_>,
    decision: Decision,
    incident: Option<&Incident>,
    reason: Option<String>,
) -> Classification {
    let former = incident.and_then(|incident| incident.classification.as_ref());
    let detected = incident.map_or(world.now, |incident| incident.times.detected);
    let mut limits = match former {
        Some(former) if former.priority == decision.priority => former.limits.clone(),
        Some(former) if former.priority < decision.priority => {
            let mut limits = former.limits.clone();
            limits.extend(of_priority(world, &decision, world.now));
            limits
        }
        _ => of_priority(world, &decision, detected),
    };
    let alerts = incident.map(|incident| world.state.alerts_of(incident)).unwrap_or_default();
    let mut own: Vec<_> = alerts.iter().map(|alert| of_alert(world, alert)).collect();
    own.sort_by_key(|limit| limit.due_at);
    own.truncate(NAMED);
    limits.extend(own);
    limits.sort_by(|a, b| {
        (a.clock, a.due_at, a.from, &a.what).cmp(&(b.clock, b.due_at, b.from, &b.what))
    });
    limits.dedup();
    let respond: Vec<_> = limits.iter().filter(|limit| limit.clock == Clock::Respond).collect();
    let update = world.policy.routes.get(&decision.priority).and_then(|route| route.update_every);
    let first = respond.first();
    let classification = Classification {
        priority: decision.priority,
        rule: decision.rule,
        observed: decision.observed,
        reason,
        // Every policy has a limit for the start of response.
        respond_by: first.map_or(Timestamp::MAX, |limit| limit.due_at),
        respond_minutes: first.map_or(u64::MAX, |limit| limit.minutes),
        deadline_sources: respond
            .iter()
            .map(|limit| format!("{}: {} ({})", limit.source().en, limit.within.en, limit.due_at))
            .collect(),
        next_update_at: update.map(|every| world.after(every)),
        limits,
    };
    classification.keeping(incident.and_then(|incident| incident.next_update_at))
}

/// What the policy says of a priority, from a time on.
fn of_priority(world: &World<'_>, decision: &Decision, from: Timestamp) -> Vec<Limit> {
    let policy = world.policy;
    let mut limits = Vec::new();
    if decision.priority == Priority::P3 {
        limits.extend(of_digest(world, from));
    }
    for clock in Clock::ALL {
        let allowed = policy.clocks.limits.get(&(clock, decision.priority));
        limits.extend(allowed.into_iter().flatten().map(|allowed| {
            let due_at = allowed.within.after(policy.business.as_deref(), &policy.zone, from);
            Limit {
                clock,
                from: allowed.from,
                what: allowed.what.clone(),
                within: clock::words(allowed.within),
                minutes: minutes(allowed.within, from, due_at),
                due_at,
            }
        }));
    }
    limits
}

/// C30: a P3 is told in the next daily digest, which has an hour to get there.
fn of_digest(world: &World<'_>, from: Timestamp) -> Option<Limit> {
    let digest = world.policy.digest.as_ref()?;
    let next = digest.next(world.policy.business.as_deref(), None, from)?;
    let due_at = next.saturating_add(DIGEST_GRACE).unwrap_or(next);
    Some(Limit {
        clock: Clock::FirstNotice,
        from: Origin::DocumentA,
        what: "P3".to_owned(),
        within: Said::new("日次レポート", "the daily digest"),
        minutes: u64::try_from(due_at.duration_since(from).as_mins()).unwrap_or(0),
        due_at,
    })
}

/// What an alert says of itself: document B's table, or the team's own rule.
fn of_alert(world: &World<'_>, alert: &Alert) -> Limit {
    let fired = &alert.fired;
    let (from, within) = firing::deadline_of(world, alert);
    // What has become worse since it fired may leave less time from now on.
    let policy = world.policy;
    let latest = within.after(policy.business.as_deref(), &policy.zone, world.now);
    let due_at = fired.respond_by.min(latest);
    Limit {
        clock: Clock::Respond,
        from,
        what: fired.key.to_string(),
        within: clock::words(within),
        minutes: minutes(within, alert.detected_at, due_at),
        due_at,
    }
}

fn minutes(within: Within, from: Timestamp, due_at: Timestamp) -> u64 {
    let time = match within {
        Within::Time(time) => time,
        Within::Business(_) => due_at.duration_since(from),
    };
    u64::try_from(time.as_mins()).unwrap_or(0)
}
