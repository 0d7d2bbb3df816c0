//! Alerts, groups, receivers and the status as JSON. Lists of alerts are written by copying bytes: labels are kept as
//! JSON text, so a hundred thousand alerts cost little more than their memory.

use crate::time;
use domain::{labels::Labels, signal::Fingerprint};
use jiff::Timestamp;
use serde::Serialize;
use std::io::Write;

/// Bytes that one alert takes, about.
const ALERT_BYTES: usize = 640;

/// What holds an alert back, if anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertState {
    /// Nobody has judged it yet.
    Unprocessed,
    /// Nothing.
    Active,
    /// A silence, another alert, or a maintenance window.
    Suppressed,
}

/// An alert as clients see it.
#[derive(Clone, Copy, Debug)]
pub struct AlertView<'a> {
    /// Its number.
    pub fingerprint: Fingerprint,
    /// Its labels.
    pub labels: &'a Labels,
    /// What else is said of it.
    pub annotations: &'a Labels,
    /// A link to where it comes from; empty: none.
    pub generator_url: &'a str,
    /// When it began.
    pub starts_at: Timestamp,
    /// When it was told last.
    pub updated_at: Timestamp,
    /// When it ends unless it is told again.
    pub ends_at: Timestamp,
    /// Whom it is told to.
    pub receivers: &'a [&'a str],
    /// Whether it is held back.
    pub state: AlertState,
    /// The silences that hold it back.
    pub silenced_by: &'a [&'a str],
    /// The alerts that hold it back.
    pub inhibited_by: &'a [&'a str],
    /// The maintenance windows that hold it back.
    pub muted_by: &'a [&'a str],
}

/// Alerts that are told together.
#[derive(Clone, Copy, Debug)]
pub struct GroupView<'a, A> {
    /// The labels that they were put together by.
    pub labels: &'a Labels,
    /// The labels of the route.
    pub route_labels: &'a Labels,
    /// Whom they are told to.
    pub receiver: &'a str,
    /// The alerts.
    pub alerts: A,
}

/// The body of `GET /alerts`.
pub fn alerts<'a>(alerts: impl IntoIterator<Item = AlertView<'a>>) -> Vec<u8> {
    let alerts = alerts.into_iter();
    let mut out = Vec::with_capacity(ALERT_BYTES * (alerts.size_hint().0 + 1));
    write_alerts(alerts, &mut out);
    out
}

/// The body of `GET /alerts/groups`.
pub fn groups<'a, A: IntoIterator<Item = AlertView<'a>>>(
    groups: impl IntoIterator<Item = GroupView<'a, A>>,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(64 << 10);
    list(&mut out, groups, |out, group| {
        out.extend_from_slice(b"{\"alerts\":");
        write_alerts(group.alerts, out);
        member(out, "labels", group.labels.as_json().as_bytes());
        member(out, "receiver", b"{\"name\":");
        text(out, group.receiver);
        out.push(b'}');
        member(out, "routeLabels", group.route_labels.as_json().as_bytes());
        out.push(b'}');
    });
    out
}

fn write_alerts<'a>(alerts: impl IntoIterator<Item = AlertView<'a>>, out: &mut Vec<u8>) {
    list(out, alerts, |out, alert| write_alert(&alert, out));
}

/// In the order of Alertmanager, which is alphabetical but for what the sender posted.
fn write_alert(alert: &AlertView, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"annotations\":");
    out.extend_from_slice(alert.annotations.as_json().as_bytes());
    moment(out, "endsAt", alert.ends_at);
    member(out, "fingerprint", b"\"");
    write!(out, "{:016x}", alert.fingerprint.0).expect("memory does not fail");
    out.extend_from_slice(b"\",\"receivers\":");
    list(out, alert.receivers, |out, name| {
        out.extend_from_slice(b"{\"name\":");
        text(out, name);
        out.push(b'}');
    });
    moment(out, "startsAt", alert.starts_at);
    member(out, "status", b"{\"inhibitedBy\":");
    list(out, alert.inhibited_by, |out, id| text(out, id));
    member(out, "mutedBy", b"");
    list(out, alert.muted_by, |out, id| text(out, id));
    member(out, "silencedBy", b"");
    list(out, alert.silenced_by, |out, id| text(out, id));
    member(
        out,
        "state",
        match alert.state {
            AlertState::Unprocessed => b"\"unprocessed\"}",
            AlertState::Active => b"\"active\"}",
            AlertState::Suppressed => b"\"suppressed\"}",
        },
    );
    moment(out, "updatedAt", alert.updated_at);
    if !alert.generator_url.is_empty() {
        member(out, "generatorURL", b"");
        text(out, alert.generator_url);
    }
    member(out, "labels", alert.labels.as_json().as_bytes());
    out.push(b'}');
}

fn list<T>(
    out: &mut Vec<u8>,
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut Vec<u8>, T),
) {
    out.push(b'[');
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(out, item);
    }
    out.push(b']');
}

/// A member after others, with the beginning of its value.
fn member(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
    out.extend_from_slice(value);
}

fn moment(out: &mut Vec<u8>, name: &str, at: Timestamp) {
    member(out, name, b"\"");
    time::write(at, out);
    out.push(b'"');
}

fn text(out: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(out, text).expect("a string is always JSON, and memory does not fail");
}

/// The body of `GET /receivers`.
pub fn receivers<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<u8> {
    let mut out = Vec::new();
    list(&mut out, names, |out, name| {
        out.extend_from_slice(b"{\"name\":");
        text(out, name);
        out.push(b'}');
    });
    out
}

