//! Folds facts into state. It cannot refuse: what it is told has happened. It never reads the policy or a clock.

use crate::{
    account,
    alert::{Alert, Pending},
    device,
    fact::{
        AlertFired, AlertRaised, AttemptIntended, AttemptSettled, CheckResult, DraftDiscarded,
        DraftReleased, Fact, IncidentEscalated, LevelSkipped, NextStepMissing, PassedOn, Recorded,
        ReportReceived, StakeholdersInformed, UpdateAsked, UpdateOverdue,
    },
    ids::{Actor, AlertKey, IncidentId},
    incident::{Incident, Stage, Times},
    said::Said,
    state::{Parting, State, WORDS},
    token,
    updates::earlier,
};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// Firings that are remembered per key: more than any window counts.
const REMEMBERED: usize = 64;
/// Past incidents of one kind that an expectation rests on.
const PAST: usize = 10;

impl State {
    /// Folds one fact in.
    pub fn apply(&mut self, recorded: &Recorded) {
        let at = recorded.at;
        self.apply_clocks(&recorded.fact, at);
        self.apply_team(&recorded.fact);
        match &recorded.fact {
            Fact::EngineStarted { version } => {
                self.version = Some(version.clone());
                self.notices_unsure(at);
            }
            Fact::AlertPending(_)
            | Fact::AlertDropped { .. }
            | Fact::AlertFired(_)
            | Fact::AlertRaised(_)
            | Fact::AlertFlapping { .. }
            | Fact::AlertSteadying { .. }
            | Fact::AlertUnsteady { .. }
            | Fact::AlertResolved { .. } => self.apply_alert(&recorded.fact, at),
            Fact::RunPlanned(_)
            | Fact::RunHeld { .. }
            | Fact::AttemptIntended(AttemptIntended { .. })
            | Fact::AttemptStarted { .. }
            | Fact::AttemptSettled(AttemptSettled { .. })
            | Fact::RoundVerified { .. }
            | Fact::RunFinished { .. }
            | Fact::ApprovalAsked(_)
            | Fact::ApprovalGiven { .. }
            | Fact::ApprovalEnded { .. }
            | Fact::QuestionAsked(_)
            | Fact::QuestionAnswered(_)
            | Fact::RunbookPromoted { .. }
            | Fact::AutomationStopped { .. }
            | Fact::AutomationResumed { .. }
            | Fact::TargetReleased { .. }
            | Fact::TargetLatched { .. } => self.apply_run(&recorded.fact, at),
            Fact::SignalsRaised { signals, .. } => {
                for signal in signals {
                    if self.signals.get(signal.fingerprint).is_none() {
                        self.alerts.count_news(&signal.key);
                    }
                    self.signals.insert(signal.clone());
                }
            }
            Fact::SignalsEnded { signals, .. } => signals.iter().for_each(|ended| {
                self.signals.remove(ended.fingerprint);
            }),
            Fact::SilencePut { silence, by, remind_at } => {
                self.silences.put(silence, by, *remind_at, at);
            }
            Fact::DeviceAdded(_) | Fact::DeviceRemoved(_) => {
                device::apply(&mut self.devices, &recorded.fact, at);
            }
            Fact::TokenIssued(_)
            | Fact::TokenRevoked { .. }
            | Fact::ApiTokenIssued(_)
            | Fact::ApiTokenUsed(_) => token::apply(&mut self.tokens, &recorded.fact, at),
            Fact::AccountChanged(changed) => {
                account::apply(&mut self.accounts, changed, at);
                token::forget(&mut self.tokens, changed);
            }
            // The journal is what remembers it; nothing is decided by it.
            Fact::SecretAccessed(_) | Fact::AlertLabelled(_) => {}
            Fact::SilenceStarted { id } => self.silences.start(id),
            Fact::SilenceEnded { id, alerts, incidents, .. } => {
                self.silences.end(id, at);
                self.loud_again(alerts, incidents, at);
            }
            Fact::SilenceReminded { id, next_at } => self.silences.reminded(id, *next_at),
            Fact::OverrideSet(set) => {
                self.last.override_ = self.last.override_.max(set.change.id.0);
                self.overrides.set(set.change.clone(), at);
            }
            Fact::OverrideRemoved(removed) => self.overrides.remove(removed.id),
            Fact::DraftWritten(_)
            | Fact::DraftChanged(_)
            | Fact::DraftReleased(_)
            | Fact::DraftDiscarded(_) => self.apply_draft(&recorded.fact, at),
            Fact::ShiftChanged(changed) => {
                self.on_call.insert(changed.schedule.clone(), changed.is.clone());
            }
            Fact::HeartbeatExpected { .. }
            | Fact::HeartbeatHeard(_)
            | Fact::HeartbeatMissed { .. }
            | Fact::HeartbeatForgotten { .. }
            | Fact::ChangeMarked(_) => self.apply_intake(&recorded.fact, at),
            Fact::AlertsTold { keys } => self.told(keys, at),
            Fact::NoticeOwed(_)
            | Fact::NoticeAttempted(_)
            | Fact::NoticeWithdrawn(_)
            | Fact::NoticeMissed(_)
            | Fact::NoticeProved(_)
            | Fact::ContactVerified(_) => self.apply_notice(&recorded.fact, at),
            Fact::IncidentOpened { .. } => self.open(&recorded.fact, at),
            Fact::AlertJoined { key, incident } => self.join(key, *incident),
            Fact::IncidentMerged { incident, into } => self.merge(*incident, *into),
            Fact::IncidentClosed { incident, .. } => {
                self.incidents.remove(incident);
                self.forget_receipts();
            }
            Fact::NextStepMissing(NextStepMissing { incident, .. }) => {
                self.next_steps_missing = self.next_steps_missing.saturating_add(1);
                if let Some(incident) = self.incidents.get_mut(incident) {
                    incident.is_stranded = true;
                }
            }
            fact => self.apply_incident(fact, at),
        }
    }

