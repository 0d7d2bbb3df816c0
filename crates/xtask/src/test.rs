//! `cargo xtask test`: everything that must hold before a change goes in, step by step, the quick ones first.

mod components;
mod count;
mod install;
mod packages;
mod schemathesis;
mod steps;

use crate::tidy;
use count::Count;
use std::{path::Path, process::ExitCode, time::Instant};
use steps::{Step, Work};

/// Runs all steps; stops at the first that fails, and says how to repeat it.
pub fn run(root: &Path, install: bool) -> ExitCode {
    if let Err(reason) = prepare(root, install) {
        eprintln!("error: {reason}");
        return finish(Count { passed: 0, failed: 1 });
    }
    let mut total = Count::default();
    for step in steps::all(has_nextest(root)) {
        println!("\n== {}: {}", step.name, step.command());
        let began = Instant::now();
        let (is_good, count) = perform(root, &step);
        total.add(count);
        let word = if is_good { "ok" } else { "FAILED" };
        println!("== {}: {word} ({:.1} s)", step.name, began.elapsed().as_secs_f64());
        if !is_good {
            // A step that fails without a test in it is a failure all the same.
            total.failed = total.failed.max(1);
            println!("\nrepeat it with: {}", step.command());
            return finish(total);
        }
    }
    finish(total)
}

fn finish(total: Count) -> ExitCode {
    println!("\n{total}");
    if total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Sees that what the tests need is there. Under CI nothing may be missing; elsewhere the tests that need it say why they skip.
fn prepare(root: &Path, install: bool) -> Result<(), String> {
    let mut missing = components::missing();
    if install && !missing.is_empty() {
        install::install(&missing)?;
        missing = components::missing();
    }
    if install && !schemathesis::is_there(root) {
        schemathesis::install(root)?;
    }
    if install && !packages::missing(root).is_empty() {
        packages::install(root)?;
    }
    let packages = packages::missing(root);
    for component in &missing {
        println!(
            "missing: {}, for {} (Debian: apt-get install {})",
            component.name, component.needed_for, component.package
        );
    }
    for package in &packages {
        println!("missing: {}, for {} ({})", package.name, package.needed_for, packages::command());
    }
    let has_schemathesis = schemathesis::is_there(root);
    if !has_schemathesis {
        println!(
            "missing: schemathesis, for the test of the API by its description (cargo xtask test --install)"
        );
    }
    let must_be_whole = install || std::env::var("CI").as_deref() == Ok("true");
    let components = missing.iter().map(|component| component.name);
    let names: Vec<_> = components
        .chain(packages.iter().map(|package| package.name))
        .chain((!has_schemathesis).then_some("schemathesis"))
        .collect();
    if names.is_empty() || !must_be_whole {
        return Ok(());
    }
    Err(format!(
        "components are missing: {}; install them, or run `cargo xtask test --install` as root on Debian",
        names.join(", ")
    ))
}

fn has_nextest(root: &Path) -> bool {
    let asked = std::process::Command::new("cargo")
        .args(["nextest", "--version"])
        .current_dir(root)
        .output();
    asked.is_ok_and(|output| output.status.success())
}

fn perform(root: &Path, step: &Step) -> (bool, Count) {
    match &step.work {
        Work::Tidy => match tidy::check(root) {
            Ok(is_tidy) => (is_tidy, Count::default()),
            Err(error) => {
                eprintln!("error: the project cannot be read: {error}");
                (false, Count::default())
            }
        },
        Work::Cargo(arguments) => match count::run(root, arguments) {
            Ok((is_good, count)) => (is_good && count.failed == 0, count),
            Err(error) => {
                eprintln!("error: cargo could not be started: {error}");
                (false, Count::default())
            }
        },
    }
}
