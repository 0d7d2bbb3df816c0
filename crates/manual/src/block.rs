//! One fence of a document: what it is for, and its commands where it is bash.

use crate::{
    effects::{self, Effect},
    text,
};
use domain::plan::Role;
use runbook::{
    document::Fence,
    info::Info,
    roles::{self, Section},
    syntax,
    words::{Command, Comment, Script},
};

/// A fence.
pub struct Block {
    /// The line of its opening.
    pub line: u32,
    /// Its language: `bash`, `console`, empty.
    pub language: String,
    /// Its `{key=value}`.
    pub info: Info,
    /// What stands inside; in a console block without prompts and without what the commands print.
    pub body: String,
    /// The heading or bold item above it.
    pub heading: String,
    /// What that makes it.
    pub role: Option<Role>,
    /// The line of the heading of the procedure that it belongs to.
    pub procedure: u32,
    /// Its commands; empty where it is no shell.
    pub script: Script,
    /// How far its lines are indented in the file, in characters.
    indent: Vec<u32>,
    /// Whether it is a file of settings behind the word `bash`.
    pub is_settings: bool,
}

/// Commands of a block under one comment.
pub struct Group<'b> {
    /// The comment.
    pub comment: Option<&'b Comment>,
    /// Its commands.
    pub commands: Vec<&'b Command>,
}

impl Block {
    /// Reads a fence. `lines` are those of the file, `above` the nearest real heading, `procedure` the line of the one
    /// whose procedure it belongs to.
    pub(crate) fn read(fence: Fence, lines: &[&str], above: Option<&str>, procedure: u32) -> Self {
        let info = Info::read(&fence.info).unwrap_or_default();
        let word = fence.info.split([' ', '{', ',']).next().unwrap_or_default();
        let language = word.to_lowercase();
        let is_console = matches!(
            language.as_str(),
            "console" | "shell-session" | "sh-session" | "shellsession"
        );
        let body = if is_console || has_prompts(&fence.body) {
            typed(&fence.body)
        } else {
            fence.body.clone()
        };
        let indent = (0..)
            .zip(fence.body.lines())
            .map(|(at, row)| {
                let line = lines.get(fence.line as usize + at);
                let found = line.and_then(|line| line.find(row)).unwrap_or_default();
                u32::try_from(found).unwrap_or_default()
            })
            .collect();
        let heading = fence.heading.clone().unwrap_or_default();
        let mut block = Self {
            line: fence.line,
            role: role(&info, &heading, above),
            procedure,
            is_settings: is_settings(&fence.body),
            language,
            info,
            body,
            heading,
            script: Script::default(),
            indent,
        };
        if block.is_shell() {
            block.script = syntax::read(&block.body);
        }
        block
    }

    /// Whether it is to be typed into a shell.
    pub fn is_shell(&self) -> bool {
        !self.is_settings
            && matches!(
                self.language.as_str(),
                "bash"
                    | "sh"
                    | "shell"
                    | "zsh"
                    | "console"
                    | "shell-session"
                    | "sh-session"
                    | "shellsession"
            )
    }

    /// Whether it is an executable step of a runbook.
    pub fn is_step(&self) -> bool {
        self.info.is_runnable() && self.info.get("name").is_some()
    }

    /// The line in the file of a line of its body.
    pub fn line_of(&self, line: u32) -> u32 {
        self.line + 1 + line
    }

    /// The place in the file of a place in its body: a line and a column, both from 1.
    pub fn place(&self, line: u32, column: u32) -> (u32, u32) {
        let indent = self.indent.get(line as usize).copied().unwrap_or_default();
        (self.line_of(line), column + indent + 1)
    }

    /// The place in the file of a command.
    pub fn place_of(&self, command: &Command) -> (u32, u32) {
        self.place(command.line, command.column)
    }

    /// Its commands in the order of their lines.
    pub fn commands(&self) -> Vec<&Command> {
        let mut commands: Vec<&Command> = self.script.commands.iter().collect();
        commands.sort_by_key(|command| (command.line, command.column));
        commands
    }

    /// The first command with an effect of at least this.
    pub fn first_with(&self, least: Effect) -> Option<&Command> {
        self.commands().into_iter().find(|command| effects::of(command) >= least)
    }

