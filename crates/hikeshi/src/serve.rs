//! `hikeshi serve`: the one place where all rooms are wired together.

use crate::{
    accesses, answer_key, clock,
    common::Common,
    data_folder::{ACCOUNTS, EVIDENCE, JOURNAL, SOCKET, claim},
    looking::Looking,
    masking::Masking,
    openapi,
    outside::{Parts, Passing, Task},
    outside_eyes, perform,
    reload::{self, Ground, Live},
    sampling,
    show::Trouble,
    signals, status_page, validate,
};
use axum::Extension;
use config::{Loaded, Settings};
use domain::{
    command::{Attached, Command},
    reading::{Observation, Value},
    said::Said,
};
use engine::{Core, Engine, Work};
use history::History;
use journal::SqliteJournal;
use probes::{Deps, ProbeSpec};
use runbook::kept::Bundles;
use rustix::fs::Mode;
use secrets::{Safe, World};
use std::{
    collections::BTreeSet,
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
    sync::{Arc, Mutex, OnceLock},
    thread::JoinHandle,
    time::Duration,
};
use supervise::{Identity, Own, Scopes, Supervised, Supervisor};
use tokio::sync::{mpsc, watch};
use web::{Counts, Door, Doors, Readings, Shared};

/// How long services that were just started may take until they are judged.
const READINESS: Duration = Duration::from_secs(30);

/// Runs until it is told to end.
pub fn run(common: &Common, ends_with: Option<u32>) -> Result<ExitCode, Trouble> {
    // Steps run in a folder of their own: whatever they are handed must be found from there.
    let folder = std::path::absolute(&common.config)
        .map_err(|error| broken(&common.config.display().to_string(), &error))?;
    let loaded = validate::load(&folder)?;
    log_to_stderr();
    let runtime = tokio::runtime::Runtime::new().map_err(|error| broken("tokio", &error))?;
    runtime.block_on(serve(folder, loaded, ends_with))?;
    Ok(ExitCode::SUCCESS)
}

fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("HIKESHI_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .try_init();
}

