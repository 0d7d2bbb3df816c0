//! Format `grafana`: the webhook of Grafana's contact points: Alertmanager's, with values and links, and a signature.
//!
//! Grafana signs the body, or `timestamp:body` where a header for the timestamp is configured there; then a message
//! older than five minutes is no message any more.

use crate::{
    alertmanager_webhook::read_alerts,
    answer::{Heard, Rejected},
    draft::Draft,
    format::{Format, Reader},
    json,
    request::{Context, Proof, Request},
    signature, time,
};
use domain::said::Said;
use jiff::SignedDuration;
use serde_json::Value;
use source::{Fields, Problems};
use std::sync::Arc;

/// How far the sender's clock may be from ours.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);
/// What an alert says beside that of Alertmanager.
const TEXTS: &[&str] = &["valueString", "silenceURL", "dashboardURL", "panelURL", "imageURL"];

/// The row of the table.
pub(crate) const KIND: Format = Format {
    name: "grafana",
    summary: (
        "Grafana の webhook (値とリンクつき、HMAC 署名を確認できる)",
        "Grafana's webhook, with values and links; its HMAC signature is checked",
    ),
    paths: &[("POST", "/"), ("PUT", "/")],
    example: "\
kind: grafana
signature_header: X-Grafana-Alerting-Signature   # as configured in Grafana
timestamp_header: X-Grafana-Alerting-Timestamp   # only where Grafana sends one
",
    parse,
};

#[derive(Debug)]
struct Grafana {
    /// Names of headers, in lower case.
    signature_header: String,
    timestamp_header: Option<String>,
}

fn parse(fields: &mut Fields, problems: &mut Problems) -> Option<Arc<dyn Reader>> {
    let mut header = |key: &'static str| {
        let node = fields.optional(key)?;
        let name = node.text(problems)?.to_ascii_lowercase();
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            let said =
                Said::new("ヘッダーの名前ではありません", "this is not the name of a header");
            problems.add(&node.place, said);
        }
        Some(name)
    };
    let signature_header =
        header("signature_header").unwrap_or_else(|| "x-grafana-alerting-signature".to_owned());
    let timestamp_header = header("timestamp_header");
    Some(Arc::new(Grafana { signature_header, timestamp_header }))
}

impl Reader for Grafana {
    fn read(&self, request: &Request, context: &Context) -> Result<Heard, Rejected> {
        if !matches!(request.method, "POST" | "PUT") {
            return Err(Rejected::unknown_place(request.method, request.path));
        }
        self.check_signature(request, context)?;
        let document = json::read(request.body).map_err(|why| Rejected::plain(400, why))?;
        read_alerts(&document, context, more)
    }
}

impl Grafana {
    fn check_signature(&self, request: &Request, context: &Context) -> Result<(), Rejected> {
        let secret = match context.proof {
            Proof::Checked => return Ok(()),
            Proof::Secret(secret) => secret,
            Proof::Token(_) => return Err(Rejected::not_proven("the signature")),
        };
        let shown = request.header(&self.signature_header).unwrap_or_default();
        let is_right = match &self.timestamp_header {
            None => signature::is_right(secret, &[request.body], shown),
            Some(name) => {
                let stamp = request.header(name).unwrap_or_default();
                let is_recent = stamp
                    .parse()
                    .ok()
                    .and_then(time::from_number)
                    .is_some_and(|at| context.now.duration_since(at).abs() <= TOLERANCE);
                is_recent
                    && signature::is_right(secret, &[stamp.as_bytes(), b":", request.body], shown)
            }
        };
        if is_right { Ok(()) } else { Err(Rejected::not_proven("the signature")) }
    }
}

fn more(alert: &Value, draft: &mut Draft) {
    for name in TEXTS {
        if let Some(text) = alert.get(*name).and_then(Value::as_str) {
            draft.annotation(*name, text);
        }
    }
    if let Some(values) = alert.get("values").filter(|values| values.is_object()) {
        json::flatten("values", values, &mut draft.annotations);
    }
}
