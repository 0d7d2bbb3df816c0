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
//! | `when SERVICE hangs` | the same, but its process is there: only other probes see it |
//! | `when SERVICE breaks` | it dies, and no step heals it |
//! | `when SERVICE recovers`, `when PROBE recovers` | back to good values |
//! | `when PROBE READING is VALUE` | this value from now on |
//! | `when PROBE READING is VALUE until repaired` | the same, and a respond step that succeeds brings the good one back |
//! | `when PROBE falls silent` | no more looks |
//! | `when step NAME fails` / `hangs` / `works` | what performing it does |
//! | `when channel NAME fails` / `works` | what telling does |
//! | `when hikeshi restarts` | killed without warning and started again |
//! | `when the disk is full` / `has room` | the journal takes nothing |
//! | `NAME acknowledges INC-1` · `NAME closes INC-1: CAUSE` · `NAME notes INC-1: TEXT` · `NAME sets INC-1 to P0: REASON` | people |
//! | `NAME opens P2: TITLE` | a person reports an incident |
//! | `NAME runs RUNBOOK on SERVICE` · `NAME dry-runs RUNBOOK on SERVICE` · `NAME recovers everything` | people |
//! | `pass 5m` | time passes |
//! | `pass until TEXT` | time passes until a new line with this text comes, a day at most |
//! | `expect TEXT` | a line with this text came, after the line that the last `expect` found |
//! | `expect within 5m TEXT` | and no later than this after the last `when` |
//! | `never TEXT` | no line so far has this text |
//! | `never again TEXT` | no line after the one that the last `expect` found has it |
//! | `told TEXT` | a notice with this text was owed: `CHANNEL to CONTACT: SUBJECT` and its body below; `room` for a channel without addressees |
//! | `never told TEXT` | no notice so far has this text |
//! | `refused TEXT` | the last person's command was refused with this text |
//!
//! A story begins on a Sunday at 03:01 in Tokyo, after a minute in which everything was well.

mod read;
mod scene;
mod tell;
mod world;

pub use read::{Line, Story, read};
pub use tell::{Verdict, play};
