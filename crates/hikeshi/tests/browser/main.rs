//! The pages from end to end, in a real headless Chromium: what people see, press and are refused (issue: the incident
//! room; requirements A22 to A25, A66, B24, B25).

#[path = "../common/mod.rs"]
mod common;
mod customers;
mod demonstrating;
mod driver;
mod elsewhere;
mod entering;
mod fighting;
mod inspecting;
mod judging;
mod linking;
mod passkeys;
mod pictures;
mod showing;
mod speaking;
mod town;
