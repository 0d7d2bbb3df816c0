//! Supervisor `pm2`: the processes of one name in pm2's list, always addressed by their numbers.
//!
//! By name would not do: to pm2 `all` is everything, `/x/` a pattern, and behind `--` it takes names for arguments of
//! the program, restarts nothing, and says that all is well.

use crate::{
    error::SuperviseError,
    identity::Identity,
    kind::{Kind, Target},
    pm2_list::processes_in,
    program::{FOLDERS, Program, ProgramError},
    supervisor::{Exit, Status, Supervisor},
};
use domain::{ids::ServiceName, said::Said};
use futures::{FutureExt, future::BoxFuture};
use jiff::Timestamp;
use serde_json::Value;
use std::{path::Path, sync::Arc, time::Duration};
use tokio::{sync::Mutex, time::Instant};

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "pm2",
    summary: (
        "pm2 のプロセスを番号で操作し、結果を pm2 の一覧で確かめる",
        "works on processes of pm2 by their numbers and sees the result in pm2's list",
    ),
    example: "{pm2: api-1, home: /srv/app/.pm2, program: /usr/local/bin/pm2}",
    options: &["home", "program"],
    make,
};

/// pm2 waits for a process to end as long as its `kill_timeout` says, and starts the next after it.
const ACT_LIMIT: Duration = Duration::from_secs(120);
const ASK_LIMIT: Duration = Duration::from_secs(15);

struct Pm2 {
    service: ServiceName,
    process: String,
    program: String,
    home: Option<String>,
    turn: Mutex<()>,
}

/// A process as pm2 lists it.
struct Listed {
    id: u64,
    pid: u32,
    status: String,
    started_at: Option<Timestamp>,
    restarts: u64,
    exit_code: Option<i32>,
}

fn make(target: Target) -> Result<Arc<dyn Supervisor>, Said> {
    let option = |name: &str| target.options.get(name).cloned();
    for path in ["home", "program"].into_iter().filter_map(option) {
        if !path.starts_with('/') {
            return Err(Said::new(
                format!("`{path}` は絶対パスではありません"),
                format!("`{path}` is not an absolute path"),
            ));
        }
    }
    Ok(Arc::new(Pm2 {
        process: target.plain_name(&['@', ':'])?,
        program: option("program").unwrap_or_else(|| "pm2".into()),
        home: option("home"),
        service: target.service,
        turn: Mutex::new(()),
    }))
}

impl Supervisor for Pm2 {
    fn knows(&self, service: &ServiceName) -> bool {
        *service == self.service
    }

    fn status<'a>(&'a self, _: &'a ServiceName) -> BoxFuture<'a, Result<Status, SuperviseError>> {
        async {
            let all = self.list().await?;
            let running =
                all.iter().find(|one| one.is_online()).and_then(|one| Identity::of(one.pid));
            let last = all.iter().max_by_key(|one| one.started_at);
            Ok(Status {
                running,
                started_at: last.and_then(|one| one.started_at),
                restarts: all.iter().map(|one| one.restarts).sum(),
                last_exit: last.and_then(|one| one.exit_code).map(Exit::Code),
            })
        }
        .boxed()
    }

    fn start<'a>(&'a self, _: &'a ServiceName) -> BoxFuture<'a, Result<(), SuperviseError>> {
        // To pm2, starting what runs is a restart: only those that do not run are started.
        self.act("restart", |one| !one.is_online(), "online").boxed()
    }

    fn stop<'a>(&'a self, _: &'a ServiceName) -> BoxFuture<'a, Result<(), SuperviseError>> {
        self.act("stop", |_| true, "stopped").boxed()
    }

    fn restart<'a>(&'a self, _: &'a ServiceName) -> BoxFuture<'a, Result<(), SuperviseError>> {
        self.act("restart", |_| true, "online").boxed()
    }

    fn reload<'a>(&'a self, _: &'a ServiceName) -> BoxFuture<'a, Result<(), SuperviseError>> {
        self.act("reload", |_| true, "online").boxed()
    }
}

impl Pm2 {
    /// One after the other, so that instances of a cluster are not all away at once; then their state is looked at.
    async fn act(
        &self,
        verb: &str,
        which: fn(&Listed) -> bool,
        expected: &str,
    ) -> Result<(), SuperviseError> {
        let _turn = self.turn.lock().await;
        let deadline = Instant::now() + ACT_LIMIT;
        for one in self.list().await?.iter().filter(|one| which(one)) {
            let program = self.program()?.args([verb, &one.id.to_string()]);
            let ended = program.run(deadline).await.and_then(|output| output.success());
            ended.map_err(|error| self.broken(error))?;
        }
        match self.list().await?.iter().find(|one| one.status != expected) {
            None => Ok(()),
            Some(one) => {
                let (name, id, status) = (&self.process, one.id, one.status.escape_debug());
                Err(self.refused(Said::new(
                    format!(
                        "{verb} の後、{name} ({id}) の状態が {expected} ではなく `{status}` です"
                    ),
                    format!("after {verb}, {name} ({id}) is `{status}`, not {expected}"),
                )))
            }
        }
    }

    async fn list(&self) -> Result<Vec<Listed>, SuperviseError> {
        let program = self.program()?.args(["jlist"]);
        let output = program.run(Instant::now() + ASK_LIMIT).await;
        let printed =
            output.and_then(|output| output.success()).map_err(|error| self.broken(error))?;
        let all = processes_in(&String::from_utf8_lossy(&printed)).ok_or_else(|| {
            self.refused(Said::new(
                "`pm2 jlist` が一覧を出力しませんでした",
                "`pm2 jlist` printed no list",
            ))
        })?;
        let ours: Vec<_> =
            all.iter().filter(|one| one["name"] == *self.process).filter_map(listed).collect();
        if ours.is_empty() {
            return Err(self.refused(Said::new(
                format!("pm2 にプロセス {} がありません", self.process),
                format!("pm2 keeps no process {}", self.process),
            )));
        }
        Ok(ours)
    }

    fn program(&self) -> Result<Program, SuperviseError> {
        let program = Program::find(&self.program, FOLDERS.map(Path::new));
        let program = program.map_err(|error| self.broken(error))?;
        Ok(match &self.home {
            Some(home) => program.env("PM2_HOME", home),
            None => program,
        })
    }

    fn broken(&self, error: ProgramError) -> SuperviseError {
        SuperviseError::Program { service: self.service.clone(), error }
    }

    fn refused(&self, why: Said) -> SuperviseError {
        SuperviseError::Refused { service: self.service.clone(), supervisor: "pm2", why }
    }
}

impl Listed {
    fn is_online(&self) -> bool {
        self.status == "online"
    }
}

fn listed(one: &Value) -> Option<Listed> {
    let env = &one["pm2_env"];
    Some(Listed {
        id: one["pm_id"].as_u64()?,
        pid: one["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok()).unwrap_or(0),
        status: env["status"].as_str()?.to_owned(),
        started_at: env["pm_uptime"].as_i64().and_then(|ms| Timestamp::from_millisecond(ms).ok()),
        restarts: env["restart_time"].as_u64().unwrap_or(0),
        exit_code: env["exit_code"].as_i64().and_then(|code| i32::try_from(code).ok()),
    })
}
