//! Lets verbs see with the probes: what is repaired is judged by what watches it.

use domain::{ids::ServiceName, reading::Observation};
use futures::{FutureExt, future::BoxFuture};
use probes::{Deps, ProbeSpec};
use std::time::Duration;

/// A look at a backup may take as long as its probe allows; whoever asks has a time limit of its own.
const LONGEST: Duration = Duration::from_secs(3600);

/// The probes of the configuration.
pub struct Looking {
    /// All of them.
    pub probes: Vec<ProbeSpec>,
    /// What they need.
    pub deps: Deps,
}

impl runbook::Looks for Looking {
    fn knows(&self, service: &ServiceName, kinds: &[&str]) -> bool {
        self.of(service, kinds).next().is_some()
    }

    fn look<'a>(
        &'a self,
        service: &'a ServiceName,
        kinds: &'a [&'a str],
    ) -> BoxFuture<'a, Vec<Observation>> {
        async move {
            let specs = self.of(service, kinds).cloned().collect();
            let looks = probes::look_once(specs, &self.deps, LONGEST).await;
            // A probe may look at several services.
            let seen = looks.into_iter().flat_map(|(_, seen)| seen);
            seen.filter(|seen| seen.service == *service).collect()
        }
        .boxed()
    }
}

impl Looking {
    fn of<'a>(
        &'a self,
        service: &'a ServiceName,
        kinds: &'a [&'a str],
    ) -> impl Iterator<Item = &'a ProbeSpec> {
        let is_meant =
            move |spec: &&ProbeSpec| spec.service == *service && kinds.contains(&spec.kind.name);
        self.probes.iter().filter(is_meant)
    }
}
