//! Samples of what happens to runs of runbooks.

use super::{after, key};
use domain::{
    fact::{
        Answer, ApprovalAsked, ApprovalEnd, AttemptIntended, AttemptSettled, Fact, Hold,
        QuestionAnswered, QuestionAsked, RunPlanned, RunResult, StepBrief,
    },
    ids::{Actor, ApprovalId, IncidentId, RunId},
    plan::{
        CheckItem, EffectKind, Guardrails, Mode, OnFail, Outcome, Output, Parameter, Role,
        VerifyNumbers,
    },
    said::Said,
    types::Limits,
};
use std::collections::BTreeMap;

const ID: RunId = RunId(1);

/// One sample per kind, and more where a kind has several shapes.
pub fn samples() -> Vec<Fact> {
    [planning(), attempts(), ending(), people()].concat()
}

/// What people are asked, and what they say.
fn people() -> Vec<Fact> {
    let by = || Actor::Person("hanako".into());
    let id = ApprovalId(1);
    let asked = ApprovalAsked {
        id,
        run: ID,
        step: "restart".into(),
        effect: EffectKind::Destructive,
        target: "api-1".into(),
        digest: "a1".repeat(32),
        values: BTreeMap::from([("HK_UNIT".to_owned(), "api".to_owned())]),
        evidence: vec!["evidence/RUN-1/keep".into()],
        reasons: vec![Said::new(
            "手順 restart は元に戻せません (destructive)",
            "step restart is destructive",
        )],
        needs: 2,
        expires_at: after(600),
    };
    let ended = |how| Fact::ApprovalEnded { run: ID, id, how, by: by(), reason: "why".into() };
    let answered = |answer| {
        Fact::QuestionAnswered(QuestionAnswered {
            run: ID,
            step: "restart".into(),
            attempt: 1,
            answer,
            reason: "seen on the machine".into(),
            by: by(),
        })
    };
    let stopped = |until| Fact::AutomationStopped { reason: "migration".into(), by: by(), until };
    vec![
        Fact::ApprovalAsked(Box::new(asked)),
        Fact::ApprovalGiven { run: ID, id, by: by(), still_needed: 1, expires_at: after(600) },
        ended(ApprovalEnd::Denied),
        ended(ApprovalEnd::Expired),
        ended(ApprovalEnd::Void),
        Fact::QuestionAsked(QuestionAsked {
            run: ID,
            step: "restart".into(),
            attempt: 1,
            reason: "timeout".into(),
            expires_at: after(1800),
        }),
        answered(Answer::Done),
        answered(Answer::Again),
        answered(Answer::Manual),
        Fact::TargetReleased { target: "api-1".into(), by: by() },
        stopped(None),
        stopped(Some(after(3600))),
        Fact::AutomationResumed { by: by() },
        Fact::RunbookPromoted { runbook: "service-down".into(), to: Mode::Auto, by: by() },
    ]
}

fn planning() -> Vec<Fact> {
    let holds = [
        Hold::Dependency("postgres".into()),
        Hold::Rolling("api-2".into()),
        Hold::Spacing,
        Hold::FreshLook,
        Hold::Classification,
        Hold::Approval(ApprovalId(1)),
        Hold::Question("restart".into()),
        Hold::Stopped,
    ];
    let by_itself = RunPlanned {
        id: ID,
        runbook: "service-down".into(),
        version: Some("1.2".into()),
        approved_by: Some("hanako".into()),
        digest: "0f".repeat(32),
        target: "api-1".into(),
        alert: Some(key()),
        incident: Some(IncidentId(1)),
        by: Actor::Hikeshi,
        dry_run: false,
        automatic: true,
        steps: steps(),
        verify: VerifyNumbers::default(),
        guardrails: Guardrails::default(),
        parameters: BTreeMap::new(),
        facts: Default::default(),
        guards: Vec::new(),
        checklist: Vec::new(),
        missing: None,
        undoes: None,
    };
    let address = Parameter { kind: "ip".into(), value: "203.0.113.9".into() };
    let limits = Limits { min: Some(0.0), max: Some(1e6), ..Limits::default() };
    let free = Output { step: "see".into(), kind: "int".into(), limits };
    let by_hand = RunPlanned {
        version: None,
        approved_by: None,
        alert: None,
        incident: None,
        by: Actor::Person("hanako".into()),
        dry_run: true,
        automatic: false,
        parameters: BTreeMap::from([("HK_ADDRESS".to_owned(), address)]),
        facts: BTreeMap::from([("free_mb".to_owned(), free)]),
        guards: vec!["facts.free_mb > 100".into()],
        checklist: vec![
            CheckItem { text: "the logs are read".into(), step: None },
            CheckItem { text: "space is free".into(), step: Some("see".into()) },
        ],
        missing: Some("the alert has no label source_ip".into()),
        undoes: Some("restart".into()),
        ..by_itself.clone()
    };
    let mut samples =
        vec![Fact::RunPlanned(Box::new(by_itself)), Fact::RunPlanned(Box::new(by_hand))];
    samples.extend(holds.map(|reason| {
        let until = (reason == Hold::Spacing).then(|| after(30));
        Fact::RunHeld { run: ID, reason, until }
    }));
    samples
}

