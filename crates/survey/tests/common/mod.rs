//! What the stories share: probes from their YAML, a cleaner that knows one secret, and a folder's fingerprint.
#![allow(dead_code, reason = "every test file uses its own part")]

// The same private PostgreSQL that the stories of the probes use.
#[path = "../../../probes/tests/common/cluster.rs"]
pub mod cluster;

use domain::said::Language;
use jiff::Timestamp;
use probes::{Deps, ProbeSpec};
use secrets::Safe;
use source::{Problems, yaml};
use std::{
    collections::BTreeMap,
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    sync::Arc,
};
use survey::Cleaner;

/// The secret that must never be shown.
pub const SECRET: &str = "hunter2-of-the-team";

/// Knows the secret.
pub fn cleaner() -> Cleaner {
    Cleaner::new(|text| text.replace(SECRET, "***"))
}

/// What probes need.
pub fn deps() -> Deps {
    Deps {
        clock: Arc::new(Timestamp::now),
        supervisor: None,
        state_folder: None,
        samples: None,
        safe: Safe::default(),
    }
}

/// A probe as a person writes it.
pub fn spec(name: &str, text: &str) -> ProbeSpec {
    let mut problems = Problems::new();
    let node = yaml::read("probes.yaml", text, 0, &mut problems).expect("YAML");
    let spec = ProbeSpec::parse(name, &node, &mut problems);
    assert!(problems.is_empty(), "{}", problems.render(Language::En));
    spec.expect("no problem, so a spec")
}

/// A port whose connections are taken by the kernel, and nobody ever answers.
pub fn silent_port() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    (listener, port)
}

/// Every file below a folder with its content: what a look must not change.
pub fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            all.insert(path.clone(), Vec::new());
            all.extend(contents(&path));
        } else {
            all.insert(path.clone(), fs::read(&path).expect("readable"));
        }
    }
    all
}
