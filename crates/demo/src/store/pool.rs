//! A small connection pool: one session for data, one for health checks, re-made when broken.

use crate::error::explain;
use crate::fault::FaultKind;
use crate::switches::Switches;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::timeout;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, NoTls, Row};

/// How long a request waits for its turn and again for its answer, in front of a locked table.
const DATA_TIMEOUT: Duration = Duration::from_secs(12);
/// The same for a health check, which must not be held up by a locked table.
const HEALTH_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a new connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Why the database gave no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct Unavailable(pub String);

/// Which of the two sessions a query goes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// What visitors ask.
    Data,
    /// `SELECT 1`.
    Health,
}

/// The pool of one process.
#[derive(Debug)]
pub struct Pool {
    config: Config,
    data: Mutex<Option<Session>>,
    health: Mutex<Option<Session>>,
    switches: Arc<Switches>,
    /// A connection broke; with the sticky-pool switch on, that is for good.
    broke: AtomicBool,
}

/// An open connection. The driver is stopped when it is dropped.
#[derive(Debug)]
struct Session {
    client: Client,
    driver: tokio::task::JoinHandle<()>,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Pool {
    /// A pool that connects when it is first used. The configuration's password never shows.
    pub fn new(mut config: Config, switches: &Arc<Switches>) -> Pool {
        config.connect_timeout(CONNECT_TIMEOUT);
        config.options(format!("-c statement_timeout={}", DATA_TIMEOUT.as_millis()));
        Pool {
            config,
            data: Mutex::default(),
            health: Mutex::default(),
            switches: Arc::clone(switches),
            broke: AtomicBool::new(false),
        }
    }

    /// Asks the database.
    ///
    /// # Errors
    /// [`Unavailable`] when there is no connection, the query fails or time runs out.
    pub async fn query(
        &self,
        lane: Lane,
        sql: &str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, Unavailable> {
        let (session, limit) = match lane {
            Lane::Data => (&self.data, DATA_TIMEOUT),
            Lane::Health => (&self.health, HEALTH_TIMEOUT),
        };
        let Ok(mut session) = timeout(limit, session.lock()).await else {
            return Err(Unavailable(format!("no free connection within {} s", limit.as_secs())));
        };
        let client = self.connected(&mut session).await?;
        // A second above the server's own limit, so that its answer is the one that counts.
        let answer = timeout(limit + Duration::from_secs(1), client.query(sql, values)).await;
        match answer {
            Ok(Ok(rows)) => Ok(rows),
            Ok(Err(error)) => {
                if error.is_closed() || client.is_closed() {
                    self.drop_broken(&mut session);
                }
                Err(Unavailable(explain(&error)))
            }
            Err(_) => {
                self.drop_broken(&mut session);
                Err(Unavailable(format!("no answer within {} s", limit.as_secs() + 1)))
            }
        }
    }

    async fn connected<'a>(
        &self,
        session: &'a mut MutexGuard<'_, Option<Session>>,
    ) -> Result<&'a Client, Unavailable> {
        if session.as_ref().is_some_and(|session| session.client.is_closed()) {
            self.drop_broken(session);
        }
        if self.broke.load(Ordering::Relaxed) && self.switches.now().has(FaultKind::StickyPool) {
            return Err(Unavailable("connection pool is closed (restart the process)".into()));
        }
        if session.is_none() {
            **session = Some(self.connect().await?);
        }
        match session.as_ref() {
            Some(session) => Ok(&session.client),
            None => Err(Unavailable("no connection".into())),
        }
    }

    async fn connect(&self) -> Result<Session, Unavailable> {
        let connecting = self.config.connect(NoTls);
        let (client, connection) = timeout(CONNECT_TIMEOUT, connecting)
            .await
            .map_err(|_| Unavailable("connecting timed out".into()))?
            .map_err(|error| Unavailable(explain(&error)))?;
        let driver = tokio::spawn(async move {
            // The reason reaches whoever asks next; the client says that it is closed.
            let _ = connection.await;
        });
        Ok(Session { client, driver })
    }

    fn drop_broken(&self, session: &mut MutexGuard<'_, Option<Session>>) {
        self.broke.store(true, Ordering::Relaxed);
        **session = None;
    }
}
