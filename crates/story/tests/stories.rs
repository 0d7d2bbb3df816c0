//! Plays every story in `stories/`: one requirement each, named after it.

use std::path::{Path, PathBuf};

/// Fewer stories than this were not found, or lost.
const AT_LEAST: usize = 120;
/// Stories are played by this many threads.
const THREADS: usize = 4;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../stories")
}

#[test]
fn every_story_ends_as_told() {
    let mut files: Vec<_> = std::fs::read_dir(folder())
        .expect("the folder of stories")
        .flatten()
        .map(|entry| entry.path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "story"));
    files.sort();
    assert!(files.len() >= AT_LEAST, "only {} stories were found", files.len());
    let parts = files.chunks(files.len().div_ceil(THREADS));
    let failures: Vec<String> = std::thread::scope(|scope| {
        let players: Vec<_> = parts
            .map(|part| scope.spawn(|| part.iter().filter_map(|file| failure(file)).collect()))
            .collect();
        let played = players.into_iter().map(|player| player.join().expect("no story panics"));
        played.flat_map(|failures: Vec<String>| failures).collect()
    });
    assert!(
        failures.is_empty(),
        "{} of {} stories went otherwise:\n{}",
        failures.len(),
        files.len(),
        failures.join("\n\n")
    );
}

/// What is wrong with the story of a file, if anything.
fn failure(file: &Path) -> Option<String> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let text = std::fs::read_to_string(file).expect("readable");
    let story = match story::read(&text) {
        Ok(story) => story,
        Err(error) => return Some(format!("{name}: {error}")),
    };
    let loaded = match config::load(&folder().join(&story.given)) {
        Ok(loaded) => loaded,
        Err(problems) => {
            return Some(format!("{name}: {}", problems.render(domain::said::Language::En)));
        }
    };
    let verdict = story::play(&story, &loaded);
    let happened = verdict.transcript.join("\n    ");
    verdict
        .failure
        .map(|failure| format!("{name}: {failure}\n  everything that happened:\n    {happened}"))
}
