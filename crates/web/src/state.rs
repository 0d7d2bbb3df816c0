//! What all handlers share: the engine, the history, and the last looks.

use crate::{
    answer::Refused,
    caller::Caller,
    doors::Doors,
    gauge::Gauge,
    links::{Grant, Links},
    tls::Tls,
    written::Configuration,
};
use domain::{
    command::Command,
    ids::{ChannelName, ProbeName, ServiceName},
    permission,
    policy::Policy,
    reading::Observation,
    state::State,
    watch::Watch,
    world::World,
};
use engine::{Engine, EngineError};
use history::History;
use journal::{Position, SqliteReader};
use samples::{Reader, Samples, SamplesError};
use secrets::Safe;
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    ops::Deref,
    sync::{
        Arc, Mutex, OnceLock, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::sync::{oneshot, watch};

/// The last observations of each probe; for showing only.
#[derive(Clone, Default)]
pub struct Readings(Arc<RwLock<BTreeMap<ProbeName, Vec<Observation>>>>);

impl Readings {
    /// Keeps an observation in place of the last one of the same probe and service.
    pub fn keep(&self, observation: &Observation) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let last = all.entry(observation.probe.clone()).or_default();
        last.retain(|other| other.service != observation.service);
        last.push(observation.clone());
    }

    /// The last one of a probe about a service.
    pub fn last(&self, probe: &ProbeName, service: &ServiceName) -> Option<Observation> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.get(probe)?.iter().find(|seen| seen.service == *service).cloned()
    }

    /// All of them.
    pub fn all(&self) -> BTreeMap<ProbeName, Vec<Observation>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Counts for `/metrics`.
#[derive(Debug, Default)]
pub struct Counts {
    /// Facts made durable since the start.
    pub facts: AtomicU64,
    /// Observations taken since the start.
    pub observations: AtomicU64,
    /// Whether the journal takes facts; 0 or 1.
    pub journal_fault: AtomicU64,
}

impl Counts {
    /// Adds to a count.
    pub fn add(count: &AtomicU64, more: u64) {
        count.fetch_add(more, Ordering::Relaxed);
    }
}

/// What all handlers share. Clones share, and cost next to nothing: every request makes some.
#[derive(Clone)]
pub struct Shared(Arc<Parts>);

