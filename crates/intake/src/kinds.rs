//! The table of formats: one file and one row each.

use crate::{
    alertmanager, alertmanager_webhook,
    answer::{Heard, Rejected},
    cloudevents,
    format::{Format, Reader},
    generic, github, gitlab, grafana, opsgenie, pagerduty, ping, report,
    request::{Context, Proof},
    written,
};
use jiff::Timestamp;
use source::{Fields, Node, Problems, yaml};
use std::sync::{Arc, OnceLock};

/// Every format there is, in the order of the manual.
pub const KINDS: &[Format] = &[
    alertmanager::KIND,
    alertmanager_webhook::KIND,
    grafana::KIND,
    pagerduty::KIND,
    opsgenie::KIND,
    ping::KIND,
    cloudevents::KIND,
    github::KIND,
    gitlab::KIND,
    generic::KIND,
    report::KIND,
];

/// The format with this name.
pub fn by_name(name: &str) -> Option<&'static Format> {
    KINDS.iter().find(|format| format.name == name)
}

/// The reader that the example of a format configures.
pub fn example(format: &Format) -> Option<Arc<dyn Reader>> {
    let mut problems = Problems::new();
    let node: Node = yaml::read(format.name, format.example, 0, &mut problems)?;
    let mut fields = Fields::open(&node, &mut problems)?;
    fields.optional("kind");
    let reader = (format.parse)(&mut fields, &mut problems);
    fields.finish(&mut problems);
    reader.filter(|_| problems.is_empty())
}

/// Reads bytes as one of the formats, for fuzzers. The first line is the request's, `POST /v2/enqueue?a=b`; then come
/// headers, an empty line and the body, as in the golden files. Bytes without such a head are the body of a `POST` to
/// the format's first path.
///
/// # Errors
/// As the format's reader.
pub fn read_any(format_index: usize, bytes: &[u8]) -> Result<Heard, Rejected> {
    static READERS: OnceLock<Vec<Arc<dyn Reader>>> = OnceLock::new();
    let readers = READERS.get_or_init(|| {
        KINDS.iter().map(|format| example(format).expect("a test reads every example")).collect()
    });
    let index = format_index % KINDS.len();
    let context = Context { integration: "any", now: Timestamp::UNIX_EPOCH, proof: Proof::Checked };
    written::with_request(KINDS[index].paths[0].1, bytes, |request| {
        readers[index].read(request, &context)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_every_format_is_read_without_a_problem() {
        for format in KINDS {
            assert!(example(format).is_some(), "{format:?}");
            assert_eq!(by_name(format.name).map(|found| found.name), Some(format.name));
        }
    }

    #[test]
    fn every_format_is_explained_in_both_languages_and_answers_somewhere() {
        for format in KINDS {
            let summary = format.summary();
            assert!(!summary.ja.is_empty() && !summary.en.is_empty(), "{format:?}");
            assert!(format.paths.iter().all(|(_, path)| path.starts_with('/')), "{format:?}");
            assert!(!format.paths.is_empty(), "{format:?}");
        }
    }
}
