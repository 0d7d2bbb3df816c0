//! Which file of a crate imports which: reads the paths in the code, follows re-exports to where things are.

use crate::{code, files::File};
use std::collections::BTreeMap;

/// A module's path inside its crate; the crate's root is empty.
pub type Module = Vec<String>;

/// One file imports another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// Index of the file that imports.
    pub from: usize,
    /// Index of the file that is imported.
    pub to: usize,
    /// Where.
    pub line: usize,
}

/// A path as it stands in the code.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Path {
    line: usize,
    parts: Vec<String>,
    /// The name under which a `use` makes it known.
    known_as: String,
    /// `pub use`: a door for others, not an import.
    is_door: bool,
}

struct Crate {
    modules: BTreeMap<Module, usize>,
    doors: BTreeMap<(Module, String), Path>,
}

/// All imports between the files of one crate's `src`. Re-exports (`pub use`) are doors and count for those who go through.
pub fn between(files: &[&File]) -> Vec<Import> {
    let has_lib = files.iter().any(|file| file.in_src() == Some("lib.rs"));
    let module_of = |file: &File| module(file.in_src()?, has_lib);
    let named =
        files.iter().enumerate().filter_map(|(index, file)| Some((module_of(file)?, index)));
    let mut whole = Crate { modules: named.collect(), doors: BTreeMap::new() };
    let read: Vec<_> = whole
        .modules
        .iter()
        .map(|(module, index)| {
            (module.clone(), *index, paths(&code::without_tests(&code::bare(&files[*index].text))))
        })
        .collect();
    for (module, _, paths) in &read {
        let doors = paths.iter().filter(|path| path.is_door);
        whole
            .doors
            .extend(doors.map(|path| ((module.clone(), path.known_as.clone()), path.clone())));
    }
    let mut imports = Vec::new();
    for (module, from, paths) in &read {
        for path in paths.iter().filter(|path| !path.is_door) {
            let to = whole
                .resolve(module, &path.parts, 8)
                .and_then(|target| whole.modules.get(&target).copied());
            if let Some(to) = to.filter(|to| to != from) {
                imports.push(Import { from: *from, to, line: path.line });
            }
        }
    }
    imports
}

/// `a/b.rs` and `a/b/mod.rs` are `a::b`. Beside a library, `main.rs` is a crate of its own.
fn module(in_src: &str, has_lib: bool) -> Option<Module> {
    let path = in_src.strip_suffix(".rs")?;
    match path {
        "lib" => Some(Module::new()),
        "main" => (!has_lib).then(Module::new),
        _ if path.starts_with("bin/") => None,
        path => {
            Some(path.strip_suffix("/mod").unwrap_or(path).split('/').map(str::to_owned).collect())
        }
    }
}

impl Crate {
    /// The module in which what a path names is declared; none when it leads out of the crate.
    fn resolve(&self, from: &Module, parts: &[String], patience: usize) -> Option<Module> {
        let mut at = from.clone();
        let mut rest = parts;
        match rest.first()?.as_str() {
            "crate" => (at, rest) = (Module::new(), &rest[1..]),
            "self" => rest = &rest[1..],
            "super" => {
                while rest.first().is_some_and(|part| part == "super") {
                    at.pop()?;
                    rest = &rest[1..];
                }
            }
            first => {
                let is_known = self.modules.contains_key(&child(&at, first))
                    || self.doors.contains_key(&(at.clone(), first.to_owned()));
                if !is_known {
                    return None;
                }
            }
        }
        for (index, part) in rest.iter().enumerate() {
            let below = child(&at, part);
            if self.modules.contains_key(&below) {
                at = below;
            } else if let Some(door) =
                self.doors.get(&(at.clone(), part.clone())).filter(|_| patience > 0)
            {
                let through: Vec<_> =
                    door.parts.iter().chain(&rest[index + 1..]).cloned().collect();
                return self.resolve(&at, &through, patience - 1).or(Some(at));
            } else {
                break;
            }
        }
        Some(at)
    }
}

fn child(module: &Module, part: &str) -> Module {
    module.iter().cloned().chain([part.to_owned()]).collect()
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Mark(char),
    Colons,
}

fn tokens(code: &str) -> Vec<(usize, Token)> {
    let (mut tokens, mut line) = (Vec::new(), 1);
    let mut rest = code.chars().peekable();
    while let Some(c) = rest.next() {
        if c == '\n' {
            line += 1;
        } else if c.is_alphanumeric() || c == '_' {
            let mut word = c.to_string();
            while let Some(next) = rest.next_if(|c| c.is_alphanumeric() || *c == '_') {
                word.push(next);
            }
            tokens.push((line, Token::Word(word)));
        } else if c == ':' && rest.next_if_eq(&':').is_some() {
            tokens.push((line, Token::Colons));
        } else if !c.is_whitespace() {
            tokens.push((line, Token::Mark(c)));
        }
    }
    tokens
}

/// All paths of two parts or more, and what `use` names.
fn paths(code: &str) -> Vec<Path> {
    let tokens = tokens(code);
    let (mut found, mut at) = (Vec::new(), 0);
    while at < tokens.len() {
        match &tokens[at].1 {
            Token::Word(word) if word == "use" => {
                let is_door = is_public(&tokens[..at]);
                at = used(&tokens, at + 1, &[], is_door, &mut found);
            }
            Token::Word(word) => {
                let (line, mut parts) = (tokens[at].0, vec![word.clone()]);
                while let [(_, Token::Colons), (_, Token::Word(next)), ..] = &tokens[at + 1..] {
                    parts.push(next.clone());
                    at += 2;
                }
                if parts.len() > 1 {
                    found.push(Path { line, known_as: String::new(), parts, is_door: false });
                }
                at += 1;
            }
            _ => at += 1,
        }
    }
    found
}

