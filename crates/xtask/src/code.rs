//! Rust text with everything blanked that is no code for the rules: comments, texts, and what is built for tests only.

/// The text with comments and the insides of string and character literals as spaces; lines stay where they are.
pub fn bare(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => block_comment(rest),
            '"' => quoted(rest, '"'),
            'r' | 'b' | 'c' if !ends_in_word(&out) && literal(rest).is_some() => {
                literal(rest).unwrap_or(1)
            }
            '\'' => character(rest),
            _ => 0,
        };
        if length == 0 {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            out.extend(rest[..length].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
            rest = &rest[length..];
        }
    }
    out
}

/// Bare text without the items under `#[cfg(test)]`.
pub fn without_tests(bare: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut out = String::with_capacity(bare.len());
    let mut rest = bare;
    while let Some(start) = rest.find(MARK) {
        out.push_str(&rest[..start]);
        let item = &rest[start..];
        let end = end_of_item(&item[MARK.len()..]) + MARK.len();
        out.extend(item[..end].chars().filter(|c| *c == '\n'));
        rest = &item[end..];
    }
    out + rest
}

/// The number of the line, from 1, in which a byte stands.
pub fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

fn ends_in_word(out: &str) -> bool {
    out.ends_with(|c: char| c.is_alphanumeric() || c == '_')
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        let here = &rest[at..];
        if here.starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if here.starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += here.chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// The length of a literal that ends with `mark`, escapes skipped.
fn quoted(rest: &str, mark: char) -> usize {
    let mut characters = rest.char_indices().skip(1);
    while let Some((at, c)) = characters.next() {
        if c == '\\' {
            characters.next();
        } else if c == mark {
            return at + 1;
        }
    }
    rest.len()
}

/// The length of `b"…"`, `r"…"`, `br#"…"#` and their like.
fn literal(rest: &str) -> Option<usize> {
    let prefix = ["br", "cr", "b", "c", "r"].into_iter().find(|prefix| rest.starts_with(prefix))?;
    let after = &rest[prefix.len()..];
    if !prefix.ends_with('r') {
        return match after.chars().next()? {
            '"' => Some(prefix.len() + quoted(after, '"')),
            '\'' => Some(prefix.len() + quoted(after, '\'')),
            _ => None,
        };
    }
    let hashes = after.len() - after.trim_start_matches('#').len();
    let body = after[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = body.find(&end).map_or(body.len(), |at| at + end.len());
    Some(prefix.len() + hashes + 1 + length)
}

/// The length of a character literal; 0 for a lifetime.
fn character(rest: &str) -> usize {
    let mut after = rest[1..].chars();
    match (after.next(), after.next()) {
        (Some('\\'), _) => quoted(rest, '\''),
        (Some(c), Some('\'')) => c.len_utf8() + 2,
        _ => 0,
    }
}

/// Where an item ends: after its block, or after the semicolon when it has none.
fn end_of_item(rest: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in rest.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth <= 1 => return at + 1,
            '}' => depth -= 1,
            ';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_texts_are_no_code() {
        let text = "let a = \"todo!()\"; // dbg!\n/* one /* two */ b */ let c = r#\"x \" y\"#;";
        let bare = bare(text);
        assert_eq!(bare.split_whitespace().collect::<Vec<_>>().join(" "), "let a = ; let c = ;");
        assert_eq!(bare.matches('\n').count(), 1);
    }

    #[test]
    fn a_lifetime_is_no_character() {
        assert_eq!(
            bare("fn f<'a>(x: &'a str) { '{'; '\\''; b'\"'; }"),
            "fn f<'a>(x: &'a str) {    ;     ;     ; }"
        );
    }

    #[test]
    fn a_name_that_ends_in_r_is_no_prefix() {
        assert_eq!(bare("for(\"x\")"), "for(   )");
    }

    #[test]
    fn what_is_built_for_tests_is_left_out_and_lines_stay() {
        let code = "fn a() {}\n#[cfg(test)]\nmod tests {\n  fn b() { {} }\n}\n#[cfg(test)]\nmod common;\nfn c() {}\n";
        let rest = without_tests(code);
        assert!(
            rest.contains("fn a")
                && rest.contains("fn c")
                && !rest.contains("fn b")
                && !rest.contains("common")
        );
        assert_eq!(line_of(&rest, rest.find("fn c").expect("is there")), 8);
    }
}
