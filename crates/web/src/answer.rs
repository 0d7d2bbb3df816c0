//! Answers and refusals as JSON: `{"error": {"kind", "message": {"ja", "en"}}}` with a status that fits.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::said::Said;
use engine::EngineError;
use history::shape::SaidShape;
use intake::{Answer, Rejected};
use serde::Serialize;
use utoipa::ToSchema;

/// Why a request is not answered as asked.
#[derive(Clone, Debug)]
pub struct Refused {
    /// The HTTP status.
    pub status: StatusCode,
    /// A stable word for programs.
    pub kind: &'static str,
    /// The sentence.
    pub said: Said,
}

/// A refusal as it is sent.
#[derive(Serialize, ToSchema)]
pub(crate) struct ErrorBody {
    error: ErrorDetail,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ErrorDetail {
    /// A stable word for programs.
    kind: &'static str,
    /// The sentence.
    #[schema(value_type = SaidShape)]
    message: Said,
}

impl Refused {
    /// The thing is not there.
    pub fn not_found(ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self { status: StatusCode::NOT_FOUND, kind: "not_found", said: Said::new(ja, en) }
    }

    /// The request is not understood.
    pub fn bad(en: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, kind: "bad_request", said: Said::same(en) }
    }

    /// Nobody has shown who they are.
    pub fn unknown_caller(said: Said) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, kind: "unauthorized", said }
    }

    /// It is known who asks, and they may not.
    pub fn forbidden(said: Said) -> Self {
        Self { status: StatusCode::FORBIDDEN, kind: "forbidden", said }
    }

    /// hikeshi itself is in trouble.
    pub fn fault(why: impl ToString) -> Self {
        let why = why.to_string();
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            kind: "fault",
            said: Said::new(
                format!("hikeshi 自身の障害: {why}"),
                format!("hikeshi itself is in trouble: {why}"),
            ),
        }
    }
}

impl From<EngineError> for Refused {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Refused(refusal) => {
                let status = match refusal.kind {
                    "not_found" => StatusCode::NOT_FOUND,
                    "forbidden" => StatusCode::FORBIDDEN,
                    "incomplete" => StatusCode::UNPROCESSABLE_ENTITY,
                    _ => StatusCode::CONFLICT,
                };
                Self { status, kind: refusal.kind, said: refusal.said }
            }
            other => Self::fault(other),
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let error = ErrorDetail { kind: self.kind, message: self.said };
        (self.status, Json(ErrorBody { error })).into_response()
    }
}

/// An answer of a wire format, as it stands.
pub(crate) fn respond(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if answer.body.is_empty() {
        return status.into_response();
    }
    (status, [(header::CONTENT_TYPE, answer.content_type)], answer.body).into_response()
}

/// A refusal in the words of a wire format.
pub(crate) fn refuse(rejected: &Rejected) -> Response {
    respond(rejected.answer().clone())
}
