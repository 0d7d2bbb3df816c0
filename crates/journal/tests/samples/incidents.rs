//! Samples of what happens to incidents.

use super::{after, key};
use domain::{
    clock::{Clock, Limit, Origin},
    fact::{
        Assessment, CheckResult, Classification, ClockMissed, DigestSent, Fact, IncidentEscalated,
        MeasureDone, MeasureRecorded, NeededRole, RoleAssigned, RootCause,
    },
    ids::{Actor, IncidentId, MeasureId, RunId},
    incident_role::IncidentRole,
    rule::Symptom,
    said::Said,
    severity::Priority,
};

const ID: IncidentId = IncidentId(1);

fn person() -> Actor {
    Actor::Person("hanako".into())
}

/// One sample per kind, and more where a kind has several shapes.
pub fn samples() -> Vec<Fact> {
    [opening(), deciding(), people(), ending()].concat()
}

fn opening() -> Vec<Fact> {
    vec![
        Fact::IncidentOpened {
            id: ID,
            title: "サービスダウン: API".into(),
            system: "miraikakaku".into(),
            cause: "api".into(),
            symptom: Symptom::ServiceDown,
            source: "monitoring".into(),
            occurred_at: after(0),
            assess_until: after(10),
            by: Actor::Hikeshi,
        },
        Fact::AlertJoined { key: key(), incident: ID },
        Fact::CauseChanged {
            incident: ID,
            title: "データベース接続失敗: PostgreSQL".into(),
            cause: "postgres".into(),
            symptom: Symptom::DatabaseUnreachable,
        },
        Fact::IncidentMerged { incident: IncidentId(2), into: ID },
    ]
}

fn deciding() -> Vec<Fact> {
    let measured = Assessment {
        services: vec!["api-1".into(), "frontend".into()],
        functions: vec!["price-display".into()],
        request_share_percent: Some(62.5),
        eta_minutes: Some(4),
        eta_basis: "過去 3 件の中央値".into(),
        roles: vec![NeededRole { role: "DBA".into(), available: false }],
        recent_changes: vec!["v1.2 — API (github, 2026-11-22 02:58 JST)".into()],
    };
    let classification = Classification {
        priority: Priority::P0,
        rule: "core_journey_dead".into(),
        observed: "2/2: 価格表示, 予測".into(),
        reason: None,
        respond_by: after(300),
        respond_minutes: 5,
        deadline_sources: vec!["P0: 2026-11-22T00:05:00Z".into()],
        next_update_at: Some(after(900)),
        limits: Vec::new(),
    };
    let by_person = Classification {
        priority: Priority::P3,
        reason: Some("印刷用ページのみ".into()),
        next_update_at: None,
        limits: vec![limit(Origin::Team), limit(Origin::DocumentA)],
        ..classification.clone()
    };
    vec![
        Fact::IncidentAssessed { incident: ID, assessment: measured },
        Fact::IncidentAssessed { incident: ID, assessment: Assessment::default() },
        Fact::IncidentClassified { incident: ID, classification, by: Actor::Hikeshi },
        Fact::IncidentClassified { incident: ID, classification: by_person, by: person() },
    ]
}

fn limit(from: Origin) -> Limit {
    Limit {
        clock: Clock::Respond,
        from,
        what: "P3".into(),
        within: Said::new("1営業日", "1 business day"),
        minutes: 1440,
        due_at: after(86_400),
    }
}

fn missed(is_quiet: bool) -> Fact {
    let limit = limit(Origin::DocumentB);
    Fact::ClockMissed(Box::new(ClockMissed { incident: ID, limit, is_quiet }))
}

fn stuck() -> Fact {
    let mut fact = digest(false);
    if let Fact::DigestSent(sent) = &mut fact {
        sent.is_stuck = true;
    }
    fact
}

fn role(before: Option<String>) -> Fact {
    Fact::RoleAssigned(Box::new(RoleAssigned {
        incident: ID,
        role: IncidentRole::Commander,
        to: "hanako".into(),
        before,
        by: person(),
    }))
}

fn measure(owner: Option<String>) -> Fact {
    let due = owner.as_ref().map(|_| jiff::civil::date(2026, 12, 1));
    Fact::MeasureRecorded(Box::new(MeasureRecorded {
        id: MeasureId(1),
        incident: ID,
        text: "接続数の監視を追加".into(),
        owner,
        due,
        by: person(),
    }))
}

fn digest(is_told: bool) -> Fact {
    let incidents = if is_told { vec![ID] } else { Vec::new() };
    Fact::DigestSent(Box::new(DigestSent {
        day: jiff::civil::date(2026, 11, 22),
        since: after(0),
        incidents,
        is_told,
        is_stuck: false,
    }))
}

fn people() -> Vec<Fact> {
    let escalated = |level, next_at, next_page_at| {
        Fact::IncidentEscalated(IncidentEscalated {
            incident: ID,
            level,
            title: "オンコール".into(),
            contacts: vec!["hanako".into(), "taro".into()],
            reason: "classified".into(),
            next_at,
            next_page_at,
        })
    };
    vec![
        escalated(1, Some(after(1800)), Some(after(300))),
        escalated(3, None, None),
        Fact::IncidentPaged { incident: ID, contact: "taro".into(), next_at: Some(after(600)) },
        Fact::IncidentResponding { incident: ID, by: Actor::Hikeshi },
        Fact::IncidentAcknowledged { incident: ID, by: person() },
        Fact::IncidentNoted {
            incident: ID,
            text: "\"引用\"\nand a second line".into(),
            by: person(),
        },
        missed(false),
        missed(true),
        digest(true),
        digest(false),
        stuck(),
        Fact::IncidentUpdated { incident: ID, next_at: Some(after(900)) },
        Fact::IncidentUpdated { incident: ID, next_at: None },
    ]
}

fn ending() -> Vec<Fact> {
    let checked = |result, detail: &str| Fact::RecoveryChecked {
        incident: ID,
        check: "db".into(),
        result,
        detail: detail.into(),
    };
    let cause = RootCause {
        technical: "接続プールの上限".into(),
        process: "負荷試験なし".into(),
        human: String::new(),
    };
    vec![
        checked(CheckResult::Unknown, "nothing measured it yet"),
        checked(CheckResult::Fail, "service_down@api-1"),
        checked(CheckResult::Pass, "3 measured good"),
        Fact::RepairVerified { incident: ID, run: RunId(1) },
        Fact::IncidentRecovered { incident: ID },
        Fact::IncidentReviewed { incident: ID, review: "自動復旧".into(), by: Actor::Hikeshi },
        Fact::CauseRecorded { incident: ID, cause, by: person() },
        Fact::IncidentClosed { incident: ID, by: person(), unverified: None },
        Fact::IncidentClosed {
            incident: ID,
            by: person(),
            unverified: Some("監視の対象外".into()),
        },
        role(None),
        role(Some("taro".into())),
        measure(Some("sre".into())),
        measure(None),
        Fact::MeasureDone(MeasureDone { id: MeasureId(1), incident: ID, by: person() }),
    ]
}