async fn serve(folder: PathBuf, loaded: Loaded, ends_with: Option<u32>) -> Result<(), Trouble> {
    let (used_secrets, written) = (loaded.used_secrets(), loaded.written());
    let Loaded {
        policy,
        probes,
        channels,
        commands,
        supervised,
        settings,
        integrations,
        dashboard,
        secrets,
        documents,
        status_site,
        ..
    } = loaded;
    let _lock = claim(&settings.data)?;
    let policy = Arc::new(policy);

    let journal = SqliteJournal::open(&settings.data.join(JOURNAL))
        .map_err(|error| broken("journal", &error))?;
    let reader = journal.reader().map_err(|error| broken("journal", &error))?;
    let history = History::open(settings.data.join("history.db"))
        .map_err(|error| broken("history", &error))?;
    let core = Core::open(journal, policy.clone(), clock::now())
        .map_err(|error| broken("journal", &error))?;
    let tokens = core.state().tokens.clone();
    let is_unattended = core.state().accounts.is_empty();
    let (attached, lost): (Vec<_>, Vec<_>) = unsettled(&core, &policy);
    end_leftovers(&lost).await;

    let names: Vec<_> = commands.iter().map(|command| command.name.clone()).collect();
    let own = Own::open(&settings.data.join("services"), commands, clock::shared())
        .map_err(|error| broken("supervisor", &error))?;
    let own = Arc::new(own);
    let supervisors = supervisors(&own, &supervised)?;
    let samples = sampling::open(&settings.data);
    let ledger = Arc::new(accesses::Journaled::default());
    let safe = Safe::new(secrets, World::of_this_process(), ledger.clone(), clock::shared());
    let masking = Masking::of(&safe, used_secrets);
    let as_written = reload::as_written(documents, written, &masking);
    let deps = Deps {
        clock: clock::shared(),
        supervisor: Some(own.clone()),
        state_folder: Some(settings.data.join("probes")),
        samples: samples.as_ref().map(|samples| samples.reader()),
        safe: safe.clone(),
    };
    start_services(&own, &names, &probes, &deps).await;

    let (tasks, inbox) = mpsc::unbounded_channel();
    let (replies, mails) = (tasks.clone(), tasks.clone());
    let counts = Arc::new(Counts::default());
    let written = watch::Sender::default();
    let passing =
        Passing { tasks: tasks.clone(), counts: counts.clone(), written: written.clone() };
    let (engine, writer) =
        Engine::start(core, clock::now, passing).map_err(|error| broken("engine", &error))?;
    ledger.begin(engine.clone());
    let links = match &settings.public_url {
        Some(base) => Some(web::Links::new(base, answer_key::open(&settings.data)?)),
        None => None,
    };
    let tls = certificate(&settings)?;
    let doors = Doors::new(
        clock::shared(),
        reload::reader(folder, engine.clone(), safe.clone(), masking.clone(), tasks),
    );
    doors.set_integrations(reload::ways_in(integrations));
    doors.set_tokens(&tokens);
    let shared = Shared::from(web::Parts {
        engine: engine.clone(),
        history: Arc::new(Mutex::new((history, reader))),
        readings: Readings::default(),
        counts,
        doors: Arc::new(doors),
        samples: samples.clone(),
        dashboard: sampling::dashboard(dashboard),
        configuration: web::Configuration::default(),
        safe: safe.clone(),
        links,
        replies: Box::new(move |reply| drop(replies.send(Task::Reply(reply)))),
        written,
        listen: OnceLock::new(),
        tls,
    });
    let version = env!("CARGO_PKG_VERSION").into();
    let names = attached.iter().map(|one| one.name.clone()).collect();
    let booted = engine.submit_and_wait(Command::Boot { version, attached: names });
    booted.map_err(|error| broken("journal", &error))?;

    let performer = Arc::new(runbook::Performer::new(performing(
        &settings,
        supervisors,
        &masking,
        &probes,
        &deps,
    )));
    for one in attached {
        tokio::spawn(perform::attach(one, performer.clone(), engine.clone()));
    }
    sampling::prune(samples.clone());
    let ground = Ground { deps, samples, shared: shared.clone() };
    let bundles = Bundles::new(settings.data.join(EVIDENCE), masking.known());
    let live = Live::start(policy, Parts { probes, channels, masking, as_written }, &ground);
    tokio::spawn(dispatch(inbox, Performing { live, ground, performer, engine: engine.clone() }));
    let accounts = accounts::Accounts::open(&settings.data.join(ACCOUNTS))
        .map_err(|error| broken(ACCOUNTS, &error))?;
    let entry = pages::Entry {
        public_url: settings.public_url.clone(),
        is_factor_required: settings.signing_in.is_factor_required,
        provider: settings
            .signing_in
            .provider
            .clone()
            .map(|spec| openid::Provider::new(spec, safe.reader("signing in"))),
    };
    let desk = pages::Desk::new(shared.clone(), accounts, entry, bundles);
    let site = status_page::open(&settings, status_site, &shared, mails)
        .map_err(|error| broken("status_page", &error))?;
    let address = listen(&settings, &shared, &desk, site.as_ref().map(|(site, _)| site)).await?;
    if let Some((site, Some(own))) = &site {
        let listens = status_page::listen(site, *own, &settings, &shared).await;
        listens.map_err(|error| broken(&own.to_string(), &error))?;
    }
    tracing::info!(
        "hikeshi {} watches {} on {}{address}",
        env!("CARGO_PKG_VERSION"),
        settings.product,
        if settings.tls.is_some() { "https://" } else { "http://" }
    );
    if is_unattended {
        tracing::info!(
            "nobody has an account for the pages yet: `hikeshi account add NAME` prints a link"
        );
    }

    outside_eyes::open(engine.clone(), settings.sign_of_life.clone(), &safe);
    tokio::select! {
        () = signals::ended() => {}
        () = end_of(ends_with) => {}
    }
    tracing::info!("ending");
    outside_eyes::close();
    end(engine, writer).await;
    if settings.stop_services_on_exit
        && let Err(error) = own.stop_all().await
    {
        tracing::error!("{error}");
    }
    let _ = std::fs::remove_file(settings.data.join(SOCKET));
    Ok(())
}

