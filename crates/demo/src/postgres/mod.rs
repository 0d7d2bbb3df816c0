//! The role `database`: guards a private PostgreSQL and breaks it on request.

mod binaries;
mod cluster;
mod faults;
mod seed;

pub use binaries::find;
pub use cluster::USER;
pub use seed::DATABASE;

use crate::error::DemoError;
use crate::fault::FaultKind;
use crate::folder::Folder;
use crate::lifetime::{LOOK_EVERY, Lifetime, ready, say};
use crate::market::Market;
use cluster::Cluster;
use faults::Applied;
use jiff::Zoned;
use tokio::process::Child;

/// What the guard is started with.
pub struct DatabaseOptions {
    /// The working folder.
    pub folder: Folder,
    /// Where PostgreSQL listens.
    pub port: u16,
    /// The password of the role the services use.
    pub password: String,
    /// What the data is made from.
    pub seed: u64,
}

/// Whether the server runs.
enum Server {
    Up {
        child: Box<Child>,
        applied: Applied,
    },
    /// Stopped on request.
    Stopped,
    /// It went without being asked, and stays down until it is stopped and started by the switch.
    Crashed,
}

/// Runs until told to end; PostgreSQL ends with it.
///
/// # Errors
/// [`DemoError`] when PostgreSQL is missing or does not start.
pub async fn run(options: DatabaseOptions, lifetime: &Lifetime) -> Result<(), DemoError> {
    find()?;
    let seed = options.seed;
    let market = tokio::task::spawn_blocking(move || Market::synthetic(seed, Zoned::now().date()));
    say("progress PostgreSQL: making a private cluster");
    let cluster = Cluster::prepare(&options.folder, options.port).await?;
    let ran = guard(&options, &cluster, market, lifetime).await;
    cluster.clean_up();
    ran
}

async fn guard(
    options: &DatabaseOptions,
    cluster: &Cluster,
    market: tokio::task::JoinHandle<Market>,
    lifetime: &Lifetime,
) -> Result<(), DemoError> {
    let child = cluster.start().await?;
    prepare_data(cluster, market).await?;
    let mut applied = Applied::default();
    applied.converge(cluster, &options.password, &lifetime.switches().now()).await?;
    let mut server = Server::Up { child: Box::new(child), applied };
    ready();
    let ended = lifetime.ended();
    let mut ended = std::pin::pin!(ended);
    loop {
        tokio::select! {
            () = &mut ended => break,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        server = step(server, options, cluster, lifetime).await;
    }
    if let Server::Up { child, applied } = server {
        drop(applied);
        cluster.stop(*child).await;
    }
    Ok(())
}

/// One look at the server and at the switches.
async fn step(
    server: Server,
    options: &DatabaseOptions,
    cluster: &Cluster,
    lifetime: &Lifetime,
) -> Server {
    let wanted = lifetime.switches().now();
    let stop = wanted.has(FaultKind::Stop);
    match server {
        Server::Up { child, applied } if stop => {
            drop(applied);
            cluster.stop(*child).await;
            Server::Stopped
        }
        Server::Up { mut child, mut applied } => {
            if matches!(child.try_wait(), Ok(Some(_))) {
                eprintln!("PostgreSQL ended without being asked");
                return Server::Crashed;
            }
            if let Err(error) = applied.converge(cluster, &options.password, &wanted).await {
                eprintln!("a fault could not be switched, trying again: {error}");
            }
            Server::Up { child, applied }
        }
        Server::Stopped if stop => Server::Stopped,
        Server::Stopped => match cluster.start().await {
            Ok(child) => Server::Up { child: Box::new(child), applied: Applied::default() },
            Err(error) => {
                eprintln!("PostgreSQL does not start, trying again: {error}");
                Server::Stopped
            }
        },
        Server::Crashed if stop => Server::Stopped,
        Server::Crashed => Server::Crashed,
    }
}

async fn prepare_data(
    cluster: &Cluster,
    market: tokio::task::JoinHandle<Market>,
) -> Result<(), DemoError> {
    let admin = cluster.session("postgres").await?;
    let name = "SELECT 1 FROM pg_database WHERE datname = $1";
    if admin.query_opt(name, &[&DATABASE]).await?.is_none() {
        admin.batch_execute(&format!("CREATE DATABASE {DATABASE}")).await?;
    }
    let mut client = cluster.session(DATABASE).await?;
    if seed::is_seeded(&client).await? {
        return Ok(());
    }
    say("progress PostgreSQL: loading prices and forecasts");
    let market = market.await.map_err(|error| DemoError::Database(error.to_string()))?;
    seed::seed(&mut client, &market).await
}
