//! Looks into trouble for a person who asks: reads, compares, never changes.
//!
//! A survey is made of parts. All of them run at once, each within its own time, and each fails on its own: what is
//! missing is said, never made up (A31). What comes out is plain data that prints as JSON.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `part` | a part of a survey, its time and its failure |
//! | `cleaner` | text from outside without secrets |
//! | `log_time`, `pattern`, `rotation` | when a line was written, what lines have in common, who rotates a log |
//! | `log_source`, `recent_lines` | where logs are, and their ends |
//! | `errors`, `access`, `log_state` | `logs errors`, `logs access` and `diagnose logs` |
//! | `db`, `queries`, `processes`, `endpoints`, `normal` | what a database, the machine, the access logs and the samples say |
//! | `verdict`, `host` | what the rules say of one look, and the machine: both for `check` too |
//! | `perf`, `service` | `diagnose perf` and `diagnose service` |

mod access;
mod cleaner;
mod db;
mod endpoints;
mod errors;
mod host;
mod log_source;
mod log_state;
mod log_time;
mod normal;
mod part;
mod pattern;
mod perf;
mod processes;
mod queries;
mod recent_lines;
mod rotation;
mod service;
mod verdict;

pub use access::{Access, AccessAsked, AccessGroup, AccessSource, access};
pub use cleaner::Cleaner;
pub use db::{Db, DbState, DbStep, db};
pub use endpoints::Endpoint;
pub use errors::{ErrorLine, Errors, ErrorsAsked, Group, Searched, errors};
pub use host::{FileSystem, Host, Memory, host};
pub use log_source::{LogSource, log_sources};
pub use log_state::{LogState, Logs, logs};
pub use normal::{Compared, Normal};
pub use part::{PART_LIMIT, Part, Status};
pub use perf::{Perf, perf};
pub use processes::{Process, Processes};
pub use queries::{Connections, SlowQuery};
pub use recent_lines::Asked;
pub use rotation::Rotations;
pub use service::{Look, Port, ServiceAsked, ServiceState, TailLine, Unit, service};
pub use verdict::{Verdict, judge};