impl From<Parts> for Shared {
    fn from(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for Shared {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// What is said to whoever pressed a button on a channel, and to nobody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The channel.
    pub channel: ChannelName,
    /// What its service calls them, or their press.
    pub to: String,
    /// What is said.
    pub text: String,
}

/// Where replies go.
pub type Replies = Box<dyn Fn(Reply) + Send + Sync>;

/// The parts of [`Shared`].
pub struct Parts {
    /// The writer.
    pub engine: Engine,
    /// The read model and where it is filled from. Callers catch up before they ask.
    pub history: Arc<Mutex<(History, SqliteReader)>>,
    /// The last looks.
    pub readings: Readings,
    /// Counts for metrics.
    pub counts: Arc<Counts>,
    /// The ways in for other systems.
    pub doors: Arc<Doors>,
    /// What was measured over time; nothing where the disk did not allow it.
    pub samples: Option<Arc<Samples>>,
    /// What the dashboard shows.
    pub dashboard: Arc<Vec<Gauge>>,
    /// The configuration as it is written.
    pub configuration: Configuration,
    /// Where secrets are had from.
    pub safe: Safe,
    /// Makes and reads the links with which people answer; none without a public address.
    pub links: Option<Links>,
    /// Says something back to whoever pressed a button.
    pub replies: Replies,
    /// The journal's newest position: whoever shows things live waits for it to move.
    pub written: watch::Sender<Position>,
    /// Where the server listens, once it does.
    pub listen: OnceLock<SocketAddr>,
    /// The certificate of the address; none: it speaks plain HTTP.
    pub tls: Option<Arc<Tls>>,
}

impl Parts {
    /// A path at the address as somebody on this machine reaches it; none before the server listens.
    pub fn here(&self, path: &str) -> Option<String> {
        let address = self.listen.get()?;
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let host = match address.ip().is_unspecified() {
            true => format!("localhost:{}", address.port()),
            false => address.to_string(),
        };
        Some(format!("{scheme}://{host}{path}"))
    }

    /// What the token of a link grants now; none: it is not ours, or its time is over.
    pub fn granted(&self, token: &str) -> Option<Grant> {
        self.links.as_ref()?.read(token, self.doors.now())
    }
}

impl Shared {
    /// Sends a command; resolves once it is durable, or with the reason why it is not. In the name of a [`Caller`], they
    /// must be allowed to ask for it.
    pub fn submit(
        &self,
        command: Command,
    ) -> impl Future<Output = Result<Position, EngineError>> + use<> {
        let caller = Caller::present();
        let shared = self.clone();
        // Nobody to be asked: it is under way at once, whoever waits for it.
        let mut sent = caller.is_none().then(|| shared.send(command.clone()));
        async move {
            if let Some(caller) = caller {
                let asked = command.clone();
                let check = move |world: &World<'_>| {
                    permission::check(world, &caller.name, caller.most, &asked)
                };
                let allowed = shared.look(check).await.map_err(|_| EngineError::Stopped)?;
                allowed.map_err(EngineError::Refused)?;
                sent = Some(shared.send(command));
            }
            let Some(wait) = sent else { return Err(EngineError::Stopped) };
            wait.await.unwrap_or(Err(EngineError::Stopped))
        }
    }

    fn send(&self, command: Command) -> oneshot::Receiver<Result<Position, EngineError>> {
        let (answer, wait) = oneshot::channel();
        self.engine.submit(command, move |result| {
            let _ = answer.send(result);
        });
        wait
    }

    /// Takes a glance at everything that decisions are made from, between two commits. Be quick: the writer waits.
    ///
    /// # Errors
    /// The writer has stopped.
    pub async fn look<T: Send + 'static>(
        &self,
        question: impl FnOnce(&World<'_>) -> T + Send + 'static,
    ) -> Result<T, Refused> {
        let (answer, wait) = oneshot::channel();
        self.engine.look(question, move |found| {
            let _ = answer.send(found);
        });
        wait.await.map_err(|_| Refused::fault(EngineError::Stopped))
    }

    /// Asks the history off the server's threads, after it has caught up with the journal: one reads one's own writes.
    ///
    /// # Errors
    /// The history cannot be read.
    pub async fn past<T: Send + 'static, E: std::fmt::Display + Send + 'static>(
        &self,
        question: impl FnOnce(&mut History) -> Result<T, E> + Send + 'static,
    ) -> Result<T, Refused> {
        let both = self.history.clone();
        let answer = tokio::task::spawn_blocking(move || {
            let mut both = both.lock().unwrap_or_else(PoisonError::into_inner);
            let (history, journal) = &mut *both;
            history.catch_up(journal).map_err(|error| error.to_string())?;
            question(history).map_err(|error| error.to_string())
        });
        answer.await.map_err(Refused::fault)?.map_err(Refused::fault)
    }

    /// Asks what was measured over time, off the server's threads.
    ///
    /// # Errors
    /// No samples are kept, or they cannot be read.
    pub async fn measured<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Reader) -> Result<T, SamplesError> + Send + 'static,
    ) -> Result<T, Refused> {
        let Some(samples) = &self.samples else {
            return Err(Refused::fault("no samples are kept: see the log"));
        };
        let reader = samples.reader();
        let answer = tokio::task::spawn_blocking(move || question(&reader));
        answer.await.map_err(Refused::fault)?.map_err(Refused::fault)
    }

    /// Asks the writer about everything that it knows, between two commits.
    ///
    /// # Errors
    /// The writer has stopped.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&State, &Watch, &Policy, Position) -> T + Send + 'static,
    ) -> Result<T, Refused> {
        let (answer, wait) = oneshot::channel();
        self.engine.ask(
            move |state, watch, policy, end| question(state, watch, policy, end),
            move |found| {
                let _ = answer.send(found);
            },
        );
        wait.await.map_err(|_| Refused::fault(EngineError::Stopped))
    }
}
