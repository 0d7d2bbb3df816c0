//! The room of an incident: where it stands, what is asked of people, what is done, and everything that happened.

use crate::{
    asking::{self, Approval, Question, Waiting},
    chart::Chart,
    course::{self, Course},
    desk::Desk,
    drawing::{self, Drawing},
    frame::{self, Here, Manner},
    links, now,
    runs::{self, Known, Marked, Run, marked},
    told::{self, Line},
    trouble::Trouble,
    visitor::Viewer,
    when::{Clock, When},
    words,
};
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use domain::{
    carried_accounts::Rights,
    ids::{IncidentId, ServiceName},
    incident_role::IncidentRole,
    said::{Language, Said},
    severity::Priority,
    stakeholders::Audience,
    wish::Wish,
    world::World,
};
use history::{DraftState, DraftView, IncidentState, IncidentView, MeasureView, NoticeView};
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use web::Refused;

/// The longest list of alerts or notices in a room: a storm has thousands.
const MOST: usize = 30;

/// What the writer knows, beside what the history tells.
pub(crate) struct Glance {
    pub(crate) waiting: Vec<Waiting>,
    pub(crate) clocks: Vec<(Said, Timestamp)>,
    pub(crate) doing: Option<Said>,
    pub(crate) known: Known,
    pub(crate) contacts: BTreeMap<String, String>,
    pub(crate) services: Vec<web::services::Seen>,
    pub(crate) zone: jiff::tz::TimeZone,
}

pub(crate) struct Alert {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) level: String,
    pub(crate) observed: String,
    pub(crate) is_firing: bool,
    pub(crate) at: When,
}

pub(crate) struct Notice {
    pub(crate) to: String,
    pub(crate) event: String,
    pub(crate) at: When,
    pub(crate) word: String,
    pub(crate) class: &'static str,
    pub(crate) attempts: Vec<(When, String, String, String)>,
}

pub(crate) struct Evidence {
    pub(crate) run: String,
    pub(crate) step: String,
    pub(crate) at: When,
    pub(crate) path: String,
    pub(crate) link: String,
}

/// A role, and who has it.
pub(crate) struct Held {
    pub(crate) role: &'static str,
    pub(crate) title: String,
    pub(crate) who: Option<String>,
}

pub(crate) struct Draft {
    pub(crate) id: String,
    pub(crate) audience: &'static str,
    pub(crate) subject: String,
    pub(crate) at: When,
    pub(crate) word: &'static str,
    pub(crate) waits: bool,
}

pub(crate) struct Measure {
    pub(crate) id: String,
    pub(crate) text: String,
    pub(crate) owner: Option<String>,
    pub(crate) due: Option<String>,
    pub(crate) is_overdue: bool,
    pub(crate) is_done: bool,
}

#[derive(Template)]
#[template(path = "room.html")]
pub(crate) struct Room {
    pub(crate) l: Language,
    pub(crate) csrf: String,
    pub(crate) id: IncidentId,
    pub(crate) number: u64,
    pub(crate) priority: Option<Priority>,
    pub(crate) title: String,
    pub(crate) state: String,
    pub(crate) is_burning: bool,
    pub(crate) is_over: bool,
    pub(crate) merged_into: Option<u64>,
    pub(crate) since: When,
    pub(crate) lasted: Option<String>,
    pub(crate) who: Option<String>,
    pub(crate) contacts: Vec<String>,
    pub(crate) doing: Option<String>,
    pub(crate) may_respond: bool,
    /// What stands on the button with which somebody takes it.
    pub(crate) acknowledge: Said,
    pub(crate) needs_cause: bool,
    pub(crate) clocks: Vec<(String, When)>,
    pub(crate) times: Vec<(&'static str, Option<When>)>,
    pub(crate) approvals: Vec<Approval>,
    pub(crate) questions: Vec<Question>,
    pub(crate) runs: Vec<Run>,
    pub(crate) cause: String,
    pub(crate) symptom: String,
    pub(crate) rule: Option<(String, String, Option<String>)>,
    pub(crate) services: Vec<String>,
    pub(crate) functions: Vec<String>,
    pub(crate) share: Option<String>,
    pub(crate) eta: Option<(Option<String>, String)>,
    pub(crate) resources: Vec<(String, bool)>,
    pub(crate) changes: Vec<String>,
    pub(crate) reports: u32,
    pub(crate) data_loss: bool,
    pub(crate) drawing: Option<Drawing>,
    pub(crate) boxes: Vec<Marked>,
    pub(crate) alerts: Vec<Alert>,
    /// How many more there are than are shown.
    pub(crate) more_alerts: usize,
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) notices: Vec<Notice>,
    pub(crate) more_notices: usize,
    pub(crate) roles: Vec<Held>,
    pub(crate) shows_roles: bool,
    /// Contacts by name, with what people call them.
    pub(crate) people: Vec<(String, String)>,
    pub(crate) drafts: Vec<Draft>,
    /// For whom a draft can be begun, by word.
    pub(crate) audiences: [(&'static str, &'static str); 3],
    pub(crate) measures: Vec<Measure>,
    pub(crate) root_cause: Option<domain::fact::RootCause>,
    pub(crate) review: Option<String>,
    /// None: they are left as they are, for they change slowly and are long.
    pub(crate) charts: Option<Result<Vec<Chart>, String>>,
    pub(crate) timeline: Vec<Line>,
    pub(crate) omitted: u64,
    pub(crate) is_all: bool,
}

