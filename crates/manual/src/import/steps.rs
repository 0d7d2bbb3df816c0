//! A piece of a block as a step: what it is for, what it does at worst, what it still lacks.

use super::{
    keeping, looking, names,
    pieces::{self, Piece},
};
use crate::{
    block::{Block, role_of},
    effects::{self, Effect},
    rules::unfinished::{OPEN, angled, bracketed},
    text,
};
use domain::{
    plan::{EffectKind, Role},
    said::Said,
};
use runbook::words::Command;
use source::Problems;

/// What a step is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Diagnose,
    Evidence,
    Notify,
    Respond,
    Verify,
    Undo,
}

/// How a step stands to the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Joins {
    /// It follows.
    Follows,
    /// It is done or not.
    Optional,
    /// Either the one before it or this one.
    Or,
}

/// A step of a draft.
pub(crate) struct Step {
    pub(crate) kind: Kind,
    pub(crate) name: String,
    pub(crate) effect: EffectKind,
    /// A built-in verb with its target, where hikeshi has one for the command.
    pub(crate) verb: Option<Verb>,
    pub(crate) body: String,
    /// What the document says above it.
    pub(crate) says: String,
    pub(crate) lines: (u32, u32),
    pub(crate) joins: Joins,
    /// Why it cannot run as it is.
    pub(crate) lacks: Vec<Said>,
    /// What a person has to settle although it could run.
    pub(crate) open: Vec<Said>,
    /// The services that it changes.
    pub(crate) services: Vec<String>,
    /// The step that it takes back.
    pub(crate) takes_back: Option<String>,
}

/// A built-in verb.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verb {
    pub(crate) name: &'static str,
    /// The service, where the command names one.
    pub(crate) service: Option<String>,
    effect: EffectKind,
}

/// Words by which a text says that somebody is told.
const NOTICES: [&str; 7] = ["mail", "mailx", "sendmail", "mutt", "slackcat", "wall", "notify-send"];
/// Words that make what is done depend on something that only a person sees.
const CONDITIONS: &[&str] =
    &["場合", "とき", "超えたら", "失敗したら", "なら", "if", "unless", "when", "only"];
const OR: &[&str] = &["または", "もしくは", "あるいは", "alternatively"];
/// The service behind commands that speak to a database without naming a service.
pub(crate) const DATABASE: &str = "database";

/// The steps of a block; `lead` is what the document says above it.
pub(crate) fn of(block: &Block, lead: &str, has_changed: &mut bool) -> Vec<Step> {
    let mut steps = Vec::new();
    for (at, piece) in pieces::of(block).into_iter().enumerate() {
        let step = step(block, piece, lead, at == 0, *has_changed);
        *has_changed |= step.kind == Kind::Respond;
        steps.push(step);
    }
    steps
}

fn step(block: &Block, piece: Piece, lead: &str, is_first: bool, has_changed: bool) -> Step {
    let commands = &piece.script.commands;
    let worst = commands.iter().max_by_key(|command| looking::of(command));
    let effect = looking::effect(&piece.script, &piece.text);
    let verb = verb_of(commands);
    let effect = if verb.as_ref().is_some_and(|verb| verb.effect == EffectKind::Read) {
        Effect::Read
    } else {
        effect
    };
    let says = [if is_first { lead } else { "" }, &piece.comment];
    let says = says.into_iter().filter(|text| !text.is_empty());
    let says = says.collect::<Vec<_>>().join(" — ");
    let kind = kind(block, &piece, effect, has_changed);
    let changes = matches!(kind, Kind::Respond | Kind::Undo);
    let named =
        commands.iter().find(|command| !command.is_substituted && looking::of(command) == effect);
    let words: Vec<&str> = named.or(commands.first()).map_or(Vec::new(), |command| {
        command.program_words().iter().map(|word| word.text.as_str()).collect()
    });
    let name = match &verb {
        Some(verb) => verb.name.rsplit('.').next().unwrap_or_default().to_owned(),
        None => names::of_step(&words),
    };
    let mut open = Vec::new();
    if changes && effect == Effect::Unknown {
        let program = worst.map(shown).unwrap_or_default();
        open.push(Said::new(
            format!("`{program}` が何をするか分かりません。`once` (繰り返さない) としました"),
            format!("nobody can tell what `{program}` does: taken as `once`, never repeated"),
        ));
    }
    let mut step = Step {
        kind,
        name,
        effect: match (changes, effect) {
            (false, _) => EffectKind::Read,
            (true, Effect::Danger) => EffectKind::Destructive,
            (true, _) => verb.as_ref().map_or(EffectKind::Once, |verb| verb.effect),
        },
        joins: if kind == Kind::Respond {
            joins(&piece.comment, lead, is_first)
        } else {
            Joins::Follows
        },
        services: if changes { targets(commands) } else { Vec::new() },
        lacks: Vec::new(),
        open,
        takes_back: None,
        verb,
        body: piece.text.clone(),
        says,
        lines: piece.lines,
    };
    step.lacks = lacks(&step, &piece);
    step
}

