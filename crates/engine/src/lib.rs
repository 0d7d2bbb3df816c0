//! The writer: drain commands, decide, append once, answer, hand out what is due, sleep until the next wake-up.
//!
//! [`core::Core`] does it step by step with a pushed clock: stories and the simulator drive it.
//! [`engine::Engine`] runs it on a thread of its own with a real clock. Neither knows how work is performed:
//! they hand out [`work::Work`], and whoever does it reports back with a command.

pub mod core;
pub mod engine;
pub mod work;

pub use crate::core::{Core, Fault};
pub use engine::{Engine, EngineError, Outside};
pub use work::Work;
