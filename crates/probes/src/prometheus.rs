//! Probe kind `prometheus`: scrapes a target's `/metrics` and reads chosen metrics from it (B30).

use crate::{
    answers::{self, Asking, Reader, reached},
    ask::{Answer, Request},
    exposition::samples,
    metrics_page::{BODY_LIMIT, FORMATS, MetricsPage},
    probe::{Kind, Probe, ReadingMeaning, Seat, Settings},
    reach::Wrong,
    selector::Selector,
    series::{Rate, Take, unknown_take},
    subject::Subject,
};
use domain::reading::{Observation, Reading};
use domain::said::Said;
use jiff::Timestamp;
use reqwest::header::ACCEPT;
use source::{Fields, Node, Problems, Secret, Shape};
use std::sync::Arc;

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "prometheus",
    summary: (
        "対象の /metrics (Prometheus のテキスト形式) を読み、選んだメトリクスを見る",
        "scrapes a target's /metrics (Prometheus text format) and looks at chosen metrics",
    ),
    example: "\
kind: prometheus
service: api-1
url: http://127.0.0.1:8080/metrics
metrics:
  in_flight: http_requests_in_flight{handler=\"/api\"}     # one series: its value
  errors_per_s:
    metric: http_requests_total{code=~\"5..\"}
    take: rate               # value, rate (per second), sum, max, min or count of the series
  workers:
    metric: worker_up
    labels: {pool: prices}
    take: sum
every: 15s
body_limit: 16MiB
",
    readings: READINGS,
    parse,
};

const READINGS: &[ReadingMeaning] = &[
    ("up", "/metrics が読めるか", "whether /metrics can be read"),
    ("latency_ms", "読み終わるまでの時間", "time to the last byte"),
    ("samples", "サンプルの数", "how many samples there are"),
    ("cause", "読めない原因 (http と同じ)", "why it cannot be read, as for http"),
];

/// What to make of the series that are selected.
#[derive(Clone, Debug)]
enum Way {
    Now(Take),
    Rate(Rate),
}

#[derive(Clone, Debug)]
struct Metric {
    reading: String,
    selector: Selector,
    way: Way,
}

#[derive(Debug)]
struct Scrape {
    request: Request,
    metrics: Vec<Metric>,
}

fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Arc<dyn Settings>> {
    let request = Request::parse_large(fields, BODY_LIMIT, problems);
    let written = answers::named(fields.optional("metrics"), READINGS, problems);
    let metrics =
        written.into_iter().filter_map(|(reading, node)| metric(reading, node, problems)).collect();
    Some(Arc::new(Scrape { request: request?.with_header(ACCEPT, FORMATS), metrics }))
}

/// `metric{...}` alone, or a mapping.
fn metric(reading: String, node: &Node, problems: &mut Problems) -> Option<Metric> {
    if matches!(node.shape, Shape::Scalar(_)) {
        let selector = Selector::parse(node, problems)?;
        return Some(Metric { reading, selector, way: Way::Now(Take::Only) });
    }
    let mut fields = Fields::open(node, problems)?;
    let selector =
        fields.required("metric", problems).and_then(|node| Selector::parse(node, problems));
    let mut labels = Vec::new();
    for (label, _, value) in
        fields.optional("labels").and_then(|node| node.entries(problems)).unwrap_or_default()
    {
        labels.extend(value.text(problems).map(|value| (label.clone(), value)));
    }
    let way =
        fields.optional("take").map_or(Some(Way::Now(Take::Only)), |node| way(node, problems));
    fields.finish(problems);
    Some(Metric { reading, selector: selector?.and(labels), way: way? })
}

fn way(node: &Node, problems: &mut Problems) -> Option<Way> {
    let text = node.text(problems)?;
    match (text.as_str(), Take::by_name(&text)) {
        ("rate", _) => Some(Way::Rate(Rate::default())),
        ("value", _) => Some(Way::Now(Take::Only)),
        (_, Some(take)) if take != Take::Only => Some(Way::Now(take)),
        _ => {
            unknown_take(node, "value, rate, sum, max, min, count", &text, problems);
            None
        }
    }
}

impl Settings for Scrape {
    fn make(&self, seat: Seat) -> Box<dyn Probe> {
        let reader = Scraping { metrics: self.metrics.clone() };
        Asking::new(seat, "up", self.request.clone(), reader)
    }

    fn own_readings(&self) -> Vec<String> {
        self.metrics.iter().map(|metric| metric.reading.clone()).collect()
    }

    fn secrets(&self) -> Vec<Secret> {
        self.request.secrets()
    }

    fn subject(&self) -> Subject {
        Subject::Metrics(MetricsPage::new(self.request.clone()))
    }
}

struct Scraping {
    metrics: Vec<Metric>,
}

impl Reader for Scraping {
    fn read(&mut self, seat: &Seat, answer: &Answer) -> Observation {
        if answer.wrong.is_some() {
            return self.unread(reached(seat, answer));
        }
        match self.select(&answer.body) {
            Ok((count, found)) => self.observe(seat, answer, count, found),
            Err(why) => {
                let wrong = Some(Wrong::new("garbage", why));
                self.unread(reached(seat, &Answer { wrong, ..answer.clone() }))
            }
        }
    }
}

/// The series of one metric by their labels.
type Found = Vec<(String, f64)>;

impl Scraping {
    /// How many samples there are, and those of every metric.
    fn select(&self, body: &[u8]) -> Result<(usize, Vec<Found>), Said> {
        let text = str::from_utf8(body)
            .map_err(|_| Said::new("本文が UTF-8 ではありません", "the body is not UTF-8"))?;
        let mut found = vec![Found::new(); self.metrics.len()];
        let mut count = 0;
        for sample in samples(text) {
            let sample = sample?;
            count += 1;
            for (metric, found) in self.metrics.iter().zip(&mut found) {
                if metric.selector.selects(&sample) {
                    found.push((format!("{:?}", sample.labels), sample.value));
                }
            }
        }
        Ok((count, found))
    }

    fn observe(
        &mut self,
        seat: &Seat,
        answer: &Answer,
        count: usize,
        found: Vec<Found>,
    ) -> Observation {
        let mut seen = reached(seat, answer).with("samples", Reading::number(count as f64));
        let now = seen.at;
        let mut notes = vec![Said::new(format!("{count} 件の値"), format!("{count} samples"))];
        for (metric, found) in self.metrics.iter_mut().zip(found) {
            let reading = metric.read(now, found);
            if let Reading::Unknown(why) | Reading::Failed(why) = &reading {
                notes.push(why.within(|why| format!("{}: {why}", metric.reading)));
            }
            seen = seen.with(&metric.reading, reading);
        }
        seen.because(Said::join(&notes, "; "))
    }

    /// Without a scrape nothing is known about any metric.
    fn unread(&self, seen: Observation) -> Observation {
        self.metrics.iter().map(|metric| &metric.reading).fold(seen, |seen, name| {
            seen.with(
                name,
                Reading::Failed(Said::new(
                    "/metrics を読めませんでした",
                    "/metrics could not be read",
                )),
            )
        })
    }
}

impl Metric {
    fn read(&mut self, now: Timestamp, found: Found) -> Reading {
        match &mut self.way {
            Way::Rate(rate) if found.is_empty() => {
                rate.forget();
                Reading::Unknown(Said::new("公開されていません", "not exported"))
            }
            _ if found.is_empty() => Reading::Unknown("not exported".into()),
            Way::Rate(rate) => rate.take(now, found.into_iter().collect()),
            Way::Now(take) => {
                let values: Vec<f64> = found.into_iter().map(|(_, value)| value).collect();
                take.of(&values).unwrap_or_else(Reading::Failed)
            }
        }
    }
}
