//! A procedure as a runbook of hikeshi: `mode: manual`, every step with its source, and a box for everything left open.

use super::{
    LEFT, RUNBOOKS,
    alerts::Alert,
    made::{At, Made, Open},
    names,
    procedures::{Procedure, clean},
    steps::{Joins, Kind, Step, fence},
    yaml,
};
use crate::{
    page::Page,
    rules::form::{OWNER, VERSION, says},
    text,
};
use domain::said::{Language, Said};
use runbook::digest;
use source::Problems;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The names that are taken.
#[derive(Default)]
struct Taken {
    files: BTreeSet<String>,
    answers: BTreeSet<(String, Option<String>)>,
}

/// What a draft says of itself.
struct Head {
    alert: String,
    service: Option<String>,
    owner: Option<String>,
    version: Option<String>,
    level: Option<&'static str>,
    minutes: Option<u32>,
    limits: Option<(String, At)>,
}

/// The drafts of procedures, each with its text.
pub(crate) fn of(
    pages: &[Page<'_>],
    procedures: Vec<Procedure>,
    alerts: &[Alert],
) -> Vec<(Made, String)> {
    let by_name: BTreeMap<&str, &Alert> =
        alerts.iter().map(|alert| (alert.name.as_str(), alert)).collect();
    let mut titles: HashMap<String, usize> = HashMap::new();
    let mut of_page: HashMap<usize, usize> = HashMap::new();
    for procedure in &procedures {
        *titles.entry(names::of_file(&procedure.title)).or_default() += 1;
        *of_page.entry(procedure.page).or_default() += 1;
    }
    let mut taken = Taken::default();
    let mut drafts = Vec::new();
    for procedure in procedures {
        let page = &pages[procedure.page];
        let is_alone = of_page.get(&procedure.page) == Some(&1);
        let is_unique = titles.get(&names::of_file(&procedure.title)) == Some(&1);
        let name = taken.file(page, &procedure.title, is_unique);
        drafts.push(draft(page, procedure, name, &by_name, is_alone, &mut taken));
    }
    drafts
}

impl Taken {
    fn file(&mut self, page: &Page<'_>, title: &str, is_unique: bool) -> String {
        let own = names::of_file(title);
        let stem = names::of_file(page.file.trim_end_matches(".md"));
        let first = if is_unique { own } else { format!("{stem}-{own}") };
        let mut name = first.clone();
        let mut number = 2;
        // Two files whose names differ in case alone are one file on some systems.
        while !self.files.insert(name.to_lowercase()) {
            name = format!("{first}-{number}");
            number += 1;
        }
        name
    }
}

fn draft(
    page: &Page<'_>,
    mut procedure: Procedure,
    name: String,
    alerts: &BTreeMap<&str, &Alert>,
    is_alone: bool,
    taken: &mut Taken,
) -> (Made, String) {
    let at = |line: u32| At::new(page.file, line);
    let is_japanese = is_japanese(page);
    let mut open: Vec<Open> = Vec::new();
    let (alert, service) = answers(page, &procedure, taken, &mut open);
    let known = alerts.get(alert.as_str());
    for conflict in known.iter().flat_map(|alert| &alert.conflicts) {
        open.push(Open { at: conflict.other.0.clone(), what: conflict.said() });
    }
    name_steps(&mut procedure.steps, service.as_deref());
    let choices = choices(page, &procedure.steps, &mut open);
    for step in &procedure.steps {
        for what in step.open.iter().chain(&step.lacks) {
            open.push(Open { at: at(step.lines.0), what: what.clone() });
        }
        if step.kind == Kind::Notify {
            open.push(Open { at: at(step.lines.0), what: Said::new(
                "通知は hikeshi が `routes:` に従って送る。宛先を設定し、このコマンドが要らないことを確かめる",
                "hikeshi tells people by its `routes:`: set whom, and see that this command is not needed",
            ) });
        }
    }
    let complete =
        |kind: Kind| procedure.steps.iter().any(|step| step.kind == kind && step.lacks.is_empty());
    if procedure.steps.iter().any(|step| step.kind == Kind::Respond) && !complete(Kind::Verify) {
        open.push(Open {
            at: at(procedure.line),
            what: Said::new(
                "直ったことを確かめる、失敗しうる確認の手順がない",
                "there is no verify step that can fail and so shows that it helped",
            ),
        });
    }
    let mut head = Head {
        owner: known.and_then(|alert| alert.owner.clone()),
        version: says(page, VERSION).map(|(_, value)| clean(value)),
        level: known.and_then(|alert| alert.level),
        minutes: known.and_then(|alert| alert.minutes),
        limits: restarts(&procedure).then(|| super::aside::restart_limits(page)).flatten(),
        alert,
        service,
    };
    if is_alone {
        of_whole_page(page, &mut head);
    }
    if let Some(owner) = head.owner.as_deref().filter(|owner| owner.contains(['/', '／', '、'])) {
        open.push(Open {
            at: at(procedure.line),
            what: Said::new(
                format!("担当が一つに決まっていない: {owner}"),
                format!("more than one owner: {owner}"),
            ),
        });
    }
    open.sort_by(|a, b| a.at.cmp(&b.at));
    open.dedup();
    let text = write(page, &procedure, &head, &choices, &open, is_japanese);
    let made = Made {
        file: format!("{RUNBOOKS}/{name}.md"),
        name,
        title: clean(&procedure.title),
        alert: head.alert,
        service: head.service,
        from: at(procedure.line),
        spans: procedure.spans,
        steps: runnable(&procedure.steps).map(|step| step.name.clone()).collect(),
        incomplete: procedure.steps.iter().filter(|step| !step.lacks.is_empty()).count(),
        open,
    };
    (made, text)
}

/// Whether a document is in Japanese.
pub(crate) fn is_japanese(page: &Page<'_>) -> bool {
    page.text.chars().any(|c| ('\u{3041}'..='\u{30ff}').contains(&c))
}

fn runnable(steps: &[Step]) -> impl Iterator<Item = &Step> {
    steps.iter().filter(|step| step.lacks.is_empty() && step.kind != Kind::Notify)
}

fn restarts(procedure: &Procedure) -> bool {
    procedure
        .steps
        .iter()
        .any(|step| step.verb.as_ref().is_some_and(|verb| verb.name == "service.restart"))
}

/// Which alert it answers, and on which service; where the document does not say so, that is open.
fn answers(
    page: &Page<'_>,
    procedure: &Procedure,
    taken: &mut Taken,
    open: &mut Vec<Open>,
) -> (String, Option<String>) {
    let at = At::new(page.file, procedure.line);
    let mut services: Vec<&String> =
        procedure.steps.iter().flat_map(|step| &step.services).collect();
    services.sort();
    services.dedup();
    let is_for_all = procedure
        .steps
        .iter()
        .any(|step| step.kind == Kind::Respond && text::has_word(&step.body, &["all"]));
    let service = match services.as_slice() {
        [one] if !is_for_all => Some((*one).clone()),
        _ => None,
    };
    let title = clean(&procedure.title);
    let of_trigger = || procedure.triggers.iter().find_map(|(_, text)| names::known(text));
    let said = names::known(&title).or_else(of_trigger).map(|known| known.name.to_owned());
    let said = said.or_else(|| names::is_name(&title).then(|| title.clone()));
    let guess = service.as_deref().map(|service| match service {
        super::steps::DATABASE => "database_connection_failed".to_owned(),
        _ => "service_down".to_owned(),
    });
    let is_said = said.is_some();
    let mut alert = said.or(guess).unwrap_or_else(|| names::of_alert(&title));
    let mut is_own = alert.starts_with("imported_");
    for number in 1.. {
        if taken.answers.insert((alert.clone(), service.clone())) {
            break;
        }
        // Another draft answers that alert on that service: this one has a name of its own.
        is_own = true;
        alert = match number {
            1 => names::of_alert(&format!("{title}.")),
            _ => {
                let key = format!("{}:{title}:{number}", page.file);
                format!("imported_{}", &digest::of_bytes(key.as_bytes())[..8])
            }
        };
    }
    if is_own {
        open.push(Open {
            at: at.clone(),
            what: Said::new(
                format!("どのアラートの手順書か書かれていない。仮に `{alert}` とした"),
                format!("the document names no alert: `{alert}` stands in for it"),
            ),
        });
    } else if !is_said {
        open.push(Open {
            at: at.clone(),
            what: Said::new(
                format!("アラートはコマンドから推定した: `{alert}`"),
                format!("the alert was guessed from the commands: `{alert}`"),
            ),
        });
    }
    if crate::rules::unfinished::bracketed(&title)
        .into_iter()
        .chain(crate::rules::unfinished::angled(&title))
        .next()
        .is_some()
    {
        open.push(Open {
            at,
            what: Said::new("題名に置き換える印が残っている", "the title still has a placeholder"),
        });
    }
    (alert, service)
}

/// Every step has its own name; the service of the run needs no argument.
fn name_steps(steps: &mut [Step], service: Option<&str>) {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for step in steps {
        if let Some(verb) = &mut step.verb {
            match (&verb.service, service) {
                (Some(target), Some(service)) if target == service => verb.service = None,
                (Some(target), _) => {
                    step.name = format!("{}-{}", step.name, target.replace('.', "-"))
                }
                _ => {}
            }
        }
        step.name.truncate(56);
        let count = counts.entry(step.name.clone()).or_default();
        *count += 1;
        if *count > 1 {
            step.name = format!("{}_{count}", step.name);
        }
    }
}

/// Steps of which a person must choose: the name of the parameter, the line, and the steps.
type Choice = (String, u32, Vec<String>);

/// Alternatives, and steps that are done or not: none of them runs until a person says which.
fn choices(page: &Page<'_>, steps: &[Step], open: &mut Vec<Open>) -> Vec<Choice> {
    let mut found: Vec<(u32, Vec<String>)> = Vec::new();
    let mut before: Option<&Step> = None;
    for step in steps.iter().filter(|step| step.kind == Kind::Respond) {
        let is_runnable = step.lacks.is_empty();
        match step.joins {
            Joins::Follows => {}
            Joins::Optional => found
                .push((step.lines.0, is_runnable.then(|| step.name.clone()).into_iter().collect())),
            Joins::Or => {
                let is_open = before.is_some_and(|before| before.joins != Joins::Follows);
                if !is_open || found.is_empty() {
                    let first = before.filter(|before| before.lacks.is_empty());
                    found.push((
                        before.unwrap_or(step).lines.0,
                        first.map(|first| first.name.clone()).into_iter().collect(),
                    ));
                }
                if let Some((_, names)) = found.last_mut() {
                    names.extend(is_runnable.then(|| step.name.clone()));
                }
            }
        }
        before = Some(step);
    }
    let mut choices = Vec::new();
    for (number, (line, names)) in (1..).zip(found) {
        let name = if number == 1 { "choice".to_owned() } else { format!("choice_{number}") };
        open.push(Open { at: At::new(page.file, line), what: match names.is_empty() {
            true => Said::new("条件を決めて書く", "decide and write when it is done"),
            false => Said::new(
                format!("どれを行うか、いつ行うかを決める: `{name}` は今 `none` (どれも行わない)。条件なら `if:` に書く"),
                format!("decide which, and when: `{name}` is `none` now, so that none runs; a condition goes under `if:`"),
            ),
        } });
        if !names.is_empty() {
            choices.push((name, line, names));
        }
    }
    choices
}

/// A document that is one runbook says in its text or in a small table whose it is and how grave.
fn of_whole_page(page: &Page<'_>, head: &mut Head) {
    use crate::statements::{
        LEVEL_TITLES, NAME_TITLES, OWNER_TITLES, TIME_TITLES, column, level_of,
    };
    head.owner = says(page, OWNER).map(|(_, value)| clean(value)).or(head.owner.take());
    for table in page.tables.iter().filter(|table| column(table, NAME_TITLES).is_none()) {
        let Some((_, cells)) =
            table.rows.iter().find(|(_, cells)| !cells.is_empty() && *cells != table.titles)
        else {
            continue;
        };
        let cell = |words: &[&str]| column(table, words).and_then(|at| cells.get(at));
        head.level = cell(LEVEL_TITLES)
            .and_then(|text| level_of(text))
            .map(|level| match level {
                "Critical" => "critical",
                "Warning" => "warning",
                _ => "info",
            })
            .or(head.level);
        head.minutes = cell(TIME_TITLES).and_then(|text| text::minutes(text)).or(head.minutes);
        head.owner = head.owner.take().or_else(|| cell(OWNER_TITLES).map(|text| clean(text)));
    }
}

fn write(
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
