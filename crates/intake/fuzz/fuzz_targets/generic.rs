//! Whatever bytes arrive as `generic`: words that keep the limits, or a refusal.
#![no_main]

#[path = "../checks.rs"]
#[allow(dead_code, reason = "every target uses another part of it")]
mod checks;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| checks::format("generic", bytes));
