//! Looks one time with every probe at once and changes nothing: what `hikeshi check` does.

use crate::{
    probe::{Deps, GRACE},
    spec::ProbeSpec,
};
use domain::{ids::ProbeName, reading::Observation, said::Said};
use futures::future::join_all;
use std::time::Duration;
use tokio::{task::JoinSet, time::timeout};

/// One look of every probe, in the order of the specs, ended by `overall` even when everything hangs. What
/// did not answer is an observation that says so. Log probes do not move on: nobody takes their lines.
pub async fn look_once(
    specs: Vec<ProbeSpec>,
    deps: &Deps,
    overall: Duration,
) -> Vec<(ProbeName, Vec<Observation>)> {
    // Aborts what still runs when this function ends.
    let mut tasks = JoinSet::new();
    let looks: Vec<_> = specs
        .into_iter()
        .map(|spec| {
            let (answer, answered) = tokio::sync::oneshot::channel();
            let (seat, leading) = (spec.seat(deps), spec.kind.leading_reading());
            let deps = deps.clone();
            tasks.spawn(async move {
                let seen = spec.make(&deps).look().await;
                // Nobody waits any more when the overall time is over.
                let _ = answer.send(seen);
            });
            async move {
                let limit = overall.min(seat.timeout + GRACE);
                match timeout(limit, answered).await {
                    Ok(Ok(seen)) => (seat.probe.clone(), seen),
                    Ok(Err(_)) => (
                        seat.probe.clone(),
                        vec![seat.failed(
                            leading,
                            Said::new("プローブが異常終了しました", "the probe broke"),
                        )],
                    ),
                    Err(_) => (
                        seat.probe.clone(),
                        vec![seat.failed(
                            leading,
                            Said::new(
                                format!("{limit:?} 以内に応答なし"),
                                format!("no answer within {limit:?}"),
                            ),
                        )],
                    ),
                }
            }
        })
        .collect();
    join_all(looks).await
}
