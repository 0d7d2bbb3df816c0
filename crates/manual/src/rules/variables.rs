//! Variables: from where they come, how they stand, and what must not stand in them.

use crate::{
    block::Block,
    finding::Level,
    page::Page,
    rule::{Hits, Look, Rule},
};
use runbook::words::Context;

pub(crate) const ENVIRONMENT_CARRIES_OVER: Rule = Rule {
    id: "environment-carries-over",
    level: Level::Warning,
    title: ("ほかのブロックの環境に頼っている", "it counts on the environment of another block"),
    why: (
        "ブロックは別の端末、別の人、別のシェルで打たれる。変数は空になり、コマンドは別の意味になる。",
        "Each block is typed in another terminal, by another person: the variable is empty, and the command means something else.",
    ),
    hint: (
        "同じブロックで設定するか、`${NAME:?}` で止まるようにするか、`params:` で宣言してください",
        "set it in the same block, stop with `${NAME:?}`, or declare it under `params:`",
    ),
    bad: "# T\n\n## 診断\n```bash\nnc -zv -w 3 \"$DATABASE_HOST\" 5432\n```\n",
    good: "# T\n\n## 診断\n```bash\nnc -zv -w 3 \"${DATABASE_HOST:?}\" 5432\n```\n",
    look: Look::Each(carried),
};

pub(crate) const UNQUOTED_VARIABLE: Rule = Rule {
    id: "unquoted-variable",
    level: Level::Warning,
    title: ("引用符のない変数", "a variable outside quotes"),
    why: (
        "空白や `*` を含む値は分かれ、空の値は消えて、次の引数がその場所に来る。",
        "A value with blanks or `*` falls apart, and an empty one vanishes: the next argument takes its place.",
    ),
    hint: ("`\"$NAME\"` と書いてください", "write `\"$NAME\"`"),
    bad: "# T\n\n## 診断\n```bash\nHOST=db\nnc -zv -w 3 $HOST 5432\n```\n",
    good: "# T\n\n## 診断\n```bash\nHOST=db\nnc -zv -w 3 \"$HOST\" 5432\n```\n",
    look: Look::Each(unquoted),
};

pub(crate) const SECRET_EXPOSED: Rule = Rule {
    id: "secret-exposed",
    level: Level::Error,
    title: ("秘密の扱いが危うい", "a secret is exposed"),
    why: (
        "`export` した値は以後のすべてのプロセスに渡り、引数や履歴に残った値は誰でも読める。",
        "An exported value reaches every process from then on; one in an argument or in the history can be read by others.",
    ),
    hint: (
        "値を書かず、`PGPASSFILE` やサービスファイルなど、そのコマンドだけが読むファイルから渡してください",
        "write no value; let the one command read it from a file: `PGPASSFILE`, a service file",
    ),
    bad: "# T\n\n## 診断\n```bash\nexport POSTGRES_PASSWORD=hunter2\n```\n",
    good: "# T\n\n## 診断\n```bash\nexport PGPASSFILE=/etc/app/pgpass\n```\n",
    look: Look::Each(secrets),
};

/// What every shell has.
const GIVEN: &[&str] = &[
    "HOME",
    "PATH",
    "USER",
    "PWD",
    "HOSTNAME",
    "SHELL",
    "LANG",
    "TMPDIR",
    "EDITOR",
    "RANDOM",
    "SECONDS",
    "LINENO",
    "BASH_SOURCE",
    "UID",
    "EUID",
    "PPID",
    "IFS",
    "OLDPWD",
    "PIPESTATUS",
    "REPLY",
    "BASHPID",
    "FUNCNAME",
    "EPOCHSECONDS",
];

