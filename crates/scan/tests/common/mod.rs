//! What the stories of scans have in common.

use domain::said::Said;
use probes::Deps;
use scan::{Asked, Scan};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

pub fn deps() -> Deps {
    Deps {
        clock: Arc::new(jiff::Timestamp::now),
        supervisor: None,
        state_folder: None,
        samples: None,
        safe: secrets::Safe::default(),
    }
}

/// Paths looked at with the scanners of a folder, without a configuration.
pub fn asked(path: &Path, programs: &Path) -> Asked {
    Asked {
        paths: vec![path.to_owned()],
        own_folders: Vec::new(),
        programs: vec![programs.to_owned()],
        services: Err(Said::same("no configuration")),
        deps: deps(),
        limit: Duration::from_secs(60),
    }
}

pub async fn scanned(path: &Path, programs: &Path) -> Scan {
    scan::scan(asked(path, programs)).await
}

/// Writes a file with its folders, readable by its owner only.
pub fn write(path: &Path, text: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    fs::write(path, text).expect("written");
    allow(path, 0o600);
}

pub fn allow(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("ours");
}

/// Every name, mode and content below a folder.
pub fn contents(folder: &Path) -> Vec<(PathBuf, u32, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("readable") {
        let path = entry.expect("readable").path();
        let file = fs::symlink_metadata(&path).expect("there");
        let bytes = if file.is_file() { fs::read(&path).expect("readable") } else { Vec::new() };
        found.push((path.clone(), file.permissions().mode(), bytes));
        if file.is_dir() {
            found.extend(contents(&path));
        }
    }
    found.sort();
    found
}
