//! Stories of the `systemd` probe: a private dbus-daemon, and on it a stand-in that speaks as systemd does.

mod common;
#[path = "../../supervise/tests/private_bus/mod.rs"]
mod private_bus;

use common::{again, deps, look, number, spec, text};
use domain::reading::{Observation, Reading, Value};
use private_bus::PrivateBus;
use std::time::Duration;
use tokio::time::timeout;
use zbus::{Connection, OwnedObjectPath, connection::Builder, fdo, interface};

const LONG: Duration = Duration::from_secs(60);
const UNIT_PATH: &str = "/org/freedesktop/systemd1/unit/mks_2dbackend_2eservice";
const NO_SUCH_PATH: &str = "/org/freedesktop/systemd1/unit/gone_2eservice";

impl PrivateBus {
    async fn connect(&self) -> Connection {
        let builder = Builder::address(self.address.as_str())
            .serve_at("/org/freedesktop/systemd1", Manager)
            .serve_at(UNIT_PATH, UnitPart { load_state: "loaded", ..UnitPart::default() })
            .serve_at(UNIT_PATH, ServicePart::default())
            .serve_at(NO_SUCH_PATH, UnitPart { load_state: "not-found", ..UnitPart::default() })
            .serve_at(NO_SUCH_PATH, ServicePart::default())
            .name("org.freedesktop.systemd1");
        builder.build().await.expect("the bus is there")
    }

    fn spec(&self, unit: &str) -> String {
        format!(
            "{{kind: systemd, service: mks-backend, unit: {unit}, bus: '{}', every: 1h}}",
            self.address
        )
    }
}

struct Manager;

#[interface(name = "org.freedesktop.systemd1.Manager")]
impl Manager {
    fn load_unit(&self, name: &str) -> fdo::Result<OwnedObjectPath> {
        let path = match name {
            "mks-backend.service" => UNIT_PATH,
            "gone.service" => NO_SUCH_PATH,
            _ => return Err(fdo::Error::InvalidArgs(format!("Unit name {name} is not valid."))),
        };
        OwnedObjectPath::try_from(path).map_err(|error| fdo::Error::Failed(error.to_string()))
    }

    fn subscribe(&self) {}
}

#[derive(Default)]
struct UnitPart {
    load_state: &'static str,
    active_state: &'static str,
    sub_state: &'static str,
    changed_at: u64,
}

#[interface(name = "org.freedesktop.systemd1.Unit")]
impl UnitPart {
    #[zbus(property)]
    fn load_state(&self) -> &str {
        self.load_state
    }
    #[zbus(property)]
    fn active_state(&self) -> &str {
        self.active_state
    }
    #[zbus(property)]
    fn sub_state(&self) -> &str {
        self.sub_state
    }
    #[zbus(property)]
    fn state_change_timestamp(&self) -> u64 {
        self.changed_at
    }
    #[zbus(property)]
    fn start_limit_burst(&self) -> u32 {
        3
    }
}

#[derive(Default)]
struct ServicePart {
    result: &'static str,
    restarts: u32,
    main_code: i32,
    main_status: i32,
    memory: u64,
}

#[interface(name = "org.freedesktop.systemd1.Service")]
impl ServicePart {
    #[zbus(property)]
    fn restart(&self) -> &str {
        "always"
    }
    #[zbus(property)]
    fn result(&self) -> &str {
        self.result
    }
    #[zbus(property, name = "NRestarts")]
    fn restarts(&self) -> u32 {
        self.restarts
    }
    #[zbus(property)]
    fn exec_main_code(&self) -> i32 {
        self.main_code
    }
    #[zbus(property)]
    fn exec_main_status(&self) -> i32 {
        self.main_status
    }
    #[zbus(property)]
    fn memory_current(&self) -> u64 {
        self.memory
    }
}

/// What the stand-in says of the unit from now on; `systemctl` would show the same.
async fn becomes(systemd: &Connection, unit: UnitPart, service: ServicePart) {
    let server = systemd.object_server();
    let ours = server.interface::<_, ServicePart>(UNIT_PATH).await.expect("served");
    *ours.get_mut().await = service;
    let ours = server.interface::<_, UnitPart>(UNIT_PATH).await.expect("served");
    *ours.get_mut().await = unit;
    ours.get().await.active_state_changed(ours.signal_emitter()).await.expect("the bus is there");
}

fn unit(active_state: &'static str, sub_state: &'static str) -> UnitPart {
    let an_hour_ago = jiff::Timestamp::now().as_microsecond() - 3_600_000_000;
    UnitPart { load_state: "loaded", active_state, sub_state, changed_at: an_hour_ago as u64 }
}

fn flag(seen: &Observation, name: &str) -> Option<bool> {
    match seen.readings.get(name).and_then(Reading::measured) {
        Some(Value::Flag(flag)) => Some(*flag),
        _ => None,
    }
}

