//! hikeshi's own supervisor: it starts services as processes that outlive it and finds them again.

use crate::{
    error::SuperviseError,
    identity::Identity,
    launch::ServiceCommand,
    record::{self, Record},
    session,
    supervisor::{Exit, Status, Supervisor},
};
use domain::ids::ServiceName;
use futures::{
    FutureExt,
    future::{BoxFuture, join_all},
};
use jiff::Timestamp;
use process_wrap::tokio::ChildWrapper;
use std::{
    collections::BTreeMap,
    fs,
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};
use tokio::sync::{Mutex as Turn, watch};

/// Where the time comes from: the shell's one door to the clock.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// A dead child is collected within moments; this only bounds the wait.
const REAP_TIMEOUT: Duration = Duration::from_secs(5);

/// Starts and stops services by itself.
pub struct Own {
    services: BTreeMap<ServiceName, Service>,
    clock: Clock,
}

struct Service {
    command: ServiceCommand,
    path: PathBuf,
    mark: String,
    /// Held during an operation: one at a time.
    turn: Turn<()>,
    known: Mutex<Known>,
}

/// What is known of a service; never locked across an await.
#[derive(Clone, Default)]
struct Known {
    record: Record,
    /// How the child ended, once it has; nothing when the process was adopted or none was started.
    exit: Option<watch::Receiver<Option<Exit>>>,
    /// How the process ended that a stop ended.
    exit_before: Option<Exit>,
}

impl Own {
    /// Opens the folder with the records and adopts every service that still runs from an earlier time.
    ///
    /// # Errors
    /// When the folder or a record in it cannot be read or written.
    pub fn open(
        folder: &Path,
        commands: Vec<ServiceCommand>,
        clock: Clock,
    ) -> Result<Self, SuperviseError> {
        let refuse = |error| SuperviseError::File { path: folder.to_owned(), error };
        fs::create_dir_all(folder).map_err(refuse)?;
        let folder = folder.canonicalize().map_err(refuse)?;
        let mut services = BTreeMap::new();
        for command in commands {
            let name = command.name.clone();
            services.insert(name, Service::adopt(command, &folder)?);
        }
        Ok(Self { services, clock })
    }

    /// The services, by name.
    pub fn services(&self) -> impl Iterator<Item = &ServiceName> {
        self.services.keys()
    }

    /// Stops every service, all at once.
    ///
    /// # Errors
    /// The first that would not stop; the others are stopped all the same.
    pub async fn stop_all(&self) -> Result<(), SuperviseError> {
        let stops = self.services.values().map(|service| async {
            let _turn = service.turn.lock().await;
            service.stop().await
        });
        join_all(stops).await.into_iter().collect()
    }

    fn find(&self, name: &ServiceName) -> Result<&Service, SuperviseError> {
        self.services.get(name).ok_or_else(|| SuperviseError::UnknownService(name.clone()))
    }
}

impl Supervisor for Own {
    fn knows(&self, service: &ServiceName) -> bool {
        self.services.contains_key(service)
    }

    fn status<'a>(
        &'a self,
        service: &'a ServiceName,
    ) -> BoxFuture<'a, Result<Status, SuperviseError>> {
        async move { Ok(self.find(service)?.status().await) }.boxed()
    }

    fn start<'a>(&'a self, service: &'a ServiceName) -> BoxFuture<'a, Result<(), SuperviseError>> {
        async move {
            let service = self.find(service)?;
            let _turn = service.turn.lock().await;
            service.start((self.clock)(), 0).await
        }
        .boxed()
    }

    fn stop<'a>(&'a self, service: &'a ServiceName) -> BoxFuture<'a, Result<(), SuperviseError>> {
        async move {
            let service = self.find(service)?;
            let _turn = service.turn.lock().await;
            service.stop().await
        }
        .boxed()
    }

    fn restart<'a>(
        &'a self,
        service: &'a ServiceName,
    ) -> BoxFuture<'a, Result<(), SuperviseError>> {
        async move {
            let service = self.find(service)?;
            let _turn = service.turn.lock().await;
            service.stop().await?;
            service.start((self.clock)(), 1).await
        }
        .boxed()
    }

    fn reload<'a>(&'a self, service: &'a ServiceName) -> BoxFuture<'a, Result<(), SuperviseError>> {
        async move {
            let service = self.find(service)?;
            let _turn = service.turn.lock().await;
            service.reload()
        }
        .boxed()
    }
}

