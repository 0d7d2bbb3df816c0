//! Who did what, for programs: the same lines as `hikeshi audit` and the page.

use crate::{
    acting::Answer,
    extract::{Json, Query},
    state::Shared,
};
use axum::extract::State;
use domain::{fact::Fact, said::Said};
use history::AuditWanted;
use jiff::Timestamp;
use journal::Position;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The longest answer.
const LIMIT: usize = 1000;

#[derive(Deserialize, IntoParams)]
pub(crate) struct Asked {
    who: Option<String>,
    kind: Option<String>,
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    #[param(format = "uint64")]
    before: Option<u64>,
    limit: Option<usize>,
}

/// A line of the audit.
#[derive(Serialize, ToSchema)]
pub(crate) struct Line {
    #[schema(value_type = u64)]
    position: Position,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    who: String,
    /// A stable word for programs.
    event: String,
    #[schema(value_type = history::shape::SaidShape)]
    text: Said,
    #[schema(value_type = history::shape::Open)]
    fact: Fact,
}

/// Newest first; go on with `before` and the last position.
pub(crate) async fn audit(
    State(shared): State<Shared>,
    Query(asked): Query<Asked>,
) -> Answer<Vec<Line>> {
    let Asked { who, kind, from, to, before, limit } = asked;
    let wanted = AuditWanted { who, kind, from, to, before };
    let limit = limit.unwrap_or(100).min(LIMIT);
    let found = shared.past(move |history| history.audit(&wanted, limit)).await?;
    let line = |history::AuditEntry { who, entry }: history::AuditEntry| Line {
        position: entry.position,
        at: entry.at,
        who,
        event: entry.kind,
        text: entry.text,
        fact: entry.fact,
    };
    Ok(Json(found.into_iter().map(line).collect()))
}
