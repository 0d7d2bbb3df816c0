//! What the stories of the history share: facts written by hand, a second apart, and a journal of them.

use domain::{
    fact::{
        About, AlertFired, AlertPending, Assessment, AttemptIntended, AttemptSettled,
        Classification, Delivery, Event, Fact, IncidentEscalated, NeededRole, NoticeAttempted,
        NoticeOwed, Recorded, RunPlanned, RunResult, Way,
    },
    ids::{Actor, AlertId, AlertKey, IncidentId, NoticeId, RunId},
    plan::{CheckItem, Guardrails, Outcome, Role, VerifyNumbers},
    rule::Symptom,
    severity::{Level, Priority},
};
use history::History;
use jiff::{SignedDuration, Timestamp};
use journal::{Journal, MemoryJournal};
use std::collections::BTreeMap;

/// The time of the n-th fact.
pub fn second(n: usize) -> Timestamp {
    let seconds = i64::try_from(n).expect("a few");
    Timestamp::UNIX_EPOCH.saturating_add(SignedDuration::from_secs(seconds)).expect("in range")
}

/// A journal in which the facts are a second apart.
pub fn journal(facts: &[Fact]) -> MemoryJournal {
    let mut journal = MemoryJournal::default();
    append(&mut journal, facts);
    journal
}

pub fn append(journal: &mut dyn Journal, facts: &[Fact]) {
    let first = usize::try_from(journal.end()).expect("a few");
    let facts: Vec<_> = (first..)
        .zip(facts)
        .map(|(n, fact)| Recorded { at: second(n), fact: fact.clone() })
        .collect();
    journal.append(journal.end(), &facts).expect("appends");
}

/// A history in memory that has caught up.
pub fn history(journal: &MemoryJournal) -> History {
    let mut history = History::open(":memory:").expect("opens");
    history.catch_up(journal).expect("catches up");
    history
}

pub fn key(service: &str) -> AlertKey {
    AlertKey::new("service_down", service)
}

pub fn pending(service: &str, n: usize) -> Fact {
    Fact::AlertPending(AlertPending {
        key: key(service),
        band: 0,
        since: second(n),
        fires_at: second(n + 1),
        observed: "up = no".into(),
    })
}

pub fn fired(id: u64, service: &str, n: usize) -> Fact {
    Fact::AlertFired(Box::new(AlertFired {
        id: AlertId(id),
        key: key(service),
        title: format!("サービスダウン: {service}"),
        symptom: Symptom::ServiceDown,
        level: Level::Critical,
        priority: Some(Priority::P1),
        band: 0,
        condition: "up = no".into(),
        observed: "no".into(),
        occurred_at: second(n),
        owner: "sre".into(),
        respond_by: second(n + 300),
        runbook: Some("restart".into()),
        redundant: false,
        is_outside: false,
    }))
}

pub fn resolved(id: u64, service: &str) -> Fact {
    Fact::AlertResolved {
        key: key(service),
        id: AlertId(id),
        observed: "yes".into(),
        owes_word: false,
    }
}

pub fn opened(id: u64, cause: &str, n: usize) -> Fact {
    Fact::IncidentOpened {
        id: IncidentId(id),
        title: format!("{cause} 停止"),
        system: "miraikakaku".into(),
        cause: cause.into(),
        symptom: Symptom::ServiceDown,
        source: "monitoring".into(),
        occurred_at: second(n),
        assess_until: second(n + 10),
        by: Actor::Hikeshi,
    }
}

pub fn joined(service: &str, incident: u64) -> Fact {
    Fact::AlertJoined { key: key(service), incident: IncidentId(incident) }
}

pub fn assessed(incident: u64) -> Fact {
    let assessment = Assessment {
        services: vec!["api-1".into()],
        functions: vec!["prediction".into()],
        request_share_percent: None,
        eta_minutes: None,
        eta_basis: "no similar incident".into(),
        roles: vec![NeededRole { role: "SRE".into(), available: true }],
        recent_changes: Vec::new(),
    };
    Fact::IncidentAssessed { incident: IncidentId(incident), assessment }
}

pub fn classified(incident: u64, priority: Priority) -> Fact {
    let classification = Classification {
        priority,
        rule: "service_down".into(),
        observed: "1 of 3".into(),
        reason: None,
        respond_by: second(3600),
        respond_minutes: 60,
        deadline_sources: vec!["A6".into()],
        next_update_at: None,
        limits: Vec::new(),
    };
    Fact::IncidentClassified { incident: IncidentId(incident), classification, by: Actor::Hikeshi }
}

