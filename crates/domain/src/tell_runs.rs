//! Facts about runs, and what people are asked about them, each in one sentence.

use crate::{
    fact::{
        Answer, ApprovalEnd, AttemptIntended, AttemptSettled, Fact, Hold, QuestionAnswered,
        QuestionAsked, RunResult,
    },
    plan::{Mode, Role},
    said::Said,
};

/// The sentence of a fact about runs; nothing for others.
pub fn tell(fact: &Fact) -> Option<Said> {
    Some(match fact {
        Fact::RunPlanned(p) => Said::new(
            format!("{}: 手順書 {} を {} に対して開始 ({})", p.id, p.runbook, p.target, p.by),
            format!("{}: runbook {} on {} ({})", p.id, p.runbook, p.target, p.by),
        ),
        Fact::RunHeld { run, reason, .. } => {
            let (ja, en) = match reason {
                Hold::Dependency(service) => (
                    format!("{service} の復旧待ち"),
                    format!("until {service} is measured healthy"),
                ),
                Hold::Rolling(service) => (
                    format!("{service} の修復待ち (1 台ずつ)"),
                    format!("until {service} is done (one at a time)"),
                ),
                Hold::Spacing => (
                    "前回からの間隔待ち".to_owned(),
                    "until enough time has passed since the last attempt".to_owned(),
                ),
                Hold::FreshLook => {
                    ("再測定待ち".to_owned(), "until it has been looked at again".to_owned())
                }
                Hold::Classification => {
                    ("分類待ち".to_owned(), "until the incident is classified".to_owned())
                }
                Hold::Approval(id) => (format!("{id} の承認待ち"), format!("for approval {id}")),
                Hold::Question(step) => {
                    (format!("{step} の結果の判断待ち"), format!("for a word on {step}"))
                }
                Hold::Stopped => {
                    ("自動操作の停止中".to_owned(), "while automation is stopped".to_owned())
                }
            };
            Said::new(format!("{run}: 待機 — {ja}"), format!("{run}: waits {en}"))
        }
        Fact::AttemptIntended(AttemptIntended { run, step, role, attempt, target, .. }) => {
            let ja = match role {
                Role::Diagnose => "診断",
                Role::Evidence => "証拠",
                Role::Respond => "対応",
                Role::Verify => "確認",
                Role::Probe => "判定",
                Role::Undo => "取り消し",
            };
            Said::new(
                format!("{run}: {ja} {step} → {target} ({attempt} 回目)"),
                format!("{run}: {role} {step} → {target} (attempt {attempt})"),
            )
        }
        Fact::AttemptStarted { run, step, .. } => {
            Said::new(format!("{run}: {step} 実行中"), format!("{run}: {step} is running"))
        }
        Fact::AttemptSettled(AttemptSettled { run, step, outcome, took_ms, .. }) => {
            let outcome = outcome.said();
            Said::each(|language| {
                format!("{run}: {step} {} ({took_ms} ms)", outcome.text(language))
            })
        }
        Fact::RoundVerified { run, passed: true, passes, .. } => Said::new(
            format!("{run}: 確認 {passes} 回連続で合格"),
            format!("{run}: verified, {passes} in a row"),
        ),
        Fact::RoundVerified { run, .. } => {
            Said::new(format!("{run}: まだ回復していません"), format!("{run}: not healthy yet"))
        }
        Fact::RunFinished { run, target, result, reason } => {
            let (ja, en) = match result {
                RunResult::Recovered => ("修復・確認済み", "repaired and verified"),
                RunResult::RecoveredUncertain => ("回復、原因は不明", "recovered, cause uncertain"),
                RunResult::NotNeeded => ("対応不要", "not needed"),
                RunResult::NotRecovered => ("回復せず", "did not help"),
                RunResult::Failed => ("失敗", "failed"),
                RunResult::Blocked => ("ガードレールにより停止", "stopped by a guardrail"),
                RunResult::NeedsPerson => ("人の判断が必要", "needs a person"),
                RunResult::Looked => ("調査済み", "looked"),
                RunResult::DryRun => ("ドライラン終了", "dry run done"),
                RunResult::Undone => ("取り消し済み", "taken back"),
                RunResult::TakenOver => ("人が引き継ぎ", "a person goes on"),
            };
            let because =
                |why: &str| if why.is_empty() { String::new() } else { format!(" — {why}") };
            Said::new(
                format!("{run}: {target} {ja}{}", because(&reason.ja)),
                format!("{run}: {target} {en}{}", because(&reason.en)),
            )
        }
        Fact::TargetLatched { target, until, reason } => Said::new(
            format!("{target} の自動操作を {until} まで停止 ({})", reason.ja),
            format!("{target} is not touched automatically until {until} ({})", reason.en),
        ),
        fact => return tell_answer(fact),
    })
}

