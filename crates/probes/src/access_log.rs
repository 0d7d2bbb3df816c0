//! Probe kind `access_log`: error rate and latency that visitors really had, in all, per instance and per route.

use crate::{
    access_line::Reader,
    aside::{Aside, Blocking},
    follow::{Follower, Start},
    probe::{Kind, Probe, Seat, Settings},
};
use domain::{
    ids::ServiceName,
    reading::{Observation, Reading},
};
use jiff::{SignedDuration, Timestamp};
use source::{Fields, Problems};
use std::{
    collections::{HashSet, VecDeque},
    hash::{DefaultHasher, Hash, Hasher},
    path::PathBuf,
    sync::Arc,
};

/// How far back a start reads: enough for the window of a busy site, bounded for a huge file.
const BACK: u64 = 8 << 20;
/// More requests than this in a window are not kept; the oldest go first.
const KEPT: usize = 500_000;

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "access_log",
    summary: (
        "アクセスログから利用者が受けたエラー率と応答時間を見る (全体、インスタンスごと、経路ごと)",
        "looks at the error rate and latency that visitors had, in all, per instance and per route",
    ),
    example: "\
kind: access_log
service: proxy
path: /var/log/nginx/access.log   # combined, then: rt=$request_time us=$upstream_addr ust=$upstream_status
window: 5m                        # for the error rate
latency_window: 3m
minimum_requests: 20              # below this the traffic says nothing
instances:
  \"127.0.0.1:8080\": api-1
  \"127.0.0.1:8081\": api-2
