//! Words of the domain as people read them on pages.

use domain::{
    alert_label::AlertLabel,
    carried_accounts::{Rights, Scope},
    fact::{CheckResult, Delivery, Event, Hold, RunResult},
    graph::Graph,
    plan::{EffectKind, Mode, Outcome, Role},
    rule::Symptom,
    said::Said,
};
use history::{IncidentState, NoticeState};

/// What somebody may do.
pub(crate) fn rights(rights: Rights) -> Said {
    let (ja, en) = match rights {
        Rights::Viewer => ("閲覧者", "a viewer"),
        Rights::Responder => ("対応者", "a responder"),
        Rights::Approver => ("承認者", "an approver"),
        Rights::Administrator => ("管理者", "an administrator"),
    };
    Said::new(ja, en)
}

/// What people say of an alert.
pub(crate) fn label(label: AlertLabel) -> Said {
    let (ja, en) = match label {
        AlertLabel::True => ("正しい", "true"),
        AlertLabel::False => ("誤報", "false"),
        AlertLabel::Noise => ("不要", "noise"),
    };
    Said::new(ja, en)
}

/// What a program may do with a token.
pub(crate) fn scope(scope: Scope) -> Said {
    let (ja, en) = match scope {
        Scope::Read => ("閲覧 (read)", "read: see everything"),
        Scope::Respond => ("対応 (respond)", "respond: work on incidents"),
        Scope::Approve => ("承認 (approve)", "approve: also say what may run"),
        Scope::Admin => ("管理 (admin)", "admin: also say who may what"),
    };
    Said::new(ja, en)
}

/// Where an incident stands.
pub(crate) fn state(state: IncidentState) -> Said {
    let (ja, en) = match state {
        IncidentState::Detected => ("検知", "detected"),
        IncidentState::Assessed => ("評価済み", "assessed"),
        IncidentState::Classified => ("判定済み", "classified"),
        IncidentState::Escalated => ("通知済み", "people told"),
        IncidentState::Responding => ("対応中", "responding"),
        IncidentState::Recovered => ("復旧", "recovered"),
        IncidentState::Reviewed => ("振り返り済み", "reviewed"),
        IncidentState::Closed => ("クローズ", "closed"),
        IncidentState::Merged => ("統合", "merged"),
    };
    Said::new(ja, en)
}

/// The trouble of a service.
pub(crate) fn symptom(symptom: Symptom) -> Said {
    let (ja, en) = match symptom {
        Symptom::ServiceDown => ("停止", "down"),
        Symptom::DatabaseUnreachable => ("データベース接続不可", "database unreachable"),
        Symptom::FunctionFailed => ("機能停止", "does not work"),
        Symptom::ErrorRate => ("エラー率", "error rate"),
        Symptom::Latency => ("応答遅延", "slow"),
        Symptom::Disk => ("ディスク", "disk"),
        Symptom::Memory => ("メモリ", "memory"),
        Symptom::Cpu => ("CPU", "processors"),
        Symptom::LogErrors => ("ログのエラー", "errors in logs"),
        Symptom::LogSize => ("ログ肥大", "log size"),
        Symptom::Integrity => ("データ不整合", "data integrity"),
        Symptom::DataLoss => ("データ消失の疑い", "data may be lost"),
        Symptom::NoData => ("計測値なし", "no data"),
        _ => ("その他", "other"),
    };
    Said::new(ja, en)
}

/// How a run ended.
pub(crate) fn result(result: RunResult) -> Said {
    let (ja, en) = match result {
        RunResult::Recovered => ("復旧を確認", "repaired and verified"),
        RunResult::RecoveredUncertain => {
            ("復旧 (効果は不明)", "good again; unknown whether by this")
        }
        RunResult::NotNeeded => ("不要になった", "not needed any more"),
        RunResult::NotRecovered => ("効果なし", "did not help"),
        RunResult::Failed => ("失敗", "failed"),
        RunResult::Blocked => ("安全装置により停止", "stopped by a guardrail"),
        RunResult::NeedsPerson => ("人の確認が必要", "needs a person"),
        RunResult::Looked => ("調査完了", "looked, changed nothing"),
        RunResult::DryRun => ("ドライラン", "dry run"),
        RunResult::Undone => ("取り消し完了", "taken back"),
        RunResult::TakenOver => ("人が引き継ぎ", "taken over by a person"),
    };
    Said::new(ja, en)
}

/// Why a run waits.
pub(crate) fn hold(hold: &Hold, graph: &Graph) -> Said {
    match hold {
        Hold::Dependency(name) => {
            let title = graph.title(name);
            Said::new(
                format!("依存先 {title} の回復待ち"),
                format!("waits for {title}, which it needs"),
            )
        }
        Hold::Rolling(name) => {
            let title = graph.title(name);
            Said::new(format!("{title} の修復が先"), format!("{title} is being repaired first"))
        }
        Hold::Spacing => {
            Said::new("前回の試行から間隔を空けています", "keeps its distance to the last attempt")
        }
        Hold::FreshLook => Said::new("新しい計測を待っています", "waits for a fresh look"),
        Hold::Classification => Said::new("優先度の判定待ち", "waits for the priority"),
        Hold::Approval(_) => Said::new("承認待ち", "waits for an approval"),
        Hold::Question(step) => Said::new(
            format!("{step} の結果の確認待ち"),
            format!("waits for an answer about {step}"),
        ),
        Hold::Stopped => Said::new("自動対応は停止中", "automation is stopped"),
    }
}