/// What people are asked about runs, and what they say.
fn tell_answer(fact: &Fact) -> Option<Said> {
    Some(match fact {
        Fact::ApprovalAsked(a) => {
            let why = Said::join(&a.reasons, ", ");
            Said::new(
                format!(
                    "{}: {} の {} → {} に承認が必要 ({}、{} 人)",
                    a.id, a.run, a.step, a.target, why.ja, a.needs
                ),
                format!(
                    "{}: {} needs approval for {} → {} ({}; of {})",
                    a.id, a.run, a.step, a.target, why.en, a.needs
                ),
            )
        }
        Fact::ApprovalGiven { id, by, still_needed: 0, .. } => {
            Said::new(format!("{id}: {by} が承認"), format!("{id}: {by} approved"))
        }
        Fact::ApprovalGiven { id, by, still_needed, .. } => Said::new(
            format!("{id}: {by} が承認、あと {still_needed} 人"),
            format!("{id}: {by} approved, {still_needed} more needed"),
        ),
        Fact::ApprovalEnded { id, how, by, reason, .. } => {
            let (ja, en) = match how {
                ApprovalEnd::Denied => (format!("{by} が却下"), format!("denied by {by}")),
                ApprovalEnd::Expired => ("期限切れ".to_owned(), "expired".to_owned()),
                ApprovalEnd::Void => ("無効".to_owned(), "void".to_owned()),
            };
            Said::new(format!("{id}: {ja} ({})", reason.ja), format!("{id}: {en} ({})", reason.en))
        }
        Fact::QuestionAsked(QuestionAsked { run, step, reason, .. }) => Said::new(
            format!("{run}: {step} の結果が不明。人の判断が必要 ({})", reason.ja),
            format!("{run}: a person must say what became of {step} ({})", reason.en),
        ),
        Fact::QuestionAnswered(QuestionAnswered { run, step, answer, reason, by, .. }) => {
            let (ja, en) = match answer {
                Answer::Done => ("実行済みとして扱う", "treat it as done"),
                Answer::Again => ("未実行として再実行する", "treat it as not done, run it again"),
                Answer::Manual => ("止めて手作業に移る", "stop, people go on by hand"),
            };
            Said::new(
                format!("{run}: {step} — {by}: {ja} ({reason})"),
                format!("{run}: {step} — {by}: {en} ({reason})"),
            )
        }
        Fact::TargetReleased { target, by } => Said::new(
            format!("{by} が {target} の自動操作を再開"),
            format!("{target} may be touched automatically again ({by})"),
        ),
        Fact::RunbookPromoted { runbook, to, by } => {
            let (ja, en) = match to {
                Mode::Manual => ("手動", "run by hand only"),
                Mode::Approve => ("承認付きで自動", "run by itself with approvals"),
                Mode::Auto => ("自動", "run by itself"),
            };
            Said::new(
                format!("{by} が {runbook} を「{ja}」に"),
                format!("{by} lets {runbook} {en}"),
            )
        }
        Fact::AutomationStopped { reason, by, until } => {
            let (ja, en) = match until {
                Some(until) => (format!("{until} まで"), format!("until {until}")),
                None => ("再開まで".to_owned(), "until it is resumed".to_owned()),
            };
            Said::new(
                format!("{by} が自動操作を停止、{ja} ({reason})"),
                format!("{by} stopped automation {en} ({reason})"),
            )
        }
        Fact::AutomationResumed { by } => {
            Said::new(format!("{by} が自動操作を再開"), format!("{by} resumed automation"))
        }
        _ => return None,
    })
}
