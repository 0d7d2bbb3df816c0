//! Where things are told of: the addresses of their pages.

use domain::ids::{RunbookName, ServiceName};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// The page of a service.
pub(crate) fn service(name: &ServiceName) -> String {
    below("/services", name.as_str())
}

/// The page of a runbook.
pub(crate) fn runbook(name: &RunbookName) -> String {
    below("/runbooks", name.as_str())
}

fn below(folder: &str, name: &str) -> String {
    format!("{folder}/{}", utf8_percent_encode(name, NON_ALPHANUMERIC))
}
