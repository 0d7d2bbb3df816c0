//! A conservative check of bash bodies on their syntax tree: a parameter may only stand where it stays data.
//!
//! A value is followed into other variables ([`crate::taint`]): `x="$HK_A"; [[ $x -gt 5 ]]` is found. What bash would
//! read differently from the tree, or not at all, is a finding too.

use crate::{
    syntax,
    taint::Tainted,
    words::{Command, Context, Script, Use, Word},
};
use domain::said::Said;
use std::collections::BTreeSet;

/// Something in a body that must not be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The line of the body, from 0.
    pub line: u32,
    /// What is wrong.
    pub message: Said,
    /// What to do.
    pub hint: Said,
}

/// Programs that other programs are written for, with the options that a program text follows.
const INTERPRETERS: &[(&str, &[&str])] = &[
    ("awk", &[]),
    ("gawk", &[]),
    ("mawk", &[]),
    ("jq", &[]),
    ("sed", &["-e", "--expression"]),
    ("psql", &["-c", "--command"]),
    ("mysql", &["-e", "--execute"]),
    ("sqlite3", &["-cmd"]),
    ("python", &["-c"]),
    ("python3", &["-c"]),
    ("perl", &["-e", "-E", "-ne", "-pe"]),
    ("ruby", &["-e"]),
    ("node", &["-e"]),
    ("su", &["-c", "--command"]),
];
const SHELLS: [&str; 5] = ["sh", "bash", "dash", "zsh", "ksh"];
/// Programs that run what comes in on their standard input.
const READERS: [&str; 8] =
    ["psql", "mysql", "sqlite3", "python", "python3", "perl", "ruby", "node"];
const NUMERIC: [&str; 6] = ["-eq", "-ne", "-lt", "-le", "-gt", "-ge"];

/// The `HK_` names that a body mentions, outside comments.
pub fn names(body: &str) -> BTreeSet<String> {
    uses(body).into_iter().map(|found| found.name).collect()
}

/// The places where a body mentions `HK_` names, outside comments.
pub fn uses(body: &str) -> Vec<Use> {
    let uses = syntax::read(body).uses;
    uses.into_iter().filter(|found| found.name.starts_with("HK_")).collect()
}

/// Everything that is wrong with a body, in the order of its lines.
pub fn check(body: &str) -> Vec<Finding> {
    let script = syntax::read(body);
    let tainted = Tainted::follow(&script);
    let misplaced = script.uses.iter().filter_map(|found| misplaced(found, &tainted));
    let mut findings: Vec<Finding> = misplaced.collect();
    findings.extend(script.commands.iter().filter_map(|command| dangerous(command, &tainted)));
    findings.extend(piped(&script, &tainted));
    findings.extend(script.broken.map(|line| {
        finding(
            line,
            "bash として読めません (引用符か括弧が閉じていない、など)",
            "this is not bash: perhaps a quote or a bracket is not closed",
            "引用符と括弧を閉じ、置き換える印 (<…>) を残さないでください",
            "close quotes and brackets, and leave no placeholder such as <…>",
        )
    }));
    findings.sort_by_key(|finding| finding.line);
    findings.dedup();
    findings
}

/// Whether nothing in a verification can fail: `… || true`, `… || echo x`, a branch that only prints.
pub fn hides_failure(body: &str) -> bool {
    let script = syntax::read(body);
    // A bare `true` hides nothing: whoever writes that means it.
    let tries = script.commands.iter().any(|command| !command.is_harmless());
    !script.can_fail && (tries || script.commands.is_empty())
}

fn misplaced(found: &Use, tainted: &Tainted) -> Option<Finding> {
    let name = &found.name;
    if !tainted.has(name) {
        return None;
    }
    let is_parameter = name.starts_with("HK_");
    let (ja, en) = match found.context {
        Context::Quoted | Context::Literal => return None,
        // Of a variable of its own, bash keeps the value whole there.
        Context::Whole if !is_parameter => return None,
        Context::Bare | Context::Whole => {
            ("二重引用符の外にあります", "stands outside double quotes")
        }
        Context::Arithmetic => {
            ("算術式の中にあります", "stands inside arithmetic, which executes what it finds")
        }
        Context::Nested => ("別の展開の中にあります", "stands inside another expansion"),
        Context::HereDocument => (
            "展開されるヒアドキュメントの中にあります",
            "stands in a here-document that is expanded",
        ),
    };
    let (from_ja, from_en) = match is_parameter {
        true => ("", ""),
        false => (" (パラメーターの値を持ちます)", " (it holds the value of a parameter)"),
    };
    Some(finding(
        found.line,
        &format!("`${name}`{from_ja} が{ja}"),
        &format!("`${name}`{from_en} {en}"),
        &format!("`\"${name}\"` と書き、コマンドの引数としてだけ使ってください"),
        &format!("write `\"${name}\"`, and only as an argument of a command"),
    ))
}

