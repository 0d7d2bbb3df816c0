//! Whatever bytes arrive over Alertmanager's API: alerts, a silence, a query.
#![no_main]

#[path = "../checks.rs"]
#[allow(dead_code, reason = "every target uses another part of it")]
mod checks;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    checks::format("alertmanager", bytes);
    checks::alertmanager_asks(bytes);
});