/// Resolves when the process ends that this one belongs to; never when there is none.
async fn end_of(process: Option<u32>) {
    let Some(pid) = process else { return std::future::pending().await };
    // A process that is gone already has ended.
    if let Some(Ok(Some(process))) = Identity::of(pid).map(|identity| identity.open()) {
        process.died().await;
    }
}

/// Attempts that were under way when hikeshi went down: those with a recorder, which are waited for, and the identities
/// of the others.
fn unsettled(
    core: &Core<SqliteJournal>,
    policy: &domain::policy::Policy,
) -> (Vec<perform::Outlived>, Vec<String>) {
    let (mut attached, mut lost) = (Vec::new(), Vec::new());
    for run in core.state().runs.values() {
        let Some((_, attempt)) = run.unsettled() else { continue };
        let plan = policy.plan(&run.planned.runbook);
        let step = plan.and_then(|plan| plan.step(&attempt.step));
        match step.filter(|step| runbook::recorder::is_recorded(step)) {
            Some(step) => attached.push(perform::Outlived {
                name: Attached {
                    run: run.planned.id,
                    step: attempt.step.clone(),
                    attempt: attempt.number,
                },
                step: step.clone(),
                deadline: attempt.deadline,
            }),
            None => lost.extend(attempt.process.clone()),
        }
    }
    (attached, lost)
}

/// What is left of steps that nobody waits for is ended before anything new starts; their outcome is unknown.
async fn end_leftovers(lost: &[String]) {
    for process in lost {
        if let Err(error) = runbook::reap(process).await {
            tracing::error!("{}", error.en);
        }
    }
}

