//! Schemathesis, which tries the API by its description: no package of Debian has it, so it lives in a folder of its own under
//! `target/`, and nothing of it is anywhere else.

use std::{path::Path, process::Command};

/// What is installed; a newer one may find more, and is tried on purpose.
const PACKAGES: [&str; 2] = ["schemathesis==4.32.5", "openapi-spec-validator==0.9.0"];
/// Where: the test looks for it there as well.
const FOLDER: &str = "target/schemathesis";

/// Whether it is there.
pub fn is_there(root: &Path) -> bool {
    root.join(FOLDER).join("bin/schemathesis").is_file()
}

/// Installs it.
///
/// # Errors
/// Python has no `venv`, or the packages could not be fetched.
pub fn install(root: &Path) -> Result<(), String> {
    println!("installing: {} into {FOLDER}", PACKAGES.join(" "));
    run(root, "python3", &["-m", "venv", FOLDER])?;
    let pip = root.join(FOLDER).join("bin/pip");
    let quiet = ["install", "--quiet", "--disable-pip-version-check"];
    run(root, &pip.display().to_string(), &[&quiet[..], &PACKAGES].concat())
}

fn run(root: &Path, program: &str, arguments: &[&str]) -> Result<(), String> {
    let command = format!("{program} {}", arguments.join(" "));
    let status = Command::new(program).args(arguments).current_dir(root).status();
    let status = status.map_err(|error| format!("`{command}` could not be started: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{command}` failed ({status})")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_fails_says_which_it_was() {
        let here = Path::new(".");
        assert!(run(here, "true", &[]).is_ok());
        let failed = run(here, "false", &["x"]).expect_err("it fails");
        assert!(failed.contains("false x"), "{failed}");
        assert!(run(here, "/nowhere/python3", &[]).is_err());
        assert!(!is_there(Path::new("/nowhere")));
    }
}
