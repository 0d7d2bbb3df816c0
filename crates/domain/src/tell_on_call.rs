//! Who is on call, in one sentence each: overrides, changes of shift, and what they mean for incidents.

use crate::{
    fact::{Fact, LevelSkipped, OverrideRemoved, OverrideSet, PassedOn, ShiftChanged},
    ids::ContactName,
    said::Said,
};

/// The sentence; none: the fact is not about who is on call.
pub fn tell(fact: &Fact) -> Option<Said> {
    Some(match fact {
        Fact::OverrideSet(set) => {
            let OverrideSet { change, by } = &**set;
            let (id, schedule, people) = (change.id, &change.schedule, names(&change.people));
            let (people_ja, people_en) = (people.0, people.1);
            let (ja, en) = match &change.replaces {
                Some(replaced) => {
                    (format!("{replaced} の代わり"), format!(" instead of {replaced}"))
                }
                None => (String::from("全員の代わり"), String::new()),
            };
            let (from, until, why) = (change.from, change.until, &change.reason);
            Said::new(
                format!(
                    "{id}: {schedule} の当番は {from} から {until} まで{ja}に {people_ja} ({by}: {why})"
                ),
                format!(
                    "{id}: {people_en} on call by {schedule}{en} from {from} until {until} ({by}: {why})"
                ),
            )
        }
        Fact::OverrideRemoved(OverrideRemoved { id, schedule, by }) => Said::new(
            format!("{id}: {schedule} の当番の変更を取り消し ({by})"),
            format!("{id}: the override of {schedule} removed ({by})"),
        ),
        Fact::ShiftChanged(changed) => {
            let ShiftChanged { schedule, was, is, .. } = &**changed;
            let (is_ja, is_en) = names(is);
            match was {
                Some(was) => {
                    let (was_ja, was_en) = names(was);
                    Said::new(
                        format!("当番交代 {schedule}: {was_ja} → {is_ja}"),
                        format!("on call by {schedule}: {was_en} → {is_en}"),
                    )
                }
                None => Said::new(
                    format!("当番 {schedule}: {is_ja}"),
                    format!("on call by {schedule}: {is_en}"),
                ),
            }
        }
        Fact::LevelSkipped(LevelSkipped { incident, level, title, in_peace, .. })
            if !in_peace.is_empty() =>
        {
            let (ja, en) = names(in_peace);
            Said::new(
                format!("{incident}: レベル {level} {title} を飛ばします ({ja} は静かな時間)"),
                format!("{incident}: level {level} {title} skipped, quiet hours of {en}"),
            )
        }
        Fact::LevelSkipped(LevelSkipped { incident, level, title, schedules, .. }) => {
            let schedules: Vec<_> = schedules.iter().map(ToString::to_string).collect();
            let schedules = schedules.join(", ");
            Said::new(
                format!("{incident}: レベル {level} {title} を飛ばします ({schedules} の当番なし)"),
                format!(
                    "{incident}: level {level} {title} skipped, nobody is on call by {schedules}"
                ),
            )
        }
        Fact::IncidentPassedOn(PassedOn { incident, contacts, .. }) => {
            let (ja, en) = names(contacts);
            Said::new(
                format!("{incident}: 未対応のまま当番交代、{ja} を呼び出し"),
                format!("{incident}: unanswered at a change of shift, paging {en}"),
            )
        }
        _ => return None,
    })
}

fn names(people: &[ContactName]) -> (String, String) {
    let names: Vec<_> = people.iter().map(ToString::to_string).collect();
    match names.as_slice() {
        [] => ("なし".to_owned(), "nobody".to_owned()),
        names => (names.join(", "), names.join(", ")),
    }
}
