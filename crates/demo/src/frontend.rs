//! The role `frontend`: a page that shows data it fetched through the proxy.

use crate::error::DemoError;
use crate::fault::FaultKind;
use crate::gate::{self, Gate};
use crate::http_call::get as fetch;
use crate::lifetime::Lifetime;
use axum::extract::State;
use axum::middleware::from_fn_with_state;
use axum::response::Html;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// How long the page waits for its data.
const DATA_TIMEOUT: Duration = Duration::from_secs(15);
/// What the page shows.
const DATA_PATH: &str = "/api/finance/rankings/predictions";
/// What a browser is sent when the build is broken: a 200 with nothing to see.
const BLANK_PAGE: &str =
    "<!doctype html><html><head></head><body><div id=\"__next\"></div></body></html>";

#[derive(Clone)]
struct Frontend {
    gate: Gate,
    proxy: SocketAddr,
}

/// Runs until told to end.
///
/// # Errors
/// [`DemoError`] when the port is refused.
pub async fn run(port: u16, proxy_port: u16, lifetime: &Lifetime) -> Result<(), DemoError> {
    let frontend = Frontend {
        gate: Gate::new(lifetime.switches()),
        proxy: SocketAddr::from((Ipv4Addr::LOCALHOST, proxy_port)),
    };
    let router = Router::new()
        .route("/", get(page))
        .route("/api/health", get(|| async { Json(json!({"status": "ok"})) }))
        .fallback(|| async { gate::not_found("no such page") })
        .layer(from_fn_with_state(frontend.gate.clone(), gate::pass))
        .with_state(frontend);
    let listener = lifetime.listen(port).await?;
    lifetime.serve(listener, router).await
}

async fn page(State(frontend): State<Frontend>) -> Html<String> {
    if frontend.gate.has(FaultKind::Blank) {
        return Html(BLANK_PAGE.to_owned());
    }
    Html(render(&rankings(frontend.proxy).await))
}

/// The stocks to show, or why there are none.
async fn rankings(proxy: SocketAddr) -> Result<Vec<Value>, String> {
    let (status, text) =
        fetch(proxy, DATA_PATH, DATA_TIMEOUT).await.map_err(|error| error.to_string())?;
    if !status.is_success() {
        return Err(format!("the API answered {}", status.as_u16()));
    }
    let body: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    match &body["rankings"] {
        Value::Array(rankings) if body["status"] == "success" => Ok(rankings.clone()),
        _ => Err("the API has no rankings".into()),
    }
}

fn render(rankings: &Result<Vec<Value>, String>) -> String {
    let (is_ready, content) = match rankings {
        Ok(rankings) => {
            let rows: String = rankings.iter().map(row).collect();
            (true, format!("<table><tr><th>銘柄<th>予測上昇率\n{rows}</table>"))
        }
        Err(reason) => (false, format!("<p>データを取得できません: {}</p>", escape(reason))),
    };
    format!(
        "<!doctype html>\n<html lang=\"ja\">\n<head><meta charset=\"utf-8\">\
         <title>Miraikakaku</title></head>\n<body><main id=\"__next\" data-ready=\"{is_ready}\">\n\
         <h1>Miraikakaku</h1>\n<p>Invented prices, real forecasts.</p>\n{content}\n\
         </main></body>\n</html>\n"
    )
}

fn row(ranked: &Value) -> String {
    let text = |key: &str| escape(ranked[key].as_str().unwrap_or("?"));
    let growth = match ranked["growth_percent"].as_f64() {
        Some(percent) => format!("{percent:+.2} %"),
        None => "?".into(),
    };
    format!("<tr><td>{} {}<td>{growth}\n", text("symbol"), text("company_name"))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_with_data_says_so_and_escapes_it() {
        let ranked = json!({"symbol": "7203.T", "company_name": "<b>", "growth_percent": 1.5});
        let html = render(&Ok(vec![ranked]));
        assert!(html.contains("data-ready=\"true\"") && html.contains("Miraikakaku"));
        assert!(html.contains("7203.T &lt;b&gt;<td>+1.50 %"), "{html}");
    }

    #[test]
    fn a_page_without_data_says_why() {
        let html = render(&Err("the API answered 502".into()));
        assert!(html.contains("data-ready=\"false\"") && html.contains("answered 502"));
    }
}
