//! Reads a configuration folder from beginning to end.

use crate::{
    Loaded, alerts, calendars, communication, dashboard, digest, freezes, heartbeats, integrations,
    names, people, probing, quiet, reach, recovery, secrecy, services, settings, sorting,
    status_page,
};
use domain::{
    ids::RunbookName,
    plan::Plan,
    policy::{Delivery, Policy},
    said::Said,
};
use source::{Fields, Node, Place, Problems, yaml};
use std::{collections::BTreeMap, path::Path, sync::Arc};

/// The main file of a folder.
pub const MAIN: &str = "hikeshi.yaml";
/// The runbook behind `hikeshi service restart`; every configuration has it.
pub const RESTART: &str = "service-restart";
const RESTART_TEXT: &str = include_str!("builtin/service-restart.md");

/// What differs on this machine; laid over the main file where it is there.
pub const LOCAL: &str = "hikeshi.local.yaml";

/// Reads a folder.
///
/// # Errors
/// Everything that is wrong, at once.
pub fn load(folder: &Path) -> Result<Loaded, Problems> {
    let mut problems = Problems::new();
    let loaded = read(folder, &mut problems);
    match loaded {
        Some(loaded) if problems.is_empty() => Ok(loaded),
        _ => Err(problems),
    }
}

fn read(folder: &Path, problems: &mut Problems) -> Option<Loaded> {
    let main = document(&folder.join(MAIN), true, problems)?;
    let node = match document(&folder.join(LOCAL), false, problems) {
        Some(local) => main.overlaid_with(local),
        None => main,
    };
    let mut fields = Fields::open(&node, problems)?;
    let settings = settings::read(&mut fields, folder, problems);
    let services = services::read(fields.required("services", problems), &settings, problems);
    if let Some(provider) = &settings.signing_in.provider {
        let owners = services.graph.services().filter_map(|service| service.owner.as_deref());
        provider.check(owners, problems);
    }
    let mut probes = probing::read(fields.optional("probes"), &services, problems);
    let secrets = secrets::declared::read(fields.optional("secrets"), problems);
    secrecy::watch(&secrets, &mut probes, &node.place, problems);
    let own_alerts = fields.optional("alerts");
    let rules = alerts::read(own_alerts, problems);
    probing::check_sources(&probes, &rules, problems);
    let before = problems.len();
    let calendars = calendars::read(&mut fields, folder, &settings.zone, problems);
    let people = people::read(&mut fields, &calendars, &settings.zone, problems);
    let communication =
        communication::read(&mut fields, &people, &services.graph, settings.language, problems);
    let digest = digest::read(fields.optional("digest"), &people, &settings.zone, problems);
    if problems.len() == before {
        reach::check(&people, &node.place, problems);
    }
    let status_page = status_page::read(
        fields.optional("status_page"),
        &settings,
        &services.graph,
        &people,
        problems,
    );
    let (status_page, status_site) = status_page.unzip();
    let checklists = recovery::read(fields.optional("recovery"), &services.graph, &rules, problems);
    let clocks = recovery::clocks(&fields.mapping("clocks"), problems);
    let intake = sorting::read(fields.optional("intake"), &services.graph, problems);
    let inhibitions = quiet::inhibitions(fields.optional("inhibit"), problems);
    let recurring = quiet::recurring(fields.optional("silences"), &settings.zone, problems);
    let freezes =
        freezes::read(fields.optional("freezes"), &services.graph, &settings.zone, problems);
    let remind_every = sorting::positive(&mut fields, "silence_reminder", problems);
    let integrations = integrations::read(fields.optional("integrations"), problems);
    let dashboard = dashboard::read(fields.optional("dashboard"), &probes, &services, problems);
    let heartbeats = heartbeats::read(fields.optional("heartbeats"), &services.graph, problems);
    let (mut plans, mut documents) = runbooks(folder, &mut fields, problems);
    fields.finish(problems);
    // An alert that is switched off may keep its runbook: it will be wanted again.
    let named = own_alerts.and_then(|node| node.entries(problems)).unwrap_or_default();
    let is_off = |(name, _, node): &(String, Place, Node)| node.is_off().then(|| name.clone());
    let others = named.iter().filter_map(is_off).chain(heartbeats::alerts(&heartbeats));
    let others = others.chain(sorting::named_alerts(&intake));
    check_runbooks(&plans, &rules, &others.collect::<Vec<_>>(), &services, problems);
    let used = services.secrets.iter().cloned();
    let used = used.chain(probes.iter().flat_map(|spec| spec.settings.secrets()));
    let used = used.chain(people.channels.iter().flat_map(|spec| spec.settings.secrets()));
    let used = used.chain(integrations.iter().filter_map(|one| one.secret.clone()));
    let used = used.chain(settings.secrets().cloned());
    secrecy::check(&secrets, used, &plans, problems);
    // The last, so that a team's own runbook for the same alert comes first.
    plans.extend(runbook::read(&format!("{RESTART}.md"), RESTART_TEXT, problems));
    documents.insert(RESTART.into(), RESTART_TEXT.into());

    let feeds = probing::feeds(&probes, &rules);
    let mut policy = Policy {
        product: settings.product.clone(),
        language: settings.language,
        zone: settings.zone.clone(),
        graph: services.graph,
        rules: rules.into_iter().map(|fed| (fed.rule.name.clone(), Arc::new(fed.rule))).collect(),
        probes: feeds,
        plans: plans.into_iter().map(Arc::new).collect(),
        routes: people.routes,
        warning_route: people.warning_route,
        escalation: people.escalation,
        contacts: people.contacts,
        channels: people.briefs,
        fallback: people.fallback,
        delivery: Delivery::default(),
        checklists,
        clocks: clocks.unwrap_or_default(),
        intake,
        inhibitions,
        recurring,
        freezes,
        protected: settings.limits.never_block.clone(),
        heartbeats,
        business: calendars.business,
        schedules: people.schedules,
        stakeholders: communication.stakeholders,
        outlets: communication.outlets,
        templates: communication.templates,
        digest,
        status_page,
        ..Policy::default()
    };
    policy.remind_every = remind_every.unwrap_or(policy.remind_every);
    let policy =
        if settings.time_lapse > 1 { policy.in_time_lapse(settings.time_lapse) } else { policy };
    Some(Loaded {
        policy,
        probes,
        channels: people.channels,
        commands: services.commands,
        supervised: services.supervised,
        settings,
        integrations,
        dashboard,
        secrets,
        documents,
        assumed: problems.assumed().to_vec(),
        main: node,
        status_site,
    })
}

