//! Folds what clocks wait for: messages that reached somebody, starts of response, updates, recoveries; and clocks that ran out.

use crate::{
    clock::{Clock, Missed},
    fact::{About, Delivery, Fact, Late, NoticeAttempted},
    ids::IncidentId,
    severity::Priority,
    state::State,
};
use jiff::Timestamp;

impl State {
    /// Follows a fact before the rest of the state does: an incident that it ends is still there.
    pub(crate) fn apply_clocks(&mut self, fact: &Fact, at: Timestamp) {
        self.collect(fact, at);
        match fact {
            Fact::NoticeAttempted(NoticeAttempted {
                notice, outcome: Delivery::Delivered, ..
            }) => {
                let about = self.notices.get(notice).map(|notice| notice.owed.about.clone());
                match about {
                    Some(About::Incident(id)) => self.noticed(id, at),
                    // C30: the digest is the first notice of a P3.
                    Some(About::Digest(_)) => {
                        let told = self.digests.last.as_ref().map(|last| last.incidents.clone());
                        told.into_iter().flatten().for_each(|id| self.noticed(id, at));
                    }
                    _ => {}
                }
            }
            Fact::IncidentAcknowledged { incident, .. } | Fact::RepairVerified { incident, .. } => {
                self.end_clock(*incident, Clock::Respond, at);
            }
            Fact::IncidentRecovered { incident } => self.end_clock(*incident, Clock::Recover, at),
            Fact::IncidentUpdated { incident, .. } => {
                let is_flagged = self.incidents.get(incident);
                if is_flagged.is_some_and(|incident| !incident.updates.is_flagged(None)) {
                    self.clocks.entry(Clock::Update).or_default().met += 1;
                }
            }
            Fact::StakeholdersInformed(informed) => {
                let updates = self.incidents.get(&informed.incident).map(|one| &one.updates);
                let to = &informed.group;
                let is_kept = updates.is_some_and(|updates| {
                    updates.promises.contains_key(to) && !updates.is_flagged(Some(to))
                });
                if is_kept {
                    self.clocks.entry(Clock::Update).or_default().met += 1;
                }
            }
            // What runs out under a silence is nobody's failure.
            Fact::UpdateOverdue(late) if late.why == Late::Quiet => {}
            Fact::UpdateOverdue(_) => self.clocks.entry(Clock::Update).or_default().missed += 1,
            Fact::ClockMissed(missed) => {
                if !missed.is_quiet {
                    self.clocks.entry(missed.clock()).or_default().missed += 1;
                }
                if let Some(incident) = self.incidents.get_mut(&missed.incident) {
                    let entry = Missed {
                        due_at: missed.limit.due_at,
                        is_quiet: missed.is_quiet,
                        ended_at: None,
                    };
                    incident.deadlines.missed.insert(missed.clock(), entry);
                }
            }
            Fact::IncidentMerged { incident, into } => {
                let gone = self.incidents.get(incident).map(|gone| gone.deadlines.clone());
                if let (Some(gone), Some(stays)) = (gone, self.incidents.get_mut(into)) {
                    stays.deadlines.absorb(&gone);
                }
            }
            _ => {}
        }
    }

    /// Collects what the daily digest will tell.
    fn collect(&mut self, fact: &Fact, at: Timestamp) {
        match fact {
            Fact::AlertResolved { key, .. } => {
                let is_alone = self.alerts.get(key).is_some_and(|alert| alert.incident.is_none());
                let is_repaired =
                    self.runs.values().any(|run| run.planned.alert.as_ref() == Some(key));
                if is_alone && !is_repaired {
                    self.digests.ended_alone(key.rule.as_str());
                }
            }
            Fact::IncidentClassified { incident, classification, .. } => {
                let found = self.incidents.get(incident);
                let was = found.and_then(|one| one.classification.as_ref());
                let is_new = was.is_none_or(|was| was.priority != Priority::P3);
                if let Some(one) = found.filter(|_| classification.priority == Priority::P3)
                    && is_new
                {
                    self.digests.found(*incident, &one.title, one.times.detected);
                }
                self.digests.follow(fact, at);
            }
            _ => self.digests.follow(fact, at),
        }
    }

    /// Somebody has heard of an incident.
    fn noticed(&mut self, id: IncidentId, at: Timestamp) {
        if let Some(incident) = self.incidents.get_mut(&id)
            && incident.deadlines.noticed_at.is_none()
        {
            incident.deadlines.noticed_at = Some(at);
            self.end_clock(id, Clock::FirstNotice, at);
        }
    }

    fn end_clock(&mut self, id: IncidentId, clock: Clock, at: Timestamp) {
        let Some(incident) = self.incidents.get_mut(&id) else { return };
        // Without a limit there is nothing to keep.
        let is_limited = !incident.limits(clock).is_empty();
        if is_limited && incident.deadlines.end(clock, at) {
            self.clocks.entry(clock).or_default().met += 1;
        }
    }
}
