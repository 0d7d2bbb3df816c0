//! The configuration as people wrote it: what pages show beside what follows from it.

use domain::{ids::RunbookName, said::Said};
use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

/// What the files say that count now.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// The runbooks, each as it stands in its file.
    pub runbooks: BTreeMap<RunbookName, String>,
    /// The keys of the main file in their order, and what they are.
    pub sections: Vec<(String, Said)>,
    /// Every value, and where it comes from.
    pub settings: Vec<Setting>,
}

/// A value of the configuration. What is secret is not in it: a place of a secret is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its keys from the top: `probes.web/up.every`.
    pub path: String,
    /// As it is written, or as it is unless somebody writes it.
    pub value: String,
    /// The file and its line; none: nobody wrote it.
    pub place: Option<(String, u32)>,
}

/// The configuration that counts now. Clones share.
#[derive(Clone, Debug, Default)]
pub struct Configuration(Arc<RwLock<Arc<Written>>>);

impl Configuration {
    /// This counts from now on.
    pub fn set(&self, written: Written) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(written);
    }

    /// What counts now.
    pub fn get(&self) -> Arc<Written> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
