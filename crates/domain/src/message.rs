//! The texts that leave the system: document A's templates exactly, English ones beside them, no slot left unfilled.

use crate::{
    alert::Alert,
    fact::{About, ApprovalAsked, Event},
    graph::Graph,
    ids::{Actor, ChannelName, RunId, ServiceName},
    incident::{Incident, Stage},
    notice::Message,
    outside_text::cut,
    policy::Policy,
    said::Language,
    severity::Priority,
    silence::{Kind, Silence},
};
use jiff::{Timestamp, tz::TimeZone};

/// Characters of a report in a message.
const REPORT_CHARS: usize = 500;

/// `2026-11-22 10:00 JST`, in the zone of the configuration (A54).
pub fn time(at: Timestamp, zone: &TimeZone) -> String {
    let zoned = at.to_zoned(zone.clone());
    zoned.strftime("%Y-%m-%d %H:%M %Z").to_string()
}

/// The text for an incident.
pub fn incident(policy: &Policy, incident: &Incident, event: Event, now: Timestamp) -> Message {
    match event {
        Event::Resolved => recovered(policy, incident, now),
        _ => burning(policy, incident, event),
    }
}

/// A52: P0インシデント通知, and the same six fields for every other priority and update.
fn burning(policy: &Policy, incident: &Incident, event: Event) -> Message {
    let language = policy.language;
    let priority = incident.classification.as_ref().map_or(Priority::P3, |c| c.priority);
    let product = &policy.product;
    let what = match (language, priority) {
        (Language::Ja, Priority::P0) => format!("{product}サービス緊急事態"),
        (Language::En, Priority::P0) => format!("{product}: service emergency"),
        (_, _) => format!("{product}: {}", incident.title),
    };
    let note = match event {
        Event::Escalated if incident.level > 1 => language.pick("エスカレーション ", "escalated: "),
        // What became P0 now is announced exactly as document A says.
        Event::Raised if priority == Priority::P0 => "",
        Event::Raised => language.pick("優先度変更 ", "raised: "),
        Event::Repeated => language.pick("再通知 ", "again: "),
        Event::Update => language.pick("経過報告 ", "update: "),
        Event::Handover => language.pick("手動対応が必要 ", "needs a person: "),
        Event::Shift => language.pick("当番交代・未対応 ", "your shift now, unanswered: "),
        _ => "",
    };
    let label = |ja, en| language.pick(ja, en);
    let lines = [
        (label("発生時刻", "Began"), time(incident.times.occurred, &policy.zone)),
        (label("影響範囲", "Scope"), scope(&policy.graph, incident, language)),
        (label("現在の状況", "Situation"), situation(incident, language)),
        (label("推定復旧時間", "Expected recovery"), expected(incident, language)),
        (label("対応状況", "Response"), response(incident, language)),
        (label("次回更新", "Next update"), next_update(policy, incident)),
    ];
    let changes = incident.assessment.iter().flat_map(|found| &found.recent_changes);
    let changes = changes.map(|change| (label("直前の変更", "Recent change"), change.clone()));
    let lines = lines.into_iter().chain(changes);
    let body: Vec<_> = lines.map(|(label, text)| format!("{label}: {}", plain(&text))).collect();
    Message { subject: format!("[{priority}] {note}{}", plain(&what)), body: body.join("\n") }
}

/// The text for what users report; only its beginning, the rest is in the incident.
pub fn reported(policy: &Policy, title: &str, from: &str, text: &str, at: Timestamp) -> Message {
    let label = |ja, en| policy.language.pick(ja, en);
    let lines = [
        (label("受付時刻", "Received"), time(at, &policy.zone)),
        (label("報告者", "From"), from.to_owned()),
        (label("内容", "Text"), cut(text, REPORT_CHARS)),
        (label("対応", "Response"), label("確認が必要", "needs a look").to_owned()),
    ];
    let body = lines.map(|(label, text)| format!("{label}: {}", plain(&text))).join("\n");
    Message { subject: format!("[{}] {}", Priority::P3, plain(title)), body }
}

/// A53: 復旧完了通知.
fn recovered(policy: &Policy, incident: &Incident, now: Timestamp) -> Message {
    let language = policy.language;
    let label = |ja, en| language.pick(ja, en);
    let zone = &policy.zone;
    let end = incident.times.recovered.unwrap_or(now);
    let open = label("調査中", "under investigation");
    let cause = incident
        .root_cause
        .as_ref()
        .map(|cause| cause.technical.as_str())
        .filter(|text| !text.is_empty());
    let lines = [
        (label("復旧時刻", "Recovered"), time(end, zone)),
        (
            label("影響時間", "Impact"),
            format!("{}-{}", time(incident.times.occurred, zone), time(end, zone)),
        ),
        (
            label("根本原因", "Root cause"),
            cause.map_or_else(|| format!("{open} ({})", incident.title), str::to_owned),
        ),
        (label("再発防止策", "Prevention"), open.to_owned()),
    ];
    let body = lines.map(|(label, text)| format!("{label}: {}", plain(&text))).join("\n");
    let subject = match language {
        Language::Ja => format!("[復旧完了] {}サービス正常化", policy.product),
        Language::En => format!("[Recovered] {}: back to normal", policy.product),
    };
    Message { subject, body }
}

