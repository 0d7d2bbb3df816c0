//! A conservative check of bash bodies: a parameter may only stand where it stays data.
//!
//! It looks at text, not at a syntax tree, and does not follow a value into another variable
//! (`x="$HK_A"; [[ $x -gt 5 ]]` passes). It is there against mistakes; parameters are typed before that.

use crate::words::{self, Context, Script, Use, Word};
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
    ("sed", &["-e", "--expression"]),
    ("psql", &["-c", "--command"]),
    ("mysql", &["-e", "--execute"]),
    ("sqlite3", &["-cmd"]),
    ("python", &["-c"]),
    ("python3", &["-c"]),
    ("perl", &["-e", "-E"]),
    ("ruby", &["-e"]),
    ("node", &["-e"]),
];
const SHELLS: [&str; 5] = ["sh", "bash", "dash", "zsh", "ksh"];
/// Words that may stand before the name of a program.
const PREFIXES: [&str; 17] = [
    "sudo", "exec", "command", "builtin", "env", "time", "nohup", "nice", "!", "if", "then",
    "else", "elif", "while", "until", "do", "{",
];
const NUMERIC: [&str; 6] = ["-eq", "-ne", "-lt", "-le", "-gt", "-ge"];

/// The `HK_` names that a body mentions, outside comments.
pub fn names(body: &str) -> BTreeSet<String> {
    uses(body).into_iter().map(|found| found.name).collect()
}

/// The places where a body mentions `HK_` names, outside comments.
pub fn uses(body: &str) -> Vec<Use> {
    words::scan(body).uses
}

/// Everything that is wrong with a body.
pub fn check(body: &str) -> Vec<Finding> {
    let script = words::scan(body);
    let mut findings: Vec<Finding> = script.uses.iter().filter_map(misplaced).collect();
    findings.extend(script.commands.iter().filter_map(|words| dangerous(words)));
    findings.extend(script.unclosed.map(|line| {
        finding(
            line,
            "引用符か括弧が閉じていません",
            "a quote or a bracket is not closed",
            "閉じてください",
            "close it",
        )
    }));
    findings.sort_by_key(|finding| finding.line);
    findings
}

/// Whether the last command of a verification cannot fail: `… || true`, `… || echo x`.
pub fn hides_failure(body: &str) -> bool {
    let script: Script = words::scan(body);
    let Some(last) = script.commands.last() else { return true };
    let is_alternative = body.trim_end().lines().last().is_some_and(|line| line.contains("||"));
    is_alternative
        && last
            .first()
            .is_some_and(|word| matches!(word.text.as_str(), "true" | ":" | "echo" | "printf"))
}

fn misplaced(found: &Use) -> Option<Finding> {
    let name = &found.name;
    let (ja, en) = match found.context {
        Context::Quoted | Context::Literal => return None,
        Context::Bare => ("二重引用符の外にあります", "stands outside double quotes"),
        Context::Arithmetic => {
            ("算術式の中にあります", "stands inside arithmetic, which executes what it finds")
        }
        Context::Nested => ("別の展開の中にあります", "stands inside another expansion"),
        Context::HereDocument => (
            "展開されるヒアドキュメントの中にあります",
            "stands in a here-document that is expanded",
        ),
    };
    Some(finding(
        found.line,
        &format!("`${name}` が{ja}"),
        &format!("`${name}` {en}"),
        &format!("`\"${name}\"` と書き、コマンドの引数としてだけ使ってください"),
        &format!("write `\"${name}\"`, and only as an argument of a command"),
    ))
}

fn dangerous(words: &[Word]) -> Option<Finding> {
    let line = words.first()?.line;
    let start = words.iter().position(|word| !is_prefix(word)).unwrap_or(0);
    let program = program_name(&words[start]);
    let arguments = &words[start + 1..];
    let has_parameter = arguments.iter().any(|word| word.has_parameter);
    if program == "eval" {
        return Some(forbidden(line, "eval"));
    }
    let shell = words.iter().position(|word| SHELLS.contains(&program_name(word)));
    if shell.is_some_and(|at| words[at + 1..].iter().any(|word| is_command_option(&word.text))) {
        return Some(forbidden(line, "sh -c"));
    }
    if words[start].has_parameter && !words[start].text.contains('=') {
        return Some(as_code(line, "コマンド名", "the name of a program"));
    }
    if has_parameter && evaluates_arguments(program, arguments) {
        return Some(as_code(
            line,
            &format!("`{program}` の式"),
            &format!("what `{program}` evaluates"),
        ));
    }
    if is_numeric_test(program, words) {
        return Some(as_code(line, "`[[ ]]` の数値比較", "a numeric comparison in `[[ ]]`"));
    }
    let at = words
        .iter()
        .position(|word| INTERPRETERS.iter().any(|(name, _)| *name == program_name(word)))?;
    let (name, options) =
        INTERPRETERS.iter().find(|(name, _)| *name == program_name(&words[at]))?;
    let is_text = program_text(name, options, &words[at + 1..]);
    is_text.then(|| {
        as_code(line, &format!("`{name}` のプログラム"), &format!("a program for `{name}`"))
    })
}

