//! Runs of runbooks in the room of an incident: every step with its output, and what can be taken back.

use crate::{
    links,
    when::{Clock, When},
    words,
};
use domain::{
    ids::{RunId, RunbookName, ServiceName, StepName},
    plan::Role,
    said::{Language, Said},
    world::World,
};
use history::{RunView, StepView};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// What the writer knows of runs, beside what the history tells.
#[derive(Debug)]
pub(crate) struct Known {
    titles: BTreeMap<ServiceName, String>,
    /// Steps that can be taken back, by runbook.
    undos: BTreeSet<(RunbookName, StepName)>,
    /// Why runs wait.
    holds: BTreeMap<RunId, Said>,
}

impl Known {
    pub(crate) fn of(world: &World<'_>) -> Self {
        let undos = world.policy.plans.iter().flat_map(|plan| {
            let steps = plan.steps_for(Role::Undo).filter_map(|step| step.belongs_to.clone());
            steps.map(|step| (plan.name.clone(), step))
        });
        let holds = world.state.runs.values().filter_map(|run| {
            let hold = run.hold.as_ref()?;
            Some((run.planned.id, words::hold(hold, &world.policy.graph)))
        });
        let services = world.policy.graph.services();
        Self {
            titles: services.map(|service| (service.name.clone(), service.title.clone())).collect(),
            undos: undos.collect(),
            holds: holds.collect(),
        }
    }

    /// What people call a service.
    pub(crate) fn title(&self, name: &ServiceName) -> String {
        self.titles.get(name).cloned().unwrap_or_else(|| name.to_string())
    }
}

/// A row with a mark.
pub(crate) struct Marked {
    pub(crate) name: String,
    pub(crate) word: String,
    pub(crate) class: &'static str,
}

/// One attempt of a step.
pub(crate) struct Step {
    pub(crate) role: String,
    pub(crate) name: String,
    pub(crate) attempt: u32,
    pub(crate) word: String,
    pub(crate) class: &'static str,
    pub(crate) took: String,
    pub(crate) output: String,
    /// Something went wrong: the output is shown at once.
    pub(crate) is_open: bool,
    pub(crate) key: String,
    /// The page of what it kept as evidence.
    pub(crate) evidence: Option<String>,
}

/// A run.
pub(crate) struct Run {
    pub(crate) id: String,
    pub(crate) runbook: String,
    pub(crate) target: String,
    pub(crate) target_name: String,
    pub(crate) by: String,
    pub(crate) at: When,
    pub(crate) word: String,
    pub(crate) class: &'static str,
    pub(crate) reason: String,
    pub(crate) steps: Vec<Step>,
    /// Verifications that passed, of so many.
    pub(crate) verified: Option<(usize, usize)>,
    pub(crate) boxes: Vec<Marked>,
    /// Steps that a person may take back.
    pub(crate) undos: Vec<String>,
}

/// A run in one line.
pub(crate) struct Brief {
    pub(crate) id: String,
    pub(crate) runbook: String,
    pub(crate) runbook_link: String,
    pub(crate) target: String,
    pub(crate) target_link: String,
    pub(crate) by: String,
    pub(crate) at: When,
    /// None: it is under way.
    pub(crate) took: Option<String>,
    pub(crate) word: String,
    pub(crate) class: &'static str,
    pub(crate) reason: String,
    pub(crate) incident: Option<u64>,
    pub(crate) is_dry: bool,
}

/// A run in one line; how it ended, how long it took, and the incident that it served.
pub(crate) fn brief(
    view: &RunView,
    title: &impl Fn(&ServiceName) -> String,
    clock: &Clock,
) -> Brief {
    let (word, class) = match view.result {
        Some(result) => (words::result(result), if result.is_good() { "pass" } else { "fail" }),
        None => (Said::new("実行中", "under way"), "running"),
    };
    let length = |end: Timestamp| clock.length(end.duration_since(view.planned_at).abs());
    Brief {
        id: view.run.to_string(),
        runbook: view.runbook.to_string(),
        runbook_link: links::runbook(&view.runbook),
        target: title(&view.target),
        target_link: links::service(&view.target),
        by: view.by.to_string(),
        at: clock.show(view.planned_at),
        took: view.finished_at.map(length),
        word: word.text(clock.language).to_owned(),
        class,
        reason: view.reason.text(clock.language).to_owned(),
        incident: view.incident.map(|id| id.0),
        is_dry: view.dry_run,
    }
}

/// A row with a mark, from a word and the class of the mark.
pub(crate) fn marked(name: String, (said, class): (Said, &'static str), l: Language) -> Marked {
    Marked { name, word: said.text(l).to_owned(), class }
}

/// A run as it is shown.
pub(crate) fn run(view: &RunView, known: &Known, clock: &Clock, may_respond: bool) -> Run {
    let l = clock.language;
    let (verifying, steps): (Vec<_>, Vec<_>) =
        view.steps.iter().partition(|step| step.role == Role::Verify);
    let passed =
        verifying.iter().filter(|step| step.outcome.as_ref().is_some_and(|o| o.is_ok())).count();
    let (word, class) = match view.result {
        Some(result) => (words::result(result), if result.is_good() { "pass" } else { "fail" }),
        None => match known.holds.get(&view.run) {
            Some(hold) => (hold.clone(), "unknown"),
            None => (Said::new("実行中", "under way"), "running"),
        },
    };
    let can_be_undone = |step: &&StepView| {
        step.role == Role::Respond
            && step.outcome.as_ref().is_some_and(|outcome| outcome.is_ok())
            && known.undos.contains(&(view.runbook.clone(), step.step.clone()))
    };
    let undone = steps.iter().filter(|step| can_be_undone(step)).map(|step| step.step.to_string());
    let undone: BTreeSet<_> =
        undone.filter(|_| may_respond && view.finished_at.is_some()).collect();
    Run {
        id: view.run.to_string(),
        runbook: view.runbook.to_string(),
        target: known.title(&view.target),
        target_name: view.target.to_string(),
        by: view.by.to_string(),
        at: clock.show(view.planned_at),
        word: word.text(l).to_owned(),
        class,
        reason: view.reason.text(l).to_owned(),
        verified: (!verifying.is_empty()).then_some((passed, verifying.len())),
        steps: steps.iter().map(|one| step(view, one, l)).collect(),
        boxes: view
            .checklist
            .iter()
            .map(|item| marked(item.item.text.clone(), words::check(item.result), l))
            .collect(),
        undos: undone.into_iter().collect(),
    }
}

fn step(run: &RunView, view: &StepView, l: Language) -> Step {
    let (word, class) = words::outcome(view.outcome.as_ref());
    Step {
        role: words::role(view.role).text(l).to_owned(),
        name: view.step.to_string(),
        attempt: view.attempt,
        word: word.text(l).to_owned(),
        class,
        took: view.took_ms.map(took).unwrap_or_default(),
        output: view.output.clone(),
        is_open: matches!(class, "fail" | "unknown"),
        key: format!("out-{}-{}-{}", run.run.0, view.step, view.attempt),
        evidence: view
            .evidence
            .as_ref()
            .map(|_| links::evidence(run.run, &view.step, view.attempt)),
    }
}

fn took(ms: u64) -> String {
    if ms < 1000 { format!("{ms} ms") } else { format!("{}.{} s", ms / 1000, ms % 1000 / 100) }
}