fn document(path: &Path, is_needed: bool, problems: &mut Problems) -> Option<Node> {
    let name = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => yaml::read(&name, &text, 0, problems),
        Err(error) if !is_needed && error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => {
            problems.add_with_hint(
                &Place { file: name.into(), line: 1 },
                Said::new(format!("読めません: {error}"), format!("cannot be read: {error}")),
                Said::new(
                    "`hikeshi init` でひな形を作れます",
                    "`hikeshi init` writes a starter folder",
                ),
            );
            None
        }
    }
}

/// All `*.md` of the folder that `runbooks:` names, `runbooks` by default.
fn runbooks(
    folder: &Path,
    fields: &mut Fields<'_>,
    problems: &mut Problems,
) -> (Vec<Plan>, BTreeMap<RunbookName, String>) {
    let name = fields.text_or("runbooks", "runbooks", problems);
    let named = fields.optional("runbooks");
    let path = folder.join(&name);
    let Ok(entries) = std::fs::read_dir(&path) else {
        if let Some(node) = named {
            let path = path.display();
            problems.add(
                &node.place,
                Said::new(
                    format!("フォルダ {path} がありません"),
                    format!("there is no folder {path}"),
                ),
            );
        }
        return Default::default();
    };
    let mut files: Vec<_> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
        .collect();
    files.sort();
    let read = files.iter().filter_map(|file| runbook_file(file, problems));
    read.map(|(plan, text)| (plan.clone(), (plan.name, text))).unzip()
}

fn runbook_file(file: &Path, problems: &mut Problems) -> Option<(Plan, String)> {
    let name = file.display().to_string();
    match std::fs::read_to_string(file) {
        Ok(text) => runbook::read(&name, &text, problems).map(|plan| (plan, text)),
        Err(error) => {
            problems.add(
                &Place { file: name.into(), line: 1 },
                Said::new(format!("読めません: {error}"), format!("cannot be read: {error}")),
            );
            None
        }
    }
}

fn check_runbooks(
    plans: &[Plan],
    rules: &[alerts::Fed],
    others: &[String],
    services: &services::Services,
    problems: &mut Problems,
) {
    for (index, plan) in plans.iter().enumerate() {
        let place = Place { file: plan.file.as_str().into(), line: 1 };
        let active = rules.iter().map(|fed| fed.rule.name.as_str());
        let mut known = active.chain(others.iter().map(String::as_str));
        if !known.clone().any(|name| name == plan.alert.as_str()) {
            let alert = plan.alert.as_str();
            names::unknown(&place, ("アラート", "alert"), alert, &mut known, problems);
        }
        runbook::check(plan, services.graph.services(), problems);
        let twin = plans[..index]
            .iter()
            .find(|other| other.alert == plan.alert && other.service == plan.service);
        if let Some(twin) = twin {
            problems.add(
                &place,
                Said::new(
                    format!("{} と同じアラートとサービスの手順書です", twin.file),
                    format!("answers the same alert and service as {}", twin.file),
                ),
            );
        }
    }
}
