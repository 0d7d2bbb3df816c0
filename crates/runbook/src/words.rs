//! Bash text to simple commands and their words, with every place where an `HK_` variable stands.
//!
//! A scanner, not a parser: it knows quotes, expansions, comments and here-documents, and treats keywords
//! as words. A `)` of a `case` pattern counts as the end of a command. What it cannot tell, it reports as
//! the more dangerous of the two.

/// What a script consists of.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// Its simple commands, those inside `$(…)` before the one around them.
    pub commands: Vec<Vec<Word>>,
    /// Where `HK_` variables stand, except in comments.
    pub uses: Vec<Use>,
    /// The line, from 0, of a quote or bracket that is never closed.
    pub unclosed: Option<u32>,
}

/// One word of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// Its text without quotes; an expansion stands as `$NAME` or `$`.
    pub text: String,
    /// Its line, from 0.
    pub line: u32,
    /// Whether an `HK_` variable is expanded in it.
    pub has_parameter: bool,
}

/// One place where an `HK_` variable stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// Its name, `HK_PORT`.
    pub name: String,
    /// The line, from 0.
    pub line: u32,
    /// How it stands there.
    pub context: Context,
}

/// How a variable stands in a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// In double quotes.
    Quoted,
    /// Outside quotes.
    Bare,
    /// Inside `$((…))` or `((…))`.
    Arithmetic,
    /// Inside `${…}` of another variable, as `${!…}` or with `@`.
    Nested,
    /// In a here-document that expands.
    HereDocument,
    /// As plain text: in single quotes, or as a name without `$`.
    Literal,
}

/// Takes a script apart.
pub fn scan(text: &str) -> Script {
    let mut scanner = Scanner { chars: text.chars().collect(), ..Scanner::default() };
    while scanner.at < scanner.chars.len() {
        scanner.commands(None);
        scanner.step();
    }
    scanner.script
}

#[derive(Default)]
struct Scanner {
    chars: Vec<char>,
    at: usize,
    line: u32,
    script: Script,
    /// Here-documents whose text begins on the next line.
    heredocs: Vec<HereDocument>,
}

struct HereDocument {
    end: String,
    expands: bool,
}

impl Scanner {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn step(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        self.line += u32::from(c == '\n');
        Some(c)
    }

