//! What keepers live in.

use crate::{google::access::Google, miss::Variable};
use std::sync::Arc;

/// What keepers live in.
pub struct World {
    /// The environment of this process.
    pub variable: Variable,
    /// Google's Secret Manager.
    pub google: Google,
}

impl World {
    /// The environment of this process, and what it says of Google.
    pub fn of_this_process() -> Self {
        Self::with(Arc::new(|name| std::env::var(name).ok()))
    }

    /// An environment.
    pub fn with(variable: Variable) -> Self {
        Self { google: Google::of(&variable), variable }
    }
}
