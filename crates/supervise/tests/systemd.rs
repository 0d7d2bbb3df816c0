//! Stories of the `systemd` supervisor: a private dbus-daemon, and on it a stand-in that speaks as systemd does.

mod private_bus;

use domain::ids::ServiceName;
use private_bus::PrivateBus;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use supervise::{Exit, Scopes, Supervisor, Target, bus::Bus, kinds};
use tokio::{process::Command, time::timeout};
use zbus::{
    Connection, OwnedObjectPath, OwnedVariant, connection::Builder, fdo, interface,
    object_server::SignalEmitter,
};

const LONG: Duration = Duration::from_secs(60);
const UNIT_PATH: &str = "/org/freedesktop/systemd1/unit/mks_2dbackend_2eservice";
const JOB_PATH: &str = "/org/freedesktop/systemd1/job/7";

impl PrivateBus {
    async fn connection(&self) -> Connection {
        let builder = Builder::address(self.address.as_str());
        builder.build().await.expect("the bus is there")
    }

    /// systemd, and what it was asked to do.
    async fn systemd(&self, result: &'static str) -> (Connection, Asked) {
        let asked = Asked::default();
        let impostor = self.connection().await;
        let manager = Manager { asked: asked.clone(), impostor, result };
        let builder = Builder::address(self.address.as_str())
            .serve_at("/org/freedesktop/systemd1", manager)
            .serve_at(UNIT_PATH, UnitPart { result })
            .serve_at(UNIT_PATH, ServicePart { result })
            .name("org.freedesktop.systemd1");
        (builder.build().await.expect("the bus is there"), asked)
    }

    fn supervisor(&self) -> Arc<dyn Supervisor> {
        let target = Target {
            service: name(),
            name: "mks-backend".into(),
            options: [("bus".to_owned(), self.address.clone())].into(),
        };
        (kinds::by_name("systemd").expect("the row").make)(target).expect("a supervisor")
    }
}

type Asked = Arc<Mutex<Vec<String>>>;

fn name() -> ServiceName {
    "mks".into()
}

struct Manager {
    asked: Asked,
    impostor: Connection,
    result: &'static str,
}

#[interface(name = "org.freedesktop.systemd1.Manager")]
impl Manager {
    fn load_unit(&self, name: &str) -> fdo::Result<OwnedObjectPath> {
        assert_eq!(name, "mks-backend.service");
        Ok(path(UNIT_PATH))
    }

    fn subscribe(&self) {}

