//! The table of rules: one row each. What a rule says and how it looks stands in the file of its family.

mod contradictions;
mod danger;
mod evidence;
mod failing;
mod flows;
pub(crate) mod form;
mod hanging;
mod limits;
pub(crate) mod links;
mod names;
mod people;
pub(crate) mod unfinished;
mod variables;

use crate::rule::Rule;

/// Every rule there is.
pub static RULES: &[Rule] = &[
    unfinished::PLACEHOLDER_LEFT,
    unfinished::UNDECIDED_ALTERNATIVE,
    unfinished::FOREIGN_MATTER,
    unfinished::IMPORT_OPEN,
    links::LINK_RESERVED,
    links::LINK_DEAD,
    links::ADDRESS_MISSING,
    people::CONTACT_UNRESOLVED,
    people::OWNER_UNRESOLVED,
    people::DEADLINE_UNRESOLVED,
    contradictions::CONTRADICTION,
    contradictions::CONTRADICTION_BETWEEN_DOCUMENTS,
    limits::THRESHOLD_OVERLAP,
    limits::THRESHOLD_UNMEASURABLE,
    limits::THRESHOLD_UNREACHABLE,
    limits::THRESHOLD_INEFFECTIVE,
    flows::FLOW_DEAD_END,
    flows::FLOW_UNREACHABLE,
    flows::FLOW_UNBOUNDED_LOOP,
    names::UNDEFINED_COMMAND,
    names::UNDEFINED_FILE,
    names::UNDEFINED_PROCESS,
    names::UNDEFINED_AUTOMATION,
    names::HOST_UNCLEAR,
    danger::COMMENT_DIFFERS,
    danger::DANGER_WITHOUT_GATE,
    danger::CHECK_CHANGES_STATE,
    danger::DIAGNOSIS_WITH_DESTRUCTION,
    danger::EXCESSIVE_PRIVILEGE,
    hanging::NEVER_ENDS,
    hanging::WAITS_FOR_PERSON,
    hanging::NO_TIME_LIMIT,
    failing::FAILURE_HIDDEN,
    failing::NORMAL_AS_FAILURE,
    failing::VERIFY_CANNOT_FAIL,
    failing::VERIFY_MISSING,
    failing::VERIFY_TOO_EARLY,
    evidence::EVIDENCE_LATE,
    evidence::EVIDENCE_DESTROYED,
    evidence::EVIDENCE_WEAK,
    variables::ENVIRONMENT_CARRIES_OVER,
    variables::UNQUOTED_VARIABLE,
    variables::SECRET_EXPOSED,
    form::FENCE_LANGUAGE,
    form::NOT_BASH,
    form::INVALID_RUNBOOK,
    form::METADATA_MISSING,
    form::REVIEW_OVERDUE,
    form::COMMAND_LIST,
];

/// A rule by its id.
pub fn by_id(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}
