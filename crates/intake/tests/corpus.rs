//! What the fuzz targets found worth keeping under `fuzz/corpus/`, read again by every test run; and that each format has
//! its target.

#[path = "../fuzz/checks.rs"]
mod checks;

use intake::kinds;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Bytes of all that is kept.
const KEPT_BYTES: u64 = 200 << 10;

/// The one target that is no format.
const TEXTS: &str = "labels_and_matchers";

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

fn kept(target: &str) -> Vec<PathBuf> {
    let folder = fuzz().join("corpus").join(target);
    let files = fs::read_dir(&folder).unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
    files.flatten().map(|file| file.path()).collect()
}

fn targets() -> impl Iterator<Item = &'static str> {
    kinds::KINDS.iter().map(|format| format.name).chain([TEXTS])
}

#[test]
fn what_was_found_once_breaks_nothing_any_more() {
    for target in targets() {
        for file in kept(target) {
            // A failure below does not name the file; tests show this line when they fail.
            println!("{}", file.display());
            let bytes = fs::read(&file).expect("kept");
            match target {
                TEXTS => checks::labels_and_matchers(&bytes),
                format => checks::format(format, &bytes),
            }
            if target == "alertmanager" {
                checks::alertmanager_asks(&bytes);
            }
        }
    }
}

#[test]
fn every_format_has_its_target_and_little_is_kept() {
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).expect("a manifest");
    let mut bytes = 0;
    for target in targets() {
        assert!(manifest.contains(&format!("name = \"{target}\"\n")), "{target} has no row");
        let code = fs::read_to_string(fuzz().join(format!("fuzz_targets/{target}.rs")));
        assert!(code.expect("a target").contains(target), "{target}");
        let files = kept(target);
        assert!((1..=30).contains(&files.len()), "{target} keeps {} files", files.len());
        bytes += files.iter().map(|file| fs::metadata(file).expect("kept").len()).sum::<u64>();
    }
    assert!(bytes <= KEPT_BYTES, "{bytes} bytes are kept");
}