    async fn start_unit(
        &self,
        unit: &str,
        mode: &str,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> fdo::Result<OwnedObjectPath> {
        self.job("start", unit, mode, &emitter).await
    }

    async fn restart_unit(
        &self,
        unit: &str,
        mode: &str,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> fdo::Result<OwnedObjectPath> {
        self.job("restart", unit, mode, &emitter).await
    }

    async fn start_transient_unit(
        &self,
        unit: &str,
        mode: &str,
        properties: Vec<(String, OwnedVariant)>,
        _aux: Vec<(String, Vec<(String, OwnedVariant)>)>,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> fdo::Result<OwnedObjectPath> {
        let pids = properties.into_iter().find(|(name, _)| name == "PIDs");
        let pids: Vec<u32> = pids.expect("a process").1.try_into().expect("numbers");
        self.job(&format!("scope of {}", pids.len()), unit, mode, &emitter).await
    }

    fn stop_unit(&self, unit: &str, _mode: &str) -> fdo::Result<OwnedObjectPath> {
        Err(fdo::Error::InteractiveAuthorizationRequired(format!("{unit}: who are you?")))
    }

    #[zbus(signal)]
    async fn job_removed(
        emitter: &SignalEmitter<'_>,
        id: u32,
        job: OwnedObjectPath,
        unit: &str,
        result: &str,
    ) -> zbus::Result<()>;
}

impl Manager {
    /// The job is over before its answer is read, another job before it, and somebody else tells a lie about it.
    async fn job(
        &self,
        verb: &str,
        unit: &str,
        mode: &str,
        emitter: &SignalEmitter<'_>,
    ) -> fdo::Result<OwnedObjectPath> {
        self.asked.lock().expect("no panic").push(format!("{verb} {unit} {mode}"));
        let lie = (7u32, path(JOB_PATH), unit, "done");
        self.impostor
            .emit_signal(
                None::<&str>,
                "/org/freedesktop/systemd1",
                "org.freedesktop.systemd1.Manager",
                "JobRemoved",
                &lie,
            )
            .await
            .expect("the bus is there");
        let other = path("/org/freedesktop/systemd1/job/6");
        Self::job_removed(emitter, 6, other, "other.service", "failed").await?;
        Self::job_removed(emitter, 7, path(JOB_PATH), unit, self.result).await?;
        Ok(path(JOB_PATH))
    }
}

fn path(text: &str) -> OwnedObjectPath {
    OwnedObjectPath::try_from(text).expect("a path")
}

struct UnitPart {
    result: &'static str,
}

#[interface(name = "org.freedesktop.systemd1.Unit")]
impl UnitPart {
    #[zbus(property)]
    fn load_state(&self) -> &str {
        "loaded"
    }
    #[zbus(property)]
    fn active_state(&self) -> &str {
        if self.result == "done" { "active" } else { "failed" }
    }
}

struct ServicePart {
    result: &'static str,
}

#[interface(name = "org.freedesktop.systemd1.Service")]
impl ServicePart {
    #[zbus(property)]
    fn result(&self) -> &str {
        // As systemd 252 does it: after a crash loop it names the crash, not the limit.
        if self.result == "done" { "success" } else { "exit-code" }
    }
    #[zbus(property)]
    fn restart(&self) -> &str {
        "always"
    }
    /// A process that surely lives.
    #[zbus(property, name = "MainPID")]
    fn main_pid(&self) -> u32 {
        std::process::id()
    }
    #[zbus(property, name = "NRestarts")]
    fn restarts(&self) -> u32 {
        2
    }
    #[zbus(property)]
    fn exec_main_code(&self) -> i32 {
        2
    }
    #[zbus(property)]
    fn exec_main_status(&self) -> i32 {
        9
    }
    #[zbus(property)]
    fn exec_main_start_timestamp(&self) -> u64 {
        1_700_000_000_000_000
    }
}

// B22: 対応 systemctl restart.
#[tokio::test]
async fn a_unit_is_restarted_and_its_job_waited_for() {
    let Some(bus) = PrivateBus::start().await else { return };
    let (_systemd, asked) = bus.systemd("done").await;
    let supervisor = bus.supervisor();
    timeout(LONG, supervisor.restart(&name())).await.expect("in time").expect("restarted");
    timeout(LONG, supervisor.start(&name())).await.expect("in time").expect("started");
    let asked = asked.lock().expect("no panic").clone();
    assert_eq!(asked, ["restart mks-backend.service replace", "start mks-backend.service replace"]);
    let status = supervisor.status(&name()).await.expect("known");
    assert_eq!(status.running.map(|identity| identity.pid), Some(std::process::id()));
    assert_eq!((status.restarts, status.last_exit), (2, Some(Exit::Signal(9))));
    assert_eq!(status.started_at.map(|at| at.as_second()), Some(1_700_000_000));
}

// B27, C20: a start limit is its own answer; a signal of somebody else is none.
#[tokio::test]
async fn a_job_that_failed_is_a_failure_whatever_others_say() {
    let Some(bus) = PrivateBus::start().await else { return };
    let (_systemd, _) = bus.systemd("failed").await;
    let supervisor = bus.supervisor();
    let error = timeout(LONG, supervisor.restart(&name())).await.expect("in time");
    let said = error.expect_err("it failed").to_string();
    assert!(said.contains("ended as `failed`") && said.contains("`exit-code`"), "{said}");
    assert!(said.contains("reset-failed mks-backend.service"), "{said}");
}

#[tokio::test]
async fn what_systemd_refuses_is_said_in_its_words() {
    let Some(bus) = PrivateBus::start().await else { return };
    let supervisor = bus.supervisor();
    let nobody = supervisor.restart(&name()).await.expect_err("no systemd").to_string();
    assert!(nobody.contains("RestartUnit of mks-backend.service on the bus at unix:"), "{nobody}");
    let (_systemd, _) = bus.systemd("done").await;
    let refused = supervisor.stop(&name()).await.expect_err("not allowed").to_string();
    assert!(refused.contains("who are you?"), "{refused}");
}

#[tokio::test]
async fn a_process_is_put_into_a_scope_and_a_refusal_is_not_asked_for_again_at_once() {
    let Some(bus) = PrivateBus::start().await else { return };
    let (systemd, asked) = bus.systemd("done").await;
    let scopes = Scopes::on(Bus::by_name(&bus.address).expect("an address"));
    scopes.adopt("hikeshi-RUN-1-go-1.scope", std::process::id()).await.expect("adopted");
    assert_eq!(*asked.lock().expect("no panic"), ["scope of 1 hikeshi-RUN-1-go-1.scope fail"]);
    drop(systemd);
    let refused = scopes.adopt("hikeshi-RUN-2-go-1.scope", std::process::id()).await;
    let refused = refused.expect_err("nobody is there");
    assert!(refused.en.contains("StartTransientUnit of hikeshi-RUN-2-go-1.scope"), "{refused}");
    let again = scopes.adopt("hikeshi-RUN-3-go-1.scope", std::process::id()).await;
    assert!(again.expect_err("not now").en.contains("a short while ago"));
}

/// The real one, where `HIKESHI_TEST_SYSTEMD` is the address of its bus.
#[tokio::test]
async fn the_real_systemd_gives_a_scope_that_ends_with_its_last_process() {
    let Ok(address) = std::env::var("HIKESHI_TEST_SYSTEMD") else {
        eprintln!("skipped: HIKESHI_TEST_SYSTEMD is no address of a bus with a systemd");
        return;
    };
    let scopes = Scopes::on(Bus::by_name(&address).expect("an address"));
    let mut child =
        Command::new("sleep").arg("600").kill_on_drop(true).spawn().expect("sleep is there");
    let pid = child.id().expect("it lives");
    let scope = format!("hikeshi-test-{pid}.scope");
    scopes.adopt(&scope, pid).await.expect("adopted");
    assert!(supervise::scope::is_in(&scope, pid), "the process is in its scope");
    child.kill().await.expect("ended");
}

/// The real one, where `HIKESHI_TEST_SYSTEMD` is the address of its bus and it has a unit `mks-backend.service` to play
/// with, which reloads: what the stand-in claims is true of it.
#[tokio::test]
async fn the_real_systemd_does_the_jobs_of_a_unit() {
    let Ok(address) = std::env::var("HIKESHI_TEST_SYSTEMD") else {
        eprintln!("skipped: HIKESHI_TEST_SYSTEMD is no address of a bus with a systemd");
        return;
    };
    let make = |unit: &str| {
        let options = [("bus".to_owned(), address.clone())].into();
        let target = Target { service: name(), name: unit.into(), options };
        (kinds::by_name("systemd").expect("the row").make)(target).expect("a supervisor")
    };
    let unit = make("mks-backend");
    unit.start(&name()).await.expect("started");
    let before = unit.status(&name()).await.expect("known").started_at;
    unit.restart(&name()).await.expect("restarted");
    let after = unit.status(&name()).await.expect("known").started_at;
    assert!(before.is_some() && after > before, "{before:?} {after:?}");
    unit.reload(&name()).await.expect("reloaded");
    unit.stop(&name()).await.expect("stopped");
    unit.stop(&name()).await.expect("stopped is stopped");
    // systemd forgets a unit that stands still, and with it how it ended.
    assert_eq!(unit.status(&name()).await.expect("known").running, None);
    let error = unit.reload(&name()).await.expect_err("it does not run").to_string();
    assert!(error.contains("ReloadUnit of mks-backend.service"), "{error}");
    unit.start(&name()).await.expect("started");
    let error = make("no-such-unit").restart(&name()).await.expect_err("unknown").to_string();
    assert!(error.contains("not found"), "{error}");
}
