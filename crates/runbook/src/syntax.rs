//! Bash text to its [`Script`], through the syntax tree of tree-sitter.

use crate::{
    nodes::{DEPTH_LIMIT, children, line, place, source, word, words_of},
    words::{Assignment, Command, Comment, Context, Joined, Redirect, Script, Use},
};
use tree_sitter::{Node, Parser};

/// More than a person writes in one block.
const BYTES_LIMIT: usize = 256 << 10;

/// Takes a body apart. What is no bash is in [`Script::broken`]; everything around it is read.
pub fn read(text: &str) -> Script {
    let mut reader = Reader { text, script: Script::default(), pipelines: 0 };
    if text.len() > BYTES_LIMIT {
        reader.script.broken = Some(0);
        return reader.script;
    }
    let mut parser = Parser::new();
    let tree = match parser.set_language(&tree_sitter_bash::LANGUAGE.into()) {
        Ok(()) => parser.parse(text, None),
        Err(_) => None,
    };
    let Some(tree) = tree else {
        reader.script.broken = Some(0);
        return reader.script;
    };
    let root = tree.root_node();
    reader.node(root, &Around::default());
    reader.script.can_fail = children(root).into_iter().any(|node| reader.can_fail(node));
    reader.script
}

/// What surrounds a node.
#[derive(Clone, Copy, Default)]
struct Around {
    context: Option<Context>,
    joined: Joined,
    pipeline: Option<usize>,
    depth: u32,
    is_substituted: bool,
    is_condition: bool,
    is_exported: bool,
}

struct Reader<'t> {
    text: &'t str,
    script: Script,
    pipelines: usize,
}

impl<'t> Reader<'t> {
    fn node(&mut self, node: Node<'_>, around: &Around) {
        let inside = Around { depth: around.depth + 1, ..*around };
        // The grammar lacks `<>`, which bash has.
        let is_redirect = || node.parent().is_some_and(|parent| parent.kind() == "file_redirect");
        if node.is_error() && self.source(node) == ">" && is_redirect() {
            return;
        }
        if inside.depth > DEPTH_LIMIT || node.is_error() || node.is_missing() {
            self.broken(line(node));
            self.names_in(node, around.context.unwrap_or(Context::Bare));
            return;
        }
        match node.kind() {
            "comment" => self.comment(node),
            "simple_expansion" | "expansion" => self.expansion(node, &inside),
            "command_substitution" | "process_substitution" => {
                let plain = Around {
                    depth: inside.depth,
                    is_substituted: true,
                    is_condition: around.is_condition,
                    ..Around::default()
                };
                self.all(node, &plain);
            }
            "string" | "translated_string" => {
                let is_code = matches!(around.context, Some(Context::Arithmetic | Context::Nested));
                let mut context = if is_code { around.context } else { Some(Context::Quoted) };
                for child in children(node) {
                    self.node(child, &Around { context, ..inside });
                    // The tree has no name for `${x:$n}`: what follows may still be inside the braces.
                    if child.has_error() {
                        context = Some(Context::Nested);
                    }
                }
            }
            "arithmetic_expansion" | "c_style_for_statement" | "subscript" => {
                self.arithmetic(node, &inside);
            }
            "compound_statement" if self.source(node).starts_with("((") => {
                self.arithmetic(node, &inside);
            }
            "heredoc_body" if node.child_count() > 0 => {
                self.all(node, &Around { context: Some(Context::HereDocument), ..inside });
            }
            "list" => self.list(node, &inside),
            "pipeline" => self.pipeline(node, &inside),
            "negated_command" => self.all(node, &Around { is_condition: true, ..inside }),
            "while_statement" | "if_statement" | "elif_clause" => self.conditional(node, &inside),
            "for_statement" => self.for_statement(node, &inside),
            "case_statement" => self.all(node, &Around { context: Some(Context::Whole), ..inside }),
            "case_item" | "do_group" => self.all(node, &Around { context: None, ..inside }),
            "variable_assignment" => self.assignment(node, &inside),
            "command" | "test_command" | "unset_command" | "declaration_command" => {
                self.command(node, &inside, &[]);
            }
            "redirected_statement" => self.redirected(node, &inside),
            _ if node.named_child_count() == 0 => self.leaf(node, around),
            _ => self.all(node, &inside),
        }
    }

    fn all(&mut self, node: Node<'_>, around: &Around) {
        for child in children(node) {
            self.node(child, around);
        }
    }

    fn broken(&mut self, line: u32) {
        let first = self.script.broken.map_or(line, |earlier| earlier.min(line));
        self.script.broken = Some(first);
    }

    fn comment(&mut self, node: Node<'_>) {
        let before = &self.text[..node.start_byte()];
        let is_trailing = !before.rsplit('\n').next().unwrap_or_default().trim().is_empty();
        self.script.comments.push(Comment {
            text: self.source(node).trim_start_matches('#').trim().to_owned(),
            line: line(node),
            is_trailing,
        });
    }

