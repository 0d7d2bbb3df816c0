//! Requests under `golden/`, one folder per format, with the words and the answer that each must give.
//!
//! `NAME.request` holds a request line, headers, an empty line and the body; `NAME.words` a line of JSON for each word and
//! a line with `!` for each problem; `NAME.answer` the status, the type and the body. The bodies are those of the vendors'
//! documents, or what their programs were seen to send. With `HIKESHI_WRITE=1` in the environment words and answers are
//! written anew: read the difference before you keep it.

use intake::{Answer, Context, Heard, Proof, kinds, written};
use jiff::Timestamp;
use proptest::{prelude::*, sample::Index};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// What the senders of the golden requests show; never to be found in what comes out.
const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn now() -> Timestamp {
    "2026-11-22T20:00:00Z".parse().expect("a time")
}

fn requests(format: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format);
    let files = fs::read_dir(&folder).unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
    let mut files: Vec<_> = files.flatten().map(|file| file.path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "request"));
    files.sort();
    files
}

/// The bytes of a request; editors end a file with a line break that the body does not have.
fn bytes_of(file: &Path) -> Vec<u8> {
    let mut bytes = fs::read(file).expect("a request");
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
    }
    bytes
}

fn read(format: &intake::Format, bytes: &[u8]) -> Result<Heard, intake::Rejected> {
    let is_secret = |shown: &str| shown == SECRET;
    let proof = match format.name {
        "pagerduty" | "opsgenie" | "gitlab" => Proof::Token(&is_secret),
        "github" | "grafana" => Proof::Secret(SECRET.as_bytes()),
        _ => Proof::Checked,
    };
    let context = Context { integration: "golden", now: now(), proof };
    let reader = kinds::example(format).expect("the example is read");
    written::with_request(format.paths[0].1, bytes, |request| reader.read(request, &context))
}

fn words_text(heard: &Heard) -> String {
    let words = heard.words.iter().map(|word| serde_json::to_string(word).expect("JSON") + "\n");
    let problems = heard.problems.iter().map(|problem| format!("! {problem}\n"));
    words.chain(problems).collect()
}

fn answer_text(answer: &Answer) -> String {
    let body = String::from_utf8(answer.body.clone()).expect("answers are text");
    format!("{} {}\n{body}", answer.status, answer.content_type).trim_end().to_owned() + "\n"
}

fn check(file: &Path, said: &str, failures: &mut Vec<String>) {
    if std::env::var_os("HIKESHI_WRITE").is_some() {
        fs::write(file, said).expect("written");
    }
    let expected = fs::read_to_string(file).unwrap_or_default();
    if expected != said {
        failures.push(format!("{}:\n{said}instead of\n{expected}", file.display()));
    }
}