#[derive(Deserialize)]
pub(crate) struct How {
    #[serde(default)]
    pub(crate) all: u8,
}

/// `GET /incidents/{id}`.
pub(crate) async fn show(
    State(desk): State<Desk>,
    viewer: Viewer,
    Path(id): Path<String>,
    Query(How { all }): Query<How>,
) -> Result<Response, Trouble> {
    let id = number(&viewer, &id)?;
    let refused = |refused| Trouble::refused(&viewer.visitor, refused);
    let whole = look(&desk, id).await.map_err(refused)?;
    let course = match &whole {
        Some((view, _)) => Some(course::look(&desk, view).await.map_err(refused)?),
        None => None,
    };
    let main = ready(&desk, &viewer, id, &whole, course.as_ref(), all > 0)?;
    let title = format!("{id} {}", main.title);
    let live = (!main.is_over && all == 0).then(|| format!("/live/incidents/{}", id.0));
    let manner = Manner { live, ..Manner::still(&title, Here::Incidents) };
    Ok(frame::of(&viewer, &manner, &main))
}

/// The number of an incident in an address.
pub(crate) fn number(viewer: &Viewer, text: &str) -> Result<IncidentId, Trouble> {
    text.parse().map_err(|_| {
        let said = Said::new(
            format!("「{text}」はインシデントの番号ではありません。"),
            format!("“{text}” is not the number of an incident."),
        );
        Trouble::missing(&viewer.visitor, said)
    })
}

/// There is no such incident.
pub(crate) fn missing(viewer: &Viewer, id: IncidentId) -> Trouble {
    let said = Said::new(
        format!("{id} というインシデントはありません。"),
        format!("There is no incident {id}."),
    );
    Trouble::missing(&viewer.visitor, said)
}

/// What the history tells and the writer knows; none: there is no such incident.
pub(crate) type Whole = Option<(IncidentView, Glance)>;

/// Asks both.
pub(crate) async fn look(desk: &Desk, id: IncidentId) -> Result<Whole, Refused> {
    let Some(view) = desk.shared.past(move |history| history.incident(id)).await? else {
        return Ok(None);
    };
    let readings = desk.shared.readings.clone();
    let glance = desk.shared.look(move |world| glance(world, id, &readings)).await?;
    Ok(Some((view, glance)))
}

fn glance(world: &World<'_>, id: IncidentId, readings: &web::Readings) -> Glance {
    let incident = world.state.incidents.get(&id);
    let contacts = world.policy.contacts.values();
    Glance {
        waiting: asking::all(world).into_iter().filter(|one| one.incident() == Some(id)).collect(),
        clocks: incident.map(|incident| now::clocks(world, incident)).unwrap_or_default(),
        doing: incident.map(|incident| now::doing(world, incident)),
        known: Known::of(world),
        contacts: contacts.map(|one| (one.name.to_string(), one.title.clone())).collect(),
        services: web::services::all(world, readings),
        zone: world.policy.zone.clone(),
    }
}

