//! Format `alertmanager`: the HTTP API v2 of Prometheus Alertmanager, for Prometheus, vmalert, the rulers of Loki and
//! Mimir, amtool, Karma and Grafana's Alertmanager data source.
//!
//! | file | what it holds |
//! | --- | --- |
//! | [`errors`] | error bodies: a JSON text, or `{"code", "message"}` |
//! | [`alerts`] | `POST /alerts` |
//! | [`silences`] | `POST /silences`, and how a silence is shown |
//! | [`query`] | what the `GET`s ask for |
//! | [`show`] | alerts, groups, receivers and the status as JSON |
//!
//! Only `POST /alerts` says words; whoever answers the other paths calls the functions of these files.

pub mod alerts;
pub mod errors;
pub mod query;
pub mod show;
pub mod silences;

use crate::{
    answer::{Heard, Rejected},
    format::{Format, Reader},
    request::{Context, Request},
};
use std::sync::Arc;

/// The row of the table.
pub(crate) const KIND: Format = Format {
    name: "alertmanager",
    summary: (
        "Alertmanager API v2。Prometheus・vmalert・amtool・Karma・Grafana からそのまま使える",
        "the Alertmanager API v2: Prometheus, vmalert, amtool, Karma and Grafana use it as it is",
    ),
    paths: &[
        ("POST", "/api/v2/alerts"),
        ("GET", "/api/v2/alerts"),
        ("GET", "/api/v2/alerts/groups"),
        ("GET", "/api/v2/receivers"),
        ("GET", "/api/v2/silences"),
        ("POST", "/api/v2/silences"),
        ("GET", "/api/v2/silence/{id}"),
        ("DELETE", "/api/v2/silence/{id}"),
        ("GET", "/api/v2/status"),
    ],
    example: "kind: alertmanager\n",
    parse: |_, _| Some(Arc::new(Alertmanager)),
};

#[derive(Debug)]
struct Alertmanager;

impl Reader for Alertmanager {
    fn read(&self, request: &Request, _: &Context) -> Result<Heard, Rejected> {
        let place = request.path.trim_end_matches('/');
        match (request.method, place.strip_prefix("/api/v2").unwrap_or(place)) {
            ("POST", "/alerts") => alerts::read(request.body),
            (method, "/alerts") => Err(errors::method_not_allowed(method, "GET,POST")),
            _ => Err(errors::not_found(request.path)),
        }
    }
}
