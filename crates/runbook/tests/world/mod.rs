//! A small world for the stories of performing: folders, one supervised service, and runbooks as text.
#![allow(dead_code, reason = "each story file uses its part of it")]

use domain::{
    command::StepReport,
    graph::{Kind, Service},
    ids::RunId,
    plan::{Parameter, Plan},
    said::Language,
};
use jiff::Timestamp;
use runbook::{Deps, Job, Performer};
use source::Problems;
use std::{
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};
use supervise::{Own, ServiceCommand, Supervisor};
use tempfile::TempDir;
use tokio::time::Instant;

/// What no test may leak.
pub const CANARY: &str = "zz-canary-password";

pub struct World {
    pub folder: TempDir,
    pub service: Service,
    pub deps: Deps,
    /// What `started` heard.
    pub started: Mutex<Vec<Option<String>>>,
}

impl World {
    /// A world without a supervisor.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let deps = Deps {
            run_folder: folder.path().join("runs"),
            evidence_folder: folder.path().join("evidence"),
            supervisors: Vec::new(),
            secrets: Arc::new(|| vec![CANARY.to_owned()]),
            log_sources: Vec::new(),
            reconnect: None,
            recorder: None,
            clock: Arc::new(|| "2025-09-26T10:15:00Z".parse::<Timestamp>().expect("a time")),
        };
        let service = Service {
            name: "api-1".into(),
            title: "API 1".into(),
            kind: Kind::Process,
            system: "miraikakaku".into(),
            depends_on: Vec::new(),
            group: None,
            owner: None,
            attributes: [].into(),
        };
        Self { folder, service, deps, started: Mutex::default() }
    }

    /// The same with the service supervised as this bash script.
    pub fn supervised(mut self, script: &str) -> Self {
        let argv = ["bash", "-c", script].map(String::from).to_vec();
        let mut command = ServiceCommand::new("api-1", argv, self.path("service.log"));
        command.env.insert("FOLDER".into(), self.folder.path().display().to_string());
        command.stop_timeout = Duration::from_secs(2);
        let own = Own::open(&self.path("state"), vec![command], Arc::clone(&self.deps.clock))
            .expect("opened");
        self.deps.supervisors.push(Arc::new(own));
        self
    }

    pub fn supervisor(&self) -> Arc<dyn Supervisor> {
        Arc::clone(&self.deps.supervisors[0])
    }

    pub fn attribute(mut self, name: &str, kind: &str, value: &str) -> Self {
        self.service
            .attributes
            .insert(name.into(), Parameter { kind: kind.into(), value: value.into() });
        self
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A runbook with this one fence under 対応.
    pub fn plan(&self, fence: &str) -> Plan {
        plan(fence)
    }

    /// Performs the step `a` of a runbook with this one fence.
    pub async fn perform(&self, fence: &str) -> StepReport {
        self.perform_within(fence, Duration::from_secs(120)).await
    }

    pub async fn perform_within(&self, fence: &str, limit: Duration) -> StepReport {
        let plan = plan(fence);
        let step = plan.step(&"a".into()).expect("the step");
        let performer = Performer::new(self.deps.clone());
        let job = Job {
            plan: &plan,
            step,
            service: &self.service,
            given: &Default::default(),
            approved_values: None,
            approved_digest: &step.digest,
            run: RunId(7),
            attempt: 1,
            incident: None,
            deadline: Instant::now() + limit,
        };
        let started = |identity| self.started.lock().expect("not poisoned").push(identity);
        performer.perform(job, started).await
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }
}

pub fn plan(fence: &str) -> Plan {
    let mut problems = Problems::new();
    let text = format!("---\nalert: a\n---\n# T\n## 対応\n{fence}\n");
    let plan = runbook::read("r.md", &text, &mut problems);
    assert_eq!(problems.render(Language::En), "");
    plan.expect("it loads")
}

/// Waits until something is so; a minute is far more than a loaded machine needs.
pub async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < deadline, "never came: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
