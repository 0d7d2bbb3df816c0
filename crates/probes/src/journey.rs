//! Probe kind `journey`: several requests in a row, as a user makes them; the first that fails is named.

use crate::{
    ask::{Answer, Request},
    probe::{Kind, Probe, Seat, Settings},
    reach::Wrong,
    unseen,
};
use domain::{
    reading::{Observation, Reading},
    said::Said,
};
use futures::future::BoxFuture;
use reqwest::Client;
use source::{Fields, Node, Problems, Secret};
use std::sync::Arc;
use tokio::time::Instant;

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "journey",
    summary: (
        "利用者の操作のように複数の HTTP リクエストを順に行う",
        "makes several HTTP requests in a row, as a user does",
    ),
    example: "\
kind: journey
service: frontend
steps:
  - name: page
    url: http://127.0.0.1:3000/
    expect: {body_contains: ミライカカク}
  - name: prices
    url: http://127.0.0.1:3000/api/stocks/7203
    expect: {json: {/symbol: \"7203\"}}
every: 15s
",
    readings: &[
        ("up", "すべての手順が期待どおりか", "whether every step is as expected"),
        ("latency_ms", "全手順の時間の合計", "time of all steps together"),
        ("failed_step", "失敗した手順の名前", "the name of the step that failed"),
        ("cause", "期待と違う点 (http と同じ)", "what is wrong there, as for http"),
        ("status", "最後の HTTP ステータス", "the last HTTP status"),
    ],
    parse,
};

#[derive(Debug)]
struct Journey {
    steps: Vec<(String, Request)>,
}

fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Arc<dyn Settings>> {
    let node = fields.required("steps", problems)?;
    let nodes = node.list(problems)?;
    if nodes.is_empty() {
        problems.add(&node.place, Said::new("手順が一つもありません", "there is no step"));
    }
    let steps: Vec<_> =
        nodes.iter().enumerate().filter_map(|(index, node)| step(index, node, problems)).collect();
    (steps.len() == nodes.len() && !steps.is_empty()).then(|| Arc::new(Journey { steps }) as _)
}

fn step(index: usize, node: &Node, problems: &mut Problems) -> Option<(String, Request)> {
    let mut fields = Fields::open(node, problems)?;
    let name = fields.text("name", problems).unwrap_or_else(|| format!("step {}", index + 1));
    let request = Request::parse(&mut fields, problems);
    fields.finish(problems);
    Some((name, request?))
}

impl Settings for Journey {
    fn make(&self, seat: Seat) -> Box<dyn Probe> {
        let steps = self
            .steps
            .iter()
            .map(|(name, request)| (name.clone(), request.client(), request.clone()));
        Box::new(Looking { seat, steps: steps.collect() })
    }

    fn secrets(&self) -> Vec<Secret> {
        self.steps.iter().flat_map(|(_, request)| request.secrets()).collect()
    }
}

struct Looking {
    seat: Seat,
    steps: Vec<(String, Result<Client, Said>, Request)>,
}

impl Probe for Looking {
    fn look(&mut self) -> BoxFuture<'_, Vec<Observation>> {
        Box::pin(async move { vec![self.walk().await] })
    }
}

impl Looking {
    async fn walk(&self) -> Observation {
        let begun = Instant::now();
        let mut last = Answer::default();
        for (name, client, request) in &self.steps {
            let left = self.seat.timeout.saturating_sub(begun.elapsed());
            let answer = match client {
                Ok(client) => request.ask(&self.seat.reader(), client, left).await,
                Err(why) => Err(why.clone()),
            };
            last = match answer {
                Ok(answer) => answer,
                Err(why) => {
                    return self.seat.failed(
                        "up",
                        Said::new(
                            format!("段階 {name}: {}", why.ja),
                            format!("step {name}: {}", why.en),
                        ),
                    );
                }
            };
            if let Some(wrong) = last.wrong.take() {
                return self.observe(&last, begun, Some((name, wrong)));
            }
        }
        self.observe(&last, begun, None)
    }

    fn observe(
        &self,
        last: &Answer,
        begun: Instant,
        wrong: Option<(&String, Wrong)>,
    ) -> Observation {
        let spent = match &wrong {
            Some((_, wrong)) if wrong.cause == "timeout" => self.seat.timeout,
            _ => begun.elapsed(),
        };
        let latency = match last.latency_ms {
            Some(_) => Reading::number(spent.as_secs_f64() * 1000.0),
            None => unseen::no_answer(),
        };
        let status =
            last.status.map_or(unseen::no_answer(), |status| Reading::number(f64::from(status)));
        let seen = self
            .seat
            .observation()
            .with("up", Reading::flag(wrong.is_none()))
            .with("latency_ms", latency)
            .with("status", status);
        match wrong {
            Some((name, wrong)) => seen
                .with("failed_step", Reading::text(name.clone()))
                .with("cause", Reading::text(wrong.cause))
                .because(wrong.detail.within(|why| format!("{name}: {why}"))),
            None => seen.because(Said::new(
                format!("{} 段階", self.steps.len()),
                format!("{} steps", self.steps.len()),
            )),
        }
    }
}
