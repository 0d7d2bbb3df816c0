//! What is told outside of the response, in one sentence each: stakeholders, promises of updates, drafts, suspicions.

use crate::{
    fact::{
        DraftChanged, DraftDiscarded, DraftReleased, Fact, Late, StakeholdersInformed, UpdateAsked,
        UpdateOverdue,
    },
    said::{Language, Said},
};

/// The sentence; none: the fact is about something else.
pub fn tell(fact: &Fact) -> Option<Said> {
    Some(match fact {
        Fact::StakeholdersInformed(informed) => told(informed),
        Fact::UpdateAsked(UpdateAsked { incident, group, promised_at, draft }) => Said::new(
            format!("{incident}: {group} への {promised_at} の更新は {draft} に記入が必要"),
            format!("{incident}: the update to {group} at {promised_at} must be written, {draft}"),
        ),
        Fact::UpdateOverdue(UpdateOverdue { incident, to, promised_at, why }) => {
            let (ja, en) = match why {
                Late::Away => ("hikeshi が停止していた", "hikeshi was away"),
                Late::Quiet => ("サイレンス中", "it is silenced"),
                Late::Unwritten => ("未記入", "nobody wrote it"),
                Late::Dropped => ("設定から削除済み", "they left the configuration"),
            };
            let (to_ja, to_en) = match to {
                Some(group) => (group.to_string(), group.to_string()),
                None => ("通知先".to_owned(), "those who were told".to_owned()),
            };
            Said::new(
                format!("{incident}: {to_ja} への {promised_at} の更新が期限超過 ({ja})"),
                format!("{incident}: the update to {to_en} at {promised_at} is overdue ({en})"),
            )
        }
        Fact::DataLossSuspected(suspected) => {
            let list = |names: Vec<String>| names.join(", ");
            let told = list(suspected.contacts.iter().map(ToString::to_string).collect());
            let vacant = list(suspected.vacant.iter().map(ToString::to_string).collect());
            let (vacant_ja, vacant_en) = match vacant.as_str() {
                "" => (String::new(), String::new()),
                roles => (format!("、担当者なし: {roles}"), format!(", nobody holds {roles}")),
            };
            let (incident, reason, by) = (suspected.incident, &suspected.reason, &suspected.by);
            Said::new(
                format!("{incident} データ損失の疑い ({by}): {} → {told}{vacant_ja}", reason.ja),
                format!("{incident} data loss suspected ({by}): {} → {told}{vacant_en}", reason.en),
            )
        }
        Fact::DraftWritten(written) => {
            let (id, incident, by) = (written.id, written.incident, &written.by);
            let ja = written.audience.title(Language::Ja);
            let en = written.audience.title(Language::En);
            let (role_ja, role_en) = match &written.approver_role {
                Some(role) => (format!("、承認 {role}"), format!(", released by {role} only")),
                None => (String::new(), String::new()),
            };
            Said::new(
                format!("{id}: {incident} の{ja}向け下書き ({by}{role_ja})"),
                format!("{id}: draft for {en} on {incident} ({by}{role_en})"),
            )
        }
        Fact::DraftChanged(changed) => {
            let DraftChanged { id, revision, by, .. } = &**changed;
            Said::new(
                format!("{id}: 第 {revision} 版 ({by})"),
                format!("{id}: revision {revision} ({by})"),
            )
        }
        Fact::DraftReleased(DraftReleased { id, revision, by, .. }) => Said::new(
            format!("{id}: 第 {revision} 版を公開 ({by})"),
            format!("{id}: revision {revision} released ({by})"),
        ),
        Fact::DraftDiscarded(DraftDiscarded { id, reason, by, .. }) => Said::new(
            format!("{id}: 破棄 ({by}): {reason}"),
            format!("{id}: discarded ({by}): {reason}"),
        ),
        _ => return None,
    })
}

fn told(informed: &StakeholdersInformed) -> Said {
    let StakeholdersInformed { incident, group, next_at, is_over, draft, .. } = informed;
    let draft = draft.map(|id| format!(" ({id})")).unwrap_or_default();
    let (ja, en) = match (is_over, next_at) {
        (true, _) => ("、復旧".to_owned(), ", it is over".to_owned()),
        (false, Some(at)) => (format!("、次回 {at}"), format!(", next at {at}")),
        (false, None) => ("、次回は状況が変わり次第".to_owned(), ", next on change".to_owned()),
    };
    Said::new(
        format!("{incident}: {group} に連絡{draft}{ja}"),
        format!("{incident}: {group} informed{draft}{en}"),
    )
}
