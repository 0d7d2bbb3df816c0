//! `cargo xtask tidy`: the house rules that can be checked by reading the files. A rule that is not a test decays.

mod banned;
mod circles;
mod directions;
mod first_line;
mod guests;
mod imports;
mod kind_rows;
mod length;
mod lock_file;
mod machine_paths;
mod problem;
mod rules;

use crate::files;
use problem::Weight;
use std::{path::Path, process::ExitCode};

/// Checks every rule, prints what is wrong, and says how it went.
pub fn run(root: &Path) -> ExitCode {
    match check(root) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: the project cannot be read: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The same, as a step of `cargo xtask test`: whether every rule is kept.
///
/// # Errors
/// A file or a folder cannot be read.
pub fn check(root: &Path) -> std::io::Result<bool> {
    let files = files::read(root)?;
    let problems: Vec<_> = rules::RULES.iter().flat_map(|rule| rule(&files)).collect();
    problems.iter().for_each(|problem| println!("{problem}"));
    let count = |weight| problems.iter().filter(|problem| problem.weight == weight).count();
    let (errors, warnings) = (count(Weight::Error), count(Weight::Warning));
    println!(
        "tidy: {} rules over {} files: {errors} errors, {warnings} warnings",
        rules::RULES.len(),
        files.len()
    );
    Ok(errors == 0)
}
