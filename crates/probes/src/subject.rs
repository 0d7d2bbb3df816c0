//! What a probe is pointed at, for those who look closer than a rule needs: surveys.

use crate::{database::Entrance, metrics_page::MetricsPage, requests::AccessLog};

/// What a probe is pointed at.
#[derive(Clone, Debug)]
pub enum Subject {
    /// Nothing that can be looked at but through the probe's own readings.
    Readings,
    /// A port that accepts connections.
    Port {
        /// Name or address.
        host: String,
        /// The port.
        port: u16,
    },
    /// A PostgreSQL database.
    Database(Entrance),
    /// A page of metrics in the text format of Prometheus.
    Metrics(MetricsPage),
    /// An access log.
    AccessLog(AccessLog),
    /// Log files: a path, or a pattern.
    Log(String),
}
