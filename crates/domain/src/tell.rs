//! Every fact in one sentence, in both languages: for timelines, logs and the demo.

use crate::{
    fact::{
        AlertRaised, AttemptIntended, AttemptSettled, CheckResult, ContactVerified, Delivery,
        Event, Fact, IncidentEscalated, Miss, NoticeAttempted, NoticeMissed, NoticeProved,
        NoticeWithdrawn, Proof,
    },
    ids::Actor,
    message::subject_of,
    said::Said,
    secret_access, tell_clocks, tell_comms, tell_intake, tell_on_call, tell_paging, tell_runs,
    tell_signals, tell_team,
};

/// The word for a kind of moment, stable for programs: it is the `kind` of a timeline entry in JSON.
pub fn kind(fact: &Fact) -> &'static str {
    match fact {
        Fact::EngineStarted { .. } => "started",
        Fact::AlertPending(_) => "alert_pending",
        Fact::AlertDropped { .. } => "alert_dropped",
        Fact::AlertFired(_) => "alert_fired",
        Fact::AlertRaised(_) => "alert_raised",
        Fact::AlertFlapping { .. } => "alert_flapping",
        Fact::AlertSteadying { .. } => "alert_steadying",
        Fact::AlertUnsteady { .. } => "alert_unsteady",
        Fact::AlertResolved { .. } => "alert_resolved",
        Fact::AlertsTold { .. } => "alerts_told",
        Fact::SignalsRaised { .. } => "signals_raised",
        Fact::SignalsEnded { .. } => "signals_ended",
        Fact::HeartbeatExpected { .. } => "heartbeat_expected",
        Fact::HeartbeatHeard(_) => "heartbeat_heard",
        Fact::HeartbeatMissed { .. } => "heartbeat_missed",
        Fact::HeartbeatForgotten { .. } => "heartbeat_forgotten",
        Fact::ChangeMarked(_) => "change_marked",
        Fact::ReportReceived(_) => "report_received",
        Fact::TokenIssued(_) => "token_issued",
        Fact::TokenRevoked { .. } => "token_revoked",
        Fact::ApiTokenIssued(_) => "api_token_issued",
        Fact::ApiTokenUsed(_) => "api_token_used",
        Fact::DeviceAdded(_) => "device_added",
        Fact::DeviceRemoved(_) => "device_removed",
        Fact::AlertLabelled(_) => "alert_labelled",
        Fact::AccountChanged(_) => "account_changed",
        Fact::SecretAccessed(_) => "credential_access",
        Fact::SilencePut { .. } => "silence_put",
        Fact::SilenceStarted { .. } => "silence_started",
        Fact::SilenceEnded { .. } => "silence_ended",
        Fact::SilenceReminded { .. } => "silence_reminded",
        Fact::OverrideSet(_) => "override_set",
        Fact::OverrideRemoved(_) => "override_removed",
        Fact::ShiftChanged(_) => "shift_changed",
        Fact::LevelSkipped(_) => "level_skipped",
        Fact::IncidentPassedOn(_) => "passed_on",
        Fact::IncidentOpened { .. } => "detected",
        Fact::AlertJoined { .. } => "alert_joined",
        Fact::CauseChanged { .. } => "cause_changed",
        Fact::IncidentMerged { .. } => "merged",
        Fact::IncidentAssessed { .. } => "assessed",
        Fact::IncidentClassified { .. } => "classified",
        Fact::IncidentEscalated(IncidentEscalated { .. }) => "escalated",
        Fact::IncidentPaged { .. } => "paged",
        Fact::NextStepMissing(_) => "next_step_missing",
        Fact::IncidentResponding { .. } => "responding",
        Fact::IncidentAcknowledged { .. } => "acknowledged",
        Fact::IncidentNoted { .. } => "noted",
        Fact::IncidentUpdated { .. } => "updated",
        Fact::StakeholdersInformed(_) => "stakeholders_informed",
        Fact::UpdateAsked(_) => "update_asked",
        Fact::UpdateOverdue(_) => "update_overdue",
        Fact::ClockMissed(_) => "clock_missed",
        Fact::DigestSent(_) => "digest_sent",
        Fact::RoleAssigned(_) => "role_assigned",
        Fact::MeasureRecorded(_) => "measure_recorded",
        Fact::MeasureDone(_) => "measure_done",
        Fact::DataLossSuspected(_) => "data_loss_suspected",
        Fact::DraftWritten(_) => "draft_written",
        Fact::DraftChanged(_) => "draft_changed",
        Fact::DraftReleased(_) => "draft_released",
        Fact::DraftDiscarded(_) => "draft_discarded",
        Fact::RecoveryChecked { .. } => "checked",
        Fact::RepairVerified { .. } => "repaired",
        Fact::IncidentRecovered { .. } => "recovered",
        Fact::IncidentReviewed { .. } => "reviewed",
        Fact::CauseRecorded { .. } => "cause_recorded",
        Fact::IncidentClosed { .. } => "closed",
        Fact::RunPlanned(_) => "run_planned",
        Fact::RunHeld { .. } => "run_held",
        Fact::AttemptIntended(AttemptIntended { .. }) => "step_intended",
        Fact::AttemptStarted { .. } => "step_started",
        Fact::AttemptSettled(AttemptSettled { .. }) => "step_settled",
        Fact::RoundVerified { .. } => "round_verified",
        Fact::RunFinished { .. } => "run_finished",
        Fact::TargetLatched { .. } => "latched",
        Fact::TargetReleased { .. } => "released",
        Fact::ApprovalAsked(_) => "approval_asked",
        Fact::ApprovalGiven { .. } => "approval_given",
        Fact::ApprovalEnded { .. } => "approval_ended",
        Fact::QuestionAsked(_) => "question_asked",
        Fact::QuestionAnswered(_) => "question_answered",
        Fact::RunbookPromoted { .. } => "runbook_promoted",
        Fact::AutomationStopped { .. } => "automation_stopped",
        Fact::AutomationResumed { .. } => "automation_resumed",
        Fact::NoticeOwed(_) => "notice_owed",
        Fact::NoticeAttempted(NoticeAttempted { .. }) => "notice_attempted",
        Fact::NoticeProved(_) => "notice_proved",
        Fact::ContactVerified(_) => "contact_verified",
        Fact::NoticeMissed(_) => "notice_missed",
        Fact::NoticeWithdrawn(_) => "notice_withdrawn",
    }
}