/// Starts what does not run yet and waits until it is ready, so that a service that is just starting is not an alarm.
async fn start_services(
    own: &Arc<Own>,
    names: &[domain::ids::ServiceName],
    probes: &[ProbeSpec],
    deps: &Deps,
) {
    let mut fresh = BTreeSet::new();
    for name in names {
        let runs = own.status(name).await.is_ok_and(|status| status.running.is_some());
        if runs {
            continue;
        }
        match own.start(name).await {
            Ok(()) => drop(fresh.insert(name.clone())),
            Err(error) => tracing::error!("{error}"),
        }
    }
    let judged: Vec<_> = probes
        .iter()
        .filter(|spec| fresh.contains(&spec.service) && spec.kind.name == "http")
        .cloned()
        .collect();
    let deadline = tokio::time::Instant::now() + READINESS;
    while !judged.is_empty() && tokio::time::Instant::now() < deadline {
        let looks = probes::look_once(judged.clone(), deps, Duration::from_secs(5)).await;
        if looks.iter().flat_map(|(_, seen)| seen).all(is_up) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// hikeshi's own first, then those that the configuration names.
fn supervisors(own: &Arc<Own>, others: &[Supervised]) -> Result<Vec<Arc<dyn Supervisor>>, Trouble> {
    let own: Arc<dyn Supervisor> = own.clone();
    std::iter::once(Ok(own))
        .chain(others.iter().map(|other| other.supervisor().map_err(Trouble::unusable)))
        .collect()
}

fn performing(
    settings: &Settings,
    supervisors: Vec<Arc<dyn Supervisor>>,
    masking: &Masking,
    probes: &[ProbeSpec],
    deps: &Deps,
) -> runbook::Deps {
    runbook::Deps {
        run_folder: settings.data.join("runs"),
        evidence_folder: settings.data.join(EVIDENCE),
        supervisors,
        secrets: masking.known(),
        safe: deps.safe.clone(),
        log_sources: settings.evidence_logs.clone(),
        looks: Arc::new(Looking { probes: probes.to_vec(), deps: deps.clone() }),
        limits: settings.limits.clone(),
        state_folder: settings.data.join("verbs"),
        programs: supervise::program::FOLDERS.map(PathBuf::from).to_vec(),
        clock: clock::shared(),
        // Also after this program was replaced by a newer one: the recorder is what hikeshi is now.
        recorder: Some(PathBuf::from("/proc/self/exe")),
        scopes: Scopes::of_this_machine().map(Arc::new),
    }
}

fn is_up(seen: &Observation) -> bool {
    seen.readings.get("up").and_then(|reading| reading.measured()) == Some(&Value::Flag(true))
}

struct Performing {
    live: Live,
    ground: Ground,
    performer: Arc<runbook::Performer>,
    engine: Engine,
}

/// Every piece of work is a task of its own: a slow one delays no other.
async fn dispatch(mut inbox: mpsc::UnboundedReceiver<Task>, mut with: Performing) {
    while let Some(task) = inbox.recv().await {
        match task {
            Task::Reload(policy, parts) => with.live = Live::start(policy, *parts, &with.ground),
            Task::Work(Work::Look(service)) => with.live.schedule.look_now(&service),
            Task::Work(Work::Tell(work)) => {
                drop(tokio::spawn(with.live.channels.clone().deliver(*work, with.engine.clone())))
            }
            Task::Work(Work::Step(work)) => {
                let (policy, performer, engine) =
                    (with.live.policy.clone(), with.performer.clone(), with.engine.clone());
                tokio::spawn(perform::perform(*work, policy, performer, engine));
            }
            Task::Reply(reply) => drop(tokio::spawn(with.live.channels.clone().reply(reply))),
            Task::Mail(channel, mail, answer) => {
                let channels = with.live.channels.clone();
                tokio::spawn(async move { answer.send(channels.mail(channel, *mail).await) });
            }
            Task::Emergency(fault) => {
                let (channels, language) = (with.live.channels.clone(), with.live.policy.language);
                tokio::spawn(async move { channels.emergency(language, fault.as_deref()).await });
            }
        }
    }
}

/// The local socket acts, for this user alone; the address shows, and asks who acts to prove who they are.
async fn listen(
    settings: &Settings,
    shared: &Shared,
    desk: &pages::Desk,
    site: Option<&status::Site>,
) -> Result<SocketAddr, Trouble> {
    let socket = settings.data.join(SOCKET);
    let _ = std::fs::remove_file(&socket);
    let local = tokio::net::UnixListener::bind(&socket)
        .map_err(|error| broken(&socket.display().to_string(), &error))?;
    rustix::fs::chmod(&socket, Mode::RUSR | Mode::WUSR)
        .map_err(|error| broken(&socket.display().to_string(), &error))?;
    let address = tokio::net::TcpListener::bind(settings.listen).await.map_err(|error| {
        broken(&settings.listen.to_string(), &error).hint(Said::new(
            "`listen:` で別のアドレスを選べます",
            "choose another address with `listen:`",
        ))
    })?;
    let bound =
        address.local_addr().map_err(|error| broken(&settings.listen.to_string(), &error))?;
    let _ = shared.listen.set(bound);
    let mut acting = web::acting(shared.clone()).merge(pages::api(desk.clone(), Door::Socket));
    let mut showing = web::showing(shared.clone())
        .merge(pages::api(desk.clone(), Door::Address))
        .merge(pages::showing(desk.clone()));
    if let Some(site) = site {
        acting = acting.merge(status::local(site));
        showing = status::in_front_of(site, showing);
    }
    let document = Extension(web::Served::new(openapi::document()));
    let (acting, showing) = (acting.layer(document.clone()), showing.layer(document));
    tokio::spawn(async move { axum::serve(local, acting).await });
    tokio::spawn(web::serve(
        address,
        showing,
        shared.tls.clone(),
        settings.trusted_proxies.clone().into(),
    ));
    Ok(bound)
}

/// The certificate of the address, where the configuration names one. One that is over is shown all the same: what hikeshi
/// watches and whom it calls must not wait for it.
fn certificate(settings: &Settings) -> Result<Option<Arc<web::Tls>>, Trouble> {
    let Some(files) = &settings.tls else { return Ok(None) };
    let tls = web::Tls::open(&files.certificate, &files.key).map_err(Trouble::unusable)?;
    if tls.ends_at() <= clock::now() {
        tracing::error!("{}: it has expired on {}", files.certificate.display(), tls.ends_at());
    }
    Ok(Some(Arc::new(tls)))
}

async fn end(engine: Engine, writer: JoinHandle<()>) {
    engine.stop();
    let _ = tokio::task::spawn_blocking(move || writer.join()).await;
}

fn broken(what: &str, error: &dyn std::fmt::Display) -> Trouble {
    Trouble::unusable(Said::new(
        format!("{what}: 起動できません: {error}"),
        format!("{what}: cannot start: {error}"),
    ))
}