/// Whether `pub` or `pub(…)` stands before.
fn is_public(before: &[(usize, Token)]) -> bool {
    let is_word = |token: &Token, word: &str| matches!(token, Token::Word(w) if w == word);
    match before {
        [.., (_, token)] if is_word(token, "pub") => true,
        [.., (_, Token::Mark(')'))] => {
            let open = before.iter().rposition(|(_, token)| *token == Token::Mark('('));
            open.is_some_and(|open| open > 0 && is_word(&before[open - 1].1, "pub"))
        }
        _ => false,
    }
}

/// Reads one tree of a `use` after `prefix`; returns where it ends.
fn used(
    tokens: &[(usize, Token)],
    mut at: usize,
    prefix: &[String],
    is_door: bool,
    found: &mut Vec<Path>,
) -> usize {
    let line = tokens.get(at).map_or(1, |(line, _)| *line);
    let mut parts = prefix.to_vec();
    let mut known_as = None;
    while let Some((_, token)) = tokens.get(at) {
        match token {
            Token::Word(word) if word == "as" => {
                if let Some((_, Token::Word(name))) = tokens.get(at + 1) {
                    known_as = Some(name.clone());
                }
                at += 1;
            }
            Token::Word(word) if word == "self" && !parts.is_empty() => {}
            Token::Word(word) => parts.push(word.clone()),
            Token::Mark('{') => return used_group(tokens, at + 1, &parts, is_door, found),
            Token::Colons | Token::Mark('*') => {}
            // The end, or no import at all, as in `impl Trait + use<'a>`.
            Token::Mark(_) => break,
        }
        at += 1;
    }
    if !parts.is_empty() {
        let known_as = known_as.or_else(|| parts.last().cloned()).unwrap_or_default();
        found.push(Path { line, parts, known_as, is_door });
    }
    at
}

/// Reads the trees between braces; returns where the group ends.
fn used_group(
    tokens: &[(usize, Token)],
    mut at: usize,
    prefix: &[String],
    is_door: bool,
    found: &mut Vec<Path>,
) -> usize {
    while let Some((_, token)) = tokens.get(at) {
        at = match token {
            Token::Mark('}') => return at + 1,
            Token::Mark(_) => at + 1,
            Token::Word(_) | Token::Colons => used(tokens, at, prefix, is_door, found),
        };
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imports(files: &[(&str, &str)]) -> Vec<String> {
        let files: Vec<_> = files
            .iter()
            .map(|(name, text)| File::new(format!("crates/x/src/{name}"), *text))
            .collect();
        let files: Vec<_> = files.iter().collect();
        let name = |index: usize| files[index].in_src().expect("all are in src").to_owned();
        between(&files)
            .iter()
            .map(|import| format!("{}:{} {}", name(import.from), import.line, name(import.to)))
            .collect()
    }

    #[test]
    fn every_way_to_write_an_import_is_read() {
        let text = "use crate::{b::{self, C}, d as e};\nfn f() { super::g::h(); crate::i::J }\nuse std::fs;\n";
        let files = [
            ("lib.rs", ""),
            ("a.rs", text),
            ("b.rs", ""),
            ("d.rs", ""),
            ("g.rs", ""),
            ("i/mod.rs", ""),
        ];
        assert_eq!(
            imports(&files),
            ["a.rs:1 b.rs", "a.rs:1 b.rs", "a.rs:1 d.rs", "a.rs:2 g.rs", "a.rs:2 i/mod.rs"]
        );
    }

    #[test]
    fn who_goes_through_a_door_imports_what_is_behind_it() {
        let files = [
            ("lib.rs", "mod a;\nmod b;\npub use a::Thing;\n"),
            ("a.rs", ""),
            ("b.rs", "use crate::Thing;\n"),
        ];
        assert_eq!(imports(&files), ["b.rs:1 a.rs"]);
    }

    #[test]
    fn a_child_that_takes_from_its_parent_imports_it() {
        let files = [
            ("lib.rs", ""),
            ("verbs.rs", "mod stop;\nfn x() { stop::go() }\n"),
            ("verbs/stop.rs", "use super::Verb;\n"),
        ];
        assert_eq!(imports(&files), ["verbs.rs:2 verbs/stop.rs", "verbs/stop.rs:1 verbs.rs"]);
    }

    #[test]
    fn a_use_that_is_no_import_is_passed_over() {
        let text = "fn f(x: &X) -> impl Fn() + use<'_> { g(); crate::b::h() }\nuse crate::{};\nuse crate::{b";
        assert_eq!(
            imports(&[("lib.rs", ""), ("a.rs", text), ("b.rs", "")]),
            ["a.rs:1 b.rs", "a.rs:3 b.rs"]
        );
    }

    #[test]
    fn tests_comments_and_other_crates_import_nothing() {
        let text = "//! [`crate::b`]\nuse serde::b;\n#[cfg(test)]\nmod tests { use crate::b; }\n";
        assert!(imports(&[("lib.rs", ""), ("a.rs", text), ("b.rs", "")]).is_empty());
    }
}
