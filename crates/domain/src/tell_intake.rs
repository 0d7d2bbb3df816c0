//! What jobs, deployments and users said, in one sentence each.

use crate::{
    fact::{Fact, ReportReceived},
    heartbeat::PingKind,
    said::Said,
};

/// The sentence; none: the fact is about something else.
pub fn tell(fact: &Fact) -> Option<Said> {
    Some(match fact {
        Fact::HeartbeatExpected { name, due_at, .. } => Said::new(
            format!("ハートビート {name} を {due_at} まで待機"),
            format!("heartbeat {name} is expected by {due_at}"),
        ),
        Fact::HeartbeatHeard(heard) => {
            let (ja, en) = match heard.kind {
                PingKind::Success => ("成功".to_owned(), "success".to_owned()),
                PingKind::Start => ("開始".to_owned(), "start".to_owned()),
                PingKind::Fail => ("失敗".to_owned(), "failure".to_owned()),
                PingKind::Log => ("記録".to_owned(), "log".to_owned()),
                PingKind::Exit(code) => (format!("終了コード {code}"), format!("exit code {code}")),
            };
            let name = &heard.name;
            let said = heard.detail.lines().next().unwrap_or_default();
            let said = if said.is_empty() { String::new() } else { format!(" — {said}") };
            Said::new(
                format!("ハートビート {name}: {ja}{said}"),
                format!("heartbeat {name}: {en}{said}"),
            )
        }
        Fact::HeartbeatMissed { name, due_at } => Said::new(
            format!("ハートビート {name} が途絶 ({due_at} が期限)"),
            format!("heartbeat {name} was missed (due {due_at})"),
        ),
        Fact::HeartbeatForgotten { name } => Said::new(
            format!("ハートビート {name} は設定から削除済み"),
            format!("heartbeat {name} is not expected any more"),
        ),
        Fact::ChangeMarked(change) => {
            let on = change.service.as_ref().map_or(String::new(), |on| format!(" → {on}"));
            let (title, source) = (&change.title, &change.source);
            Said::new(
                format!("変更{on}: {title} ({source})"),
                format!("change{on}: {title} ({source})"),
            )
        }
        Fact::ReportReceived(ReportReceived { incident, from, text, via, .. }) => Said::new(
            format!("{incident} への報告 ({from}, {via}): {text}"),
            format!("{incident} reported by {from} ({via}): {text}"),
        ),
        _ => return None,
    })
}
