//! What the dashboard shows, as it is configured.

use domain::{
    ids::{ProbeName, ServiceName},
    said::Said,
};
use samples::Series;

/// One value of the dashboard, as it is configured.
#[derive(Clone, Debug)]
pub struct Gauge {
    /// The group: `system`, `app` or `business`.
    pub group: String,
    /// The name in the group.
    pub name: String,
    /// The unit.
    pub unit: String,
    /// Where it comes from.
    pub source: Option<GaugeSource>,
    /// What to say where it comes from nowhere.
    pub hint: Said,
}

/// Where a value of the dashboard comes from.
#[derive(Clone, Debug)]
pub struct GaugeSource {
    /// The probe.
    pub probe: ProbeName,
    /// The service that the reading is about.
    pub service: ServiceName,
    /// The reading.
    pub reading: String,
    /// Where its history is.
    pub series: Series,
}
