//! Stories of `service.rolling_restart`: three instances behind a proxy, of which never all may be away.

mod world;

use axum::{Router, extract::State, http::StatusCode, routing::get};
use domain::{
    graph::{Graph, Kind, Service},
    ids::ServiceName,
    plan::{Outcome, Parameter},
    reading::{Observation, Reading},
};
use futures::{FutureExt, future::BoxFuture};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};
use supervise::{Status, SuperviseError, Supervisor};
use world::{Seen, World, seen, verb};

fn service(name: &str, kind: Kind, group: Option<&str>) -> Service {
    Service {
        name: name.into(),
        title: name.to_uppercase(),
        kind,
        system: "miraikakaku".into(),
        depends_on: Vec::new(),
        group: group.map(ServiceName::from),
        owner: None,
        attributes: [].into(),
    }
}

fn group() -> Vec<Service> {
    let members = ["api-1", "api-2", "api-3"].map(|name| service(name, Kind::Process, Some("api")));
    members.into_iter().chain([service("api", Kind::Group, None)]).collect()
}

/// Writes down whom it restarts, and makes them healthy or not.
#[derive(Default)]
struct Fake {
    restarted: Mutex<Vec<String>>,
    /// Those who come up again; all but these stay as they are.
    health: Option<Health>,
}

type Health = Arc<Mutex<BTreeMap<String, bool>>>;

impl Supervisor for Fake {
    fn knows(&self, service: &ServiceName) -> bool {
        service.as_str().starts_with("api-")
    }
    fn status<'a>(&'a self, _: &'a ServiceName) -> BoxFuture<'a, Result<Status, SuperviseError>> {
        async { Ok(Status::default()) }.boxed()
    }
    fn start<'a>(&'a self, _: &'a ServiceName) -> BoxFuture<'a, Result<(), SuperviseError>> {
        async { Ok(()) }.boxed()
    }
    fn stop<'a>(&'a self, _: &'a ServiceName) -> BoxFuture<'a, Result<(), SuperviseError>> {
        async { Ok(()) }.boxed()
    }
    fn restart<'a>(&'a self, name: &'a ServiceName) -> BoxFuture<'a, Result<(), SuperviseError>> {
        self.restarted.lock().expect("not poisoned").push(name.to_string());
        if let Some(health) = &self.health {
            health.lock().expect("not poisoned").insert(name.to_string(), true);
        }
        async { Ok(()) }.boxed()
    }
    fn reload<'a>(&'a self, _: &'a ServiceName) -> BoxFuture<'a, Result<(), SuperviseError>> {
        async { Ok(()) }.boxed()
    }
}

fn look(name: &str, is_up: bool) -> Observation {
    seen(name).with("up", Reading::flag(is_up)).because(if is_up { "HTTP 200" } else { "HTTP 503" })
}

/// A world whose instances are seen like this, the last look again and again.
fn world(looks: [(&str, &[bool]); 3]) -> (World, Arc<Fake>) {
    let mut probes = Seen::default();
    for (name, looks) in looks {
        let looks = looks.iter().map(|is_up| look(name, *is_up)).collect();
        probes = probes.with("http", name, looks);
    }
    let mut world = World::new().seeing(probes);
    world.graph = Graph::new(group()).expect("a graph");
    world.service = world.graph.get(&"api".into()).expect("there").clone();
    let fake = Arc::new(Fake::default());
    world.deps.supervisors.push(fake.clone());
    (world, fake)
}

fn restarted(fake: &Fake) -> Vec<String> {
    fake.restarted.lock().expect("not poisoned").clone()
}

// A42, C11: the sick one first, then the others one after the other, each after it was seen healthy.
#[tokio::test]
async fn instances_are_restarted_one_by_one_the_sick_one_first() {
    let (world, fake) =
        world([("api-1", &[true]), ("api-2", &[false, false, true]), ("api-3", &[true])]);
    let report = world.perform(&verb("service.rolling_restart")).await;
    assert_eq!(report.outcome, Outcome::Ok, "{}", report.output);
    assert_eq!(restarted(&fake), ["api-2", "api-1", "api-3"]);
    assert_eq!(report.captured["restarted"], "3");
    assert!(report.output.contains("api-2: HTTP 503\n"), "{}", report.output);
}

