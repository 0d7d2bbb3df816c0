//! Where things are told of: the addresses of their pages.

use domain::ids::{RunId, RunbookName, ServiceName, StepName};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// The page of a service.
pub(crate) fn service(name: &ServiceName) -> String {
    below("/services", name.as_str())
}

/// The page of a runbook.
pub(crate) fn runbook(name: &RunbookName) -> String {
    below("/runbooks", name.as_str())
}

/// What an attempt of a step kept as evidence.
pub(crate) fn evidence(run: RunId, step: &StepName, attempt: u32) -> String {
    format!("{}/{attempt}", below(&format!("/evidence/{run}"), step.as_str()))
}

/// Alerts with these words, or all with them, also those that are over.
pub(crate) fn alerts(words: &str, is_all: bool) -> String {
    let all = if is_all { "all=1&" } else { "" };
    format!("/alerts?{all}q={}", utf8_percent_encode(words, NON_ALPHANUMERIC))
}

/// The address of something in a folder of addresses.
pub(crate) fn below(folder: &str, name: &str) -> String {
    format!("{folder}/{}", utf8_percent_encode(name, NON_ALPHANUMERIC))
}
