//! One runbook: the document with what is wrong beside its lines, who answers for it, how it went, and a dry run.

use crate::{
    acting::Acting,
    desk::Desk,
    document::Document,
    frame::{self, Here, Manner},
    links, lints,
    runs::{self, Brief},
    trouble::Trouble,
    visitor::Viewer,
    when::Clock,
    words,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::{Redirect, Response},
};
use domain::{
    carried_accounts::Rights,
    command::Command,
    ids::{RunbookName, ServiceName},
    plan::{Mode, Plan, Role},
    said::{Language, Said},
    world::World,
};
use std::{collections::BTreeMap, sync::Arc};

/// So many of the newest runs are shown.
const PAST: usize = 30;

/// What the writer knows.
struct Glance {
    plan: Arc<Plan>,
    titles: BTreeMap<ServiceName, String>,
    /// On what it may run.
    targets: Vec<ServiceName>,
    zone: jiff::tz::TimeZone,
}

#[derive(Template)]
#[template(path = "runbook.html")]
struct Runbook {
    l: Language,
    csrf: String,
    name: String,
    link: String,
    title: String,
    file: String,
    mode: String,
    mode_class: &'static str,
    alert: String,
    service: Option<(String, String)>,
    facts: Vec<(&'static str, String)>,
    owner: String,
    reviewed: String,
    document: Option<Document>,
    findings: usize,
    runs: Vec<Brief>,
    targets: Vec<(String, String)>,
    may_run: bool,
}

/// `GET /runbooks/{name}`.
pub(crate) async fn show(
    State(desk): State<Desk>,
    viewer: Viewer,
    Path(name): Path<String>,
) -> Result<Response, Trouble> {
    let refused = |refused| Trouble::refused(&viewer.visitor, refused);
    let name = RunbookName::from(name);
    let wanted = name.clone();
    let glance = desk.shared.look(move |world| glance(world, &wanted)).await.map_err(refused)?;
    let Some(glance) = glance else {
        let said = Said::new(
            format!("{name} という手順書はありません。"),
            format!("There is no runbook {name}."),
        );
        return Err(Trouble::missing(&viewer.visitor, said));
    };
    let clock = viewer.visitor.clock(&desk, &glance.zone);
    let l = clock.language;
    let findings = lints::all(&desk, &clock).await.map_err(refused)?.remove(&name);
    let findings = findings.unwrap_or_default();
    let written = desk.shared.configuration.get();
    let document = written.runbooks.get(&name).map(|text| Document::read(text, &findings, l));
    let wanted = name.clone();
    let past = desk.shared.past(move |history| history.runs(Some(&wanted), None, PAST));
    let past = past.await.map_err(refused)?;
    let title =
        |name: &ServiceName| glance.titles.get(name).cloned().unwrap_or_else(|| name.to_string());
    let plan = &glance.plan;
    let main = Runbook {
        l,
        csrf: viewer.csrf.clone(),
        name: name.to_string(),
        link: links::runbook(&name),
        title: plan.title.clone(),
        file: plan.file.clone(),
        mode: words::mode(plan.mode).text(l).to_owned(),
        mode_class: if plan.mode == Mode::Auto { "open" } else { "" },
        alert: plan.alert.to_string(),
        service: plan.service.as_ref().map(|name| (title(name), links::service(name))),
        facts: facts(plan, &clock),
        owner: plan.owner.clone().unwrap_or_default(),
        reviewed: plan.reviewed.clone().unwrap_or_default(),
        document,
        findings: findings.len(),
        runs: past.iter().map(|run| runs::brief(run, &title, &clock)).collect(),
        targets: glance.targets.iter().map(|name| (name.to_string(), title(name))).collect(),
        may_run: viewer.may(Rights::Responder),
    };
    let page = plan.title.clone();
    Ok(frame::of(&viewer, &Manner::still(&page, Here::Runbooks), &main))
}

fn glance(world: &World<'_>, name: &RunbookName) -> Option<Glance> {
    let (policy, graph) = (world.policy, &world.policy.graph);
    let plan = policy.plan(name)?.clone();
    let answers = |service: &ServiceName| {
        policy.plan_for(&plan.alert, service).is_some_and(|found| found.name == plan.name)
    };
    let all = graph.services().map(|one| &one.name);
    let targets = match &plan.service {
        Some(service) => vec![service.clone()],
        None => all.filter(|service| answers(service)).cloned().collect(),
    };
    Some(Glance {
        titles: graph.services().map(|one| (one.name.clone(), one.title.clone())).collect(),
        targets,
        zone: policy.zone.clone(),
        plan,
    })
}

/// What the document says of itself, and the limits that hold for it.
fn facts(plan: &Plan, clock: &Clock) -> Vec<(&'static str, String)> {
    let l = clock.language;
    let (verify, limits) = (&plan.verify, &plan.guardrails);
    let steps = |role| plan.steps_for(role).count();
    let maybe = |text: &Option<String>| text.clone().unwrap_or_default();
    let mut facts = vec![
        (l.pick("版", "Version"), maybe(&plan.version)),
        (l.pick("承認者", "Approved by"), maybe(&plan.approved_by)),
        (
            l.pick("手順", "Steps"),
            l.pick(
                format!(
                    "診断 {}、対応 {}、確認 {}",
                    steps(Role::Diagnose),
                    steps(Role::Respond),
                    steps(Role::Verify)
                ),
                format!(
                    "{} to diagnose, {} to respond, {} to verify",
                    steps(Role::Diagnose),
                    steps(Role::Respond),
                    steps(Role::Verify)
                ),
            ),
        ),
        (
            l.pick("確認の条件", "Verified when"),
            l.pick(
                format!("{} 回連続で成功し、{} 続く", verify.passes, clock.even(verify.steady)),
                format!(
                    "{} passes in a row, good for {}",
                    verify.passes,
                    clock.even(verify.steady)
                ),
            ),
        ),
        (
            l.pick("回数の上限", "Rate limit"),
            l.pick(
                format!("{} に {} 回まで", clock.even(limits.rate_window), limits.rate_limit),
                format!("{} in {}", limits.rate_limit, clock.even(limits.rate_window)),
            ),
        ),
    ];
    facts.retain(|(_, text)| !text.is_empty());
    facts
}

/// `POST /runbooks/{name}/dry-run`: what it would do, and nothing is changed.
pub(crate) async fn dry_run(
    State(desk): State<Desk>,
    Path(name): Path<String>,
    acting: Acting,
) -> Result<Redirect, Trouble> {
    let service = ServiceName::from(acting.field("service"));
    let (runbook, by) = (name.into(), acting.viewer.actor());
    let command = Command::StartRun { runbook, service: service.clone(), dry_run: true, by };
    acting.submit(&desk, command).await?;
    // The run that works on the service now; if it has ended meanwhile, the last one.
    let run = desk.shared.look(move |world| {
        let on = world.state.run_on(&service).map(|run| run.planned.id.0);
        on.unwrap_or(world.state.last.run)
    });
    let run = run.await.map_err(|refused| Trouble::refused(&acting.viewer.visitor, refused))?;
    Ok(Redirect::to(&format!("/runs/{run}")))
}