    fn apply_draft(&mut self, fact: &Fact, at: Timestamp) {
        match fact {
            Fact::DraftWritten(written) => {
                self.last.draft = self.last.draft.max(written.id.0);
                self.drafts.write(written, at);
            }
            Fact::DraftChanged(changed) => self.drafts.change(changed, at),
            Fact::DraftReleased(DraftReleased { id, .. })
            | Fact::DraftDiscarded(DraftDiscarded { id, .. }) => self.drafts.end(*id),
            _ => {}
        }
    }

    fn apply_alert(&mut self, fact: &Fact, at: Timestamp) {
        match fact {
            Fact::AlertPending(pending) => {
                let entry = Pending {
                    band: pending.band,
                    since: pending.since,
                    fires_at: pending.fires_at,
                    observed: pending.observed.clone(),
                };
                self.pending.insert(pending.key.clone(), entry);
            }
            Fact::AlertDropped { key } => {
                self.pending.remove(key);
            }
            Fact::AlertFired(fired) => self.fired(fired, at),
            Fact::AlertRaised(AlertRaised {
                key,
                level,
                priority,
                band,
                condition,
                observed,
                ..
            }) => {
                self.alerts.change(key, |alert| {
                    let fired = &mut alert.fired;
                    (fired.level, fired.priority, fired.band) = (*level, *priority, *band);
                    fired.observed.clone_from(observed);
                    if !condition.is_empty() {
                        fired.condition.clone_from(condition);
                    }
                    fired.redundant = false;
                });
            }
            Fact::AlertFlapping { key, .. } | Fact::AlertUnsteady { key } => {
                self.flap(key, Some(None))
            }
            Fact::AlertSteadying { key, until } => self.flap(key, Some(Some(*until))),
            Fact::AlertResolved { key, observed, owes_word, .. } => {
                self.resolved(key, observed, *owes_word, at);
            }
            _ => {}
        }
    }

    fn fired(&mut self, fired: &AlertFired, at: Timestamp) {
        self.pending.remove(&fired.key);
        self.last.alert = self.last.alert.max(fired.id.0);
        let firings = self.firings.entry(fired.key.clone()).or_default();
        firings.push_back(at);
        while firings.len() > REMEMBERED {
            firings.pop_front();
        }
        self.loose.insert(fired.key.clone());
        // It is back before its owner heard that it was over: for the owner it goes on.
        let back = self.parting.iter().position(|parting| parting.alert.fired.key == fired.key);
        let before = back.and_then(|index| self.parting.remove(index));
        self.alerts.insert(Alert {
            fired: fired.clone(),
            detected_at: at,
            incident: None,
            flapping: None,
            told_at: before.and_then(|parting| parting.alert.told_at),
            news: 0,
            looked: false,
            fruitless: 0,
        });
    }

