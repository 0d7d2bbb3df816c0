//! Rule: words that must not stand in the code, everywhere or in one room: nothing unfinished, no clock in the core.

use super::problem::Problem;
use crate::{code, files::File};

/// A word that must not stand somewhere.
struct Banned {
    word: &'static str,
    /// Where it matters.
    place: Place,
    hint: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In every Rust file.
    Everywhere,
    /// In everything that is not built for tests only.
    OutsideTests,
    /// In the room `domain`, with its tests.
    Domain,
}

const UNFINISHED: &str = "finish it, or leave it out";
const NO_WORLD: &str = "the core is told: pass it in with the command (house rule 2)";

const BANNED: &[Banned] = &[
    Banned { word: "todo!", place: Place::Everywhere, hint: UNFINISHED },
    Banned { word: "unimplemented!", place: Place::Everywhere, hint: UNFINISHED },
    Banned { word: "dbg!", place: Place::Everywhere, hint: "use tracing, or remove it" },
    Banned { word: "#[ignore", place: Place::Everywhere, hint: "mend the test, or remove it" },
    Banned {
        word: ".unwrap()",
        place: Place::OutsideTests,
        hint: "return the error, or `expect` with why it holds",
    },
    Banned { word: "SystemTime::now", place: Place::Domain, hint: NO_WORLD },
    Banned { word: "Instant::now", place: Place::Domain, hint: NO_WORLD },
    Banned { word: "Timestamp::now", place: Place::Domain, hint: NO_WORLD },
    Banned { word: "Zoned::now", place: Place::Domain, hint: NO_WORLD },
    Banned { word: "thread::sleep", place: Place::Domain, hint: NO_WORLD },
    Banned { word: "rand::", place: Place::Domain, hint: NO_WORLD },
    Banned { word: "std::env::", place: Place::Domain, hint: NO_WORLD },
    Banned { word: "std::fs", place: Place::Domain, hint: NO_WORLD },
    Banned { word: "std::net", place: Place::Domain, hint: NO_WORLD },
    Banned { word: "std::process", place: Place::Domain, hint: NO_WORLD },
    Banned { word: "async fn", place: Place::Domain, hint: NO_WORLD },
];

/// Looks for the words in the code of every Rust file.
pub fn check(files: &[File]) -> Vec<Problem> {
    files.iter().filter(|file| file.ending() == "rs").flat_map(judge).collect()
}

fn judge(file: &File) -> Vec<Problem> {
    let all = code::bare(&file.text);
    let shipped = if file.is_for_tests() { String::new() } else { code::without_tests(&all) };
    let mut problems = Vec::new();
    for banned in BANNED {
        let code = match banned.place {
            Place::Everywhere => &all,
            Place::OutsideTests => &shipped,
            Place::Domain if file.room() == Some("domain") => &all,
            Place::Domain => continue,
        };
        for at in places_of(code, banned.word) {
            let message = format!("`{}` does not belong here", banned.word);
            problems.push(Problem::error(
                &file.path,
                code::line_of(code, at),
                message,
                banned.hint,
            ));
        }
    }
    problems
}

/// Where a word stands by itself, not as the end of a longer one.
fn places_of<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let is_whole = move |at: &usize| {
        let inside_name = |c: char| c.is_alphanumeric() || c == '_';
        !word.starts_with(inside_name) || !code[..*at].ends_with(inside_name)
    };
    code.match_indices(word).map(|(at, _)| at).filter(is_whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::problem::told;

    #[test]
    fn what_is_unfinished_is_found_also_in_tests() {
        let text = "//! x\nfn a() { todo!() }\n#[cfg(test)]\nmod tests {\n    #[ignore]\n    fn b() {}\n}\n";
        let expected =
            ["a.rs:2: `todo!` does not belong here", "a.rs:5: `#[ignore` does not belong here"];
        assert_eq!(told(&check(&[File::new("a.rs", text)])), expected);
    }

    #[test]
    fn an_unwrap_is_for_tests_only() {
        let text = "fn a() { b().unwrap() }\n#[cfg(test)]\nmod tests { fn c() { d().unwrap() } }\n";
        let files = [File::new("crates/x/src/a.rs", text), File::new("crates/x/tests/b.rs", text)];
        assert_eq!(told(&check(&files)), ["crates/x/src/a.rs:1: `.unwrap()` does not belong here"]);
    }

    #[test]
    fn the_core_has_no_clock_but_others_may() {
        let text = "fn a() { jiff::Timestamp::now(); operand::b(); std::thread::sleep(c); }\n";
        let files =
            [File::new("crates/domain/src/a.rs", text), File::new("crates/probes/src/a.rs", text)];
        let expected = ["Timestamp::now", "thread::sleep"]
            .map(|word| format!("crates/domain/src/a.rs:1: `{word}` does not belong here"));
        assert_eq!(told(&check(&files)), expected);
    }

    #[test]
    fn a_word_in_a_comment_or_a_text_is_no_code() {
        let text = "// todo! dbg!\nconst A: &str = \"unimplemented!\";\n";
        assert!(check(&[File::new("a.rs", text)]).is_empty());
    }
}
