//! Who was told what of an incident, and in which role: one line per message, channel and role (A50, A81, A82).

use crate::view_notice::{NoticeState, NoticeView};
use domain::{
    fact::{Delivery, DraftDiscarded, DraftReleased, DraftWritten, Event, Fact},
    ids::{Actor, ChannelName, ContactName, DraftId, NoticeId, RoleName},
    stakeholders::Audience,
    updates::{Overdue, Updates},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a message fared on a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CommStatus {
    /// Not there yet; it is tried again.
    Pending,
    /// The other side took it.
    Delivered,
    /// It did not get through here.
    Failed,
    /// Somebody was on it before it was delivered.
    Withdrawn,
}

/// A message on a channel to somebody in a role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CommView {
    /// When it was owed.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Why: `firing`, `update`, `resolved`, `report`, `statement`, ….
    #[schema(value_type = String)]
    pub kind: Event,
    /// On which channel.
    #[schema(value_type = Option<String>)]
    pub channel: Option<ChannelName>,
    /// Who; none: a room.
    #[schema(value_type = Option<String>)]
    pub to: Option<ContactName>,
    /// What they answer for; none: nothing in particular.
    #[schema(value_type = Option<String>)]
    pub to_role: Option<RoleName>,
    /// How it fared there.
    pub status: CommStatus,
    /// The subject.
    pub subject: String,
    /// The notice, with all attempts.
    #[schema(value_type = u64)]
    pub notice: NoticeId,
}

/// The lines of the notices of an incident, oldest first.
pub(crate) fn lines(notices: &[NoticeView]) -> Vec<CommView> {
    notices.iter().flat_map(of_notice).collect()
}

fn of_notice(notice: &NoticeView) -> Vec<CommView> {
    let mut tried: Vec<(ChannelName, CommStatus)> = Vec::new();
    for attempt in &notice.attempts {
        let status = match attempt.outcome {
            Delivery::Delivered => CommStatus::Delivered,
            _ => CommStatus::Failed,
        };
        match tried.iter_mut().find(|(channel, _)| *channel == attempt.channel) {
            Some(known) => known.1 = status,
            None => tried.push((attempt.channel.clone(), status)),
        }
    }
    let first = notice.channels.first().cloned();
    let places: Vec<(Option<ChannelName>, CommStatus)> = match (tried.is_empty(), notice.state) {
        (false, _) => tried.into_iter().map(|(channel, status)| (Some(channel), status)).collect(),
        (true, NoticeState::Withdrawn) => vec![(first, CommStatus::Withdrawn)],
        (true, _) => vec![(first, CommStatus::Pending)],
    };
    let roles: Vec<Option<RoleName>> = match notice.roles.is_empty() {
        true => vec![None],
        false => notice.roles.iter().cloned().map(Some).collect(),
    };
    let line =
        |role: &Option<RoleName>, (channel, status): &(Option<ChannelName>, CommStatus)| CommView {
            at: notice.owed_at,
            kind: notice.event,
            channel: channel.clone(),
            to: notice.to.clone(),
            to_role: role.clone(),
            status: *status,
            subject: notice.subject.clone(),
            notice: notice.id,
        };
    places.iter().flat_map(|place| roles.iter().map(move |role| line(role, place))).collect()
}

/// What was promised of an incident.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UpdatesView {
    /// When those whom the route tells hear next.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_at: Option<Timestamp>,
    /// Stakeholders who heard of it, and when they hear next.
    pub stakeholders: Vec<PromiseView>,
    /// Whether an update is owed that should be there already.
    pub is_overdue: bool,
    /// Promises that were not kept in time, oldest first.
    #[schema(value_type = Vec<crate::shape::Open>)]
    pub overdue: Vec<Overdue>,
}

/// What stakeholders were promised.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PromiseView {
    /// Who.
    pub to: String,
    /// When they hear next; none: when something changes, or it is over.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_at: Option<Timestamp>,
}

impl UpdatesView {
    pub(crate) fn new(next_at: Option<Timestamp>, updates: Updates) -> Self {
        Self {
            next_at,
            is_overdue: updates.is_overdue(),
            stakeholders: updates
                .promises
                .into_iter()
                .map(|(to, promise)| PromiseView { to: to.to_string(), next_at: promise.next_at })
                .collect(),
            overdue: updates.overdue,
        }
    }
}

/// Where a draft stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DraftState {
    /// It waits for somebody.
    Draft,
    /// It went out.
    Released,
    /// It will not go out.
    Discarded,
}

/// A draft, with its text as it is or as it went out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DraftView {
    /// Its number.
    #[schema(value_type = u64)]
    pub id: DraftId,
    /// For whom.
    #[schema(value_type = String)]
    pub audience: Audience,
    /// Where it stands.
    pub status: DraftState,
    /// Who releases it; none: anybody.
    #[schema(value_type = Option<String>)]
    pub approver_role: Option<RoleName>,
    /// From 1; every change makes a new one.
    pub revision: u32,
    /// The subject.
    pub subject: String,
    /// The text.
    pub body: String,
    /// When it was begun.
    #[schema(value_type = String, format = DateTime)]
    pub written_at: Timestamp,
    /// Who asked for it.
    #[schema(value_type = crate::shape::ActorShape)]
    pub written_by: Actor,
    /// When it was released or discarded.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    /// Who did that.
    #[schema(value_type = Option<crate::shape::ActorShape>)]
    pub ended_by: Option<Actor>,
}

/// Follows a fact about drafts.
pub(crate) fn follow(drafts: &mut Vec<DraftView>, fact: &Fact, at: Timestamp) {
    let mut of = |id: DraftId, change: &dyn Fn(&mut DraftView)| {
        drafts.iter_mut().filter(|draft| draft.id == id).for_each(change);
    };
    match fact {
        Fact::DraftWritten(written) => {
            let DraftWritten { id, audience, approver_role, subject, body, by, .. } =
                (**written).clone();
            drafts.push(DraftView {
                id,
                audience,
                status: DraftState::Draft,
                approver_role,
                revision: 1,
                subject,
                body,
                written_at: at,
                written_by: by,
                ended_at: None,
                ended_by: None,
            });
        }
        Fact::DraftChanged(changed) => of(changed.id, &|draft| {
            draft.revision = changed.revision;
            draft.subject.clone_from(&changed.subject);
            draft.body.clone_from(&changed.body);
        }),
        Fact::DraftReleased(DraftReleased { id, by, .. }) => of(*id, &|draft| {
            draft.status = DraftState::Released;
            (draft.ended_at, draft.ended_by) = (Some(at), Some(by.clone()));
        }),
        Fact::DraftDiscarded(DraftDiscarded { id, by, .. }) => of(*id, &|draft| {
            draft.status = DraftState::Discarded;
            (draft.ended_at, draft.ended_by) = (Some(at), Some(by.clone()));
        }),
        _ => {}
    }
}
