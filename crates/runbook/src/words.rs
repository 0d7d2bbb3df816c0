//! What a bash body consists of: commands with their words, variables with the way they stand, comments, loops.
//!
//! Plain data; [`crate::syntax`] fills it from the syntax tree. Lines count from 0, columns too.

/// A body taken apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// Its simple commands, those inside `$(…)` before the one around them.
    pub commands: Vec<Command>,
    /// Where variables are expanded, and where `HK_` names stand in other ways; comments are left out.
    pub uses: Vec<Use>,
    /// What variables are given, in every way that bash has.
    pub assignments: Vec<Assignment>,
    /// Its comments.
    pub comments: Vec<Comment>,
    /// Loops without an end of their own: `while true`, `for ((;;))`.
    pub endless_loops: Vec<u32>,
    /// The line of the first place that is no bash.
    pub broken: Option<u32>,
    /// Whether a statement of its outermost level can fail: not `… || echo`, not a branch that only prints.
    pub can_fail: bool,
}

/// One simple command, `[ … ]` and `[[ … ]]` included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// Its words, with neither assignments in front nor redirections.
    pub words: Vec<Word>,
    /// Where its output and input go.
    pub redirects: Vec<Redirect>,
    /// How it is joined with what stands before it.
    pub joined: Joined,
    /// Which pipeline it is part of; two commands with the same number are joined by `|`.
    pub pipeline: usize,
    /// Whether it stands inside `$(…)` or another substitution.
    pub is_substituted: bool,
    /// Whether it is the condition of an `if` or a loop, or negated: its failure is asked for.
    pub is_condition: bool,
    /// Whether it runs in the background.
    pub is_background: bool,
    /// The names that it sets in front: `PGPASSWORD=… psql`.
    pub sets: Vec<String>,
    /// Its line.
    pub line: u32,
    /// Its column, in characters.
    pub column: u32,
}

/// How a command is joined with the one before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Joined {
    /// It is the first of its statement.
    #[default]
    First,
    /// By `&&`.
    And,
    /// By `||`.
    Or,
    /// By `|`.
    Pipe,
}

/// A redirection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// `>`, `>>`, `<`, `<<`, `<<<` and so on.
    pub operator: String,
    /// The file, or the text that goes in.
    pub target: Word,
}

/// One word of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// Its text without quotes; an expansion stands as `$NAME` or `$`.
    pub text: String,
    /// Its line.
    pub line: u32,
    /// Its column, in characters.
    pub column: u32,
    /// Variables that are expanded in it.
    pub expands: Vec<String>,
    /// Variables that the commands inside its `$(…)` are given, where their output can repeat them.
    pub echoes: Vec<String>,
    /// Whether it is quoted, at least in part.
    pub is_quoted: bool,
    /// Whether a command is substituted in it.
    pub has_command: bool,
}

/// A variable that gets a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Its name.
    pub name: String,
    /// What it gets.
    pub value: Word,
    /// Whether it is handed to every command that follows (`export`).
    pub is_exported: bool,
}

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Its text without `#`.
    pub text: String,
    /// Its line.
    pub line: u32,
    /// Whether it stands behind a command in the same line.
    pub is_trailing: bool,
}

/// One place where a variable stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// Its name, `HK_PORT`.
    pub name: String,
    /// The line.
    pub line: u32,
    /// The column, in characters.
    pub column: u32,
    /// How it stands there.
    pub context: Context,
}

/// How a variable stands in a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// In double quotes.
    Quoted,
    /// Outside quotes, as an argument of a command.
    Bare,
    /// Outside quotes, where bash does not split it: `x=$y`, `[[ $y ]]`, `case $y in`.
    Whole,
    /// Inside `$((…))`, `((…))` or an index.
    Arithmetic,
    /// Inside `${…}` of another variable, as `${!…}` or with `@`.
    Nested,
    /// In a here-document that expands.
    HereDocument,
    /// As plain text: in single quotes, or as a name without `$`.
    Literal,
}

/// Words that may stand before the name of a program.
const PREFIXES: [&str; 10] =
    ["sudo", "doas", "exec", "command", "builtin", "env", "time", "nohup", "nice", "ionice"];

impl Command {
    /// The words from the name of the program on: without `sudo`, `env A=b`, `timeout 5` and the like.
    pub fn program_words(&self) -> &[Word] {
        let mut rest = self.words.as_slice();
        while let [first, tail @ ..] = rest {
            let name = first.name();
            if name == "timeout" {
                // Its options, two of which take a word, and then the duration.
                let mut at = 0;
                while let Some(word) = tail.get(at).filter(|word| word.text.starts_with('-')) {
                    at += if matches!(word.text.as_str(), "-k" | "-s") { 2 } else { 1 };
                }
                rest = tail.get(at + 1..).unwrap_or_default();
            } else if PREFIXES.contains(&name) {
                let is_option = |word: &&Word| word.text.starts_with('-') || word.is_assignment();
                let mut options = tail.iter().take_while(is_option).count();
                // `sudo -u postgres psql`: the option takes a word.
                let takes_word = |word: &Word| {
                    matches!(
                        (name, word.text.as_str()),
                        ("sudo", "-u" | "-g" | "-i") | ("nice", "-n")
                    ) && word.text != "-i"
                };
                if options > 0 && takes_word(&tail[options - 1]) {
                    options += 1;
                }
                rest = tail.get(options..).unwrap_or_default();
            } else {
                break;
            }
        }
        if rest.is_empty() { &self.words } else { rest }
    }

    /// The name of its program without folders.
    pub fn program(&self) -> &str {
        self.program_words().first().map_or("", Word::name)
    }

    /// The texts of its arguments.
    pub fn arguments(&self) -> Vec<&str> {
        self.program_words().iter().skip(1).map(|word| word.text.as_str()).collect()
    }

    /// Whether it only prints or does nothing, so that it never fails.
    pub fn is_harmless(&self) -> bool {
        matches!(self.program(), "" | "true" | ":" | "echo" | "printf" | "sleep" | "set" | "export")
            || (self.program() == "exit" && self.arguments() == ["0"])
    }
}

impl Word {
    /// Its last part after `/`.
    pub fn name(&self) -> &str {
        self.text.rsplit('/').next().unwrap_or_default()
    }

    /// Whether it has the form `NAME=…`.
    pub fn is_assignment(&self) -> bool {
        self.text.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        })
    }

    /// Whether one of these variables can be in it.
    pub fn carries(&self, is_wanted: impl Fn(&str) -> bool) -> bool {
        self.expands.iter().chain(&self.echoes).any(|name| is_wanted(name))
    }
}
