//! The description of the API in the repository is the one that the program gives, and covers every route of the manual.
//! With `HIKESHI_WRITE=1` in the environment it is written anew: read the difference before you keep it.

use serde_json::Value;
use std::{fs, path::Path, process::Command};

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference"))
}

/// Printed without a configuration and without a server.
fn printed() -> String {
    let nowhere = tempfile::tempdir().expect("a folder");
    let ran = Command::new(env!("CARGO_BIN_EXE_hikeshi"))
        .args(["export", "openapi"])
        .env("HIKESHI_CONFIG", nowhere.path())
        .output()
        .expect("it starts");
    assert!(ran.status.success(), "{ran:?}");
    String::from_utf8(ran.stdout).expect("text")
}

#[test]
fn the_document_in_the_repository_is_what_the_program_says() {
    let (file, printed) = (folder().join("openapi.json"), printed());
    if std::env::var_os("HIKESHI_WRITE").is_some() {
        fs::write(&file, &printed).expect("written");
    }
    let kept = fs::read_to_string(&file).expect("docs/reference/openapi.json");
    assert_eq!(kept, printed, "with HIKESHI_WRITE=1 it is written anew");
}

/// Every route of the manual's `/api/v1` that is not for the socket alone stands in the document, and the other way round.
#[test]
fn the_manual_and_the_document_know_the_same_routes() {
    let document: Value = serde_json::from_str(&printed()).expect("JSON");
    let operations =
        document["paths"].as_object().expect("paths").iter().flat_map(|(path, item)| {
            let methods = item.as_object().expect("methods").keys();
            methods.map(move |method| format!("{} {path}", method.to_uppercase()))
        });
    let mut described: Vec<_> = operations.filter(|one| one.contains(" /api/v1/")).collect();
    let manual = fs::read_to_string(folder().join("api.md")).expect("the manual");
    let mut told = Vec::new();
    for row in manual.lines().filter(|line| line.starts_with("| `")) {
        let row = row.trim_end_matches(" |");
        if row.ends_with('–') || row.ends_with("only on the socket") {
            continue;
        }
        let routes = row.split('`').filter(|text| text.contains(" /api/v1/"));
        told.extend(routes.map(|text| text.split('?').next().unwrap_or(text).to_owned()));
    }
    described.sort_unstable();
    told.sort_unstable();
    assert_eq!(described, told);
}
