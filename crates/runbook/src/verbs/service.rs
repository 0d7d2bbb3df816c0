//! `service.restart`, `service.start`, `service.stop`, `service.reload` and `service.status`, through the supervisor of the service.

use crate::call::{Argument, Call, Done, Verb};
use domain::{
    ids::ServiceName,
    plan::{EffectKind, Outcome},
    said::Said,
};
use futures::{FutureExt, future::BoxFuture};
use std::sync::Arc;
use supervise::{Status, SuperviseError, Supervisor};
use tokio::time::timeout_at;

const SERVICE: &[Argument] = &[Argument { name: "service", kind: "service", bounds: None }];

/// Stops a service and starts it again.
pub const RESTART: Verb = Verb {
    name: "service.restart",
    summary: ("サービスを止めて、もう一度起動する", "stops the service and starts it again"),
    effect: EffectKind::Once,
    arguments: SERVICE,
    example: "```action {name=restart timeout=90s}\nservice.restart\nservice: $HK_SERVICE\n```",
    verify: Some("service.status"),
    undo: None,
    perform: |call| perform(call, Operation::Restart).boxed(),
};

/// Starts a service; fine when it runs.
pub const START: Verb = Verb {
    name: "service.start",
    summary: (
        "サービスを起動する (動いていれば何もしない)",
        "starts the service; does nothing when it runs",
    ),
    effect: EffectKind::Converge,
    arguments: SERVICE,
    example: "```action {name=start timeout=60s}\nservice.start\n```",
    verify: Some("service.status"),
    undo: Some("service.stop"),
    perform: |call| perform(call, Operation::Start).boxed(),
};

/// Stops a service.
pub const STOP: Verb = Verb {
    name: "service.stop",
    summary: ("サービスを止める", "stops the service"),
    effect: EffectKind::Once,
    arguments: SERVICE,
    example: "```action {name=stop timeout=60s}\nservice.stop\n```",
    verify: None,
    undo: Some("service.start"),
    perform: |call| perform(call, Operation::Stop).boxed(),
};

/// Asks a service to read its configuration again.
pub const RELOAD: Verb = Verb {
    name: "service.reload",
    summary: (
        "サービスを止めずに設定とログを開き直させる",
        "makes the service read its configuration and reopen its logs without stopping",
    ),
    effect: EffectKind::Converge,
    arguments: SERVICE,
    example: "```action {name=reload timeout=10s}\nservice.reload\n```",
    verify: Some("service.status"),
    undo: None,
    perform: |call| perform(call, Operation::Reload).boxed(),
};

/// Says whether a service runs.
pub const STATUS: Verb = Verb {
    name: "service.status",
    summary: (
        "サービスのプロセスが動いているかを調べる (動いていなければ失敗)",
        "says whether the service's process runs; fails when it does not",
    ),
    effect: EffectKind::Read,
    arguments: SERVICE,
    example: "```action {name=status timeout=10s}\nservice.status\n```",
    verify: None,
    undo: None,
    perform: |call| status(call).boxed(),
};

#[derive(Clone, Copy)]
enum Operation {
    Restart,
    Start,
    Stop,
    Reload,
}

impl Operation {
    fn run<'a>(
        self,
        supervisor: &'a dyn Supervisor,
        service: &'a ServiceName,
    ) -> BoxFuture<'a, Result<(), SuperviseError>> {
        match self {
            Self::Restart => supervisor.restart(service),
            Self::Start => supervisor.start(service),
            Self::Stop => supervisor.stop(service),
            Self::Reload => supervisor.reload(service),
        }
    }
}

async fn perform(call: Call<'_>, operation: Operation) -> Done {
    let service =
        call.argument("service").map_or_else(|| call.service.name.clone(), ServiceName::from);
    let supervisor = match call.supervisor(&service) {
        Ok(supervisor) => Arc::clone(supervisor),
        Err(why) => return Done::blocked(&why),
    };
    // A task of its own: a restart that was cut off between stop and start would leave the service down.
    let task = tokio::spawn(async move {
        let result = operation.run(supervisor.as_ref(), &service).await;
        (result, supervisor.status(&service).await)
    });
    match timeout_at(call.deadline, task).await {
        Ok(Ok((Ok(()), status))) => described(status),
        Ok(Ok((Err(error), _))) => Done::failed(error.said()),
        Ok(Err(error)) => Done::new(
            Outcome::Unknown(Said::new(
                format!("スーパーバイザーの処理が異常終了しました: {error}"),
                format!("the supervisor broke off: {error}"),
            )),
            "",
        ),
        Err(_) => Done::new(
            Outcome::Unknown(Said::new(
                "スーパーバイザーが制限時間内に応答しません",
                "the supervisor has not answered within the time limit",
            )),
            "",
        ),
    }
}

async fn status(call: Call<'_>) -> Done {
    let service =
        call.argument("service").map_or_else(|| call.service.name.clone(), ServiceName::from);
    let supervisor = match call.supervisor(&service) {
        Ok(supervisor) => supervisor,
        Err(why) => return Done::blocked(&why),
    };
    match timeout_at(call.deadline, supervisor.status(&service)).await {
        Ok(Ok(status)) if status.running.is_some() => described(Ok(status)),
        Ok(Ok(status)) => {
            let done = described(Ok(status));
            Done {
                outcome: Outcome::Failed(Said::new(
                    "プロセスが動いていません",
                    "the process does not run",
                )),
                ..done
            }
        }
        Ok(Err(error)) => Done::failed(error.said()),
        Err(_) => Done::failed("the supervisor has not answered within the time limit"),
    }
}

fn described(status: Result<Status, SuperviseError>) -> Done {
    let Ok(status) = status else { return Done::new(Outcome::Ok, "") };
    let running = status
        .running
        .map_or_else(|| "stopped".to_owned(), |identity| format!("running, {identity}"));
    let exit = status.last_exit.map_or_else(String::new, |exit| format!("; before: {exit}"));
    Done::new(Outcome::Ok, format!("{running}{exit}")).with("restarts", status.restarts)
}
