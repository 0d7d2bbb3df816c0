//! Drafts: texts that a person completes and, where a role answers for them, only that role releases (A51).

use crate::{
    carried_comms::{DraftChanged, DraftWritten},
    command::Refusal,
    ids::{Actor, DraftId, IncidentId, RoleName},
    policy::Policy,
    stakeholders::Audience,
    template,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A draft that was neither released nor discarded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// As it was begun, with the text as it is now.
    #[serde(flatten)]
    pub written: DraftWritten,
    /// From 1; every change makes a new one.
    pub revision: u32,
    /// When it was begun.
    pub written_at: Timestamp,
    /// When its text changed last.
    pub changed_at: Timestamp,
    /// Who changed it last.
    pub changed_by: Actor,
}

impl Draft {
    /// What must still be filled in.
    pub fn blanks(&self) -> Vec<String> {
        template::blanks(&self.written.subject, &self.written.body)
    }
}

/// Drafts that wait for somebody, by number.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Drafts(BTreeMap<DraftId, Draft>);

impl Drafts {
    /// One of them.
    pub fn get(&self, id: DraftId) -> Option<&Draft> {
        self.0.get(&id)
    }

    /// All of them, oldest first.
    pub fn all(&self) -> impl Iterator<Item = &Draft> {
        self.0.values()
    }

    /// The newest of an incident for an audience.
    pub fn newest(&self, incident: IncidentId, audience: Audience) -> Option<&Draft> {
        let fits = |draft: &&Draft| {
            draft.written.incident == incident && draft.written.audience == audience
        };
        self.0.values().rev().find(fits)
    }

    pub(crate) fn write(&mut self, written: &DraftWritten, at: Timestamp) {
        let (written_at, changed_at, changed_by) = (at, at, written.by.clone());
        let written = written.clone();
        self.0
            .insert(written.id, Draft { written, revision: 1, written_at, changed_at, changed_by });
    }

    pub(crate) fn change(&mut self, changed: &DraftChanged, at: Timestamp) {
        if let Some(draft) = self.0.get_mut(&changed.id) {
            draft.written.subject.clone_from(&changed.subject);
            draft.written.body.clone_from(&changed.body);
            draft.revision = changed.revision;
            (draft.changed_at, draft.changed_by) = (at, changed.by.clone());
        }
    }

    pub(crate) fn end(&mut self, id: DraftId) {
        self.0.remove(&id);
    }

    /// What was written for an incident belongs to the one that it went on in.
    pub(crate) fn move_to(&mut self, from: IncidentId, into: IncidentId) {
        for draft in self.0.values_mut().filter(|draft| draft.written.incident == from) {
            draft.written.incident = into;
        }
    }
}

/// Whether somebody may let out what a role answers for; without a role everybody may.
///
/// # Errors
/// Who may instead.
pub fn approved_by(policy: &Policy, role: Option<&RoleName>, by: &Actor) -> Result<(), Refusal> {
    let Some(role) = role else { return Ok(()) };
    let holders = policy.holders(role);
    let is_holder =
        matches!(by, Actor::Person(name) if holders.iter().any(|one| one.as_str() == name));
    if is_holder {
        return Ok(());
    }
    let names: Vec<_> = holders.iter().map(ToString::to_string).collect();
    let (ja, en) = match names.is_empty() {
        true => (
            format!("役割 {role} を持つ連絡先がありません (contacts に `roles: [{role}]`)"),
            format!("no contact holds the role {role} (write `roles: [{role}]` at one)"),
        ),
        false => (
            format!("公開できるのは役割 {role} の {} だけです", names.join(", ")),
            format!("only whoever holds the role {role} may release it: {}", names.join(", ")),
        ),
    };
    Err(Refusal::conflict(ja, en))
}
