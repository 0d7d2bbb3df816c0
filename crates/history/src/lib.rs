//! The read model: what lists, views and reports ask, in a file of its own that can be rebuilt from the journal at any time.
//!
//! [`History::catch_up`] folds what is new in the journal; callers do so before they ask, and so read their own
//! writes. A fact is kept once and mentioned under everything that it is about ([`Subject`]): an incident's story is
//! the facts that are mentioned under it, and [`IncidentView`] is folded from them when somebody asks.
//!
//! Every view is stable JSON: times are RFC 3339 in UTC, numbers are bare (`7`, not `INC-7`), a field is never taken away.

mod audit;
mod changes;
mod comms;
mod deadlines;
mod dossier;
mod error;
mod fold;
mod history;
mod measures;
mod outward;
pub mod shape;
mod source;
mod statements;
pub mod stats;
mod store;
mod subject;
mod summary;
mod tables;
mod timeline;
mod view_alert;
mod view_incident;
mod view_notice;
mod view_run;

pub use audit::{AuditEntry, AuditWanted};
pub use comms::{CommStatus, CommView, DraftState, DraftView, PromiseView, UpdatesView};
pub use deadlines::{ClockState, ClockView, DeadlinesView};
pub use error::HistoryError;
pub use history::History;
pub use measures::MeasureView;
pub use outward::{Outward, Statement};
pub use source::Facts;
pub use subject::Subject;
pub use summary::{AlertState, AlertSummary, IncidentState, IncidentSummary};
pub use timeline::TimelineEntry;
pub use view_alert::AlertView;
pub use view_incident::{
    Cause, EscalationView, Eta, EvidenceView, Impact, IncidentView, RecoveryView, TimesView,
};
pub use view_notice::{AttemptView, MissView, NoticeState, NoticeView};
pub use view_run::{RunView, StepView};
