//! What a crash cut off is settled as unknown before anything is handed out again.

use domain::{
    command::Command,
    fact::{Fact, Recorded, RunPlanned, StepBrief},
    graph::Graph,
    ids::{Actor, RunId},
    plan::{EffectKind, OnFail, Role},
    policy::{Clocks, Delivery, Policy},
    said::Language,
};
use engine::Core;
use jiff::{Timestamp, tz::TimeZone};
use journal::{Journal, MemoryJournal};
use std::{collections::BTreeMap, sync::Arc};

fn policy() -> Arc<Policy> {
    Arc::new(Policy {
        product: "shop".into(),
        language: Language::En,
        zone: TimeZone::UTC,
        graph: Graph::default(),
        rules: BTreeMap::new(),
        probes: BTreeMap::new(),
        plans: Vec::new(),
        routes: BTreeMap::new(),
        warning_route: Default::default(),
        escalation: Vec::new(),
        contacts: BTreeMap::new(),
        channels: BTreeMap::new(),
        fallback: Vec::new(),
        delivery: Delivery::default(),
        checklists: Vec::new(),
        clocks: Clocks::default(),
        ..Policy::default()
    })
}

/// The journal of a hikeshi that was killed while a restart was under way.
fn killed_in_a_restart(at: Timestamp) -> MemoryJournal {
    let restart = StepBrief {
        name: "restart".into(),
        role: Role::Respond,
        effect: EffectKind::Once,
        timeout_ms: 60_000,
        on_fail: OnFail::Stop,
        digest: "d".into(),
        belongs_to: None,
        condition: None,
    };
    let planned = RunPlanned {
        id: RunId(1),
        runbook: "service-down".into(),
        version: None,
        approved_by: None,
        digest: "d".into(),
        target: "shop".into(),
        alert: None,
        incident: None,
        by: Actor::Person("sato".into()),
        dry_run: false,
        automatic: true,
        steps: vec![restart],
        verify: Default::default(),
        guardrails: Default::default(),
        parameters: Default::default(),
        facts: Default::default(),
        guards: Vec::new(),
        checklist: Vec::new(),
        missing: None,
        undoes: None,
    };
    let intended = Fact::AttemptIntended {
        run: RunId(1),
        target: "shop".into(),
        step: "restart".into(),
        role: Role::Respond,
        attempt: 1,
        changes: true,
        deadline: at,
    };
    let facts = [Fact::RunPlanned(Box::new(planned)), intended];
    let mut journal = MemoryJournal::default();
    let recorded = facts.map(|fact| Recorded { at, fact });
    journal.append(0, &recorded).expect("there is room");
    journal
}

#[test]
fn a_restart_that_a_crash_cut_off_is_never_handed_out_as_if_it_were_new() {
    let now: Timestamp = "2026-11-22T03:00:00Z".parse().expect("a time");
    let journal = killed_in_a_restart(now);
    let mut core = Core::open(journal, policy(), now).expect("reads");
    // The writer may look around before it is told that this is a new life.
    assert!(core.commit(now).expect("commits").is_empty());
    assert!(core.due(now).is_empty(), "the restart must not be performed again");

    core.take(&Command::Boot { version: "0".into(), attached: Vec::new() }, now).expect("boots");
    let told = core.commit(now).expect("commits");
    let is_unknown = |recorded: &Recorded| {
        serde_json::to_string(&recorded.fact)
            .is_ok_and(|text| text.contains("hikeshi was restarted"))
    };
    assert!(told.iter().any(|(_, recorded)| is_unknown(recorded)), "{told:?}");
    assert!(core.due(now).is_empty(), "what is unknown is not repeated by itself");
}

#[test]
fn a_start_that_could_not_be_written_down_hands_out_nothing() {
    let now: Timestamp = "2026-11-22T03:00:00Z".parse().expect("a time");
    let journal = killed_in_a_restart(now);
    let mut core = Core::open(journal, policy(), now).expect("reads");
    core.journal_mut().is_full = true;
    core.take(&Command::Boot { version: "0".into(), attached: Vec::new() }, now).expect("decides");
    core.commit(now).expect_err("the disk is full");
    assert!(core.due(now).is_empty(), "the restart must not be performed again");
}