/// Whether a parameter stands in the text that an interpreter runs.
fn program_text(name: &str, options: &[&str], arguments: &[Word]) -> bool {
    let follows_option = arguments.iter().enumerate().any(|(at, word)| {
        let is_joined = options.iter().any(|option| word.text.starts_with(&format!("{option}=")));
        let is_next = at > 0 && options.contains(&arguments[at - 1].text.as_str());
        word.has_parameter && (is_joined || is_next)
    });
    // awk and sed take their first operand as the program when no option gave one.
    let takes_operand = name.ends_with("awk")
        || (name == "sed" && !arguments.iter().any(|word| options.contains(&word.text.as_str())));
    let takes_value =
        |word: &Word| name.ends_with("awk") && matches!(word.text.as_str(), "-v" | "-F");
    let operand = arguments.iter().enumerate().find(|(at, word)| {
        let is_value = *at > 0 && takes_value(&arguments[at - 1]);
        !word.text.starts_with('-') && !is_value
    });
    follows_option || (takes_operand && operand.is_some_and(|(_, word)| word.has_parameter))
}

/// Builtins that take an argument as an expression or as the name of a variable, `a[$(cmd)]` included.
fn evaluates_arguments(program: &str, arguments: &[Word]) -> bool {
    let has_option = |letter: char| {
        arguments.iter().any(|word| word.text.starts_with('-') && word.text.contains(letter))
    };
    match program {
        "let" | "unset" | "source" | "." => true,
        "declare" | "typeset" | "local" => has_option('i') || has_option('n'),
        "printf" | "test" | "[" | "[[" => arguments.iter().any(|word| word.text == "-v"),
        _ => false,
    }
}

/// `[ … -gt … ]` compares numbers and nothing else; `[[ … -gt … ]]` evaluates both sides.
fn is_numeric_test(program: &str, words: &[Word]) -> bool {
    let is_double = program == "[[" || words.last().is_some_and(|word| word.text == "]]");
    let compares = words.iter().any(|word| NUMERIC.contains(&word.text.as_str()));
    is_double && compares && words.iter().any(|word| word.has_parameter)
}

fn is_prefix(word: &Word) -> bool {
    let is_assignment = word.text.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    });
    is_assignment || PREFIXES.contains(&word.text.as_str())
}

fn program_name(word: &Word) -> &str {
    word.text.rsplit('/').next().unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_normal_procedure_does_passes() {
        for body in [
            r#"systemctl show -p ActiveState -p Result -- "$HK_UNIT""#,
            r#"curl -fsS --max-time 5 -o /dev/null --url "$HK_HEALTH_URL""#,
            r#"psql -h "$HK_HOST" -p "$HK_PORT" -c 'SELECT 1'"#,
            r#"awk -v unit="$HK_UNIT" '$1 == unit' /proc/mounts"#,
            r#"if [ "$HK_PORT" -gt 1024 ]; then echo high; fi"#,
            r#"[[ "$HK_UNIT" == mks-* ]] && echo ours"#,
            r#"tail -n 50 "/var/log/$HK_UNIT/error.log" | sed -n 5p"#,
            r#"grep -c eval "$HK_LOG_PATH""#,
            "free -h\nps aux --sort=-%mem | head -10",
            r#"URL="$HK_HEALTH_URL" curl -fsS --url "http://127.0.0.1:$HK_PORT/health""#,
        ] {
            assert_eq!(check(body), [], "{body}");
        }
    }

    #[test]
    fn a_parameter_where_it_would_become_code_is_found() {
        for body in [
            "systemctl restart $HK_UNIT",
            r#"eval "restart $HK_UNIT""#,
            "FOO=1 sudo eval x",
            r#"sudo bash -lc "restart $HK_UNIT""#,
            r#"echo x | xargs sh -c 'rm x'"#,
            r#"[[ "$HK_PORT" -gt 5 ]]"#,
            r#"[[ -n x && "$HK_PORT" -gt 5 ]]"#,
            r#"[[ -v "$HK_UNIT" ]]"#,
            "echo $(( HK_PORT + 1 ))",
            r#"let "x = $HK_PORT""#,
            r#"declare -i x="$HK_PORT""#,
            r#"unset "$HK_UNIT""#,
            r#"awk "/$HK_UNIT/ { print }" /var/log/syslog"#,
            r#"sed -i "s/a/$HK_UNIT/" f"#,
            r#"sed -n -e "/$HK_UNIT/p" f"#,
            r#"psql -h "$HK_HOST" -c "SELECT '$HK_UNIT'""#,
            r#"python3 -c "print('$HK_UNIT')""#,
            r#""$HK_UNIT" --version"#,
            r#". "$HK_PATH""#,
            "echo 'never closed",
        ] {
            assert_eq!(check(body).len(), 1, "{body}: {:?}", check(body));
        }
    }

    #[test]
    fn a_finding_has_its_line_and_its_hint() {
        let found = &check("echo ok\nsystemctl restart $HK_UNIT\n")[0];
        assert_eq!(found.line, 1);
        assert_eq!(found.message.en, "`$HK_UNIT` stands outside double quotes");
        assert!(found.hint.ja.contains("\"$HK_UNIT\""));
    }

    #[test]
    fn a_verification_that_cannot_fail_is_seen() {
        assert!(hides_failure("curl -f \"$HK_URL\" || echo 'API-1 異常'\n"));
        assert!(hides_failure("# nothing\n"));
        assert!(!hides_failure("curl -f \"$HK_URL\"\n"));
        assert!(!hides_failure("a || true\ncurl -f \"$HK_URL\"\n"));
    }
}
