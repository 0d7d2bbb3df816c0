//! What an HTTP answer must look like, and in which point it does not.

use crate::{outside::shown, reach::Wrong};
use domain::said::Said;
use reqwest::{StatusCode, header::HeaderMap};
use serde_json::Value;
use source::{Fields, Node, Problems, Shape};

/// The expectations. Without any: status 200.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Expect {
    status: Vec<u16>,
    body_contains: Vec<String>,
    /// JSON pointer and the value that must stand there.
    json: Vec<(String, Wanted)>,
    /// Header name and a part of its value.
    header: Vec<(String, String)>,
}

/// A JSON value as a person writes it: `healthy`, `true`, `3`.
#[derive(Clone, Debug, PartialEq)]
struct Wanted(Option<String>);

impl Default for Expect {
    fn default() -> Self {
        Self { status: vec![200], body_contains: Vec::new(), json: Vec::new(), header: Vec::new() }
    }
}

impl Expect {
    /// Reads the mapping below `expect:`.
    pub fn parse(node: Option<&Node>, problems: &mut Problems) -> Option<Self> {
        let mut expect = Self::default();
        let Some(node) = node else { return Some(expect) };
        let mut fields = Fields::open(node, problems)?;
        if let Some(node) = fields.optional("status") {
            expect.status =
                node.list(problems)?.iter().filter_map(|node| status(node, problems)).collect();
        }
        expect.body_contains = fields.texts("body_contains", problems);
        if let Some(node) = fields.optional("json") {
            for (pointer, place, value) in node.entries(problems)? {
                if !pointer.is_empty() && !pointer.starts_with('/') {
                    problems.add_with_hint(
                        place,
                        Said::new(
                            format!("`{pointer}` は JSON ポインターではありません"),
                            format!("`{pointer}` is not a JSON pointer"),
                        ),
                        Said::new(
                            format!("`/{pointer}` と書いてください"),
                            format!("write `/{pointer}`"),
                        ),
                    );
                }
                let wanted =
                    if value.shape == Shape::Empty { None } else { Some(value.text(problems)?) };
                expect.json.push((pointer.clone(), Wanted(wanted)));
            }
        }
        if let Some(node) = fields.optional("header") {
            for (name, _, value) in node.entries(problems)? {
                expect.header.push((name.clone(), value.text(problems)?));
            }
        }
        fields.finish(problems);
        Some(expect)
    }

    /// Judges status, header and body in this order; the first that is wrong is named.
    pub fn judge(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Result<(), Wrong> {
        if !self.status.contains(&status.as_u16()) {
            let text = String::from_utf8_lossy(body);
            return Err(Wrong::new(
                "status",
                format!("HTTP {} {}", status.as_u16(), shown(&text)).trim().to_owned(),
            ));
        }
        for (name, part) in &self.header {
            let value = headers
                .get(name)
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
            if !value.as_ref().is_some_and(|value| value.contains(part)) {
                let found = value.map_or("missing".into(), |value| shown(&value));
                return Err(Wrong::new(
                    "header",
                    Said::new(
                        format!("ヘッダー {name} が {found} です (期待値 {part})"),
                        format!("header {name} is {found}, expected {part}"),
                    ),
                ));
            }
        }
        let text = String::from_utf8_lossy(body);
        for part in &self.body_contains {
            if !text.contains(part.as_str()) {
                return Err(Wrong::new(
                    "body",
                    Said::new(
                        format!("本文 ({} バイト) に `{part}` がありません", body.len()),
                        format!("the body ({} bytes) does not contain `{part}`", body.len()),
                    ),
                ));
            }
        }
        self.judge_json(&text)
    }

    fn judge_json(&self, text: &str) -> Result<(), Wrong> {
        if self.json.is_empty() {
            return Ok(());
        }
        let Ok(document) = serde_json::from_str::<Value>(text) else {
            return Err(Wrong::new(
                "body",
                Said::new(
                    format!("本文が JSON ではありません: {}", shown(text)),
                    format!("the body is not JSON: {}", shown(text)),
                ),
            ));
        };
        for (pointer, wanted) in &self.json {
            let found = document.pointer(pointer);
            if !found.is_some_and(|found| wanted.is(found)) {
                let found = found.map_or("missing".into(), |found| shown(&found.to_string()));
                let wanted = wanted.0.as_deref().unwrap_or("null");
                return Err(Wrong::new(
                    "body",
                    Said::new(
                        format!("本文の {pointer} が {found} です (期待値 {wanted})"),
                        format!("the body has {pointer} = {found}, expected {wanted}"),
                    ),
                ));
            }
        }
        Ok(())
    }
}

impl Wanted {
    fn is(&self, found: &Value) -> bool {
        match (found, &self.0) {
            (Value::Null, None) => true,
            (Value::String(found), Some(wanted)) => found == wanted,
            (Value::Bool(found), Some(wanted)) => found.to_string() == *wanted,
            (Value::Number(found), Some(wanted)) => wanted.parse().ok() == found.as_f64(),
            _ => false,
        }
    }
}

fn status(node: &Node, problems: &mut Problems) -> Option<u16> {
    let code = node.count(problems)?;
    let code = u16::try_from(code).ok().filter(|code| (100..600).contains(code));
    if code.is_none() {
        problems.add(
            &node.place,
            Said::new("HTTP ステータスは 100 から 599 です", "an HTTP status is 100 to 599"),
        );
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;
    use source::yaml;

    fn expect(text: &str) -> Expect {
        let mut problems = Problems::new();
        let node = yaml::read("probes.yaml", text, 0, &mut problems).expect("YAML");
        let expect = Expect::parse(Some(&node), &mut problems);
        assert!(problems.is_empty(), "{problems:?}");
        expect.expect("read")
    }

    fn cause(expect: &Expect, status: u16, body: &str) -> Result<(), &'static str> {
        let status = StatusCode::from_u16(status).expect("a status");
        expect.judge(status, &HeaderMap::new(), body.as_bytes()).map_err(|wrong| wrong.cause)
    }

    #[test]
    fn two_hundred_with_an_unhealthy_body_is_not_up() {
        // C34 and the four health contracts: status and body are judged, both.
        let healthy = expect(
            "{status: [200], json: {/status: healthy, /components/database/ok: true, /n: 3}}",
        );
        let body = r#"{"status":"healthy","components":{"database":{"ok":true}},"n":3.0}"#;
        assert_eq!(cause(&healthy, 200, body), Ok(()));
        assert_eq!(cause(&healthy, 503, body), Err("status"));
        assert_eq!(cause(&healthy, 200, r#"{"status":"unhealthy"}"#), Err("body"));
        assert_eq!(cause(&healthy, 200, "<html>"), Err("body"));
    }

    #[test]
    fn the_wrong_environment_is_named() {
        // C15: 5100 is development.
        let production = expect("json: {/environment: production}");
        let wrong = production.judge(
            StatusCode::OK,
            &HeaderMap::new(),
            br#"{"environment":"development"}"#,
        );
        let detail = wrong.expect_err("development").detail.en;
        assert_eq!(detail, r#"the body has /environment = "development", expected production"#);
    }

    #[test]
    fn a_pointer_without_its_slash_is_a_problem() {
        let mut problems = Problems::new();
        let node =
            yaml::read("probes.yaml", "json: {status: healthy}", 0, &mut problems).expect("YAML");
        Expect::parse(Some(&node), &mut problems);
        assert!(problems.render(domain::said::Language::En).contains("write `/status`"));
    }
}
