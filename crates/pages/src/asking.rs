//! What people are asked right now: whether a step may run, and what became of one.

use crate::{
    links,
    visitor::Viewer,
    when::{Clock, When},
    words,
};
use domain::{
    carried_accounts::Rights,
    ids::{Actor, IncidentId},
    run::Run,
    world::World,
};
use jiff::Timestamp;

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
    /// Why this viewer cannot say yes; none: they can.
    pub(crate) against: Option<String>,
    pub(crate) may_refuse: bool,
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
    pub(crate) may_answer: bool,
    pub(crate) back: String,
}

/// What waits for an answer, as the writer knows it.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    run: Run,
    target: String,
    /// What stands in the file now, where that is what was asked about.
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

    /// The approval that it is, as this viewer sees it.
    pub(crate) fn approval(&self, viewer: &Viewer, clock: &Clock) -> Option<Approval> {
        let (l, planned) = (clock.language, &self.run.planned);
        let approval = self.run.approval.as_ref().filter(|one| one.still_needed() > 0)?;
        let asked = &approval.asked;
        let stands = approval.may_be_given(&viewer.actor(), &planned.by, clock.now).err();
        let against = if viewer.may(Rights::Approver) {
            stands.map(|refusal| refusal.said)
        } else {
            let said = domain::said::Said::new(
                "承認には承認者の権限が必要です",
                "approving takes the rights of an approver",
            );
            Some(said)
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
            reasons: asked.reasons.clone(),
            needs: asked.needs,
            given: approval.given.iter().map(Actor::to_string).collect(),
            started_by: planned.by.to_string(),
            expires: clock.show(approval.expires_at),
            against: against.map(|said| said.text(l).to_owned()),
            may_refuse: viewer.may(Rights::Approver),
            back: self.back(),
        })
    }

    /// The question that it is, as this viewer sees it.
    pub(crate) fn question(&self, viewer: &Viewer, clock: &Clock) -> Option<Question> {
        let asked = self.run.question.as_ref()?;
        Some(Question {
            run: self.run.planned.id.to_string(),
            runbook: self.run.planned.runbook.to_string(),
            step: asked.step.to_string(),
            attempt: asked.attempt,
            target: self.target.clone(),
            expires: clock.show(asked.expires_at),
            may_answer: viewer.may(Rights::Responder),
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
    let waits = |run: &&Run| run.approval.is_some() || run.question.is_some();
    let one = |run: &Run| {
        let asked = run.approval.as_ref().map(|approval| &approval.asked);
        Waiting {
            run: run.clone(),
            target: world.policy.graph.title(&run.planned.target).to_owned(),
            body: asked.and_then(|asked| world.policy.body_asked(&run.planned.runbook, asked)),
        }
    };
    let mut all: Vec<_> = world.state.runs.values().filter(waits).map(one).collect();
    all.sort_by_key(Waiting::until);
    all
}
