//! Stories: what the world does and what must follow, as text, over the real engine with a pushed clock.
//!
//! ```text
//! # A9: half of all requests fail: P1
//! when proxy/traffic error_rate_percent is 60
//! pass 1m
//! expect classified INC-1: P1 — error_rate@proxy
//! never paged
//! ```
//!
//! The same format tests our requirements (`stories/`) and a user's own configuration (`hikeshi story FILE…`).
//!
//! | line | meaning |
//! | --- | --- |
//! | `given FOLDER` | the configuration, from the story's folder on; first line |
//! | `when SERVICE dies` | its probes see it down; a respond step that succeeds heals it |
//! | `when SERVICE breaks` | the same, but no step heals it |
//! | `when SERVICE recovers`, `when PROBE recovers` | back to good values |
//! | `when PROBE READING is VALUE` | this value from now on |
//! | `when PROBE falls silent` | no more looks |
//! | `when step NAME fails` / `hangs` / `works` | what performing it does |
//! | `when channel NAME fails` / `works` | what telling does |
//! | `when hikeshi restarts` | killed without warning and started again |
//! | `when the disk is full` / `has room` | the journal takes nothing |
//! | `NAME acknowledges INC-1` · `NAME closes INC-1: CAUSE` · `NAME notes INC-1: TEXT` · `NAME sets INC-1 to P0: REASON` | people |
//! | `NAME runs RUNBOOK on SERVICE` · `NAME dry-runs RUNBOOK on SERVICE` · `NAME recovers everything` | people |
//! | `pass 5m` | time passes |
//! | `expect TEXT` | a line with this text came, after the line that the last `expect` found |
//! | `expect within 5m TEXT` | and no later than this after the last `when` |
//! | `never TEXT` | no line so far has this text |
//! | `told TEXT` | a notice with this text in subject or body was owed |
//! | `refused TEXT` | the last person's command was refused with this text |

mod read;
mod scene;
mod tell;
mod world;

pub use read::{Line, Story, read};
pub use tell::{Verdict, play};
