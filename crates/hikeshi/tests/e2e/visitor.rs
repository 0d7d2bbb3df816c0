//! A visitor of the pages without a browser: cookies and forms, nothing followed.

use crate::common::House;
use reqwest::header::{COOKIE, SET_COOKIE};
use std::net::SocketAddr;

/// A password of the tests; it opens nothing but houses that live for seconds.
pub const PASSWORD: &str = "correct horse battery staple";

/// Speaks HTTP as a browser would, and follows nothing.
pub struct Visitor {
    pub http: reqwest::Client,
    pub runtime: tokio::runtime::Runtime,
    pub base: String,
    pub cookie: String,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: impl reqwest::header::AsHeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The token in the forms of the page.
    pub fn csrf(&self) -> String {
        let rest = self.body.split("name=\"csrf\" value=\"").nth(1).expect("a form");
        rest.split('"').next().expect("a value").to_owned()
    }
}

impl Visitor {
    pub fn new(door: SocketAddr) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy();
        let http = http.redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        Self { http, runtime, base: format!("http://{door}"), cookie: String::new() }
    }

    /// Signed in, through the link of the command line.
    pub fn signed_in(house: &House, name: &str, role: &str) -> Self {
        let made = house.json(&["account", "add", name, "--role", role]);
        let mut visitor = Self::new(house.door());
        let link = made["link"].as_str().expect("a link").to_owned();
        let path = link.strip_prefix(&visitor.base).expect("ours").to_owned();
        let answer = visitor.post(&path, &[("password", PASSWORD)]);
        assert_eq!(answer.status, 303, "{answer:?}");
        visitor.cookie = answer.header(SET_COOKIE).split(';').next().expect("a cookie").to_owned();
        visitor
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send(self.http.get(format!("{}{path}", self.base)))
    }

    pub fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        self.send(self.request(path, form))
    }

    pub fn request(&self, path: &str, form: &[(&str, &str)]) -> reqwest::RequestBuilder {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = self.http.post(format!("{}{path}", self.base)).body(body);
        request.header("Content-Type", "application/x-www-form-urlencoded")
    }

    pub fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let request = request.header(COOKIE, &self.cookie).header("Accept-Language", "en");
        self.runtime.block_on(async {
            let answer = request.send().await.expect("an answer");
            let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
            Answer { status, headers, body: answer.text().await.expect("a body") }
        })
    }
}
