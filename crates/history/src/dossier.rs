//! All that is mentioned under one subject, sorted into runs, notices and a timeline.

use crate::{timeline::TimelineEntry, view_notice::NoticeView, view_run::RunView};
use domain::{
    fact::{
        AttemptIntended, AttemptSettled, Fact, NoticeAttempted, NoticeMissed, NoticeProved,
        NoticeWithdrawn, QuestionAnswered, QuestionAsked,
    },
    ids::{NoticeId, RunId},
};
use journal::Entry;
use std::collections::{BTreeMap, VecDeque};

/// A story with more lines than this is shown from its end.
const TIMELINE_LIMIT: usize = 5000;

/// All that is mentioned under one subject.
#[derive(Debug, Default)]
pub(crate) struct Dossier {
    runs: BTreeMap<RunId, RunView>,
    notices: BTreeMap<NoticeId, NoticeView>,
    timeline: VecDeque<TimelineEntry>,
    omitted: u64,
}

impl Dossier {
    /// Adds the next fact.
    pub fn add(&mut self, entry: Entry) {
        let at = entry.recorded.at;
        match &entry.recorded.fact {
            Fact::RunPlanned(planned) => {
                self.runs.insert(planned.id, RunView::planned(planned, at));
            }
            fact @ (Fact::RunHeld { run, .. }
            | Fact::AttemptIntended(AttemptIntended { run, .. })
            | Fact::AttemptStarted { run, .. }
            | Fact::AttemptSettled(AttemptSettled { run, .. })
            | Fact::RoundVerified { run, .. }
            | Fact::ApprovalGiven { run, .. }
            | Fact::ApprovalEnded { run, .. }
            | Fact::QuestionAsked(QuestionAsked { run, .. })
            | Fact::QuestionAnswered(QuestionAnswered { run, .. })
            | Fact::RunFinished { run, .. }) => {
                if let Some(view) = self.runs.get_mut(run) {
                    view.follow(fact, at);
                }
            }
            fact @ Fact::ApprovalAsked(asked) => {
                if let Some(view) = self.runs.get_mut(&asked.run) {
                    view.follow(fact, at);
                }
            }
            Fact::NoticeOwed(owed) => {
                self.notices.insert(owed.id, NoticeView::owed(owed, at));
            }
            fact @ (Fact::NoticeAttempted(NoticeAttempted { notice, .. })
            | Fact::NoticeWithdrawn(NoticeWithdrawn { notice, .. })
            | Fact::NoticeMissed(NoticeMissed { notice, .. })
            | Fact::NoticeProved(NoticeProved { notice, .. })) => {
                if let Some(view) = self.notices.get_mut(notice) {
                    view.follow(fact, at);
                }
            }
            _ => {}
        }
        self.timeline.push_back(entry.into());
        if self.timeline.len() > TIMELINE_LIMIT {
            self.timeline.pop_front();
            self.omitted += 1;
        }
    }

    /// The runs, oldest first.
    pub fn runs(&self) -> Vec<RunView> {
        self.runs.values().cloned().collect()
    }

    /// The notices, oldest first.
    pub fn notices(&self) -> Vec<NoticeView> {
        self.notices.values().cloned().collect()
    }

    /// The timeline, and how many earlier lines are left out.
    pub fn into_timeline(self) -> (Vec<TimelineEntry>, u64) {
        (self.timeline.into(), self.omitted)
    }
}