/// The fact in one sentence.
pub fn tell(fact: &Fact) -> Said {
    match fact {
        Fact::EngineStarted { version } => {
            Said::new(format!("hikeshi {version} が起動"), format!("hikeshi {version} started"))
        }
        Fact::AlertPending(p) => Said::new(
            format!("{}: 条件成立、継続を待機 ({})", p.key, p.observed.ja),
            format!("{}: condition met, waiting ({})", p.key, p.observed.en),
        ),
        Fact::AlertDropped { key } => {
            Said::new(format!("{key}: 条件解消"), format!("{key}: condition ended"))
        }
        Fact::AlertFired(a) => Said::new(
            format!("アラート {} [{}] {} — {}", a.id, a.level, a.title, a.observed.ja),
            format!("alert {} [{}] {} — {}", a.id, a.level, a.title, a.observed.en),
        ),
        Fact::AlertRaised(AlertRaised { key, level, observed, reason, .. }) => Said::new(
            format!("{key} が {level} に: {} ({})", observed.ja, reason.ja),
            format!("{key} raised to {level}: {} ({})", observed.en, reason.en),
        ),
        Fact::AlertFlapping { key, firings } => Said::new(
            format!("{key} が不安定 ({firings} 回発生)"),
            format!("{key} is flapping ({firings} firings)"),
        ),
        Fact::AlertSteadying { key, .. } => {
            Said::new(format!("{key}: 安定を確認中"), format!("{key}: good now, must stay so"))
        }
        Fact::AlertUnsteady { key } => {
            Said::new(format!("{key}: 再び不良"), format!("{key}: bad again"))
        }
        Fact::AlertResolved { key, observed, .. } => {
            let (ja, en) = (&observed.ja, &observed.en);
            Said::new(format!("{key} 解消 ({ja})"), format!("{key} resolved ({en})"))
        }
        Fact::AlertJoined { key, incident } => {
            Said::new(format!("{key} を {incident} に集約"), format!("{key} belongs to {incident}"))
        }
        Fact::NoticeOwed(_)
        | Fact::NoticeAttempted(NoticeAttempted { .. })
        | Fact::NoticeWithdrawn(_)
        | Fact::NoticeMissed(_)
        | Fact::NoticeProved(_)
        | Fact::ContactVerified(_) => tell_notice(fact),
        Fact::SecretAccessed(access) => secret_access::tell(access),
        fact => tell_signals::tell(fact)
            .or_else(|| tell_intake::tell(fact))
            .or_else(|| tell_runs::tell(fact))
            .or_else(|| tell_on_call::tell(fact))
            .or_else(|| tell_paging::tell(fact))
            .or_else(|| tell_comms::tell(fact))
            .or_else(|| tell_clocks::tell(fact))
            .or_else(|| tell_team::tell(fact))
            .unwrap_or_else(|| tell_incident(fact)),
    }
}

