//! All runbooks: what each answers, whether it runs by itself, what is wrong with it, and how it went last.

use crate::{
    desk::Desk,
    frame::{self, Here, Manner},
    links, lints,
    runs::{self, Brief},
    trouble::Trouble,
    visitor::Viewer,
    words,
};
use askama::Template;
use axum::{extract::State, response::Response};
use domain::{ids::ServiceName, plan::Plan, said::Language};
use manual::{Finding, Level};
use std::{collections::BTreeMap, sync::Arc};

struct Row {
    title: String,
    link: String,
    name: String,
    mode: String,
    alert: String,
    service: String,
    owner: String,
    reviewed: String,
    errors: usize,
    warnings: usize,
    last: Option<Brief>,
}

#[derive(Template)]
#[template(path = "runbooks.html")]
struct Runbooks {
    l: Language,
    rows: Vec<Row>,
}

/// `GET /runbooks`.
pub(crate) async fn show(State(desk): State<Desk>, viewer: Viewer) -> Result<Response, Trouble> {
    let refused = |refused| Trouble::refused(&viewer.visitor, refused);
    let glance = desk.shared.look(|world| {
        let services = world.policy.graph.services();
        let titles: BTreeMap<ServiceName, String> =
            services.map(|one| (one.name.clone(), one.title.clone())).collect();
        (world.policy.plans.clone(), titles, world.policy.zone.clone())
    });
    let (plans, titles, zone) = glance.await.map_err(refused)?;
    let clock = viewer.visitor.clock(&desk, &zone);
    let l = clock.language;
    let findings = lints::all(&desk, &clock).await.map_err(refused)?;
    let names: Vec<_> = plans.iter().map(|plan| plan.name.clone()).collect();
    let past = desk.shared.past(move |history| {
        names.iter().map(|name| history.runs(Some(name), None, 1)).collect::<Result<Vec<_>, _>>()
    });
    let past = past.await.map_err(refused)?;
    let title = |name: &ServiceName| titles.get(name).cloned().unwrap_or_else(|| name.to_string());
    let row = |(plan, runs): (&Arc<Plan>, &Vec<history::RunView>)| {
        let own = findings.get(&plan.name).map_or(&[][..], Vec::as_slice);
        Row {
            last: runs.first().map(|run| runs::brief(run, &title, &clock)),
            service: plan.service.as_ref().map(&title).unwrap_or_default(),
            ..row(plan, own, l)
        }
    };
    let rows = plans.iter().zip(&past).map(row).collect();
    let manner = Manner::still(l.pick("手順書", "Runbooks"), Here::Runbooks);
    Ok(frame::of(&viewer, &manner, &Runbooks { l, rows }))
}

fn row(plan: &Plan, findings: &[Finding], l: Language) -> Row {
    let count = |level| findings.iter().filter(|finding| finding.level == level).count();
    Row {
        title: plan.title.clone(),
        link: links::runbook(&plan.name),
        name: plan.name.to_string(),
        mode: words::mode(plan.mode).text(l).to_owned(),
        alert: plan.alert.to_string(),
        service: String::new(),
        owner: plan.owner.clone().unwrap_or_default(),
        reviewed: plan.reviewed.clone().unwrap_or_default(),
        errors: count(Level::Error),
        warnings: count(Level::Warning),
        last: None,
    }
}
