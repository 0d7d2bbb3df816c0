//! What would fail at 3 a.m., named by day: the findings of `hikeshi doctor` that the running server knows.

use crate::{
    desk::Desk,
    frame::{self, Here, Manner},
    trouble::Trouble,
    visitor::Viewer,
};
use askama::Template;
use axum::{extract::State, response::Response};
use domain::{
    finding::{Finding, Grade},
    said::{Language, Said},
};
use std::collections::BTreeMap;

struct Row {
    about: String,
    said: String,
    hint: String,
}

struct Group {
    kind: String,
    title: String,
    is_error: bool,
    /// Where it is looked after.
    link: Option<&'static str>,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "readiness.html")]
struct Readiness {
    l: Language,
    headline: String,
    groups: Vec<Group>,
}

/// `GET /readiness`.
pub(crate) async fn show(State(desk): State<Desk>, viewer: Viewer) -> Result<Response, Trouble> {
    let found = web::readiness(&desk.shared).await;
    let found = found.map_err(|refused| Trouble::refused(&viewer.visitor, refused))?;
    let l = viewer.visitor.language;
    let main =
        Readiness { l, headline: headline(&found).text(l).to_owned(), groups: groups(&found, l) };
    let manner = Manner::still(l.pick("備え", "Readiness"), Here::Readiness);
    Ok(frame::of(&viewer, &manner, &main))
}

fn headline(found: &[Finding]) -> Said {
    let count = |grade| found.iter().filter(|finding| finding.grade == grade).count();
    match (count(Grade::Error), count(Grade::Warning)) {
        (0, 0) => Said::new("備えは万全です", "Ready: nothing found that would fail"),
        (errors, warnings) => Said::new(
            format!("誤り {errors}、注意 {warnings}"),
            format!("Errors: {errors}, warnings: {warnings}"),
        ),
    }
}

/// Findings of one kind together, errors first.
fn groups(found: &[Finding], l: Language) -> Vec<Group> {
    let mut groups: BTreeMap<(Grade, &str), Vec<Row>> = BTreeMap::new();
    for finding in found {
        groups.entry((finding.grade, &finding.kind)).or_default().push(Row {
            about: finding.about.clone(),
            said: finding.said.text(l).to_owned(),
            hint: finding.hint.text(l).to_owned(),
        });
    }
    let group = |((grade, kind), rows): ((Grade, &str), Vec<Row>)| Group {
        kind: kind.to_owned(),
        title: title(kind).text(l).to_owned(),
        is_error: grade == Grade::Error,
        link: link(kind),
        rows,
    };
    groups.into_iter().map(group).collect()
}

fn title(kind: &str) -> Said {
    let (ja, en) = match kind {
        "wakes_nobody" => ("起こされる人がいない", "Nobody is woken"),
        "tells_nobody" => ("誰にも届かない", "Nobody is told"),
        "contact_missing" => ("宛先がない", "Nowhere to reach somebody"),
        "contact_unverified" => {
            ("届くか確かめられていない宛先", "Addresses that nobody has confirmed")
        }
        "role_unheld" => ("必要な役割の人がいない", "Roles that nobody holds"),
        "channel_failing" => ("送信に失敗しているチャネル", "Channels that fail"),
        "slow_rule" => ("起こされるのが遅い", "Woken late"),
        "alone" => ("呼ばれる人が 1 人だけ", "One person is the whole way up"),
        "rota_gap" => ("当番のいない時間", "Nobody is on call"),
        "unwatched" => ("誰も見ていないサービス", "Services that nobody watches"),
        "runbook_stale" => ("古くなった手順書", "Runbooks that are out of date"),
        "no_next_step" => ("次の呼び出しがないインシデント", "Incidents without a next page"),
        "long_silence" => ("長いサイレンス", "Long silences"),
        "automation_stopped" => ("止められたままの自動操作", "Automation that stays stopped"),
        "certificate_expired" => ("期限切れの証明書", "The certificate is over"),
        "certificate_expiring" => ("期限の近い証明書", "The certificate ends soon"),
        "token_expired" => ("期限切れのトークン", "Tokens that are over"),
        "token_expiring" => ("期限の近いトークン", "Tokens that end soon"),
        other => return Said::same(other),
    };
    Said::new(ja, en)
}

fn link(kind: &str) -> Option<&'static str> {
    match kind {
        "rota_gap" | "wakes_nobody" | "tells_nobody" | "alone" => Some("/on-call"),
        "unwatched" => Some("/services"),
        "runbook_stale" => Some("/runbooks"),
        "no_next_step" => Some("/incidents"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_stand_by_kind_and_errors_first() {
        let finding = |grade, kind: &str, about: &str| {
            let said = ("あ".to_owned(), "a".to_owned());
            Finding::new(grade, kind, about, said, ("い", "b"))
        };
        let found = [
            finding(Grade::Warning, "unwatched", "web"),
            finding(Grade::Error, "tells_nobody", "P2"),
            finding(Grade::Warning, "unwatched", "api"),
        ];
        let groups = groups(&found, Language::En);
        let told: Vec<_> = groups
            .iter()
            .map(|group| (group.title.as_str(), group.is_error, group.rows.len()))
            .collect();
        assert_eq!(told, [("Nobody is told", true, 1), ("Services that nobody watches", false, 2)]);
        assert_eq!(headline(&found).en, "Errors: 1, warnings: 2");
        // Every kind that a server can name has a title of its own.
        let elsewhere = ["not_running", "configuration", "secret", "clock", "openid_connect"];
        for kind in domain::finding::KINDS.into_iter().filter(|kind| !elsewhere.contains(kind)) {
            assert_ne!(title(kind).en, kind);
        }
    }
}
