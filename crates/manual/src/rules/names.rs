//! Names that nothing defines: programs, files, processes, automations, hosts.

use crate::{
    effects::{self, Effect},
    finding::Level,
    page::Page,
    rule::{Hits, Look, Rule},
};

pub(crate) const UNDEFINED_COMMAND: Rule = Rule {
    id: "undefined-command",
    level: Level::Warning,
    title: ("どこにあるか分からないプログラム", "a program that is nowhere defined"),
    why: (
        "相対パスのプログラムは、どのフォルダーで打つかによって見つからない。",
        "Whether a program with a relative path is found depends on the folder in which it is typed.",
    ),
    hint: ("絶対パスで書いてください", "write its absolute path"),
    bad: "# T\n\n## 診断\n```bash\npython3 performance_report.py\n```\n",
    good: "# T\n\n## 診断\n```bash\npython3 /opt/app/scripts/performance_report.py\n```\n",
    look: Look::Each(commands),
};

pub(crate) const UNDEFINED_FILE: Rule = Rule {
    id: "undefined-file",
    level: Level::Warning,
    title: ("あるかどうか分からないファイル", "a file or folder that may not be there"),
    why: (
        "作られていないフォルダーへのコピーや、別の OS のログは、その場で失敗する。",
        "Copying into a folder that nobody makes, or reading a log of another system, fails on the spot.",
    ),
    hint: (
        "絶対パスにし、フォルダーは先に `mkdir -p` で作ってください",
        "use absolute paths, and make folders first with `mkdir -p`",
    ),
    bad: "# T\n\n## 証拠\n```bash\ncp /opt/api/logs/* /srv/incident_logs/\n```\n",
    good: "# T\n\n## 証拠\n```bash\nmkdir -p /srv/incident_logs\ncp /opt/api/logs/* /srv/incident_logs/\n```\n",
    look: Look::Each(files),
};

pub(crate) const UNDEFINED_PROCESS: Rule = Rule {
    id: "undefined-process",
    level: Level::Info,
    title: ("説明のないプロセス名", "a process that the text never mentions"),
    why: ("名前が変わっても、誰も気付かない。", "When its name changes, nobody notices here."),
    hint: ("本文のどこかで、何の名前かを書いてください", "say somewhere in the text what it is"),
    bad: "# T\n\n## 対応\n```bash\nsystemctl restart mks-backend\n```\n",
    good: "# T\n\nバックエンドのユニットは `mks-backend`。\n\n## 対応\n```bash\nsystemctl restart mks-backend\n```\n",
    look: Look::Each(processes),
};

pub(crate) const UNDEFINED_AUTOMATION: Rule = Rule {
    id: "undefined-automation",
    level: Level::Warning,
    title: ("どこにも書かれていない自動処理", "an automation that is described nowhere"),
    why: (
        "自動で直ると思って待つあいだ、誰も何もしていない。",
        "While everybody waits for it, nobody does anything.",
    ),
    hint: (
        "その設定かコマンドを同じ文書に書くか、表から外してください",
        "show its settings or its command, or take it out of the table",
    ),
    bad: "# T\n\n| アラート名 | 自動対応 |\n|---|---|\n| DB | 再接続試行 |\n",
    good: "# T\n\n| アラート名 | 自動対応 |\n|---|---|\n| DB | 再接続試行 |\n\n## 再接続試行\n`/opt/app/reconnect` を 10 秒おきに 3 回。\n",
    look: Look::Each(automations),
};

pub(crate) const HOST_UNCLEAR: Rule = Rule {
    id: "host-unclear",
    level: Level::Info,
    title: ("どのホストで、誰として打つか分からない", "on which host, and as whom?"),
    why: (
        "別のホストや別の利用者では、同じコマンドが違うものを再起動する。",
        "On another host, or as another user, the same command restarts something else.",
    ),
    hint: (
        "手順の初めに、ホストと利用者を書いてください",
        "name the host and the user at the start of the procedure",
    ),
    bad: "# T\n\n## 対応\n```bash\npm2 restart api\n```\n",
    good: "# T\n\nホスト `web-1` に利用者 `deploy` で入る。\n\n## 対応\n```bash\npm2 restart api\n```\n",
    look: Look::Each(hosts),
};

fn commands(page: &Page<'_>, hits: &mut Hits) {
    for block in page.shell_blocks() {
        for command in block.commands() {
            let Some(name) =
                effects::script(command).filter(|name| !name.starts_with(['/', '~', '$']))
            else {
                continue;
            };
            hits.at_place(
                block.place_of(command),
                format!("`{name}` がどこにあるか書かれていません"),
                format!("nothing says where `{name}` is"),
            );
        }
    }
}

