//! The files a person writes, made into a valid policy; every problem is reported at once, with place and hint.
//!
//! A folder holds `hikeshi.yaml`, beside it perhaps `hikeshi.local.yaml` (what differs on this machine, laid over it)
//! and `runbooks/*.md`. [`load`] reads all of it; nothing is half loaded.

mod acting;
mod alerts;
mod calendars;
mod communication;
mod dashboard;
mod digest;
mod entry;
mod folder;
mod freezes;
mod heartbeats;
mod hours;
mod integrations;
mod names;
mod people;
mod personal;
mod probing;
mod quiet;
mod reach;
mod recovery;
mod schedules;
pub mod schema;
mod secrecy;
mod services;
mod settings;
mod sorting;
mod status_page;
mod supervising;
mod written;

pub use alerts::DEFAULTS as DEFAULT_ALERTS;
pub use dashboard::{Gauge, GaugeSource};
pub use entry::{SigningIn, TlsFiles};
pub use folder::{RESTART, load};
pub use integrations::Integration;
pub use settings::Settings;
pub use status_page::StatusSite;
pub use written::{Value, Written};

use domain::{ids::RunbookName, policy::Policy};
use notify::ChannelSpec;
use probes::ProbeSpec;
use secrets::Declarations;
use source::{Assumed, Node, Place, Secret};
use std::collections::BTreeMap;
use supervise::{ServiceCommand, Supervised};

/// Everything that the files say.
#[derive(Debug)]
pub struct Loaded {
    /// What deciding reads.
    pub policy: Policy,
    /// What looks at the world.
    pub probes: Vec<ProbeSpec>,
    /// What tells people.
    pub channels: Vec<ChannelSpec>,
    /// What hikeshi's own supervisor starts.
    pub commands: Vec<ServiceCommand>,
    /// What other supervisors start and stop.
    pub supervised: Vec<Supervised>,
    /// Where and how hikeshi itself runs.
    pub settings: Settings,
    /// Ways in for other systems.
    pub integrations: Vec<Integration>,
    /// What the dashboard shows.
    pub dashboard: Vec<Gauge>,
    /// Where secrets are kept.
    pub secrets: Declarations,
    /// The runbooks as they are written.
    pub documents: BTreeMap<RunbookName, String>,
    /// The main file, with what differs on this machine laid over it.
    pub(crate) main: Node,
    /// What the readers took where nothing is written.
    pub(crate) assumed: Vec<Assumed>,
    /// Where the page is that customers see; none: there is none.
    pub status_site: Option<StatusSite>,
}

impl Loaded {
    /// Every value, and where it comes from.
    pub fn written(&self) -> Written {
        written::all(&self.main, &self.assumed, &self.settings, &self.policy)
    }

    /// Whether people could answer somewhere: by a link in a message to one person, a button or a key.
    pub fn has_answers(&self) -> bool {
        self.channels
            .iter()
            .any(|spec| !spec.brief().is_room || spec.settings.answering().is_some())
    }

    /// Every secret that something here uses, so that it can be masked.
    pub fn used_secrets(&self) -> Vec<Secret> {
        let place = || Place { file: "hikeshi.yaml".into(), line: 1 };
        let named = |name: &String| Secret::Named { name: name.clone(), place: place() };
        let probes = self.probes.iter().flat_map(|spec| spec.settings.secrets());
        let channels = self.channels.iter().flat_map(|spec| spec.settings.secrets());
        let integrations = self.integrations.iter().filter_map(|one| one.secret.clone());
        let tokens = self.policy.graph.services().filter_map(runbook::token_of);
        let declared = self.secrets.keys().map(named);
        probes
            .chain(channels)
            .chain(self.settings.secrets().cloned())
            .chain(integrations)
            .chain(tokens)
            .chain(declared)
            .collect()
    }
}
