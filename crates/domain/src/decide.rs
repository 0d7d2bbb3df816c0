//! Decides what follows from a command, and what follows from time: facts, or a refusal. It changes nothing.

use crate::{
    account, admission, advance_alerts, advance_changes, advance_digest, advance_groups,
    advance_heartbeats, advance_incidents, advance_reports, advance_runs, advance_shifts,
    advance_silences,
    agenda::Agenda,
    alert::{self, Now},
    alert_label::AlertLabelled,
    command::{Attached, Command, Refusal},
    data_loss, deadline, decide_channels, decide_closing, decide_drafts, decide_on_call,
    decide_runs, decide_team, device,
    fact::Fact,
    firing,
    ids::{Actor, IncidentId, ServiceName},
    incident::{Incident, MANUAL},
    next_step, paging, record_access, remarks,
    rule::Symptom,
    run::{Attempt, Run},
    said::Said,
    severity::Priority,
    telling, token,
    watch::Verdict,
    withdrawal,
    world::World,
};
use std::collections::BTreeSet;

/// The facts of a command, in order.
///
/// # Errors
/// A refusal, when something stands against the command.
pub fn decide(world: &World<'_>, command: &Command) -> Result<Vec<Fact>, Refusal> {
    match command {
        Command::Boot { version, attached } => Ok(boot(world, version, attached)),
        // Looks become verdicts in the watch, which the engine keeps; see `judge`. So does what others say; see `hear`.
        Command::Observe(_) | Command::Hear { .. } | Command::Tick => Ok(Vec::new()),
        Command::Ping { name, kind, run, detail } => {
            advance_heartbeats::ping(world, name, *kind, run.as_deref(), detail)
        }
        Command::Mark { integration, change } => advance_changes::mark(world, integration, change),
        Command::Report { from, text, service, via } => {
            advance_reports::report(world, from, text, service.as_ref(), via)
        }
        Command::AcknowledgeSignal { integration, fingerprint, by, note } => {
            Ok(remarks::acknowledge(world, integration, *fingerprint, by, note))
        }
        Command::NoteSignal { integration, fingerprint, by, text } => {
            Ok(remarks::note(world, integration, *fingerprint, by, text))
        }
        Command::PutSilence { silence, edits, by } => {
            advance_silences::put(world, silence, edits.as_ref(), by)
        }
        Command::IssueToken { integration, digest, expires_at, by } => {
            let tokens = &world.state.tokens;
            token::issue(tokens, integration, digest, *expires_at, by, world.now)
        }
        Command::IssueApiToken(asked) => {
            token::issue_api(&world.state.tokens, &world.state.accounts, asked, world.now)
        }
        Command::UseApiToken(id) => Ok(token::used(&world.state.tokens, *id, world.now)),
        Command::AddDevice(asked) => {
            device::add(world.policy, &world.state.devices, (**asked).clone())
        }
        Command::RemoveDevice(asked) => device::remove(&world.state.devices, asked.id, &asked.by),
        Command::RevokeToken { id, by } => token::revoke(&world.state.tokens, *id, by),
        Command::ChangeAccount { account, change, by } => {
            account::change(&world.state.accounts, &owners(world), account, change, by)
        }
        Command::AdmitAccount(admission) => {
            admission::admit(&world.state.accounts, &owners(world), admission)
        }
        Command::LabelAlert(labelled) => say_what_it_was(world, labelled),
        Command::RecordAccess(access) => record_access::record(access),
        Command::ExpireSilence { id, by } => advance_silences::expire(world, id, by),
        Command::OpenIncident { title, priority, service, by } => {
            open(world, title, *priority, service.as_ref(), by)
        }
        Command::Acknowledge { incident, by } => acknowledge(world, find(world, *incident)?, by),
        Command::Note { incident, text, by } => note(find(world, *incident)?, text, by),
        Command::SetPriority { incident, priority, reason, by } => {
            set_priority(world, find(world, *incident)?, *priority, reason, by)
        }
        Command::Close { incident, cause, unverified, by } => {
            decide_closing::close(world, find(world, *incident)?, cause, unverified, by)
        }
        Command::AssignRole { .. }
        | Command::RecordMeasure { .. }
        | Command::FinishMeasure { .. } => decide_team::decide(world, command),
        Command::StartRun { .. }
        | Command::Recover { .. }
        | Command::Undo { .. }
        | Command::Promote { .. }
        | Command::Approve { .. }
        | Command::Deny { .. }
        | Command::AnswerUnknown { .. }
        | Command::CancelRun { .. }
        | Command::ReleaseTarget { .. }
        | Command::StopAutomation { .. }
        | Command::ResumeAutomation { .. }
        | Command::StepStarted { .. }
        | Command::StepSettled { .. } => decide_runs::decide(world, command),
        Command::SetOverride { .. }
        | Command::RemoveOverride { .. }
        | Command::SwapShifts { .. } => decide_on_call::decide(world, command),
        Command::WriteDraft { .. }
        | Command::FillDraft { .. }
        | Command::EditDraft { .. }
        | Command::ReleaseDraft { .. }
        | Command::DiscardDraft { .. } => decide_drafts::decide(world, command),
        Command::SuspectDataLoss { incident, reason, by } => {
            data_loss::by_person(world, find(world, *incident)?, reason, by)
        }
        Command::NoticeSettled { .. }
        | Command::ProveNotice { .. }
        | Command::MissNotice { .. }
        | Command::TestChannel { .. }
        | Command::VerifyContact { .. }
        | Command::ConfirmTest { .. } => decide_channels::decide(world, command),
    }
}

