//! Heartbeats: signs of life come in, those that do not come are missed, and both make and end alerts like all others.

use crate::{
    advance_incidents,
    agenda::Agenda,
    alert::{self, Now},
    command::Refusal,
    fact::{AlertFired, Fact},
    firing,
    heartbeat::{Heartbeat, HeartbeatHeard, HeartbeatPolicy, PingKind, failed_key, missed_key},
    ids::{AlertKey, HeartbeatName},
    labels::Labels,
    matcher,
    outside_text::{cut, line},
    rule::Symptom,
    said::{Language, Said},
    template,
    world::World,
};
use jiff::Timestamp;

/// Characters of what a job says that are kept.
const DETAIL_CHARS: usize = 2000;
/// Characters of it in an alert.
const OBSERVED_CHARS: usize = 200;
/// Characters of the name of a run.
const RUN_CHARS: usize = 100;
/// A watchdog that is heard again sooner than this part of its grace says nothing new (house choice 2).
const AGAIN: i32 = 4;

/// A sign of life, as its sender gives it.
///
/// # Errors
/// No heartbeat has this name.
pub fn ping(
    world: &World<'_>,
    name: &HeartbeatName,
    kind: PingKind,
    run: Option<&str>,
    detail: &str,
) -> Result<Vec<Fact>, Refusal> {
    let Some(policy) = world.policy.heartbeats.get(name) else {
        let name = line(name.as_str(), RUN_CHARS);
        return Err(Refusal::not_found(
            format!("ハートビート {name} は設定にありません"),
            format!("heartbeat {name} is not in the configuration"),
        ));
    };
    let due_at = match kind {
        PingKind::Start => Some(world.after(policy.grace)),
        kind if kind.is_success() => Some(world.after(policy.patience())),
        _ => None,
    };
    let heard = HeartbeatHeard {
        name: name.clone(),
        kind,
        run: run.map(|run| line(run, RUN_CHARS)),
        detail: cut(detail.trim(), DETAIL_CHARS),
        due_at,
    };
    let mut facts = expected_first(world, name, policy);
    facts.push(Fact::HeartbeatHeard(Box::new(heard)));
    Ok(facts)
}

/// The heartbeat whose watchdog a signal is.
pub fn watched<'a>(world: &World<'a>, labels: &Labels) -> Option<&'a HeartbeatName> {
    let is_it = |policy: &HeartbeatPolicy| {
        !policy.watchdog.is_empty() && matcher::all(&policy.watchdog, labels)
    };
    world.policy.heartbeats.iter().find(|(_, policy)| is_it(policy)).map(|(name, _)| name)
}

/// A watchdog barks: that is a success, written down where it says something new.
pub fn bark(world: &World<'_>, name: &HeartbeatName) -> Vec<Fact> {
    let known = world.policy.heartbeats.get(name).zip(world.state.heartbeats.get(name));
    let is_fresh = known.is_some_and(|(policy, kept)| {
        let is_well = kept.missed.is_none() && kept.failed.is_none() && !kept.is_put_off;
        let since = |at| world.now.duration_since(at);
        is_well && kept.succeeded_at.is_some_and(|at| since(at) * AGAIN < policy.grace)
    });
    if is_fresh {
        return Vec::new();
    }
    ping(world, name, PingKind::Success, None, "").unwrap_or_default()
}

/// A start: what should have come while hikeshi was away is nobody's fault, so time counts anew. Only once between two
/// successes, and where hikeshi was away when one was due: else one that starts every day would never miss anything.
pub fn put_off(world: &World<'_>) -> Vec<Fact> {
    let facts = world.state.heartbeats.iter().filter_map(|(name, kept)| {
        let policy = world.policy.heartbeats.get(name)?;
        let late_at = kept.late_at()?;
        let is_late = late_at <= world.now;
        let counts_on = kept.is_put_off && kept.due_at > world.now;
        if counts_on && kept.runs.is_empty() && !is_late {
            return None;
        }
        let due_at = if counts_on { kept.due_at } else { world.after(policy.patience()) };
        let service = kept.service.clone();
        Some(Fact::HeartbeatExpected { name: name.clone(), service, due_at })
    });
    facts.collect()
}

/// The next move of the first heartbeat that has one.
pub fn progress(world: &World<'_>, agenda: &mut Agenda) -> Vec<Fact> {
    if agenda.is_timed {
        return Vec::new();
    }
    let moved = world.policy.heartbeats.iter().map(|(name, policy)| {
        match world.state.heartbeats.get(name) {
            Some(kept) if kept.service == policy.service => step(world, name, policy, kept),
            Some(kept) => forget(world, name, kept),
            None => expected_first(world, name, policy),
        }
    });
    let gone = world.state.heartbeats.iter();
    let gone = gone.filter(|(name, _)| !world.policy.heartbeats.contains_key(*name));
    let forgotten = gone.map(|(name, kept)| forget(world, name, kept));
    moved.chain(forgotten).find(|facts| !facts.is_empty()).unwrap_or_default()
}

/// When the next one is late.
pub fn next_at(world: &World<'_>) -> Option<Timestamp> {
    world.state.heartbeats.values().filter_map(Heartbeat::late_at).min()
}

fn expected_first(world: &World<'_>, name: &HeartbeatName, policy: &HeartbeatPolicy) -> Vec<Fact> {
    let is_known = world.state.heartbeats.contains_key(name);
    (!is_known).then(|| expected(world, name, policy)).into_iter().collect()
}

fn expected(world: &World<'_>, name: &HeartbeatName, policy: &HeartbeatPolicy) -> Fact {
    let due_at = world.after(policy.patience());
    Fact::HeartbeatExpected { name: name.clone(), service: policy.service.clone(), due_at }
}

