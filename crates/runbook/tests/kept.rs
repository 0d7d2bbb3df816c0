//! Stories of evidence that somebody looks at again: all of it, nothing else, and no secret.

mod world;

use domain::plan::Outcome;
use runbook::kept::{Bundles, Unseen};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::{fs, os::unix::fs::symlink, path::PathBuf, process::Command, sync::Arc};
use world::{CANARY, World, verb};

/// A bundle of one log, and where its step said that it is.
async fn collected(log: &str) -> (World, String) {
    let mut world = World::new();
    fs::write(world.path("api.log"), log).expect("written");
    world.deps.log_sources =
        vec![world.path("api.log").display().to_string(), "/nowhere/at/all.log".into()];
    let report = world.perform(&verb("evidence.collect")).await;
    assert_eq!(report.outcome, Outcome::Ok, "{}", report.output);
    (world, report.evidence.expect("a path"))
}

fn bundles(world: &World, secrets: &[&str]) -> Bundles {
    let secrets: Vec<String> = secrets.iter().map(|text| (*text).to_owned()).collect();
    Bundles::new(world.deps.evidence_folder.clone(), Arc::new(move || secrets.clone()))
}

fn sha256(path: PathBuf) -> String {
    let output = Command::new("sha256sum").arg(path).output().expect("it runs");
    String::from_utf8_lossy(&output.stdout)[..64].to_owned()
}

// A29: what was kept is told with its digests, what is missing with its reason.
#[tokio::test]
async fn a_bundle_is_read_as_it_was_written() {
    let (world, path) = collected("a line\n<script>\n").await;
    let bundles = bundles(&world, &[]);
    let contents = bundles.contents(&path).expect("there");
    let folder = PathBuf::from(&path);
    assert_eq!(contents.manifest_digest, Some(sha256(folder.join("manifest.json"))));
    let names: Vec<_> = contents.files.iter().map(|file| file.name.as_str()).collect();
    let first: Vec<_> = names.iter().take_while(|name| **name != "MANIFEST").copied().collect();
    assert_eq!(first, ["processes.txt", "memory.txt", "log-01-api.log"], "{names:?}");
    assert_eq!(names[first.len()..], ["MANIFEST", "MISSING", "manifest.json"], "{names:?}");
    let log = &contents.files[2];
    assert_eq!(log.found.map(|(bytes, _)| bytes), Some(16));
    assert_eq!(log.source, Some(world.path("api.log").display().to_string()));
    assert!(contents.missing.iter().any(|(source, _)| source == "/nowhere/at/all.log"));

    let content = bundles.content(&path, "log-01-api.log").expect("there");
    assert_eq!(content.text, "a line\n<script>\n");
    assert_eq!(Some(&content.sha256), content.kept_sha256.as_ref());
    assert!(!content.is_masked);
    // The data was moved since: the name of the bundle counts, not where it lay.
    let name = folder.file_name().expect("a name").to_string_lossy();
    assert!(bundles.contents(&format!("/old/place/{name}")).is_ok());
}

// A87: a vault handed the secret out after the evidence was kept.
#[tokio::test]
async fn a_secret_that_became_known_since_is_masked_and_a_change_is_seen() {
    let (world, path) = collected(&format!("login {CANARY} with later-secret\n")).await;
    let content = bundles(&world, &["later-secret"]).content(&path, "log-01-api.log");
    let content = content.expect("there");
    assert_eq!(content.text, "login *** with ***\n");
    assert!(content.is_masked);
    assert_eq!(Some(&content.sha256), content.kept_sha256.as_ref(), "the file is what it was");

    fs::write(PathBuf::from(&path).join("log-01-api.log"), "nothing happened\n").expect("ours");
    let changed = bundles(&world, &[]).content(&path, "log-01-api.log").expect("there");
    assert_ne!(Some(changed.sha256), changed.kept_sha256);
}

#[tokio::test]
async fn nothing_but_plain_files_of_the_bundle_is_opened() {
    let (world, path) = collected("a line\n").await;
    let bundles = bundles(&world, &[]);
    let folder = PathBuf::from(&path);
    let outside = world.path("outside.txt");
    fs::write(&outside, "not evidence").expect("written");
    symlink(&outside, folder.join("link.txt")).expect("made");
    symlink("processes.txt", folder.join("beside.txt")).expect("made");
    fs::create_dir(folder.join("folder")).expect("made");
    mknodat(CWD, folder.join("pipe"), FileType::Fifo, Mode::RUSR, 0).expect("made");
    for name in [
        "link.txt",
        "beside.txt",
        "folder",
        "pipe",
        "nothing.txt",
        "",
        ".",
        "..",
        "../../outside.txt",
        "folder/../processes.txt",
        "/etc/passwd",
        "processes.txt\0",
    ] {
        assert_eq!(bundles.content(&path, name).err(), Some(Unseen::Gone), "{name:?}");
    }
    let contents = bundles.contents(&path).expect("there");
    let linked = contents.files.iter().find(|file| file.name == "link.txt").expect("it is told");
    assert_eq!(linked.found, None, "and not followed");

    // A bundle that is a link is none; nor is what is no name at all.
    let kept = &world.deps.evidence_folder;
    symlink(world.path("."), kept.join("INC-9")).expect("made");
    for path in ["INC-9", "..", "", "/", "data/evidence/..", "data/evidence/.hidden"] {
        assert_eq!(bundles.contents(path).err(), Some(Unseen::Gone), "{path:?}");
        assert_eq!(bundles.content(path, "outside.txt").err(), Some(Unseen::Gone), "{path:?}");
    }
}

#[tokio::test]
async fn what_was_thrown_away_is_gone_and_says_so() {
    let (world, path) = collected("a line\n").await;
    let bundles = bundles(&world, &[]);
    fs::remove_file(PathBuf::from(&path).join("memory.txt")).expect("ours");
    let contents = bundles.contents(&path).expect("the rest is there");
    let memory = contents.files.iter().find(|file| file.name == "memory.txt").expect("told");
    assert!(memory.found.is_none() && memory.sha256.is_some());
    fs::write(PathBuf::from(&path).join("manifest.json"), "{").expect("ours");
    let contents = bundles.contents(&path).expect("there");
    let log = contents.files.iter().find(|file| file.name == "log-01-api.log").expect("there");
    assert!(log.sha256.is_none(), "a damaged manifest says nothing, and hides nothing");
    fs::remove_dir_all(&path).expect("ours");
    assert_eq!(bundles.contents(&path).err(), Some(Unseen::Gone));
    assert_eq!(bundles.content(&path, "memory.txt").err(), Some(Unseen::Gone));
}
