//! Samples of what happens to alerts.

use super::{after, key};
use domain::{
    fact::{AlertFired, AlertPending, AlertRaised, Fact},
    ids::{AlertId, AlertKey},
    rule::Symptom,
    severity::{Level, Priority},
};

/// One sample per kind, and every word for a symptom.
pub fn samples() -> Vec<Fact> {
    let mut samples = vec![
        Fact::AlertPending(AlertPending {
            key: key(),
            band: 1,
            since: after(0),
            fires_at: after(30),
            observed: "15000 ms (no answer within 15s)".into(),
        }),
        Fact::AlertDropped { key: key() },
        Fact::AlertRaised(AlertRaised {
            condition: String::new(),
            key: key(),
            level: Level::Critical,
            priority: Some(Priority::P1),
            band: 0,
            observed: "接続拒否".into(),
            reason: "no other instance of the group serves".into(),
        }),
        Fact::AlertRaised(AlertRaised {
            condition: String::new(),
            key: key(),
            level: Level::Warning,
            priority: None,
            band: 0,
            observed: "exit code 1".into(),
            reason: "latency_ms ≥ 10000".into(),
        }),
        Fact::AlertFlapping { key: key(), firings: 4 },
        Fact::AlertSteadying { key: key(), until: after(600) },
        Fact::AlertUnsteady { key: key() },
        Fact::AlertResolved {
            key: key(),
            id: AlertId(7),
            observed: "up = true".into(),
            owes_word: false,
        },
    ];
    let symptoms = [
        Symptom::ServiceDown,
        Symptom::DatabaseUnreachable,
        Symptom::FunctionFailed,
        Symptom::ErrorRate,
        Symptom::Latency,
        Symptom::Disk,
        Symptom::Memory,
        Symptom::Cpu,
        Symptom::LogErrors,
        Symptom::LogSize,
        Symptom::Integrity,
        Symptom::NoData,
        Symptom::Other,
    ];
    samples.extend((1..).zip(symptoms).map(|(number, symptom)| fired(number, symptom)));
    samples
}

fn fired(number: u64, symptom: Symptom) -> Fact {
    let is_outage = symptom.is_outage();
    Fact::AlertFired(Box::new(AlertFired {
        id: AlertId(number),
        key: AlertKey::new(format!("rule_{number}"), "api-1"),
        title: "サービスダウン: API 1".into(),
        symptom,
        level: if is_outage { Level::Critical } else { Level::Info },
        priority: is_outage.then_some(Priority::P2),
        band: 0,
        condition: "up = false".into(),
        observed: "connection refused".into(),
        occurred_at: after(0),
        owner: "SRE".into(),
        respond_by: after(900),
        runbook: is_outage.then(|| "service-down".into()),
        redundant: !is_outage,
        is_outside: symptom == Symptom::Other,
    }))
}
