//! The life of one process: its pid file, its readiness, and the three ways to be told to end.

use crate::error::DemoError;
use crate::fault::FaultKind;
use crate::folder::Folder;
use crate::identity::PidFile;
use crate::switches::Switches;
use axum::Router;
use std::future::Future;
use std::io::ErrorKind::AddrInUse;
use std::io::{Read, Write};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// How long requests in flight may take once the process was told to end.
const DRAIN: Duration = Duration::from_secs(2);
/// How long a killed predecessor may hold the port until the system has cleaned up after it.
const PREDECESSOR: Duration = Duration::from_secs(2);
/// How often the switches are looked at where no request comes to ask.
pub const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A running process, from its pid file to the word that ends it.
#[derive(Debug)]
pub struct Lifetime {
    end: watch::Receiver<bool>,
    switches: Arc<Switches>,
    _pid_file: PidFile,
}

impl Lifetime {
    /// Begins: writes the pid file and listens for SIGTERM, SIGINT, the crash switch and, where
    /// `guarded`, for the end of standard input, which comes when the parent is gone however it
    /// went.
    ///
    /// # Errors
    /// [`DemoError`] when the pid file or the signals are refused, or the crash switch is on.
    pub async fn begin(folder: &Folder, name: &str, guarded: bool) -> Result<Lifetime, DemoError> {
        let switches = Arc::new(Switches::of(folder, name));
        let pid_file = PidFile::write(folder, name)?;
        let refused = |error: std::io::Error| DemoError::Start {
            name: name.to_owned(),
            reason: format!("cannot catch signals: {error}"),
        };
        let mut terminate = signal(SignalKind::terminate()).map_err(refused)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(refused)?;
        let (told, end) = watch::channel(false);
        let orphaned = told.clone();
        if guarded {
            std::thread::spawn(move || {
                let mut waste = [0; 64];
                while matches!(std::io::stdin().read(&mut waste), Ok(count) if count > 0) {}
                let _ = orphaned.send(true);
            });
        }
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            let _ = told.send(true);
        });
        crash_if_told(&switches);
        let watched = Arc::clone(&switches);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(LOOK_EVERY).await;
                crash_if_told(&watched);
            }
        });
        Ok(Lifetime { end, switches, _pid_file: pid_file })
    }

    /// The switches of this process.
    pub fn switches(&self) -> &Arc<Switches> {
        &self.switches
    }

    /// Comes back when the process is to end.
    pub fn ended(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut end = self.end.clone();
        async move {
            // An error means that nobody is left who could tell us.
            let _ = end.wait_for(|told| *told).await;
        }
    }

    /// Listens on 127.0.0.1, late where the slow-start switch says so.
    ///
    /// # Errors
    /// [`DemoError::Listen`] when the port is taken.
    pub async fn listen(&self, port: u16) -> Result<TcpListener, DemoError> {
        if let Some(ms) = self.switches.now().slow_start_ms() {
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(ms)) => {}
                () = self.ended() => {}
            }
        }
        let deadline = Instant::now() + PREDECESSOR;
        loop {
            match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
                Err(error) if error.kind() == AddrInUse && Instant::now() < deadline => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                bound => return bound.map_err(|source| DemoError::Listen { port, source }),
            }
        }
    }

    /// Serves until the process is to end, then lets requests in flight finish for two seconds.
    ///
    /// # Errors
    /// [`DemoError::Start`] when the listener breaks.
    pub async fn serve(&self, listener: TcpListener, router: Router) -> Result<(), DemoError> {
        ready();
        let server = axum::serve(listener, router).with_graceful_shutdown(self.ended());
        tokio::select! {
            served = async { server.await } => served.map_err(|error| DemoError::Start {
                name: "server".into(),
                reason: error.to_string(),
            }),
            () = async { self.ended().await; tokio::time::sleep(DRAIN).await } => Ok(()),
        }
    }
}

/// Tells whoever started this process that it is ready. Nothing may be printed afterwards: the
/// reader is gone.
pub fn ready() {
    say("ready");
}

/// One line for whoever started this process: `progress TEXT`, `failed TEXT` or `ready`.
pub fn say(line: &str) {
    let mut out = std::io::stdout();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// A bad configuration ends the process, whether it starts or already runs.
fn crash_if_told(switches: &Switches) {
    if switches.now().has(FaultKind::CrashLoop) {
        eprintln!("fatal: invalid configuration: DATABASE_URL is not a valid address");
        std::process::exit(1);
    }
}
