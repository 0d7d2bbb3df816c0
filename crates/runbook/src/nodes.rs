//! Nodes of the syntax tree of bash as words, and small questions to them.

use crate::words::Word;
use tree_sitter::Node;

/// More than a person nests.
pub(crate) const DEPTH_LIMIT: u32 = 100;
/// Programs that print numbers of their own, whatever they are given.
const COUNTERS: [&str; 5] = ["wc", "stat", "date", "nproc", "id"];

/// The words of a part of a command; the expressions of a test are taken apart.
pub(crate) fn words_of(text: &str, node: Node<'_>, words: &mut Vec<Word>) {
    if node.is_error() || node.is_missing() {
        return;
    }
    if node.kind().ends_with("_expression") && node.child_count() > 0 {
        for child in children(node) {
            words_of(text, child, words);
        }
    } else {
        words.push(word(text, node));
    }
}

pub(crate) fn word(text: &str, node: Node<'_>) -> Word {
    let (line, column) = place(text, node);
    let mut word = Word { line, column, ..Word::default() };
    build(text, node, &mut word, 0);
    word
}

fn build(text: &str, node: Node<'_>, word: &mut Word, depth: u32) {
    let own = source(text, node);
    match node.kind() {
        _ if depth > DEPTH_LIMIT => {}
        "raw_string" => {
            word.is_quoted = true;
            word.text.push_str(own.trim_matches('\''));
        }
        "ansi_c_string" => {
            word.is_quoted = true;
            word.text.push_str(own.trim_start_matches('$').trim_matches('\''));
        }
        "simple_expansion" | "expansion" => {
            let mut names = Vec::new();
            collect(node, text, &mut names, depth);
            word.text.push('$');
            word.text.push_str(names.first().map_or("", String::as_str));
            word.expands.extend(names);
        }
        "command_substitution" | "process_substitution" => {
            word.text.push('$');
            word.has_command = true;
            if !counts(text, node) {
                collect(node, text, &mut word.echoes, depth);
            }
        }
        "arithmetic_expansion" => word.text.push('$'),
        "string"
        | "translated_string"
        | "concatenation"
        | "command_name"
        | "heredoc_body"
        | "array"
        | "variable_assignment"
        | "subscript" => {
            let is_string = node.kind().ends_with("string");
            word.is_quoted |= is_string;
            let mut at = node.start_byte();
            for child in children(node) {
                // What stands between two children is text of the string.
                word.text.push_str(text.get(at..child.start_byte()).unwrap_or_default());
                at = child.end_byte();
                if child.is_named() {
                    build(text, child, word, depth + 1);
                } else if !is_string || child.kind() != "\"" {
                    word.text.push_str(source(text, child));
                }
            }
            if node.child_count() == 0 {
                word.text.push_str(own);
            }
        }
        "string_content" | "heredoc_content" => word.text.push_str(own),
        _ => word.text.push_str(&own.replace("\\\n", "").replace('\\', "")),
    }
}

/// Whether the last command of a substitution prints numbers of its own.
fn counts(text: &str, node: Node<'_>) -> bool {
    let Some(last) = children(node).into_iter().rfind(Node::is_named) else { return false };
    let last = source(text, last).rsplit('|').next().unwrap_or_default();
    let mut words = last.split_whitespace();
    let program = words.next().unwrap_or_default();
    COUNTERS.contains(&program)
        || (program == "grep" && words.any(|word| word.starts_with("-c") || word == "--count"))
}

/// The variables that are expanded anywhere inside a node.
fn collect(node: Node<'_>, text: &str, names: &mut Vec<String>, depth: u32) {
    if depth > DEPTH_LIMIT {
        return;
    }
    if node.kind() == "variable_name" {
        names.extend(text.get(node.byte_range()).map(str::to_owned));
    }
    children(node).into_iter().for_each(|child| collect(child, text, names, depth + 1));
}

/// The children of a node.
pub(crate) fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.children(&mut cursor).collect()
}

/// The line of a node.
pub(crate) fn line(node: Node<'_>) -> u32 {
    u32::try_from(node.start_position().row).unwrap_or(u32::MAX)
}

/// The line and the column of a node, the column in characters.
pub(crate) fn place(text: &str, node: Node<'_>) -> (u32, u32) {
    let before = text.get(..node.start_byte()).unwrap_or_default();
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
    (line(node), u32::try_from(column).unwrap_or(u32::MAX))
}

/// The text of a node.
pub(crate) fn source<'t>(text: &'t str, node: Node<'_>) -> &'t str {
    text.get(node.byte_range()).unwrap_or_default()
}
