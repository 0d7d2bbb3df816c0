//! Golden facts: a line of every kind of fact that any version ever wrote stays readable for ever.
//!
//! A new kind of fact fails here until `samples` has it and `UPDATE_GOLDEN=1 cargo test -p journal --test golden`
//! has added its lines. Lines that are there are never written again.

mod samples;

use domain::fact::{Fact, Recorded};
use serde_json::{Map, Value, json};
use std::{collections::BTreeSet, fs, io::Write, path::PathBuf};

/// A line and where it stands.
struct Line {
    place: String,
    value: Value,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// The file that this version writes: `facts-0.1.jsonl`.
fn file_of_this_version() -> PathBuf {
    folder().join(format!(
        "facts-{}.{}.jsonl",
        env!("CARGO_PKG_VERSION_MAJOR"),
        env!("CARGO_PKG_VERSION_MINOR")
    ))
}

/// Every line of every version.
fn lines() -> Vec<Line> {
    let entries = fs::read_dir(folder()).expect("the folder of golden files");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    let read = |file: &PathBuf| {
        let name = file.file_name().expect("a file").to_string_lossy().into_owned();
        let text = fs::read_to_string(file).expect("reads");
        let line = |(number, line): (usize, &str)| {
            let place = format!("{name}:{}", number + 1);
            let value =
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{place}: {error}"));
            Line { place, value }
        };
        text.lines().enumerate().map(line).collect::<Vec<_>>()
    };
    files.iter().flat_map(read).collect()
}

fn kind(value: &Value) -> String {
    value["fact"].as_str().expect("every fact has a kind").to_owned()
}

/// All kinds that this version knows: serde names them when it meets one that it does not.
fn kinds() -> BTreeSet<String> {
    let stranger = json!({"at": "2026-01-01T00:00:00Z", "fact": "stranger"});
    let error = serde_json::from_value::<Recorded>(stranger).expect_err("no such kind").to_string();
    let (_, list) = error.split_once("expected one of ").expect("serde lists what it knows");
    list.split(", ").map(|name| name.trim_matches('`').to_owned()).collect()
}

/// Adds lines for kinds, and shapes of kinds, that have none yet, where the author asks for it. It appends; what is there
/// stays, and is still read.
fn add_new_shapes() {
    let known = lines();
    let mut text = String::new();
    for recorded in samples::all() {
        let value = serde_json::to_value(&recorded).expect("plain data");
        if !known.iter().any(|line| keeps(&value, &line.value)) {
            text += &serde_json::to_string(&recorded).expect("plain data");
            text.push('\n');
        }
    }
    let mut file = fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(file_of_this_version())
        .expect("opens");
    file.write_all(text.as_bytes()).expect("writes");
}

/// Whether everything in `old` is in `new`, with the same values. A later version may add fields, never lose one. A text
/// of one language may have become a sentence of both, in which it stands twice.
fn keeps(new: &Value, old: &Value) -> bool {
    let keeps_fields = |new: &Map<String, Value>, old: &Map<String, Value>| {
        old.iter().all(|(name, old)| new.get(name).is_some_and(|new| keeps(new, old)))
    };
    match (new, old) {
        (Value::Object(new), Value::Object(old)) => keeps_fields(new, old),
        (Value::Array(new), Value::Array(old)) => {
            new.len() == old.len() && new.iter().zip(old).all(|(new, old)| keeps(new, old))
        }
        (Value::Object(new), Value::String(_)) => {
            new.len() == 2 && new.get("ja") == Some(old) && new.get("en") == Some(old)
        }
        (new, old) => new == old,
    }
}

#[test]
fn every_fact_ever_written_is_read_and_loses_nothing() {
    for Line { place, value } in lines() {
        let recorded: Recorded = serde_json::from_value(value.clone())
            .unwrap_or_else(|error| panic!("{place}: {error}"));
        let again = serde_json::to_value(&recorded).expect("plain data");
        assert!(keeps(&again, &value), "{place}: something was lost\n was {value}\n is  {again}");
        let twice: Recorded = serde_json::from_value(again).expect("reads what it wrote");
        assert_eq!(twice, recorded, "{place}");
    }
}

/// From its text, as the journal reads it: a field of a fact must not have the name of one that stands beside it.
#[test]
fn what_is_written_is_read_from_its_text() {
    for recorded in samples::all() {
        let text = serde_json::to_string(&recorded).expect("plain data");
        let read: Recorded =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(read, recorded);
    }
}

#[test]
fn every_kind_of_fact_has_a_golden_line() {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        add_new_shapes();
    }
    let golden: BTreeSet<_> = lines().iter().map(|line| kind(&line.value)).collect();
    let missing: Vec<_> = kinds().difference(&golden).cloned().collect();
    assert!(
        missing.is_empty(),
        "no golden line for {missing:?}: add samples, then run with UPDATE_GOLDEN=1"
    );
}

#[test]
fn what_this_version_writes_is_what_its_golden_file_says() {
    let golden: Vec<_> = lines().into_iter().map(|line| line.value).collect();
    for recorded in samples::all() {
        let value = serde_json::to_value(&recorded).expect("plain data");
        let is_there = golden.iter().any(|line| keeps(&value, line));
        assert!(
            is_there,
            "the way this is written has changed; old journals would not be read:\n{value}"
        );
    }
}

#[test]
fn a_sample_is_there_for_every_kind_and_folds_without_a_word() {
    let mut state = domain::state::State::default();
    let mut told = BTreeSet::new();
    for recorded in samples::all() {
        state.apply(&recorded);
        told.insert(domain::tell::kind(&recorded.fact));
        assert!(!domain::tell::tell(&recorded.fact).en.is_empty());
    }
    assert_eq!(
        told.len(),
        kinds().len(),
        "the words for people and the kinds in the journal go together"
    );
}

/// A journal that a newer version wrote to is read as far as it is understood: fields that are not known are passed over …
#[test]
fn a_field_from_the_future_is_passed_over() {
    for Line { place, mut value } in lines() {
        let today: Recorded = serde_json::from_value(value.clone()).expect("reads");
        value["from_the_future"] = json!({"a": [1, 2]});
        let read: Recorded =
            serde_json::from_value(value).unwrap_or_else(|error| panic!("{place}: {error}"));
        assert_eq!(read, today, "{place}");
    }
}

/// … but a kind that is not known is refused: who skips a fact folds another state than was decided on.
#[test]
fn a_kind_from_the_future_is_refused() {
    let stranger =
        json!({"at": "2026-01-01T00:00:00Z", "fact": "incident_forgotten", "incident": 1});
    let error =
        serde_json::from_value::<Recorded>(stranger).expect_err("must not be skipped").to_string();
    assert!(error.contains("unknown variant `incident_forgotten`"), "{error}");
}

/// A fact without one of its fields is damaged, not a fact with a made-up value.
#[test]
fn a_missing_field_is_never_made_up() {
    let torn = json!({"at": "2026-01-01T00:00:00Z", "fact": "alert_dropped"});
    let error =
        serde_json::from_value::<Recorded>(torn).expect_err("nothing was dropped").to_string();
    assert!(error.contains("missing field `key`"), "{error}");
    let fact = Fact::AlertDropped { key: domain::ids::AlertKey::new("r", "s") };
    let at = jiff::Timestamp::UNIX_EPOCH;
    let whole = serde_json::to_value(Recorded { at, fact }).expect("plain data");
    assert_eq!(whole, json!({"at": "1970-01-01T00:00:00Z", "fact": "alert_dropped", "key": "r@s"}));
}
