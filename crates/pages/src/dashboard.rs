//! The dashboard (A84 to A86): the system, the application, the business; each value with its age and how it was over time,
//! or with the reason why there is none.

use crate::{
    chart::{self, Chart, Limit, Mark, Plot},
    curves,
    desk::Desk,
    figures::figure,
    frame::{self, Here, Manner},
    signs::{self, Signs},
    trouble::Trouble,
    visitor::Viewer,
    when::{Clock, When},
};
use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use domain::{
    reading::Value,
    said::{Language, Said},
    world::World,
};
use history::IncidentSummary;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use web::{Refused, Shown, Span};

/// So many of the newest incidents are looked through for those of the stretch of time that is shown.
const INCIDENTS: usize = 100;

/// How far the charts look back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(crate) enum Range {
    #[serde(rename = "1h")]
    Hour,
    #[default]
    #[serde(rename = "24h")]
    Day,
    #[serde(rename = "7d")]
    Week,
}

impl Range {
    pub(crate) const ALL: [Self; 3] = [Self::Hour, Self::Day, Self::Week];

    /// As it stands in the address.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::Day => "24h",
            Self::Week => "7d",
        }
    }

    pub(crate) fn word(self, l: Language) -> &'static str {
        match self {
            Self::Hour => l.pick("1 時間", "1 hour"),
            Self::Day => l.pick("24 時間", "24 hours"),
            Self::Week => l.pick("7 日", "7 days"),
        }
    }

    /// The stretch of time up to now.
    pub(crate) fn span(self, now: Timestamp) -> Span {
        let hours = match self {
            Self::Hour => 1,
            Self::Day => 24,
            Self::Week => 24 * 7,
        };
        Span::back(now, SignedDuration::from_hours(hours), curves::STEPS)
    }
}

/// What is asked for in the address.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    pub(crate) range: Range,
}

/// What is measured, and what is known of it.
pub(crate) struct Glance {
    span: Span,
    values: Vec<Shown>,
    /// Of each value: how soon silence counts, and its limits.
    known: Vec<(SignedDuration, Vec<Limit>)>,
    marks: Vec<Mark>,
    zone: jiff::tz::TimeZone,
}

struct Card {
    id: String,
    title: String,
    /// None: there is a reason instead.
    value: Option<String>,
    at: Option<When>,
    is_stale: bool,
    reason: String,
    /// How it is meant.
    note: String,
    source: String,
    chart: Option<Chart>,
    /// Why the past is not shown.
    no_past: String,
}

struct Group {
    title: &'static str,
    cards: Vec<Card>,
}

#[derive(Template)]
#[template(path = "dashboard.html")]
pub(crate) struct Dashboard {
    l: Language,
    range: Range,
    link: &'static str,
    groups: Vec<Group>,
    signs: Signs,
    now: When,
}

/// `GET /dashboard?range=24h`.
pub(crate) async fn show(
    State(desk): State<Desk>,
    viewer: Viewer,
    Query(Asked { range }): Query<Asked>,
) -> Result<Response, Trouble> {
    let glance = look(&desk, range).await;
    let glance = glance.map_err(|refused| Trouble::refused(&viewer.visitor, refused))?;
    let main = ready(&desk, &viewer, range, &glance);
    let title = viewer.visitor.language.pick("ダッシュボード", "Dashboard");
    let manner = Manner {
        live: Some(format!("/live/dashboard?range={}", range.name())),
        refresh: Some(60),
        ..Manner::still(title, Here::Dashboard)
    };
    Ok(frame::of(&viewer, &manner, &main))
}

/// Asks the samples, the writer and the history.
pub(crate) async fn look(desk: &Desk, range: Range) -> Result<Glance, Refused> {
    let span = range.span(desk.now());
    let values = web::gauges(&desk.shared, span).await;
    let sources: Vec<_> = values.iter().map(|shown| shown.gauge.source.clone()).collect();
    let known = desk.shared.look(move |world: &World<'_>| {
        let known = sources.iter().map(|source| match source {
            Some(source) => curves::known_of(world, &source.probe, &source.reading),
            None => (SignedDuration::ZERO, Vec::new()),
        });
        (known.collect(), world.policy.zone.clone())
    });
    let (known, zone) = known.await?;
    let incidents = desk.shared.past(|history| history.incidents(false, INCIDENTS)).await?;
    Ok(Glance { span, values, known, marks: incidents.iter().flat_map(marks).collect(), zone })
}

