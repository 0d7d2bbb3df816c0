//! Commands that do not come to an end: by themselves, without a person, or when the other side is silent.

use crate::{
    finding::Level,
    page::Page,
    rule::{Hits, Look, Rule},
};
use runbook::words::Command;

pub(crate) const NEVER_ENDS: Rule = Rule {
    id: "never-ends",
    level: Level::Error,
    title: ("終わらないコマンド", "a command that never ends"),
    why: (
        "その先の手順に進まない。自動実行では時間切れになるまで何も起こらない。",
        "What stands after it is never reached; run by a machine it only times out.",
    ),
    hint: (
        "行数や回数を限ってください (`tail -n 100`、`top -b -n 1`、`ping -c 3`)",
        "bound it: `tail -n 100`, `top -b -n 1`, `ping -c 3`",
    ),
    bad: "# T\n\n## 診断\n```bash\ntail -f /var/log/nginx/error.log\n```\n",
    good: "# T\n\n## 診断\n```bash\ntail -n 100 /var/log/nginx/error.log\n```\n",
    look: Look::Each(never_ends),
};

pub(crate) const WAITS_FOR_PERSON: Rule = Rule {
    id: "waits-for-person",
    level: Level::Error,
    title: ("人の入力を待つコマンド", "a command that waits for a person"),
    why: ("端末がなければ、止まったままになる。", "Without a terminal it stands still."),
    hint: (
        "問い合わせや答えを引数で渡してください (`psql -c`、`apt-get -y`)",
        "give the question or the answer as an argument: `psql -c`, `apt-get -y`",
    ),
    bad: "# T\n\n## 診断\n```bash\npsql -d app\n```\n",
    good: "# T\n\n## 診断\n```bash\nPGCONNECT_TIMEOUT=5 psql -d app -c 'SELECT 1'\n```\n",
    look: Look::Each(waits),
};

pub(crate) const NO_TIME_LIMIT: Rule = Rule {
    id: "no-time-limit",
    level: Level::Warning,
    title: ("時間制限がない", "no time limit"),
    why: (
        "障害のときこそ相手は黙る。制限がないと、確認そのものが止まる。",
        "In trouble the other side is silent; without a limit the check itself hangs.",
    ),
    hint: (
        "`curl --max-time 5`、`nc -w 3`、`PGCONNECT_TIMEOUT=5`、`timeout 30 …` のように限ってください",
        "bound it: `curl --max-time 5`, `nc -w 3`, `PGCONNECT_TIMEOUT=5`, `timeout 30 …`",
    ),
    bad: "# T\n\n## 診断\n```bash\ncurl -f http://localhost:8080/health\n```\n",
    good: "# T\n\n## 診断\n```bash\ncurl -f --max-time 5 http://localhost:8080/health\n```\n",
    look: Look::Each(unlimited),
};

fn never_ends(page: &Page<'_>, hits: &mut Hits) {
    for block in page.shell_blocks() {
        for line in &block.script.endless_loops {
            hits.at(block.line_of(*line), "この繰り返しは終わりません", "this loop never ends");
        }
        for command in block.commands().into_iter().filter(|command| !is_limited(command)) {
            let shown = shown(command);
            if is_endless(command) {
                hits.at_place(
                    block.place_of(command),
                    format!("`{shown}` は終わりません"),
                    format!("`{shown}` never ends"),
                );
            } else if let Some(name) = is_service(command) {
                hits.at_place(
                    block.place_of(command),
                    format!("`{name}` は名前からすると動き続けるプログラムです"),
                    format!("by its name `{name}` goes on running"),
                );
                hits.as_level(Level::Warning);
            }
        }
    }
}

/// A command in short.
pub(crate) fn shown(command: &Command) -> String {
    let words: Vec<&str> = command.program_words().iter().map(|word| word.text.as_str()).collect();
    let text = words.join(" ").replace('\n', " ");
    if text.chars().count() > 50 { text.chars().take(50).chain(['…']).collect() } else { text }
}

/// Whether `timeout` stands before it.
fn is_limited(command: &Command) -> bool {
    command.words.iter().any(|word| word.name() == "timeout") && command.program() != "timeout"
}

