//! Samples of what other systems send, and of silences.

use super::{after, key};
use domain::{
    alert_label::{AlertLabel, AlertLabelled},
    carried_accounts::{
        AccountChange, AccountChanged, ApiTokenIssued, ApiTokenUsed, Factor, Identity, Rights,
        Scope,
    },
    fact::{DeviceAdded, DeviceRemoved, Fact, TokenIssued},
    ids::{Actor, AlertId, AlertKey, IncidentId, IntegrationName},
    labels::Labels,
    matcher::Matcher,
    secret_access::{AccessResult, SecretAccess},
    severity::{Level, Priority},
    signal::{Ended, Fingerprint, Signal},
    silence::{self, Announced, Kind, Silence},
};
use jiff::Timestamp;
use std::sync::Arc;

/// One sample per kind, and every shape of a signal and of a silence.
pub fn samples() -> Vec<Fact> {
    let integration = IntegrationName::from("prometheus");
    let ended = Ended { fingerprint: Fingerprint(255), key: external(), ends_at: after(60) };
    let mut samples = vec![
        Fact::AlertsTold { keys: vec![key(), external()] },
        Fact::SignalsRaised { integration, signals: vec![full(), bare()] },
        Fact::SignalsEnded { signals: vec![ended.clone()], by_silence: true },
        Fact::SignalsEnded { signals: vec![ended], by_silence: false },
    ];
    let by = Actor::System("alertmanager".into());
    for kind in
        [Kind::Plain, Kind::Maintenance(vec!["api-1".into()]), Kind::Recurring("batch".into())]
    {
        let silence = Box::new(silence(kind));
        samples.push(Fact::SilencePut { silence, by: by.clone(), remind_at: Some(after(86_400)) });
    }
    let words = Some("部品を交換します".to_owned());
    for announced in [Announced { words }, Announced::default()] {
        let kind = Kind::Maintenance(vec!["api-1".into()]);
        let silence = Box::new(Silence { announced: Some(announced), ..silence(kind) });
        samples.push(Fact::SilencePut { silence, by: by.clone(), remind_at: None });
    }
    let id = silence::id_of(&["sample"]);
    samples.extend([
        Fact::TokenIssued(TokenIssued {
            id: 1,
            integration: "grafana".into(),
            digest: "ab".repeat(32),
            expires_at: None,
            by: by.clone(),
        }),
        Fact::TokenIssued(TokenIssued {
            id: 2,
            integration: "grafana".into(),
            digest: "cd".repeat(32),
            expires_at: Some(after(86_400)),
            by: by.clone(),
        }),
        Fact::TokenRevoked { id: 1, by: by.clone() },
        api_token(3, Scope::Read, None),
        api_token(4, Scope::Admin, Some(after(86_400))),
        Fact::ApiTokenUsed(ApiTokenUsed { id: 3 }),
        Fact::DeviceAdded(Box::new(DeviceAdded {
            id: 1,
            contact: "sato".into(),
            channel: "push".into(),
            title: "携帯".into(),
            address: "https://push.example.net/1 BCVx BTBZ".into(),
            by: by.clone(),
        })),
        Fact::DeviceRemoved(DeviceRemoved { id: 1, by: by.clone() }),
        labelled(Some(AlertLabel::True)),
        labelled(Some(AlertLabel::False)),
        labelled(Some(AlertLabel::Noise)),
        labelled(None),
        account(AccountChange::Added(Rights::Administrator)),
        account(AccountChange::Allowed(Rights::Approver)),
        account(AccountChange::TeamAllowed { team: "DB".into(), rights: Rights::Responder }),
        account(AccountChange::Linked),
        account(AccountChange::PasswordChosen),
        account(AccountChange::SignedIn),
        account(AccountChange::FactorAdded(Factor::App)),
        account(AccountChange::FactorAdded(Factor::Passkey)),
        account(AccountChange::FactorRemoved(Factor::App)),
        account(AccountChange::RecoveryUsed),
        account(AccountChange::RecoveryRenewed),
        account(AccountChange::FactorsReset),
        account(AccountChange::Connected(Identity {
            issuer: "https://login.example.jp".into(),
            subject: "248289761001".into(),
        })),
        account(AccountChange::Disconnected),
        account(AccountChange::Removed),
        access(AccessResult::Given, Some("google:projects/p/secrets/db"), false),
        access(AccessResult::Given, Some("file:/etc/hikeshi/glass/db"), true),
        access(AccessResult::Absent, None, false),
        access(AccessResult::Denied, None, false),
        access(AccessResult::Unreachable, None, false),
        Fact::SilenceStarted { id: id.clone() },
        Fact::SilenceReminded { id: id.clone(), next_at: None },
        Fact::SilenceEnded {
            id: id.clone(),
            by: by.clone(),
            alerts: vec![external()],
            incidents: vec![IncidentId(3)],
        },
        Fact::SilenceEnded { id, by, alerts: Vec::new(), incidents: Vec::new() },
    ]);
    samples
}