fn files(page: &Page<'_>, hits: &mut Hits) {
    let made: Vec<String> = page
        .shell_blocks()
        .flat_map(|block| block.commands())
        .filter(|command| matches!(command.program(), "mkdir" | "install"))
        .flat_map(|command| {
            command
                .arguments()
                .into_iter()
                .map(|word| word.trim_end_matches('/').to_owned())
                .collect::<Vec<_>>()
        })
        .collect();
    for block in page.shell_blocks() {
        for command in block.commands() {
            let words = command.program_words();
            let is_copy = matches!(command.program(), "cp" | "mv");
            for (at, word) in words.iter().enumerate().skip(1) {
                let place = block.place(word.line, word.column);
                let text = word.text.as_str();
                let folder = text.trim_end_matches('/');
                let is_last = at + 1 == words.len();
                if is_copy
                    && is_last
                    && text.ends_with('/')
                    && !made.contains(&folder.to_owned())
                    && folder != "/tmp"
                {
                    hits.at_place(
                        place,
                        format!("`{text}` を作る手順がありません"),
                        format!("nothing makes `{text}`"),
                    );
                } else if text == "/var/log/system.log" {
                    hits.at_place(
                        place,
                        format!("`{text}` は Linux にはありません"),
                        format!("`{text}` is not there on Linux"),
                    );
                } else if is_copy
                    && text.contains('/')
                    && text.starts_with(|c: char| c.is_alphanumeric())
                    && !text.contains(':')
                {
                    hits.at_place(
                        place,
                        format!("`{text}` は相対パスです"),
                        format!("`{text}` is a relative path"),
                    );
                }
            }
        }
    }
}

fn processes(page: &Page<'_>, hits: &mut Hits) {
    if page.is_runbook {
        return;
    }
    let mut told: Vec<&str> = Vec::new();
    for block in page.shell_blocks() {
        for command in block.commands() {
            let arguments = command.arguments();
            let is_supervisor =
                matches!(command.program(), "pm2" | "systemctl" | "service" | "supervisorctl");
            if !is_supervisor || effects::of(command) < Effect::Change {
                continue;
            }
            let names = arguments.iter().skip(1).filter(|name| {
                !name.starts_with(['-', '$'])
                    && !matches!(**name, "all" | "restart" | "nginx" | "postgresql")
            });
            for name in names {
                let is_said = page.prose.iter().any(|(_, row)| row.contains(*name));
                if !is_said && !told.contains(name) {
                    told.push(name);
                    hits.at_place(
                        block.place_of(command),
                        format!("`{name}` は本文のどこにも出てきません"),
                        format!("the text never says what `{name}` is"),
                    );
                }
            }
        }
    }
}

fn automations(page: &Page<'_>, hits: &mut Hits) {
    for table in &page.tables {
        let Some(at) =
            crate::statements::column(table, &["自動対応", "自動", "automation", "automatic"])
        else {
            continue;
        };
        for (line, cells) in &table.rows {
            let Some(name) = cells.get(at).filter(|name| !name.is_empty() && name.as_str() != "-")
            else {
                continue;
            };
            // 自動再起動 is described under サービス自動再起動; 自動更新 under SSL証明書自動更新.
            let is_described =
                page.headings.iter().any(|heading| heading.text.contains(name.as_str()));
            if !is_described {
                hits.at(
                    *line,
                    format!("自動対応「{name}」がどこにも書かれていません"),
                    format!("the automation `{name}` is described nowhere"),
                );
            }
        }
    }
}

fn hosts(page: &Page<'_>, hits: &mut Hits) {
    let names_host = page.says(&[
        "ホスト",
        "サーバーに",
        "サーバで",
        "ssh",
        "host",
        "hosts",
        "bastion",
        "namespace",
        "cluster",
        "踏み台",
    ]);
    let goes_there = page
        .shell_blocks()
        .flat_map(|block| block.commands())
        .any(|command| command.program() == "ssh");
    if page.is_runbook || names_host || goes_there {
        return;
    }
    let local = [
        "pm2",
        "systemctl",
        "journalctl",
        "service",
        "iptables",
        "kill",
        "supervisorctl",
        "free",
        "top",
        "ps",
    ];
    for block in page.shell_blocks() {
        let first = block.commands().into_iter().find(|command| local.contains(&command.program()));
        if let Some(command) = first {
            let program = command.program();
            hits.at_place(
                block.place_of(command),
                format!("`{program}` をどのホストで、どの利用者で打つか書かれていません"),
                format!("nothing says on which host and as whom `{program}` is run"),
            );
            return;
        }
    }
}
