//! Who did what, for programs: the same lines as `hikeshi audit` and the page.

use crate::{answer::Refused, state::Shared};
use axum::{
    Json,
    extract::{Query, State},
};
use history::AuditWanted;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

/// The longest answer.
const LIMIT: usize = 1000;

#[derive(Deserialize)]
pub(crate) struct Asked {
    who: Option<String>,
    kind: Option<String>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    before: Option<u64>,
    limit: Option<usize>,
}

/// Newest first; go on with `before` and the last position.
pub(crate) async fn audit(
    State(shared): State<Shared>,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, Refused> {
    let Asked { who, kind, from, to, before, limit } = asked;
    let wanted = AuditWanted { who, kind, from, to, before };
    let limit = limit.unwrap_or(100).min(LIMIT);
    let found = shared.past(move |history| history.audit(&wanted, limit)).await?;
    let line = |line: &history::AuditEntry| {
        let entry = &line.entry;
        json!({
            "position": entry.position, "at": entry.at, "who": line.who, "event": entry.kind,
            "text": entry.text, "fact": entry.fact,
        })
    };
    Ok(Json(found.iter().map(line).collect()))
}
