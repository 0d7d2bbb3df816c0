//! Folds who does what in an incident, and the measures after it.

use crate::{fact::Fact, measure::Measure, state::State};

impl State {
    /// Follows a fact before the rest of the state does: an incident that it ends is still there.
    pub(crate) fn apply_team(&mut self, fact: &Fact) {
        match fact {
            Fact::RoleAssigned(assigned) => {
                if let Some(incident) = self.incidents.get_mut(&assigned.incident) {
                    incident.roles.insert(assigned.role, assigned.to.clone());
                }
            }
            Fact::MeasureRecorded(recorded) => {
                self.last.measure = self.last.measure.max(recorded.id.0);
                if let Some(incident) = self.incidents.get_mut(&recorded.incident) {
                    incident.measures.push(recorded.text.clone());
                }
                let measure = Measure {
                    incident: recorded.incident,
                    text: recorded.text.clone(),
                    owner: recorded.owner.clone(),
                    due: recorded.due,
                };
                self.measures.insert(recorded.id, measure);
            }
            Fact::MeasureDone(done) => drop(self.measures.remove(&done.id)),
            Fact::IncidentMerged { incident, into } => {
                let gone = self.incidents.get(incident);
                let gone = gone.map(|gone| (gone.roles.clone(), gone.measures.clone()));
                if let (Some((roles, measures)), Some(stays)) = (gone, self.incidents.get_mut(into))
                {
                    // Whoever leads the one that goes on leads both.
                    for (role, name) in roles {
                        stays.roles.entry(role).or_insert(name);
                    }
                    stays.measures.extend(measures);
                }
            }
            _ => {}
        }
    }
}
