//! What does harm: dangerous commands, checks that change, comments that say something else, too much power.

use super::hanging::shown;
use crate::{
    block::{Block, Group},
    effects::{self, Effect},
    finding::Level,
    page::Page,
    rule::{Hits, Look, Rule},
    text,
};
use domain::plan::Role;
use runbook::words::Command;

pub(crate) const COMMENT_DIFFERS: Rule = Rule {
    id: "comment-differs",
    level: Level::Error,
    title: ("コメントとコマンドが違う", "the comment says one thing, the command does another"),
    why: (
        "読んだ人はコメントを信じ、機械はコマンドを実行する。",
        "People believe the comment; the machine runs the command.",
    ),
    hint: (
        "コマンドがすることをコメントに書くか、コマンドを直してください",
        "let the comment say what the command does, or change the command",
    ),
    bad: "# T\n\n## 対応\n```bash\n# システム再起動\npm2 restart all\n```\n",
    good: "# T\n\n## 対応\n```bash\n# 全プロセスの再起動\npm2 restart all\n```\n",
    look: Look::Each(comments),
};

pub(crate) const DANGER_WITHOUT_GATE: Rule = Rule {
    id: "danger-without-gate",
    level: Level::Error,
    title: ("歯止めのない危険なコマンド", "a dangerous command with no gate"),
    why: (
        "データやサービス全体を失うコマンドが、承認も条件もなしに実行できる。",
        "A command that can lose data or a whole service runs without approval and without a condition.",
    ),
    hint: (
        "承認者と条件を書いてください。hikeshi では `effect=destructive` にすると、必ず承認を求めます",
        "say who approves it and when; in hikeshi `effect=destructive` always asks",
    ),
    bad: "# T\n\n## 対応\n```bash\npm2 stop all\n```\n",
    good: "# T\n\n## 対応\n当番の責任者が承認してから行う。\n```bash\npm2 stop all\n```\n",
    look: Look::Each(gates),
};

pub(crate) const CHECK_CHANGES_STATE: Rule = Rule {
    id: "check-changes-state",
    level: Level::Error,
    title: ("確認のはずが変更する", "a check that changes the system"),
    why: (
        "確認は何度でも、誰でも行えるものと思われている。",
        "A check is what everybody expects to be free to repeat.",
    ),
    hint: (
        "読むだけのコマンドにするか、対応の手順に移してください",
        "use a command that only reads, or move it to the response",
    ),
    bad: "# T\n\n## 診断\n```bash\n# パフォーマンス確認\npython3 /opt/app/performance_optimizer.py\n```\n",
    good: "# T\n\n## 診断\n```bash\n# パフォーマンス確認\npython3 /opt/app/performance_report.py\n```\n",
    look: Look::Each(checks),
};

pub(crate) const DIAGNOSIS_WITH_DESTRUCTION: Rule = Rule {
    id: "diagnosis-with-destruction",
    level: Level::Error,
    title: ("診断と破壊が同じブロックにある", "diagnosis and destruction in one block"),
    why: (
        "ブロックごと貼り付けると、診断の結果を見る前に変更が終わっている。",
        "Pasted as a whole, the change is over before anybody has seen the diagnosis.",
    ),
    hint: ("ブロックを分けてください", "make them two blocks"),
    bad: "# T\n\n## 対応\n承認を得てから。\n```bash\n# 接続テスト\nnc -zv -w 3 db 5432\n# 再起動\ngcloud sql instances restart db\n```\n",
    good: "# T\n\n## 診断\n```bash\nnc -zv -w 3 db 5432\n```\n## 対応\n承認を得てから。\n```bash\ngcloud sql instances restart db\n```\n",
    look: Look::Each(mixed),
};