fn dangerous(command: &Command, tainted: &Tainted) -> Option<Finding> {
    let line = command.line;
    let words = command.program_words();
    let program = command.program();
    let arguments = words.get(1..).unwrap_or_default();
    let carries = |word: &Word| word.carries(|name| tainted.has(name));
    if program == "eval" {
        return Some(forbidden(line, "eval"));
    }
    let shell = words.iter().position(|word| SHELLS.contains(&word.name()));
    if shell.is_some_and(|at| words[at + 1..].iter().any(|word| is_command_option(&word.text))) {
        return Some(forbidden(line, "sh -c"));
    }
    let script =
        shell.and_then(|at| words[at + 1..].iter().find(|word| !word.text.starts_with('-')));
    if script.is_some_and(carries) {
        return Some(as_code(line, "シェルが実行するもの", "what the shell runs"));
    }
    if words.first().is_some_and(|word| carries(word) && !word.is_assignment()) {
        return Some(as_code(line, "コマンド名", "the name of a program"));
    }
    // Numbers are asked for by bare names too: `let x=HK_PORT`, `[[ HK_PORT -gt 5 ]]`.
    let names = |word: &Word| {
        let mut names = word.text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        carries(word) || (!word.is_quoted && names.any(|name| tainted.has(name)))
    };
    let counts = matches!(program, "let" | "declare" | "typeset" | "local");
    let reaches = |word: &Word| if counts { names(word) } else { carries(word) };
    if arguments.iter().any(reaches) && evaluates_arguments(program, arguments) {
        return Some(as_code(
            line,
            &format!("`{program}` の式"),
            &format!("what `{program}` evaluates"),
        ));
    }
    if program == "ssh"
        && arguments.iter().filter(|word| !word.text.starts_with('-')).skip(1).any(carries)
    {
        return Some(as_code(
            line,
            "`ssh` の先のシェルの命令",
            "a command for the shell behind `ssh`",
        ));
    }
    if is_numeric_test(words, &names) {
        return Some(as_code(line, "`[[ ]]` の数値比較", "a numeric comparison in `[[ ]]`"));
    }
    let (at, (name, options)) = words.iter().enumerate().find_map(|(at, word)| {
        let row = INTERPRETERS.iter().find(|(name, _)| *name == word.name())?;
        Some((at, row))
    })?;
    let is_text = program_text(name, options, &words[at + 1..], &carries);
    is_text.then(|| {
        as_code(line, &format!("`{name}` のプログラム"), &format!("a program for `{name}`"))
    })
}

/// A parameter that is piped into something that runs what it reads: `echo "$HK_A" | bash`.
fn piped(script: &Script, tainted: &Tainted) -> Option<Finding> {
    let runs = |command: &&Command| {
        let program = command.program();
        let has_file = command.arguments().iter().any(|word| !word.starts_with('-'));
        (SHELLS.contains(&program) && !has_file)
            || (READERS.contains(&program) && !has_program(command))
    };
    let fed = script.commands.iter().filter(runs).find(|command| {
        let from_text = command.redirects.iter().any(|redirect| {
            redirect.operator == "<<<" && redirect.target.carries(|name| tainted.has(name))
        });
        let before = script.commands.iter().filter(|other| {
            command.joined == crate::words::Joined::Pipe && other.pipeline == command.pipeline
        });
        from_text
            || before
                .filter(|other| matches!(other.program(), "echo" | "printf" | "cat"))
                .any(|other| other.words.iter().any(|word| word.carries(|name| tainted.has(name))))
    })?;
    let program = fed.program();
    Some(as_code(
        fed.line,
        &format!("`{program}` が読んで実行する入力"),
        &format!("the input that `{program}` runs"),
    ))
}

