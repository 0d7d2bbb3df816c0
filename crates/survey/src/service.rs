//! `diagnose service`: one service, how it runs, what it says, and what it needs (B21).

use crate::{
    cleaner::Cleaner,
    log_source::{self, LogSource},
    log_time,
    part::{self, PART_LIMIT, Part, Status},
    recent_lines,
    verdict::{Verdict, judge},
};
use domain::{
    ids::ServiceName,
    policy::Policy,
    reading::{Observation, Value},
};
use futures::future::join_all;
use jiff::{Timestamp, tz::TimeZone};
use probes::{Deps, ProbeSpec, Subject};
use serde::Serialize;
use std::{collections::VecDeque, fs, path::PathBuf, time::Duration};
use tokio::{net::TcpStream, time::Instant};

/// So many of the last log lines are shown.
const LINES: usize = 100;
/// How long a port may take to accept a connection.
const PORT_LIMIT: Duration = Duration::from_secs(5);
/// The kinds of probes that know how a service runs, the best first.
const KEEPERS: [&str; 3] = ["systemd", "pm2", "process"];

/// What was found.
#[derive(Clone, Debug, Serialize)]
pub struct ServiceState {
    /// Degraded when anything of it or of what it needs is not good, failed when nothing is.
    pub status: Status,
    /// The service.
    pub service: String,
    /// What people call it.
    pub title: String,
    /// When it was looked.
    pub at: Timestamp,
    /// Who keeps it running and what that one says; nothing when no probe asks.
    pub unit: Option<Unit>,
    /// Its process id.
    pub pid: Option<f64>,
    /// How often it was restarted.
    pub restarts: Option<f64>,
    /// How it ended last.
    pub exit: Option<String>,
    /// Memory that it holds.
    pub memory_bytes: Option<f64>,
    /// How long it has been in this state.
    pub since_seconds: Option<f64>,
    /// The ports that it should listen on.
    pub ports: Vec<Port>,
    /// What its probes see now.
    pub health: Vec<Look>,
    /// What it needs, and how that looks.
    pub needs: Vec<Look>,
    /// The last lines of its logs.
    pub log_tail: Vec<TailLine>,
    /// How the looking went.
    pub probes: Vec<Part>,
}

/// Who keeps a service running, and what that one says.
#[derive(Clone, Debug, Serialize)]
pub struct Unit {
    /// `systemd`, `pm2` or `process`.
    pub kind: &'static str,
    /// The probe.
    pub probe: String,
    /// Whether it runs.
    pub runs: Option<bool>,
    /// Its state in the keeper's words.
    pub state: Option<String>,
    /// The same for people.
    pub detail: String,
}

/// A port.
#[derive(Clone, Debug, Serialize)]
pub struct Port {
    /// `host:port`.
    pub address: String,
    /// Whether it accepts connections.
    pub ok: bool,
    /// How long that took.
    pub ms: f64,
    /// Why it does not.
    pub error: Option<String>,
}

/// What one probe sees of one service.
#[derive(Clone, Debug, Serialize)]
pub struct Look {
    /// The service.
    pub service: String,
    /// The probe.
    pub probe: String,
    /// What the rules say of this one look.
    pub status: Verdict,
    /// Why.
    pub reason: String,
}

/// One log line.
#[derive(Clone, Debug, Serialize)]
pub struct TailLine {
    /// When it was written; nothing when it does not say.
    pub at: Option<Timestamp>,
    /// Its level; nothing when it has none.
    pub level: Option<&'static str>,
    /// Its file.
    pub path: PathBuf,
    /// The line, without secrets.
    pub text: String,
}

/// What a look at a service needs.
pub struct ServiceAsked<'a> {
    /// The service.
    pub service: &'a ServiceName,
    /// All probes.
    pub specs: &'a [ProbeSpec],
    /// What probes need.
    pub deps: &'a Deps,
    /// The rules and the graph.
    pub policy: &'a Policy,
    /// Places of logs.
    pub sources: &'a [LogSource],
    /// The zone of times in logs that name none.
    pub zone: TimeZone,
    /// The time now.
    pub now: Timestamp,
}