/// All of it, as this viewer sees it; without the course, its charts are left as they are.
pub(crate) fn ready(
    desk: &Desk,
    viewer: &Viewer,
    id: IncidentId,
    whole: &Whole,
    course: Option<&Course>,
    is_all: bool,
) -> Result<Room, Trouble> {
    let Some((view, glance)) = whole else { return Err(missing(viewer, id)) };
    let clock = viewer.visitor.clock(desk, &glance.zone);
    let l = clock.language;
    let title = |name: &ServiceName| glance.known.title(name);
    let person = |name: &str| glance.contacts.get(name).cloned().unwrap_or_else(|| name.to_owned());
    let is_over = view.times.closed.is_some();
    let is_burning = !is_over && view.state < IncidentState::Recovered;
    let may_respond = viewer.may(Rights::Responder);
    let touched: BTreeSet<_> = view
        .impact
        .iter()
        .flat_map(|impact| impact.services.iter().chain(&impact.functions))
        .chain([&view.cause.component])
        .cloned()
        .collect();
    let mut alerts: Vec<_> = view.alerts.iter().rev().collect();
    // What fires comes first, the newest of it on top.
    alerts.sort_by_key(|alert| alert.resolved_at.is_some());
    let end = view.times.recovered.or(view.times.closed);
    let mut timeline = told::lines(&view.timeline, &clock);
    let left_out = if is_all { 0 } else { timeline.len().saturating_sub(told::RECENT) };
    timeline.truncate(if is_all { usize::MAX } else { told::RECENT });
    Ok(Room {
        l,
        csrf: viewer.csrf.clone(),
        id: view.id,
        number: view.id.0,
        priority: view.priority,
        state: words::state(view.state).text(l).to_owned(),
        is_burning,
        is_over,
        merged_into: view.merged_into.map(|id| id.0),
        since: clock.show(view.times.occurred),
        lasted: end.map(|end| clock.length(end.duration_since(view.times.occurred).abs())),
        who: view.escalation.acknowledged_by.as_ref().map(|by| person(&by.to_string())),
        contacts: view.escalation.contacts.iter().map(|name| person(name.as_str())).collect(),
        doing: glance.doing.as_ref().filter(|_| !is_over).map(|said| said.text(l).to_owned()),
        may_respond,
        acknowledge: Wish::Acknowledge(view.id).label(),
        needs_cause: view.priority >= Some(Priority::P1),
        clocks: glance
            .clocks
            .iter()
            .map(|(said, at)| (said.text(l).to_owned(), clock.show(*at)))
            .collect(),
        times: times(view, &clock),
        approvals: asking::approvals(&glance.waiting, viewer, &clock),
        questions: asking::questions(&glance.waiting, viewer, &clock),
        runs: view
            .actions
            .iter()
            .rev()
            .map(|one| runs::run(one, &glance.known, &clock, may_respond))
            .collect(),
        cause: title(&view.cause.component),
        symptom: words::symptom(view.cause.symptom).text(l).to_owned(),
        rule: view.classification.as_ref().map(|found| {
            let seen = found.observed.text(l).to_owned();
            (found.rule.clone(), seen, found.reason.clone())
        }),
        services: view
            .impact
            .iter()
            .flat_map(|impact| impact.services.iter().map(&title))
            .collect(),
        functions: view
            .impact
            .iter()
            .flat_map(|impact| impact.functions.iter().map(&title))
            .collect(),
        share: view
            .impact
            .as_ref()
            .and_then(|impact| impact.request_share_percent)
            .map(|share| format!("{share:.1} %")),
        eta: view.eta.as_ref().map(|eta| {
            let minutes = eta
                .minutes
                .map(|minutes| l.pick(format!("約{minutes}分"), format!("about {minutes} min")));
            (minutes, eta.basis.clone())
        }),
        resources: view.resources.iter().map(|role| (role.role.clone(), role.available)).collect(),
        changes: view.recent_changes.clone(),
        reports: view.reports,
        data_loss: view.data_loss_suspected,
        drawing: {
            let part = glance.services.iter().filter(|seen| touched.contains(&seen.name));
            let part: Vec<_> = part.cloned().collect();
            drawing::draw(&part).filter(|_| !is_over)
        },
        boxes: view
            .recovery
            .checklist
            .iter()
            .map(|(name, result)| marked(name.to_string(), words::check(Some(*result)), l))
            .collect(),
        more_alerts: view.alerts.len().saturating_sub(MOST),
        alerts: alerts
            .into_iter()
            .take(MOST)
            .map(|alert| Alert {
                id: alert.id.to_string(),
                title: alert.title.clone(),
                level: alert.level.to_string(),
                observed: alert.observed.text(l).to_owned(),
                is_firing: alert.resolved_at.is_none(),
                at: clock.show(alert.fired_at),
            })
            .collect(),
        evidence: view
            .evidence
            .iter()
            .map(|kept| Evidence {
                run: kept.run.to_string(),
                step: kept.step.to_string(),
                at: clock.show(kept.at),
                path: kept.path.clone(),
                link: links::evidence(kept.run, &kept.step, kept.attempt),
            })
            .collect(),
        more_notices: view.notices.len().saturating_sub(MOST),
        notices: view
            .notices
            .iter()
            .rev()
            .take(MOST)
            .map(|one| notice(one, &person, &clock))
            .collect(),
        shows_roles: !is_over || !view.roles.is_empty(),
        roles: IncidentRole::ALL
            .map(|role| Held {
                role: role.word(),
                title: role.title().text(l).to_owned(),
                who: view.roles.get(&role).map(|name| person(name)),
            })
            .into(),
        people: glance.contacts.clone().into_iter().collect(),
        drafts: view.drafts.iter().map(|one| draft(one, &clock)).collect(),
        audiences: Audience::ALL.map(|one| (one.word(), one.title(l))),
        measures: view.measures.iter().map(|one| measure(one, &person, &clock)).collect(),
        root_cause: view.root_cause.clone(),
        review: view.review.clone(),
        charts: course.map(|course| course.charts(&clock)),
        timeline,
        omitted: view.timeline_omitted + u64::try_from(left_out).unwrap_or(u64::MAX),
        is_all,
        title: view.title.clone(),
    })
}