/// The text for an alert that is no incident, and of how many signals it is made.
pub fn alert(
    policy: &Policy,
    alert: &Alert,
    event: Event,
    reason: &str,
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
        (label("状況", "Situation"), fired.observed.clone()),
        (label("条件", "Condition"), fired.condition.clone()),
        (label("担当", "Owner"), fired.owner.clone()),
    ];
    if signals > 1 {
        lines.push((label("シグナル数", "Signals"), signals.to_string()));
    }
    if !reason.is_empty() {
        lines.push((label("理由", "Reason"), reason.to_owned()));
    }
    let body: Vec<_> =
        lines.into_iter().map(|(label, text)| format!("{label}: {}", plain(&text))).collect();
    Message {
        subject: format!("[{}] {word}: {}", fired.level, plain(&fired.title)),
        body: body.join("\n"),
    }
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
    let body = lines.map(|(label, text)| format!("{label}: {}", plain(&text))).join("\n");
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
        (label("理由", "Why"), asked.reasons.join(", ")),
        (label("値", "Values"), values.join(" ")),
        (label("ダイジェスト", "Digest"), digest.to_owned()),
        (label("証拠", "Evidence"), asked.evidence.join(", ")),
        (label("必要人数", "People needed"), asked.needs.to_string()),
        (label("期限", "Until"), time(asked.expires_at, &policy.zone)),
        (label("回答", "Answer"), format!("hikeshi approval show {0}", asked.id)),
    ];
    let lines = lines.into_iter().filter(|(_, text)| !text.is_empty());
    let body: Vec<_> = lines.map(|(label, text)| format!("{label}: {}", plain(&text))).collect();
    let what = plain(&format!("{} {} → {}", asked.id, asked.step, asked.target));
    Message {
        subject: format!("[{}] {what}", label("承認依頼", "approval")),
        body: body.join("\n"),
    }
}

/// The text that asks what became of a step.
pub fn question(policy: &Policy, run: RunId, target: &ServiceName, reason: &str) -> Message {
    let label = |ja, en| policy.language.pick(ja, en);
    let lines = [
        (label("対象", "Target"), target.to_string()),
        (label("理由", "Why"), reason.to_owned()),
        (label("回答", "Answer"), format!("hikeshi run answer {run} done|again|manual")),
    ];
    let body = lines.map(|(label, text)| format!("{label}: {}", plain(&text))).join("\n");
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
    let body = lines.map(|(label, text)| format!("{label}: {}", plain(&text))).join("\n");
    let subject = label("届いたら確認してください", "please confirm that this arrived");
    Message { subject: format!("[{}] {subject}", label("送信試験", "test")), body }
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
        About::Incident(id) => id.to_string(),
        About::Alert(key) => key.to_string(),
        About::Alerts(keys) => match keys.first() {
            Some(first) => format!("{first}, …"),
            None => "…".to_owned(),
        },
        About::Silence(id) => id.to_string(),
        About::Run(id) => id.to_string(),
        About::Schedule(name) => name.to_string(),
        About::Channel(channel, _) => channel.to_string(),
    }
}

fn scope(graph: &Graph, incident: &Incident, language: Language) -> String {
    let Some(found) = &incident.assessment else { return graph.title(&incident.cause).to_owned() };
    let titles = |names: &[ServiceName]| {
        names.iter().map(|name| graph.title(name).to_owned()).collect::<Vec<_>>().join(", ")
    };
    let mut parts = vec![titles(&found.services)];
    if !found.functions.is_empty() {
        parts.push(format!("{}: {}", language.pick("機能", "functions"), titles(&found.functions)));
    }
    if let Some(share) = found.request_share_percent {
        parts.push(language.pick(
            format!("リクエストの {share:.0}% が失敗"),
            format!("{share:.0}% of requests fail"),
        ));
    }
    parts.retain(|part| !part.is_empty());
    parts.join(" / ")
}

fn situation(incident: &Incident, language: Language) -> String {
    let observed = incident
        .classification
        .as_ref()
        .map(|c| format!(" ({}: {})", c.rule, c.observed))
        .unwrap_or_default();
    let burning = incident.burning.len();
    match language {
        Language::Ja => format!("{}。発生中のアラート {burning} 件{observed}", incident.title),
        Language::En => format!("{}. {burning} alerts firing{observed}", incident.title),
    }
}

fn expected(incident: &Incident, language: Language) -> String {
    match incident
        .assessment
        .as_ref()
        .and_then(|found| found.eta_minutes.map(|minutes| (minutes, &found.eta_basis)))
    {
        Some((minutes, basis)) => match language {
            Language::Ja => format!("約 {minutes} 分 ({basis})"),
            Language::En => format!("about {minutes} min ({basis})"),
        },
        None => language.pick("不明", "unknown").to_owned(),
    }
}

fn response(incident: &Incident, language: Language) -> String {
    let person = incident.acknowledged_by.as_ref();
    match (person, incident.handed_over, incident.stage) {
        (Some(person), ..) => {
            language.pick(format!("{person} が対応中"), format!("{person} is on it"))
        }
        (None, true, _) => language
            .pick("自動復旧は停止。手動対応待ち", "automation has stopped; waiting for a person")
            .to_owned(),
        (None, false, Stage::Responding) => {
            language.pick("自動復旧を実行中", "automatic repair is running").to_owned()
        }
        _ => language.pick("担当者に通知済み", "the person on call has been told").to_owned(),
    }
}

fn next_update(policy: &Policy, incident: &Incident) -> String {
    let next =
        incident.next_update_at.or(incident.classification.as_ref().and_then(|c| c.next_update_at));
    next.map_or_else(
        || policy.language.pick("状況が変わり次第", "when something changes").to_owned(),
        |at| time(at, &policy.zone),
    )
}

/// One line, without control characters and without brackets that would look like an unfilled slot (A52).
pub fn plain(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '[' => '(',
            ']' => ')',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect()
}
