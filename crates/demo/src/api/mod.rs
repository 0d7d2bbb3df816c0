//! The role `api`: one instance of the stock API.

mod metrics;
mod routes;
mod state;

use crate::error::DemoError;
use crate::folder::Folder;
use crate::gate::{self, Gate};
use crate::lifetime::{LOOK_EVERY, Lifetime};
use crate::log_file::{LogFile, reopen_on_hangup};
use crate::market::Market;
use crate::store::Store;
use crate::store::memory::Memory;
use crate::store::pool::Pool;
use crate::store::sql::Database;
use crate::switches::Switches;
use axum::Router;
use axum::middleware::from_fn_with_state;
use jiff::Zoned;
use metrics::Metrics;
use serde_json::json;
use state::Api;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_postgres::Config;

/// What an instance is started with.
#[derive(Debug)]
pub struct ApiOptions {
    /// The working folder.
    pub folder: Folder,
    /// Its name, `api-1` to `api-3`.
    pub name: String,
    /// Where it listens.
    pub port: u16,
    /// How to reach PostgreSQL; without it the data is in memory.
    pub database: Option<Config>,
    /// What the data in memory is made from.
    pub seed: u64,
}

/// Runs until told to end.
///
/// # Errors
/// [`DemoError`] when the port or a log is refused.
pub async fn run(options: ApiOptions, lifetime: &Lifetime) -> Result<(), DemoError> {
    let log = Arc::new(LogFile::open(&options.folder.api_log())?);
    let errors = Arc::new(LogFile::open(&options.folder.api_errors())?);
    reopen_on_hangup(vec![Arc::clone(&log), Arc::clone(&errors)]).map_err(|error| {
        DemoError::Start { name: options.name.clone(), reason: format!("SIGHUP: {error}") }
    })?;
    let switches = lifetime.switches();
    let store = match options.database {
        Some(config) => Store::Database(Box::new(Database::new(Pool::new(config, switches)))),
        None => Store::Memory(Memory::new(Market::synthetic(options.seed, Zoned::now().date()))),
    };
    let api = Arc::new(Api {
        name: options.name,
        store,
        gate: Gate::new(switches),
        log,
        errors,
        metrics: Metrics::new(),
    });
    let listener = lifetime.listen(options.port).await?;
    api.log("INFO", "started", json!({"port": options.port, "pid": std::process::id()}));
    tokio::spawn(log_errors(Arc::clone(&api), Arc::clone(switches)));
    lifetime.serve(listener, router(&api)).await?;
    api.log("INFO", "stopped", json!({"pid": std::process::id()}));
    Ok(())
}

fn router(api: &Arc<Api>) -> Router {
    routes::router()
        .layer(from_fn_with_state(api.gate.clone(), gate::pass))
        .layer(from_fn_with_state(Arc::clone(api), routes::count))
        .with_state(Arc::clone(api))
}

/// The burst of log errors: a price provider that refuses us, so many times a second.
async fn log_errors(api: Arc<Api>, switches: Arc<Switches>) {
    let mut owed = 0.0;
    let mut before = Instant::now();
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let elapsed = std::mem::replace(&mut before, Instant::now()).elapsed();
        let Some(per_second) = switches.now().log_errors_per_second() else {
            owed = 0.0;
            continue;
        };
        // A machine that slept owes a second's worth at most.
        owed += f64::from(per_second) * elapsed.min(Duration::from_secs(1)).as_secs_f64();
        while owed >= 1.0 {
            owed -= 1.0;
            let more = json!({"provider": "prices.example", "status": 429});
            api.log("ERROR", "price provider refused the request: 429 Too Many Requests", more);
        }
    }
}