/// Looks at a service and at what it needs.
pub async fn service(asked: &ServiceAsked<'_>, cleaner: &Cleaner) -> ServiceState {
    let ServiceAsked { service: name, specs, deps, policy, .. } = *asked;
    let needs: Vec<_> = policy.graph.needs_of(name).collect();
    let is_near = |spec: &&ProbeSpec| spec.service == *name || needs.contains(&&spec.service);
    let near: Vec<ProbeSpec> = specs.iter().filter(is_near).cloned().collect();
    let own: Vec<&ProbeSpec> = specs.iter().filter(|spec| spec.service == *name).collect();
    let looking = probes::look_once(near, deps, PART_LIMIT);
    let (looks, ports, (tail_part, tail)) =
        tokio::join!(looking, join_all(ports(&own).into_iter().map(knock)), tail(asked, cleaner));
    let looks = looks.into_iter().flat_map(|(_, seen)| seen);
    let looks: Vec<_> = looks.map(|seen| cleaner.observation(seen)).collect();
    let of = |wanted: &dyn Fn(&Observation) -> bool| {
        looks.iter().filter(|seen| wanted(seen)).map(|seen| look(policy, seen)).collect::<Vec<_>>()
    };
    let health = of(&|seen| seen.service == *name);
    let needs = of(&|seen| needs.contains(&&seen.service));
    let mut state = ServiceState {
        status: Status::Ok,
        service: name.to_string(),
        title: policy.graph.title(name).to_owned(),
        at: asked.now,
        unit: None,
        pid: None,
        restarts: None,
        exit: None,
        memory_bytes: None,
        since_seconds: None,
        ports,
        health,
        needs,
        log_tail: tail.unwrap_or_default(),
        probes: vec![tail_part],
    };
    match keeper(&own, &looks) {
        Some((kind, seen)) => state.kept_by(kind, seen),
        None => {
            let why = "no `systemd`, `pm2` or `process` probe looks at it";
            state.probes.push(Part::not_measured("unit", why));
        }
    }
    state.status = state.judged();
    state
}

impl ServiceState {
    fn kept_by(&mut self, kind: &'static str, seen: &Observation) {
        let number = |names: &[&str]| names.iter().find_map(|name| number(seen, name));
        let text = |names: &[&str]| names.iter().find_map(|name| text(seen, name));
        self.pid = number(&["pid"]);
        self.restarts = number(&["restarts"]);
        self.exit = text(&["exit", "exit_signal"])
            .or_else(|| number(&["exit_status"]).map(|code| format!("exit code {code}")));
        self.memory_bytes = number(&["memory_bytes", "rss_bytes"]);
        self.since_seconds = number(&["since_seconds", "uptime_seconds", "uptime_s"]);
        self.unit = Some(Unit {
            kind,
            probe: seen.probe.to_string(),
            runs: ["active", "online", "up"].iter().find_map(|name| flag(seen, name)),
            state: text(&["state", "status", "cause"]),
            detail: seen.detail.clone().unwrap_or_default().en,
        });
    }

    fn judged(&self) -> Status {
        let looks = self.health.iter().chain(&self.needs).map(|look| look.status == Verdict::Good);
        let ports = self.ports.iter().map(|port| port.ok);
        let parts = self.probes.iter().map(|part| part.error.is_none());
        let runs = self.unit.iter().filter_map(|unit| unit.runs);
        let (good, bad): (Vec<bool>, Vec<bool>) =
            looks.chain(ports).chain(parts).chain(runs).partition(|is_good| *is_good);
        match (good.is_empty(), bad.is_empty()) {
            (_, true) => Status::Ok,
            (false, false) => Status::Degraded,
            (true, false) => Status::Failed,
        }
    }
}

/// The look of the probe that knows best how the service runs.
fn keeper<'o>(
    own: &[&ProbeSpec],
    looks: &'o [Observation],
) -> Option<(&'static str, &'o Observation)> {
    KEEPERS.into_iter().find_map(|kind| {
        let spec = own.iter().find(|spec| spec.kind.name == kind)?;
        Some((kind, looks.iter().find(|seen| seen.probe == spec.name)?))
    })
}

