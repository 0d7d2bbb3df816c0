//! Why the core may refuse a command.

use crate::{ids::IncidentId, said::Said};

/// Why a command is not carried out; a sentence for whoever asked (house rule 9).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{said}")]
pub struct Refusal {
    /// A short stable word for programs: `not_found`, `conflict`, `incomplete`.
    pub kind: &'static str,
    /// The sentence.
    pub said: Said,
}

impl Refusal {
    /// The thing is not there.
    pub fn not_found(ja: String, en: String) -> Self {
        Self { kind: "not_found", said: Said::new(ja, en) }
    }

    /// There is no open incident of that number.
    pub fn no_incident(id: IncidentId) -> Self {
        Self::not_found(
            format!("開いているインシデント {id} はありません"),
            format!("there is no open incident {id}"),
        )
    }

    /// Something stands against it now.
    pub fn conflict(ja: String, en: String) -> Self {
        Self { kind: "conflict", said: Said::new(ja, en) }
    }

    /// Whoever asks may not.
    pub fn forbidden(ja: String, en: String) -> Self {
        Self { kind: "forbidden", said: Said::new(ja, en) }
    }

    /// Something is missing.
    pub fn incomplete(ja: String, en: String) -> Self {
        Self { kind: "incomplete", said: Said::new(ja, en) }
    }
}
