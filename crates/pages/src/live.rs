//! Pages that change while somebody looks: the server renders them anew and sends them, the script swaps in what is new.

use crate::{
    course::{self, Course},
    dashboard,
    desk::Desk,
    now,
    recent::Recent,
    room, run, service, services,
    trouble::Trouble,
    visitor::{Viewer, Visitor},
};
use askama::Template;
use axum::{
    extract::{Extension, Path, Query, State},
    response::{
        IntoResponse,
        sse::{Event, KeepAlive, Sse},
    },
};
use domain::ids::{IncidentId, RunId, ServiceName};
use futures::{Stream, stream};
use std::{
    convert::Infallible,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// What happens within this time is sent in one go.
const GATHER: Duration = Duration::from_millis(250);
/// Looks change without a fact: after this long a page is rendered anyway, that of an incident seldom.
const LOOK_ANYWAY: Duration = Duration::from_secs(5);
const LOOK_ANYWAY_IN_A_ROOM: Duration = Duration::from_secs(20);
/// What is measured moves whatever is written; charts are long.
const LOOK_AT_CHARTS: Duration = Duration::from_secs(15);
/// The charts in the room of an incident are sent this seldom.
const CHARTS_IN_A_ROOM: Duration = Duration::from_secs(20);
/// A browser that lost us asks again after this long.
const RETRY: Duration = Duration::from_secs(2);

/// Which page.
#[derive(Clone, Debug)]
enum Page {
    Now,
    Wall,
    Dashboard(dashboard::Range),
    Services,
    Service(ServiceName, dashboard::Range),
    Run(RunId),
    Room(IncidentId),
}

/// What all viewers share.
pub(crate) struct Shared {
    now: Recent<(), now::Glance>,
    rooms: Recent<IncidentId, room::Whole>,
    courses: Recent<IncidentId, Course>,
    dashboards: Recent<dashboard::Range, dashboard::Glance>,
    services: Recent<(), services::Glance>,
    service: Recent<(ServiceName, dashboard::Range), Option<service::Glance>>,
    runs: Recent<RunId, Option<run::Glance>>,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            now: Recent::default(),
            rooms: Recent::default(),
            courses: Recent::good_for(LOOK_AT_CHARTS),
            dashboards: Recent::default(),
            services: Recent::default(),
            service: Recent::default(),
            runs: Recent::default(),
        }
    }
}

type Sharing = Extension<Arc<Shared>>;

/// `GET /live/now`.
pub(crate) async fn now(
    State(desk): State<Desk>,
    viewer: Viewer,
    Extension(shared): Sharing,
) -> impl IntoResponse {
    follow(desk, viewer, shared, Page::Now)
}

/// `GET /live/wall`.
pub(crate) async fn wall(
    State(desk): State<Desk>,
    viewer: Viewer,
    Extension(shared): Sharing,
) -> impl IntoResponse {
    follow(desk, viewer, shared, Page::Wall)
}

/// `GET /live/dashboard?range=24h`.
pub(crate) async fn dashboard(
    State(desk): State<Desk>,
    viewer: Viewer,
    Query(asked): Query<dashboard::Asked>,
    Extension(shared): Sharing,
) -> impl IntoResponse {
    follow(desk, viewer, shared, Page::Dashboard(asked.range))
}

/// `GET /live/services`.
pub(crate) async fn services(
    State(desk): State<Desk>,
    viewer: Viewer,
    Extension(shared): Sharing,
) -> impl IntoResponse {
    follow(desk, viewer, shared, Page::Services)
}

/// `GET /live/services/{name}?range=24h`.
pub(crate) async fn service(
    State(desk): State<Desk>,
    viewer: Viewer,
    Path(name): Path<String>,
    Query(asked): Query<dashboard::Asked>,
    Extension(shared): Sharing,
) -> impl IntoResponse {
    follow(desk, viewer, shared, Page::Service(name.into(), asked.range))
}

/// `GET /live/runs/{id}`.
pub(crate) async fn run(
    State(desk): State<Desk>,
    viewer: Viewer,
    Path(id): Path<String>,
    Extension(shared): Sharing,
) -> Result<impl IntoResponse, Trouble> {
    let id = run::number(&viewer, &id)?;
    Ok(follow(desk, viewer, shared, Page::Run(id)))
}

/// `GET /live/incidents/{id}`.
pub(crate) async fn incident(
    State(desk): State<Desk>,
    viewer: Viewer,
    Path(id): Path<String>,
    Extension(shared): Sharing,
) -> Result<impl IntoResponse, Trouble> {
    let id = room::number(&viewer, &id)?;
    Ok(follow(desk, viewer, shared, Page::Room(id)))
}