/// What somebody says of an alert, which may be over; the last word counts.
/// The teams: owners of services.
fn owners<'a>(world: &World<'a>) -> BTreeSet<&'a str> {
    world.policy.graph.services().filter_map(|one| one.owner.as_deref()).collect()
}

fn say_what_it_was(world: &World<'_>, labelled: &AlertLabelled) -> Result<Vec<Fact>, Refusal> {
    let alert = labelled.alert;
    if alert.0 == 0 || alert >= world.state.next_alert() {
        return Err(Refusal::not_found(
            format!("アラート {alert} はありません"),
            format!("there is no alert {alert}"),
        ));
    }
    Ok(vec![Fact::AlertLabelled(Box::new(labelled.clone()))])
}

/// The facts of a verdict: nothing when it says what is known (house choice 2).
pub fn judge(world: &World<'_>, verdict: &Verdict) -> Vec<Fact> {
    let Some(rule) = world.policy.rules.get(&verdict.key.rule) else { return Vec::new() };
    let (state, key) = (world.state, &verdict.key);
    let now_is = state.alert_now(key);
    let fire = |band, since, observed: &Said| {
        firing::of_rule(world, rule, key, state.next_alert().0, band, since, observed)
    };
    let facts = alert::judge(
        rule,
        &world.policy.flap,
        now_is,
        state.firings.get(key),
        verdict,
        world.now,
        fire,
    );
    match (now_is, facts.as_slice()) {
        (Now::Firing(alert), [Fact::AlertResolved { .. }]) => {
            // Another system still says that it fires: that the two disagree is worth knowing, not hiding (A21).
            if state.signals.group(key).is_some() {
                return Vec::new();
            }
            let incident = alert
                .incident
                .and_then(|id| state.incidents.get(&id))
                .filter(|incident| incident.burning.len() == 1 || alert.fired.priority.is_some());
            let mut first = incident
                .map(|incident| advance_incidents::hurry(world, incident))
                .unwrap_or_default();
            first.extend(firing::with_parting(world, alert, facts));
            first
        }
        _ => facts,
    }
}

/// One step of what follows from what is known and from time. Called again and again until nothing follows any more.
pub fn advance(world: &World<'_>, agenda: &mut Agenda) -> Vec<Fact> {
    type Move = fn(&World<'_>, &mut Agenda) -> Vec<Fact>;
    let moves: [Move; 15] = [
        |world, agenda| advance_silences::progress(world, agenda),
        advance_heartbeats::progress,
        advance_shifts::progress,
        |world, _| advance_digest::progress(world),
        advance_groups::follow_signals,
        advance_alerts::fire_pending,
        advance_alerts::end_steady,
        advance_alerts::raise_lonely,
        advance_alerts::place,
        advance_alerts::merge,
        |world, _| advance_runs::plan_one(world),
        advance_incidents::progress,
        |world, _| advance_runs::progress(world),
        advance_alerts::tell_loose,
        |world, _| next_step::progress(world),
    ];
    let found = moves.iter().map(|go| go(world, agenda)).find(|facts| !facts.is_empty());
    if found.is_none() {
        agenda.is_timed = true;
    }
    found.unwrap_or_default()
}

/// What was under way when hikeshi went down is unknown: never failed, never pending.
fn boot(world: &World<'_>, version: &str, attached: &[Attached]) -> Vec<Fact> {
    let goes_on = |run: &Run, attempt: &Attempt| {
        attached.iter().any(|one| {
            one.run == run.planned.id && one.step == attempt.step && one.attempt == attempt.number
        })
    };
    let unsettled = world.state.runs.values().filter_map(|run| {
        let (index, attempt) = run.unsettled()?;
        (!goes_on(run, attempt)).then_some((run, index))
    });
    let lost = unsettled.map(|(run, index)| {
        let why = Said::new("hikeshi が再起動しました", "hikeshi was restarted");
        advance_runs::settle_unknown(run, index, why)
    });
    let started = std::iter::once(Fact::EngineStarted { version: version.to_owned() });
    started.chain(lost).chain(advance_heartbeats::put_off(world)).collect()
}

fn find<'a>(world: &World<'a>, id: IncidentId) -> Result<&'a Incident, Refusal> {
    world.state.incidents.get(&id).ok_or_else(|| Refusal::no_incident(id))
}