    /// Its commands in groups, each under a comment of its own line.
    pub fn groups(&self) -> Vec<Group<'_>> {
        let mut groups = vec![Group { comment: None, commands: Vec::new() }];
        let heads = self.script.comments.iter().filter(|comment| !comment.is_trailing);
        let mut heads = heads.peekable();
        for command in self.commands() {
            while let Some(head) = heads.next_if(|head| head.line < command.line) {
                groups.push(Group { comment: Some(head), commands: Vec::new() });
            }
            if let Some(last) = groups.last_mut() {
                last.commands.push(command);
            }
        }
        groups.retain(|group| !group.commands.is_empty());
        groups
    }
}

/// What a block is for: what it says itself, what its heading says, what the headings above say.
fn role(info: &Info, heading: &str, above: Option<&str>) -> Option<Role> {
    let own = info.get("role").and_then(roles::role_by_name);
    own.or_else(|| role_of(heading)).or_else(|| above.and_then(role_of))
}

/// What a heading or a comment makes of what stands below it.
pub(crate) fn role_of(heading: &str) -> Option<Role> {
    let heading = text::bare(heading);
    if let Some(Section::Steps(role)) = roles::section_of(&heading) {
        return Some(role);
    }
    let row = ROLES.iter().find(|(_, words)| text::has_word(&heading, words))?;
    Some(row.0)
}

/// Words in headings that are not the whole heading.
const ROLES: &[(Role, &[&str])] = &[
    (Role::Evidence, &["ログ収集", "証拠", "保全", "evidence", "collect logs"]),
    (
        Role::Diagnose,
        &[
            "診断",
            "調査",
            "分析",
            "diagnosis",
            "diagnose",
            "investigate",
            "investigation",
            "triage",
        ],
    ),
    (
        Role::Respond,
        &[
            "復旧",
            "隔離",
            "緊急対応",
            "再起動",
            "mitigation",
            "mitigate",
            "remediation",
            "recovery",
            "recover",
            "resolution",
            "fix",
        ],
    ),
    (
        Role::Verify,
        &["動作確認", "復旧確認", "ヘルスチェック", "verify", "verification", "validate"],
    ),
    (Role::Diagnose, &["確認", "check"]),
];

/// Whether what a person types stands behind prompts, whatever the language says.
fn has_prompts(body: &str) -> bool {
    let first = body.lines().map(str::trim).find(|row| !row.is_empty() && !row.starts_with('#'));
    first.is_some_and(|row| row.starts_with("$ "))
}

/// The commands that are typed at a prompt; every other line is what they print.
fn typed(body: &str) -> String {
    let mut continues = false;
    let rows = body.lines().map(|row| {
        let prompt = row.find("$ ").filter(|at| !row[..*at].contains([' ', '"', '\'']));
        let command = match prompt {
            Some(at) => Some((at + 2, &row[at + 2..])),
            None if row.starts_with("# ") => Some((2, &row[2..])),
            None if continues => Some((0, row)),
            None => None,
        };
        continues = command.is_some_and(|(_, text)| text.ends_with('\\'));
        match command {
            Some((at, text)) => format!("{}{text}", " ".repeat(row[..at].chars().count())),
            None => String::new(),
        }
    });
    rows.collect::<Vec<_>>().join("\n") + "\n"
}

/// Whether a body is a file of settings: `[Unit]`, or `daily` between braces.
fn is_settings(body: &str) -> bool {
    let rows: Vec<&str> = body.lines().map(str::trim).filter(|row| !row.is_empty()).collect();
    let is_ini = rows.iter().any(|row| {
        row.starts_with('[')
            && row.ends_with(']')
            && row[1..row.len() - 1].chars().all(char::is_alphanumeric)
            && row.len() > 2
    }) && rows.iter().any(|row| {
        row.split_once('=').is_some_and(|(key, _)| key.chars().all(char::is_alphanumeric))
    });
    let rotates = ["daily", "weekly", "missingok", "notifempty", "copytruncate"];
    is_ini || rows.iter().any(|row| rotates.contains(row))
}