#[test]
fn every_request_says_what_is_written_down() {
    let mut failures = Vec::new();
    for format in kinds::KINDS {
        let files = requests(format.name);
        assert!(files.len() >= 3, "{format:?} has only {} golden requests", files.len());
        for file in files {
            let (words, answer) = match read(format, &bytes_of(&file)) {
                Ok(heard) => (words_text(&heard), answer_text(&heard.answer)),
                Err(rejected) => (format!("! {rejected}\n"), answer_text(rejected.answer())),
            };
            assert!(!words.contains(SECRET) && !answer.contains(SECRET), "{}", file.display());
            check(&file.with_extension("words"), &words, &mut failures);
            check(&file.with_extension("answer"), &answer, &mut failures);
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// A sender that nobody knows says nothing, and learns nothing.
#[test]
fn without_its_proof_no_request_counts() {
    let nobody = |_: &str| false;
    for (format, proof) in [
        ("pagerduty", Proof::Token(&nobody)),
        ("opsgenie", Proof::Token(&nobody)),
        ("gitlab", Proof::Token(&nobody)),
        ("github", Proof::Secret(b"another")),
        ("grafana", Proof::Secret(b"another")),
        ("github", Proof::Token(&nobody)),
        ("grafana", Proof::Token(&nobody)),
        ("gitlab", Proof::Secret(b"another")),
    ] {
        let format = kinds::by_name(format).expect("a format");
        let reader = kinds::example(format).expect("the example is read");
        let context = Context { integration: "golden", now: now(), proof };
        for file in requests(format.name) {
            let heard = written::with_request("/", &bytes_of(&file), |request| {
                reader.read(request, &context)
            });
            let rejected = heard.expect_err("nothing counts");
            assert!(matches!(rejected.status(), 400 | 401 | 404), "{}", file.display());
        }
    }
}

/// The order in which a sender happens to write its labels does not make another alert.
#[test]
fn the_same_labels_in_another_order_are_the_same_alert() {
    let format = kinds::by_name("alertmanager").expect("a format");
    let number = |body: &str| match read(format, body.as_bytes()).expect("read").words[..] {
        [intake::Word::Told(ref told)] => told.fingerprint,
        ref other => panic!("{other:?}"),
    };
    let one = number(r#"[{"labels":{"alertname":"Down","job":"api","zone":"a"}}]"#);
    assert_eq!(one, number(r#"[{"labels":{"zone":"a","job":"api","alertname":"Down"}}]"#));
    assert_ne!(one, number(r#"[{"labels":{"zone":"b","job":"api","alertname":"Down"}}]"#));
}

fn all_requests() -> Vec<(usize, Vec<u8>)> {
    let formats = kinds::KINDS.iter().enumerate();
    formats
        .flat_map(|(at, format)| {
            requests(format.name).into_iter().map(move |file| (at, bytes_of(&file)))
        })
        .collect()
}

/// One change of some bytes.
#[derive(Clone, Debug)]
enum Damage {
    Set(Index, u8),
    Cut(Index),
    Double(Index, Index),
    Put(Index, &'static str),
}

/// What breaks readers.
const PIECES: &[&str] = &[
    "\"", "{", "[", "\\u0000", "\\ud800", "null", "1e999", "日本", "\n\n", "%00", "-1", "~", "{{",
];

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Set(at, byte)),
        any::<Index>().prop_map(Damage::Cut),
        any::<(Index, Index)>().prop_map(|(from, to)| Damage::Double(from, to)),
        (any::<Index>(), prop::sample::select(PIECES)).prop_map(|(at, p)| Damage::Put(at, p)),
    ]
}

fn damaged(mut bytes: Vec<u8>, damages: &[Damage]) -> Vec<u8> {
    for damage in damages {
        let len = bytes.len() + 1;
        match damage {
            Damage::Set(at, byte) => {
                if let Some(old) = bytes.get_mut(at.index(len)) {
                    *old = *byte;
                }
            }
            Damage::Cut(at) => bytes.truncate(at.index(len)),
            Damage::Double(from, to) => {
                let (a, b) = (from.index(len), to.index(len));
                let piece = bytes[a.min(b)..a.max(b)].to_vec();
                bytes.extend(piece);
            }
            Damage::Put(at, piece) => {
                let at = at.index(len);
                bytes.splice(at..at, piece.bytes());
            }
        }
    }
    bytes
}

proptest! {
    /// Whatever arrives: an answer, never a panic; and what is told keeps the limits.
    #[test]
    fn no_bytes_break_a_format(index in any::<Index>(), damages in prop::collection::vec(damage(), 0..6)) {
        let all = all_requests();
        let (format, bytes) = all[index.index(all.len())].clone();
        let heard = kinds::read_any(format, &damaged(bytes, &damages));
        for word in heard.iter().flat_map(|heard| &heard.words) {
            if let intake::Word::Told(told) = word {
                prop_assert!(!told.labels.is_empty());
                prop_assert!(told.labels.iter().count() <= intake::limits::PAIRS);
            }
        }
    }

    #[test]
    fn no_random_bytes_break_a_format(format in 0_usize..16, bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = kinds::read_any(format, &bytes);
    }
}
