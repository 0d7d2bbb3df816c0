//! Failure and success told apart wrongly: hidden failures, normal results that fail, verifications that prove nothing.

use super::hanging::shown;
use crate::{
    block::Block,
    effects::{self, Effect},
    finding::Level,
    page::Page,
    rule::{Hits, Look, Rule},
    text,
};
use domain::plan::Role;
use runbook::words::{Command, Joined};

pub(crate) const FAILURE_HIDDEN: Rule = Rule {
    id: "failure-hidden",
    level: Level::Warning,
    title: ("失敗が隠れる", "a failure is hidden"),
    why: (
        "`|| echo` の後は成功として扱われ、次の手順に進む。",
        "After `|| echo` everything counts as well, and the next step runs.",
    ),
    hint: (
        "`|| echo …` を消すか、`|| { echo …; exit 1; }` にしてください",
        "remove `|| echo …`, or write `|| { echo …; exit 1; }`",
    ),
    bad: "# T\n\n## 診断\n```bash\ncurl -f --max-time 5 http://localhost/health || echo \"異常\"\n```\n",
    good: "# T\n\n## 診断\n```bash\ncurl -f --max-time 5 http://localhost/health\n```\n",
    look: Look::Each(hidden),
};

pub(crate) const NORMAL_AS_FAILURE: Rule = Rule {
    id: "normal-as-failure",
    level: Level::Warning,
    title: ("正常な結果が失敗になる", "a normal result counts as failure"),
    why: (
        "HTTP/2 の応答に「200 OK」という文字列はなく、何も見つからない `grep` は終了コード 1 を返す。",
        "HTTP/2 does not say `200 OK`, and a `grep` that finds nothing exits with 1.",
    ),
    hint: (
        "`curl -fsS -o /dev/null` の終了コードで判断し、見つからなくてよい `grep` には `ok_exit=0,1` などを付けてください",
        "go by the exit code of `curl -fsS -o /dev/null`; where nothing found is fine, say so, for example with `ok_exit=0,1`",
    ),
    bad: "# T\n\n## 確認\n```bash\ncurl -I --max-time 5 http://localhost:3000 | grep \"200 OK\"\n```\n",
    good: "# T\n\n## 確認\n```bash\ncurl -fsS -o /dev/null --max-time 5 http://localhost:3000\n```\n",
    look: Look::Each(normal),
};

pub(crate) const VERIFY_CANNOT_FAIL: Rule = Rule {
    id: "verify-cannot-fail",
    level: Level::Error,
    title: ("失敗することのない確認", "a verification that cannot fail"),
    why: ("直っていなくても、直ったことになる。", "It says recovered, whether it is or not."),
    hint: ("失敗が終了コードに出るようにしてください", "let the failure show in the exit code"),
    bad: "# T\n\n## 確認\n```bash\ncurl -f --max-time 5 http://localhost/health || echo \"異常\"\n```\n",
    good: "# T\n\n## 確認\n```bash\ncurl -f --max-time 5 http://localhost/health\n```\n",
    look: Look::Each(cannot_fail),
};

pub(crate) const VERIFY_MISSING: Rule = Rule {
    id: "verify-missing",
    level: Level::Warning,
    title: ("確認がない", "the verification is missing"),
    why: (
        "変更した後、直ったかどうかを誰も見ない。",
        "After the change nobody looks whether it helped.",
    ),
    hint: (
        "利用者の操作に近い確認を、対応の後に書いてください",
        "add a check behind the response, close to what users do",
    ),
    bad: "# T\n\n## 対応\n```bash\nsystemctl restart nginx\n```\n",
    good: "# T\n\n## 対応\n```bash\nsystemctl restart nginx\n```\n\n## 確認\n```bash\ncurl -f --max-time 5 --retry 5 http://localhost/\n```\n",
    look: Look::Each(missing),
};

pub(crate) const VERIFY_TOO_EARLY: Rule = Rule {
    id: "verify-too-early",
    level: Level::Warning,
    title: ("確認が早すぎる", "the verification comes too early"),
    why: (
        "再起動の直後は、正常なサービスもまだ答えない。",
        "Right after a restart even a healthy service does not answer yet.",
    ),
    hint: (
        "準備ができるまで、上限を決めて待ってください (`curl --retry 10 --retry-connrefused`)",
        "wait until it is ready, with a limit: `curl --retry 10 --retry-connrefused`",
    ),
    bad: "# T\n\n## 対応\n```bash\nsystemctl restart nginx\ncurl -f --max-time 5 http://localhost/\n```\n",
    good: "# T\n\n## 対応\n```bash\nsystemctl restart nginx\ncurl -f --max-time 5 --retry 10 --retry-connrefused http://localhost/\n```\n",
    look: Look::Each(early),
};