fn shown(command: &Command) -> String {
    let words: Vec<&str> = command.words.iter().map(|word| word.text.as_str()).collect();
    let text =
        words.join(" ").replace('`', "'").replace('\n', " ").replace(pieces::PLACEHOLDER, "…");
    text.chars().take(60).collect()
}

fn kind(block: &Block, piece: &Piece, effect: Effect, has_changed: bool) -> Kind {
    let commands = &piece.script.commands;
    let tells = |command: &Command| {
        let posts = matches!(command.program(), "curl" | "wget")
            && command
                .words
                .iter()
                .any(|word| word.text.contains("hooks.") || word.text.contains("webhook"));
        posts || NOTICES.contains(&command.program())
    };
    if commands.iter().any(tells)
        && commands.iter().all(|one| tells(one) || looking::of(one) <= Effect::Write)
    {
        return Kind::Notify;
    }
    if role_of(&block.heading) == Some(Role::Undo) || block.role == Some(Role::Undo) {
        return Kind::Undo;
    }
    // Everything that it writes is a copy that is kept.
    let writes = || commands.iter().filter(|command| looking::of(command) == Effect::Write);
    match effect {
        Effect::Write if writes().all(keeping::keeps) => Kind::Evidence,
        Effect::Read => match role_of(&block.heading) {
            Some(Role::Verify) => Kind::Verify,
            Some(Role::Diagnose) => Kind::Diagnose,
            _ if has_changed => Kind::Verify,
            _ => Kind::Diagnose,
        },
        _ => Kind::Respond,
    }
}

fn joins(comment: &str, lead: &str, is_first: bool) -> Joins {
    let is_or = |text: &str| {
        let lower = text.to_ascii_lowercase();
        text::has_word(text, OR) || lower == "or" || lower.starts_with("or ")
    };
    if is_or(comment) || is_first && is_or(lead) {
        return Joins::Or;
    }
    let both = format!("{lead} {comment}");
    let is_open = text::has_word(&both, OPEN) || text::has_word(&both, CONDITIONS);
    if is_open { Joins::Optional } else { Joins::Follows }
}

/// The services that commands restart, stop or start by name.
pub(crate) fn targets(commands: &[Command]) -> Vec<String> {
    let mut found = Vec::new();
    for command in commands {
        for (_, name) in named_services(command) {
            if !found.contains(&name) {
                found.push(name);
            }
        }
    }
    found
}

/// The services that a command names, each with the supervisor that knows it.
pub(crate) fn named_services(command: &Command) -> Vec<(&'static str, String)> {
    let arguments = command.arguments();
    let plain = arguments.iter().copied().filter(|word| !word.starts_with('-')).collect::<Vec<_>>();
    let verbs = ["restart", "reload", "start", "stop", "status"];
    let (supervisor, names) = match (command.program(), plain.as_slice()) {
        ("systemctl", [verb, rest @ ..]) if verbs.contains(verb) => ("systemd", rest.to_vec()),
        ("service", [name, verb]) if verbs.contains(verb) => ("systemd", vec![*name]),
        ("pm2", [verb, rest @ ..]) if verbs.contains(verb) => ("pm2", rest.to_vec()),
        ("docker", [verb, rest @ ..]) if verbs.contains(verb) => ("docker", rest.to_vec()),
        ("gcloud", ["sql", "instances", ..]) => ("cloud", vec![DATABASE]),
        ("psql" | "pg_isready", _) => ("psql", vec![DATABASE]),
        _ => return Vec::new(),
    };
    let is_one = |name: &&str| {
        names::is_name(name) && !["all", pieces::SERVICE, pieces::PLACEHOLDER].contains(name)
    };
    names
        .into_iter()
        .filter(is_one)
        .map(|name| (supervisor, name.trim_end_matches(".service").to_owned()))
        .collect()
}

/// The verb that does the same as a single command, inside hikeshi's guardrails.
fn verb_of(commands: &[Command]) -> Option<Verb> {
    let [command] = commands else { return None };
    if command.is_background
        || !command.redirects.is_empty()
        || effects::of(command) == Effect::Danger
    {
        return None;
    }
    let arguments = command.arguments();
    if command.program() == "logrotate" && !arguments.contains(&"-d") {
        return Some(Verb { name: "log.rotate", service: None, effect: EffectKind::Converge });
    }
    let is_option = |word: &&&str| matches!(**word, "--no-pager" | "--no-ask-password" | "-l");
    let words: Vec<&str> = arguments.iter().filter(|word| !is_option(word)).copied().collect();
    let (action, target) = match (command.program(), words.as_slice()) {
        ("systemctl" | "pm2" | "docker", [action, target]) => (*action, *target),
        ("service", [target, action]) => (*action, *target),
        _ => return None,
    };
    let (name, effect) = match (command.program(), action) {
        (_, "restart") => ("service.restart", EffectKind::Once),
        (_, "start") => ("service.start", EffectKind::Converge),
        (_, "stop") => ("service.stop", EffectKind::Once),
        ("systemctl" | "service", "reload") => ("service.reload", EffectKind::Converge),
        ("systemctl" | "service", "status") => ("service.status", EffectKind::Read),
        _ => return None,
    };
    let service = target.trim_end_matches(".service");
    let is_service = names::is_name(service) && service != "all" && service != pieces::PLACEHOLDER;
    let named = (service != pieces::SERVICE).then(|| service.to_owned());
    is_service.then_some(Verb { name, service: named, effect })
}

