//! Benchmark: how many documents per second become drafts.
//!
//! `cargo bench -p manual --bench import -- [RUNBOOKS]` (1,000 unless told otherwise).

#![allow(missing_docs, reason = "a program, not a library")]

use manual::{Document, import};
use std::time::Instant;

const TEXTS: [&str; 3] = [
    include_str!("../tests/reference/alert-response.md"),
    include_str!("../tests/reference/incident-response.md"),
    include_str!("../tests/houses/clean.md"),
];

fn main() {
    // Cargo passes `--bench`; what is a number is ours.
    let count = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(1_000);
    let files: Vec<String> = (0..count).map(|number| format!("runbook-{number}.md")).collect();
    let documents: Vec<Document<'_>> = files
        .iter()
        .enumerate()
        .map(|(at, file)| Document { file, text: TEXTS[at % TEXTS.len()] })
        .collect();
    let bytes: usize = documents.iter().map(|document| document.text.len()).sum();
    for (what, size) in [("one by one", 1), ("all together", count)] {
        let began = Instant::now();
        let drafts: usize =
            documents.chunks(size.max(1)).map(|some| import(some).drafts.len()).sum();
        let took = began.elapsed().as_secs_f64();
        println!(
            "  {what:<13} {:>7.0} documents per second, {:>6.1} MiB per second, {drafts} drafts in {took:.2} s",
            count as f64 / took,
            bytes as f64 / took / f64::from(1 << 20),
        );
    }
}
