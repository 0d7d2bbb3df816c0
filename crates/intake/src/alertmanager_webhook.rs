//! Format `alertmanager_webhook`: what Alertmanager posts to a webhook, version "4".
//!
//! Each alert is its own, by its own fingerprint; the group's key means nothing, so no member hides behind another.

use crate::{
    answer::{Answer, Heard, ProblemList, Rejected},
    draft::{self, Draft},
    format::{Format, Reader},
    json,
    request::{Context, Request},
    time,
    word::Word,
};
use domain::signal::{Fingerprint, Told};
use serde_json::Value;
use std::sync::Arc;

/// The row of the table.
pub(crate) const KIND: Format = Format {
    name: "alertmanager_webhook",
    summary: (
        "Alertmanager の webhook (version 4)。グループではなくアラートごとに受け取る",
        "Alertmanager's webhook, version 4; each alert by itself, not by its group",
    ),
    paths: &[("POST", "/")],
    example: "kind: alertmanager_webhook\n",
    parse: |_, _| Some(Arc::new(Webhook)),
};

#[derive(Debug)]
struct Webhook;

impl Reader for Webhook {
    fn read(&self, request: &Request, context: &Context) -> Result<Heard, Rejected> {
        if request.method != "POST" {
            return Err(Rejected::unknown_place(request.method, request.path));
        }
        let document = json::read(request.body).map_err(|why| Rejected::plain(400, why))?;
        match document.get("version").and_then(Value::as_str) {
            Some("4") => read_alerts(&document, context, |_, _| {}),
            _ => Err(Rejected::plain(400, "`version` is not \"4\", the only one that is known")),
        }
    }
}

/// Reads the list of alerts; `more` adds what a relative of the format says of each.
pub(crate) fn read_alerts(
    document: &Value,
    context: &Context,
    more: fn(&Value, &mut Draft),
) -> Result<Heard, Rejected> {
    let Some(alerts) = document.get("alerts").and_then(Value::as_array) else {
        return Err(Rejected::plain(400, "`alerts` is not a list"));
    };
    let status_of_all = json::text(document, "/status");
    let (mut words, mut problems) = (Vec::with_capacity(alerts.len()), ProblemList::default());
    for (index, alert) in alerts.iter().enumerate() {
        match told(alert, status_of_all, context, more) {
            Ok(told) => words.push(Word::Told(told)),
            Err(why) => problems.push(format!("alerts[{index}]: {why}")),
        }
    }
    let mut heard = Heard::partly(words, problems.told(), Answer::empty(200));
    // Told to the log only: the sender knows it, and would take an error for a reason to give up.
    if let Some(left_out) =
        document.get("truncatedAlerts").and_then(Value::as_u64).filter(|n| *n > 0)
    {
        heard.problems.push(format!("the sender left out {left_out} alerts (its `max_alerts`)"));
    }
    Ok(heard)
}

fn told(
    alert: &Value,
    status_of_all: &str,
    context: &Context,
    more: fn(&Value, &mut Draft),
) -> Result<Told, String> {
    let at = |name: &str| {
        let text = alert.get(name).and_then(Value::as_str).unwrap_or_default();
        time::read(text).map_err(|why| format!("invalid {name}: {why}"))
    };
    let (starts_at, ends_at) = (at("startsAt")?, at("endsAt")?);
    let status = alert.get("status").and_then(Value::as_str).unwrap_or(status_of_all);
    let mut draft = match status {
        "firing" => Draft::firing(starts_at),
        "resolved" => Draft { starts_at, ..Draft::ended(ends_at, context.now) },
        _ => return Err("`status` is neither `firing` nor `resolved`".into()),
    };
    draft.labels = pairs(alert, "labels")?;
    draft.annotations = pairs(alert, "annotations")?;
    draft.generator_url = json::text(alert, "/generatorURL").to_owned();
    more(alert, &mut draft);
    let shown = json::text(alert, "/fingerprint");
    let told = draft.told()?;
    Ok(Told { fingerprint: number(shown, told.fingerprint, context), ..told })
}

/// The number of an alert. Grafana hashes more than it shows; its number holds within the integration only, so that
/// nobody ends an alert of others by naming its number.
fn number(shown: &str, of_labels: Fingerprint, context: &Context) -> Fingerprint {
    match shown.parse::<Fingerprint>() {
        Ok(number) if number != of_labels => draft::key(context.integration, "fingerprint", shown),
        Ok(_) | Err(_) => of_labels,
    }
}

fn pairs(alert: &Value, name: &str) -> Result<Vec<(String, String)>, String> {
    match alert.get(name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Object(map)) => {
            let text = |value: &Value| json::scalar(value).unwrap_or_default();
            Ok(map.iter().map(|(name, value)| (name.clone(), text(value))).collect())
        }
        Some(_) => Err(format!("`{name}` is not an object")),
    }
}
