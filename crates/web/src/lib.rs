//! The JSON API that the command line uses, and what other systems ask of a server: health, readiness, metrics.
//!
//! Two doors lead to it. The **local socket** belongs to the user who runs hikeshi and may act; the **address** shows, and
//! acts for programs that show a token of somebody's. `docs/reference/api.md` lists the routes. What people look at is the room `pages`.

mod acting;
mod acting_intake;
mod alertmanager;
mod answer;
mod answered;
mod answering;
mod api;
mod arriving;
mod asking;
mod auditing;
mod bearer;
mod caller;
mod channels;
mod contacts;
mod dashboard;
mod devices;
mod digesting;
mod doors;
mod drafting;
mod gauge;
mod labelling;
mod linked;
mod links;
mod measured;
mod metrics;
mod metrics_readings;
mod on_call;
mod on_call_feed;
mod own_name;
mod quieting;
mod replying;
mod router;
pub mod services;
mod showing;
mod span;
mod state;
mod teaming;
mod tokens;
mod words;
mod written;

pub use acting::{By, person};
pub use answer::Refused;
pub use answering::readiness_of as readiness;
pub use api::{Api, Door};
pub use caller::Caller;
pub use dashboard::{Shown, gauges};
pub use doors::{Answering, Doors, Integration, Reload, digest};
pub use drafting::begin_draft;
pub use gauge::{Gauge, GaugeSource};
pub use links::Links;
pub use own_name::is_own_name;
pub use quieting::{Quiet, Scope, quieten};
pub use router::{acting, showing};
pub use span::Span;
pub use state::{Counts, Parts, Readings, Replies, Reply, Shared};
pub use tokens::{NewApi, make_api};
pub use written::{Configuration, Setting, Written};
