//! Why there is no secret, and where variables come from.

use domain::secret_access::AccessResult;
use std::sync::Arc;

/// Why a keeper gave no secret; a sentence that names places, never a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Miss {
    /// It keeps no such secret.
    Absent(String),
    /// It was asked, and says no.
    Denied(String),
    /// It could not be asked, or did not answer as it should: nobody knows whether it has the secret.
    Unreachable(String),
}

impl Miss {
    /// The sentence.
    pub fn why(&self) -> &str {
        match self {
            Self::Absent(why) | Self::Denied(why) | Self::Unreachable(why) => why,
        }
    }

    /// The word for it in the journal.
    pub fn result(&self) -> AccessResult {
        match self {
            Self::Absent(_) => AccessResult::Absent,
            Self::Denied(_) => AccessResult::Denied,
            Self::Unreachable(_) => AccessResult::Unreachable,
        }
    }
}

/// A variable of the environment, where it is set.
pub type Variable = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;