fn is_endless(command: &Command) -> bool {
    let arguments = command.arguments();
    let letter = |letter: char| {
        arguments
            .iter()
            .any(|word| word.starts_with('-') && !word.starts_with("--") && word.contains(letter))
    };
    let has = |words: &[&str]| arguments.iter().any(|word| words.contains(word));
    match command.program() {
        "tail" => letter('f') || letter('F') || has(&["--follow"]),
        "journalctl" | "dmesg" => {
            letter('f') || letter('w') && command.program() == "dmesg" || has(&["--follow"])
        }
        "watch" | "htop" | "iotop" | "yes" => true,
        "top" => !letter('b'),
        "ping" => !letter('c') && !letter('w'),
        "kubectl" | "docker" if has(&["logs"]) => letter('f') || has(&["--follow"]),
        "kubectl" if has(&["get"]) => letter('w') || has(&["--watch"]),
        "docker" if has(&["stats"]) => !has(&["--no-stream"]),
        "pm2" => has(&["monit"]) || has(&["logs"]) && !has(&["--nostream"]),
        "vmstat" | "iostat" | "mpstat" => {
            arguments.len() == 1 && arguments[0].parse::<u32>().is_ok()
        }
        "tcpdump" => !letter('c'),
        _ => false,
    }
}

/// A program of the team whose name says that it goes on.
fn is_service(command: &Command) -> Option<String> {
    let name = crate::effects::script(command)?;
    ["continuous", "daemon", "watchdog", "_loop", "forever"]
        .iter()
        .any(|word| name.contains(word))
        .then_some(name)
}

fn waits(page: &Page<'_>, hits: &mut Hits) {
    for block in page.shell_blocks() {
        for command in block.commands() {
            let arguments = command.arguments();
            let has = |words: &[&str]| {
                arguments.iter().any(|word| words.iter().any(|start| word.starts_with(start)))
            };
            let is_fed = command.joined == runbook::words::Joined::Pipe
                || command.redirects.iter().any(|redirect| redirect.operator.starts_with('<'));
            let is_waiting = match command.program() {
                "psql" => {
                    !is_fed
                        && !has(&["-c", "-f", "-l", "--command", "--file", "--list", "--version"])
                }
                "mysql" => !is_fed && !has(&["-e", "--execute", "--version"]),
                "redis-cli" => !is_fed && arguments.iter().all(|word| word.starts_with('-')),
                "vi" | "vim" | "nano" | "emacs" | "less" | "more" | "passwd" => {
                    !is_fed || command.program() != "less"
                }
                "read" => !is_fed && command.redirects.is_empty() && has(&["-p"]),
                "apt" | "apt-get" | "yum" | "dnf" => {
                    has(&["install", "upgrade", "remove"])
                        && !has(&["-y", "-q", "--yes", "--assume"])
                }
                "kubectl" => {
                    has(&["edit"])
                        || has(&["exec"])
                            && has(&["-it", "-ti"])
                            && arguments.last().is_some_and(|word| word.ends_with("sh"))
                }
                "docker" => {
                    has(&["exec"])
                        && has(&["-it", "-ti"])
                        && arguments.last().is_some_and(|word| word.ends_with("sh"))
                }
                "ssh" => arguments.iter().filter(|word| !word.starts_with('-')).count() == 1,
                "python" | "python3" | "node" => !is_fed && arguments.is_empty(),
                _ => false,
            };
            if is_waiting {
                let shown = shown(command);
                hits.at_place(
                    block.place_of(command),
                    format!("`{shown}` は人の入力を待ちます"),
                    format!("`{shown}` waits for somebody to type"),
                );
            }
        }
    }
}

fn unlimited(page: &Page<'_>, hits: &mut Hits) {
    for block in page.shell_blocks().filter(|block| block.info.get("timeout").is_none()) {
        for command in block.commands().into_iter().filter(|command| !is_limited(command)) {
            let arguments = command.arguments();
            let has = |words: &[&str]| {
                arguments.iter().any(|word| words.iter().any(|start| word.starts_with(start)))
            };
            let sets = |name: &str| {
                command.sets.iter().any(|set| set == name)
                    || block.script.assignments.iter().any(|it| it.name == name)
            };
            let is_limited = match command.program() {
                "curl" => has(&["--max-time", "-m", "--connect-timeout"]),
                "wget" => has(&["--timeout", "-T"]),
                "nc" => has(&["-w"]),
                "psql" => {
                    sets("PGCONNECT_TIMEOUT")
                        || has(&["postgres://", "postgresql://"]) && has(&["connect_timeout"])
                        || arguments.iter().any(|word| word.contains("connect_timeout"))
                }
                "ssh" => arguments.iter().any(|word| word.contains("ConnectTimeout")),
                _ => continue,
            };
            if !is_limited {
                let shown = command.program();
                hits.at_place(
                    block.place_of(command),
                    format!("`{shown}` に時間制限がありません"),
                    format!("`{shown}` has no time limit"),
                );
            }
        }
    }
}