    /// `$x` and `${…}`: the name itself, and everything behind it as nested.
    fn expansion(&mut self, node: Node<'_>, around: &Around) {
        let source = self.source(node);
        let is_code = source.starts_with("${!") || source.contains('@');
        let context = match around.context {
            _ if is_code => Context::Nested,
            Some(context) => context,
            None => Context::Bare,
        };
        let mut is_first = true;
        for child in children(node) {
            let is_name = matches!(child.kind(), "variable_name" | "special_variable_name");
            if is_name && is_first {
                self.used(child, self.source(child), context);
                is_first = false;
            } else if child.kind() == "subscript" {
                self.arithmetic(child, around);
                is_first = false;
            } else if child.is_named() {
                self.node(child, &Around { context: Some(Context::Nested), ..*around });
            }
        }
    }

    /// Whatever is named inside is evaluated as code.
    fn arithmetic(&mut self, node: Node<'_>, around: &Around) {
        if node.kind() == "c_style_for_statement" && node.child_by_field_name("condition").is_none()
        {
            self.script.endless_loops.push(line(node));
        }
        for child in children(node) {
            let context = if child.kind() == "do_group" { None } else { Some(Context::Arithmetic) };
            self.node(child, &Around { context, ..*around });
        }
    }

    /// A leaf with text: names in it are no expansions, but they may be read by whoever gets the text.
    fn leaf(&mut self, node: Node<'_>, around: &Around) {
        let context = match around.context {
            Some(context @ (Context::Arithmetic | Context::Nested)) => context,
            _ => Context::Literal,
        };
        // Arithmetic reads a variable by its bare name.
        let is_name = matches!(node.kind(), "variable_name" | "word");
        if is_name && context == Context::Arithmetic {
            self.used(node, self.source(node), context);
        } else {
            self.names_in(node, context);
        }
    }

    fn used(&mut self, node: Node<'_>, name: &str, context: Context) {
        let (line, column) = place(self.text, node);
        self.script.uses.push(Use { name: name.to_owned(), line, column, context });
    }

