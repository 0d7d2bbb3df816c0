//! The sentences that are said by themselves, in both languages. They name components and states, and nothing else.

use crate::{
    page::{Page, Work},
    told::{Hit, What},
};
use domain::{
    said::{Language, Said},
    status_page::ComponentState,
};
use jiff::{Timestamp, tz::TimeZone};

/// Everything in a sentence.
pub(crate) fn together(state: ComponentState) -> Said {
    let (ja, en) = match state {
        ComponentState::Operational => ("すべて正常に動いています", "Everything works"),
        ComponentState::Maintenance => ("メンテナンス中です", "Maintenance is under way"),
        ComponentState::Unknown => (
            "一部の状況を確認できていません",
            "The state of some of this cannot be confirmed right now",
        ),
        ComponentState::Degraded => {
            ("一部で性能が低下しています", "Some of it works worse than usual")
        }
        ComponentState::PartialOutage => ("一部が停止しています", "Some of it does not work"),
        ComponentState::MajorOutage => ("停止しています", "It does not work"),
    };
    Said::new(ja, en)
}

/// What an incident is called.
pub(crate) fn heading(hits: &[Hit], language: Language) -> String {
    let names = names(hits.iter().map(|hit| &hit.name), language);
    match (names.is_empty(), language) {
        (true, _) => language.pick("お知らせ", "Notice").to_owned(),
        (false, Language::Ja) => format!("{names}の障害"),
        (false, Language::En) => format!("Trouble with {names}"),
    }
}

/// What an entry is called.
pub(crate) fn kind(what: &What, language: Language) -> &str {
    match what {
        What::Began(_) => language.pick("発生", "It began"),
        What::Said { subject, .. } => subject,
        What::Ended { .. } => language.pick("終了", "It is over"),
    }
}

/// What an entry says.
pub(crate) fn text(what: &What, language: Language) -> String {
    match what {
        What::Began(hits) => {
            let each = |hit: &Hit| {
                let (name, state) = (hit.name.text(language), hit.state.said());
                match language {
                    Language::Ja => format!("{name}は「{}」です。", state.ja),
                    Language::En => format!("{name}: {}. ", state.en.to_lowercase()),
                }
            };
            let hits: String = hits.iter().map(each).collect();
            let end = language.pick("状況を調べています。", "We are looking into it.");
            format!("{hits}{end}")
        }
        What::Said { body, .. } => body.clone(),
        What::Ended { is_verified: true } => language
            .pick(
                "復旧しました。正常に動いていることを確認しています。",
                "It works again, and this was verified.",
            )
            .to_owned(),
        What::Ended { is_verified: false } => {
            language.pick("対応を終えました。", "Work on it has ended.").to_owned()
        }
    }
}

/// What is said of a window without words of its own.
pub(crate) fn work(work: &Work, language: Language) -> String {
    let names = names(&work.names, language);
    work.words.clone().unwrap_or_else(|| match language {
        Language::Ja => {
            format!("{names}のメンテナンスを行います。その間、ご利用いただけないことがあります。")
        }
        Language::En => format!("Work on {names}. It may not be available in that time."),
    })
}

/// When it was made and until when it may be believed, for who reads it without a script.
pub(crate) fn made(page: &Page, language: Language) -> String {
    let (made, until) = (time(page.generated_at, &page.zone), time(page.valid_until, &page.zone));
    match language {
        Language::Ja => format!(
            "{made} 時点の状況です。{until} を過ぎても新しくならないときは、現在の状況はわかりません。"
        ),
        Language::En => format!(
            "As of {made}. If this is still here after {until}, the present state is not known."
        ),
    }
}

/// Names in a row.
pub(crate) fn names<'a>(names: impl IntoIterator<Item = &'a Said>, language: Language) -> String {
    let names: Vec<_> = names.into_iter().map(|name| name.text(language)).collect();
    names.join(language.pick("、", ", "))
}

/// A time as customers read it.
pub(crate) fn time(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M %Z").to_string()
}
