//! Probe kind `tcp`: does the port accept a connection?

use crate::{
    probe::{Kind, Probe, Seat, Settings},
    reach::{self, Wrong},
    subject::Subject,
};
use domain::{
    reading::{Observation, Reading},
    said::Said,
};
use futures::future::BoxFuture;
use source::{Fields, Problems};
use std::sync::Arc;
use tokio::time::{Instant, timeout};

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "tcp",
    summary: ("ポートが接続を受け付けるかを見る", "looks whether a port accepts connections"),
    example: "kind: tcp\nservice: redis\naddress: 127.0.0.1:6379\nevery: 10s\ntimeout: 5s\n",
    readings: &[
        ("up", "接続できるか", "whether it accepts"),
        ("latency_ms", "接続までの時間", "time to connect"),
        (
            "cause",
            "接続できない原因: dns refused timeout unreachable",
            "why not: dns refused timeout unreachable",
        ),
    ],
    parse,
};

#[derive(Clone, Debug)]
struct Tcp {
    host: String,
    port: u16,
}

fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Arc<dyn Settings>> {
    let node = fields.required("address", problems)?;
    let text = node.text(problems)?;
    let parts = text.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
    match parts {
        Some((host, port)) if !host.is_empty() => {
            let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
            Some(Arc::new(Tcp { host, port }))
        }
        _ => {
            problems.add_with_hint(
                &node.place,
                Said::new(
                    format!("`{text}` は接続先ではありません"),
                    format!("`{text}` is not an address"),
                ),
                Said::new("`127.0.0.1:5432` のように書いてください", "write it as 127.0.0.1:5432"),
            );
            None
        }
    }
}

impl Settings for Tcp {
    fn make(&self, seat: Seat) -> Box<dyn Probe> {
        Box::new(Looking { seat, target: self.clone() })
    }

    fn subject(&self) -> Subject {
        Subject::Port { host: self.host.clone(), port: self.port }
    }
}

struct Looking {
    seat: Seat,
    target: Tcp,
}

impl Probe for Looking {
    fn look(&mut self) -> BoxFuture<'_, Vec<Observation>> {
        Box::pin(async move {
            let begun = Instant::now();
            let attempt = async {
                let addresses = reach::resolve(&self.target.host, self.target.port).await?;
                reach::connect(&addresses).await
            };
            let answer = timeout(self.seat.timeout, attempt).await;
            let latency_ms = begun.elapsed().as_secs_f64() * 1000.0;
            let seen = self.seat.observation();
            let address = format!("{}:{}", self.target.host, self.target.port);
            vec![match answer {
                Ok(Ok(_)) => seen
                    .with("up", Reading::flag(true))
                    .with("latency_ms", Reading::number(latency_ms))
                    .because(Said::new(
                        format!("{address} は接続を受け付けています"),
                        format!("{address} accepts"),
                    )),
                Ok(Err(wrong)) => down(seen, &wrong, &address),
                Err(_) => {
                    let wrong = Wrong::new(
                        "timeout",
                        Said::new(
                            format!("{:?} 以内に応答なし", self.seat.timeout),
                            format!("no answer within {:?}", self.seat.timeout),
                        ),
                    );
                    let timeout_ms = self.seat.timeout.as_secs_f64() * 1000.0;
                    down(seen, &wrong, &address).with("latency_ms", Reading::number(timeout_ms))
                }
            }]
        })
    }
}

fn down(seen: Observation, wrong: &Wrong, address: &str) -> Observation {
    seen.with("up", Reading::flag(false))
        .with("cause", Reading::text(wrong.cause))
        .with("latency_ms", Reading::Unknown(Said::new("接続できません", "no connection")))
        .because(wrong.detail.within(|why| format!("{address}: {why}")))
}
