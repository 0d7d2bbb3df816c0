//! Pages that change while somebody looks: the server renders them anew and sends them, the script swaps in what is new.

use crate::{
    desk::Desk,
    now, room,
    trouble::Trouble,
    visitor::{Viewer, Visitor},
};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::sse::{Event, KeepAlive, Sse},
};
use domain::ids::IncidentId;
use futures::{Stream, stream};
use std::{convert::Infallible, time::Duration};
use tokio::sync::watch;

/// What happens within this time is sent in one go.
const GATHER: Duration = Duration::from_millis(250);
/// Looks change without a fact: after this long a page is rendered anyway, that of an incident seldom.
const LOOK_ANYWAY: Duration = Duration::from_secs(5);
const LOOK_ANYWAY_IN_A_ROOM: Duration = Duration::from_secs(20);
/// A browser that lost us asks again after this long.
const RETRY: Duration = Duration::from_secs(2);

/// Which page.
#[derive(Clone, Copy, Debug)]
enum Page {
    Now,
    Wall,
    Room(IncidentId),
}

/// `GET /live/now`.
pub(crate) async fn now(
    State(desk): State<Desk>,
    viewer: Viewer,
) -> impl axum::response::IntoResponse {
    follow(desk, viewer, Page::Now)
}

/// `GET /live/wall`.
pub(crate) async fn wall(
    State(desk): State<Desk>,
    viewer: Viewer,
) -> impl axum::response::IntoResponse {
    follow(desk, viewer, Page::Wall)
}

/// `GET /live/incidents/{id}`.
pub(crate) async fn incident(
    State(desk): State<Desk>,
    viewer: Viewer,
    Path(id): Path<String>,
) -> Result<impl axum::response::IntoResponse, Trouble> {
    let id = room::number(&viewer, &id)?;
    Ok(follow(desk, viewer, Page::Room(id)))
}

struct Following {
    desk: Desk,
    visitor: Visitor,
    page: Page,
    written: watch::Receiver<u64>,
    last: String,
    is_first: bool,
}

fn follow(
    desk: Desk,
    viewer: Viewer,
    page: Page,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let written = desk.shared.written.subscribe();
    let visitor = viewer.visitor;
    let start = Following { desk, visitor, page, written, last: String::new(), is_first: true };
    let events = stream::unfold(Some(start), |following| async move {
        let mut following = following?;
        loop {
            if !std::mem::take(&mut following.is_first) {
                let anyway = match following.page {
                    Page::Now | Page::Wall => LOOK_ANYWAY,
                    Page::Room(_) => LOOK_ANYWAY_IN_A_ROOM,
                };
                let moved = tokio::time::timeout(anyway, following.written.changed()).await;
                if matches!(moved, Ok(Err(_))) {
                    return None;
                }
                tokio::time::sleep(GATHER).await;
            }
            following.written.borrow_and_update();
            // Whoever was signed out meanwhile, or may less now, sees it at once.
            let Ok(html) = render(&following).await else {
                return Some((Ok(Event::default().event("over").data("over")), None));
            };
            if html != following.last {
                let event = Event::default().event("page").retry(RETRY).data(&html);
                following.last = html;
                return Some((Ok(event), Some(following)));
            }
        }
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}

async fn render(following: &Following) -> Result<String, Trouble> {
    let Following { desk, visitor, page, .. } = following;
    let viewer = Viewer::of(desk, visitor.clone()).await?;
    let rendered = match page {
        Page::Now => now::build(desk, &viewer, false).await?.render(),
        Page::Wall => now::build(desk, &viewer, true).await?.render(),
        Page::Room(id) => room::build(desk, &viewer, *id, false).await?.render(),
    };
    rendered.map_err(|error| Trouble::fault(visitor, &error))
}
