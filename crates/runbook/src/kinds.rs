//! The table of built-in verbs: one row each; a new verb is a file in `verbs` and a row here.

use crate::{call::Verb, verbs};

/// Every verb there is.
pub const VERBS: &[Verb] = &[
    verbs::service::RESTART,
    verbs::service::START,
    verbs::service::STOP,
    verbs::service::RELOAD,
    verbs::service::STATUS,
    verbs::service_rolling_restart::VERB,
    verbs::database_reconnect::VERB,
    verbs::log_rotate::VERB,
    verbs::evidence_collect::VERB,
    verbs::host_block_ip::BLOCK,
    verbs::host_block_ip::BLOCK_NETWORK,
    verbs::host_block_ip::UNBLOCK,
    verbs::host_block_ip::IS_BLOCKED,
    verbs::process_terminate::VERB,
    verbs::certificate_renew::VERB,
    verbs::backup_verify::VERB,
    verbs::ci_rerun::VERB,
    verbs::cloud_database_restart::VERB,
];

/// The verb with this name.
pub fn by_name(name: &str) -> Option<&'static Verb> {
    VERBS.iter().find(|verb| verb.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types;
    use domain::plan::EffectKind;

    #[test]
    fn every_row_is_complete_and_found_by_its_name() {
        for verb in VERBS {
            assert!(!verb.summary.0.is_empty() && !verb.summary.1.is_empty(), "{}", verb.name);
            assert_eq!(by_name(verb.name).map(|found| found.name), Some(verb.name));
            for other in verb.verify.iter().chain(&verb.undo) {
                assert!(by_name(other).is_some(), "{} names {other}", verb.name);
            }
            let checks = verb.verify.and_then(by_name).map(|verb| verb.effect);
            assert!(checks.is_none_or(|effect| effect == EffectKind::Read), "{}", verb.name);
            for argument in verb.arguments {
                types::by_name(argument.kind).expect("a type of the table");
            }
        }
        assert!(by_name("service.explode").is_none());
    }
}