pub(crate) const EXCESSIVE_PRIVILEGE: Rule = Rule {
    id: "excessive-privilege",
    level: Level::Warning,
    title: ("権限が大きすぎる", "more power than the task needs"),
    why: (
        "読むだけの作業に管理者を使うと、打ち間違いがすべてを失わせる。",
        "With an administrator's power a slip of the finger loses everything.",
    ),
    hint: (
        "読み取り専用の利用者か、そのコマンドだけの権限にしてください",
        "use a read-only user, or a right to this one command",
    ),
    bad: "# T\n\n## 診断\n```bash\nPGCONNECT_TIMEOUT=5 psql -U postgres -c 'SELECT 1'\n```\n",
    good: "# T\n\n## 診断\n```bash\nPGCONNECT_TIMEOUT=5 psql -U monitor -c 'SELECT 1'\n```\n",
    look: Look::Each(privileges),
};

const CHECKING: &[&str] = &[
    "確認",
    "チェック",
    "スキャン",
    "状態",
    "調査",
    "分析",
    "テスト",
    "監視",
    "check",
    "checks",
    "scan",
    "status",
    "inspect",
    "verify",
    "show",
];
const ACTING: &[&str] = &[
    "再起動",
    "停止",
    "起動",
    "措置",
    "ブロック",
    "更新",
    "復旧",
    "制御",
    "終了",
    "再初期化",
    "restart",
    "stop",
    "start",
    "block",
    "update",
    "fix",
    "kill",
];

/// What a comment announces, and what has to be there for it to be true.
type Promise = (&'static [&'static str], fn(&Group<'_>) -> bool);

const PROMISES: &[Promise] = &[
    (&["特定", "identify", "find the"], |group| {
        group.commands.iter().any(|command| {
            matches!(command.program(), "ps" | "top" | "pgrep" | "pidstat" | "lsof" | "grep")
        })
    }),
    (&["システム再起動", "reboot"], |group| {
        group.commands.iter().any(|command| {
            matches!(command.program(), "reboot" | "shutdown")
                || command.arguments().contains(&"reboot")
        })
    }),
    (&["接続プール", "connection pool"], |group| {
        !group.commands.iter().any(|command| effects::is_for_all(command))
    }),
    (&["停止", "stop"], |group| {
        !group.commands.iter().any(|command| command.arguments().contains(&"restart"))
    }),
];

fn comments(page: &Page<'_>, hits: &mut Hits) {
    for block in page.shell_blocks() {
        for group in block.groups() {
            let trailing = block.script.comments.iter().filter(|comment| comment.is_trailing);
            let own = trailing.clone().filter(|comment| {
                group.commands.iter().any(|command| command.line == comment.line)
            });
            for comment in own {
                let one: Vec<&Command> = group
                    .commands
                    .iter()
                    .copied()
                    .filter(|command| command.line == comment.line)
                    .collect();
                differs(
                    block,
                    comment.line,
                    &comment.text,
                    &Group { comment: None, commands: one },
                    hits,
                );
            }
            if let Some(comment) = group.comment {
                differs(block, comment.line, &comment.text, &group, hits);
            }
        }
    }
}

fn differs(block: &Block, line: u32, text: &str, group: &Group<'_>, hits: &mut Hits) {
    let is_restart = text::has_word(text, &["再起動", "restart"]);
    let broken = PROMISES.iter().find(|(words, is_kept)| {
        let announces = text::find_word(text, words);
        // "再起動" contains neither promise of a stop nor of a reboot.
        announces.is_some_and(|word| !(is_restart && matches!(word, "停止" | "stop")))
            && !is_kept(group)
    });
    if let (Some(_), Some(command)) = (broken, group.commands.first()) {
        let shown = shown(command);
        hits.at(
            block.line_of(line),
            format!("「{text}」とありますが、`{shown}` はそうしません"),
            format!("it says `{text}`, but that is not what `{shown}` does"),
        );
    }
}

fn gates(page: &Page<'_>, hits: &mut Hits) {
    let is_gated = |block: &Block| {
        let by_fence = block.info.get("effect") == Some("destructive");
        let by_front = page.is_runbook && page.front("mode") != Some("auto");
        by_fence || by_front || has_gate(page, block.procedure, block.line)
    };
    for block in page.shell_blocks().filter(|block| !is_gated(block)) {
        for command in block.commands() {
            if effects::of(command) == Effect::Danger && !command.is_condition {
                let shown = shown(command);
                hits.at_place(
                    block.place_of(command),
                    format!("`{shown}` の前に承認も条件もありません"),
                    format!("nothing stands between a hurried person and `{shown}`"),
                );
            }
        }
    }
}

/// Whether the text of a procedure, above a line, asks for approval.
fn has_gate(page: &Page<'_>, from: u32, to: u32) -> bool {
    let words = &[
        "承認",
        "許可",
        "二人",
        "2人で",
        "責任者の判断",
        "approval",
        "approved",
        "approve",
        "two people",
        "sign-off",
        "confirm with",
    ];
    page.prose.iter().any(|(line, row)| (from..to).contains(line) && text::has_word(row, words))
}

fn checks(page: &Page<'_>, hits: &mut Hits) {
    for block in page.shell_blocks() {
        let by_role = matches!(block.role, Some(Role::Diagnose | Role::Verify | Role::Probe));
        for group in block.groups() {
            let comment = group.comment.map(|comment| comment.text.as_str());
            let says_act = comment.is_some_and(|text| text::has_word(text, ACTING));
            let says_check =
                comment.is_some_and(|text| text::has_word(text, CHECKING)) && !says_act;
            for command in group.commands {
                let effect = effects::of(command);
                let is_wrong = effect >= Effect::Change
                    && !command.is_condition
                    && (says_check || by_role && !says_act);
                if is_wrong {
                    let shown = shown(command);
                    hits.at_place(
                        block.place_of(command),
                        format!("確認のところにありますが、`{shown}` は変更します"),
                        format!("it stands where something is checked, but `{shown}` changes it"),
                    );
                }
            }
        }
    }
}

fn mixed(page: &Page<'_>, hits: &mut Hits) {
    for block in page.shell_blocks().filter(|block| !super::form::is_command_list(block, page)) {
        let groups = block.groups();
        let looks = |group: &Group<'_>| {
            let says = group.comment.is_some_and(|comment| {
                text::has_word(&comment.text, CHECKING) && !text::has_word(&comment.text, ACTING)
            });
            says || group
                .commands
                .iter()
                .all(|command| effects::of(command) == Effect::Read && !command.is_harmless())
        };
        let Some(first) = groups.iter().position(looks) else { continue };
        let danger = groups[first..]
            .iter()
            .flat_map(|group| &group.commands)
            .find(|command| effects::of(command) == Effect::Danger);
        if let Some(command) = danger {
            let from = block.line_of(groups[first].commands[0].line);
            let shown = shown(command);
            hits.at_place(
                block.place_of(command),
                format!("{from} 行目の診断と同じブロックに `{shown}` があります"),
                format!("`{shown}` is in one block with the diagnosis of line {from}"),
            );
        }
    }
}

