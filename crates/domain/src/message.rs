//! The texts that leave the system, other than those of incidents (`incident_message`): no value can break a line.

use crate::{
    alert::Alert,
    clock::Limit,
    fact::{About, ApprovalAsked, DraftWritten, Event},
    ids::{Actor, ChannelName, DraftId, RoleName, RunId, ServiceName},
    incident::Incident,
    incident_role::IncidentRole,
    notice::Message,
    outside_text::{cut, fields, plain},
    policy::Policy,
    said::{Language, Said},
    severity::Priority,
    silence::{Kind, Silence},
    template::time,
};
use jiff::Timestamp;

/// Characters of a report in a message.
const REPORT_CHARS: usize = 500;

/// The text for what users report; only its beginning, the rest is in the incident.
pub fn reported(policy: &Policy, title: &str, from: &str, text: &str, at: Timestamp) -> Message {
    let label = |ja, en| policy.language.pick(ja, en);
    let lines = [
        (label("受付時刻", "Received"), time(at, &policy.zone)),
        (label("報告者", "From"), from.to_owned()),
        (label("内容", "Text"), cut(text, REPORT_CHARS)),
        (label("対応", "Response"), label("確認が必要", "needs a look").to_owned()),
    ];
    let body = fields(lines);
    Message { subject: format!("[{}] {}", Priority::P3, plain(title)), body }
}

/// The text for an alert that is no incident, and of how many signals it is made.
pub fn alert(
    policy: &Policy,
    alert: &Alert,
    event: Event,
    reason: &Said,
    signals: usize,
) -> Message {
    let language = policy.language;
    let label = |ja, en| language.pick(ja, en);
    let word = match event {
        Event::Resolved => label("解消", "resolved"),
        Event::Handover => label("手動対応が必要", "needs a person"),
        Event::Update => label("続報", "update"),
        Event::Repeated => label("継続中", "still firing"),
        _ => label("発生", "firing"),
    };
    let fired = &alert.fired;
    let mut lines = vec![
        (label("発生時刻", "Began"), time(fired.occurred_at, &policy.zone)),
        (label("状況", "Situation"), fired.observed.text(language).to_owned()),
        (label("条件", "Condition"), fired.condition.clone()),
        (label("担当", "Owner"), fired.owner.clone()),
    ];
    if signals > 1 {
        lines.push((label("シグナル数", "Signals"), signals.to_string()));
    }
    if !reason.is_empty() {
        lines.push((label("理由", "Reason"), reason.text(language).to_owned()));
    }
    let body = fields(lines);
    Message { subject: format!("[{}] {word}: {}", fired.level, plain(&fired.title)), body }
}

/// The text for many alerts at once: how many, and the first of them; the rest is in the list of alerts.
pub fn alerts(policy: &Policy, firing: &[&Alert], over: &[&Alert], named: usize) -> Message {
    let language = policy.language;
    let (on, off) = (firing.len(), over.len());
    let line = |word: &str, alert: &&Alert| {
        format!("{word} [{}] {}", alert.fired.level, plain(&alert.fired.title))
    };
    let began = firing.iter().map(|alert| line(language.pick("発生:", "firing:"), alert));
    let ended = over.iter().map(|alert| line(language.pick("解消:", "resolved:"), alert));
    let mut lines: Vec<_> = began.chain(ended).take(named).collect();
    if on + off > named {
        let rest = on + off - named;
        lines.push(language.pick(
            format!("ほか {rest} 件 (hikeshi alerts で一覧)"),
            format!("and {rest} more (list them with: hikeshi alerts)"),
        ));
    }
    let subject = language.pick(
        format!("アラート多数: 発生 {on} 件、解消 {off} 件"),
        format!("many alerts: {on} firing, {off} resolved"),
    );
    let level = firing.iter().chain(over).map(|alert| alert.fired.level).max();
    let level = level.map_or(String::new(), |level| format!("[{level}] "));
    Message { subject: format!("{level}{subject}"), body: lines.join("\n") }
}

/// The text for a silence or a maintenance window.
pub fn silence(policy: &Policy, silence: &Silence, event: Event, hidden: usize) -> Message {
    let language = policy.language;
    let label = |ja, en| language.pick(ja, en);
    let what = match (&silence.kind, event) {
        (Kind::Maintenance(_), Event::Resolved) => label("メンテナンス終了", "maintenance ended"),
        (Kind::Maintenance(_), _) => label("メンテナンス開始", "maintenance started"),
        (_, Event::Reminder) => label("サイレンス継続中", "silence still active"),
        _ => label("サイレンス", "silence"),
    };
    let matchers: Vec<_> = silence.matchers.iter().map(ToString::to_string).collect();
    let count = match event {
        Event::Resolved => label("継続中のアラート", "Alerts that still fire"),
        _ => label("抑止中のアラート", "Alerts hidden now"),
    };
    let lines = [
        (label("対象", "Covers"), matchers.join(", ")),
        (label("開始", "From"), time(silence.starts_at, &policy.zone)),
        (label("終了", "Until"), time(silence.ends_at, &policy.zone)),
        (label("担当", "Owner"), silence.created_by.clone()),
        (label("理由", "Why"), silence.comment.clone()),
        (count, hidden.to_string()),
    ];
    let body = fields(lines);
    Message { subject: format!("[info] {what}: {}", plain(&silence.comment)), body }
}