impl Service {
    fn adopt(command: ServiceCommand, folder: &Path) -> Result<Self, SuperviseError> {
        let path = record::path_of(folder, &command.name);
        let mark = path.with_extension("").to_string_lossy().into_owned();
        let mut record = Record::read(&path)?;
        if !record.identity.as_ref().is_some_and(Identity::is_alive)
            && let Some(found) = session::find_marked(&mark)
        {
            record.identity = Some(found);
            record.write(&path)?;
        }
        let known = Known { record, ..Known::default() };
        Ok(Self { command, path, mark, turn: Turn::new(()), known: Mutex::new(known) })
    }

    async fn status(&self) -> Status {
        let known = self.known().clone();
        let running = known.record.identity.clone().filter(Identity::is_alive);
        let last_exit = match (&known.record.identity, &running) {
            (Some(_), None) => Some(last_exit(known.exit).await),
            _ => known.exit_before,
        };
        Status {
            running,
            started_at: known.record.started_at,
            restarts: known.record.restarts,
            last_exit,
        }
    }

    async fn start(&self, now: Timestamp, restarts: u64) -> Result<(), SuperviseError> {
        if self.known().record.identity.as_ref().is_some_and(Identity::is_alive) {
            return Ok(());
        }
        // A main process that died by itself may have left others, which hold its port.
        self.stop().await?;
        let child = self.command.spawn(&self.mark)?;
        let identity =
            child.id().and_then(crate::stat::Stat::of).map(|stat| Identity::from_stat(&stat));
        let record = {
            let mut known = self.known();
            known.record = Record {
                identity,
                started_at: Some(now),
                restarts: known.record.restarts + restarts,
            };
            known.exit = Some(reap(child));
            known.record.clone()
        };
        if let Err(error) = record.write(&self.path) {
            // A service that nobody would find again must not run on.
            self.stop().await?;
            return Err(error);
        }
        Ok(())
    }

    async fn stop(&self) -> Result<(), SuperviseError> {
        let Known { mut record, exit, .. } = self.known().clone();
        let Some(identity) = record.identity.take() else { return Ok(()) };
        session::end(&identity, &self.command).await?;
        let exit = last_exit(exit).await;
        *self.known() = Known { record: record.clone(), exit: None, exit_before: Some(exit) };
        record.write(&self.path)
    }

    fn reload(&self) -> Result<(), SuperviseError> {
        let name = || self.command.name.clone();
        let refuse = |error| SuperviseError::Signal { service: name(), error };
        let identity = self
            .known()
            .record
            .identity
            .clone()
            .ok_or_else(|| SuperviseError::NotRunning(name()))?;
        let process =
            identity.open().map_err(refuse)?.ok_or_else(|| SuperviseError::NotRunning(name()))?;
        process.signal(self.command.reload_signal).map_err(refuse)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // Nothing panics while it is held, and even then what it holds is whole.
        self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Collects the child when it ends, so that it does not stay a zombie, and keeps how it ended.
fn reap(mut child: Box<dyn ChildWrapper>) -> watch::Receiver<Option<Exit>> {
    let (sender, receiver) = watch::channel(None);
    tokio::spawn(async move {
        let exit = match child.wait().await {
            Ok(status) => match (status.code(), status.signal()) {
                (Some(code), _) => Exit::Code(code),
                (None, Some(signal)) => Exit::Signal(signal),
                (None, None) => Exit::Unknown,
            },
            Err(_) => Exit::Unknown,
        };
        // Nobody may be left to hear it.
        let _ = sender.send(Some(exit));
    });
    receiver
}

/// How a process ended that is known to be dead.
async fn last_exit(exit: Option<watch::Receiver<Option<Exit>>>) -> Exit {
    let Some(mut exit) = exit else { return Exit::Unknown };
    match tokio::time::timeout(REAP_TIMEOUT, exit.wait_for(Option::is_some)).await {
        Ok(Ok(exit)) => exit.unwrap_or(Exit::Unknown),
        _ => Exit::Unknown,
    }
}