pub fn escalated(incident: u64) -> Fact {
    Fact::IncidentEscalated(IncidentEscalated {
        incident: IncidentId(incident),
        level: 1,
        title: "当番".into(),
        contacts: vec!["sato".into()],
        reason: "P1".into(),
        next_at: None,
        next_page_at: None,
    })
}

pub fn notice(id: u64, about: About) -> Fact {
    let way = |channel: &str| Way { channel: channel.into(), address: None };
    Fact::NoticeOwed(Box::new(NoticeOwed {
        ways: vec![way("mail"), way("chat")],
        priority: Some(Priority::P1),
        first_wait_ms: 1000,
        longest_wait_ms: 1000,
        ..NoticeOwed::new(NoticeId(id), about, Event::Firing, "[P1] api-1", "現在の状況: 停止")
    }))
}

pub fn attempted(
    id: u64,
    attempt: u32,
    channel: &str,
    outcome: Delivery,
    next: Option<usize>,
) -> Fact {
    Fact::NoticeAttempted(NoticeAttempted {
        notice: NoticeId(id),
        attempt,
        channel: channel.into(),
        outcome,
        detail: "as it was".into(),
        next_at: next.map(second),
        next_way: 1,
        receipt: None,
        busy_until: None,
    })
}

pub fn planned(id: u64, service: &str) -> Fact {
    Fact::RunPlanned(Box::new(RunPlanned {
        id: RunId(id),
        runbook: "restart".into(),
        version: Some("1.2".into()),
        approved_by: Some("tanaka".into()),
        digest: "abc".into(),
        target: service.into(),
        alert: Some(key(service)),
        incident: None,
        by: Actor::Hikeshi,
        dry_run: false,
        automatic: true,
        steps: Vec::new(),
        verify: VerifyNumbers::default(),
        guardrails: Guardrails::default(),
        parameters: Default::default(),
        facts: Default::default(),
        guards: Vec::new(),
        checklist: vec![
            CheckItem { text: "api-1 is up".into(), step: Some("restart".into()) },
            CheckItem { text: "users are served".into(), step: None },
        ],
        missing: None,
        undoes: None,
    }))
}

pub fn intended(run: u64, service: &str, step: &str, role: Role) -> Fact {
    Fact::AttemptIntended(AttemptIntended {
        run: RunId(run),
        target: service.into(),
        step: step.into(),
        role,
        attempt: 1,
        changes: role == Role::Respond,
        deadline: second(1000),
    })
}

pub fn settled(run: u64, step: &str, evidence: Option<&str>) -> Fact {
    Fact::AttemptSettled(AttemptSettled {
        run: RunId(run),
        step: step.into(),
        attempt: 1,
        outcome: Outcome::Ok,
        exit: Some(0),
        took_ms: 120,
        output: "done".into(),
        captured: BTreeMap::new(),
        evidence: evidence.map(str::to_owned),
    })
}

pub fn finished(run: u64, service: &str, result: RunResult) -> Fact {
    Fact::RunFinished {
        run: RunId(run),
        target: service.into(),
        result,
        reason: domain::said::Said::default(),
    }
}

/// An API instance dies, is restarted, and the incident is closed: every kind of thing happens once.
pub fn a_whole_incident() -> Vec<Fact> {
    let incident = IncidentId(1);
    let person = Actor::Person("sato".into());
    vec![
        Fact::EngineStarted { version: "0.1.0".into() },
        pending("api-1", 1),
        fired(1, "api-1", 1),
        planned(1, "api-1"),
        opened(1, "api-1", 3),
        joined("api-1", 1),
        assessed(1),
        classified(1, Priority::P1),
        escalated(1),
        notice(1, About::Incident(incident)),
        attempted(1, 1, "mail", Delivery::TryAgain, Some(11)),
        attempted(1, 2, "chat", Delivery::Delivered, None),
        intended(1, "api-1", "collect", Role::Evidence),
        settled(1, "collect", Some("evidence/RUN-1")),
        Fact::IncidentResponding { incident, by: Actor::Hikeshi },
        intended(1, "api-1", "restart", Role::Respond),
        settled(1, "restart", None),
        Fact::RoundVerified { run: RunId(1), passed: true, passes: 1, next_at: second(20) },
        finished(1, "api-1", RunResult::Recovered),
        Fact::RepairVerified { incident, run: RunId(1) },
        resolved(1, "api-1"),
        Fact::RecoveryChecked {
            incident,
            check: "api".into(),
            result: domain::fact::CheckResult::Pass,
            detail: "3 of 3".into(),
        },
        Fact::IncidentRecovered { incident },
        Fact::IncidentReviewed { incident, review: "良し".into(), by: person.clone() },
        Fact::IncidentClosed { incident, by: person, unverified: None },
    ]
}
