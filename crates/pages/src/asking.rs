//! What people are asked right now: whether a step may run, and what became of one.

use crate::{
    links,
    visitor::Viewer,
    when::{Clock, When},
    words,
};
use domain::{
    carried_accounts::Rights,
    fact::Asks,
    ids::{Actor, IncidentId},
    run::Run,
    said::Said,
    wish::Wish,
    world::World,
};
use jiff::Timestamp;

/// Characters of a reason that are kept.
pub(crate) const REASON: usize = 500;

/// Whether a step may run: what exactly, and why it is asked.
#[derive(Clone, Debug)]
pub(crate) struct Approval {
    pub(crate) id: String,
    pub(crate) run: String,
    pub(crate) runbook: String,
    pub(crate) step: String,
    pub(crate) target: String,
    pub(crate) effect: String,
    pub(crate) is_destructive: bool,
    /// What would run, byte for byte; none: the file has changed since, and nothing runs.
    pub(crate) body: Option<String>,
    pub(crate) digest: String,
    pub(crate) values: Vec<(String, String)>,
    /// Where it was kept, and its page.
    pub(crate) evidence: Vec<(String, Option<String>)>,
    pub(crate) reasons: Vec<String>,
    pub(crate) needs: u32,
    pub(crate) given: Vec<String>,
    pub(crate) started_by: String,
    pub(crate) expires: When,
    /// Why whoever is asked cannot say yes; none: they can.
    pub(crate) against: Option<String>,
    pub(crate) may_refuse: bool,
    pub(crate) yes: Wish,
    pub(crate) no: Wish,
    /// The page to come back to.
    pub(crate) back: String,
}

/// What became of a step.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) run: String,
    pub(crate) runbook: String,
    pub(crate) step: String,
    pub(crate) attempt: u32,
    pub(crate) target: String,
    pub(crate) expires: When,
    /// What was tried, as it stands in its runbook now.
    pub(crate) body: Option<String>,
    pub(crate) may_answer: bool,
    /// What can be answered, in the order of buttons.
    pub(crate) answers: Vec<Wish>,
    pub(crate) back: String,
}

/// What waits for an answer, as the writer knows it.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    run: Run,
    target: String,
    /// What would run, where that is what was asked about; or what was tried.
    body: Option<String>,
}

impl Waiting {
    /// The incident whose run it is.
    pub(crate) fn incident(&self) -> Option<IncidentId> {
        self.run.planned.incident
    }

    /// Until when somebody can answer.
    pub(crate) fn until(&self) -> Option<Timestamp> {
        let approval = self.run.approval.as_ref().map(|approval| approval.expires_at);
        approval.or(self.run.question.as_ref().map(|question| question.expires_at))
    }

    /// The approval that it is, as somebody with these rights is asked for it.
    pub(crate) fn approval(&self, who: &Actor, may: Rights, clock: &Clock) -> Option<Approval> {
        let (l, planned) = (clock.language, &self.run.planned);
        let approval = self.run.approval.as_ref().filter(|one| one.still_needed() > 0)?;
        let asked = &approval.asked;
        let may_approve = may >= Rights::Approver;
        let against = if may_approve {
            approval.may_be_given(who, &planned.by, clock.now).err().map(|refusal| refusal.said)
        } else {
            Some(Said::new(
                "承認には承認者の権限が必要です",
                "approving takes the rights of an approver",
            ))
        };
        Some(Approval {
            id: asked.id.to_string(),
            run: asked.run.to_string(),
            runbook: planned.runbook.to_string(),
            step: asked.step.to_string(),
            target: self.target.clone(),
            effect: words::effect(asked.effect).text(l).to_owned(),
            is_destructive: asked.effect == domain::plan::EffectKind::Destructive,
            body: self.body.clone(),
            digest: asked.digest.clone(),
            values: asked.values.clone().into_iter().collect(),
            evidence: asked.evidence.iter().map(|path| (path.clone(), self.kept(path))).collect(),
            reasons: asked.reasons.iter().map(|why| why.text(l).to_owned()).collect(),
            needs: asked.needs,
            given: approval.given.iter().map(Actor::to_string).collect(),
            started_by: planned.by.to_string(),
            expires: clock.show(approval.expires_at),
            against: against.map(|said| said.text(l).to_owned()),
            may_refuse: may_approve,
            yes: Wish::Approve(asked.id),
            no: Wish::Refuse(asked.id),
            back: self.back(),
        })
    }

