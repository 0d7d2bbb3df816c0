//! Shows what happens as it happens, and waits for Ctrl-C.

use super::server::Server;
use crate::{
    client::Client,
    show::{self, Trouble, pick, plain, trouble},
};
use serde_json::Value;
use std::{
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

/// Whether Ctrl-C was pressed.
#[derive(Clone, Default)]
pub struct Ended(Arc<(Mutex<bool>, Condvar)>);

impl Ended {
    /// Whether it was.
    pub fn is_set(&self) -> bool {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for it.
    pub fn wait(&self) {
        let guard = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        let _guard =
            self.0.1.wait_while(guard, |set| !*set).unwrap_or_else(PoisonError::into_inner);
    }

    fn set(&self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.1.notify_all();
    }
}

/// From now on Ctrl-C ends the demo in order instead of at once.
pub fn until_ctrl_c() -> Result<Ended, Trouble> {
    let ended = Ended::default();
    let setter = ended.clone();
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(trouble)?;
    std::thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            runtime.block_on(crate::signals::ended());
            setter.set();
        })
        .map_err(trouble)?;
    Ok(ended)
}

/// Prints the timeline to stderr as it grows.
pub struct Live {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Live {
    /// Starts printing, unless nobody wants to read it.
    pub fn start(server: &Server, is_wanted: bool) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let client = server.client().ok().filter(|_| is_wanted);
        let flag = stop.clone();
        let thread = client.and_then(|client| {
            std::thread::Builder::new()
                .name("live".into())
                .spawn(move || follow(&client, &flag))
                .ok()
        });
        Self { stop, thread }
    }

    /// Prints what is left and ends.
    pub fn stop(mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn follow(client: &Client, stop: &AtomicBool) {
    let mut after = 0;
    loop {
        let is_last = stop.load(Ordering::Relaxed);
        let Ok(Value::Array(entries)) =
            client.get(&format!("/api/v1/timeline?after={after}&limit=500"))
        else {
            return;
        };
        for entry in &entries {
            after = entry["position"].as_u64().map_or(after, |position| position + 1);
            if is_telling(entry) {
                print(entry);
            }
        }
        if entries.is_empty() {
            if is_last {
                return;
            }
            std::thread::sleep(Duration::from_millis(150));
        }
    }
}

/// The moments that tell the story; the rest is in `incident show`.
fn is_telling(entry: &Value) -> bool {
    match entry["kind"].as_str().unwrap_or_default() {
        "step_settled" => entry["fact"]["step"] != "health" && entry["fact"]["step"] != "answers",
        "round_verified" => entry["fact"]["passed"] == true && entry["fact"]["passes"] == 1,
        "checked" => entry["fact"]["result"] != "unknown",
        kind => !matches!(
            kind,
            "started"
                | "alert_pending"
                | "alert_dropped"
                | "alert_joined"
                | "step_intended"
                | "step_started"
                | "notice_owed"
        ),
    }
}

fn print(entry: &Value) {
    let kind = entry["kind"].as_str().unwrap_or_default();
    let style = show::style_of(kind);
    let at = entry["at"].as_str().and_then(|at| at.parse::<jiff::Timestamp>().ok());
    let time = at
        .map(|at| at.to_zoned(jiff::tz::TimeZone::system()).strftime("%H:%M:%S%.3f").to_string())
        .unwrap_or_default();
    let text = plain(entry["text"][pick("ja", "en")].as_str().unwrap_or_default());
    anstream::eprintln!("  {time} {style}{kind:<16}{style:#} {text}");
}
