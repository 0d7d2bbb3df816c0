//! 「または」, 「必要に応じて」 and conditions in words: steps of which a person must choose.

use super::{
    places::{At, Open},
    steps::{Joins, Kind, Step},
};
use crate::page::Page;
use domain::said::Said;

/// Steps of which a person must choose: the name of the parameter, the line, and the steps.
pub(crate) type Choice = (String, u32, Vec<String>);

/// Alternatives, and steps that are done or not: none of them runs until a person says which.
pub(crate) fn of(page: &Page<'_>, steps: &[Step], open: &mut Vec<Open>) -> Vec<Choice> {
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
