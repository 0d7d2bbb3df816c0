//! The role `mks-backend`: a second product's backend, with an honest health answer and a log that
//! can run away.

use crate::error::DemoError;
use crate::folder::Folder;
use crate::gate::{self, Gate};
use crate::host;
use crate::lifetime::{LOOK_EVERY, Lifetime};
use crate::log_file::{LogFile, reopen_on_hangup};
use crate::switches;
use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use jiff::Timestamp;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const FILL_LINE: &str = "worker: knowledge sync retry failed: upstream returned an empty document";
/// Lines written between two looks at the switch while the log runs away: about 64 MiB a second.
const FILL_BURST: usize = 30_000;

struct Mks {
    folder: Folder,
    log: Arc<LogFile>,
    errors: AtomicU64,
    requests: AtomicU64,
    seconds_ms: AtomicU64,
    cpu: host::Cpu,
}

/// Runs until told to end.
///
/// # Errors
/// [`DemoError`] when the port or the log is refused.
pub async fn run(folder: &Folder, port: u16, lifetime: &Lifetime) -> Result<(), DemoError> {
    let log = Arc::new(LogFile::open(&folder.mks_log())?);
    reopen_on_hangup(vec![Arc::clone(&log)]).map_err(|error| DemoError::Start {
        name: "mks-backend".into(),
        reason: format!("SIGHUP: {error}"),
    })?;
    let mks = Arc::new(Mks {
        folder: folder.clone(),
        log,
        errors: AtomicU64::new(0),
        requests: AtomicU64::new(0),
        seconds_ms: AtomicU64::new(0),
        cpu: host::Cpu::new(),
    });
    let router = Router::new()
        .route("/api/v1/health", get(health))
        .route("/metrics", get(metrics))
        .fallback(|| async { gate::not_found("no such address") })
        .layer(from_fn_with_state(Gate::new(lifetime.switches()), gate::pass))
        .layer(from_fn_with_state(Arc::clone(&mks), count))
        .with_state(Arc::clone(&mks));
    let listener = lifetime.listen(port).await?;
    mks.log("INFO", "app_v2: started");
    tokio::spawn(misbehave(Arc::clone(&mks), Arc::clone(lifetime.switches())));
    lifetime.serve(listener, router).await?;
    mks.log("INFO", "app_v2: stopped");
    Ok(())
}

impl Mks {
    fn log(&self, level: &str, message: &str) {
        if level == "ERROR" {
            self.errors.fetch_add(1, Ordering::Relaxed);
        }
        // A full disk must not take the service down.
        let _ = self.log.line(&format!("{} [{level}] {message}", Timestamp::now()));
    }
}

async fn health(State(mks): State<Arc<Mks>>) -> Response {
    let memory = host::memory();
    let disk = host::disk(&mks.folder.logs());
    Json(json!({
        "status": "healthy",
        "timestamp": Timestamp::now().to_string(),
        "version": "2.0.0",
        "environment": "development",
        "database": {"mode": "json", "healthy": true, "details": "file storage"},
        "storage_mode": "json",
        "system": {
            "cpu_percent": mks.cpu.percent(),
            "memory_percent": memory.map(|memory| memory.used_percent),
            "memory_available_mb": memory.map(|memory| memory.available_mib),
            "disk_percent": disk.map(|disk| disk.used_percent),
            "disk_free_gb": disk.map(|disk| disk.free_gib),
        },
    }))
    .into_response()
}

async fn count(State(mks): State<Arc<Mks>>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let response = next.run(request).await;
    mks.requests.fetch_add(1, Ordering::Relaxed);
    mks.seconds_ms.fetch_add(begun.elapsed().as_millis() as u64, Ordering::Relaxed);
    response
}

/// Prometheus text; what could not be measured is left out.
async fn metrics(State(mks): State<Arc<Mks>>) -> Response {
    let mut text = String::new();
    let mut add = |name: &str, kind: &str, help: &str, value: Option<f64>| {
        if let Some(value) = value {
            let family = format!("# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n");
            text.push_str(&family);
        }
    };
    let count = |counter: &AtomicU64| Some(counter.load(Ordering::Relaxed) as f64);
    let seconds = count(&mks.seconds_ms).map(|ms| ms / 1000.0);
    add("mks_http_requests_total", "counter", "Requests answered.", count(&mks.requests));
    add("mks_http_seconds_total", "counter", "Seconds spent on requests.", seconds);
    add("mks_errors_total", "counter", "Errors logged.", count(&mks.errors));
    let memory = host::memory().map(|memory| memory.used_percent);
    let disk = host::disk(&mks.folder.logs()).map(|disk| disk.used_percent);
    add("mks_system_cpu_usage_percent", "gauge", "CPU use of the host.", mks.cpu.percent());
    add("mks_system_memory_usage_percent", "gauge", "Memory use of the host.", memory);
    add("mks_system_disk_usage_percent", "gauge", "Use of the disk with the logs.", disk);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}

/// The faults that need no request: a burst of error lines, and a log that runs away.
async fn misbehave(mks: Arc<Mks>, switches: Arc<switches::Switches>) {
    let (mut owed, mut before) = (0.0, Instant::now());
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let elapsed = std::mem::replace(&mut before, Instant::now()).elapsed();
        let active = switches.now();
        let per_second = active.log_errors_per_second().unwrap_or(0);
        owed += f64::from(per_second) * elapsed.min(Duration::from_secs(1)).as_secs_f64();
        while owed >= 1.0 {
            owed -= 1.0;
            mks.log("ERROR", FILL_LINE);
        }
        if let Some(bytes) = active.fill_bytes() {
            let writer = Arc::clone(&mks);
            let filled = tokio::task::spawn_blocking(move || writer.fill(bytes)).await;
            // Done, or stopped by a full disk: either way it happens once.
            if !matches!(filled, Ok(Ok(false))) {
                let fault = "mks-backend:fill=1".parse();
                let _ = fault.map(|fault| switches::clear(&mks.folder, &fault));
            }
        }
    }
}

impl Mks {
    /// Writes a burst of lines; true when the open log file has reached the size.
    fn fill(&self, bytes: u64) -> std::io::Result<bool> {
        let block = vec![format!("{} [ERROR] {FILL_LINE}", Timestamp::now()); 100].join("\n");
        for _ in 0..FILL_BURST / 100 {
            let size = self.log.size()?;
            if size >= bytes {
                return Ok(true);
            }
            let room = usize::try_from(bytes - size).unwrap_or(usize::MAX);
            self.log.line(&block[..block.len().min(room.saturating_sub(1))])?;
        }
        Ok(false)
    }
}
