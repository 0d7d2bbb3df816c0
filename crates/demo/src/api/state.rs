//! What every request handler of an API instance knows.

use super::metrics::Metrics;
use crate::gate::Gate;
use crate::log_file::{LogFile, json_line};
use crate::store::Store;
use serde_json::{Value, json};
use std::sync::Arc;

/// One instance.
#[derive(Debug)]
pub struct Api {
    /// Its name, for example `api-2`.
    pub name: String,
    /// Its data.
    pub store: Store,
    /// Its switches.
    pub gate: Gate,
    /// The log it shares with the other instances.
    pub log: Arc<LogFile>,
    /// The error log it shares with the other instances.
    pub errors: Arc<LogFile>,
    /// What it counts.
    pub metrics: Metrics,
}

impl Api {
    /// Logs to the common log, and to the error log where it is an error. A log that cannot be
    /// written (full disk) must not take the service down.
    pub fn log(&self, level: &str, message: &str, mut more: Value) {
        more["instance"] = json!(self.name);
        let line = json_line(level, "miraikakaku.api", message, more);
        let _ = self.log.line(&line);
        if level == "ERROR" {
            let _ = self.errors.line(&line);
        }
    }
}
