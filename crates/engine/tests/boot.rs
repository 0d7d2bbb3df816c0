//! What a crash cut off is settled as unknown before anything is handed out again.

use domain::{
    command::Command,
    fact::{About, AttemptIntended, Event, Fact, NoticeOwed, Recorded, RunPlanned, StepBrief, Way},
    graph::Graph,
    ids::{Actor, IncidentId, NoticeId, RunId},
    plan::{EffectKind, OnFail, Role},
    policy::{Clocks, Delivery, Policy},
    said::Language,
};
use engine::{Core, Work};
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
    let intended = Fact::AttemptIntended(AttemptIntended {
        run: RunId(1),
        target: "shop".into(),
        step: "restart".into(),
        role: Role::Respond,
        attempt: 1,
        changes: true,
        deadline: at,
    });
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

fn owed(id: u64) -> Fact {
    Fact::NoticeOwed(Box::new(NoticeOwed {
        ways: vec![Way { channel: "chat".into(), address: None }],
        tries: 3,
        first_wait_ms: 1000,
        longest_wait_ms: 30_000,
        ..NoticeOwed::new(NoticeId(id), About::Incident(IncidentId(1)), Event::Firing, "[P0]", "x")
    }))
}

/// Killed between "sent" and "written down": it is told again, once, and marked; what is owed afterwards is not.
#[test]
fn a_notice_that_may_have_gone_out_is_told_again_and_says_so() {
    let now: Timestamp = "2026-11-22T03:00:00Z".parse().expect("a time");
    let mut journal = MemoryJournal::default();
    journal.append(0, &[Recorded { at: now, fact: owed(1) }]).expect("there is room");
    let mut core = Core::open(journal, policy(), now).expect("reads");
    core.take(&Command::Boot { version: "0".into(), attached: Vec::new() }, now).expect("boots");
    core.commit(now).expect("commits");
    let tells = |core: &mut Core<MemoryJournal>| {
        let all = core.due(now).into_iter().filter_map(|work| match work {
            Work::Tell(tell) => Some(tell),
            _ => None,
        });
        all.collect::<Vec<_>>()
    };
    let told = tells(&mut core);
    assert_eq!(told.len(), 1, "never none");
    let again = told[0].again.expect("marked");
    assert!(again.contains("possibly a repeat"), "{again}");
    assert_eq!(told[0].notice.body, "x", "the key of the message stays what it was");
    assert!(tells(&mut core).is_empty(), "it is handed out once");

    let end = core.end();
    core.journal_mut().append(end, &[Recorded { at: now, fact: owed(2) }]).expect("room");
    // A second life: both may have gone out by now, each once more at most.
    let journal = std::mem::take(core.journal_mut());
    let mut next = Core::open(journal, policy(), now).expect("reads");
    next.take(&Command::Boot { version: "0".into(), attached: Vec::new() }, now).expect("boots");
    next.commit(now).expect("commits");
    assert_eq!(tells(&mut next).len(), 2);
}