fn open(
    world: &World<'_>,
    title: &str,
    priority: Priority,
    service: Option<&ServiceName>,
    by: &Actor,
) -> Result<Vec<Fact>, Refusal> {
    if title.trim().is_empty() {
        return Err(Refusal::incomplete(
            "タイトルがありません".into(),
            "the title is empty".into(),
        ));
    }
    let graph = &world.policy.graph;
    if let Some(unknown) = service.filter(|name| graph.get(name).is_none()) {
        return Err(Refusal::not_found(
            format!("サービス {unknown} は設定にありません"),
            format!("service {unknown} is not in the configuration"),
        ));
    }
    let id = world.state.next_incident();
    let cause = service.cloned().unwrap_or_else(|| ServiceName::from("unknown"));
    let system = graph
        .get(&cause)
        .map_or_else(|| world.policy.product.clone(), |service| service.system.clone());
    let now = world.now;
    let decision =
        crate::classify::Decision { priority, rule: "manual".into(), observed: title.into() };
    let classification = deadline::classification(world, decision, None, None);
    Ok(vec![
        Fact::IncidentOpened {
            id,
            title: title.to_owned(),
            system,
            cause,
            symptom: Symptom::Other,
            source: MANUAL.into(),
            occurred_at: now,
            assess_until: now,
            by: by.clone(),
        },
        Fact::IncidentAssessed { incident: id, assessment: Default::default() },
        Fact::IncidentClassified { incident: id, classification, by: by.clone() },
    ])
}

fn acknowledge(world: &World<'_>, incident: &Incident, by: &Actor) -> Result<Vec<Fact>, Refusal> {
    if let Some(holder) = &incident.acknowledged_by {
        return Err(Refusal::conflict(
            format!("{} はすでに {holder} が対応中です", incident.id),
            format!("{} is already acknowledged by {holder}", incident.id),
        ));
    }
    let mut facts = vec![Fact::IncidentAcknowledged { incident: incident.id, by: by.clone() }];
    facts.extend(withdrawal::taken(world, incident.id, by));
    facts.extend(telling::of_acknowledged(world, incident, by));
    Ok(facts)
}

fn note(incident: &Incident, text: &str, by: &Actor) -> Result<Vec<Fact>, Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::incomplete("メモが空です".into(), "the note is empty".into()));
    }
    Ok(vec![Fact::IncidentNoted { incident: incident.id, text: text.to_owned(), by: by.clone() }])
}

fn set_priority(
    world: &World<'_>,
    incident: &Incident,
    priority: Priority,
    reason: &str,
    by: &Actor,
) -> Result<Vec<Fact>, Refusal> {
    if reason.trim().is_empty() {
        return Err(Refusal::incomplete(
            "優先度の変更には理由が必要です".into(),
            "a change of priority needs a reason".into(),
        ));
    }
    let Some(before) = &incident.classification else {
        return Err(Refusal::conflict(
            "まだ分類されていません".into(),
            "it is not classified yet".into(),
        ));
    };
    let decision = crate::classify::Decision {
        priority,
        rule: "person".into(),
        observed: before.observed.clone(),
    };
    let reason_said = Some(reason.to_owned());
    let classification = deadline::classification(world, decision, Some(incident), reason_said);
    let was = before.priority;
    let mut raised = incident.clone();
    raised.classification = Some(classification.clone());
    let mut facts =
        vec![Fact::IncidentClassified { incident: incident.id, classification, by: by.clone() }];
    if priority > was {
        facts.extend(paging::raised(world, &raised, &reason.into()));
    }
    Ok(facts)
}
