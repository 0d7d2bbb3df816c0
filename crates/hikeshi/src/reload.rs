//! The configuration read again while hikeshi runs: rules, people, channels, probes, runbooks and ways in. One with mistakes
//! changes nothing; what only a start can change is named.

use crate::{
    deliver::Channels,
    masking::Masking,
    outside::{Parts, Task},
    sampling::Sampling,
    validate,
};
use config::Loaded;
use domain::{
    command::Command,
    ids::{ChannelName, RunbookName},
    policy::Policy,
    reading::Observation,
};
use engine::Engine;
use probes::{Deps, Schedule};
use runbook::mask::Mask;
use samples::Samples;
use secrets::Safe;
use std::{collections::BTreeMap, path::PathBuf, sync::Arc};
use tokio::sync::mpsc;
use web::{Counts, Reload, Shared};

/// What a reload replaces.
pub struct Live {
    /// The policy.
    pub policy: Arc<Policy>,
    /// The channels.
    pub channels: Arc<Channels>,
    /// The probes.
    pub schedule: Schedule,
}

/// What new probes need.
#[derive(Clone)]
pub struct Ground {
    /// What all probes share.
    pub deps: Deps,
    /// Where measurements are kept.
    pub samples: Option<Arc<Samples>>,
    /// What handlers share.
    pub shared: Shared,
}

impl Live {
    /// Starts to look and to tell as a configuration says. The probes that ran before end with their [`Live`].
    pub fn start(policy: Arc<Policy>, loaded: Parts, ground: &Ground) -> Self {
        let (sink, looks) = mpsc::unbounded_channel();
        let sampling = Sampling::of(ground.samples.clone(), &loaded.probes);
        ground.shared.doors.set_answering(loaded.channels.iter().filter_map(answering));
        let language = policy.language;
        tokio::spawn(pass_on(looks, loaded.masking, sampling, ground.shared.clone()));
        Self {
            policy,
            channels: Arc::new(Channels::new(
                &loaded.channels,
                &ground.deps.safe,
                language,
                ground.shared.links.clone(),
            )),
            schedule: Schedule::start(loaded.probes, &ground.deps, sink),
        }
    }
}

/// How answers on a channel are proved, as the server wants it.
fn answering(spec: &notify::ChannelSpec) -> Option<(ChannelName, web::Answering)> {
    let notify::Answering { service, secret } = spec.settings.answering()?;
    Some((spec.name.clone(), web::Answering { service, secret }))
}

/// What reads the configuration of a folder again and makes it count.
pub fn reader(
    folder: PathBuf,
    engine: Engine,
    safe: Safe,
    masking: Masking,
    configuration: web::Configuration,
    tasks: mpsc::UnboundedSender<Task>,
) -> Reload {
    Box::new(move || {
        let loaded = validate::load(&folder).map_err(|trouble| trouble.said)?;
        // Also whoever performs steps, or shows evidence, masks what is used from now on.
        masking.learn(loaded.used_secrets());
        let written = loaded.written();
        let Loaded { policy, probes, channels, integrations, secrets, documents, .. } = loaded;
        configuration.set(as_written(documents, written, &masking));
        let policy = Arc::new(policy);
        safe.replace(secrets);
        engine.set_policy(policy.clone());
        let parts = Parts { probes, channels, masking: masking.clone() };
        let _ = tasks.send(Task::Reload(policy, Box::new(parts)));
        tracing::info!(
            "the configuration was read again; services that hikeshi starts, `supervise`, `acting`, `listen`, \
             `tls`, `trusted_proxies`, `public_url`, `accounts`, `data`, the dashboard and where the status page is count \
             from the next start"
        );
        Ok(ways_in(integrations))
    })
}

/// The configuration as pages show it. A secret that somebody wrote where none belongs is masked like everywhere else.
pub fn as_written(
    runbooks: BTreeMap<RunbookName, String>,
    written: config::Written,
    masking: &Masking,
) -> web::Written {
    let mask = Mask::new(masking.values());
    let setting = |value: config::Value| web::Setting {
        path: value.path,
        value: mask.clean(value.value.as_bytes()),
        place: value.place.map(|place| (place.file.to_string(), place.line)),
    };
    let runbooks = runbooks.into_iter().map(|(name, text)| (name, mask.clean(text.as_bytes())));
    web::Written {
        runbooks: runbooks.collect(),
        sections: written.sections,
        settings: written.values.into_iter().map(setting).collect(),
    }
}

/// The configured integrations as the server wants them.
pub fn ways_in(all: Vec<config::Integration>) -> Vec<web::Integration> {
    let way_in = |one: config::Integration| web::Integration {
        name: one.name,
        kind: one.format.name,
        reader: one.reader,
        secret: one.secret,
    };
    all.into_iter().map(way_in).collect()
}

/// Observations go to the writer, and the last of each probe is kept for showing.
async fn pass_on(
    mut looks: mpsc::UnboundedReceiver<Observation>,
    masking: Masking,
    sampling: Sampling,
    shared: Shared,
) {
    while let Some(observation) = looks.recv().await {
        let observation = masking.clean(observation);
        shared.readings.keep(&observation);
        sampling.record(&observation);
        Counts::add(&shared.counts.observations, 1);
        shared.engine.send(Command::Observe(observation));
    }
}
