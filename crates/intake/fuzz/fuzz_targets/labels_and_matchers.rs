//! Whatever text is read as labels or as matchers: what was understood reads back the same.
#![no_main]

#[path = "../checks.rs"]
#[allow(dead_code, reason = "every target uses another part of it")]
mod checks;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| checks::labels_and_matchers(bytes));
