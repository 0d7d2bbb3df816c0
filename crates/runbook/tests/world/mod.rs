//! A small world for the stories of performing: folders, one supervised service, and runbooks as text.
#![allow(dead_code, reason = "each story file uses its part of it")]

use domain::{
    command::StepReport,
    graph::{Graph, Kind, Service},
    ids::{RunId, ServiceName},
    plan::{Parameter, Plan},
    reading::Observation,
    said::Language,
};
use futures::{FutureExt, future::BoxFuture};
use jiff::Timestamp;
use runbook::{Deps, Job, Limits, Looks, Performer};
use secrets::Safe;
use source::Problems;
use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
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
    pub graph: Graph,
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
            safe: Safe::default(),
            log_sources: Vec::new(),
            recorder: None,
            scopes: None,
            looks: Arc::new(Seen::default()),
            limits: Limits::default(),
            state_folder: folder.path().join("verbs"),
            programs: vec![folder.path().join("bin")],
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
        Self { folder, service, graph: Graph::default(), deps, started: Mutex::default() }
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
            graph: &self.graph,
            approved_digest: &step.digest,
            run: RunId(7),
            by: &domain::ids::Actor::Hikeshi,
            attempt: 1,
            incident: None,
            deadline: Instant::now() + limit,
        };
        let started = |identity| self.started.lock().expect("not poisoned").push(identity);
        performer.perform(job, started).await
    }

    /// A stand-in for a program: it writes down its arguments, one line per call, and then does this in bash.
    pub fn program(self, name: &str, body: &str) -> Self {
        let here = self.folder.path().display();
        let text = format!(
            "#!/bin/bash\nHERE='{here}'\nline=$(printf '%s|' \"$@\"); echo \"$line\" >>\"$HERE/calls\"\n{body}\n"
        );
        fs::create_dir_all(self.path("bin")).expect("made");
        // Written by another process: as long as one of ours may hold it open for writing, it cannot be run.
        let mut install = Command::new("install")
            .args(["-m", "755", "/dev/stdin"])
            .arg(self.path("bin").join(name))
            .stdin(Stdio::piped())
            .spawn()
            .expect("install runs");
        let mut stdin = install.stdin.take().expect("a pipe");
        stdin.write_all(text.as_bytes()).expect("written");
        drop(stdin);
        assert!(install.wait().expect("it ends").success());
        self
    }

    /// What the stand-ins were told, with `|` behind every argument.
    pub fn calls(&self) -> Vec<String> {
        self.read("calls").lines().map(str::to_owned).collect()
    }

    /// The same with probes that answer these looks one after the other, the last again and again.
    pub fn seeing(mut self, looks: Seen) -> Self {
        self.deps.looks = Arc::new(looks);
        self
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }
}

type Answers = BTreeMap<(String, String), Vec<Observation>>;

/// Probes that say what a story wants them to see.
#[derive(Default)]
pub struct Seen(Mutex<Answers>);

impl Seen {
    /// A probe of this kind at this service sees these, one after the other, the last again and again.
    pub fn with(self, kind: &str, service: &str, looks: Vec<Observation>) -> Self {
        let key = (kind.to_owned(), service.to_owned());
        self.0.lock().expect("not poisoned").insert(key, looks);
        self
    }
}

/// What a probe sees.
pub fn seen(service: &str) -> Observation {
    Observation::new("probe", service, Timestamp::UNIX_EPOCH)
}

impl Looks for Seen {
    fn knows(&self, service: &ServiceName, kinds: &[&str]) -> bool {
        let answers = self.0.lock().expect("not poisoned");
        kinds.iter().any(|kind| answers.contains_key(&(kind.to_string(), service.to_string())))
    }

    fn look<'a>(
        &'a self,
        service: &'a ServiceName,
        kinds: &'a [&'a str],
    ) -> BoxFuture<'a, Vec<Observation>> {
        let mut answers = self.0.lock().expect("not poisoned");
        let next = |kind: &&str| {
            let looks = answers.get_mut(&(kind.to_string(), service.to_string()))?;
            Some(if looks.len() > 1 { looks.remove(0) } else { looks.first()?.clone() })
        };
        let seen = kinds.iter().filter_map(next).collect();
        async move { seen }.boxed()
    }
}

/// A fence with this call of a verb.
pub fn verb(text: &str) -> String {
    format!("```action {{name=a timeout=60s}}\n{text}\n```")
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