fn carried(page: &Page<'_>, hits: &mut Hits) {
    for block in page.shell_blocks().filter(|block| !block.is_step()) {
        let mut told: Vec<&str> = Vec::new();
        for found in &block.script.uses {
            let name = found.name.as_str();
            let is_name = name.starts_with(|c: char| c.is_ascii_uppercase()) && name.len() > 1;
            let is_set = block.script.assignments.iter().any(|it| it.name == name)
                || sets_by_command(block, name);
            if !is_name
                || is_set
                || GIVEN.contains(&name)
                || found.context == Context::Literal
                || told.contains(&name)
            {
                continue;
            }
            // A variable that a person is expected to replace at the prompt stops at once when it is empty.
            let stops = block.body.contains(&format!("${{{name}:?"))
                || block.body.contains(&format!("${{{name}:-"));
            // A value in `kill "$PID"` that is nobody's is a slot to fill in.
            if !stops && (name.contains('_') || page.text.contains(&format!("export {name}="))) {
                told.push(name);
                hits.at_place(
                    block.place(found.line, found.column),
                    format!("`{name}` はこのブロックで設定されていません"),
                    format!("nothing in this block sets `{name}`"),
                );
            }
        }
    }
}

fn sets_by_command(block: &Block, name: &str) -> bool {
    block.script.commands.iter().any(|command| {
        matches!(command.program(), "read" | "mapfile" | "readarray" | "getopts")
            && command.arguments().contains(&name)
    })
}

fn unquoted(page: &Page<'_>, hits: &mut Hits) {
    // Of steps the check of the shell speaks, and more strictly.
    for block in page.shell_blocks().filter(|block| !block.is_step()) {
        for found in block.script.uses.iter().filter(|found| found.context == Context::Bare) {
            let is_number = found.name.chars().all(|c| !c.is_alphabetic());
            if !is_number {
                hits.at_place(
                    block.place(found.line, found.column),
                    format!("`${}` が引用符の外にあります", found.name),
                    format!("`${}` stands outside quotes", found.name),
                );
            }
        }
    }
}

/// Whether a name is one of a secret.
fn is_secret(name: &str) -> bool {
    let name = name.to_uppercase();
    let is_place = name.ends_with("_FILE")
        || name.ends_with("FILE")
        || name.ends_with("_PATH")
        || name.ends_with("_NAME");
    !is_place
        && [
            "PASSWORD",
            "PASSWD",
            "SECRET",
            "TOKEN",
            "API_KEY",
            "APIKEY",
            "PRIVATE_KEY",
            "CREDENTIAL",
        ]
        .iter()
        .any(|word| name.contains(word))
}

fn secrets(page: &Page<'_>, hits: &mut Hits) {
    for block in page.shell_blocks() {
        for given in block.script.assignments.iter().filter(|given| is_secret(&given.name)) {
            let place = block.place(given.value.line, given.value.column);
            let is_literal = given.value.expands.is_empty()
                && !given.value.has_command
                && !given.value.text.is_empty();
            if given.is_exported {
                hits.at_place(
                    place,
                    format!("`{}` が以後のすべてのプロセスに渡ります", given.name),
                    format!("`{}` reaches every process from here on", given.name),
                );
            } else if is_literal {
                hits.at_place(
                    place,
                    format!("`{}` の値が書かれています", given.name),
                    format!("the value of `{}` is written here", given.name),
                );
            } else if given.name == "PGPASSWORD" {
                hits.at_place(
                    place,
                    "`PGPASSWORD` の値がプロセスの環境に出ます",
                    "the value of `PGPASSWORD` is in the environment of the process",
                );
                hits.as_level(Level::Warning);
            }
        }
        for command in block.commands() {
            let arguments = command.arguments();
            let option = arguments.iter().find(|word| {
                let name = word.split_once('=').map_or("", |(name, _)| name);
                matches!(name, "--password" | "--token")
                    || command.program() == "mysql" && word.starts_with("-p") && word.len() > 2
                    || word.contains("://")
                        && word.split("//").nth(1).is_some_and(|rest| {
                            let host = rest.split('/').next().unwrap_or_default();
                            host.split_once('@')
                                .is_some_and(|(user, _)| user.contains(':') && !user.contains('$'))
                        })
                    || word.starts_with("Authorization: ") && !word.contains('$')
            });
            if option.is_some() {
                hits.at_place(
                    block.place_of(command),
                    "引数の秘密は、ほかの利用者からも見えます",
                    "a secret in an argument can be seen by other users",
                );
            }
        }
    }
}
