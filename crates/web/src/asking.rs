//! What a page shows of what is asked: an incident, a step that would run, an attempt that nobody knows of, a test.

use domain::{
    fact::Asks,
    ids::{ApprovalId, RunId, StepName},
    incident::Incident,
    said::Language,
    template::time,
    world::World,
};

/// Lines of text, and the body of a step as it stands in its runbook.
pub(crate) struct Shown {
    pub(crate) lines: Vec<String>,
    pub(crate) body: Option<String>,
}

impl From<Vec<String>> for Shown {
    fn from(lines: Vec<String>) -> Self {
        Self { lines, body: None }
    }
}

/// What is asked; none: nothing waits for an answer any more.
pub(crate) fn shown(world: &World<'_>, asks: &Asks) -> Option<Shown> {
    let language = world.policy.language;
    match asks {
        Asks::Incident(id) => world.state.incidents.get(id).map(|one| incident(one, language)),
        Asks::Approval(id) => approval(world, *id),
        Asks::Outcome { run, step, attempt } => outcome(world, *run, step, *attempt),
        Asks::Arrival(_) => {
            Some(vec![language.pick("送信試験", "A test message").to_owned()].into())
        }
    }
}

fn incident(incident: &Incident, language: Language) -> Shown {
    let priority = incident.classification.as_ref().map(|found| found.priority.to_string());
    let head = priority.map(|priority| format!("[{priority}] ")).unwrap_or_default();
    let mut lines = vec![format!("{head}{}: {}", incident.id, incident.title)];
    lines.extend(incident.acknowledged_by.as_ref().map(|by| {
        language.pick(format!("{by} が対応中です。"), format!("{by} is on it already."))
    }));
    lines.into()
}

/// Exactly what would run: whoever agrees has seen its body and its values.
fn approval(world: &World<'_>, id: ApprovalId) -> Option<Shown> {
    let mut runs = world.state.runs.values();
    let (run, approval) = runs.find_map(|run| {
        run.approval.as_ref().filter(|found| found.asked.id == id).map(|found| (run, found))
    })?;
    let (asked, language) = (&approval.asked, world.policy.language);
    let label = |ja, en| language.pick(ja, en);
    let values: Vec<_> =
        asked.values.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let given: Vec<_> = approval.given.iter().map(ToString::to_string).collect();
    let head = format!("{id}: {} → {} ({})", asked.step, asked.target, asked.effect);
    let rows = [
        (label("手順書", "Runbook"), run.planned.runbook.to_string()),
        (label("始めた人", "Started by"), run.planned.by.to_string()),
        (label("理由", "Why"), asked.reasons.join(", ")),
        (label("値", "Values"), values.join(", ")),
        (label("証拠", "Evidence"), asked.evidence.join(", ")),
        (label("ダイジェスト", "Digest"), asked.digest.clone()),
        (label("必要人数", "People needed"), asked.needs.to_string()),
        (label("承認済み", "Approved by"), given.join(", ")),
        (label("期限", "Until"), time(approval.expires_at, &world.policy.zone)),
    ];
    let rows = rows.into_iter().filter(|(_, text)| !text.is_empty());
    let mut lines = vec![head];
    lines.extend(rows.map(|(label, text)| format!("{label}: {text}")));
    let body = world.policy.body_asked(&run.planned.runbook, asked);
    if body.is_none() {
        lines.push(
            label(
                "手順書が変わりました。この承認では何も実行されません。",
                "The runbook has changed: nothing runs on this approval.",
            )
            .to_owned(),
        );
    }
    Some(Shown { lines, body })
}

fn outcome(world: &World<'_>, run: RunId, step: &StepName, attempt: u32) -> Option<Shown> {
    let found = world.state.runs.get(&run)?;
    let question = found.question.as_ref()?;
    if question.step != *step || question.attempt != attempt {
        return None;
    }
    let label = |ja, en| world.policy.language.pick(ja, en);
    let until = time(question.expires_at, &world.policy.zone);
    let lines = vec![
        format!("{run}: {step} → {}", found.planned.target),
        label(
            "この操作が実行されたかどうか、判断できません。確かめて回答してください。",
            "Nobody can tell whether this was done. Look, and say what became of it.",
        )
        .to_owned(),
        format!("{}: {until}", label("期限", "Until")),
    ];
    let plan = world.policy.plan(&found.planned.runbook);
    let body = plan.and_then(|plan| plan.step(step)).map(|step| step.body.text());
    Some(Shown { lines, body })
}
