//! A probe that makes one HTTP request and reads its values out of the answer; which ones, its kind knows.

use crate::{
    ask::{Answer, Request},
    outside::shown,
    probe::{Probe, ReadingMeaning, Seat},
    unseen,
};
use domain::{
    reading::{Observation, Reading},
    said::Said,
};
use futures::future::BoxFuture;
use reqwest::Client;
use serde_json::Value;
use source::{Node, Problems};

/// Reads the values of a kind out of answers.
pub(crate) trait Reader: Send {
    /// What the answer says. `answer.wrong` is set when it is not what is expected.
    fn read(&mut self, seat: &Seat, answer: &Answer) -> Observation;
}

/// Asks, and lets the reader read.
pub(crate) struct Asking<R> {
    seat: Seat,
    leading: &'static str,
    client: Result<Client, Said>,
    request: Request,
    reader: R,
}

impl<R: Reader> Asking<R> {
    /// `leading` is the reading that fails when the request cannot even be made.
    pub fn new(seat: Seat, leading: &'static str, request: Request, reader: R) -> Box<Self> {
        Box::new(Self { seat, leading, client: request.client(), request, reader })
    }
}

impl<R: Reader> Probe for Asking<R> {
    fn look(&mut self) -> BoxFuture<'_, Vec<Observation>> {
        Box::pin(async move {
            let answer = match &self.client {
                Ok(client) => {
                    self.request.ask(&self.seat.reader(), client, self.seat.timeout).await
                }
                Err(why) => Err(why.clone()),
            };
            vec![match answer {
                Ok(answer) => self.reader.read(&self.seat, &answer),
                Err(why) => self.seat.failed(self.leading, why),
            }]
        })
    }
}

/// `up`, `latency_ms` and `cause`, as every kind says them that asks the service itself.
pub(crate) fn reached(seat: &Seat, answer: &Answer) -> Observation {
    let latency = answer.latency_ms.map_or(unseen::no_answer(), Reading::number);
    let seen = seat
        .observation()
        .with("up", Reading::flag(answer.wrong.is_none()))
        .with("latency_ms", latency);
    match &answer.wrong {
        Some(wrong) => seen.with("cause", Reading::text(wrong.cause)).because(wrong.detail.clone()),
        None => seen,
    }
}

/// The body as JSON.
///
/// # Errors
/// A sentence with the beginning of what is there instead.
pub(crate) fn json(body: &[u8]) -> Result<Value, Said> {
    serde_json::from_slice(body).map_err(|_| {
        Said::new(
            format!("本文が JSON ではありません: {}", shown(&String::from_utf8_lossy(body))),
            format!("the body is not JSON: {}", shown(&String::from_utf8_lossy(body))),
        )
    })
}

/// The entries of a mapping from readings that a person names; names that the kind has itself are a problem.
pub(crate) fn named<'a>(
    node: Option<&'a Node>,
    taken: &[ReadingMeaning],
    problems: &mut Problems,
) -> Vec<(String, &'a Node)> {
    let Some(entries) = node.and_then(|node| node.entries(problems)) else { return Vec::new() };
    for (name, place, _) in entries {
        if taken.iter().any(|(known, ..)| known == name) {
            let message = Said::new(
                format!("`{name}` は既にある名前です"),
                format!("`{name}` is a reading of this probe already"),
            );
            problems.add(place, message);
        }
    }
    entries.iter().map(|(name, _, node)| (name.clone(), node)).collect()
}

/// Reads a JSON pointer; empty is the whole document.
pub(crate) fn pointer(node: &Node, problems: &mut Problems) -> Option<String> {
    let text = node.text(problems)?;
    if text.is_empty() || text.starts_with('/') {
        return Some(text);
    }
    problems.add_with_hint(
        &node.place,
        Said::new(
            format!("`{text}` は JSON ポインターではありません"),
            format!("`{text}` is not a JSON pointer"),
        ),
        Said::new(format!("`/{text}` と書いてください"), format!("write `/{text}`")),
    );
    None
}
