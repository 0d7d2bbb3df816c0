//! The timeline of an incident as people read it: what happened, newest first.

use crate::when::{Clock, When};
use domain::{audit, fact::Fact, ids::Actor};
use history::TimelineEntry;

/// Lines that are shown unless somebody asks for all of them.
pub(crate) const RECENT: usize = 120;

/// A line.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) position: u64,
    pub(crate) at: When,
    /// Its class in the stylesheet: `fire`, `told`, `acted`, `person`, `good`, `other`.
    pub(crate) class: &'static str,
    pub(crate) text: String,
    /// The person behind it.
    pub(crate) by: Option<String>,
    /// What a person wrote; then it is shown as they wrote it.
    pub(crate) is_note: bool,
}

/// The lines, newest first; what only the machine cares for is left out.
pub(crate) fn lines(entries: &[TimelineEntry], clock: &Clock) -> Vec<Line> {
    entries.iter().rev().filter(|entry| is_told(entry)).map(|entry| line(entry, clock)).collect()
}

fn is_told(entry: &TimelineEntry) -> bool {
    let is_detail = matches!(
        entry.kind.as_str(),
        "step_intended" | "step_started" | "notice_owed" | "round_verified" | "run_held"
    );
    // A box whose answer is not known yet is asked again and again.
    let is_open = matches!(
        &entry.fact,
        Fact::RecoveryChecked { result: domain::fact::CheckResult::Unknown, .. }
    );
    !is_detail && !is_open
}

fn line(entry: &TimelineEntry, clock: &Clock) -> Line {
    let person = audit::who(&entry.fact).filter(|by| matches!(by, Actor::Person(_)));
    let note = match &entry.fact {
        Fact::IncidentNoted { text, .. } => Some(text.clone()),
        _ => None,
    };
    Line {
        position: entry.position,
        at: clock.show(entry.at),
        class: class(&entry.kind, person.is_some()),
        is_note: note.is_some(),
        text: note.unwrap_or_else(|| entry.text.text(clock.language).to_owned()),
        by: person.map(|by| by.to_string()),
    }
}

fn class(kind: &str, by_a_person: bool) -> &'static str {
    match kind {
        "detected" | "alert_fired" | "alert_raised" | "latched" | "next_step_missing" => "fire",
        "repaired" | "recovered" | "reviewed" | "closed" | "alert_resolved" | "checked" => "good",
        _ if by_a_person => "person",
        "classified"
        | "escalated"
        | "paged"
        | "updated"
        | "notice_attempted"
        | "notice_proved"
        | "stakeholders_informed"
        | "passed_on"
        | "level_skipped" => "told",
        "run_planned" | "step_settled" | "run_finished" | "approval_asked" | "question_asked"
        | "responding" => "acted",
        _ => "other",
    }
}