/// How an attempt ended; none: it is under way. With the class of its mark.
pub(crate) fn outcome(outcome: Option<&Outcome>) -> (Said, &'static str) {
    let with = |ja: &str, en: &str, why: &Said| {
        Said::new(format!("{ja}: {}", why.ja), format!("{en}: {}", why.en))
    };
    match outcome {
        None => (Said::new("実行中", "running"), "running"),
        Some(Outcome::Ok) => (Said::new("成功", "ok"), "pass"),
        Some(Outcome::Failed(why)) => (with("失敗", "failed", why), "fail"),
        Some(Outcome::Timeout) => {
            (Said::new("時間切れ、効果は不明", "timed out, its effect is unknown"), "unknown")
        }
        Some(Outcome::Unknown(why)) => (with("結果不明", "unknown", why), "unknown"),
        Some(Outcome::Blocked(why)) => (with("開始されず", "did not start", why), "fail"),
        Some(Outcome::Skipped) => (Said::new("省略", "skipped"), "none"),
        Some(Outcome::Cancelled(why)) => (with("取り止め", "cancelled", why), "none"),
    }
}

/// Whether a runbook runs by itself.
pub(crate) fn mode(mode: Mode) -> Said {
    let (ja, en) = match mode {
        Mode::Manual => ("手動", "a person starts it"),
        Mode::Approve => ("承認後に実行", "asks before it changes something"),
        Mode::Auto => ("自動", "runs by itself"),
    };
    Said::new(ja, en)
}

/// What a step is for.
pub(crate) fn role(role: Role) -> Said {
    let (ja, en) = match role {
        Role::Diagnose => ("診断", "diagnose"),
        Role::Evidence => ("証拠保全", "evidence"),
        Role::Respond => ("対応", "respond"),
        Role::Verify => ("確認", "verify"),
        Role::Probe => ("結果確認", "probe"),
        Role::Undo => ("取り消し", "undo"),
    };
    Said::new(ja, en)
}

/// What repeating a step would do.
pub(crate) fn effect(effect: EffectKind) -> Said {
    let (ja, en) = match effect {
        EffectKind::Read => ("変更なし", "changes nothing"),
        EffectKind::Converge => ("繰り返しても同じ結果", "repeating gives the same end state"),
        EffectKind::Once => ("一度だけ", "once: repeating may hurt"),
        EffectKind::Destructive => {
            ("データやサービスを失う恐れ", "destructive: can lose data or a whole service")
        }
    };
    Said::new(ja, en)
}

/// A box of a checklist, with the class of its mark.
pub(crate) fn check(result: Option<CheckResult>) -> (Said, &'static str) {
    match result {
        Some(CheckResult::Pass) => (Said::new("良好", "good"), "pass"),
        Some(CheckResult::Fail) => (Said::new("不良", "bad"), "fail"),
        Some(CheckResult::Unknown) => (Said::new("未確認", "not known yet"), "unknown"),
        None => (Said::new("未実施", "not done"), "none"),
    }
}

/// Where a notice stands, with the class of its mark.
pub(crate) fn notice(state: NoticeState) -> (Said, &'static str) {
    match state {
        NoticeState::Pending => (Said::new("送信待ち", "waiting"), "running"),
        NoticeState::Delivered => (Said::new("送達", "delivered"), "pass"),
        NoticeState::GivenUp => (Said::new("送達できず", "could not be delivered"), "fail"),
        NoticeState::Withdrawn => (Said::new("取り下げ", "withdrawn"), "none"),
    }
}

/// How an attempt at telling went.
pub(crate) fn delivery(delivery: Delivery) -> Said {
    let (ja, en) = match delivery {
        Delivery::Delivered => ("受理", "accepted"),
        Delivery::TryAgain => ("再試行", "will be tried again"),
        Delivery::Hopeless => ("不可", "hopeless"),
    };
    Said::new(ja, en)
}

/// Why a notice is sent.
pub(crate) fn event(event: Event) -> Said {
    let (ja, en) = match event {
        Event::Firing => ("発生", "it began"),
        Event::Raised => ("悪化", "it became worse"),
        Event::Escalated => ("段階上げ", "next level"),
        Event::Repeated => ("再通知", "paged again"),
        Event::Update => ("状況連絡", "update"),
        Event::Handover => ("人へ引き継ぎ", "handed over"),
        Event::Resolved => ("解消", "it is over"),
        Event::Reminder => ("リマインダ", "reminder"),
        Event::Approval => ("承認依頼", "approval asked"),
        Event::Shift => ("当番交代", "shift"),
        Event::Test => ("送信試験", "test"),
        Event::Acknowledged => ("引き受け", "acknowledged"),
        Event::Report => ("報告", "report"),
        Event::Draft => ("下書き", "draft"),
        Event::Statement => ("発表", "statement"),
        Event::Digest => ("日次レポート", "daily digest"),
    };
    Said::new(ja, en)
}