    /// Owners heard of alerts: of those that fire, and of those that are over.
    pub(crate) fn told(&mut self, keys: &[AlertKey], at: Timestamp) {
        let mut news = 0;
        for key in keys {
            // One word may be several notices of one moment.
            if self.alerts.get(key).is_some_and(|alert| alert.told_at != Some(at)) {
                self.alerts.change(key, |alert| (alert.told_at, alert.news) = (Some(at), 0));
                news += 1;
            }
        }
        let parting = self.parting.len();
        let keys: BTreeSet<&AlertKey> = keys.iter().collect();
        self.parting.retain(|parting| !keys.contains(&parting.alert.fired.key));
        news += parting - self.parting.len();
        // Many at once use up what may be told one by one.
        self.told_lately.extend(std::iter::repeat_n(at, news.min(WORDS)));
        while self.told_lately.len() > WORDS {
            self.told_lately.pop_front();
        }
    }

    /// A silence that was laid over what people knew of is over: they hear of it again, unless somebody took it.
    fn loud_again(&mut self, alerts: &[AlertKey], incidents: &[IncidentId], at: Timestamp) {
        for key in alerts {
            self.alerts.change(key, |alert| alert.told_at = None);
        }
        for id in incidents {
            if let Some(incident) = self.incidents.get_mut(id)
                && incident.acknowledged_by.is_none()
            {
                incident.next_page_at = Some(at);
            }
        }
    }

    fn flap(&mut self, key: &AlertKey, flapping: Option<Option<Timestamp>>) {
        self.alerts.change(key, |alert| alert.flapping = flapping);
    }

    fn resolved(&mut self, key: &AlertKey, observed: &Said, owes_word: bool, at: Timestamp) {
        self.loose.remove(key);
        let Some(alert) = self.alerts.remove(key) else { return };
        let incident = alert.incident;
        if owes_word {
            self.parting.push_back(Parting { alert, observed: observed.clone() });
        }
        let Some(incident) = incident else { return };
        if let Some(incident) = self.incidents.get_mut(&incident) {
            incident.burning.remove(key);
            incident.resolved.insert(key.clone());
            incident.quiet_since = incident.burning.is_empty().then_some(at);
        }
    }

    fn open(&mut self, fact: &Fact, at: Timestamp) {
        let Fact::IncidentOpened {
            id,
            title,
            system,
            cause,
            symptom,
            source,
            occurred_at,
            assess_until,
            ..
        } = fact
        else {
            return;
        };
        self.last.incident = self.last.incident.max(id.0);
        let times = Times { occurred: *occurred_at, detected: at, ..Times::default() };
        self.incidents.insert(
            *id,
            Incident {
                id: *id,
                title: title.clone(),
                system: system.clone(),
                cause: cause.clone(),
                symptom: *symptom,
                source: source.clone(),
                stage: Stage::Detected,
                times,
                assess_until: *assess_until,
                burning: Default::default(),
                resolved: Default::default(),
                quiet_since: None,
                assessment: None,
                classification: None,
                overruled: None,
                acknowledged_by: None,
                level: 0,
                next_level_at: None,
                next_page_at: None,
                pages: 0,
                paged: Default::default(),
                is_stranded: false,
                next_update_at: None,
                handed_over: false,
                checklist: Default::default(),
                root_cause: None,
                reports: 0,
                updates: Default::default(),
                data_loss_suspected: false,
                deadlines: Default::default(),
                roles: Default::default(),
                measures: Vec::new(),
            },
        );
    }

    fn join(&mut self, key: &AlertKey, id: IncidentId) {
        self.loose.remove(key);
        let Some(occurred_at) = self.alerts.get(key).map(|alert| alert.fired.occurred_at) else {
            return;
        };
        self.alerts.change(key, |alert| alert.incident = Some(id));
        let runs = self.runs.values_mut().filter(|run| run.planned.alert.as_ref() == Some(key));
        runs.for_each(|run| run.planned.incident = Some(id));
        if let Some(incident) = self.incidents.get_mut(&id) {
            incident.times.occurred = incident.times.occurred.min(occurred_at);
            incident.burning.insert(key.clone());
            incident.resolved.remove(key);
            incident.quiet_since = None;
            incident.checklist.clear();
        }
    }

