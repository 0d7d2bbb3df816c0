//! Readiness: what would fail at 3 a.m. and can be known by day — people who cannot be reached, an emergency that wakes
//! nobody, runbooks that nobody has reviewed, quiet that somebody forgot.

use crate::{
    component_state, contacts, coverage,
    finding::{Finding, Grade},
    graph::Kind,
    ids::ContactName,
    plan::Mode,
    policy::{Contact, Policy},
    readiness_contacts,
    schedule::Overrides,
    severity::Priority,
    state::State,
    status_page::Component,
};
use jiff::{SignedDuration, Timestamp, civil::Date};
use std::collections::BTreeSet;

/// A runbook that was not reviewed for so long no longer says what the system is.
const REVIEW_EVERY: SignedDuration = SignedDuration::from_hours(183 * 24);
/// Quiet that lasts so long was forgotten.
const LONG_QUIET: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A token whose end is so near should have its successor.
const TOKEN_ENDS_SOON: SignedDuration = SignedDuration::from_hours(14 * 24);
/// Automation that is off for so long was forgotten.
const LONG_STOP: SignedDuration = SignedDuration::from_hours(24);

/// What the configuration and the overrides of its schedules tell, worst first.
pub fn of_policy(policy: &Policy, overrides: &Overrides, now: Timestamp) -> Vec<Finding> {
    let mut found = Vec::new();
    let chain = contacts::chain(policy, overrides, now);
    let first = chain.first().cloned().unwrap_or_default();
    found.extend(woken(policy, &first));
    for priority in [Priority::P0, Priority::P1, Priority::P2] {
        found.extend(told(policy, priority, &first));
    }
    found.extend(readiness_contacts::of_policy(policy, &chain));
    found.extend(slow_rules(policy, &chain));
    found.extend(alone(&chain));
    found.extend(gaps(policy, overrides, now));
    found.extend(unwatched(policy));
    found.extend(unmeasured(policy));
    found.extend(unreviewed(policy, now));
    found.sort_by_key(|finding| finding.grade);
    found
}

/// What has become of it since: quiet and stops that last too long, addresses that nobody has confirmed, channels that fail,
/// tokens that are over.
pub fn of_state(policy: &Policy, state: &State, now: Timestamp) -> Vec<Finding> {
    let mut found = readiness_contacts::of_state(policy, state, now);
    found.extend(tokens(state, now));
    for silence in state.silences.active() {
        let lasts = silence.ends_at.duration_since(silence.starts_at);
        if lasts < LONG_QUIET {
            continue;
        }
        let (id, by, until) = (&silence.id, &silence.created_by, silence.ends_at);
        found.push(Finding::new(
            Grade::Warning,
            "long_silence",
            id,
            (
                format!("サイレンス {id} ({by}) は {until} まで続きます"),
                format!("the silence {id} of {by} lasts until {until}"),
            ),
            (
                "原因を直して終わらせるか、recurring で時間を限ってください",
                "mend its cause and end it, or limit it to hours with `recurring`",
            ),
        ));
    }
    if let Some(stopped) = state.stopped.as_ref().filter(|stopped| stopped.holds(now))
        && now.duration_since(stopped.since) >= LONG_STOP
    {
        found.push(Finding::new(
            Grade::Warning,
            "automation_stopped",
            "automation",
            (
                format!("自動操作が {} から止められています ({})", stopped.since, stopped.by),
                format!("automation has been stopped since {} by {}", stopped.since, stopped.by),
            ),
            (
                "hikeshi resume-automation で再開できます",
                "`hikeshi resume-automation` lets it go on",
            ),
        ));
    }
    found
}

