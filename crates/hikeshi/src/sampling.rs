//! What probes measure goes into the samples: for the dashboard, baselines and forecasts. Nobody is paged less for it.

use crate::clock;
use config::Gauge;
use domain::{
    ids::{ProbeName, ServiceName},
    reading::Observation,
};
use probes::{ProbeSpec, recorded};
use samples::{Keep, Samples};
use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

/// How often old values are let go.
const PRUNE_EVERY: Duration = Duration::from_secs(60);

/// Takes values, as long as there is somewhere to keep them.
pub struct Sampling {
    samples: Option<Arc<Samples>>,
    /// The service of each probe.
    own: BTreeMap<ProbeName, ServiceName>,
}

/// Opens the samples of a data folder; a disk that does not allow it stops nothing else.
pub fn open(data: &Path) -> Option<Arc<Samples>> {
    match Samples::open(data, Keep::default()) {
        Ok(samples) => Some(Arc::new(samples)),
        Err(error) => {
            tracing::warn!("no samples are kept, so there is no history and no baseline: {error}");
            None
        }
    }
}

/// Lets old values go from time to time. Needs a running tokio.
pub fn prune(samples: Option<Arc<Samples>>) {
    let Some(samples) = samples else { return };
    tokio::spawn(async move {
        let mut minutes = tokio::time::interval(PRUNE_EVERY);
        loop {
            minutes.tick().await;
            samples.prune(clock::now());
        }
    });
}

impl Sampling {
    /// Takes the values of these probes.
    pub fn of(samples: Option<Arc<Samples>>, probes: &[ProbeSpec]) -> Self {
        let own = probes.iter().map(|spec| (spec.name.clone(), spec.service.clone())).collect();
        Self { samples, own }
    }

    /// Keeps what was measured. Never waits; what cannot be kept is counted there.
    pub fn record(&self, seen: &Observation) {
        let (Some(samples), Some(own)) = (&self.samples, self.own.get(&seen.probe)) else { return };
        for (series, value) in recorded::values(own, seen) {
            let _ = samples.record(&series, seen.at, value);
        }
    }
}

/// The dashboard as the server wants it.
pub fn dashboard(gauges: Vec<Gauge>) -> Arc<Vec<web::Gauge>> {
    let source = |it: config::GaugeSource| web::GaugeSource {
        series: recorded::series(&it.probe, &it.own, &it.of, &it.reading),
        probe: it.probe,
        service: it.of,
        reading: it.reading,
    };
    let gauge = |it: Gauge| web::Gauge {
        group: it.group,
        name: it.name,
        unit: it.unit,
        source: it.source.map(source),
        hint: it.hint,
    };
    Arc::new(gauges.into_iter().map(gauge).collect())
}