fn tell_incident(fact: &Fact) -> Said {
    match fact {
        Fact::IncidentOpened { id, title, cause, .. } => Said::new(
            format!("検知 {id}: {title} (原因候補 {cause})"),
            format!("detected {id}: {title} (cause: {cause})"),
        ),
        Fact::CauseChanged { incident, title, cause, .. } => Said::new(
            format!("{incident} の原因を {cause} に変更: {title}"),
            format!("{incident} is explained by {cause}: {title}"),
        ),
        Fact::IncidentMerged { incident, into } => Said::new(
            format!("{incident} を {into} に統合"),
            format!("{incident} merged into {into}"),
        ),
        Fact::IncidentAssessed { incident, assessment: a } => {
            let names: Vec<_> =
                a.services.iter().chain(&a.functions).map(ToString::to_string).collect();
            let (names_ja, names_en) = match names.join(", ") {
                none if none.is_empty() => ("不明".to_owned(), "unknown".to_owned()),
                names => (names.clone(), names),
            };
            let (ja, en) = match a.eta_minutes {
                Some(minutes) => (format!("約 {minutes} 分"), format!("about {minutes} min")),
                None => ("不明".to_owned(), "unknown".to_owned()),
            };
            Said::new(
                format!("初期評価 {incident}: 影響 {names_ja} / 復旧見込み {ja}"),
                format!("assessed {incident}: affects {names_en} / expected recovery {en}"),
            )
        }
        Fact::IncidentClassified { incident, classification: c, by } => Said::new(
            format!("分類 {incident}: {} — {}: {} ({by})", c.priority, c.rule, c.observed.ja),
            format!("classified {incident}: {} — {}: {} ({by})", c.priority, c.rule, c.observed.en),
        ),
        Fact::IncidentEscalated(IncidentEscalated {
            incident,
            level,
            title,
            contacts,
            reason,
            ..
        }) => {
            let who: Vec<_> = contacts.iter().map(ToString::to_string).collect();
            let title = if title.is_empty() { String::new() } else { format!(" {title}") };
            // Rooms hear of it all the same.
            let (ja, en) = match who.join(", ") {
                none if none.is_empty() => ("個人宛てなし".to_owned(), "nobody by name".to_owned()),
                who => (who.clone(), who),
            };
            Said::new(
                format!(
                    "エスカレーション {incident}: レベル {level}{title} → {ja} ({})",
                    reason.ja
                ),
                format!("escalated {incident}: level {level}{title} → {en} ({})", reason.en),
            )
        }
        Fact::IncidentPaged { incident, contact, .. } => Said::new(
            format!("{incident}: 応答なし、{contact} を再呼び出し"),
            format!("{incident}: no answer, paging {contact}"),
        ),
        Fact::IncidentResponding { incident, by } => {
            Said::new(format!("対応開始 {incident}: {by}"), format!("responding {incident}: {by}"))
        }
        Fact::IncidentAcknowledged { incident, by } => Said::new(
            format!("{by} が {incident} を引き受けました"),
            format!("{by} acknowledged {incident}"),
        ),
        Fact::IncidentNoted { incident, text, by } => Said::new(
            format!("{incident} メモ ({by}): {text}"),
            format!("{incident} note ({by}): {text}"),
        ),
        Fact::IncidentUpdated { incident, .. } => {
            Said::new(format!("{incident} 経過報告"), format!("{incident} update sent"))
        }
        Fact::RecoveryChecked { incident, check, result, detail } => {
            let (ja, en) = match result {
                CheckResult::Pass => ("合格", "pass"),
                CheckResult::Fail => ("不合格", "fail"),
                CheckResult::Unknown => ("確認中", "not yet"),
            };
            Said::new(
                format!("{incident} 復旧チェック {check}: {ja} ({})", detail.ja),
                format!("{incident} recovery check {check}: {en} ({})", detail.en),
            )
        }
        Fact::RepairVerified { incident, run } => Said::new(
            format!("修復確認 {incident}: {run}"),
            format!("repaired {incident}: verified by {run}"),
        ),
        Fact::IncidentRecovered { incident } => {
            Said::new(format!("復旧 {incident}"), format!("recovered {incident}"))
        }
        Fact::IncidentReviewed { incident, review, .. } => Said::new(
            format!("事後レビュー {incident}: {review}"),
            format!("reviewed {incident}: {review}"),
        ),
        Fact::CauseRecorded { incident, cause, by } => Said::new(
            format!("{incident} 根本原因 ({by}): {}", cause.technical),
            format!("{incident} root cause ({by}): {}", cause.technical),
        ),
        Fact::IncidentClosed { incident, by, unverified: None } => {
            Said::new(format!("クローズ {incident} ({by})"), format!("closed {incident} ({by})"))
        }
        Fact::IncidentClosed { incident, by, unverified: Some(why) } => Said::new(
            format!("クローズ {incident} ({by})、復旧未確認: {why}"),
            format!("closed {incident} ({by}), recovery not verified: {why}"),
        ),
        fact => Said::same(kind(fact)),
    }
}