fn step(
    world: &World<'_>,
    name: &HeartbeatName,
    policy: &HeartbeatPolicy,
    kept: &Heartbeat,
) -> Vec<Fact> {
    if let Some(due_at) = kept.late_at().filter(|at| *at <= world.now) {
        return vec![Fact::HeartbeatMissed { name: name.clone(), due_at }];
    }
    // The team has become less patient, or the clock was set back.
    if kept.missed.is_none() && kept.due_at > world.after(policy.patience()) {
        return vec![expected(world, name, policy)];
    }
    let (missed, failed) = (missed_key(name, &kept.service), failed_key(name, &kept.service));
    let silent = kept.missed.map(|due_at| Trouble::silent(world, name, kept, due_at));
    let facts = follow(world, policy, &missed, silent);
    if !facts.is_empty() {
        return facts;
    }
    let broken = kept.failed.as_ref().map(|(at, why)| Trouble::broken(world, name, *at, why));
    follow(world, policy, &failed, broken)
}

/// Nobody expects it any more: its alerts end.
fn forget(world: &World<'_>, name: &HeartbeatName, kept: &Heartbeat) -> Vec<Fact> {
    let keys = [missed_key(name, &kept.service), failed_key(name, &kept.service)];
    let firing = keys.iter().filter_map(|key| world.state.alerts.get(key));
    let ended = firing.flat_map(|alert| {
        let resolved = Fact::AlertResolved {
            key: alert.fired.key.clone(),
            id: alert.fired.id,
            observed: alert.fired.observed.clone(),
            owes_word: false,
        };
        firing::with_parting(world, alert, vec![resolved])
    });
    ended.chain([Fact::HeartbeatForgotten { name: name.clone() }]).collect()
}

/// What is wrong with a job, in words.
struct Trouble {
    title: String,
    observed: Said,
    since: Timestamp,
}

impl Trouble {
    fn silent(
        world: &World<'_>,
        name: &HeartbeatName,
        kept: &Heartbeat,
        due_at: Timestamp,
    ) -> Self {
        let language = world.policy.language;
        let time = |at| template::time(at, &world.policy.zone);
        let last = match kept.succeeded_at {
            Some(at) => Said::same(time(at)),
            None => Said::new("なし", "none"),
        };
        let due = time(due_at);
        Self {
            title: format!("{}: {name}", language.pick("ハートビート途絶", "heartbeat missed")),
            observed: Said::new(
                format!("{due} までに成功の合図がありません (最後の成功: {})", last.ja),
                format!("no success until {due} (last success: {})", last.en),
            ),
            since: due_at,
        }
    }

    fn broken(world: &World<'_>, name: &HeartbeatName, since: Timestamp, why: &str) -> Self {
        let language = world.policy.language;
        let why = match line(why, OBSERVED_CHARS) {
            empty if empty.is_empty() => {
                Said::new("ジョブが失敗を通知", "the job says that it failed")
            }
            why => Said::same(why),
        };
        let title = format!("{}: {name}", language.pick("ジョブ失敗", "job failed"));
        Self { title, observed: why, since }
    }
}

/// The alert of a key fires as long as there is trouble.
fn follow(
    world: &World<'_>,
    policy: &HeartbeatPolicy,
    key: &AlertKey,
    trouble: Option<Trouble>,
) -> Vec<Fact> {
    match (world.state.alert_now(key), trouble) {
        (Now::Quiet | Now::Pending(_), Some(trouble)) => vec![fired(world, policy, key, trouble)],
        (Now::Firing(alert), Some(_)) if alert.is_steadying() => {
            vec![Fact::AlertUnsteady { key: key.clone() }]
        }
        (Now::Firing(alert), None)
            if !alert.is_steadying() && world.state.signals.group(key).is_none() =>
        {
            let (flap, firings) = (&world.policy.flap, world.state.firings.get(key));
            let observed = &Said::new("成功の合図を受信", "success heard");
            let facts = alert::end(flap, alert, firings, key, observed, world.now);
            let incident = alert.incident.and_then(|id| world.state.incidents.get(&id));
            let mut first = incident
                .map(|incident| advance_incidents::hurry(world, incident))
                .unwrap_or_default();
            first.extend(firing::with_parting(world, alert, facts));
            first
        }
        _ => Vec::new(),
    }
}

fn fired(world: &World<'_>, policy: &HeartbeatPolicy, key: &AlertKey, trouble: Trouble) -> Fact {
    let graph = &world.policy.graph;
    let of_service = || graph.get(&key.service).and_then(|service| service.owner.clone());
    let owner = policy.owner.clone().or_else(of_service).unwrap_or_else(|| "SRE".to_owned());
    Fact::AlertFired(Box::new(AlertFired {
        id: world.state.next_alert(),
        key: key.clone(),
        title: format!("{} ({})", trouble.title, graph.title(&key.service)),
        // It explains no other trouble: what needs a service works while its backup does not.
        symptom: Symptom::NoData,
        level: policy.level,
        priority: policy.priority,
        band: 0,
        condition: condition(policy, world.policy.language),
        observed: trouble.observed,
        occurred_at: trouble.since.min(world.now),
        owner,
        respond_by: world.after(firing::respond_within(policy.level)),
        runbook: firing::runbook_for(world, key),
        redundant: false,
        is_outside: false,
    }))
}

fn condition(policy: &HeartbeatPolicy, language: Language) -> String {
    let (period, grace) = (policy.period, policy.grace);
    language.pick(
        format!("{period:#} ごとの成功 (猶予 {grace:#})"),
        format!("a success every {period:#}, grace {grace:#}"),
    )
}
