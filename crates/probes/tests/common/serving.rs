//! A server on loopback that says what was recorded from a real one, and remembers what it was asked.

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri},
};
use std::sync::{Arc, Mutex};

/// One request as it arrived.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: Method,
    pub uri: Uri,
    pub headers: HeaderMap,
    pub body: String,
}

/// One recorded answer.
#[derive(Clone, Debug)]
pub struct Said {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

/// An answer with this status and body.
pub fn said(status: u16, body: impl Into<String>) -> Said {
    Said { status, headers: Vec::new(), body: body.into() }
}

impl Said {
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// A server that says the same until it is told something else.
pub struct Server {
    pub url: String,
    said: Arc<Mutex<Said>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    pub async fn start(first: Said) -> Self {
        let said = Arc::new(Mutex::new(first));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (says, hears) = (said.clone(), asked.clone());
        let answer = move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
            let body = String::from_utf8_lossy(&body).into_owned();
            hears.lock().expect("no panic").push(Asked { method, uri, headers, body });
            let said = says.lock().expect("no panic").clone();
            async move {
                let headers: HeaderMap = said
                    .headers
                    .into_iter()
                    .map(|(name, value)| {
                        let value = HeaderValue::from_str(&value).expect("a header");
                        (HeaderName::from_static(name), value)
                    })
                    .collect();
                (StatusCode::from_u16(said.status).expect("a status"), headers, said.body)
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let router = Router::new().fallback(answer);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, said, asked }
    }

    /// From now on it says this.
    pub fn says(&self, said: Said) {
        *self.said.lock().expect("no panic") = said;
    }

    /// The last request.
    pub fn last(&self) -> Asked {
        self.asked.lock().expect("no panic").last().expect("it was asked").clone()
    }

    /// How often it was asked.
    pub fn count(&self) -> usize {
        self.asked.lock().expect("no panic").len()
    }
}