routes:                           # a star stands for one part of the path
  /api/stocks/search: search
  /api/finance/stocks/*/predictions: prediction
every: 10s
",
    readings: &[
        ("error_rate_percent", "5xx の割合 (window 内)", "share of 5xx within the window"),
        ("requests", "window 内のリクエスト数", "requests within the window"),
        ("p50_ms", "応答時間の中央値 (latency_window 内)", "median latency within latency_window"),
        ("p95_ms", "応答時間の 95 パーセンタイル", "95th percentile"),
        ("p99_ms", "応答時間の 99 パーセンタイル", "99th percentile"),
        ("clients", "異なるクライアントの数", "distinct clients"),
    ],
    parse,
};

#[derive(Clone, Debug)]
struct AccessLog {
    path: PathBuf,
    window: SignedDuration,
    latency_window: SignedDuration,
    minimum_requests: usize,
    /// Upstream addresses and the services behind them.
    instances: Vec<(String, ServiceName)>,
    /// Paths and the functions that they stand for.
    routes: Vec<(Route, ServiceName)>,
}

/// A path, in parts; `*` stands for any one part.
#[derive(Clone, Debug)]
struct Route(Vec<String>);

impl Route {
    fn new(text: &str) -> Self {
        Self(text.split('/').map(str::to_owned).collect())
    }

    fn fits(&self, path: &str) -> bool {
        let mut parts = path.split('/');
        self.0.iter().all(|part| parts.next().is_some_and(|other| part == "*" || part == other))
            && parts.next().is_none()
    }
}

fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Arc<dyn Settings>> {
    let path = fields.required("path", problems).and_then(|node| node.text(problems));
    let window = fields.duration_or("window", SignedDuration::from_mins(5), problems);
    let latency_window =
        fields.duration_or("latency_window", SignedDuration::from_mins(3), problems);
    let minimum = fields.count_or("minimum_requests", 20, problems).max(1);
    let mut named = |key: &'static str| -> Vec<(String, ServiceName)> {
        let entries =
            fields.optional(key).and_then(|node| node.entries(problems)).unwrap_or_default();
        entries
            .iter()
            .filter_map(|(key, _, node)| Some((key.clone(), node.text(problems)?.into())))
            .collect()
    };
    let instances = named("instances");
    let routes =
        named("routes").into_iter().map(|(path, name)| (Route::new(&path), name)).collect();
    Some(Arc::new(AccessLog {
        path: path?.into(),
        window,
        latency_window,
        minimum_requests: usize::try_from(minimum).unwrap_or(usize::MAX),
        instances,
        routes,
    }))
}

impl Settings for AccessLog {
    fn make(&self, seat: Seat) -> Box<dyn Probe> {
        let looking = Looking {
            seat: seat.clone(),
            log: self.clone(),
            follower: None,
            reader: Reader::default(),
            requests: VecDeque::new(),
            parts: VecDeque::new(),
            read_lines: 0,
            strange_lines: 0,
        };
        Aside::new(seat, "error_rate_percent", looking)
    }
}

impl AccessLog {
    /// The services that get an observation of their own: instances, then routes.
    fn services(&self) -> impl Iterator<Item = &ServiceName> {
        self.instances.iter().map(|(_, name)| name).chain(self.routes.iter().map(|(_, name)| name))
    }
}

struct Looking {
    seat: Seat,
    log: AccessLog,
    follower: Option<Follower>,
    reader: Reader,
    requests: VecDeque<Request>,
    /// One entry per upstream that was tried and per route that fits, with the index of its service:
    /// instances first, then routes.
    parts: VecDeque<(usize, Request)>,
    /// Lines of the expected format, and others.
    read_lines: u64,
    strange_lines: u64,
}

/// What is kept of a request.
#[derive(Clone, Copy)]
struct Request {
    at: Timestamp,
    is_error: bool,
    latency_ms: Option<f64>,
    client: u64,
}

impl Blocking for Looking {
    fn look(&mut self) -> Vec<Observation> {
        if let Err(error) = self.read() {
            let why = format!("cannot read {}: {error}", self.log.path.display());
            let mut seen = vec![self.seat.failed("error_rate_percent", why.clone())];
            seen.extend(self.log.services().map(|name| Observation {
                service: name.clone(),
                ..self.seat.failed("error_rate_percent", why.clone())
            }));
            return seen;
        }
        let now = self.seat.now();
        self.forget(now);
        if self.read_lines == 0 && self.strange_lines > 0 {
            let why = format!(
                "no line of {} has the expected format (of {})",
                self.log.path.display(),
                self.strange_lines
            );
            return vec![self.seat.failed("error_rate_percent", why)];
        }
        let all: Vec<Request> = self.requests.iter().copied().collect();
        let mut seen = vec![self.observe(&self.seat.service, &all, now)];
        for (index, name) in self.log.services().enumerate() {
            let own: Vec<Request> =
                self.parts.iter().filter(|(i, _)| *i == index).map(|(_, part)| *part).collect();
            seen.push(self.observe(name, &own, now));
        }
        seen
    }
}

impl Looking {
    fn read(&mut self) -> std::io::Result<()> {
        let follower = match &mut self.follower {
            Some(follower) => follower,
            none => none.insert(Follower::begin(&self.log.path, None, Start::Back(BACK))?),
        };
        let (reader, requests, parts) = (&mut self.reader, &mut self.requests, &mut self.parts);
        let (instances, routes) = (&self.log.instances, &self.log.routes);
        let (read_lines, strange_lines) = (&mut self.read_lines, &mut self.strange_lines);
        follower.read(|text| {
            let Some(line) = reader.read(text) else {
                *strange_lines += u64::from(!text.trim().is_empty());
                return;
            };
            *read_lines += 1;
            let is_error = |status: u16| (500..600).contains(&status);
            let client = hash(line.client);
            let request = Request {
                at: line.at,
                is_error: is_error(line.status),
                latency_ms: line.latency_ms,
                client,
            };
            requests.push_back(request);
            let last = line.tries.len().saturating_sub(1);
            for (nth, (upstream, status)) in line.tries.iter().enumerate() {
                let Some(index) = instances.iter().position(|(address, _)| address == upstream)
                else {
                    continue;
                };
                // The time of the whole request belongs to the one who answered in the end.
                let latency_ms = line.latency_ms.filter(|_| nth == last);
                let is_error = status.is_none_or(is_error);
                parts.push_back((index, Request { is_error, latency_ms, ..request }));
            }
            let fitting =
                (instances.len()..).zip(routes).filter(|(_, (route, _))| route.fits(line.path));
            parts.extend(fitting.map(|(index, _)| (index, request)));
        })
    }

    /// Drops what no window reaches.
    fn forget(&mut self, now: Timestamp) {
        let longest = self.log.window.max(self.log.latency_window);
        let is_old = |at: Timestamp| now.duration_since(at) > longest;
        // A log is in the order of the ends of requests, so nearly by time; the windows sort out the rest.
        while self.requests.len() > KEPT
            || self.requests.front().is_some_and(|request| is_old(request.at))
        {
            self.requests.pop_front();
        }
        while self.parts.len() > KEPT
            || self.parts.front().is_some_and(|(_, request)| is_old(request.at))
        {
            self.parts.pop_front();
        }
    }

    fn observe(&self, service: &ServiceName, requests: &[Request], now: Timestamp) -> Observation {
        let within = |window: SignedDuration| {
            requests.iter().filter(move |r| now.duration_since(r.at) <= window)
        };
        let count = within(self.log.window).count();
        let errors = within(self.log.window).filter(|request| request.is_error).count();
        let clients: HashSet<u64> = within(self.log.window).map(|request| request.client).collect();
        let minimum = self.log.minimum_requests;
        let rate = if count < minimum {
            insufficient(count, minimum)
        } else {
            Reading::number(100.0 * errors as f64 / count as f64)
        };
        let mut times: Vec<f64> =
            within(self.log.latency_window).filter_map(|request| request.latency_ms).collect();
        times.sort_by(f64::total_cmp);
        let percentile = |percent: usize| match times.len() {
            0 if count >= minimum => Reading::Unknown("the log has no rt=".into()),
            few if few < minimum => insufficient(few, minimum),
            // Nearest rank: a time that somebody really had.
            all => Reading::number(times[(all * percent).div_ceil(100).max(1) - 1]),
        };
        Observation::new(self.seat.probe.as_str(), service.as_str(), now)
            .with("error_rate_percent", rate)
            .with("requests", Reading::number(count as f64))
            .with("p50_ms", percentile(50))
            .with("p95_ms", percentile(95))
            .with("p99_ms", percentile(99))
            .with("clients", Reading::number(clients.len() as f64))
            .because(format!("{errors} of {count} requests failed"))
    }
}

/// C6: below the minimum the log says nothing, and says so.
fn insufficient(count: usize, minimum: usize) -> Reading {
    Reading::Unknown(format!("insufficient traffic: {count} of {minimum}"))
}

fn hash(client: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    client.hash(&mut hasher);
    hasher.finish()
}
