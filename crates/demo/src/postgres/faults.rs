//! The faults of a running PostgreSQL: wrong password, read-only, a session that holds a lock.

use super::cluster::{Cluster, USER};
use super::seed::DATABASE;
use crate::error::DemoError;
use crate::fault::FaultKind;
use crate::switches::Active;
use std::time::{Duration, Instant};
use tokio_postgres::Client;

/// A login with the old password takes no longer.
const LONGEST_LOGIN: Duration = Duration::from_secs(5);

/// What is applied to the server as it runs now. At its start nothing is known.
#[derive(Debug, Default)]
pub struct Applied {
    wrong_password: Option<bool>,
    /// Until when sessions are ended that were logging in with the old password when it changed.
    end_sessions_until: Option<Instant>,
    read_only: Option<bool>,
    /// The session that holds the lock. Whoever ends it has put the fire out: it is not lit again.
    lock: Option<Client>,
}

impl Applied {
    /// Makes the server as the switches want it.
    ///
    /// # Errors
    /// What the server says; what was done stays done.
    pub async fn converge(
        &mut self,
        cluster: &Cluster,
        password: &str,
        wanted: &Active,
    ) -> Result<(), DemoError> {
        let wrong_password = Some(wanted.has(FaultKind::WrongPassword));
        if self.wrong_password != wrong_password {
            set_password(cluster, password, wanted.has(FaultKind::WrongPassword)).await?;
            self.wrong_password = wrong_password;
            self.end_sessions_until =
                wanted.has(FaultKind::WrongPassword).then(|| Instant::now() + LONGEST_LOGIN);
        }
        if self.end_sessions_until.is_some_and(|until| Instant::now() < until) {
            end_sessions(cluster).await?;
        }
        let read_only = Some(wanted.has(FaultKind::ReadOnly));
        if self.read_only != read_only {
            set_read_only(cluster, wanted.has(FaultKind::ReadOnly)).await?;
            self.read_only = read_only;
        }
        match (wanted.has(FaultKind::Lock), self.lock.is_some()) {
            (true, false) => self.lock = Some(lock(cluster).await?),
            (false, true) => self.lock = None,
            _ => {}
        }
        Ok(())
    }
}

/// Gives the role another password than the services know, or the right one.
async fn set_password(cluster: &Cluster, right: &str, wrong: bool) -> Result<(), DemoError> {
    let admin = cluster.session("postgres").await?;
    let password =
        if wrong { format!("rotated-{:032x}", rand::random::<u128>()) } else { right.into() };
    let quoted = "SELECT format('ALTER ROLE %I PASSWORD %L', $1::text, $2::text)";
    let row = admin.query_one(quoted, &[&USER, &password]).await?;
    admin.batch_execute(row.try_get(0)?).await?;
    Ok(())
}

/// Ends the sessions of the services, so that they have to log in again. A session that is logging
/// in is not listed yet, so once is not enough.
async fn end_sessions(cluster: &Cluster) -> Result<(), DemoError> {
    let admin = cluster.session("postgres").await?;
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE backend_type = 'client backend' AND client_addr IS NOT NULL";
    Ok(admin.batch_execute(end).await?)
}

async fn set_read_only(cluster: &Cluster, on: bool) -> Result<(), DemoError> {
    let admin = cluster.session("postgres").await?;
    let setting = if on {
        "ALTER SYSTEM SET default_transaction_read_only = on"
    } else {
        "ALTER SYSTEM RESET default_transaction_read_only"
    };
    admin.batch_execute(setting).await?;
    admin.batch_execute("SELECT pg_reload_conf()").await?;
    Ok(())
}

/// A report that forgot to end its transaction.
async fn lock(cluster: &Cluster) -> Result<Client, DemoError> {
    let client = cluster.session(DATABASE).await?;
    client
        .batch_execute(
            "SET application_name = 'nightly-report'; \
             BEGIN; LOCK TABLE stock_prices IN ACCESS EXCLUSIVE MODE",
        )
        .await?;
    Ok(client)
}