fn look(policy: &Policy, seen: &Observation) -> Look {
    let (status, reason) = judge(policy, seen);
    let reason = reason.en;
    let (service, probe) = (seen.service.to_string(), seen.probe.to_string());
    Look { service, probe, status, reason: reason.trim().to_owned() }
}

fn ports(own: &[&ProbeSpec]) -> Vec<(String, u16)> {
    let mut ports = Vec::new();
    for spec in own {
        if let Subject::Port { host, port } = spec.settings.subject()
            && !ports.contains(&(host.clone(), port))
        {
            ports.push((host, port));
        }
    }
    ports
}

async fn knock((host, port): (String, u16)) -> Port {
    let begun = Instant::now();
    let connecting = tokio::time::timeout(PORT_LIMIT, TcpStream::connect((host.as_str(), port)));
    let error = match connecting.await {
        Ok(Ok(_)) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(_) => Some(format!("no answer within {PORT_LIMIT:?}")),
    };
    let ms = begun.elapsed().as_secs_f64() * 1000.0;
    Port { address: format!("{host}:{port}"), ok: error.is_none(), ms, error }
}

/// The last lines of its own logs together.
async fn tail(asked: &ServiceAsked<'_>, cleaner: &Cleaner) -> (Part, Option<Vec<TailLine>>) {
    let is_own = |source: &&LogSource| {
        !source.has_requests && source.service.as_ref() == Some(asked.service)
    };
    let sources: Vec<LogSource> = asked.sources.iter().filter(is_own).cloned().collect();
    if sources.is_empty() {
        return (Part::not_measured("log_tail", "no `log` probe looks at it"), None);
    }
    let (zone, now, cleaner) = (asked.zone.clone(), asked.now, cleaner.clone());
    let reading = part::aside(move || last_lines(&sources, &zone, now, &cleaner));
    part::within("log_tail", None, PART_LIMIT, reading).await
}

fn last_lines(
    sources: &[LogSource],
    zone: &TimeZone,
    now: Timestamp,
    cleaner: &Cleaner,
) -> Result<Vec<TailLine>, String> {
    let (mut all, mut problems) = (Vec::new(), Vec::new());
    for (_, file) in log_source::files(sources) {
        let lines = file.and_then(|path| {
            let cannot = |error| format!("{}: {error}", path.display());
            let written = fs::metadata(&path).and_then(|meta| meta.modified()).map_err(cannot)?;
            let written = Timestamp::try_from(written).unwrap_or(now);
            let mut last: VecDeque<String> = VecDeque::new();
            recent_lines::read(&path, None, |line| {
                if last.len() == LINES {
                    last.pop_front();
                }
                last.push_back(line.to_owned());
            })
            .map_err(cannot)?;
            // A line without a time belongs to the one above it; the first ones are as old as nothing tells.
            let mut placed = Timestamp::MIN;
            let has_times = last.iter().any(|line| log_time::of(line, zone, now).is_some());
            let line = |text: String| {
                let at = log_time::of(&text, zone, now);
                placed = at.unwrap_or(if has_times { placed } else { written });
                let level = probes::level::of(&text);
                (placed, TailLine { at, level, path: path.clone(), text: cleaner.clean(&text) })
            };
            Ok(last.into_iter().map(line).collect::<Vec<_>>())
        });
        match lines {
            Ok(lines) => all.extend(lines),
            Err(why) => problems.push(why),
        }
    }
    if all.is_empty() && !problems.is_empty() {
        return Err(problems.join("; "));
    }
    all.sort_by_key(|(placed, _)| *placed);
    let surplus = all.len().saturating_sub(LINES);
    Ok(all.split_off(surplus).into_iter().map(|(_, line)| line).collect())
}

fn number(seen: &Observation, name: &str) -> Option<f64> {
    match seen.readings.get(name)?.measured()? {
        Value::Number(number) => Some(*number),
        _ => None,
    }
}

fn text(seen: &Observation, name: &str) -> Option<String> {
    match seen.readings.get(name)?.measured()? {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    }
}

fn flag(seen: &Observation, name: &str) -> Option<bool> {
    match seen.readings.get(name)?.measured()? {
        Value::Flag(flag) => Some(*flag),
        _ => None,
    }
}