fn privileges(page: &Page<'_>, hits: &mut Hits) {
    for block in page.shell_blocks() {
        for command in block.commands() {
            let arguments = command.arguments();
            let has_pair = |option: &str, value: &str| {
                arguments.windows(2).any(|pair| pair == [option, value])
            };
            let is_admin = matches!(command.program(), "psql" | "pg_dump")
                && (has_pair("-U", "postgres") || arguments.contains(&"--username=postgres"))
                || command.program() == "mysql"
                    && (has_pair("-u", "root") || arguments.contains(&"-uroot"));
            let opens = command.program() == "chmod"
                && arguments.iter().any(|word| matches!(*word, "777" | "0777" | "a+rwx"));
            let is_root_shell = command.words.first().is_some_and(|word| word.text == "sudo")
                && (command.words.len() == 2
                    && matches!(command.words[1].text.as_str(), "-i" | "-s" | "su"));
            let runs_privileged =
                command.program() == "docker" && arguments.contains(&"--privileged");
            if is_admin || opens || is_root_shell || runs_privileged {
                let shown = shown(command);
                hits.at_place(
                    block.place_of(command),
                    format!("`{shown}` は管理者の権限を使います"),
                    format!("`{shown}` uses an administrator's power"),
                );
            }
        }
    }
}
