//! A measure that was decided after an incident so that it does not happen again (再発防止策, A53, A69 to A71).

use crate::ids::IncidentId;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A measure that is not done yet. Those that are, are in the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// After which incident.
    pub incident: IncidentId,
    /// What is to be done.
    pub text: String,
    /// Who does it; none: nobody in particular.
    pub owner: Option<String>,
    /// By which day; none: some time.
    pub due: Option<Date>,
}

impl Measure {
    /// Whether its day is over.
    pub fn is_overdue(&self, today: Date) -> bool {
        self.due.is_some_and(|due| due < today)
    }
}
