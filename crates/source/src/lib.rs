//! Reads what people write: YAML with the place of every value, and problems that are all reported at once.
//!
//! [`yaml::read`] makes a tree of [`node::Node`]s; [`fields::Fields`] takes a mapping apart key by key
//! and reports unknown keys with the nearest known one; [`problem::Problems`] collects what is wrong, and the
//! defaults that were taken; [`ical::read`] takes
//! events out of iCalendar files; [`secret::Secret`] is the place of
//! a secret, never the secret.

pub mod fields;
pub mod ical;
pub mod node;
pub mod problem;
pub mod secret;
pub mod yaml;

pub use fields::Fields;
pub use node::{Node, Shape};
pub use problem::{Assumed, Place, Problem, Problems};
pub use secret::{Hidden, Secret};