fn hidden(page: &Page<'_>, hits: &mut Hits) {
    for block in page.shell_blocks() {
        for command in block.commands() {
            let only_prints = matches!(command.program(), "echo" | "printf" | "true" | ":");
            if command.joined == Joined::Or
                && only_prints
                && !command.is_condition
                && !ends_after(block, command)
            {
                hits.at_place(
                    block.place_of(command),
                    format!("`|| {}` の後は成功になります", shown(command)),
                    format!("with `|| {}` the failure is over", shown(command)),
                );
            }
        }
    }
}

/// Whether a command that ends the block follows in the same line: `|| { echo x; exit 1; }`.
fn ends_after(block: &Block, command: &Command) -> bool {
    block.script.commands.iter().any(|other| {
        other.line >= command.line
            && other.line <= command.line + 1
            && matches!(other.program(), "exit" | "return" | "false")
    })
}

fn normal(page: &Page<'_>, hits: &mut Hits) {
    for block in page.shell_blocks() {
        for command in block.commands() {
            let arguments = command.arguments();
            if matches!(command.program(), "grep" | "egrep") && command.joined == Joined::Pipe {
                if arguments
                    .iter()
                    .any(|word| word.contains("200 OK") || word.contains("HTTP/1.1 200"))
                {
                    hits.at_place(
                        block.place_of(command),
                        "「200 OK」は HTTP/2 の応答にはありません",
                        "an answer over HTTP/2 does not say `200 OK`",
                    );
                } else if arguments.contains(&"-v")
                    && arguments.iter().any(|word| word.contains("200\\|") || word.contains("200|"))
                {
                    hits.at_place(
                        block.place_of(command),
                        "状態コードの欄ではなく行のどこかにある数字で除くため、本当の失敗も消えます",
                        "it drops every line with these digits anywhere, true failures included; look at the field of the status",
                    );
                }
            }
            let is_step = block.is_step()
                && block.info.get("ok_exit").is_none()
                && block.info.get("on_fail") != Some("continue");
            let is_search = matches!(command.program(), "grep" | "pgrep")
                && !arguments.iter().any(|word| word.contains('q'));
            let looks_for_trouble = arguments
                .iter()
                .any(|word| text::has_word(word, &["error", "fatal", "critical", "oom"]));
            if is_step
                && block.role == Some(Role::Diagnose)
                && is_search
                && looks_for_trouble
                && command.joined != Joined::Or
                && !command.is_condition
            {
                hits.at_place(
                    block.place_of(command),
                    "何も見つからないとき (正常なとき) にこの手順は失敗します",
                    "this step fails when nothing is found, which is the good case",
                );
            }
        }
    }
}

const VERIFYING: &[&str] = &[
    "ヘルスチェック",
    "表示確認",
    "動作確認",
    "復旧確認",
    "health check",
    "verify",
    "verification",
];

/// Whether commands of a block verify, and where: a block of its own, or what stands under a comment that says so.
fn verifying(block: &Block) -> Vec<(u32, Vec<&Command>)> {
    if block.role == Some(Role::Verify) {
        return vec![(0, block.commands())];
    }
    let groups = block.groups().into_iter();
    let says = |text: &str| text::has_word(text, VERIFYING);
    groups
        .filter_map(|group| {
            let comment = group.comment.filter(|comment| says(&comment.text))?;
            Some((comment.line, group.commands))
        })
        .collect()
}

