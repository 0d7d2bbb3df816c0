//! What an API instance counts, in the text format Prometheus reads.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::time::Duration;

/// The media type of what [`Metrics::text`] returns.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const BUCKETS_SECONDS: [f64; 9] = [0.005, 0.025, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0];

/// The counters of one instance.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<Labels, Counter>,
    seconds: Histogram,
    database_up: Gauge,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    method: String,
    route: String,
    status: u16,
}

impl Metrics {
    /// Counters at zero.
    pub fn new() -> Metrics {
        let requests: Family<Labels, Counter> = Family::default();
        let seconds = Histogram::new(BUCKETS_SECONDS);
        let database_up = Gauge::default();
        let mut registry = Registry::with_prefix("miraikakaku");
        registry.register("http_requests", "Requests answered", requests.clone());
        registry.register("http_request_duration_seconds", "Time to answer", seconds.clone());
        registry.register(
            "database_up",
            "Whether the last health check reached the data",
            database_up.clone(),
        );
        Metrics { registry, requests, seconds, database_up }
    }

    /// Counts a request by its route, never by its path: visitors may send any.
    pub fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        self.seconds.observe(took.as_secs_f64());
        let labels = Labels { method: method.to_owned(), route: route.to_owned(), status };
        self.requests.get_or_create(&labels).inc();
    }

    /// Remembers the result of a health check.
    pub fn saw_database(&self, up: bool) {
        self.database_up.set(up.into());
    }

    /// Everything as text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        match encode(&mut text, &self.registry) {
            Ok(()) => text,
            Err(error) => format!("# {error}\n"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_route_and_status() {
        let metrics = Metrics::new();
        metrics.answered("GET", "/api/stocks/{symbol}", 200, Duration::from_millis(3));
        metrics.answered("GET", "/api/stocks/{symbol}", 200, Duration::from_millis(7000));
        metrics.saw_database(true);
        let text = metrics.text();
        let counted = "miraikakaku_http_requests_total{method=\"GET\",\
                       route=\"/api/stocks/{symbol}\",status=\"200\"} 2";
        assert!(text.contains(counted), "{text}");
        assert!(text.contains("miraikakaku_http_request_duration_seconds_bucket{le=\"5.0\"} 1"));
        assert!(text.contains("miraikakaku_database_up 1"), "{text}");
    }
}