/// Another system that sends with a token of yesterday is not heard.
fn tokens(state: &State, now: Timestamp) -> Vec<Finding> {
    let ending = state.tokens.iter().filter_map(|token| {
        let end = token.expires_at.filter(|end| end.duration_since(now) < TOKEN_ENDS_SOON)?;
        let (id, name) = (token.id, token.opens.to_string());
        let (grade, kind, said) = match token.has_expired(now) {
            true => (
                Grade::Error,
                "token_expired",
                (
                    format!("{name} のトークン {id} は {end} に期限が切れています"),
                    format!("the token {id} of {name} has expired on {end}"),
                ),
            ),
            false => (
                Grade::Warning,
                "token_expiring",
                (
                    format!("{name} のトークン {id} は {end} に期限が切れます"),
                    format!("the token {id} of {name} expires on {end}"),
                ),
            ),
        };
        let made = token.opens.made_with();
        let hint = (
            format!("{made} で作り直して送信元に設定し、hikeshi token revoke {id} で片付けてください"),
            format!("make a new one with `{made}`, give it to the sender, and end this one with `hikeshi token revoke {id}`"),
        );
        Some(Finding::new(grade, kind, name, said, hint))
    });
    ending.collect()
}

/// Times in the weeks ahead in which nobody is on call, the first of each schedule.
fn gaps(policy: &Policy, overrides: &Overrides, now: Timestamp) -> Vec<Finding> {
    let until = now.saturating_add(contacts::AHEAD).unwrap_or(Timestamp::MAX);
    let first = policy
        .schedules
        .values()
        .filter_map(|schedule| coverage::gaps(schedule, overrides, now, until).into_iter().next());
    first
        .map(|gap| {
            let at = gap.from.to_zoned(policy.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
            Finding::new(
                Grade::Warning,
                "rota_gap",
                &gap.schedule,
                (
                    format!("{} には {at} から当番がいません", gap.schedule),
                    format!("nobody is on call for {} from {at}", gap.schedule),
                ),
                (
                    "hikeshi oncall gaps で一覧し、当番表か override で埋めてください",
                    "`hikeshi oncall gaps` lists them; fill them in the schedule or by an override",
                ),
            )
        })
        .collect()
}

/// An emergency must wake somebody (A45): a room, a mail or a console wakes nobody.
fn woken(policy: &Policy, first: &BTreeSet<ContactName>) -> Option<Finding> {
    let route = policy.routes.get(&Priority::P0)?;
    let pagers: Vec<_> = route.channels.iter().filter(|channel| policy.is_pager(channel)).collect();
    let people = first.iter().chain(&route.also);
    let wakes = |contact: &Contact| pagers.iter().any(|way| contact.addresses.contains_key(*way));
    let is_woken = people.filter_map(|name| policy.contacts.get(name)).any(wakes);
    (!is_woken).then(|| {
        Finding::new(
            Grade::Error,
            "wakes_nobody",
            Priority::P0,
            ("P0 が起きても、誰も起こされません".into(), "P0 wakes nobody".into()),
            (
                "電話など `pager: true` のチャネルを routes に加え、最初の escalation の人に宛先を書いてください",
                "add a channel with `pager: true`, such as a phone, to its route, and an address to whoever comes first in `escalation`",
            ),
        )
    })
}

/// Every priority must reach a room, or somebody who comes first (A46, A47).
fn told(policy: &Policy, priority: Priority, first: &BTreeSet<ContactName>) -> Option<Finding> {
    let route = policy.routes.get(&priority)?;
    let mut people = first.iter().chain(&route.also);
    let is_told = route.channels.iter().any(|channel| policy.is_room(channel))
        || people.any(|name| {
            policy
                .contacts
                .get(name)
                .is_some_and(|contact| contacts::has_way(policy, route, contact))
        });
    (!is_told).then(|| {
        Finding::new(
            Grade::Error,
            "tells_nobody",
            priority,
            (format!("{priority} は誰にも届きません"), format!("nobody hears of {priority}")),
            (
                "routes のチャネルに、部屋か、最初の escalation の人の宛先があるものを加えてください",
                "add to its route a room, or a channel on which whoever comes first has an address",
            ),
        )
    })
}

/// A45: an emergency calls at once; personal rules that wait for it are a choice that somebody should know of.
fn slow_rules(policy: &Policy, chain: &[BTreeSet<ContactName>]) -> Vec<Finding> {
    let people: BTreeSet<&ContactName> = chain.iter().flatten().collect();
    let people = people.into_iter().filter_map(|name| policy.contacts.get(name));
    let slow = people.filter(|contact| {
        let rules = contact.personal.rules.get(&Priority::P0);
        rules.is_some_and(|rules| {
            !rules.iter().any(|rule| rule.after.is_zero() && policy.is_pager(&rule.channel))
        })
    });
    let found = slow.map(|contact| {
        let name = &contact.name;
        Finding::new(
            Grade::Warning,
            "slow_rule",
            name,
            (
                format!("{name} の規則では、P0 でもすぐには起こされません"),
                format!("the rules of {name} wake them late, even in a P0"),
            ),
            (
                "rules の P0 に、電話など `pager: true` のチャネルを 0s で書いてください",
                "write a channel with `pager: true`, such as a phone, with `0s` under `P0` of their `rules`",
            ),
        )
    });
    found.collect()
}

/// One person is ill, on a train or asleep.
fn alone(chain: &[BTreeSet<ContactName>]) -> Option<Finding> {
    let people: BTreeSet<&ContactName> = chain.iter().flatten().collect();
    let one = people.first().filter(|_| people.len() == 1)?;
    Some(Finding::new(
        Grade::Warning,
        "alone",
        "escalation",
        (format!("呼ばれるのは {one} だけです"), format!("nobody but {one} is ever called")),
        ("escalation に次の人を加えてください", "add whoever comes next to `escalation`"),
    ))
}

/// A service that nothing looks at never raises an alarm.
fn unwatched(policy: &Policy) -> Vec<Finding> {
    let watched: BTreeSet<_> = policy.probes.values().map(|feed| &feed.service).collect();
    let is_blind = |service: &&crate::graph::Service| {
        service.kind != Kind::Group && !watched.contains(&service.name)
    };
    let blind = policy.graph.services().filter(is_blind);
    blind
        .map(|service| {
            Finding::new(
                Grade::Warning,
                "unwatched",
                &service.name,
                (
                    format!("{} を見るプローブがありません", service.name),
                    format!("no probe looks at {}", service.name),
                ),
                (
                    "health: か probes: を書いてください。他の監視が知らせるなら、そのままでかまいません",
                    "write `health:` or a probe; leave it when another system tells of it",
                ),
            )
        })
        .collect()
}

/// Customers would read for ever that nothing is known of a component.
fn unmeasured(policy: &Policy) -> Vec<Finding> {
    let components = policy.status_page.iter().flat_map(|page| &page.components);
    let of = |component: &Component| {
        let services = component_state::unmeasured(policy, component);
        let names: Vec<_> = services.into_iter().map(ToString::to_string).collect();
        let (key, names) = (&component.key, names.join(", "));
        (!names.is_empty()).then(|| {
            Finding::new(
                Grade::Warning,
                "unwatched",
                format!("status_page {key}"),
                (
                    format!("ステータスページの {key} は常に「不明」です: {names} が動いているかを測るプローブがありません"),
                    format!("the status page shows {key} as unknown for good: nothing measures whether {names} works"),
                ),
                (
                    "health: などのプローブを書いてください",
                    "write `health:`, or another probe that says whether it works",
                ),
            )
        })
    };
    components.filter_map(of).collect()
}

/// What runs by itself must say what the system is today.
fn unreviewed(policy: &Policy, now: Timestamp) -> Vec<Finding> {
    let today = now.to_zoned(policy.zone.clone()).date();
    let acting = policy.plans.iter().filter(|plan| plan.mode != Mode::Manual);
    let overdue = acting.filter_map(|plan| {
        let day = plan.reviewed.as_deref().and_then(|text| text.parse::<Date>().ok());
        let said = match day {
            None => (
                format!("{} には見直した日がありません", plan.name),
                format!("{} does not say when it was reviewed", plan.name),
            ),
            Some(day) if today.duration_since(day) >= REVIEW_EVERY => (
                format!("{} は {day} から見直されていません", plan.name),
                format!("{} was not reviewed since {day}", plan.name),
            ),
            Some(_) => return None,
        };
        let hint = (
            "今の構成で読み直し、`reviewed:` に日付を書いてください",
            "read it again as the system is today, and write the day into `reviewed:`",
        );
        Some(Finding::new(Grade::Warning, "runbook_stale", &plan.name, said, hint))
    });
    overdue.collect()
}