/// The body of `GET /status`. Members that only Alertmanager's own build has are there and empty: clients need them.
#[derive(Clone, Copy, Debug)]
pub struct StatusView<'a> {
    /// Our version.
    pub version: &'a str,
    /// The commit that we were built from.
    pub revision: &'a str,
    /// The configuration, as text, without secrets.
    pub config: &'a str,
    /// Since when we run.
    pub started_at: Timestamp,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Status<'a> {
    cluster: Cluster,
    config: Config<'a>,
    uptime: String,
    version_info: Version<'a>,
}

#[derive(Serialize)]
struct Cluster {
    peers: [(); 0],
    status: &'static str,
}

#[derive(Serialize)]
struct Config<'a> {
    original: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Version<'a> {
    branch: &'a str,
    build_date: &'a str,
    build_user: &'a str,
    go_version: &'a str,
    revision: &'a str,
    version: &'a str,
}

impl Serialize for StatusView<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let version_info = Version {
            branch: "",
            build_date: "",
            build_user: "",
            go_version: "",
            revision: self.revision,
            version: self.version,
        };
        let status = Status {
            cluster: Cluster { peers: [], status: "disabled" },
            config: Config { original: self.config },
            uptime: time::text(self.started_at),
            version_info,
        };
        status.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{alertmanager::alerts as posted, word::Word};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn view<'a>(labels: &'a Labels, annotations: &'a Labels) -> AlertView<'a> {
        AlertView {
            fingerprint: Fingerprint(labels.hash64()),
            labels,
            annotations,
            generator_url: "http://prometheus/graph?x=\"<y>\"",
            starts_at: at("2026-11-22T19:56:51.634Z"),
            updated_at: at("2026-11-22T19:57:00Z"),
            ends_at: at("2026-11-22T20:01:51.634Z"),
            receivers: &["team \"web\""],
            state: AlertState::Suppressed,
            silenced_by: &["b3a1"],
            inhibited_by: &[],
            muted_by: &[],
        }
    }

    #[test]
    fn an_alert_is_shown_with_every_field_that_clients_need() {
        let labels = Labels::new([("alertname", "Down"), ("path", "C:\\x\n")]);
        let body = alerts([view(&labels, &Labels::default())]);
        assert_eq!(
            String::from_utf8(body).expect("JSON"),
            r#"[{"annotations":{},"endsAt":"2026-11-22T20:01:51.634Z","fingerprint":"#.to_owned()
                + &format!("\"{:016x}\"", labels.hash64())
                + r#","receivers":[{"name":"team \"web\""}],"startsAt":"2026-11-22T19:56:51.634Z","status":{"inhibitedBy":[],"mutedBy":[],"silencedBy":["b3a1"],"state":"suppressed"},"updatedAt":"2026-11-22T19:57:00.000Z","generatorURL":"http://prometheus/graph?x=\"<y>\"","labels":{"alertname":"Down","path":"C:\\x\n"}}]"#
        );
        assert_eq!(alerts([]), b"[]");
    }

    #[test]
    fn a_group_names_its_receiver_and_labels() {
        let labels = Labels::new([("alertname", "Down")]);
        let none = Labels::default();
        let group = GroupView {
            labels: &labels,
            route_labels: &none,
            receiver: "web",
            alerts: [view(&labels, &none)],
        };
        let body: Value = serde_json::from_slice(&groups([group])).expect("JSON");
        assert_eq!(body[0]["receiver"], json!({"name": "web"}));
        assert_eq!(body[0]["labels"], json!({"alertname": "Down"}));
        assert_eq!(
            (&body[0]["routeLabels"], body[0]["alerts"].as_array().map(Vec::len)),
            (&json!({}), Some(1))
        );
    }

    #[test]
    fn the_status_has_what_amtool_asks_for() {
        let status = StatusView {
            version: "0.1.0",
            revision: "",
            config: "",
            started_at: at("2026-11-22T19:57:00Z"),
        };
        let body = serde_json::to_value(status).expect("JSON");
        assert_eq!(body["cluster"], json!({"peers": [], "status": "disabled"}));
        assert_eq!(body["versionInfo"]["version"], "0.1.0");
        assert_eq!(body["uptime"], "2026-11-22T19:57:00.000Z");
        assert_eq!(receivers(["a"]), br#"[{"name":"a"}]"#);
    }

    proptest! {
        /// What we show can be posted again and is the same alert.
        #[test]
        fn what_is_shown_reads_back(
            pairs in prop::collection::vec((".{1,12}", ".{0,40}"), 1..6),
            notes in prop::collection::vec((".{1,12}", ".{0,40}"), 0..3),
        ) {
            let (labels, annotations) = (Labels::new(pairs), Labels::new(notes));
            let shown = view(&labels, &annotations);
            let heard = posted::read(&alerts([shown])).expect("our own list");
            if labels.is_empty() {
                prop_assert_eq!(heard.problems.len(), 1);
                return Ok(());
            }
            let [Word::Told(told)] = &heard.words[..] else { panic!("{heard:?}") };
            prop_assert_eq!(&told.labels, &labels);
            prop_assert_eq!(&told.annotations, &annotations);
            prop_assert_eq!((told.fingerprint, told.starts_at, told.ends_at),
                (shown.fingerprint, Some(shown.starts_at), Some(shown.ends_at)));
        }
    }
}
