//! Plays every story in `stories/`: one requirement each, named after it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

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
    assert!(files.len() > 1, "only {} stories were found", files.len());
    let (mut configurations, mut failures) = (BTreeMap::new(), Vec::new());
    for file in &files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let story = story::read(&std::fs::read_to_string(file).expect("readable"))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let loaded = configurations.entry(story.given.clone()).or_insert_with(|| {
            let given = folder().join(&story.given);
            config::load(&given).unwrap_or_else(|problems| {
                panic!("{name}: {}", problems.render(domain::said::Language::En))
            })
        });
        let verdict = story::play(&story, loaded);
        if let Some(failure) = verdict.failure {
            failures.push(format!(
                "{name}: {failure}\n  everything that happened:\n    {}",
                verdict.transcript.join("\n    ")
            ));
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {} stories went otherwise:\n{}",
        failures.len(),
        files.len(),
        failures.join("\n\n")
    );
}
