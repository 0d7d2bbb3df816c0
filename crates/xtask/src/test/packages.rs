//! What the tests need from npm's registry: pinned, under `target/tools`, nothing global.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A package.
#[derive(Clone, Copy, Debug)]
pub struct Package {
    /// What it is called in the registry.
    pub name: &'static str,
    version: &'static str,
    /// Which tests need it.
    pub needed_for: &'static str,
}

/// Everything that is needed.
const PACKAGES: &[Package] = &[
    Package {
        name: "axe-core",
        version: "4.14.1",
        needed_for: "the test that everybody can use the pages",
    },
    Package {
        name: "html-validate",
        version: "10.17.0",
        needed_for: "the test that the pages are valid HTML",
    },
    Package {
        name: "oidc-provider",
        version: "9.13.3",
        needed_for: "the tests of people who sign in with an account elsewhere",
    },
];

/// Where they are.
fn folder(root: &Path) -> PathBuf {
    root.join("target/tools")
}

/// What is not there, or not in its version.
pub fn missing(root: &Path) -> Vec<Package> {
    let is_there = |package: &&Package| {
        let file = folder(root).join("node_modules").join(package.name).join("package.json");
        let version = format!("\"version\": \"{}\"", package.version);
        fs::read_to_string(file).is_ok_and(|text| text.contains(&version))
    };
    PACKAGES.iter().filter(|package| !is_there(package)).copied().collect()
}

/// The command that installs all of them, so that none takes another away.
pub fn command() -> String {
    let all: Vec<_> = PACKAGES.iter().map(|one| format!("{}@{}", one.name, one.version)).collect();
    format!("npm install --prefix target/tools --no-save --no-audit --no-fund {}", all.join(" "))
}

/// Installs them.
///
/// # Errors
/// npm is not there, or does not reach its registry.
pub fn install(root: &Path) -> Result<(), String> {
    let command = command();
    println!("{command}");
    let failed = |why: String| format!("`{command}` failed: {why}");
    fs::create_dir_all(folder(root)).map_err(|error| failed(error.to_string()))?;
    let mut words = command.split(' ');
    let program = words.next().unwrap_or_default();
    let status = Command::new(program).args(words).current_dir(root).status();
    match status.map_err(|error| failed(error.to_string()))? {
        status if status.success() => Ok(()),
        status => Err(failed(status.to_string())),
    }
}
