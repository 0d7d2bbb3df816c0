//! Folds what comes from jobs and deployments into state: signs of life and changes.

use crate::{fact::Fact, heartbeat::Heartbeat, state::State};
use jiff::Timestamp;

/// Changes that are remembered.
const CHANGES: usize = 100;

impl State {
    pub(crate) fn apply_intake(&mut self, fact: &Fact, at: Timestamp) {
        match fact {
            Fact::HeartbeatExpected { name, service, due_at } => {
                let new = || Heartbeat::new(service.clone(), *due_at);
                let kept = self.heartbeats.entry(name.clone()).or_insert_with(new);
                kept.service.clone_from(service);
                kept.put_off(*due_at);
            }
            Fact::HeartbeatHeard(heard) => {
                if let Some(kept) = self.heartbeats.get_mut(&heard.name) {
                    kept.hear(heard, at);
                }
            }
            Fact::HeartbeatMissed { name, due_at } => {
                if let Some(kept) = self.heartbeats.get_mut(name) {
                    kept.missed = Some(*due_at);
                }
            }
            Fact::HeartbeatForgotten { name } => {
                self.heartbeats.remove(name);
            }
            Fact::ChangeMarked(change) => {
                self.changes.push_back((**change).clone());
                while self.changes.len() > CHANGES {
                    self.changes.pop_front();
                }
            }
            _ => {}
        }
    }
}