// A42: only the bad ones.
#[tokio::test]
async fn the_healthy_ones_can_be_left_alone() {
    let (world, fake) = world([("api-1", &[true]), ("api-2", &[false, true]), ("api-3", &[true])]);
    let report = world.perform(&verb("service.rolling_restart\nonly_unhealthy: true")).await;
    assert_eq!((report.outcome, restarted(&fake)), (Outcome::Ok, vec!["api-2".to_owned()]));
}

#[tokio::test]
async fn one_that_does_not_come_up_again_stops_the_rest() {
    let (world, fake) = world([("api-1", &[true]), ("api-2", &[false]), ("api-3", &[true])]);
    let report = world.perform(&verb("service.rolling_restart\nhealthy_within: 1s")).await;
    assert!(
        matches!(&report.outcome, Outcome::Failed(why) if why.en.contains("api-2: restarted, but not healthy in time: HTTP 503")),
        "{report:?}"
    );
    assert_eq!(restarted(&fake), ["api-2"]);
}

// Seen at the moment of its restart, not at the beginning.
#[tokio::test]
async fn the_last_healthy_one_is_left_running() {
    let (world, fake) =
        world([("api-1", &[true]), ("api-2", &[true, false]), ("api-3", &[true, false])]);
    let report = world.perform(&verb("service.rolling_restart\nservice: api")).await;
    assert!(
        matches!(&report.outcome, Outcome::Failed(why) if why.en.contains("api-1 is the last healthy")),
        "{report:?}"
    );
    assert_eq!(restarted(&fake), Vec::<String>::new());
}

#[tokio::test]
async fn nothing_begins_when_somebody_cannot_be_seen_or_restarted() {
    let (mut world, fake) = world([("api-1", &[true]), ("api-2", &[true]), ("api-3", &[true])]);
    world.deps.looks = Arc::new(Seen::default());
    let report = world.perform(&verb("service.rolling_restart")).await;
    assert!(
        matches!(&report.outcome, Outcome::Blocked(why) if why.en.contains("add `health:`")),
        "{report:?}"
    );
    world.deps.supervisors.clear();
    let report = world.perform(&verb("service.rolling_restart")).await;
    assert!(
        matches!(&report.outcome, Outcome::Blocked(why) if why.en.contains("no supervisor")),
        "{report:?}"
    );
    for target in ["api-9", "--help", "api;reboot"] {
        world
            .service
            .attributes
            .insert("target".into(), Parameter { kind: "const".into(), value: target.into() });
        let report = world.perform(&verb("service.rolling_restart\nservice: $HK_TARGET")).await;
        assert!(matches!(report.outcome, Outcome::Blocked(_)), "{target}: {report:?}");
    }
    assert_eq!(restarted(&fake), Vec::<String>::new());
}

// Where no probe looks, the instance's own address says it.
#[tokio::test]
async fn without_a_probe_the_health_address_is_asked() {
    let health: Health = Arc::default();
    let app = Router::new()
        .route(
            "/{name}",
            get(
                |State(health): State<Health>,
                 axum::extract::Path(name): axum::extract::Path<String>| async move {
                    let is_up = health
                        .lock()
                        .expect("not poisoned")
                        .get(&name)
                        .copied()
                        .unwrap_or(name != "api-2");
                    if is_up { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
                },
            ),
        )
        .with_state(health.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("bound");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, app).await });
    let mut world = World::new();
    let mut services = group();
    for service in &mut services {
        let url = format!("http://{address}/{}", service.name);
        service
            .attributes
            .insert("HEALTH_URL".into(), Parameter { kind: "const_url".into(), value: url });
    }
    world.graph = Graph::new(services).expect("a graph");
    world.service = world.graph.get(&"api-2".into()).expect("there").clone();
    let fake = Arc::new(Fake { health: Some(health), ..Fake::default() });
    world.deps.supervisors.push(fake.clone());
    let report = world.perform(&verb("service.rolling_restart")).await;
    assert_eq!(report.outcome, Outcome::Ok, "{}", report.output);
    assert_eq!(restarted(&fake), ["api-2", "api-1", "api-3"]);
    assert!(report.output.contains("api-2: HTTP 503"), "{}", report.output);
}