/// The text that asks whether a step may run: what exactly, and how to answer.
pub fn approval(policy: &Policy, asked: &ApprovalAsked) -> Message {
    let label = |ja, en| policy.language.pick(ja, en);
    let values: Vec<_> =
        asked.values.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let digest = asked.digest.get(..12).unwrap_or(&asked.digest);
    let lines = [
        (label("手順", "Step"), format!("{} → {} ({})", asked.step, asked.target, asked.effect)),
        (label("理由", "Why"), Said::join(&asked.reasons, ", ").text(policy.language).to_owned()),
        (label("値", "Values"), values.join(" ")),
        (label("ダイジェスト", "Digest"), digest.to_owned()),
        (label("証拠", "Evidence"), asked.evidence.join(", ")),
        (label("必要人数", "People needed"), asked.needs.to_string()),
        (label("期限", "Until"), time(asked.expires_at, &policy.zone)),
        (label("回答", "Answer"), format!("hikeshi approval show {0}", asked.id)),
    ];
    let body = fields(lines.into_iter().filter(|(_, text)| !text.is_empty()));
    let what = plain(&format!("{} {} → {}", asked.id, asked.step, asked.target));
    Message { subject: format!("[{}] {what}", label("承認依頼", "approval")), body }
}

/// The text that asks what became of a step.
pub fn question(policy: &Policy, run: RunId, target: &ServiceName, reason: &Said) -> Message {
    let label = |ja, en| policy.language.pick(ja, en);
    let lines = [
        (label("対象", "Target"), target.to_string()),
        (label("理由", "Why"), reason.text(policy.language).to_owned()),
        (label("回答", "Answer"), format!("hikeshi run answer {run} done|again|manual")),
    ];
    let body = fields(lines);
    let what = plain(&format!("{run} → {target}"));
    Message { subject: format!("[{}] {what}", label("判断依頼", "question")), body }
}

/// The text that tries out a channel.
pub fn test(policy: &Policy, channel: &ChannelName, code: &str, by: &Actor) -> Message {
    let label = |ja, en| policy.language.pick(ja, en);
    let lines = [
        (label("通知先", "Channel"), channel.to_string()),
        (label("依頼者", "Asked by"), by.to_string()),
        (label("確認", "Confirm"), format!("hikeshi channel confirm {code}")),
    ];
    let body = fields(lines);
    let subject = label("届いたら確認してください", "please confirm that this arrived");
    Message { subject: format!("[{}] {subject}", label("送信試験", "test")), body }
}

/// The text that asks somebody to write an update to stakeholders.
pub fn update_asked(
    policy: &Policy,
    incident: &Incident,
    to: &str,
    promised_at: Timestamp,
    draft: DraftId,
) -> Message {
    let label = |ja, en| policy.language.pick(ja, en);
    let lines = [
        (label("インシデント", "Incident"), format!("{} {}", incident.id, incident.title)),
        (label("宛先", "To"), to.to_owned()),
        (label("約束した時刻", "Promised"), time(promised_at, &policy.zone)),
        (
            label("記入", "Write"),
            format!("hikeshi comms fill {draft} … / hikeshi comms preview {draft}"),
        ),
    ];
    let body = fields(lines);
    let what = label("定期更新の記入をお願いします", "an update is due soon");
    Message { subject: format!("[{draft}] {what}: {}", plain(to)), body }
}

/// The text that says that a promised update did not go out.
pub fn update_overdue(
    policy: &Policy,
    incident: &Incident,
    to: &str,
    promised_at: Timestamp,
) -> Message {
    let label = |ja, en| policy.language.pick(ja, en);
    let lines = [
        (label("インシデント", "Incident"), format!("{} {}", incident.id, incident.title)),
        (label("宛先", "To"), to.to_owned()),
        (label("約束した時刻", "Promised"), time(promised_at, &policy.zone)),
        (
            label("対応", "Do"),
            label(
                "hikeshi comms list で下書きを確認し、記入して公開してください",
                "find the draft with `hikeshi comms list`, fill it in and release it",
            )
            .to_owned(),
        ),
    ];
    let body = fields(lines);
    let what = label("約束した更新が出ていません", "a promised update is overdue");
    Message { subject: format!("[{}] {what}: {}", incident.id, plain(to)), body }
}