    /// The question that it is, as somebody with these rights is asked it.
    pub(crate) fn question(&self, may: Rights, clock: &Clock) -> Option<Question> {
        let asked = self.run.question.as_ref()?;
        let run = self.run.planned.id;
        let asks = Asks::Outcome { run, step: asked.step.clone(), attempt: asked.attempt };
        Some(Question {
            run: run.to_string(),
            runbook: self.run.planned.runbook.to_string(),
            step: asked.step.to_string(),
            attempt: asked.attempt,
            target: self.target.clone(),
            expires: clock.show(asked.expires_at),
            body: self.body.clone(),
            may_answer: may >= Rights::Responder,
            answers: asks.wishes(),
            back: self.back(),
        })
    }

    /// The page of evidence that a step of this run kept there.
    fn kept(&self, path: &str) -> Option<String> {
        let kept = self.run.attempts.iter().find(|one| one.evidence.as_deref() == Some(path))?;
        Some(links::evidence(self.run.planned.id, &kept.step, kept.number))
    }

    fn back(&self) -> String {
        self.incident().map_or_else(|| "/".to_owned(), |id| format!("/incidents/{}", id.0))
    }
}

/// Everything that waits for an answer; the most urgent first.
pub(crate) fn all(world: &World<'_>) -> Vec<Waiting> {
    let mut all: Vec<_> = world.state.runs.values().filter_map(|run| waiting(world, run)).collect();
    all.sort_by_key(Waiting::until);
    all
}

/// What waits for the answer that a message asked for; none: it is not asked any more.
pub(crate) fn one(world: &World<'_>, asks: &Asks) -> Option<Waiting> {
    let is_it = |run: &&Run| match asks {
        Asks::Approval(id) => run.approval.as_ref().is_some_and(|one| one.asked.id == *id),
        Asks::Outcome { run: id, step, attempt } => {
            run.planned.id == *id
                && run
                    .question
                    .as_ref()
                    .is_some_and(|one| (&one.step, one.attempt) == (step, *attempt))
        }
        Asks::Incident(_) | Asks::Arrival(_) => false,
    };
    world.state.runs.values().find(is_it).and_then(|run| waiting(world, run))
}

/// The approvals among them, as this viewer sees them.
pub(crate) fn approvals(waiting: &[Waiting], viewer: &Viewer, clock: &Clock) -> Vec<Approval> {
    let who = viewer.actor();
    waiting.iter().filter_map(|one| one.approval(&who, viewer.rights, clock)).collect()
}

/// The questions among them, as this viewer sees them.
pub(crate) fn questions(waiting: &[Waiting], viewer: &Viewer, clock: &Clock) -> Vec<Question> {
    waiting.iter().filter_map(|one| one.question(viewer.rights, clock)).collect()
}

/// What waits in a run; none: nothing does.
fn waiting(world: &World<'_>, run: &Run) -> Option<Waiting> {
    let runbook = &run.planned.runbook;
    let body = match (&run.approval, &run.question) {
        (Some(approval), _) => world.policy.body_asked(runbook, &approval.asked),
        (None, Some(asked)) => {
            let plan = world.policy.plan(runbook);
            plan.and_then(|plan| plan.step(&asked.step)).map(|step| step.body.text())
        }
        (None, None) => return None,
    };
    let target = world.policy.graph.title(&run.planned.target).to_owned();
    Some(Waiting { run: run.clone(), target, body })
}