fn cannot_fail(page: &Page<'_>, hits: &mut Hits) {
    for block in page.shell_blocks().filter(|block| !block.is_step()) {
        for (line, commands) in verifying(block) {
            let tail = |command: &&&Command| command.joined == Joined::Or;
            let fails = |at: usize, command: &Command| {
                let next = commands.get(at + 1).filter(|next| next.joined != Joined::First);
                let chain =
                    commands[at + 1..].iter().take_while(|next| next.joined != Joined::First);
                let alternative = chain.clone().find(|next| tail(next));
                next.is_none() && !command.is_harmless()
                    || next.is_some()
                        && alternative.is_none_or(|alternative| {
                            !alternative.is_harmless() || ends_after(block, alternative)
                        })
            };
            let starts = commands
                .iter()
                .enumerate()
                .filter(|(_, command)| command.joined == Joined::First && !command.is_substituted);
            let can_fail = starts.clone().any(|(at, command)| fails(at, command));
            if starts.count() > 0 && !can_fail {
                hits.at(
                    block.line_of(line),
                    "この確認は失敗することがありません",
                    "this verification cannot fail",
                );
            }
        }
    }
}

/// Whether the text of a procedure says how to see that it worked.
fn is_verified(page: &Page<'_>, procedure: u32, after: u32) -> bool {
    let by_block = page.blocks.iter().any(|block| {
        block.procedure == procedure
            && (block.line > after && block.role == Some(Role::Verify)
                || block.line >= after && !verifying(block).is_empty())
    });
    let end = page
        .headings
        .iter()
        .find(|heading| heading.line > after && page.procedure(heading.line + 1) != procedure);
    let end = end.map_or(u32::MAX, |heading| heading.line);
    let words = &[
        "復旧確認",
        "復旧したことを",
        "直ったこと",
        "動作を確認",
        "確認項目",
        "confirm that",
        "make sure",
        "verify that",
        "check that",
        "should be",
        "should now",
    ];
    by_block
        || page
            .prose
            .iter()
            .any(|(line, row)| (after..end).contains(line) && text::has_word(row, words))
}

fn missing(page: &Page<'_>, hits: &mut Hits) {
    let mut told = Vec::new();
    for block in page.shell_blocks().filter(|block| !super::form::is_command_list(block, page)) {
        // Of a runbook this is an error of its own where it matters; a check that changes is one anyway.
        let is_response = !matches!(block.role, Some(Role::Evidence | Role::Undo | Role::Diagnose));
        let is_automatic =
            page.is_under(block.line, &["自動", "設定", "automatic", "configuration"]);
        if page.is_runbook || told.contains(&block.procedure) || !is_response || is_automatic {
            continue;
        }
        let Some(command) = block.first_with(Effect::Change) else { continue };
        if is_verified(page, block.procedure, block.line) {
            continue;
        }
        told.push(block.procedure);
        let shown = shown(command);
        hits.at_place(
            block.place_of(command),
            format!("`{shown}` の後に、直ったことの確認がありません"),
            format!("nothing behind `{shown}` sees whether it worked"),
        );
    }
}

fn early(page: &Page<'_>, hits: &mut Hits) {
    // A restart that nothing has waited for yet, and the block that it stands in.
    let mut restarted: Option<(&Block, &Command)> = None;
    for block in page.shell_blocks() {
        let follows = |from: &Block| {
            from.procedure == block.procedure && !waits_between(page, from.line, block.line)
        };
        // The engine repeats the verification of a runbook until it passes or its time is up.
        restarted = restarted.filter(|(from, _)| follows(from) && !page.is_runbook);
        for command in block.commands() {
            if effects::restarts(command) {
                restarted = Some((block, command));
            } else if waits(command) {
                restarted = None;
            } else if matches!(command.program(), "curl" | "wget" | "nc")
                && let Some((from, restart)) = restarted.take()
            {
                hits.at_place(
                    block.place_of(command),
                    format!("`{}` の直後に確認しています", shown(restart)),
                    format!("it checks right behind `{}`", shown(restart)),
                );
                // Between two blocks a person at least takes a breath.
                if from.line != block.line {
                    hits.as_level(Level::Info);
                }
            }
        }
    }
}

fn waits(command: &Command) -> bool {
    let says = |word: &&str| word.starts_with("--retry") || matches!(*word, "--wait" | "wait");
    matches!(command.program(), "sleep" | "wait-for-it") || command.arguments().iter().any(says)
}

/// Whether the text between two lines tells to wait.
fn waits_between(page: &Page<'_>, from: u32, to: u32) -> bool {
    let words = &["待", "秒", "分", "until", "wait", "seconds", "minutes", "minute"];
    page.prose.iter().any(|(line, row)| (from..to).contains(line) && text::has_word(row, words))
}