fn tell_notice(fact: &Fact) -> Said {
    match fact {
        Fact::NoticeOwed(n) => {
            let to = n.to.as_ref().map_or_else(
                || n.ways.first().map(|way| way.channel.to_string()).unwrap_or_default(),
                ToString::to_string,
            );
            let (ja, en) = match n.event {
                Event::Firing => ("発生", "firing"),
                Event::Raised => ("優先度変更", "raised"),
                Event::Escalated => ("エスカレーション", "escalated"),
                Event::Repeated => ("再通知", "again"),
                Event::Update => ("経過", "update"),
                Event::Handover => ("引き継ぎ", "handover"),
                Event::Resolved => ("復旧", "resolved"),
                Event::Reminder => ("確認", "reminder"),
                Event::Approval => ("承認依頼", "approval"),
                Event::Shift => ("当番交代", "change of shift"),
                Event::Test => ("送信試験", "test"),
                Event::Acknowledged => ("対応開始", "acknowledged"),
                Event::Report => ("データ損失の疑い", "data loss suspected"),
                Event::Draft => ("下書きの確認依頼", "draft"),
                Event::Statement => ("公開文", "statement"),
                Event::Digest => ("日次レポート", "daily digest"),
            };
            let about = subject_of(&n.about);
            let (from_ja, from_en) = match n.not_before {
                Some(at) => (format!("、{at} 以降"), format!(", not before {at}")),
                None => Default::default(),
            };
            Said::new(
                format!("{}: {to} に通知予定 ({about} {ja}{from_ja})", n.id),
                format!("{}: {to} must be told ({about} {en}{from_en})", n.id),
            )
        }
        Fact::NoticeAttempted(NoticeAttempted {
            notice,
            attempt,
            channel,
            outcome,
            detail,
            next_at,
            ..
        }) => {
            let (ja, en) = match (outcome, next_at) {
                (Delivery::Delivered, _) => ("送信済み", "delivered"),
                (_, Some(_)) => ("失敗、再送します", "failed, will be tried again"),
                (_, None) => ("失敗、送信先がありません", "failed, no way is left"),
            };
            Said::new(
                format!("{notice}: {channel} {ja} ({attempt} 回目: {detail})"),
                format!("{notice}: {channel} {en} (attempt {attempt}: {detail})"),
            )
        }
        Fact::NoticeWithdrawn(NoticeWithdrawn { notice, by: Actor::Hikeshi }) => Said::new(
            format!("{notice}: 送信取りやめ (終わっています)"),
            format!("{notice}: not sent any more, it is over"),
        ),
        Fact::NoticeWithdrawn(NoticeWithdrawn { notice, by }) => Said::new(
            format!("{notice}: 送信取りやめ ({by} が対応中)"),
            format!("{notice}: not sent any more, {by} is on it"),
        ),
        Fact::NoticeMissed(NoticeMissed { notice, channel, miss, detail, next_way, .. }) => {
            let (ja, en) = match miss {
                Miss::Unanswered => ("応答なし", "nobody took it"),
                Miss::Undelivered => ("届きませんでした", "could not be brought"),
            };
            let (then_ja, then_en) = match next_way {
                Some(_) => ("。すぐに次の方法で通知します", "; the next way is tried at once"),
                None => ("", ""),
            };
            Said::new(
                format!("{notice}: {channel} {ja} ({detail}){then_ja}"),
                format!("{notice}: {channel} {en} ({detail}){then_en}"),
            )
        }
        Fact::NoticeProved(NoticeProved { notice, proof, channel, by }) => match proof {
            Proof::Arrived => Said::new(
                format!("{notice}: {channel} 到達を確認 ({by})"),
                format!("{notice}: {channel} arrived, says {by}"),
            ),
            Proof::Answered => Said::new(
                format!("{notice}: {channel} {by} が応答"),
                format!("{notice}: {channel} answered by {by}"),
            ),
        },
        Fact::ContactVerified(ContactVerified { contact, channel, by, .. }) => Said::new(
            format!("{contact}: {channel} で連絡がつくことを確認 ({by})"),
            format!("{contact} is reached on {channel}, says {by}"),
        ),
        fact => Said::same(kind(fact)),
    }
}
