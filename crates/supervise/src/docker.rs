//! Supervisor `docker`: one container, by its name.

use crate::{
    error::SuperviseError,
    identity::Identity,
    kind::{Kind, Target},
    program::{FOLDERS, Program, ProgramError},
    supervisor::{Exit, Status, Supervisor},
};
use domain::{ids::ServiceName, said::Said};
use futures::{FutureExt, future::BoxFuture};
use serde_json::Value;
use std::{path::Path, sync::Arc, time::Duration};
use tokio::{sync::Mutex, time::Instant};

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "docker",
    summary: (
        "Docker のコンテナを操作し、結果を inspect で確かめる",
        "works on a Docker container and sees the result with inspect",
    ),
    example: "{docker: mks-backend, program: /usr/bin/docker}",
    options: &["program"],
    make,
};

/// Docker itself waits ten seconds for a container to end, or as long as the container says.
const ACT_LIMIT: Duration = Duration::from_secs(120);
const ASK_LIMIT: Duration = Duration::from_secs(15);

struct Docker {
    service: ServiceName,
    container: String,
    program: String,
    turn: Mutex<()>,
}

fn make(target: Target) -> Result<Arc<dyn Supervisor>, Said> {
    Ok(Arc::new(Docker {
        container: target.plain_name(&[])?,
        program: target.options.get("program").cloned().unwrap_or_else(|| "docker".into()),
        service: target.service,
        turn: Mutex::new(()),
    }))
}

impl Supervisor for Docker {
    fn knows(&self, service: &ServiceName) -> bool {
        *service == self.service
    }

    fn status<'a>(&'a self, _: &'a ServiceName) -> BoxFuture<'a, Result<Status, SuperviseError>> {
        async { self.status_in(&self.inspect().await?) }.boxed()
    }

    fn start<'a>(&'a self, _: &'a ServiceName) -> BoxFuture<'a, Result<(), SuperviseError>> {
        self.act(&["start"], Some("running")).boxed()
    }

    fn stop<'a>(&'a self, _: &'a ServiceName) -> BoxFuture<'a, Result<(), SuperviseError>> {
        self.act(&["stop"], Some("exited")).boxed()
    }

    fn restart<'a>(&'a self, _: &'a ServiceName) -> BoxFuture<'a, Result<(), SuperviseError>> {
        self.act(&["restart"], Some("running")).boxed()
    }

    fn reload<'a>(&'a self, _: &'a ServiceName) -> BoxFuture<'a, Result<(), SuperviseError>> {
        self.act(&["kill", "--signal", "HUP"], None).boxed()
    }
}

impl Docker {
    /// Does it, then looks whether the container is as it should be.
    async fn act(&self, verb: &[&str], expected: Option<&str>) -> Result<(), SuperviseError> {
        let _turn = self.turn.lock().await;
        self.run(verb, ACT_LIMIT).await?;
        let Some(expected) = expected else { return Ok(()) };
        let said = self.inspect().await?;
        let status = said["State"]["Status"].as_str().unwrap_or_default();
        // A container that never ran is `created`; it does not run either.
        if status == expected || (expected == "exited" && status == "created") {
            return Ok(());
        }
        let (name, status) = (&self.container, status.escape_debug());
        Err(self.refused(Said::new(
            format!("{} の後、{name} の状態が {expected} ではなく `{status}` です", verb[0]),
            format!("after {}, {name} is `{status}`, not {expected}", verb[0]),
        )))
    }

    async fn inspect(&self) -> Result<Value, SuperviseError> {
        let printed = self.run(&["inspect", "--type", "container"], ASK_LIMIT).await?;
        let list: Option<Vec<Value>> = serde_json::from_slice(&printed).ok();
        list.and_then(|mut list| list.pop()).ok_or_else(|| {
            self.refused(Said::new(
                "`docker inspect` がコンテナを出力しませんでした",
                "`docker inspect` printed no container",
            ))
        })
    }

    fn status_in(&self, said: &Value) -> Result<Status, SuperviseError> {
        let state = &said["State"];
        let pid =
            state["Pid"].as_u64().and_then(|pid| u32::try_from(pid).ok()).filter(|pid| *pid > 0);
        let running = pid.and_then(Identity::of);
        if let (Some(true), Some(pid), None) = (state["Running"].as_bool(), pid, &running) {
            return Err(self.refused(Said::new(
                format!(
                    "{} は動いていますが、このマシンではありません: プロセス {pid} がありません",
                    self.container
                ),
                format!(
                    "{} runs, but not on this machine: there is no process {pid} here",
                    self.container
                ),
            )));
        }
        let code = state["ExitCode"].as_i64().and_then(|code| i32::try_from(code).ok());
        // A container that was never started has no end; Docker then writes the year 1.
        let started_at = state["StartedAt"].as_str().and_then(|at| at.parse().ok());
        Ok(Status {
            last_exit: code.filter(|_| running.is_none()).map(Exit::Code),
            running,
            started_at,
            restarts: said["RestartCount"].as_u64().unwrap_or(0),
        })
    }

    async fn run(&self, verb: &[&str], limit: Duration) -> Result<Vec<u8>, SuperviseError> {
        let program = Program::find(&self.program, FOLDERS.map(Path::new));
        let program = program.map_err(|error| self.broken(error))?;
        let program = program.args(verb.iter().copied()).operands([&self.container]);
        let output = program.run(Instant::now() + limit).await;
        output.and_then(|output| output.success()).map_err(|error| self.broken(error))
    }

    fn broken(&self, error: ProgramError) -> SuperviseError {
        SuperviseError::Program { service: self.service.clone(), error }
    }

    fn refused(&self, why: Said) -> SuperviseError {
        SuperviseError::Refused { service: self.service.clone(), supervisor: "docker", why }
    }
}
