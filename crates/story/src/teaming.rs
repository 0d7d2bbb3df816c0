//! People in and after an incident in a story: roles and measures.

use domain::{
    command::Command,
    ids::{Actor, IncidentId, MeasureId},
    incident_role::IncidentRole,
};
use jiff::civil::Date;

/// What a person says of people.
#[derive(Clone, Debug, PartialEq)]
pub enum Teaming {
    /// Gives a role in an incident to somebody.
    Assigns(IncidentRole, IncidentId, String),
    /// Writes down a measure after an incident, with whoever does it and by when.
    Plans(IncidentId, Option<(String, Date)>, String),
    /// Says that a measure is done.
    Finishes(MeasureId),
}

pub(crate) fn read(words: &[&str], tail: &str) -> Option<Teaming> {
    Some(match words {
        ["assigns", role, "of", id, "to", name] => {
            Teaming::Assigns(role.parse().ok()?, id.parse().ok()?, (*name).to_owned())
        }
        ["plans", "for", id] => Teaming::Plans(id.parse().ok()?, None, tail.to_owned()),
        ["plans", "for", id, "by", owner, "until", due] => {
            let who = ((*owner).to_owned(), due.parse().ok()?);
            Teaming::Plans(id.parse().ok()?, Some(who), tail.to_owned())
        }
        ["finishes", id] => Teaming::Finishes(id.parse().ok()?),
        _ => return None,
    })
}

impl Teaming {
    /// The command.
    pub(crate) fn command(&self, by: Actor) -> Command {
        match self.clone() {
            Self::Assigns(role, incident, to) => Command::AssignRole { incident, role, to, by },
            Self::Plans(incident, who, text) => {
                let (owner, due) = who.unzip();
                Command::RecordMeasure { incident, text, owner, due, by }
            }
            Self::Finishes(id) => Command::FinishMeasure { id, by },
        }
    }
}
