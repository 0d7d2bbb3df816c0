//! The role `visitors`: people who look at stocks all day, a bounded number of them.

use crate::http_call::call;
use crate::lifetime::{Lifetime, ready};
use crate::market::symbols;
use axum::body::Body;
use axum::http::{Request, header};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// How many visitors there are; each waits for one answer at a time, so that a slow server has
/// never more than this many requests of theirs.
const VISITORS: usize = 16;
/// The pause between two requests of one visitor: 16 visitors make 20 requests a second.
const PAUSE: Duration = Duration::from_millis(800);
/// How often visitors look whether the platform is open.
const KNOCK_EVERY: Duration = Duration::from_millis(100);
/// How long a visitor waits before giving up.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs until told to end. Visitors come when somebody listens on all of `await_ports`.
pub async fn run(proxy_port: u16, await_ports: &[u16], lifetime: &Lifetime) {
    ready();
    tokio::select! {
        () = opened(await_ports) => {}
        () = lifetime.ended() => return,
    }
    let proxy = SocketAddr::from((Ipv4Addr::LOCALHOST, proxy_port));
    let mut visitors = JoinSet::new();
    for number in 0..VISITORS {
        visitors.spawn(visit(number, proxy));
    }
    lifetime.ended().await;
    visitors.shutdown().await;
}

/// Comes back when every port was connected to once.
async fn opened(ports: &[u16]) {
    for port in ports {
        while TcpStream::connect((Ipv4Addr::LOCALHOST, *port)).await.is_err() {
            tokio::time::sleep(KNOCK_EVERY).await;
        }
    }
}

async fn visit(number: usize, proxy: SocketAddr) {
    // Spread over one pause, so that they do not come all at once.
    tokio::time::sleep(PAUSE.mul_f64(number as f64 / VISITORS as f64)).await;
    for round in 0.. {
        for path in journey(number + round) {
            // A visitor who gets no answer shrugs and goes on; the access log has it.
            if let Ok(request) = request(number, &path) {
                let _ = call(proxy, request, PATIENCE).await;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// From the front page to one stock's predictions.
fn journey(round: usize) -> Vec<String> {
    let symbols = symbols();
    let symbol = &symbols[round * 7 % symbols.len()];
    let code = &symbol[..2];
    vec![
        "/".into(),
        format!("/api/stocks/search?q={code}"),
        format!("/api/stocks/{symbol}"),
        format!("/api/finance/stocks/{symbol}/price?days=30"),
        format!("/api/finance/stocks/{symbol}/predictions"),
        "/api/market/summary".into(),
        "/api/finance/rankings/predictions".into(),
        "/api/predictions/accuracy/summary".into(),
    ]
}

/// Visitors come from the addresses that are reserved for examples.
fn request(number: usize, path: &str) -> Result<Request<Body>, axum::http::Error> {
    Request::get(path)
        .header("x-forwarded-for", format!("203.0.113.{}", 10 + number))
        .header(header::USER_AGENT, "Mozilla/5.0 (visitor)")
        .body(Body::empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_of_every_journey_is_a_request_that_can_be_made() {
        for number in 0..VISITORS {
            for path in journey(number) {
                let request = request(number, &path).expect("a valid request");
                assert_eq!(request.uri().path_and_query().map(|it| it.as_str()), Some(&*path));
            }
        }
    }

    #[test]
    fn each_visitor_has_an_address_of_its_own() {
        let address = |number| {
            let request = request(number, "/").expect("a valid request");
            request.headers()["x-forwarded-for"].to_str().expect("text").to_owned()
        };
        assert_eq!(address(0), "203.0.113.10");
        assert_eq!(address(15), "203.0.113.25");
    }
}