fn why_failed(seen: &Observation) -> &str {
    match &seen.readings["active"] {
        Reading::Failed(why) => &why.en,
        other => panic!("it was measured: {other}"),
    }
}

#[tokio::test]
async fn a_crash_loop_wakes_the_probe_and_ends_as_start_limit_hit() {
    let Some(bus) = PrivateBus::start().await else { return };
    let systemd = bus.connect().await;
    let running = ServicePart { result: "success", memory: 64 << 20, ..ServicePart::default() };
    becomes(&systemd, unit("active", "running"), running).await;
    let mut probe = spec(&bus.spec("mks-backend")).make(&deps());
    let seen = again(&mut probe).await;
    assert_eq!((flag(&seen, "active"), text(&seen, "state").as_str()), (Some(true), "active"));
    assert_eq!(text(&seen, "sub_state"), "running");
    assert_eq!(flag(&seen, "start_limit_hit"), Some(false));
    assert_eq!((number(&seen, "restarts"), number(&seen, "memory_bytes")), (0.0, 67_108_864.0));
    assert!(number(&seen, "since_seconds") >= 3600.0);
    assert!(matches!(seen.readings["exit_status"], Reading::Unknown(_)), "it has not ended");

    // B27, C20: systemd gives up after three starts; its `Result` still names the crash.
    let crashed = ServicePart {
        result: "exit-code",
        restarts: 3,
        main_code: 1,
        main_status: 78,
        memory: u64::MAX,
    };
    becomes(&systemd, unit("failed", "failed"), crashed).await;
    timeout(LONG, probe.woken()).await.expect("the change wakes the probe");
    let seen = again(&mut probe).await;
    assert_eq!((flag(&seen, "active"), text(&seen, "state").as_str()), (Some(false), "failed"));
    assert_eq!(
        (flag(&seen, "start_limit_hit"), text(&seen, "result").as_str()),
        (Some(true), "exit-code")
    );
    assert_eq!((number(&seen, "restarts"), number(&seen, "exit_status")), (3.0, 78.0));
    assert_eq!(text(&seen, "exit"), "exit code 78");
    assert!(matches!(seen.readings["memory_bytes"], Reading::Unknown(_)), "no number is no zero");
    assert!(
        seen.detail
            .as_ref()
            .map(|said| said.en.as_str())
            .is_some_and(|why| why.contains("start limit hit")),
        "{seen:?}"
    );

    // Killed once, and the limit by its own name.
    let killed = ServicePart {
        result: "start-limit-hit",
        main_code: 2,
        main_status: 9,
        ..ServicePart::default()
    };
    becomes(&systemd, unit("failed", "failed"), killed).await;
    timeout(LONG, probe.woken()).await.expect("the change wakes the probe");
    let seen = again(&mut probe).await;
    assert_eq!(
        (flag(&seen, "start_limit_hit"), text(&seen, "exit").as_str()),
        (Some(true), "ended by signal 9")
    );
}

#[tokio::test]
async fn a_unit_that_failed_once_is_no_start_limit() {
    let Some(bus) = PrivateBus::start().await else { return };
    let systemd = bus.connect().await;
    let crashed =
        ServicePart { result: "exit-code", restarts: 1, main_code: 1, main_status: 1, memory: 0 };
    becomes(&systemd, unit("failed", "failed"), crashed).await;
    let seen = look(&bus.spec("mks-backend.service")).await;
    assert_eq!((flag(&seen, "active"), flag(&seen, "start_limit_hit")), (Some(false), Some(false)));
}

#[tokio::test]
async fn what_cannot_be_asked_is_failed_and_named() {
    let Some(mut bus) = PrivateBus::start().await else { return };
    let seen = look(&bus.spec("mks-backend")).await;
    assert!(why_failed(&seen).contains("does not answer for mks-backend.service"), "{seen:?}");

    let systemd = bus.connect().await;
    let seen = look(&bus.spec("gone")).await;
    assert!(why_failed(&seen).contains("systemd knows no unit gone.service"), "{seen:?}");
    let seen = look(&bus.spec("x.strange")).await;
    assert!(why_failed(&seen).contains("not valid"), "{seen:?}");

    becomes(&systemd, unit("active", "running"), ServicePart::default()).await;
    let mut probe = spec(&bus.spec("mks-backend")).make(&deps());
    assert_eq!(flag(&again(&mut probe).await, "active"), Some(true));
    bus.daemon.kill().await.expect("our own child");
    timeout(LONG, probe.woken()).await.expect("the end of the bus wakes the probe");
    let seen = again(&mut probe).await;
    assert!(why_failed(&seen).contains(&format!("the bus at {}", bus.address)), "{seen:?}");
}
