//! `cargo xtask pictures`: every page of the product as people see it, so that a person can look at it.

use std::{
    path::Path,
    process::{Command, ExitCode},
};

/// Lets the browser tests take them.
pub fn run(root: &Path, folder: &Path) -> ExitCode {
    let Ok(folder) = std::path::absolute(folder) else {
        eprintln!("error: {} is no folder", folder.display());
        return ExitCode::from(2);
    };
    let status = Command::new("cargo")
        .args(["test", "--package", "hikeshi", "--test", "browser", "--", "pictures::"])
        .env("HIKESHI_PICTURES", &folder)
        // Without Chromium there are no pictures, and that is no success.
        .env("CI", "true")
        .current_dir(root)
        .status();
    match status {
        Ok(status) if status.success() => {
            println!("{}", folder.display());
            ExitCode::SUCCESS
        }
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: cargo could not be started: {error}");
            ExitCode::FAILURE
        }
    }
}
