//! Supervisor `systemd`: jobs of one unit over D-Bus; each is waited for until systemd says how it ended.

use crate::{
    bus::{self, Bus, Properties, cut, manager},
    error::SuperviseError,
    identity::Identity,
    job,
    kind::{Kind, Target},
    supervisor::{Exit, Status, Supervisor},
};
use domain::{ids::ServiceName, said::Said};
use futures::{FutureExt, future::BoxFuture};
use jiff::Timestamp;
use std::{sync::Arc, time::Duration};
use tokio::{sync::Mutex, time::timeout};
use zbus::OwnedObjectPath;

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "systemd",
    summary: (
        "systemd のユニットを D-Bus で操作し、ジョブの結果まで見届ける",
        "works on a systemd unit over D-Bus and waits for the result of the job",
    ),
    example: "{systemd: mks-backend.service, bus: system}",
    options: &["bus"],
    make,
};

/// A unit may take its own `TimeoutStopSec` and `TimeoutStartSec`; this only ends what would never end.
const JOB_LIMIT: Duration = Duration::from_secs(10 * 60);
/// A question is answered at once, or something is wrong.
const ASK_LIMIT: Duration = Duration::from_secs(15);

struct Systemd {
    service: ServiceName,
    unit: String,
    bus: Bus,
    turn: Mutex<()>,
}

fn make(target: Target) -> Result<Arc<dyn Supervisor>, Said> {
    let unit = bus::unit_name(&target.plain_name(&['@', ':', '\\'])?);
    let bus = match target.options.get("bus") {
        None => Bus::default(),
        Some(text) => Bus::by_name(text).ok_or_else(|| {
            Said::new(
                format!("`bus` は system, session, unix:path=... のどれかです (`{text}` ではなく)"),
                format!("`bus` is system, session or unix:path=..., not `{text}`"),
            )
        })?,
    };
    Ok(Arc::new(Systemd { service: target.service, unit, bus, turn: Mutex::new(()) }))
}

impl Supervisor for Systemd {
    fn knows(&self, service: &ServiceName) -> bool {
        *service == self.service
    }

    fn status<'a>(&'a self, _: &'a ServiceName) -> BoxFuture<'a, Result<Status, SuperviseError>> {
        async { self.properties().await.map(|said| status(&said)).map_err(|why| self.refused(why)) }
            .boxed()
    }

    fn start<'a>(&'a self, _: &'a ServiceName) -> BoxFuture<'a, Result<(), SuperviseError>> {
        self.job("StartUnit").boxed()
    }

    fn stop<'a>(&'a self, _: &'a ServiceName) -> BoxFuture<'a, Result<(), SuperviseError>> {
        self.job("StopUnit").boxed()
    }

    fn restart<'a>(&'a self, _: &'a ServiceName) -> BoxFuture<'a, Result<(), SuperviseError>> {
        self.job("RestartUnit").boxed()
    }

    fn reload<'a>(&'a self, _: &'a ServiceName) -> BoxFuture<'a, Result<(), SuperviseError>> {
        self.job("ReloadUnit").boxed()
    }
}

impl Systemd {
    async fn job(&self, method: &str) -> Result<(), SuperviseError> {
        let _turn = self.turn.lock().await;
        let asked = (&self.unit, "replace");
        let result = timeout(JOB_LIMIT, job::run(&self.bus, method, &self.unit, &asked)).await;
        let result = result.unwrap_or_else(|_| {
            Err(Said::new(
                format!("{method} が時間内に終わりませんでした"),
                format!("{method} did not end in time"),
            ))
        });
        let result = result.map_err(|why| self.refused(why))?;
        if result == "done" {
            return Ok(());
        }
        let mut why = Said::new(
            format!("{} の {method} が `{}` で終わりました", self.unit, result.escape_debug()),
            format!("{method} of {} ended as `{}`", self.unit, result.escape_debug()),
        );
        // What systemd says of the unit tells more than the job does.
        if let Ok(said) = self.properties().await {
            let result = said.text("Result").filter(|result| result != "success");
            if let Some(result) = &result {
                why.ja += &format!("、ユニットの結果は `{}`", result.escape_debug());
                why.en += &format!(", the unit's result is `{}`", result.escape_debug());
            }
            if has_given_up(&said) {
                why.ja += &format!(
                    "。起動に失敗し続けたため systemd はもう起動しません。原因を調べてから `systemctl reset-failed {}` を実行してください",
                    self.unit
                );
                why.en += &format!(
                    "; systemd has given up after too many starts: find the cause, then `systemctl reset-failed {}`",
                    self.unit
                );
            }
        }
        Err(self.refused(why))
    }

    async fn properties(&self) -> Result<Properties, Said> {
        let asking = async {
            let connection = self.bus.connect().await?;
            let said = |error| {
                Said::new(
                    format!("systemd が {} について応答しません: {}", self.unit, cut(&error)),
                    format!("systemd does not answer for {}: {}", self.unit, cut(&error)),
                )
            };
            let answer = manager(&connection, "LoadUnit", &(&self.unit,)).await.map_err(said)?;
            let path: OwnedObjectPath = answer.body().deserialize().map_err(said)?;
            Properties::of(&connection, path.as_str(), &bus::interface(&self.unit)).await
        };
        let late = |_| {
            Said::new(
                format!("systemd が {ASK_LIMIT:?} 以内に応答しません"),
                format!("systemd gave no answer within {ASK_LIMIT:?}"),
            )
        };
        let said = timeout(ASK_LIMIT, asking).await.map_err(late)??;
        match said.text("LoadState").as_deref() {
            Some("not-found") => Err(Said::new(
                format!("systemd にユニット {} がありません。名前を確かめてください", self.unit),
                format!("systemd knows no unit {}; check its name", self.unit),
            )),
            _ => Ok(said),
        }
    }

    fn refused(&self, why: Said) -> SuperviseError {
        SuperviseError::Refused { service: self.service.clone(), supervisor: "systemd", why }
    }
}

/// Whether systemd starts the unit no more (C20). `Result` may keep the crash instead of the limit; but a unit that is to
/// be restarted and stands still in `failed` is one that systemd has given up.
fn has_given_up(said: &Properties) -> bool {
    let is_restarted = said.text("Restart").is_some_and(|policy| policy != "no");
    let is_failed = said.text("ActiveState").as_deref() == Some("failed");
    said.text("Result").as_deref() == Some("start-limit-hit") || (is_restarted && is_failed)
}

fn status(said: &Properties) -> Status {
    let number = |name| said.number(name);
    let micros = number("ExecMainStartTimestamp").filter(|micros| *micros > 0);
    let ended = number("ExecMainStatus").and_then(|status| i32::try_from(status).ok());
    Status {
        running: number("MainPID")
            .and_then(|pid| u32::try_from(pid).ok())
            .filter(|pid| *pid > 0)
            .and_then(Identity::of),
        started_at: micros
            .and_then(|micros| i64::try_from(micros).ok())
            .and_then(|micros| Timestamp::from_microsecond(micros).ok()),
        restarts: number("NRestarts").unwrap_or(0),
        // As waitid says it: 1 by itself, 2 and 3 by a signal.
        last_exit: match (number("ExecMainCode"), ended) {
            (Some(1), Some(code)) => Some(Exit::Code(code)),
            (Some(2 | 3), Some(signal)) => Some(Exit::Signal(signal)),
            _ => None,
        },
    }
}