fn labelled(label: Option<AlertLabel>) -> Fact {
    let by = Actor::Person("佐藤".into());
    Fact::AlertLabelled(Box::new(AlertLabelled { alert: AlertId(7), label, by }))
}

fn api_token(id: u64, scope: Scope, expires_at: Option<Timestamp>) -> Fact {
    Fact::ApiTokenIssued(Box::new(ApiTokenIssued {
        id,
        account: "佐藤".into(),
        name: "deploy".into(),
        scope,
        digest: "ef".repeat(32),
        expires_at,
        by: Actor::Person("佐藤".into()),
    }))
}

fn account(change: AccountChange) -> Fact {
    let by = Actor::Person("root".into());
    Fact::AccountChanged(Box::new(AccountChanged { account: "佐藤".into(), change, by }))
}

fn access(result: AccessResult, source: Option<&str>, break_glass: bool) -> Fact {
    Fact::SecretAccessed(Box::new(SecretAccess {
        secret: "db-password".into(),
        source: source.map(Into::into),
        purpose: "probe db/login".into(),
        by: if break_glass { Actor::Person("sato".into()) } else { Actor::Hikeshi },
        result,
        break_glass,
        reason: if source.is_none() { "google: HTTP 403".into() } else { String::new() },
    }))
}

fn external() -> AlertKey {
    AlertKey::new("HighLatency{zone=a}", "api-1")
}

fn full() -> Arc<Signal> {
    Arc::new(Signal {
        fingerprint: Fingerprint(0x0e15_cccb_af2f_b5cc),
        key: external(),
        level: Level::Critical,
        priority: Some(Priority::P1),
        labels: Labels::new([("alertname", "HighLatency"), ("説明", "\"quoted\"")]),
        annotations: Labels::new([("summary", "p99 is 9 s")]),
        generator_url: "http://prometheus.example/graph".into(),
        starts_at: after(0),
        ends_at: after(300),
        is_timeout: true,
    })
}

fn bare() -> Arc<Signal> {
    Arc::new(Signal {
        fingerprint: Fingerprint(1),
        key: external(),
        level: Level::Info,
        priority: None,
        labels: Labels::new([("alertname", "Seen")]),
        annotations: Labels::default(),
        generator_url: "".into(),
        starts_at: after(0),
        ends_at: after(10),
        is_timeout: false,
    })
}

fn silence(kind: Kind) -> Silence {
    Silence {
        id: silence::id_of(&["sample"]),
        matchers: vec![
            Matcher::equal("alertname", "HighLatency"),
            Matcher::new("instance", "api-.*", true, false).expect("an expression"),
        ],
        starts_at: after(0),
        ends_at: after(3600),
        created_by: "sato".into(),
        comment: "交換作業".into(),
        annotations: Labels::new([("ticket", "OPS-1")]),
        kind,
        announced: None,
    }
}