fn times(view: &IncidentView, clock: &Clock) -> Vec<(&'static str, Option<When>)> {
    let times = &view.times;
    [
        ("発生", "began", Some(times.occurred)),
        ("検知", "detected", Some(times.detected)),
        ("対応開始", "response", times.responded),
        ("復旧", "recovered", times.recovered),
    ]
    .map(|(ja, en, at)| (clock.language.pick(ja, en), clock.maybe(at)))
    .to_vec()
}

fn draft(view: &DraftView, clock: &Clock) -> Draft {
    let l = clock.language;
    Draft {
        id: view.id.to_string(),
        audience: view.audience.title(l),
        subject: view.subject.clone(),
        at: clock.show(view.ended_at.unwrap_or(view.written_at)),
        word: match view.status {
            DraftState::Draft => l.pick("待機中", "waits"),
            DraftState::Released => l.pick("公開済み", "released"),
            DraftState::Discarded => l.pick("破棄", "discarded"),
        },
        waits: view.status == DraftState::Draft,
    }
}

fn measure(view: &MeasureView, person: &impl Fn(&str) -> String, clock: &Clock) -> Measure {
    let today = clock.now.to_zoned(clock.zone.clone()).date();
    Measure {
        id: view.id.to_string(),
        text: view.text.clone(),
        owner: view.owner.as_deref().map(person),
        due: view.due.map(|due| due.to_string()),
        is_overdue: view.done_at.is_none() && view.due.is_some_and(|due| due < today),
        is_done: view.done_at.is_some(),
    }
}

fn notice(view: &NoticeView, person: &impl Fn(&str) -> String, clock: &Clock) -> Notice {
    let l = clock.language;
    let (word, class) = words::notice(view.state);
    let room = || view.channels.first().map(ToString::to_string).unwrap_or_default();
    Notice {
        to: view.to.as_ref().map_or_else(room, |name| person(name.as_str())),
        event: words::event(view.event).text(l).to_owned(),
        at: clock.show(view.owed_at),
        word: word.text(l).to_owned(),
        class,
        attempts: view
            .attempts
            .iter()
            .map(|one| {
                let outcome = words::delivery(one.outcome).text(l).to_owned();
                (clock.show(one.at), one.channel.to_string(), outcome, one.detail.clone())
            })
            .collect(),
    }
}
