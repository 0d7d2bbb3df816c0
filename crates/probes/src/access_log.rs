//! Probe kind `access_log`: error rate and latency that visitors really had, in all, per instance and per route.

use crate::{
    access_file::{AccessFile, Tail},
    aside::{Aside, Blocking},
    client_address::Client,
    probe::{Kind, Probe, Seat, Settings},
    requests,
    route::{self, Route},
    subject::Subject,
};
use domain::{
    ids::ServiceName,
    reading::{Observation, Reading},
    said::Said,
};
use jiff::{SignedDuration, Timestamp};
use source::{Fields, Problems};
use std::{
    collections::{HashSet, VecDeque},
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

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
path: /var/log/nginx/access.log   # JSON lines, or combined, then: rt=$request_time us=$upstream_addr ust=$upstream_status xff=\"$http_x_forwarded_for\"
trusted_proxies: [127.0.0.1, 10.0.0.0/8]   # only they say in X-Forwarded-For who the client is
fields: {latency: request_time}   # names of JSON fields, where they are not the usual ones
window: 5m                        # for the error rate
latency_window: 3m
minimum_requests: 20              # below this the traffic says nothing
instances:
  \"127.0.0.1:8080\": api-1
  \"127.0.0.1:8081\": api-2
routes:                           # * stands for one part of the path, ** for any number
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
        (
            "distinct_clients",
            "異なるクライアントの数 (利用者数の推定)",
            "distinct clients: an estimate of how many users there are",
        ),
        ("requests_per_s", "1 秒あたりのリクエスト数", "requests per second"),
        (
            "writes_failed",
            "2xx でも 3xx でもない POST・PUT・PATCH・DELETE の数",
            "POST, PUT, PATCH and DELETE with neither 2xx nor 3xx",
        ),
        ("bytes_out", "返したバイト数", "bytes that went out"),
    ],
    parse,
};

#[derive(Clone, Debug)]
struct AccessLog {
    file: AccessFile,
    window: SignedDuration,
    latency_window: SignedDuration,
    minimum_requests: usize,
    /// Upstream addresses and the services behind them.
    instances: Vec<(String, ServiceName)>,
    /// Paths and the functions that they stand for.
    routes: Vec<(Route, ServiceName)>,
}

fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Arc<dyn Settings>> {
    let file = AccessFile::take(fields, problems);
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
        file: file?,
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
            tail: self.file.open(),
            requests: VecDeque::new(),
            parts: VecDeque::new(),
        };
        Aside::new(seat, "error_rate_percent", looking)
    }

    fn subject(&self) -> Subject {
        Subject::AccessLog(requests::AccessLog::new(self.file.clone()))
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
    tail: Tail,
    requests: VecDeque<Request>,
    /// One entry per upstream that was tried and per route that fits, with the index of its service:
    /// instances first, then routes.
    parts: VecDeque<(usize, Request)>,
}

/// What is kept of a request.
#[derive(Clone, Copy)]
struct Request {
    at: Timestamp,
    is_error: bool,
    is_failed_write: bool,
    bytes: u64,
    latency_ms: Option<f64>,
    client: u64,
}

impl Blocking for Looking {
    fn look(&mut self) -> Vec<Observation> {
        if let Err(why) = self.read() {
            let mut seen = vec![self.seat.failed("error_rate_percent", why.clone())];
            seen.extend(self.log.services().map(|name| Observation {
                service: name.clone(),
                ..self.seat.failed("error_rate_percent", why.clone())
            }));
            return seen;
        }
        let now = self.seat.now();
        self.forget(now);
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
    fn read(&mut self) -> Result<(), Said> {
        let (requests, parts) = (&mut self.requests, &mut self.parts);
        let (instances, routes) = (&self.log.instances, &self.log.routes);
        self.tail.read(|line, client| {
            let is_error = |status: u16| (500..600).contains(&status);
            let request = Request {
                at: line.at,
                is_error: is_error(line.status),
                is_failed_write: line.is_failed_write(),
                bytes: line.bytes.unwrap_or(0),
                latency_ms: line.latency_ms,
                client: hash(&client),
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
            if !routes.is_empty() {
                let path = route::parts(&line.path);
                let fitting =
                    (instances.len()..).zip(routes).filter(|(_, (route, _))| route.fits(&path));
                parts.extend(fitting.map(|(index, _)| (index, request)));
            }
            // A look may bring more than any window needs.
            if requests.len() > 2 * KEPT {
                requests.drain(..KEPT);
            }
            if parts.len() > 2 * KEPT {
                parts.drain(..KEPT);
            }
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
        let failed_writes = within(self.log.window).filter(|request| request.is_failed_write);
        let bytes: u64 = within(self.log.window).map(|request| request.bytes).sum();
        let window_s = self.log.window.as_secs_f64().max(1.0);
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
            0 if count >= minimum => {
                Reading::Unknown(Said::new("ログに rt= がありません", "the log has no rt="))
            }
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
            .with("distinct_clients", Reading::number(clients.len() as f64))
            .with("requests_per_s", Reading::number(count as f64 / window_s))
            .with("writes_failed", Reading::number(failed_writes.count() as f64))
            .with("bytes_out", Reading::number(bytes as f64))
            .because(Said::new(
                format!("リクエスト {count} 件中 {errors} 件が失敗"),
                format!("{errors} of {count} requests failed"),
            ))
    }
}

/// C6: below the minimum the log says nothing, and says so.
fn insufficient(count: usize, minimum: usize) -> Reading {
    Reading::Unknown(Said::new(
        format!("リクエストが足りません: {minimum} 件必要なところ {count} 件"),
        format!("insufficient traffic: {count} of {minimum}"),
    ))
}

fn hash(client: &Client<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    client.hash(&mut hasher);
    hasher.finish()
}
