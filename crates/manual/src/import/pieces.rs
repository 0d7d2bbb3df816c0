//! A block in pieces: each comment on a line of its own starts one, where the pieces can stand by themselves.

use super::looking;
use crate::{
    block::Block,
    effects::Effect,
    rules::unfinished::{angled, bracketed},
};
use runbook::{
    syntax,
    words::{Joined, Script, Word},
};
use std::collections::{BTreeMap, BTreeSet};

/// Part of a block.
pub(crate) struct Piece {
    /// The comment that it stands under.
    pub(crate) comment: String,
    /// Its commands as they are written.
    pub(crate) text: String,
    /// The same, taken apart.
    pub(crate) script: Script,
    /// Its first and last line in the document.
    pub(crate) lines: (u32, u32),
}

/// Commands after which what follows means something else: such a block stays whole.
const CARRY: [&str; 9] = ["cd", "pushd", "source", ".", "set", "umask", "alias", "ssh", "su"];
/// Variables that every shell has.
const GIVEN: [&str; 14] = [
    "HOME",
    "LANG",
    "PATH",
    "PWD",
    "OLDPWD",
    "RANDOM",
    "SECONDS",
    "HOSTNAME",
    "EUID",
    "UID",
    "REPLY",
    "BASH_VERSION",
    "LINENO",
    "PIPESTATUS",
];

/// What stands in a script for a placeholder while it is read.
pub(crate) const PLACEHOLDER: &str = "hk-placeholder";
/// The same for one that means the service of the run, which every step knows.
pub(crate) const SERVICE: &str = "hk-service";
const SERVICES: [&str; 9] = [
    "service",
    "service name",
    "service-name",
    "service_name",
    "unit",
    "name",
    "サービス",
    "サービス名",
    "ユニット名",
];

/// A body with a word in the place of each placeholder: to bash `<host>` is a redirection.
fn filled(text: &str) -> String {
    let fill = |row: &str| {
        let mut row = row.to_owned();
        for (_, name) in bracketed(&row.clone()).into_iter().chain(angled(&row.clone())) {
            let inside = name.trim_matches(['[', ']', '<', '>']).to_lowercase();
            let word = if SERVICES.contains(&inside.as_str()) { SERVICE } else { PLACEHOLDER };
            row = row.replace(&name, word);
        }
        row + "\n"
    };
    text.lines().map(fill).collect()
}

/// The pieces of a block: by comments and where looking ends and changing begins, else by comments, else whole.
pub(crate) fn of(block: &Block) -> Vec<Piece> {
    let rows: Vec<&str> = block.body.lines().collect();
    let whole = syntax::read(&filled(&block.body));
    let comments: BTreeSet<usize> =
        whole.comments.iter().map(|comment| comment.line as usize).collect();
    let heads = heads(&rows, &comments);
    let is_code = |at: &usize| !comments.contains(at) && !rows[*at].trim().is_empty();
    // What stands right below a comment starts with it.
    let begun = |at: &usize| {
        heads.range(..=*at).next_back().is_some_and(|head| (*head..*at).any(|row| is_code(&row)))
    };
    let turns = turns(&whole, &rows).into_iter().filter(|at| begun(at));
    let both: BTreeSet<usize> = heads.iter().copied().chain(turns).collect();
    for starts in [both, heads] {
        let pieces = cut(block, &rows, &comments, &starts);
        if pieces.len() > 1 && (whole.broken.is_some() || stand_alone(&pieces)) {
            return pieces;
        }
    }
    piece(block, &comments, &rows, 0, rows.len()).into_iter().collect()
}

/// Where comments on lines of their own begin.
fn heads(rows: &[&str], comments: &BTreeSet<usize>) -> BTreeSet<usize> {
    let mut starts = BTreeSet::from([0]);
    let mut is_in_commands = false;
    for (at, row) in rows.iter().enumerate() {
        let is_head = row.starts_with('#') && comments.contains(&at);
        if is_head && is_in_commands {
            starts.insert(at);
        }
        is_in_commands = !is_head && (is_in_commands || !row.trim().is_empty());
    }
    starts
}

