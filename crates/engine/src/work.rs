//! Work that the engine hands out: an owed effect with everything that its performer needs.

use domain::{
    due::Effect,
    fact::{About, NoticeOwed, RunPlanned, Way},
    ids::{IncidentId, ServiceName, StepName},
    message,
    said::Language,
    state::State,
};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Something to do now. Its outcome comes back as a command.
#[derive(Clone, Debug)]
pub enum Work {
    /// Perform a step; answer with `StepStarted` and `StepSettled`.
    Step(Box<StepWork>),
    /// Deliver a notice; answer with `NoticeSettled`.
    Tell(Box<TellWork>),
    /// Look at a service at once; the answer is an observation.
    Look(ServiceName),
}

/// A step to perform.
#[derive(Clone, Debug)]
pub struct StepWork {
    /// The run as it was planned; the digests in it are what may run.
    pub planned: RunPlanned,
    /// The incident that the run serves now.
    pub incident: Option<IncidentId>,
    /// The step.
    pub step: StepName,
    /// The attempt.
    pub attempt: u32,
    /// When it must be over.
    pub deadline: Timestamp,
    /// The values that people agreed to, where they were asked: it gets these or does not run.
    pub approved: Option<BTreeMap<String, String>>,
}

/// A notice to deliver.
#[derive(Clone, Debug)]
pub struct TellWork {
    /// The notice.
    pub notice: NoticeOwed,
    /// The way to use now.
    pub way: Way,
    /// The attempt.
    pub attempt: u32,
    /// Since when that is so, of which it tells.
    pub since: Timestamp,
    /// Since when it is owed.
    pub owed_at: Timestamp,
    /// What the service answered to the first message about the same incident on this way.
    pub receipt: Option<String>,
    /// What stands above the text when it may have gone out before a crash.
    pub again: Option<&'static str>,
}

/// Fills an effect with what its performer needs; none when it is no longer owed.
pub fn fill(effect: &Effect, state: &State, language: Language) -> Option<Work> {
    match effect {
        Effect::Step { run, step, attempt } => {
            let run = state.runs.get(run)?;
            let (_, open) = run.unsettled()?;
            Some(Work::Step(Box::new(StepWork {
                planned: run.planned.clone(),
                incident: run.planned.incident,
                step: step.clone(),
                attempt: *attempt,
                deadline: open.deadline,
                approved: open.approved.clone(),
            })))
        }
        Effect::Tell { notice, attempt } => {
            let notice = state.notices.get(notice)?;
            let way = notice.current_way()?.clone();
            let receipt = state.deliveries.receipt(&notice.owed.about, &way).map(str::to_owned);
            let since = match &notice.owed.about {
                About::Incident(id) => state.incidents.get(id).map(|one| one.times.occurred),
                About::Alert(key) => state.alerts.get(key).map(|alert| alert.fired.occurred_at),
                _ => None,
            };
            Some(Work::Tell(Box::new(TellWork {
                since: since.unwrap_or(notice.owed_at),
                owed_at: notice.owed_at,
                notice: notice.owed.clone(),
                way,
                attempt: *attempt,
                receipt,
                again: notice.unsure.then(|| message::perhaps_again(language)),
            })))
        }
        Effect::Look { service, .. } => Some(Work::Look(service.clone())),
    }
}
