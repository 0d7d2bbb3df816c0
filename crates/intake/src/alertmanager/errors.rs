//! Error bodies as Alertmanager's clients know them.

use crate::{
    answer::{Answer, Rejected},
    text::cut,
};
use serde::Serialize;

#[derive(Serialize)]
struct Coded<'a> {
    code: u16,
    message: &'a str,
}

/// A reason as a JSON text, for what is well-formed and means nothing: `"bad matcher format: x"`.
pub fn plain(status: u16, reason: impl Into<String>) -> Rejected {
    let reason = reason.into();
    let answer = Answer::json(status, &reason);
    Rejected::new(reason, answer)
}

/// `{"code": …, "message": …}`: what does not have the shape that the API describes. Codes from 600 are answered with
/// 422: 601 a wrong type, 602 something required is missing, 612 too few items.
pub fn coded(code: u16, message: impl Into<String>) -> Rejected {
    let message = message.into();
    let status = if code >= 600 { 422 } else { code };
    let answer = Answer::json(status, &Coded { code, message: &message });
    Rejected::new(message, answer)
}

/// The body is not JSON of the right shape. `what` is the parameter's name.
pub(crate) fn unreadable(what: &str, error: &serde_json::Error) -> Rejected {
    let why = crate::json::why(error);
    coded(400, format!("parsing {what} body from \"\" failed, because {why}"))
}

/// No such path.
pub fn not_found(path: &str) -> Rejected {
    coded(404, format!("path {} was not found", cut(path, 256)))
}

/// The path exists, but not for this method. `allowed` names the others, separated by commas.
pub fn method_not_allowed(method: &str, allowed: &str) -> Rejected {
    coded(405, format!("method {} is not allowed, but [{allowed}] are", cut(method, 32)))
}