fn has_program(command: &Command) -> bool {
    let options = INTERPRETERS.iter().find(|(name, _)| *name == command.program());
    options.is_some_and(|(_, options)| {
        command.arguments().iter().any(|word| options.contains(word) || word.ends_with(".py"))
    })
}

/// Whether a parameter stands in the text that an interpreter runs.
fn program_text(
    name: &str,
    options: &[&str],
    arguments: &[Word],
    carries: &impl Fn(&Word) -> bool,
) -> bool {
    let follows_option = arguments.iter().enumerate().any(|(at, word)| {
        let is_joined = options.iter().any(|option| match option.len() {
            2 => word.text.len() > 2 && word.text.starts_with(option),
            _ => word.text.starts_with(&format!("{option}=")),
        });
        let is_next =
            at > 0 && options.iter().any(|option| is_option(&arguments[at - 1].text, option));
        carries(word) && (is_joined || is_next)
    });
    // awk, jq and sed take their first operand as the program when no option gave one.
    let is_filter = name.ends_with("awk") || name == "jq";
    let takes_operand = is_filter
        || (name == "sed" && !arguments.iter().any(|word| options.contains(&word.text.as_str())));
    let values = |option: &str| match option {
        "-v" | "-F" if name.ends_with("awk") => 1,
        "--arg" | "--argjson" | "--slurpfile" if name == "jq" => 2,
        _ => 0,
    };
    let operand = arguments.iter().enumerate().find(|(at, word)| {
        let is_value = (1..=2).any(|back| {
            at.checked_sub(back).is_some_and(|option| values(&arguments[option].text) >= back)
        });
        !word.text.starts_with('-') && !is_value
    });
    follows_option || (takes_operand && operand.is_some_and(|(_, word)| carries(word)))
}

/// Whether a word is an option, alone or as the last of joined letters: `-c`, `-tAc`.
fn is_option(word: &str, option: &str) -> bool {
    let is_joined = option.len() == 2
        && word.starts_with('-')
        && !word.starts_with("--")
        && word.ends_with(&option[1..]);
    word == option || is_joined
}

/// Builtins that take an argument as an expression, as code, or as the name of a variable, `a[$(cmd)]` included.
fn evaluates_arguments(program: &str, arguments: &[Word]) -> bool {
    let has_option = |letter: char| {
        arguments.iter().any(|word| word.text.starts_with('-') && word.text.contains(letter))
    };
    match program {
        "let" | "unset" | "source" | "." | "trap" | "watch" | "parallel" => true,
        "read" | "mapfile" | "readarray" | "getopts" => true,
        "declare" | "typeset" | "local" => has_option('i') || has_option('n'),
        "printf" | "test" | "[" | "[[" => arguments.iter().any(|word| word.text == "-v"),
        _ => false,
    }
}

/// `[ … -gt … ]` compares numbers and nothing else; `[[ … -gt … ]]` evaluates both sides.
fn is_numeric_test(words: &[Word], carries: &impl Fn(&Word) -> bool) -> bool {
    let is_double = words.first().is_some_and(|word| word.text == "[[");
    is_double
        && (1..words.len().saturating_sub(1)).any(|at| {
            NUMERIC.contains(&words[at].text.as_str())
                && (carries(&words[at - 1]) || carries(&words[at + 1]))
        })
}

/// `-c`, also joined with other letters: `-lc`.
fn is_command_option(text: &str) -> bool {
    text.starts_with('-') && !text.starts_with("--") && text.contains('c')
}

fn forbidden(line: u32, what: &str) -> Finding {
    finding(
        line,
        &format!("`{what}` は使えません"),
        &format!("`{what}` is not allowed"),
        "文字列をプログラムとして実行せず、コマンドを直接書いてください",
        "write the command itself instead of running a text as a program",
    )
}

fn as_code(line: u32, ja: &str, en: &str) -> Finding {
    finding(
        line,
        &format!("パラメーターが{ja}の中にあります"),
        &format!("a parameter stands in {en}"),
        "パラメーターはコマンドの普通の引数としてだけ使ってください",
        "use a parameter only as an ordinary argument of a command",
    )
}

fn finding(line: u32, ja: &str, en: &str, hint_ja: &str, hint_en: &str) -> Finding {
    Finding { line, message: Said::new(ja, en), hint: Said::new(hint_ja, hint_en) }
}