struct Following {
    desk: Desk,
    visitor: Visitor,
    shared: Arc<Shared>,
    page: Page,
    written: watch::Receiver<u64>,
    last: String,
    is_first: bool,
    /// When the charts of a room were sent last: they are long, and change slowly.
    charted_at: Instant,
}

impl Following {
    /// Waits until there may be something new; says no when nothing more comes.
    async fn moved(&mut self) -> bool {
        let anyway = match self.page {
            Page::Now | Page::Wall | Page::Services => LOOK_ANYWAY,
            Page::Room(_) | Page::Service(..) | Page::Run(_) => LOOK_ANYWAY_IN_A_ROOM,
            Page::Dashboard(_) => {
                tokio::time::sleep(LOOK_AT_CHARTS).await;
                return true;
            }
        };
        let moved = tokio::time::timeout(anyway, self.written.changed()).await;
        if matches!(moved, Ok(Err(_))) {
            return false;
        }
        tokio::time::sleep(GATHER).await;
        true
    }
}

fn follow(
    desk: Desk,
    viewer: Viewer,
    shared: Arc<Shared>,
    page: Page,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let written = desk.shared.written.subscribe();
    let visitor = viewer.visitor;
    let start = Following {
        desk,
        visitor,
        shared,
        page,
        written,
        last: String::new(),
        is_first: true,
        charted_at: Instant::now(),
    };
    let events = stream::unfold(Some(start), |following| async move {
        let mut following = following?;
        loop {
            if !std::mem::take(&mut following.is_first) && !following.moved().await {
                return None;
            }
            following.written.borrow_and_update();
            // Whoever was signed out meanwhile, or may less now, sees it at once.
            let Ok((position, html)) = render(&mut following).await else {
                return Some((Ok(Event::default().event("over").data("over")), None));
            };
            // What others looked up a moment ago may not know the newest.
            if *following.written.borrow() > position {
                following.written.mark_changed();
            }
            if html != following.last {
                let event = Event::default().event("page").retry(RETRY).data(&html);
                following.last = html;
                return Some((Ok(event), Some(following)));
            }
        }
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}

/// The page, and the position up to which it knows everything.
async fn render(following: &mut Following) -> Result<(u64, String), Trouble> {
    let Following { desk, visitor, shared, page, charted_at, .. } = following;
    let written = &desk.shared.written;
    let viewer = Viewer::of(desk, visitor.clone()).await?;
    let refused = |refused| Trouble::refused(visitor, refused);
    let (position, rendered) = match page {
        Page::Now | Page::Wall => {
            let found = shared.now.get((), written, now::look(desk)).await;
            let (position, glance) = found.map_err(refused)?;
            let is_wall = matches!(page, Page::Wall);
            (position, now::ready(desk, &viewer, &glance, is_wall).render())
        }
        Page::Dashboard(range) => {
            let found = shared.dashboards.get(*range, written, dashboard::look(desk, *range)).await;
            let (position, glance) = found.map_err(refused)?;
            (position, dashboard::ready(desk, &viewer, *range, &glance).render())
        }
        Page::Services => {
            let found = shared.services.get((), written, services::look(desk)).await;
            let (position, glance) = found.map_err(refused)?;
            (position, services::ready(desk, &viewer, &glance).render())
        }
        Page::Service(name, range) => {
            let look = service::look(desk, name.clone(), *range);
            let found = shared.service.get((name.clone(), *range), written, look).await;
            let (position, glance) = found.map_err(refused)?;
            (position, service::ready(desk, &viewer, *range, name, &glance)?.render())
        }
        Page::Run(id) => {
            let found = shared.runs.get(*id, written, run::look(desk, *id)).await;
            let (position, glance) = found.map_err(refused)?;
            (position, run::ready(desk, &viewer, *id, &glance)?.render())
        }
        Page::Room(id) => {
            let found = shared.rooms.get(*id, written, room::look(desk, *id)).await;
            let (position, whole) = found.map_err(refused)?;
            let mut course = None;
            if let Some((view, _)) = &*whole
                && charted_at.elapsed() >= CHARTS_IN_A_ROOM
            {
                *charted_at = Instant::now();
                let found = shared.courses.get(*id, written, course::look(desk, view)).await;
                course = Some(found.map_err(refused)?.1);
            }
            (position, room::ready(desk, &viewer, *id, &whole, course.as_deref(), false)?.render())
        }
    };
    let html = rendered.map_err(|error| Trouble::fault(visitor, &error))?;
    Ok((position, html))
}