    fn merge(&mut self, id: IncidentId, into: IncidentId) {
        let Some(gone) = self.incidents.remove(&id) else { return };
        let Some(stays) = self.incidents.get_mut(&into) else { return };
        stays.times.occurred = stays.times.occurred.min(gone.times.occurred);
        stays.resolved.extend(gone.resolved);
        stays.burning.extend(gone.burning.iter().cloned());
        stays.times.acknowledged = stays.times.acknowledged.or(gone.times.acknowledged);
        stays.acknowledged_by = stays.acknowledged_by.take().or(gone.acknowledged_by);
        stays.reports = stays.reports.saturating_add(gone.reports);
        stays.data_loss_suspected |= gone.data_loss_suspected;
        stays.next_update_at = earlier(stays.next_update_at, gone.next_update_at);
        stays.updates.absorb(gone.updates);
        self.drafts.move_to(id, into);
        for key in &gone.burning {
            self.alerts.change(key, |alert| alert.incident = Some(into));
        }
        let runs = self.runs.values_mut().filter(|run| run.planned.incident == Some(id));
        runs.for_each(|run| run.planned.incident = Some(into));
    }

    fn apply_incident(&mut self, fact: &Fact, at: Timestamp) {
        let Some(incident) = incident_of(fact).and_then(|id| self.incidents.get_mut(&id)) else {
            return;
        };
        match fact {
            Fact::CauseChanged { title, cause, symptom, .. } => {
                incident.title.clone_from(title);
                (incident.cause, incident.symptom) = (cause.clone(), *symptom);
            }
            Fact::IncidentAssessed { assessment, .. } => {
                incident.assessment = Some(assessment.clone());
                incident.reach(Stage::Assessed);
            }
            Fact::IncidentClassified { classification, by, .. } => {
                let before = incident.classification.as_ref().map(|c| c.priority);
                incident.overruled = match by {
                    Actor::Person(_) | Actor::System(_) => incident.overruled.max(before),
                    Actor::Hikeshi => None,
                };
                incident.next_update_at = classification.next_update_at;
                incident.classification = Some(classification.clone());
                incident.reach(Stage::Classified);
            }
            Fact::IncidentEscalated(IncidentEscalated {
                level,
                next_at,
                next_page_at,
                contacts,
                ..
            }) => {
                incident.paged.extend(contacts.iter().cloned());
                (incident.level, incident.next_level_at) = (*level, *next_at);
                incident.next_page_at = next_page_at.filter(|_| incident.acknowledged_by.is_none());
                incident.reach(Stage::Escalated);
            }
            Fact::IncidentPassedOn(passed) => {
                incident.paged.extend(passed.contacts.iter().cloned());
                incident.next_page_at = passed.next_page_at;
            }
            Fact::IncidentPaged { next_at, contact, .. } => {
                incident.paged.insert(contact.clone());
                incident.pages = incident.pages.saturating_add(1);
                incident.next_page_at = *next_at;
            }
            Fact::IncidentResponding { .. } => incident.reach(Stage::Responding),
            Fact::IncidentAcknowledged { by, .. } => incident.acknowledged(by, at),
            Fact::ReportReceived(_) => incident.reports = incident.reports.saturating_add(1),
            Fact::IncidentUpdated { next_at, .. } => {
                incident.next_update_at = *next_at;
                if let Some(classification) = &mut incident.classification {
                    classification.next_update_at = *next_at;
                }
                incident.updates.kept(None, at);
            }
            Fact::StakeholdersInformed(informed) => incident.updates.informed(informed, at),
            Fact::UpdateAsked(asked) => incident.updates.asked(&asked.group),
            Fact::UpdateOverdue(flagged) => incident.updates.flag(flagged),
            Fact::DataLossSuspected(_) => incident.data_loss_suspected = true,
            Fact::RecoveryChecked { check, result, .. } => {
                incident.checklist.insert(check.clone(), *result);
            }
            Fact::RepairVerified { .. } => {
                incident.times.repaired.get_or_insert(at);
                incident.times.responded.get_or_insert(at);
            }
            Fact::IncidentRecovered { .. } => self.recovered(fact, at),
            Fact::IncidentReviewed { .. } => incident.reach(Stage::Reviewed),
            Fact::CauseRecorded { cause, .. } => incident.root_cause = Some(cause.clone()),
            _ => {}
        }
    }