/// Where commands that only look and commands that do more follow each other.
fn turns(whole: &Script, rows: &[&str]) -> BTreeSet<usize> {
    let indent = |row: &&str| row.len() - row.trim_start().len();
    let least = rows.iter().filter(|row| !row.trim().is_empty()).map(indent).min().unwrap_or(0);
    let mut worst: BTreeMap<usize, bool> = BTreeMap::new();
    let mut start = 0;
    let mut commands: Vec<_> = whole.commands.iter().collect();
    commands.sort_by_key(|command| (command.line, command.column));
    for command in commands {
        let at = command.line as usize;
        let is_outer = rows.get(at).is_some_and(|row| indent(row) == least);
        if is_outer && command.joined == Joined::First && !command.is_substituted {
            start = at;
        }
        *worst.entry(start).or_default() |= looking::of(command) > Effect::Read;
    }
    let pairs = worst.iter().zip(worst.iter().skip(1));
    pairs.filter(|((_, before), (_, after))| before != after).map(|(_, (at, _))| *at).collect()
}

/// The pieces between these starts; one without a comment of its own keeps that of the piece before it.
fn cut(
    block: &Block,
    rows: &[&str],
    comments: &BTreeSet<usize>,
    starts: &BTreeSet<usize>,
) -> Vec<Piece> {
    let ends = starts.iter().skip(1).copied().chain([rows.len()]);
    let ranges = starts.iter().copied().zip(ends);
    let mut pieces: Vec<Piece> = Vec::new();
    for (from, to) in ranges {
        let Some(mut piece) = piece(block, comments, rows, from, to) else { continue };
        if piece.comment.is_empty()
            && let Some(before) = pieces.last()
        {
            piece.comment.clone_from(&before.comment);
        }
        pieces.push(piece);
    }
    pieces
}

fn piece(
    block: &Block,
    comments: &BTreeSet<usize>,
    rows: &[&str],
    from: usize,
    to: usize,
) -> Option<Piece> {
    let is_head = |at: usize| rows[at].starts_with('#') && comments.contains(&at);
    let first = (from..to).find(|at| !is_head(*at) && !rows[*at].trim().is_empty())?;
    let last = (first..to).rfind(|at| !rows[*at].trim().is_empty())?;
    let heads = (from..first).filter(|at| is_head(*at));
    let comment: Vec<&str> = heads.map(|at| rows[at].trim_start_matches('#').trim()).collect();
    // A console block has empty lines where its output stood.
    let is_console = block.language.contains("session") || block.language == "console";
    let kept = rows[first..=last].iter().filter(|row| !(is_console && row.trim().is_empty()));
    let text: String = kept.map(|row| format!("{}\n", row.trim_end())).collect();
    let text = dedented(&text);
    let script = syntax::read(&filled(&text));
    let line = |at: usize| block.line_of(u32::try_from(at).unwrap_or(u32::MAX));
    let start = (from..first).find(|at| is_head(*at)).unwrap_or(first);
    Some(Piece { comment: comment.join(" "), text, script, lines: (line(start), line(last)) })
}

/// Without the columns that the prompts of a console block took.
fn dedented(text: &str) -> String {
    let indent = |row: &str| row.len() - row.trim_start_matches(' ').len();
    let least = text.lines().filter(|row| !row.trim().is_empty()).map(indent).min().unwrap_or(0);
    text.lines().map(|row| format!("{}\n", row.get(least..).unwrap_or_default())).collect()
}

/// Whether every piece is bash by itself and none needs what another one sets.
fn stand_alone(pieces: &[Piece]) -> bool {
    let mut set: BTreeSet<&str> = BTreeSet::new();
    for piece in pieces {
        let carries =
            piece.script.commands.iter().any(|command| CARRY.contains(&command.program()));
        let defines = piece.text.contains("() {") || piece.text.contains("function ");
        let uses = piece.script.uses.iter().any(|found| set.contains(found.name.as_str()));
        if piece.script.broken.is_some() || carries || defines || uses {
            return false;
        }
        set.extend(piece.script.assignments.iter().map(|assigned| assigned.name.as_str()));
    }
    true
}

/// The variables that a piece reads and nobody gives it: a step's environment starts empty.
pub(crate) fn missing(script: &Script) -> BTreeSet<String> {
    let reads =
        |command: &&runbook::words::Command| matches!(command.program(), "read" | "mapfile");
    let read: Vec<&Word> =
        script.commands.iter().filter(reads).flat_map(|command| &command.words).collect();
    let is_given = |name: &str| {
        GIVEN.contains(&name)
            || name.starts_with("HK_")
            || !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            || script.assignments.iter().any(|assigned| assigned.name == name)
            || read.iter().any(|word| word.text == name)
    };
    let names = script.uses.iter().map(|found| found.name.clone());
    names.filter(|name| !is_given(name)).collect()
}
