//! Looks again and again: one task per probe, so that one that hangs delays no other.

use crate::{
    probe::{Deps, GRACE, Probe},
    spec::ProbeSpec,
};
use domain::{ids::ServiceName, reading::Observation, said::Said};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::{
    sync::{Notify, mpsc::UnboundedSender},
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval_at, timeout},
};

/// The first looks are spread over this time at most, and all later ones with them.
const SPREAD: Duration = Duration::from_secs(2);

/// Probes that are running. Dropping it stops them.
pub struct Schedule {
    wishes: BTreeMap<ServiceName, Vec<Arc<Notify>>>,
    // Held for its drop: the tasks end with it.
    _tasks: JoinSet<()>,
}

impl Schedule {
    /// Starts a task for every probe. Observations go to `sink`; when nobody receives them, the tasks end.
    /// Needs a running tokio.
    pub fn start(specs: Vec<ProbeSpec>, deps: &Deps, sink: UnboundedSender<Observation>) -> Self {
        let mut wishes: BTreeMap<ServiceName, Vec<Arc<Notify>>> = BTreeMap::new();
        let mut tasks = JoinSet::new();
        let count = u32::try_from(specs.len()).unwrap_or(u32::MAX).max(1);
        for (index, spec) in (0..).zip(specs) {
            let wish = Arc::new(Notify::new());
            wishes.entry(spec.service.clone()).or_default().push(wish.clone());
            let every = Duration::try_from(spec.every).unwrap_or(SPREAD);
            let first = Instant::now() + every.min(SPREAD) / count * index;
            tasks.spawn(run(spec, deps.clone(), first, every, wish, sink.clone()));
        }
        Self { wishes, _tasks: tasks }
    }

    /// Lets the probes of a service look at once; wishes that come while one of them looks become one look.
    pub fn look_now(&self, service: &ServiceName) {
        for wish in self.wishes.get(service).into_iter().flatten() {
            wish.notify_one();
        }
    }
}

async fn run(
    spec: ProbeSpec,
    deps: Deps,
    first: Instant,
    every: Duration,
    wish: Arc<Notify>,
    sink: UnboundedSender<Observation>,
) {
    let mut probe = spec.make(&deps);
    let mut ticks = interval_at(first, every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = wish.notified() => {}
            () = probe.woken() => {}
            () = sink.closed() => return,
        }
        let seen = look(probe.as_mut(), &spec, &deps).await;
        for observation in seen {
            if sink.send(observation).is_err() {
                return;
            }
        }
        probe.taken();
    }
}

/// One look, cut when it does not end by itself.
async fn look(probe: &mut dyn Probe, spec: &ProbeSpec, deps: &Deps) -> Vec<Observation> {
    let seat = spec.seat(deps);
    match timeout(seat.timeout + GRACE, probe.look()).await {
        Ok(seen) => seen,
        Err(_) => {
            vec![seat.failed(
                spec.kind.leading_reading(),
                Said::new(
                    format!("{:?} 以内に応答なし", seat.timeout),
                    format!("no answer within {:?}", seat.timeout),
                ),
            )]
        }
    }
}
