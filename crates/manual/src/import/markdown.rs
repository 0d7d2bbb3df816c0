//! A draft as text: front matter, sections, fences, and the boxes that are left.

use super::{
    choices::Choice,
    places::{At, LEFT, Open},
    procedures::{Procedure, clean},
    steps::{Kind, fence},
    yaml,
};
use crate::page::Page;
use domain::said::Language;
use source::Problems;

/// What a draft says of itself.
pub(crate) struct Head {
    pub(crate) alert: String,
    pub(crate) service: Option<String>,
    pub(crate) owner: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) level: Option<&'static str>,
    pub(crate) minutes: Option<u32>,
    pub(crate) limits: Option<(String, At)>,
}

/// The text of a draft.
pub(crate) fn write(
    page: &Page<'_>,
    procedure: &Procedure,
    head: &Head,
    choices: &[Choice],
    open: &[Open],
    is_japanese: bool,
) -> String {
    let language = if is_japanese { Language::Ja } else { Language::En };
    let text = body(page, procedure, head, choices, open, language, true);
    let mut problems = Problems::new();
    if runbook::read("draft.md", &text, &mut problems).is_some() {
        return text;
    }
    // What does not load as a whole is shown and cannot run; its boxes say why.
    let why = problems.sorted().into_iter().map(|problem| Open {
        at: At::new(page.file, procedure.line),
        what: problem.message.clone(),
    });
    let open: Vec<Open> = open.iter().cloned().chain(why).collect();
    body(page, procedure, head, &[], &open, language, false)
}

fn body(
    page: &Page<'_>,
    procedure: &Procedure,
    head: &Head,
    choices: &[Choice],
    open: &[Open],
    language: Language,
    is_whole: bool,
) -> String {
    let pick = |ja: &'static str, en: &'static str| language.pick(ja, en);
    let mut out = front(page, procedure, head, choices);
    out.push_str(&format!("# {}\n\n", shown(&procedure.title)));
    let mut before = 0;
    for (line, row) in &procedure.about {
        // Lines of one paragraph stay together.
        if before > 0 && before + 1 != *line {
            out.push('\n');
        }
        out.push_str(&format!("{}\n", shown(row)));
        before = *line;
    }
    if before > 0 {
        out.push('\n');
    }
    let list = |out: &mut String, title: &str, mark: &str, rows: &[(u32, String)]| {
        let (Some((first, _)), Some((last, _))) = (rows.first(), rows.last()) else { return };
        out.push_str(&format!("## {title}\n\n{}\n\n", source(page, (*first, *last))));
        for (_, row) in rows {
            out.push_str(&format!("- {mark}{}\n", shown(row)));
        }
        out.push('\n');
    };
    list(&mut out, pick("検知条件", "Trigger"), "", &procedure.triggers);
    for (kind, ja, en) in [
        (Kind::Diagnose, "診断", "Diagnosis"),
        (Kind::Evidence, "証拠", "Evidence"),
        (Kind::Notify, "通知", "Notify"),
        (Kind::Respond, "対応", "Mitigation"),
        (Kind::Verify, "確認", "Verify"),
        (Kind::Undo, "取り消し", "Undo"),
    ] {
        let mut of_kind = procedure.steps.iter().filter(|step| step.kind == kind).peekable();
        if of_kind.peek().is_some() {
            out.push_str(&format!("## {}\n\n", pick(ja, en)));
        }
        for step in of_kind {
            let incomplete = match step.lacks.is_empty() && is_whole || kind == Kind::Notify {
                true => "",
                false => pick(" (未完成)", " (incomplete)"),
            };
            let says = if step.says.is_empty() {
                String::new()
            } else {
                format!("{} ", shown(&step.says))
            };
            out.push_str(&format!(
                "{says}{}{incomplete}\n\n{}\n",
                source(page, step.lines),
                fence(step, &step.name, step.lacks.is_empty() && is_whole)
            ));
        }
    }
    list(&mut out, pick("チェックリスト", "Checklist"), "[ ] ", &procedure.by_hand);
    list(&mut out, pick("確認項目", "Checklist"), "[ ] ", &procedure.boxes);
    list(&mut out, pick("担当者", "Owners"), "", &procedure.owners);
    if !open.is_empty() {
        out.push_str(&format!("## {}\n\n", language.pick(LEFT.0, LEFT.1)));
        for Open { at, what } in open {
            out.push_str(&format!(
                "- [ ] `{}`: {}\n",
                tick(&at.to_string()),
                clean(what.text(language))
            ));
        }
    }
    out.trim_end().to_owned() + "\n"
}

fn front(page: &Page<'_>, procedure: &Procedure, head: &Head, choices: &[Choice]) -> String {
    let mut out = format!(
        "---\n{}\nalert: {}\n",
        yaml::comment(&format!("hikeshi runbook import: {}:{}", page.file, procedure.line)),
        yaml::quoted(&head.alert)
    );
    let mut add = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            out.push_str(&format!("{key}: {value}\n"));
        }
    };
    add("service", head.service.as_deref().map(yaml::quoted));
    add("level", head.level.map(str::to_owned));
    add("respond_within", head.minutes.map(yaml::minutes));
    add("owner", head.owner.as_deref().map(yaml::quoted));
    add("mode", Some("manual".to_owned()));
    add("version", head.version.as_deref().map(yaml::quoted));
    if let Some((limits, at)) = &head.limits {
        out.push_str(&format!("limits: {limits}   {}\n", yaml::comment(&at.to_string())));
    }
    if !choices.is_empty() {
        out.push_str("params:\n");
        for (name, line, steps) in choices {
            out.push_str(&format!(
                "  {name}: {{type: enum, values: [none, {}], value: none}}   {}\n",
                steps.join(", "),
                yaml::comment(&format!("{}:{line}", page.file))
            ));
        }
        out.push_str("if:\n");
        for (name, _, steps) in choices {
            for step in steps {
                out.push_str(&format!("  {step}: \"params.{name} == '{step}'\"\n"));
            }
        }
    }
    out.push_str("---\n");
    out
}

/// Where something comes from.
fn source(page: &Page<'_>, (first, last): (u32, u32)) -> String {
    let end = if last > first { format!("-{last}") } else { String::new() };
    format!("`{}:{first}{end}`", tick(page.file))
}

fn tick(text: &str) -> String {
    clean(text).replace('`', "'")
}

/// Text of a document where Markdown would take its beginning for structure.
fn shown(text: &str) -> String {
    let text = clean(text);
    let is_number = text.split(['.', ')']).next().is_some_and(|start| {
        !start.is_empty() && start.len() < text.len() && start.bytes().all(|b| b.is_ascii_digit())
    });
    match text.chars().next() {
        Some('>') => format!("> {}", shown(text.trim_start_matches(['>', ' ']))),
        Some(first)
            if first.is_ascii_punctuation()
                && !text.starts_with("**")
                && !text.starts_with('[')
                && first != '(' =>
        {
            format!("\\{text}")
        }
        // `1.` opens a list, `1\.` does not.
        Some(_) if is_number => text.replacen(['.', ')'], "\\.", 1),
        _ => text,
    }
}