/// Every role, every kind of effect, every answer to a failure.
fn steps() -> Vec<StepBrief> {
    let step = |name: &str, role, effect, on_fail| StepBrief {
        name: name.into(),
        role,
        effect,
        timeout_ms: 30_000,
        on_fail,
        digest: "a1".repeat(32),
        belongs_to: (role >= Role::Probe).then(|| "restart".into()),
        condition: (role == Role::Respond).then(|| "facts.free_mb < 500".into()),
    };
    vec![
        step("see", Role::Diagnose, EffectKind::Read, OnFail::Continue),
        step("keep", Role::Evidence, EffectKind::Converge, OnFail::Continue),
        step("restart", Role::Respond, EffectKind::Once, OnFail::Stop),
        step("check", Role::Verify, EffectKind::Read, OnFail::Stop),
        step("was-it-done", Role::Probe, EffectKind::Read, OnFail::Stop),
        step("back", Role::Undo, EffectKind::Destructive, OnFail::Escalate),
    ]
}

fn attempts() -> Vec<Fact> {
    let settled = |outcome: Outcome, exit, output: &str| {
        Fact::AttemptSettled(AttemptSettled {
            run: ID,
            step: "restart".into(),
            attempt: 1,
            outcome,
            exit,
            took_ms: 1234,
            output: output.into(),
            captured: BTreeMap::from([("pid".to_owned(), "4711".to_owned())]),
            evidence: exit.map(|_| "evidence/RUN-1/keep".to_owned()),
        })
    };
    let started =
        |process| Fact::AttemptStarted { run: ID, step: "restart".into(), attempt: 1, process };
    vec![
        Fact::AttemptIntended(AttemptIntended {
            run: ID,
            target: "api-1".into(),
            step: "restart".into(),
            role: Role::Respond,
            attempt: 1,
            changes: true,
            deadline: after(30),
        }),
        started(Some("4711:123456".into())),
        started(None),
        settled(Outcome::Ok, Some(0), "再起動しました\n"),
        settled(
            Outcome::Failed(Said::new("終了コード 1", "exit code 1")),
            Some(1),
            "no such file\n",
        ),
        settled(Outcome::Timeout, None, ""),
        settled(Outcome::Unknown("hikeshi was restarted".into()), None, ""),
        settled(Outcome::Blocked("HK_PORT is not a port".into()), None, ""),
        settled(Outcome::Skipped, None, ""),
        settled(Outcome::Cancelled("hikeshi was restarted".into()), None, ""),
    ]
}

fn ending() -> Vec<Fact> {
    let results = [
        RunResult::Recovered,
        RunResult::RecoveredUncertain,
        RunResult::NotNeeded,
        RunResult::NotRecovered,
        RunResult::Failed,
        RunResult::Blocked,
        RunResult::NeedsPerson,
        RunResult::Looked,
        RunResult::DryRun,
        RunResult::Undone,
        RunResult::TakenOver,
    ];
    let finished = |result| Fact::RunFinished {
        run: ID,
        target: "api-1".into(),
        result,
        reason: Said::new("api-1 への操作が 5m 以内に 3 回", "3 attempts on api-1 within 5m"),
    };
    let mut samples = vec![
        Fact::RoundVerified { run: ID, passed: true, passes: 2, next_at: after(10) },
        Fact::RoundVerified { run: ID, passed: false, passes: 0, next_at: after(1) },
    ];
    samples.extend(results.map(finished));
    let (target, until) = ("api-1".into(), after(1800));
    samples.push(Fact::TargetLatched { target, until, reason: "rate limit".into() });
    samples
}
