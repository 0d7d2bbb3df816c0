//! What is wrong with the runbooks as they are written; the same that `hikeshi runbook lint` says.

use crate::{desk::Desk, when::Clock};
use domain::ids::RunbookName;
use manual::{Document, Finding};
use std::collections::BTreeMap;
use web::Refused;

/// The findings of every runbook, judged as of today.
///
/// # Errors
/// The server is in trouble.
pub(crate) async fn all(
    desk: &Desk,
    clock: &Clock,
) -> Result<BTreeMap<RunbookName, Vec<Finding>>, Refused> {
    let written = desk.shared.configuration.get();
    let today = clock.now.to_zoned(clock.zone.clone()).date();
    // Many documents take their time: not on the server's threads.
    let lint = move || {
        let documents: Vec<_> = written
            .runbooks
            .iter()
            .map(|(name, text)| Document { file: name.as_str(), text })
            .collect();
        let mut found: BTreeMap<RunbookName, Vec<Finding>> = BTreeMap::new();
        for finding in manual::lint(&documents, today) {
            found.entry(finding.file.as_str().into()).or_default().push(finding);
        }
        found
    };
    tokio::task::spawn_blocking(lint).await.map_err(Refused::fault)
}
