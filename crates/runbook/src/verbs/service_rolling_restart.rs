//! `service.rolling_restart`: the instances of a group one after the other, each seen healthy before the next (A42, C11).

use crate::{
    call::{Argument, Call, Done, Verb, lines},
    health::Eyes,
};
use domain::{
    graph::{Kind, Service},
    ids::ServiceName,
    plan::{EffectKind, Outcome},
    said::Said,
};
use futures::{FutureExt, future::join_all};
use std::{sync::Arc, time::Duration};
use supervise::Supervisor;
use tokio::time::{Instant, sleep_until, timeout_at};

/// Restarts a group.
pub const VERB: Verb = Verb {
    name: "service.rolling_restart",
    summary: (
        "グループのインスタンスを、正常を確かめながら一つずつ再起動する (最後の正常な一つは止めない)",
        "restarts the instances of a group one by one, each seen healthy before the next, never the last healthy one",
    ),
    effect: EffectKind::Once,
    arguments: &[
        Argument { name: "service", kind: "service", bounds: None },
        Argument { name: "only_unhealthy", kind: "bool", bounds: None },
        Argument { name: "healthy_within", kind: "duration", bounds: Some((1, 600)) },
    ],
    example: "```action {name=roll timeout=10m}\nservice.rolling_restart\nservice: api\nhealthy_within: 60s\n```",
    verify: None,
    undo: None,
    perform: |call| async move { perform(&call).await.unwrap_or_else(|done| done) }.boxed(),
};

/// What starts needs a moment before it answers (C12).
const USUAL_PATIENCE: Duration = Duration::from_secs(60);
const BETWEEN_LOOKS: Duration = Duration::from_millis(250);

/// One instance, who restarts it and how it is looked at.
struct Instance<'a> {
    name: &'a ServiceName,
    supervisor: &'a Arc<dyn Supervisor>,
    eyes: Eyes<'a>,
}

async fn perform(call: &Call<'_>) -> Result<Done, Done> {
    let all = instances(call).map_err(|why| Done::blocked(&why))?;
    let healths = join_all(all.iter().map(|one| one.eyes.look(call))).await;
    let mut log = String::new();
    for (one, health) in all.iter().zip(&healths) {
        let said = health.as_ref().err().map_or("healthy", |why| why.en.as_str());
        log.push_str(&format!("{}: {said}\n", one.name));
    }
    let only_unhealthy = call.argument("only_unhealthy") == Some("true");
    // Those that do not serve have nothing to lose and come first.
    let mut order: Vec<_> = all.iter().zip(healths.iter().map(Result::is_ok)).collect();
    order.sort_by_key(|(_, is_healthy)| *is_healthy);
    let mut restarted = 0;
    for (one, is_healthy) in order {
        if is_healthy && only_unhealthy {
            continue;
        }
        if is_healthy && !is_another_healthy(call, &all, one.name).await {
            let why = Said::new(
                format!("{} は最後に残った正常なインスタンスのため、止めません", one.name),
                format!("{} is the last healthy instance; it is left running", one.name),
            );
            return Err(stopped(why, log, restarted));
        }
        if let Err(why) = one.restart(call).await {
            return Err(stopped(why.within(|why| format!("{}: {why}", one.name)), log, restarted));
        }
        restarted += 1;
        log.push_str(&format!("{}: restarted, healthy\n", one.name));
    }
    Ok(Done::new(Outcome::Ok, log).with("restarted", restarted))
}

/// Whether somebody else serves, at this moment: what was seen a minute ago may be over.
async fn is_another_healthy(call: &Call<'_>, all: &[Instance<'_>], name: &ServiceName) -> bool {
    let others = all.iter().filter(|other| other.name != name);
    join_all(others.map(|other| other.eyes.look(call))).await.iter().any(Result::is_ok)
}

/// The rest is left as it is: whatever hurt one would hurt the next.
fn stopped(why: Said, log: String, restarted: u32) -> Done {
    let output = format!("{log}{}\n", lines(&why));
    Done::new(Outcome::Failed(why), output).with("restarted", restarted)
}

/// The instances of the group that is named, or of the target's.
///
/// # Errors
/// There is no group, or one of its instances cannot be restarted or seen: then nothing is begun.
fn instances<'a>(call: &'a Call<'_>) -> Result<Vec<Instance<'a>>, Said> {
    let target = match call.argument("service").map(ServiceName::from) {
        None => call.service,
        Some(name) => call.graph.get(&name).ok_or_else(|| no_group(&name))?,
    };
    let group = call.graph.unit(&target.name);
    let is_group = call.graph.get(group).is_some_and(|service| service.kind == Kind::Group);
    let members: Vec<&Service> = call.graph.members(group).collect();
    if !is_group || members.is_empty() {
        return Err(no_group(&target.name));
    }
    let instance = |service: &'a Service| {
        let supervisor = call.supervisor(&service.name)?;
        Ok(Instance { name: &service.name, supervisor, eyes: Eyes::on(call, service)? })
    };
    members.into_iter().map(instance).collect()
}

fn no_group(name: &ServiceName) -> Said {
    Said::new(
        format!("`{name}` はインスタンスのあるグループではありません"),
        format!("`{name}` is no group with instances"),
    )
}

impl Instance<'_> {
    /// Restarts it and waits until it is healthy.
    async fn restart(&self, call: &Call<'_>) -> Result<(), Said> {
        let (supervisor, name) = (Arc::clone(self.supervisor), self.name.clone());
        // A task of its own: a restart that was cut off between stop and start would leave the service down.
        let task = tokio::spawn(async move { supervisor.restart(&name).await });
        match timeout_at(call.deadline, task).await {
            Ok(Ok(result)) => result.map_err(|error| error.said())?,
            Ok(Err(error)) => {
                return Err(Said::new(
                    format!("スーパーバイザーの処理が異常終了しました: {error}"),
                    format!("the supervisor broke off: {error}"),
                ));
            }
            Err(_) => {
                return Err(Said::new(
                    "スーパーバイザーが制限時間内に応答しません",
                    "the supervisor has not answered within the time limit",
                ));
            }
        }
        let patience = call.duration("healthy_within", USUAL_PATIENCE);
        let deadline = call.deadline.min(Instant::now() + patience);
        loop {
            let Err(why) = self.eyes.look(call).await else { return Ok(()) };
            let next = Instant::now() + BETWEEN_LOOKS;
            if next >= deadline {
                return Err(Said::new(
                    format!("再起動しましたが、時間内に正常になりませんでした: {}", why.ja),
                    format!("restarted, but not healthy in time: {}", why.en),
                ));
            }
            sleep_until(next).await;
        }
    }
}
