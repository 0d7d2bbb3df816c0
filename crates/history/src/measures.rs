//! Measures after an incident, and what became of them (A53, A69 to A71).

use domain::{
    fact::{Fact, MeasureDone, MeasureRecorded},
    ids::{Actor, MeasureId},
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A measure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MeasureView {
    /// Its number.
    #[schema(value_type = u64)]
    pub id: MeasureId,
    /// What is to be done.
    pub text: String,
    /// Who does it; none: nobody in particular.
    pub owner: Option<String>,
    /// By which day; none: some time.
    #[schema(value_type = Option<String>, format = Date)]
    pub due: Option<Date>,
    /// When it was written down.
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Timestamp,
    /// Who wrote it down.
    #[schema(value_type = crate::shape::ActorShape)]
    pub recorded_by: Actor,
    /// When it was done; none: it is not.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub done_at: Option<Timestamp>,
    /// Who said so.
    #[schema(value_type = Option<crate::shape::ActorShape>)]
    pub done_by: Option<Actor>,
}

/// Follows a fact about measures.
pub(crate) fn follow(measures: &mut Vec<MeasureView>, fact: &Fact, at: Timestamp) {
    match fact {
        Fact::MeasureRecorded(recorded) => {
            let MeasureRecorded { id, text, owner, due, by, .. } = (**recorded).clone();
            measures.push(MeasureView {
                id,
                text,
                owner,
                due,
                recorded_at: at,
                recorded_by: by,
                done_at: None,
                done_by: None,
            });
        }
        Fact::MeasureDone(MeasureDone { id, by, .. }) => {
            for measure in measures.iter_mut().filter(|measure| measure.id == *id) {
                (measure.done_at, measure.done_by) = (Some(at), Some(by.clone()));
            }
        }
        _ => {}
    }
}
