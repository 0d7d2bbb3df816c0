//! The JSON API that the command line uses, and what other systems ask of a server: health, readiness, metrics.
//!
//! Two doors lead to it. The **local socket** belongs to the user who runs hikeshi and may act; the **address** only
//! shows, until people can sign in. `docs/reference/api.md` lists the routes.

mod acting;
mod answer;
mod metrics;
mod router;
mod showing;
mod state;

pub use answer::Refused;
pub use router::{acting, showing};
pub use state::{Counts, Readings, Shared};
