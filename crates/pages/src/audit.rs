//! Who did what: the facts behind which somebody stands, newest first, by person, kind and day.

use crate::{
    desk::Desk,
    frame::{self, Here, Manner},
    trouble::Trouble,
    visitor::Viewer,
    when::When,
};
use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use domain::{
    apply,
    said::{Language, Said},
};
use history::{AuditEntry, AuditWanted};
use jiff::{ToSpan, civil::Date, tz::TimeZone};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

/// Lines of a page.
const SHOWN: usize = 100;

#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    who: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    day: String,
    #[serde(default)]
    before: String,
}

struct Line {
    position: u64,
    at: When,
    who: String,
    kind: String,
    text: String,
    incident: Option<u64>,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct Audit {
    l: Language,
    asked: Asked,
    people: Vec<String>,
    kinds: Vec<String>,
    lines: Vec<Line>,
    /// Where the list goes on.
    older: Option<String>,
    is_newest: bool,
    zone: String,
}

/// `GET /audit?who=NAME&kind=KIND&day=2026-11-29&before=POSITION`.
pub(crate) async fn show(
    State(desk): State<Desk>,
    viewer: Viewer,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let refused = |refused| Trouble::refused(&viewer.visitor, refused);
    let zone = desk.shared.look(|world| world.policy.zone.clone()).await.map_err(refused)?;
    let clock = viewer.visitor.clock(&desk, &zone);
    let wanted = wanted(&asked, &clock.zone).map_err(|said| {
        Trouble::refused(&viewer.visitor, web::Refused { said, ..web::Refused::bad("") })
    })?;
    let found = desk.shared.past(move |history| {
        let lines = history.audit(&wanted, SHOWN + 1)?;
        Ok::<_, history::HistoryError>((lines, history.audited()?))
    });
    let (mut lines, (people, kinds)) = found.await.map_err(refused)?;
    let is_more = lines.len() > SHOWN;
    lines.truncate(SHOWN);
    let last = lines.last().filter(|_| is_more).map(|line| line.entry.position);
    let l = clock.language;
    let line = |line: &AuditEntry| Line {
        position: line.entry.position,
        at: clock.show(line.entry.at),
        who: line.who.clone(),
        kind: line.entry.kind.clone(),
        text: line.entry.text.text(l).to_owned(),
        incident: apply::incident_of(&line.entry.fact).map(|id| id.0),
    };
    let main = Audit {
        l,
        people,
        kinds,
        lines: lines.iter().map(line).collect(),
        older: last.map(|last| address(&asked, last)),
        is_newest: asked.before.is_empty(),
        zone: clock.zone.iana_name().unwrap_or("UTC").to_owned(),
        asked,
    };
    let manner = Manner::still(l.pick("監査", "Audit"), Here::Audit);
    Ok(frame::of(&viewer, &manner, &main))
}

/// What is asked of the history. A day is a day where the viewer is.
fn wanted(asked: &Asked, zone: &TimeZone) -> Result<AuditWanted, Said> {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let unread = |what: &str| {
        Said::new(
            format!("「{what}」は読めません。日付は 2026-11-29 のように書いてください。"),
            format!("“{what}” cannot be read; a day is written 2026-11-29."),
        )
    };
    let (mut from, mut to) = (None, None);
    if !asked.day.is_empty() {
        let begin = |day: Date| day.to_zoned(zone.clone()).map(|there| there.timestamp());
        let day: Date = asked.day.parse().map_err(|_| unread(&asked.day))?;
        let next = day.checked_add(1.day()).map_err(|_| unread(&asked.day))?;
        from = Some(begin(day).map_err(|_| unread(&asked.day))?);
        to = Some(begin(next).map_err(|_| unread(&asked.day))?);
    }
    let before = match asked.before.as_str() {
        "" => None,
        position => Some(position.parse().map_err(|_| unread(position))?),
    };
    Ok(AuditWanted { who: text(&asked.who), kind: text(&asked.kind), from, to, before })
}

/// The same question from an older position on.
fn address(asked: &Asked, before: u64) -> String {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let (who, kind, day) = (encode(&asked.who), encode(&asked.kind), encode(&asked.day));
    format!("/audit?who={who}&kind={kind}&day={day}&before={before}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_a_day_where_the_viewer_is() {
        let tokyo = TimeZone::get("Asia/Tokyo").expect("a zone");
        let asked = Asked { day: "2026-11-29".into(), ..Asked::default() };
        let wanted = wanted(&asked, &tokyo).expect("it can be read");
        let times = [wanted.from, wanted.to].map(|at| at.expect("a time").to_string());
        assert_eq!(times, ["2026-11-28T15:00:00Z", "2026-11-29T15:00:00Z"]);
        for bad in ["yesterday", "2026-13-01", "<b>"] {
            let asked = Asked { day: bad.into(), ..Asked::default() };
            assert!(super::wanted(&asked, &tokyo).is_err(), "{bad}");
        }
        let bad = Asked { before: "-1".into(), ..Asked::default() };
        assert!(super::wanted(&bad, &tokyo).is_err());
    }

    #[test]
    fn the_list_goes_on_with_the_same_question() {
        let asked = Asked { who: "佐藤 & co".into(), ..Asked::default() };
        let address = address(&asked, 42);
        assert_eq!(address, "/audit?who=%E4%BD%90%E8%97%A4%20%26%20co&kind=&day=&before=42");
    }
}