    fn sees(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(i, c)| self.chars.get(self.at + i) == Some(&c))
    }

    fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.step();
        }
    }

    /// Reads commands up to the character that ends them, which is left where it is.
    fn commands(&mut self, end: Option<char>) {
        let mut words = Vec::new();
        while let Some(c) = self.peek() {
            if Some(c) == end || (end.is_none() && c == ')') {
                break;
            }
            match c {
                '#' => self.comment(),
                ' ' | '\t' => self.skip(1),
                '\\' if self.sees("\\\n") => self.skip(2),
                '(' if self.sees("((") => self.arithmetic(2),
                '(' => {
                    self.finish(&mut words);
                    self.nested(1, ')');
                }
                '<' if self.sees("<<") && !self.sees("<<<") => self.here_document(),
                '<' | '>' if self.chars.get(self.at + 1) == Some(&'(') => self.nested(2, ')'),
                '<' | '>' => self.skip(1),
                '\n' => {
                    self.finish(&mut words);
                    self.skip(1);
                    self.here_document_text();
                }
                ';' | '&' | '|' => {
                    self.finish(&mut words);
                    self.skip(1);
                }
                _ => words.push(self.word(end)),
            }
        }
        self.finish(&mut words);
    }

    fn finish(&mut self, words: &mut Vec<Word>) {
        if !words.is_empty() {
            self.script.commands.push(std::mem::take(words));
        }
    }

    /// Commands inside brackets or backticks, whose opening has `opening` characters.
    fn nested(&mut self, opening: usize, end: char) {
        let line = self.line;
        self.skip(opening);
        self.commands(Some(end));
        if self.step().is_none() {
            self.script.unclosed.get_or_insert(line);
        }
    }

    fn comment(&mut self) {
        while self.peek().is_some_and(|c| c != '\n') {
            self.skip(1);
        }
    }

    fn word(&mut self, end: Option<char>) -> Word {
        let mut word = Word { line: self.line, ..Word::default() };
        let mut plain = String::new();
        while let Some(c) = self.peek() {
            if matches!(c, ' ' | '\t' | '\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>')
                || Some(c) == end
            {
                break;
            }
            match c {
                '\'' => self.single_quoted(&mut word),
                '"' => self.double_quoted(&mut word),
                '$' => self.expansion(&mut word, Context::Bare),
                '`' => {
                    self.nested(1, '`');
                    word.text.push('$');
                }
                '\\' => {
                    self.skip(1);
                    word.text.extend(self.step().filter(|c| *c != '\n'));
                }
                _ => {
                    plain.push(c);
                    word.text.push(c);
                    self.skip(1);
                }
            }
        }
        self.names_in(&plain, word.line, Context::Literal);
        word
    }

    fn single_quoted(&mut self, word: &mut Word) {
        let line = self.line;
        self.skip(1);
        let mut text = String::new();
        loop {
            match self.step() {
                Some('\'') => break,
                Some(c) => text.push(c),
                None => {
                    self.script.unclosed.get_or_insert(line);
                    break;
                }
            }
        }
        self.names_in(&text, line, Context::Literal);
        word.text.push_str(&text);
    }

    fn double_quoted(&mut self, word: &mut Word) {
        let line = self.line;
        self.skip(1);
        loop {
            match self.peek() {
                Some('"') => return self.skip(1),
                Some('$') => self.expansion(word, Context::Quoted),
                Some('`') => {
                    self.nested(1, '`');
                    word.text.push('$');
                }
                Some('\\') => {
                    self.skip(1);
                    word.text.extend(self.step());
                }
                Some(c) => {
                    word.text.push(c);
                    self.skip(1);
                }
                None => {
                    self.script.unclosed.get_or_insert(line);
                    return;
                }
            }
        }
    }

    /// Something that starts with `$`.
    fn expansion(&mut self, word: &mut Word, context: Context) {
        if self.sees("$((") {
            self.arithmetic(3);
        } else if self.sees("$(") {
            self.nested(2, ')');
        } else if self.sees("${") {
            return self.braces(word, context);
        } else if context == Context::Bare && self.sees("$'") {
            self.skip(1);
            return self.single_quoted(word);
        } else {
            self.skip(1);
            let name = self.identifier();
            word.text.push('$');
            word.text.push_str(&name);
            word.has_parameter |= self.names_in(&name, self.line, context);
            return;
        }
        word.text.push('$');
    }

    /// `${…}`: the name itself, and everything behind it as nested.
    fn braces(&mut self, word: &mut Word, context: Context) {
        let line = self.line;
        self.skip(2);
        let is_indirect = self.peek() == Some('!');
        self.skip(usize::from(matches!(self.peek(), Some('!' | '#'))));
        let name = self.identifier();
        let mut rest = String::new();
        let mut depth = 1;
        while let Some(c) = self.step() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
            rest.push(c);
        }
        if depth > 0 {
            self.script.unclosed.get_or_insert(line);
        }
        let context = if is_indirect || rest.contains('@') { Context::Nested } else { context };
        word.has_parameter |= self.names_in(&name, line, context);
        word.has_parameter |= self.names_in(&rest, line, Context::Nested);
        word.text.push_str(&format!("${name}"));
    }

    /// Up to the brackets that close it; whatever is named inside is evaluated as code.
    fn arithmetic(&mut self, opening: usize) {
        let line = self.line;
        self.skip(opening);
        let mut depth = 2;
        let mut text = String::new();
        while depth > 0 {
            match self.step() {
                Some('(') => depth += 1,
                Some(')') => depth -= 1,
                Some(c) => text.push(c),
                None => {
                    self.script.unclosed.get_or_insert(line);
                    break;
                }
            }
        }
        self.names_in(&text, line, Context::Arithmetic);
    }

    fn here_document(&mut self) {
        self.skip(2);
        while matches!(self.peek(), Some('-' | ' ' | '\t')) {
            self.skip(1);
        }
        let start = self.at;
        let word = self.word(None);
        let is_quoted = self.chars[start..self.at].iter().any(|c| matches!(c, '\'' | '"' | '\\'));
        self.heredocs.push(HereDocument { end: word.text, expands: !is_quoted });
    }

    fn here_document_text(&mut self) {
        for document in std::mem::take(&mut self.heredocs) {
            let context = if document.expands { Context::HereDocument } else { Context::Literal };
            loop {
                if self.peek().is_none() {
                    self.script.unclosed.get_or_insert(self.line);
                    return;
                }
                let line = self.line;
                let mut text = String::new();
                while let Some(c) = self.step().filter(|c| *c != '\n') {
                    text.push(c);
                }
                if text.trim_start_matches('\t') == document.end {
                    break;
                }
                self.names_in(&text, line, context);
            }
        }
    }

    fn identifier(&mut self) -> String {
        let mut name = String::new();
        while let Some(c) = self.peek().filter(|c| c.is_ascii_alphanumeric() || *c == '_') {
            name.push(c);
            self.skip(1);
        }
        name
    }

    /// Notes every `HK_` name in a text; whether there was one.
    fn names_in(&mut self, text: &str, line: u32, context: Context) -> bool {
        let before = self.script.uses.len();
        for name in text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
            if name.starts_with("HK_") {
                self.script.uses.push(Use { name: name.to_owned(), line, context });
            }
        }
        self.script.uses.len() > before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(text: &str) -> Vec<Context> {
        scan(text).uses.into_iter().map(|found| found.context).collect()
    }

    #[test]
    fn it_sees_how_a_variable_stands() {
        use Context::*;
        for (text, expected) in [
            (r#"curl "$HK_URL""#, vec![Quoted]),
            (r#"curl "a ${HK_URL} b""#, vec![Quoted]),
            ("curl $HK_URL", vec![Bare]),
            (r#"x="$(curl $HK_URL)""#, vec![Bare]),
            (r#"x=$(curl "$HK_URL")"#, vec![Quoted]),
            ("x=`curl $HK_URL`", vec![Bare]),
            ("echo '$HK_URL'", vec![Literal]),
            ("# $HK_URL", vec![]),
            ("echo a#b # $HK_URL", vec![]),
            ("echo $((HK_PORT + 1))", vec![Arithmetic]),
            ("if (( $HK_PORT > 5 )); then :; fi", vec![Arithmetic]),
            (r#"echo "${x:$HK_PORT}""#, vec![Nested]),
            (r#"echo "${!HK_PORT}""#, vec![Nested]),
            (r#"echo "${HK_PORT@P}""#, vec![Nested]),
            ("cat <<E\n$HK_PORT\nE\n", vec![HereDocument]),
            ("cat <<'E'\n$HK_PORT\nE\necho \"$HK_X\"", vec![Literal, Quoted]),
            (r#"cat <<<"$HK_PORT""#, vec![Quoted]),
            (r#"echo \$HK_PORT"#, vec![Literal]),
            (r#"echo "a\"$HK_PORT""#, vec![Quoted]),
        ] {
            assert_eq!(context(text), expected, "{text}");
        }
    }

    #[test]
    fn it_parts_commands_and_words() {
        let script = scan("a 'b c' \"d\" | e; f $(g h) \\\n i\n");
        let commands: Vec<Vec<&str>> = script
            .commands
            .iter()
            .map(|words| words.iter().map(|word| word.text.as_str()).collect())
            .collect();
        assert_eq!(
            commands,
            [vec!["a", "b c", "d"], vec!["e"], vec!["g", "h"], vec!["f", "$", "i"]]
        );
    }

    #[test]
    fn lines_are_counted_through_everything() {
        let script = scan("a \\\n b\n'c\nd'\n\"$HK_X\"\n");
        assert_eq!(script.uses[0].line, 4);
    }

    #[test]
    fn what_is_never_closed_is_seen_and_the_scanner_ends() {
        for text in
            ["echo 'a", "echo \"a", "echo $(a", "echo ${a", "echo $((1", "cat <<E\na\n", "`a"]
        {
            assert!(scan(text).unclosed.is_some(), "{text}");
        }
        assert_eq!(scan("case $x in a) b;; esac").unclosed, None);
        assert_eq!(scan("f() { a; }\nx=(1 2)\n").unclosed, None);
    }
}
