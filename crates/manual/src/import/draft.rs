//! A procedure as a runbook of hikeshi: `mode: manual`, every step with its source, and a box for everything left open.

use super::{
    alerts::Alert,
    choices,
    made::Made,
    markdown::{self, Head},
    names,
    places::{At, Open, RUNBOOKS},
    procedures::{Procedure, clean},
    steps::{Kind, Step},
};
use crate::{
    page::Page,
    rules::form::{OWNER, VERSION, says},
    text,
};
use domain::said::Said;
use runbook::digest;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The names that are taken.
#[derive(Default)]
struct Taken {
    files: BTreeSet<String>,
    answers: BTreeSet<(String, Option<String>)>,
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
    take_back(&mut procedure.steps);
    let choices = choices::of(page, &procedure.steps, &mut open);
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
        owner: known
            .and_then(|alert| alert.owner.clone())
            .or_else(|| says(page, OWNER).map(|(_, value)| clean(value))),
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
    let text = markdown::write(page, &procedure, &head, &choices, &open, is_japanese);
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

/// An undo belongs to the response before it.
fn take_back(steps: &mut [Step]) {
    let mut before = None;
    for step in steps.iter_mut().filter(|step| step.lacks.is_empty()) {
        match step.kind {
            Kind::Respond => before = Some(step.name.clone()),
            Kind::Undo if before.is_some() => step.takes_back.clone_from(&before),
            Kind::Undo => step.lacks.push(Said::new(
                "どの手順を取り消すか分からない (`for=`)",
                "nothing says which step it takes back (`for=`)",
            )),
            _ => {}
        }
    }
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
