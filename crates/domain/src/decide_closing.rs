//! Closing an incident: what must be known before, and what follows.

use crate::{
    advance_reports, advance_updates,
    command::Refusal,
    fact::{CheckResult, Event, Fact, RootCause},
    ids::Actor,
    incident::{Incident, REPORT, Stage},
    outside_text::line,
    policy::CheckBox,
    recovery,
    said::Said,
    severity::Priority,
    telling, withdrawal,
    world::World,
};

/// Characters of the reason why something is closed without verification.
const REASON_CHARS: usize = 500;

/// Closes an incident: only when verified and, for P0 and P1, with its root cause (B18, A68).
///
/// # Errors
/// What stands against it.
pub fn close(
    world: &World<'_>,
    incident: &Incident,
    cause: &RootCause,
    unverified: &str,
    by: &Actor,
) -> Result<Vec<Fact>, Refusal> {
    let id = incident.id;
    if !incident.burning.is_empty() {
        let keys: Vec<_> = incident.burning.iter().map(ToString::to_string).collect();
        let keys = keys.join(", ");
        return Err(Refusal::conflict(
            format!("{id} はまだ復旧していません: {keys}"),
            format!("{id} still burns: {keys}"),
        ));
    }
    let by_hand = incident.is_by_hand();
    if incident.is_burning() && !by_hand {
        return Err(Refusal::conflict(
            format!("{id} の復旧確認がまだ終わっていません"),
            format!("the recovery of {id} is not verified yet"),
        ));
    }
    let known = incident.root_cause.as_ref().is_some_and(|cause| !cause.technical.is_empty())
        || !cause.technical.trim().is_empty();
    if incident.priority() >= Priority::P1 && !known {
        return Err(Refusal::incomplete(
            format!("{id} を閉じるには根本原因が必要です (--cause)"),
            format!(
                "{id} is {}: it needs a root cause to be closed (--cause)",
                incident.priority()
            ),
        ));
    }
    let (mut facts, unverified) = match by_hand && incident.is_burning() {
        true => verified(world, incident, unverified, by)?,
        false => (Vec::new(), None),
    };
    if *cause != RootCause::default() {
        facts.push(Fact::CauseRecorded { incident: id, cause: cause.clone(), by: by.clone() });
    }
    if by_hand && incident.is_burning() {
        facts.push(Fact::IncidentRecovered { incident: id });
        facts.extend(withdrawal::over(world, id));
        let mut over = incident.clone();
        over.times.recovered = Some(world.now);
        over.root_cause = Some(cause.clone());
        facts.extend(telling::of_incident(
            world,
            &over,
            Event::Resolved,
            telling::heard(world, incident),
        ));
        if incident.source == REPORT {
            facts.extend(advance_reports::over(world, &over, &facts));
        }
        advance_updates::over(world, &over, &mut facts);
    }
    if incident.stage < Stage::Reviewed {
        facts.push(Fact::IncidentReviewed {
            incident: id,
            review: incident.title.clone(),
            by: by.clone(),
        });
    }
    facts.push(Fact::IncidentClosed { incident: id, by: by.clone(), unverified });
    Ok(facts)
}

/// A35: the recovery checklist of a P0 that people opened: nothing measured its beginning, and so nothing checked its end
/// by itself. The boxes as they are now, and the reason why it is closed all the same.
fn verified(
    world: &World<'_>,
    incident: &Incident,
    reason: &str,
    by: &Actor,
) -> Result<(Vec<Fact>, Option<String>), Refusal> {
    if incident.priority() < Priority::P0 {
        return Ok((Vec::new(), None));
    }
    let (mut facts, mut open) = (Vec::new(), Vec::new());
    for the_box in boxes(world, incident) {
        let after = incident.times.detected;
        let (result, detail) = recovery::check(world.policy, world.watch, the_box, after);
        if result != CheckResult::Pass {
            open.push(detail.within(|detail| format!("{} ({detail})", the_box.name)));
        }
        facts.push(Fact::RecoveryChecked {
            incident: incident.id,
            check: the_box.name.clone(),
            result,
            detail,
        });
    }
    if !facts.is_empty() && open.is_empty() {
        return Ok((facts, None));
    }
    let reason = line(reason, REASON_CHARS);
    if !reason.is_empty() && matches!(by, Actor::Person(_)) {
        return Ok((facts, Some(reason)));
    }
    let id = incident.id;
    let open = Said::join(&open, ", ");
    let (ja, en) = match facts.is_empty() {
        true => {
            ("復旧チェックリストがありません".to_owned(), "it has no recovery checklist".to_owned())
        }
        false => {
            (format!("未確認の項目: {}", open.ja), format!("these boxes do not pass: {}", open.en))
        }
    };
    Err(Refusal::incomplete(
        format!(
            "P0 の {id} は復旧を確認できていません。{ja}。確認できない理由があれば --unverified に書いてください"
        ),
        format!(
            "the recovery of {id}, a P0, is not verified: {en}. Say why it is over all the same with --unverified"
        ),
    ))
}

/// The boxes of its system; of all systems where nobody said which one it is about.
fn boxes<'a>(world: &World<'a>, incident: &Incident) -> Vec<&'a CheckBox> {
    let policy = world.policy;
    match policy.checklist(&incident.system) {
        Some(list) => list.boxes.iter().collect(),
        None if policy.graph.get(&incident.cause).is_none() => {
            policy.checklists.iter().flat_map(|list| &list.boxes).collect()
        }
        None => Vec::new(),
    }
}