    fn names_in(&mut self, node: Node<'_>, context: Context) {
        let source = self.source(node);
        for (at, row) in (0..).zip(source.split('\n')) {
            for name in row.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
                if name.starts_with("HK_") {
                    let (line, column) = place(self.text, node);
                    let line = line + at;
                    self.script.uses.push(Use { name: name.to_owned(), line, column, context });
                }
            }
        }
    }

    fn list(&mut self, node: Node<'_>, around: &Around) {
        let mut joined = around.joined;
        for child in children(node) {
            match child.kind() {
                "&&" => joined = Joined::And,
                "||" => joined = Joined::Or,
                _ => self.node(child, &Around { joined, pipeline: None, ..*around }),
            }
        }
    }

    fn pipeline(&mut self, node: Node<'_>, around: &Around) {
        let number = around.pipeline.unwrap_or_else(|| self.next_pipeline());
        let mut joined = around.joined;
        for child in children(node) {
            self.node(child, &Around { joined, pipeline: Some(number), ..*around });
            joined = Joined::Pipe;
        }
    }

    fn next_pipeline(&mut self) -> usize {
        self.pipelines += 1;
        self.pipelines
    }

    fn conditional(&mut self, node: Node<'_>, around: &Around) {
        if node.kind() == "while_statement" {
            let condition = node.child_by_field_name("condition");
            let text = condition.map(|node| self.source(node).trim()).unwrap_or_default();
            let is_until = self.source(node).starts_with("until");
            let endless: &[&str] = if is_until { &["false"] } else { &["true", ":", "((1))"] };
            let body = node.child_by_field_name("body").map(|node| self.source(node));
            let leaves = body.unwrap_or_default().split(|c: char| !c.is_alphanumeric());
            if endless.contains(&text)
                && !leaves.into_iter().any(|word| matches!(word, "break" | "exit" | "return"))
            {
                self.script.endless_loops.push(line(node));
            }
        }
        let mut is_condition = true;
        for child in children(node) {
            if matches!(child.kind(), "then" | "do_group" | "else_clause") {
                is_condition = around.is_condition;
            }
            self.node(child, &Around { is_condition, ..*around });
        }
    }

    fn for_statement(&mut self, node: Node<'_>, around: &Around) {
        let name = node.child_by_field_name("variable").map(|node| self.source(node).to_owned());
        let mut cursor = node.walk();
        let values: Vec<_> = node.children_by_field_name("value", &mut cursor).collect();
        for value in values {
            let value = word(self.text, value);
            let name = name.clone().unwrap_or_default();
            self.script.assignments.push(Assignment { name, value, is_exported: false });
        }
        self.all(node, around);
    }

    fn assignment(&mut self, node: Node<'_>, around: &Around) {
        let name = node.child_by_field_name("name").map(|node| self.source(node));
        let name = name.unwrap_or_default().split('[').next().unwrap_or_default().to_owned();
        let value = node.child_by_field_name("value").map(|node| word(self.text, node));
        let value = value.unwrap_or_default();
        self.script.assignments.push(Assignment { name, value, is_exported: around.is_exported });
        self.all(node, &Around { context: Some(Context::Whole), ..*around });
    }

    fn redirected(&mut self, node: Node<'_>, around: &Around) {
        let mut redirects = Vec::new();
        let mut inner = Vec::new();
        for child in children(node) {
            if child.kind().ends_with("_redirect") {
                redirects.extend(self.redirect(child));
                inner.push(child);
            }
        }
        if let Some(body) = node.child_by_field_name("body") {
            match body.kind() {
                "command" | "test_command" | "unset_command" | "declaration_command" => {
                    self.command(body, around, &redirects);
                }
                _ => {
                    let first = self.script.commands.len();
                    self.node(body, around);
                    // The last command of a pipeline is the one whose output goes there.
                    if let Some(last) = self.script.commands[first..].last_mut() {
                        last.redirects.extend(redirects.iter().cloned());
                    }
                }
            }
        }
        for child in inner {
            self.all(child, &Around { context: None, joined: Joined::Pipe, ..*around });
        }
    }

    fn redirect(&self, node: Node<'_>) -> Option<Redirect> {
        let target = match node.kind() {
            "heredoc_redirect" => {
                children(node).into_iter().find(|child| child.kind() == "heredoc_body")?
            }
            _ => children(node).into_iter().rfind(Node::is_named)?,
        };
        let operator = children(node).into_iter().find(|child| !child.is_named());
        let operator = operator.map(|child| child.kind().to_owned()).unwrap_or_default();
        Some(Redirect { operator, target: word(self.text, target) })
    }

    fn command(&mut self, node: Node<'_>, around: &Around, redirects: &[Redirect]) {
        let is_test = node.kind() == "test_command";
        let mut found = Command { redirects: redirects.to_vec(), ..Command::default() };
        let is_double = is_test && self.source(node).starts_with("[[");
        let is_export = node.kind() == "declaration_command"
            && self.source(node).split_whitespace().next() == Some("export");
        let context = if is_double { Some(Context::Whole) } else { None };
        let inside = Around { context, is_exported: is_export, ..*around };
        for child in children(node) {
            match child.kind() {
                "variable_assignment" if node.kind() == "command" => {
                    let name = child.child_by_field_name("name").map(|node| self.source(node));
                    found.sets.extend(name.map(str::to_owned));
                }
                kind if kind.ends_with("_redirect") => found.redirects.extend(self.redirect(child)),
                _ => words_of(self.text, child, &mut found.words),
            }
            self.node(child, &inside);
        }
        (found.line, found.column) = place(self.text, node);
        found.joined = around.joined;
        found.pipeline = around.pipeline.unwrap_or_else(|| self.next_pipeline());
        found.is_substituted = around.is_substituted;
        found.is_condition = around.is_condition;
        found.is_background = self.text[node.end_byte()..].trim_start_matches(' ').starts_with('&')
            && !self.text[node.end_byte()..].trim_start_matches(' ').starts_with("&&");
        self.script.commands.push(found);
    }

    fn can_fail(&self, node: Node<'_>) -> bool {
        match node.kind() {
            "comment" | "function_definition" | "declaration_command" => false,
            "list" => {
                let parts = children(node);
                let is_alternative = parts.iter().any(|part| part.kind() == "||");
                match parts.last() {
                    Some(last) if is_alternative => self.can_fail(*last),
                    _ => parts.into_iter().any(|part| self.can_fail(part)),
                }
            }
            "if_statement" | "elif_clause" => children(node).into_iter().any(|part| {
                let is_condition = node.child_by_field_name("condition") == Some(part);
                !is_condition && self.can_fail(part)
            }),
            "else_clause" | "compound_statement" | "do_group" | "redirected_statement"
                if !self.source(node).starts_with("((") =>
            {
                children(node).into_iter().any(|part| self.can_fail(part))
            }
            kind if kind.ends_with("_redirect") => false,
            "command" => {
                let (line, column) = place(self.text, node);
                let here = |found: &&Command| (found.line, found.column) == (line, column);
                !self.script.commands.iter().find(here).is_some_and(Command::is_harmless)
            }
            "variable_assignment" => self.source(node).contains("$("),
            _ => node.is_named(),
        }
    }

    fn source(&self, node: Node<'_>) -> &'t str {
        source(self.text, node)
    }
}