/// Why a step cannot run as it is.
fn lacks(step: &Step, piece: &Piece) -> Vec<Said> {
    if step.verb.is_some() || step.kind == Kind::Notify {
        return Vec::new();
    }
    let mut lacks = Vec::new();
    for row in piece.text.lines().filter(|row| !row.trim_start().starts_with('#')) {
        for (_, name) in bracketed(row).into_iter().chain(angled(row)) {
            let (parameter, kind) = parameter(&name);
            lacks.push(Said::new(
                format!("`{name}` の値がありません。`params:` に `{parameter}` ({kind}) を宣言し、`\"$HK_{}\"` と書いて `name=` を付けてください", parameter.to_uppercase()),
                format!("`{name}` has no value: declare `{parameter}` ({kind}) under `params:`, write `\"$HK_{}\"`, and give the fence a `name=`", parameter.to_uppercase()),
            ));
        }
    }
    for name in pieces::missing(&piece.script) {
        lacks.push(Said::new(
            format!("`${name}` はここにありません。手順の環境は空から始まります"),
            format!("`${name}` is not there: a step's environment starts empty"),
        ));
    }
    if lacks.is_empty() {
        let mut problems = Problems::new();
        // Which step an undo takes back is not known yet; its body is judged as that of a response.
        let fence = fence(step, &step.name, true).replacen("role=undo", "role=respond", 1);
        let text = format!("---\nalert: a\nmode: manual\n---\n# T\n\n{fence}");
        let _ = runbook::read("step.md", &text, &mut problems);
        lacks.extend(problems.sorted().into_iter().map(|problem| problem.message.clone()));
    }
    lacks
}

/// Words in placeholders, and the parameter that they ask for: its name where the placeholder gives none, and its type.
const PARAMETERS: &[(&str, &str, &str)] = &[
    ("url", "url", "const_url"),
    ("pid", "pid", "int"),
    ("ip", "ip", "ip"),
    ("port", "port", "port"),
    ("ポート", "port", "port"),
    ("host", "host", "host"),
    ("ホスト", "host", "host"),
    ("service", "target", "service"),
    ("サービス", "target", "service"),
    ("path", "path", "path"),
    ("file", "path", "path"),
    ("ログ", "path", "path"),
    ("ファイル", "path", "path"),
    ("フォルダ", "path", "path"),
    ("アドレス", "address", "ip"),
];

/// A name and a type for what a placeholder stands for.
fn parameter(placeholder: &str) -> (String, &'static str) {
    let lower = placeholder.trim_matches(['[', ']', '<', '>']).to_lowercase();
    let row = PARAMETERS.iter().find(|(word, ..)| lower.contains(word));
    let (default, kind) = row.map_or(("value", "ident"), |(_, name, kind)| (name, kind));
    let is_plain = lower.is_ascii() && lower.starts_with(|c: char| c.is_ascii_lowercase());
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let name: String = lower.chars().map(plain).collect();
    let is_taken = matches!(name.as_str(), "service" | "attempt");
    (if is_plain && !is_taken { name } else { default.to_owned() }, kind)
}

/// The fence of a step: with a name it runs, without one it is only shown.
pub(crate) fn fence(step: &Step, name: &str, is_complete: bool) -> String {
    let marks = "`".repeat(longest_run(&step.body).max(2) + 1);
    let body = match &step.verb {
        Some(verb) => {
            let rows: String = step.body.lines().map(|row| format!("# {row}\n")).collect();
            let target = verb.service.as_ref().map(|name| format!("service: {name}\n"));
            format!("{rows}{}\n{}", verb.name, target.unwrap_or_default())
        }
        None => step.body.clone(),
    };
    if step.kind == Kind::Notify {
        return format!("{marks}text\n{body}{marks}\n");
    }
    if !is_complete {
        return format!("{marks}bash\n{body}{marks}\n");
    }
    let language = if step.verb.is_some() { "action" } else { "bash" };
    let (role, timeout, more) = match step.kind {
        Kind::Diagnose => ("diagnose", "30s", " on_fail=continue".to_owned()),
        Kind::Evidence => ("evidence", "60s", " on_fail=continue needs=files".to_owned()),
        Kind::Verify => ("verify", "30s", String::new()),
        Kind::Respond | Kind::Notify => ("respond", "5m", String::new()),
        Kind::Undo => {
            let takes_back = step.takes_back.as_ref().map(|name| format!(" for={name}"));
            ("undo", "5m", takes_back.unwrap_or_default())
        }
    };
    let effect = step.effect;
    format!(
        "{marks}{language} {{name={name} role={role} effect={effect} timeout={timeout}{more}}}\n{body}{marks}\n"
    )
}

/// The longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}
