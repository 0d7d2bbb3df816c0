//! How fast every route answered within the last minutes, and how often it failed (A31).

use crate::cleaner::Cleaner;
use jiff::{SignedDuration, Timestamp};
use probes::requests::AccessLog;
use serde::Serialize;
use std::collections::HashMap;

/// Only what was asked within this time tells how things are.
const WINDOW: SignedDuration = SignedDuration::from_mins(15);
/// More routes than this are not routes; the rest is one.
const ROUTES: usize = 500;
/// So many are named, the slowest first.
const NAMED: usize = 50;
const OTHERS: &str = "(others)";

/// One route.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Endpoint {
    /// The probe that follows the access log.
    pub probe: String,
    /// The path with its numbers and ids as `*`.
    pub route: String,
    /// How often it was asked within the last 15 minutes.
    pub requests: usize,
    /// How often it answered 5xx.
    pub errors: usize,
    /// The share of these.
    pub error_rate_percent: f64,
    /// The median time; nothing when the log has no times.
    pub p50_ms: Option<f64>,
    /// The 95th percentile.
    pub p95_ms: Option<f64>,
    /// The 99th percentile.
    pub p99_ms: Option<f64>,
}

#[derive(Default)]
struct Tally {
    requests: usize,
    errors: usize,
    times_ms: Vec<f64>,
}

/// The routes of one access log, the slowest first. It reads from the disk.
pub(crate) fn endpoints(
    probe: &str,
    log: &AccessLog,
    now: Timestamp,
    cleaner: &Cleaner,
) -> Result<Vec<Endpoint>, String> {
    let mut routes: HashMap<String, Tally> = HashMap::new();
    log.read(|request| {
        if now.duration_since(request.at) > WINDOW {
            return;
        }
        let mut name = route(&request.path);
        if routes.len() >= ROUTES && !routes.contains_key(&name) {
            name = OTHERS.into();
        }
        let tally = routes.entry(name).or_default();
        tally.requests += 1;
        tally.errors += usize::from((500..600).contains(&request.status));
        tally.times_ms.extend(request.latency_ms);
    })
    .map_err(|why| why.en)?;
    let mut found: Vec<Endpoint> = routes
        .into_iter()
        .map(|(route, tally)| tally.endpoint(probe.to_owned(), cleaner.clean(&route)))
        .collect();
    let slowness = |endpoint: &Endpoint| endpoint.p95_ms.unwrap_or(-1.0);
    found.sort_by(|a, b| slowness(b).total_cmp(&slowness(a)).then_with(|| a.route.cmp(&b.route)));
    found.truncate(NAMED);
    Ok(found)
}

impl Tally {
    fn endpoint(mut self, probe: String, route: String) -> Endpoint {
        self.times_ms.sort_by(f64::total_cmp);
        // Nearest rank: a time that somebody really had.
        let percentile = |percent: usize| {
            let rank = (self.times_ms.len() * percent).div_ceil(100);
            self.times_ms.get(rank.checked_sub(1)?).copied()
        };
        Endpoint {
            probe,
            route,
            requests: self.requests,
            errors: self.errors,
            error_rate_percent: 100.0 * self.errors as f64 / self.requests.max(1) as f64,
            p50_ms: percentile(50),
            p95_ms: percentile(95),
            p99_ms: percentile(99),
        }
    }
}

/// The path with every part that is a number, an id or a code with a number as `*`.
fn route(path: &str) -> String {
    let part = |part: &str| {
        let is_version = part.len() <= 3 && part.starts_with('v');
        let has_digit = part.bytes().any(|byte| byte.is_ascii_digit());
        let is_long = part.len() > 40;
        if (has_digit && !is_version) || is_long { "*".to_owned() } else { part.to_owned() }
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_is_a_path_without_its_numbers() {
        for (path, expected) in [
            ("/api/finance/stocks/7203.T/predictions", "/api/finance/stocks/*/predictions"),
            ("/api/v1/users/42", "/api/v1/users/*"),
            ("/", "/"),
            ("/x/7f3b9c2d-11aa-4000-8000-000000000000", "/x/*"),
        ] {
            assert_eq!(route(path), expected);
        }
    }

    #[test]
    fn percentiles_are_times_that_somebody_had() {
        let times_ms = (1..=100).map(f64::from).collect();
        let tally = Tally { requests: 200, errors: 50, times_ms };
        let found = tally.endpoint("p".into(), "/".into());
        assert_eq!(
            (found.p50_ms, found.p95_ms, found.p99_ms),
            (Some(50.0), Some(95.0), Some(99.0))
        );
        assert_eq!(found.error_rate_percent, 25.0);
        let silent = Tally { requests: 1, ..Tally::default() }.endpoint("p".into(), "/".into());
        assert_eq!(silent.p95_ms, None, "a log without times has none");
    }
}