    fn recovered(&mut self, fact: &Fact, at: Timestamp) {
        let Some(incident) = incident_of(fact).and_then(|id| self.incidents.get_mut(&id)) else {
            return;
        };
        incident.times.recovered = Some(at);
        incident.next_update_at = None;
        incident.updates.end(at);
        incident.reach(Stage::Recovered);
        let minutes =
            u64::try_from(at.duration_since(incident.times.occurred).as_mins()).unwrap_or(0);
        let past = self.past.entry(State::past_key(&incident.cause, incident.symptom)).or_default();
        past.push_back(minutes);
        while past.len() > PAST {
            past.pop_front();
        }
    }

    /// Drops what no window counts any more; the engine calls it when it takes a snapshot. It changes no decision.
    pub fn forget_before(&mut self, now: Timestamp) {
        let old = |at: &Timestamp| now.duration_since(*at) > SignedDuration::from_hours(24);
        self.firings.retain(|_, firings| firings.back().is_some_and(|at| !old(at)));
        let is_idle = |target: &crate::guard::Target| {
            target.changes.back().is_none_or(old)
                && target.finished_at.as_ref().is_none_or(old)
                && target.latched_until.is_none_or(|until| until < now)
                && target.given.is_empty()
        };
        self.targets.retain(|_, target| !is_idle(target));
    }
}

impl Incident {
    fn reach(&mut self, stage: Stage) {
        self.stage = self.stage.max(stage);
    }

    fn acknowledged(&mut self, by: &Actor, at: Timestamp) {
        self.acknowledged_by = Some(by.clone());
        self.times.acknowledged.get_or_insert(at);
        self.times.responded.get_or_insert(at);
        self.next_page_at = None;
    }

    /// Whether every box of the checklist passed.
    pub fn has_passed(&self, boxes: usize) -> bool {
        self.checklist.len() == boxes
            && self.checklist.values().all(|result| *result == CheckResult::Pass)
    }
}

/// The incident that a fact is about.
pub fn incident_of(fact: &Fact) -> Option<IncidentId> {
    match fact {
        Fact::IncidentOpened { id, .. } => Some(*id),
        Fact::AlertJoined { incident, .. }
        | Fact::CauseChanged { incident, .. }
        | Fact::IncidentMerged { incident, .. }
        | Fact::IncidentAssessed { incident, .. }
        | Fact::IncidentClassified { incident, .. }
        | Fact::IncidentEscalated(IncidentEscalated { incident, .. })
        | Fact::LevelSkipped(LevelSkipped { incident, .. })
        | Fact::IncidentPassedOn(PassedOn { incident, .. })
        | Fact::IncidentPaged { incident, .. }
        | Fact::NextStepMissing(NextStepMissing { incident, .. })
        | Fact::IncidentResponding { incident, .. }
        | Fact::IncidentAcknowledged { incident, .. }
        | Fact::IncidentNoted { incident, .. }
        | Fact::ReportReceived(ReportReceived { incident, .. })
        | Fact::IncidentUpdated { incident, .. }
        | Fact::StakeholdersInformed(StakeholdersInformed { incident, .. })
        | Fact::UpdateAsked(UpdateAsked { incident, .. })
        | Fact::UpdateOverdue(UpdateOverdue { incident, .. })
        | Fact::DraftReleased(DraftReleased { incident, .. })
        | Fact::DraftDiscarded(DraftDiscarded { incident, .. })
        | Fact::RecoveryChecked { incident, .. }
        | Fact::RepairVerified { incident, .. }
        | Fact::IncidentRecovered { incident }
        | Fact::IncidentReviewed { incident, .. }
        | Fact::CauseRecorded { incident, .. }
        | Fact::IncidentClosed { incident, .. } => Some(*incident),
        Fact::ClockMissed(missed) => Some(missed.incident),
        Fact::RoleAssigned(assigned) => Some(assigned.incident),
        Fact::MeasureRecorded(recorded) => Some(recorded.incident),
        Fact::MeasureDone(done) => Some(done.incident),
        Fact::DataLossSuspected(suspected) => Some(suspected.incident),
        Fact::DraftWritten(written) => Some(written.incident),
        Fact::DraftChanged(changed) => Some(changed.incident),
        _ => None,
    }
}
