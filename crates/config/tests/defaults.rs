//! What holds where nothing is written is told by the readers, and is true: written down, it changes nothing.

use config::{Loaded, load};
use domain::said::Language;
use serde_json::{Map, Value};
use std::{collections::BTreeMap, fs};
use tempfile::TempDir;

const HOUSE: &str = r#"
services:
  web: {command: [sleep, "1000"], health: {url: "http://127.0.0.1:1/"}}
  db: {kind: database}
  machine: {kind: host}
probes:
  web/traffic: {kind: access_log, service: web, path: /var/log/web.log}
  web/attacks: {kind: access_security, service: web, path: /var/log/web.log, path_scan: off}
  web/errors: {kind: log, service: web, path: /var/log/app.log}
  web/certificate: {kind: tls_certificate, service: web, host: example.jp}
  db/login: {kind: postgres, service: db, user: app, database: app, password_env: DB}
  machine/oom: {kind: oom, service: machine}
  machine/pressure: {kind: pressure, service: machine}
alerts:
  own: {probes: [web/errors], reading: errors, bands: [{when: "> 90", level: warning}]}
channels:
  chat: {kind: slack, url_env: CHAT}
  call: {kind: webhook, url: "https://example.jp/x"}
sign_of_life: {url: "https://example.jp/y"}
calendars: {office: {country: japan}}
acting: {never_block: [192.0.2.1]}
"#;

fn house(files: &[(&str, &str)]) -> (TempDir, Loaded) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("runbooks")).expect("made");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("written");
    }
    let loaded = load(folder.path());
    let loaded = loaded.unwrap_or_else(|wrong| panic!("{}", wrong.render(Language::En)));
    (folder, loaded)
}

/// What nobody wrote, by its keys.
fn unwritten(loaded: &Loaded) -> BTreeMap<String, String> {
    let values = loaded.written().values.into_iter().filter(|value| value.place.is_none());
    values.map(|value| (value.path, value.value)).collect()
}

#[test]
fn every_section_tells_what_holds_where_nothing_is_written() {
    let (_folder, loaded) = house(&[("hikeshi.yaml", HOUSE)]);
    let unwritten = unwritten(&loaded);
    for (path, value) in [
        ("product", "hikeshi"),
        ("time_lapse", "1"),
        ("services.web.title", "web"),
        ("services.web.kind", "process"),
        ("services.web.health.timeout", "15s"),
        ("services.db.core", "false"),
        ("probes.web/traffic.every", "10s"),
        ("probes.web/traffic.minimum_requests", "20"),
        ("probes.db/login.port", "5432"),
        ("probes.db/login.host", "127.0.0.1"),
        ("alerts.own.owner", "SRE"),
        ("alerts.own.bands.1.for", "0s"),
        ("alerts.own.clear_after", "1"),
        ("channels.chat.pager", "false"),
        ("sign_of_life.every", "1m"),
        ("calendars.office.from", "09:00"),
        ("acting.block_private", "false"),
        ("clocks.assess_within", "10s"),
    ] {
        assert_eq!(unwritten.get(path).map(String::as_str), Some(value), "{path}");
    }
    // A part of a probe that nobody wrote holds with its own defaults; one that is off has none.
    let of = |name: &str| {
        unwritten.keys().any(|path| path.starts_with(&format!("probes.web/attacks.{name}.")))
    };
    assert!(of("brute_force") && !of("path_scan"), "{unwritten:#?}");
    // Nothing of what the program makes up by itself, or reads elsewhere, stands at the top.
    let known: Vec<_> = loaded.written().sections.into_iter().map(|(name, _)| name).collect();
    for path in unwritten.keys() {
        let top = path.split('.').next().unwrap_or_default();
        assert!(known.iter().any(|name| name == top), "{path}");
    }
    assert!(!unwritten.contains_key("timeout") && !unwritten.contains_key("services.web.timeout"));
}

#[test]
fn a_default_stands_with_what_is_written_beside_it() {
    let (_folder, loaded) = house(&[("hikeshi.yaml", HOUSE)]);
    let paths: Vec<_> = loaded.written().values.into_iter().map(|value| value.path).collect();
    let at = |path: &str| paths.iter().position(|other| other == path).expect(path);
    assert!(at("services.web.title") < at("services.db.kind"), "{paths:#?}");
    let mut once = paths.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), paths.len(), "each key once");
}

/// Written into the file of the machine, every default is taken, and nothing means anything else.
#[test]
fn a_default_that_is_written_down_changes_nothing() {
    let (_folder, before) = house(&[("hikeshi.yaml", HOUSE)]);
    let mut local = Value::Object(Map::new());
    let mut count = 0;
    for (path, value) in unwritten(&before) {
        let keys: Vec<_> = path.split('.').collect();
        // A list is written whole or not; a time of the documents says whose it is; `data` is told with its folder.
        let is_in_list = keys.iter().any(|key| key.parse::<u32>().is_ok());
        let is_of_documents =
            path.contains("respond_within") || path.starts_with("clocks.") && keys.len() > 2;
        let is_built_in = path.starts_with("alerts.") && !path.starts_with("alerts.own.");
        if is_in_list || is_of_documents || is_built_in || value == "~" || path == "data" {
            continue;
        }
        let place = keys.iter().fold(&mut local, |at, key| {
            at.as_object_mut().expect("a mapping").entry(*key).or_insert(Value::Object(Map::new()))
        });
        *place = Value::String(value);
        count += 1;
    }
    assert!(count > 60, "{count}");
    let (_folder, after) =
        house(&[("hikeshi.yaml", HOUSE), ("hikeshi.local.yaml", &local.to_string())]);
    assert_eq!(format!("{:#?}", after.policy), format!("{:#?}", before.policy));
    let looks = |loaded: &Loaded| -> Vec<_> {
        loaded.probes.iter().map(|spec| (spec.name.clone(), spec.every, spec.timeout)).collect()
    };
    assert_eq!(looks(&after), looks(&before));
    let places = |loaded: &Loaded| unwritten(loaded).len();
    assert!(places(&after) + count <= places(&before), "what is written is no default any more");
}
