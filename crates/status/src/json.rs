//! `status.json`: the page for programs. Its shape is in `docs/reference/status-page.md`, and no field is taken away.

use crate::{
    page::{Day, Page, Shown, Work},
    tally::{Tally, percent},
    told::{Entry, Hit, Told, What},
    words,
};
use domain::said::{Language, Said};
use serde_json::{Value, json};

/// The document.
pub fn document(page: &Page) -> Value {
    let usual = page.language();
    let told = |told: &Told| incident(told, usual);
    json!({
        "title": page.title,
        "state": page.state,
        "stale": page.is_stale,
        "generated_at": page.generated_at,
        "valid_until": page.valid_until,
        "components": page.components.iter().map(|one| component(one, usual)).collect::<Vec<_>>(),
        "incidents": page.open().map(told).collect::<Vec<_>>(),
        "past_incidents": page.past().map(told).collect::<Vec<_>>(),
        "maintenance": page.windows.iter().map(|one| work(one, usual)).collect::<Vec<_>>(),
    })
}

fn component(shown: &Shown, usual: Language) -> Value {
    let total = shown.total();
    json!({
        "name": shown.name.text(usual),
        "names": shown.name,
        "group": shown.group,
        "state": shown.state,
        "stale": shown.is_stale,
        "uptime_percent": uptime(&total),
        "measured_seconds": total.measured(),
        "days": shown.days.iter().map(day).collect::<Vec<_>>(),
    })
}

/// Days without a measurement say so: null, never 100.
fn day(day: &Day) -> Value {
    json!({
        "date": day.date,
        "worst": day.tally.worst(),
        "uptime_percent": uptime(&day.tally),
        "measured_seconds": day.tally.measured(),
    })
}

fn uptime(tally: &Tally) -> Option<f64> {
    tally.uptime().map(percent)
}

fn incident(told: &Told, usual: Language) -> Value {
    json!({
        "id": told.id,
        "began_at": told.began_at,
        "ended_at": told.ended_at,
        "components": told.hits.iter().map(|one| hit(one, usual)).collect::<Vec<_>>(),
        "entries": told.entries.iter().map(entry).collect::<Vec<_>>(),
    })
}

fn hit(hit: &Hit, usual: Language) -> Value {
    json!({"name": hit.name.text(usual), "names": hit.name, "state": hit.state})
}

fn entry(entry: &Entry) -> Value {
    let kind = match entry.what {
        What::Began(_) => "began",
        What::Said { .. } => "statement",
        What::Ended { .. } => "ended",
    };
    let subject = match &entry.what {
        What::Said { subject, .. } => Some(subject),
        _ => None,
    };
    json!({
        "id": entry.id, "at": entry.at, "kind": kind, "subject": subject,
        "text": both(|language| words::text(&entry.what, language)),
    })
}

fn work(work: &Work, usual: Language) -> Value {
    let names: Vec<_> = work.names.iter().map(|name| name.text(usual)).collect();
    json!({
        "id": work.id,
        "starts_at": work.starts_at,
        "ends_at": work.ends_at,
        "active": work.is_active,
        "components": names,
        "text": both(|language| words::work(work, language)),
    })
}

fn both(text: impl Fn(Language) -> String) -> Said {
    Said::new(text(Language::Ja), text(Language::En))
}
