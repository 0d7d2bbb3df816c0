//! Samples of what jobs, deployments and users say.

use super::after;
use domain::{
    change::ChangeMarked,
    fact::{Fact, ReportReceived},
    heartbeat::{HeartbeatHeard, PingKind},
    ids::{HeartbeatName, IncidentId},
};

/// One sample per kind, every sign of life, and a change with and without what may be missing.
pub fn samples() -> Vec<Fact> {
    let name = || HeartbeatName::from("nightly-backup");
    let mut samples = vec![Fact::HeartbeatExpected {
        name: name(),
        service: "database".into(),
        due_at: after(90_000),
    }];
    let kinds = [
        (PingKind::Start, Some(after(3600))),
        (PingKind::Log, None),
        (PingKind::Exit(3), None),
        (PingKind::Fail, None),
        (PingKind::Success, Some(after(90_000))),
    ];
    samples.extend(kinds.map(|(kind, due_at)| heard(name(), kind, due_at)));
    let full = ChangeMarked {
        integration: "github".into(),
        key: "0f".repeat(16),
        title: "v1.2 をデプロイ".into(),
        source: "github.com/example/api".into(),
        service: Some("api-1".into()),
        url: "https://ci.example/runs/7".into(),
        made_at: after(-60),
    };
    let bare =
        ChangeMarked { key: String::new(), service: None, url: String::new(), ..full.clone() };
    samples.extend([
        Fact::HeartbeatMissed { name: name(), due_at: after(90_000) },
        Fact::HeartbeatForgotten { name: name() },
        Fact::ChangeMarked(Box::new(full)),
        Fact::ChangeMarked(Box::new(bare)),
        report(Some("chart".into())),
        report(None),
    ]);
    samples
}

fn heard(name: HeartbeatName, kind: PingKind, due_at: Option<jiff::Timestamp>) -> Fact {
    let run = Some("0aa96a40-27fd-4d8c-9ba0-9a5c1d4f8e11".into());
    let detail = "dump: 12 GB".into();
    Fact::HeartbeatHeard(Box::new(HeartbeatHeard { name, kind, run, detail, due_at }))
}

fn report(service: Option<String>) -> Fact {
    Fact::ReportReceived(ReportReceived {
        incident: IncidentId(1),
        from: "support".into(),
        text: "チャートが出ない".into(),
        service,
        via: "cli".into(),
    })
}
