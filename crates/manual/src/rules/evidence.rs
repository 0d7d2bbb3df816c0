//! Evidence: taken too late, destroyed by the repair, or kept where it does not last.

use super::hanging::shown;
use crate::{
    block::Block,
    effects::{self, Effect},
    finding::Level,
    page::Page,
    rule::{Hits, Look, Rule},
    text,
};
use runbook::words::Command;

pub(crate) const EVIDENCE_LATE: Rule = Rule {
    id: "evidence-late",
    level: Level::Error,
    title: ("証拠を対応の後に集めている", "evidence is taken after the response"),
    why: (
        "再起動や遮断の後のログには、原因が残っていない。",
        "After a restart or a block the cause is no longer in the logs.",
    ),
    hint: (
        "保存を対応の前に移してください (60 秒まで、並行してでも)",
        "move it before the response, for at most 60 seconds",
    ),
    bad: "# T\n\n## 対応\n承認済み。\n```bash\npm2 restart all\ncp /var/log/app.log /var/evidence/app.log\n```\n",
    good: "# T\n\n## 対応\n承認済み。\n```bash\ncp /var/log/app.log /var/evidence/app.log\npm2 restart all\n```\n",
    look: Look::Each(late),
};

pub(crate) const EVIDENCE_DESTROYED: Rule = Rule {
    id: "evidence-destroyed",
    level: Level::Warning,
    title: ("対応で証拠がなくなる", "the response destroys the evidence"),
    why: (
        "強制終了や全再起動で、メモリや接続の状態は消える。",
        "Memory and connections are gone after a kill or a restart of everything.",
    ),
    hint: (
        "その前に、ログとプロセスの状態を保存してください",
        "save logs and the state of the processes before it",
    ),
    bad: "# T\n\n## 対応\n承認済み。\n```bash\npm2 restart all\n```\n",
    good: "# T\n\n## 証拠\n```bash\njournalctl -u app -n 1000 > /var/evidence/app.log\n```\n## 対応\n承認済み。\n```bash\npm2 restart all\n```\n",
    look: Look::Each(destroyed),
};

pub(crate) const EVIDENCE_WEAK: Rule = Rule {
    id: "evidence-weak",
    level: Level::Warning,
    title: ("証拠の置き場所や権限が弱い", "evidence in a weak place"),
    why: (
        "`/tmp` は再起動で消え、ほかの利用者も読める。",
        "`/tmp` is emptied by a restart and can be read by other users.",
    ),
    hint: (
        "自分だけが読める (0700) 永続的なフォルダーに置き、ハッシュを取ってください",
        "use a lasting folder that only its owner can read (0700), and take hashes",
    ),
    bad: "# T\n\n## 証拠\n```bash\ncp /var/log/nginx/access.log /tmp/incident.log\n```\n",
    good: "# T\n\n## 証拠\n```bash\ncp -p /var/log/nginx/access.log /var/evidence/incident.log\n```\n",
    look: Look::Each(weak),
};

/// Whether a command saves something for later: a copy of a log, an output in a file.
fn saves(block: &Block, command: &Command) -> bool {
    let line = command.line;
    let says = block.script.comments.iter().any(|comment| {
        !comment.is_trailing
            && comment.line < line
            && line - comment.line <= 4
            && text::has_word(
                &comment.text,
                &["ログ", "保存", "証拠", "log", "logs", "save", "evidence"],
            )
    });
    let reads_log = command.arguments().iter().any(|word| word.contains("log"))
        || command.program() == "journalctl";
    let copies = matches!(command.program(), "cp" | "rsync" | "tar") && (reads_log || says);
    copies
        || effects::writes(command)
            && (reads_log
                || says
                || matches!(command.program(), "ps" | "ss" | "dmesg" | "free" | "top" | "pm2"))
}

/// The blocks of each procedure in order, with their commands.
fn commands<'p>(page: &'p Page<'_>) -> Vec<(&'p Block, &'p Command)> {
    let blocks = page.shell_blocks().filter(|block| !super::form::is_command_list(block, page));
    blocks
        .flat_map(|block| block.commands().into_iter().map(move |command| (block, command)))
        .collect()
}

fn late(page: &Page<'_>, hits: &mut Hits) {
    let all = commands(page);
    for (at, (block, command)) in all.iter().enumerate() {
        if !saves(block, command) {
            continue;
        }
        let before = all[..at].iter().find(|(other, command)| {
            other.procedure == block.procedure
                && effects::of(command) >= Effect::Change
                && !command.is_condition
        });
        if let Some((other, change)) = before {
            let line = other.line_of(change.line);
            hits.at_place(
                block.place_of(command),
                format!("{line} 行目の `{}` の後に集めています", shown(change)),
                format!("it comes after `{}` in line {line}", shown(change)),
            );
        }
    }
}

fn destroyed(page: &Page<'_>, hits: &mut Hits) {
    // A runbook's evidence is taken by the engine before it responds.
    if page.is_runbook {
        return;
    }
    let all = commands(page);
    for (at, (block, command)) in all.iter().enumerate() {
        let destroys = effects::of(command) == Effect::Danger
            && (effects::restarts(command)
                || matches!(command.program(), "kill" | "killall" | "pkill" | "reboot")
                || effects::is_for_all(command)
                || command.program() == "rm");
        let is_saved = all[..at]
            .iter()
            .any(|(other, before)| other.procedure == block.procedure && saves(other, before));
        if destroys && !is_saved {
            let shown = shown(command);
            hits.at_place(
                block.place_of(command),
                format!("`{shown}` の前に何も保存していません"),
                format!("nothing is saved before `{shown}`"),
            );
        }
    }
}

fn weak(page: &Page<'_>, hits: &mut Hits) {
    for (block, command) in commands(page) {
        if !saves(block, command) {
            continue;
        }
        let targets = command
            .redirects
            .iter()
            .filter(|it| it.operator.starts_with('>'))
            .map(|it| it.target.text.as_str());
        let last = command.arguments().last().copied();
        let copies = matches!(command.program(), "cp" | "rsync").then_some(last).flatten();
        if let Some(target) = targets
            .chain(copies)
            .find(|target| target.starts_with("/tmp") || target.starts_with("/var/tmp"))
        {
            hits.at_place(
                block.place_of(command),
                format!("`{target}` は再起動で消え、ほかの利用者も読めます"),
                format!("`{target}` is lost with a restart, and others can read it"),
            );
        }
    }
}
