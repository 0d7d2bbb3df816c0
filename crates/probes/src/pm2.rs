//! Probe kind `pm2`: a process as pm2 lists it, with its restarts and how it ended last.

use crate::{
    outside::shown,
    probe::{Kind, Probe, Seat, Settings},
    program::Asked,
};
use domain::{
    reading::{Observation, Reading},
    said::Said,
};
use futures::future::BoxFuture;
use regex::Regex;
use serde_json::Value;
use source::{Fields, Problems};
use std::{
    io::SeekFrom,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock},
};
use supervise::pm2_list::processes_in;
use tokio::{
    fs::File,
    io::{AsyncReadExt, AsyncSeekExt},
    time::timeout,
};

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "pm2",
    summary: (
        "pm2 が管理するプロセスの状態・再起動回数・最後の終わり方を見る",
        "looks at a process that pm2 keeps: its state, its restarts, how it ended last",
    ),
    example: "\
kind: pm2
service: api-1
process: api-1              # its name in `pm2 list`
home: /srv/app/.pm2         # PM2_HOME; pm2's own default unless written
command: [pm2, jlist]       # in full (/usr/local/bin/pm2) when it is not in hikeshi's PATH
every: 10s
",
    readings: &[
        ("online", "すべてのインスタンスが動いているか", "whether all its instances are online"),
        (
            "status",
            "状態: online stopping stopped launching errored",
            "its status: online stopping stopped launching errored",
        ),
        ("cause", "動いていない原因: 状態か not_in_list", "why not: its status, or not_in_list"),
        ("restarts", "pm2 による再起動の回数", "restarts by pm2"),
        ("unstable_restarts", "起動直後に落ちた回数", "restarts soon after a start"),
        ("uptime_seconds", "起動からの秒数", "seconds since it started"),
        ("memory_bytes", "使用中のメモリー", "memory that it holds"),
        ("cpu_percent", "CPU 使用率 (1 コア = 100)", "CPU, 100 is one core"),
        (
            "pid",
            "プロセス番号 (インスタンスが一つのとき)",
            "its process id, when it is one instance",
        ),
        (
            "exit_signal",
            "最後に受けたシグナル (pm2.log に残っていれば)",
            "the signal that ended it last, when pm2.log has it",
        ),
    ],
    parse,
};

/// As much of the end of pm2's own log is searched for the last signal.
const LOG_BYTES: u64 = 64 << 10;

#[derive(Clone, Debug)]
struct Pm2 {
    process: String,
    program: Asked,
    log: Option<PathBuf>,
}

fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Arc<dyn Settings>> {
    let process = fields.required("process", problems).and_then(|node| node.text(problems));
    let home = fields.text("home", problems);
    let command = match fields.optional("command") {
        None => vec!["pm2".into(), "jlist".into()],
        Some(node) => {
            let command = node.texts(problems)?;
            if command.is_empty() {
                let message = Said::new(
                    "`command` には [pm2, jlist] のように書いてください",
                    "write `command` as [pm2, jlist]",
                );
                problems.add(&node.place, message);
            }
            command
        }
    };
    let folder = home
        .clone()
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".pm2")));
    let environment = home.map(|home| ("PM2_HOME", home)).into_iter().collect();
    Some(Arc::new(Pm2 {
        process: process?,
        program: Asked { command, environment },
        log: folder.map(|folder| folder.join("pm2.log")),
    }))
}

impl Settings for Pm2 {
    fn make(&self, seat: Seat) -> Box<dyn Probe> {
        Box::new(Looking { seat, target: self.clone() })
    }
}

struct Looking {
    seat: Seat,
    target: Pm2,
}

impl Probe for Looking {
    fn look(&mut self) -> BoxFuture<'_, Vec<Observation>> {
        Box::pin(async move {
            let limit = self.seat.timeout;
            let seen = match timeout(limit, self.run()).await {
                Ok(seen) => seen,
                Err(_) => Err(Said::new(
                    format!("pm2 が {limit:?} 以内に応答しません"),
                    format!("pm2 gave no answer within {limit:?}"),
                )),
            };
            vec![seen.unwrap_or_else(|why| self.seat.failed("online", why))]
        })
    }
}

