//! Where a scenario plays: sets faults, looks through the API, waits, collects what was seen.

use super::{live::Ended, server::Server};
use crate::{
    client::Client,
    show::{Trouble, trouble},
};
use demo::{Fault, Platform, sinks::Delivery};
use domain::said::Said;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// The stage.
pub struct Stage<'a> {
    platform: &'a Platform,
    client: Result<Client, Trouble>,
    ended: Ended,
    /// What was in the journal and in the sinks before the scenario.
    since: Mark,
}

#[derive(Clone, Copy, Default)]
struct Mark {
    position: u64,
    deliveries: usize,
}

impl<'a> Stage<'a> {
    /// A stage over a running platform and server.
    pub fn new(platform: &'a Platform, server: &Server, ended: Ended) -> Self {
        Self { platform, client: server.client(), ended, since: Mark::default() }
    }

    fn client(&self) -> Result<&Client, Trouble> {
        self.client
            .as_ref()
            .map_err(|_| Trouble::unusable(Said::same("the server cannot be reached")))
    }

    /// Asks the server.
    pub fn get(&self, path: &str) -> Result<Value, Trouble> {
        self.client()?.get(path)
    }

    /// Acts as a person.
    pub fn post(&self, path: &str, body: Value) -> Result<Value, Trouble> {
        self.client()?.post(path, body)
    }

    /// Sets faults, given as text.
    pub fn set(&self, faults: &[&str]) -> Result<(), Trouble> {
        self.each(faults, |fault| self.platform.set(fault))
    }

    /// Takes faults back.
    pub fn clear(&self, faults: &[&str]) -> Result<(), Trouble> {
        self.each(faults, |fault| self.platform.clear(fault))
    }

    fn each(
        &self,
        faults: &[&str],
        act: impl Fn(&Fault) -> Result<(), demo::DemoError>,
    ) -> Result<(), Trouble> {
        for text in faults {
            let fault: Fault = text.parse().map_err(trouble)?;
            act(&fault).map_err(trouble)?;
        }
        Ok(())
    }

    /// From here on everything belongs to the next scenario.
    pub fn begin(&mut self) -> Result<(), Trouble> {
        self.since = Mark {
            position: self.end()?,
            deliveries: self.platform.deliveries().map_err(trouble)?.len(),
        };
        Ok(())
    }

    fn end(&self) -> Result<u64, Trouble> {
        let status = self.get("/api/v1/status")?;
        Ok(status["position"].as_u64().unwrap_or_default())
    }

    /// Everything that happened since the scenario began.
    pub fn timeline(&self) -> Result<Vec<Value>, Trouble> {
        let (mut after, mut all) = (self.since.position, Vec::new());
        loop {
            let Value::Array(more) =
                self.get(&format!("/api/v1/timeline?after={after}&limit=1000"))?
            else {
                return Ok(all);
            };
            match more.last().and_then(|entry| entry["position"].as_u64()) {
                Some(last) => after = last + 1,
                None => return Ok(all),
            }
            all.extend(more);
        }
    }

    /// What the sinks received since the scenario began.
    pub fn deliveries(&self) -> Result<Vec<Delivery>, Trouble> {
        let all = self.platform.deliveries().map_err(trouble)?;
        Ok(all.into_iter().skip(self.since.deliveries).collect())
    }

    /// Facts of one kind since the scenario began.
    pub fn facts(&self, kind: &str) -> Result<Vec<Value>, Trouble> {
        Ok(self.timeline()?.into_iter().filter(|entry| entry["kind"] == kind).collect())
    }

    /// Waits until something is so; false when the time is over.
    pub fn wait(
        &self,
        limit: Duration,
        mut is_so: impl FnMut(&Self) -> Result<bool, Trouble>,
    ) -> Result<bool, Trouble> {
        let deadline = Instant::now() + limit;
        loop {
            if is_so(self)? {
                return Ok(true);
            }
            if Instant::now() >= deadline || self.ended.is_set() {
                return Ok(false);
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// Waits until a fact of this kind has happened.
    pub fn wait_for(&self, limit: Duration, kind: &str) -> Result<bool, Trouble> {
        self.wait(limit, |stage| Ok(!stage.facts(kind)?.is_empty()))
    }

    /// Waits until no alert fires, no run is under way, and every incident has recovered.
    pub fn wait_until_calm(&mut self) -> Result<bool, Trouble> {
        self.wait(Duration::from_secs(240), |stage| {
            let status = stage.get("/api/v1/status")?;
            let open = ["incidents", "alerts", "runs", "notices_owed"]
                .iter()
                .any(|name| status[*name] != 0);
            Ok(!open)
        })
    }

    /// The incidents of the scenario, as the API shows them.
    pub fn incidents(&self) -> Result<Vec<Value>, Trouble> {
        let merged = self.facts("merged")?;
        let opened = self.facts("detected")?;
        let ids = opened.iter().map(|entry| entry["fact"]["id"].clone());
        let ids = ids.filter(|id| !merged.iter().any(|entry| entry["fact"]["incident"] == *id));
        ids.map(|id| self.get(&format!("/api/v1/incidents/{id}"))).collect()
    }

    /// The alerts of the scenario, as the API shows them.
    pub fn alerts(&self) -> Result<Vec<Value>, Trouble> {
        let fired = self.facts("alert_fired")?;
        fired
            .iter()
            .map(|entry| self.get(&format!("/api/v1/alerts/A{}", entry["fact"]["id"])))
            .collect()
    }

    /// A person writes down the cause and closes every incident that has recovered.
    pub fn close_all(&self, cause: &str) -> Result<(), Trouble> {
        for incident in self.incidents()? {
            if incident["times"]["closed"].is_null() {
                let id = &incident["id"];
                self.post(
                    &format!("/api/v1/incidents/{id}/close"),
                    json!({"technical": cause, "process": "", "human": ""}),
                )?;
            }
        }
        Ok(())
    }
}
