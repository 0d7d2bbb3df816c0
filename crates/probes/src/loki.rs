//! Probe kind `loki`: asks Loki for one value in LogQL, for example how many lines say ERROR.

use crate::{
    answers::Asking,
    probe::{Kind, Probe, Seat, Settings},
    vector::Query,
};
use source::{Fields, Problems, Secret};
use std::sync::Arc;

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "loki",
    summary: (
        "Loki に LogQL で値を一つ問い合わせる (例: ERROR の行数)",
        "asks Loki for one value in LogQL, for example how many lines say ERROR",
    ),
    example: "\
kind: loki
service: api-1
url: http://127.0.0.1:3100
query: sum(count_over_time({job=\"api\"} |= \"ERROR\" [5m]))   # a number, not the lines themselves
take: only               # or max, min, sum, count of the series
empty_is: 0              # Loki brings no series when no line matches
headers: {X-Scope-OrgID: tenant-1}
every: 30s
",
    readings: &[
        (
            "value",
            "値。系列がなければ不明、サーバーが答えなければ測定失敗",
            "the value; unknown without any series, failed when the server does not answer",
        ),
        ("series", "系列の数", "how many series there are"),
    ],
    parse,
};

#[derive(Debug)]
struct Loki(Query);

fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Arc<dyn Settings>> {
    Query::parse(&["loki", "api", "v1", "query"], fields, problems)
        .map(|query| Arc::new(Loki(query)) as _)
}

impl Settings for Loki {
    fn make(&self, seat: Seat) -> Box<dyn Probe> {
        Asking::new(seat, "value", self.0.request.clone(), self.0.reader)
    }

    fn secrets(&self) -> Vec<Secret> {
        self.0.request.secrets()
    }
}
