//! Probe kind `access_security`: what in an access log looks like an attack (A61).

mod brute_force;
mod bulk_export;
mod clients;
mod detector;
mod error_client;
mod low_and_slow;
mod open_write;
mod path_scan;
mod request;
mod table;
mod tally;

use crate::{
    access_file::{AccessFile, Tail},
    aside::{Aside, Blocking},
    client_address::{Client, Networks},
    probe::{Kind, Probe, Seat, Settings},
};
use detector::{Detector, Found};
use domain::reading::{Observation, Reading};
use domain::said::Said;
use request::Routes;
use source::{Fields, Problems};
use std::sync::Arc;
use table::DETECTORS;

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "access_security",
    summary: (
        "アクセスログから攻撃らしい動きを見つける (総当たり、パス探索、未認証の書き込み、大量の持ち出しなど)",
        "finds in an access log what looks like an attack: brute force, path scans, open writes, bulk exports",
    ),
    example: "\
kind: access_security
service: proxy
path: /var/log/nginx/access.log      # as for access_log, best with auth=$has_authorization (yes or -)
trusted_proxies: [127.0.0.1]         # only they say in X-Forwarded-For who the client is
allow: [192.0.2.0/24]                # never suspected: your own monitoring, load tests
max_clients: 10000                   # remembered per detector; with more, the oldest are forgotten
login_routes: [/**/login]            # * is one part of the path, ** any number
admin_routes: [/**/admin/**]
export_routes: [/**/export/**, /**/*.csv]
brute_force: {limit: 20, window: 5m}                       # failed sign-ins of one client
path_scan: {limit: 30, window: 5m}                         # different missing paths of one client
error_client: {limit: 100, window: 5m, share_percent: 80}  # requests of one client, share of 4xx
open_write: {limit: 1, window: 10m, log_names_users: true} # an empty user means: not signed in
bulk_export: {limit: 100, limit_bytes: 100MiB, window: 10m}
low_and_slow: {limit: 30, each: 10, share_percent: 60, window: 1h}  # clients that fail; or: off
every: 10s
",
    readings: &[
        (
            "open_write",
            "未認証のクライアントが管理経路に書き込めた",
            "a client that had not signed in changed something on an admin route",
        ),
        ("bulk_export", "1 クライアントによる大量の持ち出し", "one client exports in bulk"),
        (
            "brute_force",
            "1 クライアントがサインインに何度も失敗している",
            "one client fails to sign in again and again",
        ),
        (
            "low_and_slow",
            "多数のクライアントが少しずつサインインに失敗している",
            "many clients fail to sign in, each a few times",
        ),
        (
            "path_scan",
            "1 クライアントが存在しないパスを次々に試している",
            "one client tries many paths that are not there",
        ),
        (
            "error_client",
            "1 クライアントのリクエストがほぼすべて 4xx",
            "nearly all requests of one client are refused",
        ),
        ("client", "最も疑わしいクライアント", "the client that is suspected most"),
        (
            "evidence",
            "根拠: 件数、期間、ログの行 (秘密は伏せる)",
            "why: counts, window and lines, secrets masked",
        ),
        (
            "forgotten_clients",
            "多すぎて忘れたクライアントの数 (0 なら見落としなし)",
            "clients forgotten because there were too many; 0: nothing was missed",
        ),
    ],
    parse,
};

#[derive(Debug)]
struct AccessSecurity {
    file: AccessFile,
    routes: Routes,
    allow: Networks,
    /// By name, in the order of the table; those that are off are not there.
    detectors: Vec<(&'static str, Box<dyn Detector>)>,
}

fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Arc<dyn Settings>> {
    let file = AccessFile::take(fields, problems);
    let routes = Routes::take(fields, problems);
    let allow = Networks::take("allow", fields, problems);
    let most = fields.count_or("max_clients", 10_000, problems).clamp(100, 1_000_000);
    let most = usize::try_from(most).unwrap_or(10_000);
    let mut detectors = Vec::new();
    for row in DETECTORS {
        let node = fields.mapping(row.name);
        if node.is_off() {
            continue;
        }
        let Some(mut own) = Fields::open(&node, problems) else { continue };
        detectors.push((row.name, (row.parse)(&mut own, most, problems)));
        own.finish(problems);
    }
    Some(Arc::new(AccessSecurity { file: file?, routes, allow, detectors }))
}

impl Settings for AccessSecurity {
    fn make(&self, seat: Seat) -> Box<dyn Probe> {
        let fresh =
            |(name, detector): &(&'static str, Box<dyn Detector>)| (*name, detector.fresh());
        let looking = Looking {
            seat: seat.clone(),
            tail: self.file.open(),
            routes: self.routes.clone(),
            allow: self.allow.clone(),
            detectors: self.detectors.iter().map(fresh).collect(),
        };
        Aside::new(seat, "open_write", looking)
    }
}

struct Looking {
    seat: Seat,
    tail: Tail,
    routes: Routes,
    allow: Networks,
    detectors: Vec<(&'static str, Box<dyn Detector>)>,
}

impl Blocking for Looking {
    fn look(&mut self) -> Vec<Observation> {
        let Self { tail, routes, allow, detectors, .. } = self;
        let read = tail.read(|line, client| {
            if matches!(client, Client::At(address) if allow.hold(address)) {
                return;
            }
            let request = routes.request(line, client.household());
            detectors.iter_mut().for_each(|(_, detector)| detector.see(&request));
        });
        match read {
            Ok(()) => vec![self.observe()],
            Err(why) => vec![self.seat.failed("open_write", why)],
        }
    }
}

impl Looking {
    fn observe(&mut self) -> Observation {
        let now = self.seat.now();
        let mut seen = self.seat.observation();
        let (mut suspect, mut reasons) = (None, Vec::new());
        for (name, detector) in &mut self.detectors {
            let reading = match detector.found(now) {
                Found::Nothing => Reading::flag(false),
                Found::Unsaid(why) => Reading::Unknown(why),
                Found::Suspect { client, evidence } => {
                    suspect = suspect.or(client);
                    reasons.push(evidence.within(|evidence| format!("{name}: {evidence}")));
                    Reading::flag(true)
                }
            };
            seen = seen.with(name, reading);
        }
        let forgotten: u64 = self.detectors.iter().map(|(_, detector)| detector.forgotten()).sum();
        seen = seen.with("forgotten_clients", Reading::number(forgotten as f64));
        if let Some(client) = suspect {
            seen = seen.with("client", Reading::text(client));
        }
        if reasons.is_empty() {
            return seen;
        }
        let evidence = Said::join(&reasons, "; ");
        seen.with("evidence", Reading::text(evidence.en.clone())).because(evidence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_detector_has_a_reading() {
        for row in DETECTORS {
            assert!(KIND.readings.iter().any(|(name, ..)| *name == row.name), "{}", row.name);
        }
    }
}
