//! What requests of the API bring: read as axum reads it, refused as everything is refused here, in JSON.

use crate::answer::Refused;
use axum::{
    body::Bytes,
    extract::{
        FromRequest, FromRequestParts, Request,
        rejection::{BytesRejection, JsonRejection, PathRejection, QueryRejection},
    },
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use domain::said::Said;
use serde::{Serialize, de::DeserializeOwned};

/// The largest body that is read: people's texts are short.
pub(crate) const BODY_LIMIT: usize = 64 * 1024;

/// A body, or an answer, as JSON.
#[derive(Debug)]
pub struct Json<T>(pub T);

/// What stands in the path.
#[derive(Debug)]
pub struct Path<T>(pub T);

/// What stands behind the path.
#[derive(Debug)]
pub struct Query<T>(pub T);

/// A mail as it stands (RFC 5322).
#[derive(Debug)]
pub struct Mail(pub Bytes);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        let axum::Json(read) = axum::Json::from_request(request, state).await?;
        Ok(Self(read))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let axum::extract::Path(read) =
            axum::extract::Path::from_request_parts(parts, state).await?;
        Ok(Self(read))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let axum::extract::Query(read) =
            axum::extract::Query::from_request_parts(parts, state).await?;
        Ok(Self(read))
    }
}

impl<S: Send + Sync> FromRequest<S> for Mail {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        Ok(Self(Bytes::from_request(request, state).await?))
    }
}

impl From<JsonRejection> for Refused {
    fn from(rejection: JsonRejection) -> Self {
        // What is JSON and not what was asked for is not understood either.
        let status = match &rejection {
            JsonRejection::JsonDataError(_) => StatusCode::BAD_REQUEST,
            other => other.status(),
        };
        not_read(status, rejection.body_text())
    }
}

impl From<PathRejection> for Refused {
    fn from(rejection: PathRejection) -> Self {
        not_read(rejection.status(), rejection.body_text())
    }
}

impl From<QueryRejection> for Refused {
    fn from(rejection: QueryRejection) -> Self {
        not_read(rejection.status(), rejection.body_text())
    }
}

impl From<BytesRejection> for Refused {
    fn from(rejection: BytesRejection) -> Self {
        not_read(rejection.status(), rejection.body_text())
    }
}

fn not_read(status: StatusCode, why: String) -> Refused {
    let kind = match status {
        StatusCode::PAYLOAD_TOO_LARGE => "too_large",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "unsupported_media_type",
        StatusCode::BAD_REQUEST => "bad_request",
        _ => "fault",
    };
    Refused { status, kind, said: Said::same(why) }
}
