//! Access logs with one JSON object per line.

use crate::{
    access_line::{Line, is_filled, tries, without_query},
    access_names::Names,
    access_text::{clock, signed_in},
};
use jiff::Timestamp;
use serde_json::Value;
use std::borrow::Cow;

/// Takes a line apart; nothing when it is no JSON object, or lacks client, time or status.
pub(crate) fn read(line: &str, names: &Names) -> Option<Line<'static>> {
    let object: Value = serde_json::from_str(line).ok()?;
    let text = |names: &[String]| find(&object, names).map(|(_, value)| plain(value));
    // `GET /path HTTP/1.1` where method and path have no fields of their own.
    let request = text(&names.request).unwrap_or_default();
    let mut words = request.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (method, target) = (
        text(&names.method).unwrap_or_else(|| method.to_owned()),
        text(&names.path).unwrap_or_else(|| target.to_owned()),
    );
    let upstreams = text(&names.upstream).unwrap_or_default();
    let statuses = text(&names.upstream_status).unwrap_or_default();
    let user = text(&names.user).unwrap_or_default();
    Some(Line {
        socket: text(&names.client)?.into(),
        forwarded_for: text(&names.forwarded_for).filter(|text| is_filled(text)).map(Cow::from),
        signed_in: signed_in(&user, text(&names.authorization).as_deref()),
        at: time(find(&object, &names.time)?.1)?,
        method: method.into(),
        path: without_query(&target).to_owned().into(),
        status: text(&names.status)?.parse().ok()?,
        bytes: text(&names.bytes).and_then(|bytes| bytes.parse().ok()),
        latency_ms: find(&object, &names.latency).and_then(|(name, value)| latency(name, value)),
        tries: tries(&upstreams, &statuses)
            .into_iter()
            .map(|(upstream, status)| (upstream.to_owned().into(), status))
            .collect(),
    })
}

fn find<'v, 'n>(object: &'v Value, names: &'n [String]) -> Option<(&'n str, &'v Value)> {
    names.iter().find_map(|name| {
        let value =
            if name.starts_with('/') { object.pointer(name) } else { object.get(name.as_str()) };
        // `request` is a text at nginx and an object at Caddy.
        let value = value.filter(|value| !value.is_object() && !value.is_null());
        Some((name.as_str(), value?))
    })
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// RFC 3339, the form of text logs, or a number since 1970: seconds, or what its size makes it.
fn time(value: &Value) -> Option<Timestamp> {
    let text = plain(value);
    if let Some(at) = text.parse().ok().or_else(|| clock(&text)) {
        return Some(at);
    }
    let number = text.parse::<f64>().ok().filter(|number| *number >= 0.0)?;
    let per_second = match number {
        n if n < 1e11 => 1.0,
        n if n < 1e14 => 1e3,
        n if n < 1e17 => 1e6,
        n if n < 1e20 => 1e9,
        _ => return None,
    };
    Timestamp::from_microsecond((number / per_second * 1e6) as i64).ok()
}

/// Seconds, unless the name ends with another unit.
fn latency(name: &str, value: &Value) -> Option<f64> {
    let number = plain(value).parse::<f64>().ok().filter(|number| number.is_finite())?;
    let per_ms = match name.rsplit('_').next() {
        Some("ms") => 1.0,
        Some("us") => 1e3,
        Some("ns") => 1e6,
        _ => 1e-3,
    };
    Some(number / per_ms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access_line::SignedIn;
    use domain::said::Language;
    use source::{Fields, Problems, yaml};

    #[test]
    fn nginx_in_json_is_read_by_its_usual_names() {
        let line = r#"{"time_iso8601":"2026-11-22T10:00:00+09:00","remote_addr":"127.0.0.1","http_x_forwarded_for":"203.0.113.7","remote_user":"","http_authorization":"-","request":"POST /api/x?token=1 HTTP/1.1","status":"403","body_bytes_sent":512,"request_time":"0.250","upstream_addr":"127.0.0.1:8081, 127.0.0.1:8080","upstream_status":"502, 403"}"#;
        let read = read(line, &Names::default()).expect("a line");
        assert_eq!(
            (&*read.socket, read.forwarded_for.as_deref()),
            ("127.0.0.1", Some("203.0.113.7"))
        );
        assert_eq!((&*read.method, &*read.path, read.status), ("POST", "/api/x", 403));
        assert_eq!((read.bytes, read.latency_ms), (Some(512), Some(250.0)));
        assert_eq!((read.signed_in, read.is_failed_write()), (SignedIn::No, true));
        assert_eq!(read.at, "2026-11-22T01:00:00Z".parse().expect("a time"));
        assert_eq!(read.tries[1], ("127.0.0.1:8080".into(), Some(403)));
    }

    #[test]
    fn caddy_is_read_by_its_usual_names() {
        let line = r#"{"level":"info","ts":1795309200.5,"request":{"remote_ip":"203.0.113.7","method":"GET","uri":"/x?q=1"},"user_id":"","duration":0.5,"size":7,"status":200}"#;
        let read = read(line, &Names::default()).expect("a line");
        assert_eq!((&*read.socket, &*read.method, &*read.path), ("203.0.113.7", "GET", "/x"));
        assert_eq!((read.latency_ms, read.signed_in), (Some(500.0), SignedIn::NotSaid));
        assert_eq!(read.at.as_millisecond(), 1_795_309_200_500);
    }

    #[test]
    fn other_names_can_be_written_down() {
        let mut problems = Problems::new();
        let text = "fields: {client: ClientHost, status: DownstreamStatus, latency: Duration_ns, path: /req/path, method: RequestMethod, time: StartUTC}";
        let node = yaml::read("probes.yaml", text, 0, &mut problems).expect("YAML");
        let mut fields = Fields::open(&node, &mut problems).expect("a mapping");
        let names = Names::take(&mut fields, &mut problems);
        assert!(problems.is_empty(), "{}", problems.render(Language::En));
        let line = r#"{"ClientHost":"10.0.0.1","DownstreamStatus":500,"Duration_ns":2000000,"req":{"path":"/x"},"RequestMethod":"PUT","StartUTC":1795309200000}"#;
        let read = read(line, &names).expect("a line");
        assert_eq!((read.status, read.latency_ms, &*read.path), (500, Some(2.0), "/x"));
        assert_eq!(read.at.as_second(), 1_795_309_200);
    }

    proptest::proptest! {
        #[test]
        fn no_line_breaks_the_reading(text: String, number: f64) {
            let _ = read(&text, &Names::default());
            let line = serde_json::json!({
                "remote_addr": text, "status": 200, "ts": number, "uri": text, "duration": number,
                "upstream_addr": text, "upstream_status": text, "size": number,
            });
            let _ = read(&line.to_string(), &Names::default());
        }
    }

    #[test]
    fn what_is_no_request_is_no_line() {
        for line in [
            "{",
            "{}",
            r#"{"remote_addr":"1.1.1.1","status":200}"#,
            "[1]",
            r#"{"remote_addr":"1.1.1.1","status":"x","ts":1}"#,
        ] {
            assert_eq!(read(line, &Names::default()), None, "{line}");
        }
    }
}
