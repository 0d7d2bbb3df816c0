//! Installs missing components on Debian, without ever starting a service.

use super::components::Component;
use std::{
    fs,
    io::{self, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    process::Command,
};

/// Debian asks this script before it starts a service; 101 means no.
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// Installs the packages of the components.
///
/// # Errors
/// This is no Debian, we are not root, or apt-get failed.
pub fn install(missing: &[Component]) -> Result<(), String> {
    let packages: Vec<_> = missing.iter().map(|component| component.package).collect();
    let by_hand = format!("install them by hand: {}", packages.join(", "));
    if !Path::new("/etc/debian_version").exists() {
        return Err(format!("--install knows Debian only; {by_hand}"));
    }
    if !is_root() {
        return Err(format!("--install needs root; {by_hand}"));
    }
    println!("installing: {}", packages.join(" "));
    let _quiet = NoServices::forbid(Path::new(POLICY))
        .map_err(|error| format!("{POLICY} cannot be written: {error}; {by_hand}"))?;
    apt_get(&["update"])?;
    apt_get(&[&["install", "--yes", "--no-install-recommends"], packages.as_slice()].concat())
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0)
}

fn apt_get(arguments: &[&str]) -> Result<(), String> {
    let command = format!("apt-get {}", arguments.join(" "));
    let status = Command::new("apt-get")
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        // Scripts of packages that do not ask the policy look at this.
        .env("RUNLEVEL", "1")
        .status()
        .map_err(|error| format!("`{command}` could not be started: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{command}` failed ({status})")) }
}

/// While this lives, packages that are installed do not start their services. A policy that is there already stays.
struct NoServices {
    ours: Option<PathBuf>,
}

impl NoServices {
    fn forbid(policy: &Path) -> io::Result<Self> {
        match fs::OpenOptions::new().write(true).create_new(true).mode(0o755).open(policy) {
            Ok(mut file) => {
                let this = Self { ours: Some(policy.to_owned()) };
                file.write_all(b"#!/bin/sh\n# Written by cargo xtask test --install, and removed when it is done.\nexit 101\n")?;
                Ok(this)
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Self { ours: None }),
            Err(error) => Err(error),
        }
    }
}

impl Drop for NoServices {
    fn drop(&mut self) {
        if let Some(policy) = &self.ours
            && let Err(error) = fs::remove_file(policy)
        {
            eprintln!(
                "warning: {} could not be removed: {error}; remove it, or no service starts on this machine",
                policy.display()
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("hikeshi-policy-{}-{name}", std::process::id()))
    }

    #[test]
    fn services_are_forbidden_only_while_packages_are_installed() {
        let policy = place("ours");
        let quiet = NoServices::forbid(&policy).expect("writes");
        let answer = Command::new("sh").arg(&policy).status().expect("runs");
        assert_eq!(answer.code(), Some(101));
        drop(quiet);
        assert!(!policy.exists());
    }

    #[test]
    fn a_policy_of_the_machine_stays_as_it_is() {
        let policy = place("theirs");
        fs::write(&policy, "theirs").expect("writes");
        drop(NoServices::forbid(&policy).expect("leaves it"));
        assert_eq!(fs::read_to_string(&policy).expect("is there"), "theirs");
        fs::remove_file(policy).expect("ours");
    }
}