/// The text that tells somebody that they have a role in an incident.
pub fn role_assigned(
    policy: &Policy,
    incident: &Incident,
    role: IncidentRole,
    by: &Actor,
) -> Message {
    let language = policy.language;
    let label = |ja, en| language.pick(ja, en);
    let title = role.title();
    let lines = [
        (label("インシデント", "Incident"), format!("{} {}", incident.id, incident.title)),
        (label("優先度", "Priority"), incident.priority().to_string()),
        (label("役割", "Role"), title.text(language).to_owned()),
        (label("指名", "Assigned by"), by.to_string()),
        (label("状況", "See"), format!("hikeshi incident show {}", incident.id)),
    ];
    let body = fields(lines);
    let id = incident.id;
    let subject = language.pick(
        format!("[{id}] あなたの役割: {}", title.ja),
        format!("[{id}] your role: {}", title.en),
    );
    Message { subject, body }
}

/// The text that says that a clock of an incident ran out.
pub fn clock_missed(policy: &Policy, incident: &Incident, limit: &Limit) -> Message {
    let language = policy.language;
    let label = |ja, en| language.pick(ja, en);
    let lines = [
        (label("インシデント", "Incident"), format!("{} {}", incident.id, incident.title)),
        (label("期限", "Was due"), time(limit.due_at, &policy.zone)),
        (label("定め", "By"), {
            let (within, source) = (&limit.within, limit.source());
            format!("{} ({})", within.text(language), source.text(language))
        }),
        (label("検知時刻", "Detected"), time(incident.times.detected, &policy.zone)),
    ];
    let body = fields(lines);
    let clock = limit.clock.title();
    let what =
        language.pick(format!("期限超過: {}", clock.ja), format!("deadline missed: {}", clock.en));
    Message { subject: format!("[{}] {what}", incident.id), body }
}

/// The text that tells of a suspicion that data is lost (A82).
pub fn data_loss(
    policy: &Policy,
    incident: &Incident,
    reason: &Said,
    vacant: &[RoleName],
) -> Message {
    let label = |ja, en| policy.language.pick(ja, en);
    let roles: Vec<_> = vacant.iter().map(RoleName::as_str).collect();
    let mut lines = vec![
        (label("インシデント", "Incident"), format!("{} {}", incident.id, incident.title)),
        (label("発生時刻", "Began"), time(incident.times.occurred, &policy.zone)),
        (label("根拠", "Reason"), reason.text(policy.language).to_owned()),
        (
            label("現状", "So far"),
            label(
                "疑いの段階です。損失の有無と範囲は確認中です",
                "a suspicion: whether and what was lost is being looked into",
            )
            .to_owned(),
        ),
    ];
    if !roles.is_empty() {
        lines.push((
            label("連絡先のない役割", "Nobody holds"),
            format!(
                "{} ({})",
                roles.join(", "),
                label("対応者から連絡してください", "tell them yourselves")
            ),
        ));
    }
    let body = fields(lines);
    let what = label("データ損失の疑い", "data loss suspected");
    let system = plain(&incident.system);
    Message { subject: format!("[{}] {what}: {system}", label("緊急", "urgent")), body }
}

/// The text that asks whoever answers for an audience to read a draft.
pub fn draft_waits(policy: &Policy, draft: &DraftWritten) -> Message {
    let label = |ja, en| policy.language.pick(ja, en);
    let id = draft.id;
    let lines = [
        (label("インシデント", "Incident"), draft.incident.to_string()),
        (label("宛先", "For"), draft.audience.title(policy.language).to_owned()),
        (label("依頼者", "Asked by"), draft.by.to_string()),
        // It shows the command that releases what was read.
        (label("確認と公開", "Read and release"), format!("hikeshi comms preview {id}")),
    ];
    let body = fields(lines);
    let what = label("下書きの確認をお願いします", "a draft waits for you");
    Message { subject: format!("[{id}] {what}"), body }
}

/// The line that stands above a message which may have gone out before a crash.
pub fn perhaps_again(language: Language) -> &'static str {
    language.pick(
        "(再送の可能性があります: 前回の送信を記録できませんでした)",
        "(possibly a repeat: whether this was sent before could not be recorded)",
    )
}

/// Who or what a notice is about, in one word.
pub fn subject_of(about: &About) -> String {
    match about {
        About::Incident(id) | About::News(id) => id.to_string(),
        About::Alert(key) => key.to_string(),
        About::Alerts(keys) => match keys.first() {
            Some(first) => format!("{first}, …"),
            None => "…".to_owned(),
        },
        About::Silence(id) => id.to_string(),
        About::Run(id) => id.to_string(),
        About::Schedule(name) => name.to_string(),
        About::Channel(channel, _) => channel.to_string(),
        About::Digest(day) => day.to_string(),
    }
}