/// When an incident began, and when it was over.
pub(crate) fn marks(incident: &IncidentSummary) -> Vec<Mark> {
    let (id, title) = (incident.id, &incident.title);
    let began = Mark {
        at: incident.occurred_at,
        text: Said::new(format!("{id} 発生: {title}"), format!("{id} began: {title}")),
        class: "fire",
    };
    let over = incident.recovered_at.map(|at| Mark {
        at,
        text: Said::new(format!("{id} 復旧"), format!("{id} recovered")),
        class: "good",
    });
    std::iter::once(began).chain(over).collect()
}

/// As this viewer sees it.
pub(crate) fn ready(desk: &Desk, viewer: &Viewer, range: Range, glance: &Glance) -> Dashboard {
    let clock = viewer.visitor.clock(desk, &glance.zone);
    let l = clock.language;
    let groups = [
        ("system", "システム", "System"),
        ("app", "アプリケーション", "Application"),
        ("business", "ビジネス", "Business"),
    ];
    let group = |(name, ja, en)| {
        let all = glance.values.iter().zip(&glance.known);
        let own = all.filter(|(shown, _)| shown.gauge.group == name);
        let cards = own.map(|(shown, known)| card(shown, known, glance, &clock)).collect();
        Group { title: l.pick(ja, en), cards }
    };
    Dashboard {
        l,
        range,
        link: "/dashboard",
        groups: groups.into_iter().map(group).collect(),
        signs: signs::of(&glance.marks, glance.span.from, glance.span.to, &clock),
        now: clock.show(clock.now),
    }
}

fn card(
    shown: &Shown,
    (silence, limits): &(SignedDuration, Vec<Limit>),
    glance: &Glance,
    clock: &Clock,
) -> Card {
    let (l, gauge) = (clock.language, &shown.gauge);
    let title = title(&gauge.group, &gauge.name).text(l).to_owned();
    let (value, at, reason) = match &shown.value {
        Ok((value, at)) => (Some(told(value, &gauge.unit, l)), Some(*at), String::new()),
        Err(why) => (None, None, why.text(l).to_owned()),
    };
    let id = format!("g-{}-{}", gauge.group, gauge.name).replace(char::is_whitespace, "-");
    let plot = || Plot {
        id: format!("c{id}"),
        title: title.clone(),
        unit: gauge.unit.clone(),
        from: glance.span.from,
        to: glance.span.to,
        silence: *silence,
        limits: limits.clone(),
        marks: glance.marks.clone(),
        tells_marks: false,
    };
    let mut note = shown.method().map(|said| said.text(l).to_owned()).unwrap_or_default();
    if let Some(count) = shown.count {
        let of = l.pick("対象の予測", "predictions that are due:");
        note = format!("{of} {}", figure(count, ""));
    }
    Card {
        value,
        is_stale: at.is_some_and(|at| clock.now.duration_since(at) > *silence),
        at: clock.maybe(at),
        reason,
        note,
        source: gauge
            .source
            .as_ref()
            .map(|it| format!("{} {}", it.probe, it.reading))
            .unwrap_or_default(),
        chart: match &shown.curve {
            Ok(Some(curve)) => Some(chart::draw(curve, &plot(), clock)),
            _ => None,
        },
        no_past: shown.curve.as_ref().err().map(|why| why.text(l).to_owned()).unwrap_or_default(),
        title,
        id,
    }
}

fn told(value: &Value, unit: &str, l: Language) -> String {
    match value {
        Value::Number(number) => figure(*number, unit),
        Value::Flag(flag) => {
            if *flag { l.pick("はい", "yes") } else { l.pick("いいえ", "no") }.into()
        }
        Value::Text(text) => text.clone(),
    }
}

/// What people call a value; one of the team's own is called as they wrote it.
fn title(group: &str, name: &str) -> Said {
    let (ja, en) = match (group, name) {
        ("system", "cpu") => ("CPU 使用率", "CPU"),
        ("system", "memory") => ("メモリ使用率", "Memory"),
        ("system", "disk") => ("ディスク使用率", "Disk"),
        ("system", "disk_full_in") => ("ディスクが満杯になるまで", "Until the disk is full"),
        ("app", "p95_ms") => ("API 応答時間 (p95)", "API response time (p95)"),
        ("app", "error_rate") => ("エラー率", "Error rate"),
        ("app", "requests_per_s") => ("リクエスト", "Requests"),
        ("business", "users") => ("ユーザー数", "Users"),
        ("business", "accuracy") => ("予測精度 (MAPE)", "Prediction accuracy (MAPE)"),
        ("business", "due_predictions") => ("対象日を過ぎた予測", "Predictions that are due"),
        _ => return Said::same(name),
    };
    Said::new(ja, en)
}