impl Looking {
    async fn run(&self) -> Result<Observation, Said> {
        let printed = self.target.program.run().await?;
        let list = processes_in(&String::from_utf8_lossy(&printed)).ok_or_else(|| {
            Said::new(
                "pm2 がプロセスの一覧を出力しません。`command` は `pm2 jlist` にしてください",
                "pm2 printed no list of processes; `command` must be `pm2 jlist`",
            )
        })?;
        let name = &self.target.process;
        let ours: Vec<&Value> = list.iter().filter(|entry| entry["name"] == **name).collect();
        if ours.is_empty() {
            let seen = self.seat.observation().with("online", Reading::flag(false));
            return Ok(seen.with("cause", Reading::text("not_in_list")).because(Said::new(
                format!("pm2 にプロセス {name} がありません。他に {} 個あります", list.len()),
                format!("pm2 keeps no process {name}; it keeps {} others", list.len()),
            )));
        }
        let mut seen = self.observe(&ours);
        if let Some(signal) = self.last_signal().await {
            seen = seen.with("exit_signal", Reading::text(signal));
        }
        Ok(seen)
    }

    fn observe(&self, ours: &[&Value]) -> Observation {
        let status = |entry: &Value| entry["pm2_env"]["status"].as_str().map(shown);
        let statuses: Vec<String> =
            ours.iter().map(|entry| status(entry).unwrap_or_else(|| "unknown".into())).collect();
        let down = statuses.iter().find(|status| *status != "online");
        let restarts = sum(ours, |entry| entry["pm2_env"]["restart_time"].as_f64());
        let mut seen = self.seat.observation().with("online", Reading::flag(down.is_none()));
        if let Some(status) = down {
            seen = seen.with("cause", Reading::text(status));
        }
        let now_ms = self.seat.now().as_millisecond() as f64;
        let started_ms = ours.iter().filter_map(|entry| entry["pm2_env"]["pm_uptime"].as_f64());
        let uptime_seconds =
            started_ms.max_by(f64::total_cmp).map(|at_ms| (now_ms - at_ms).max(0.0) / 1000.0);
        let pid = ours[0]["pid"].as_f64().filter(|pid| ours.len() == 1 && *pid > 0.0);
        // What pm2 still lists of a process that does not run is from before.
        let living = |value: Option<f64>| if down.is_none() { value } else { None };
        let detail = format!("{}: {}", self.target.process, statuses.join(", "));
        seen.with("status", Reading::text(down.map_or("online", String::as_str)))
            .with("restarts", number(restarts))
            .with(
                "unstable_restarts",
                number(sum(ours, |entry| entry["pm2_env"]["unstable_restarts"].as_f64())),
            )
            .with("uptime_seconds", number(living(uptime_seconds)))
            .with(
                "memory_bytes",
                number(living(sum(ours, |entry| entry["monit"]["memory"].as_f64()))),
            )
            .with("cpu_percent", number(living(sum(ours, |entry| entry["monit"]["cpu"].as_f64()))))
            .with("pid", number(living(pid)))
            .because(shown(&detail))
    }

    /// pm2 writes the signal only into its own log; where it knows none, it writes SIGINT.
    async fn last_signal(&self) -> Option<String> {
        static EXIT: LazyLock<Regex> = LazyLock::new(|| {
            let pattern = r"App \[(.+?)(?::\d+)?\](?: with id \[\d+\] and pid \[\d+\],)? exited with code \[\d+\] via signal \[(\w+)\]";
            Regex::new(pattern).expect("a constant pattern")
        });
        let end = end_of(self.target.log.as_deref()?).await.ok()?;
        let exits = end.lines().rev().filter_map(|line| EXIT.captures(line));
        let last = exits.into_iter().find(|exit| exit[1] == self.target.process)?;
        Some(last[2].to_owned()).filter(|signal| signal != "SIGINT")
    }
}

fn sum(entries: &[&Value], number: impl Fn(&Value) -> Option<f64>) -> Option<f64> {
    entries.iter().map(|entry| number(entry)).sum()
}

fn number(value: Option<f64>) -> Reading {
    value.map_or_else(
        || Reading::Unknown("pm2 does not say it of this process now".into()),
        Reading::number,
    )
}

async fn end_of(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path).await?;
    let length = file.metadata().await?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(LOG_BYTES))).await?;
    let mut end = Vec::new();
    file.take(LOG_BYTES).read_to_end(&mut end).await?;
    Ok(String::from_utf8_lossy(&end).into_owned())
}
