//! What every survey needs: the configuration, a runtime, what probes need, and the known secrets.

use crate::{
    accesses::{self, FromCommand},
    clock,
    common::Common,
    masking::Masking,
    show::{Trouble, trouble},
    validate,
};
use config::Loaded;
use probes::Deps;
use std::sync::Arc;
use supervise::{Own, Supervisor};
use survey::Cleaner;

/// Everything that a survey needs.
pub struct Surveying {
    /// What is configured.
    pub loaded: Loaded,
    /// What probes need.
    pub deps: Deps,
    masking: Masking,
    ledger: Arc<FromCommand>,
    runtime: tokio::runtime::Runtime,
}

impl Surveying {
    /// Reads the configuration; changes nothing.
    pub fn new(common: &Common) -> Result<Self, Trouble> {
        let mut loaded = validate::load(&common.config)?;
        let (safe, ledger) = accesses::for_a_command(common, &loaded);
        let masking = Masking::of(&safe, loaded.used_secrets());
        let runtime = tokio::runtime::Runtime::new().map_err(trouble)?;
        let records = loaded.settings.data.join("services");
        // Without records nothing was ever started, and looking must not even make a folder.
        let commands = std::mem::take(&mut loaded.commands);
        let own =
            records.exists().then(|| Own::open(&records, commands, clock::shared()).ok()).flatten();
        let deps = Deps {
            clock: clock::shared(),
            supervisor: own.map(|own| Arc::new(own) as Arc<dyn Supervisor>),
            state_folder: Some(loaded.settings.data.join("probes")),
            samples: None,
            safe: safe.clone(),
        };
        Ok(Self { loaded, deps, masking, ledger, runtime })
    }

    /// Takes known secrets out of texts.
    pub fn cleaner(&self) -> Cleaner {
        self.masking.cleaner()
    }

    /// Looks, and then waits for nothing that still hangs.
    pub fn look<T>(self, looking: impl AsyncFnOnce(&Loaded, &Deps, &Cleaner) -> T) -> T {
        let Self { loaded, deps, masking, ledger, runtime } = self;
        let found = runtime.block_on(looking(&loaded, &deps, &masking.cleaner()));
        runtime.shutdown_background();
        ledger.hand_in();
        found
    }
}
