//! One alert with the runs that answered it, the notices that told of it, and its timeline.

use crate::{
    dossier::Dossier, summary::AlertSummary, timeline::TimelineEntry, view_notice::NoticeView,
    view_run::RunView,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AlertView {
    /// What the list shows.
    #[serde(flatten)]
    pub summary: AlertSummary,
    /// The runs that answered it.
    pub runs: Vec<RunView>,
    /// The notices that told of it.
    pub notices: Vec<NoticeView>,
    /// Its story, from pending to resolved.
    pub timeline: Vec<TimelineEntry>,
    /// Earlier lines that are left out of a very long timeline.
    pub timeline_omitted: u64,
}

impl AlertView {
    pub(crate) fn new(summary: AlertSummary, dossier: Dossier) -> Self {
        let (runs, notices) = (dossier.runs(), dossier.notices());
        let (timeline, timeline_omitted) = dossier.into_timeline();
        Self { summary, runs, notices, timeline, timeline_omitted }
    }
}
