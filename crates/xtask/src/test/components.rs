//! What the tests need beyond Rust: real programs, no stand-ins.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A program, or a few that come together.
#[derive(Clone, Copy, Debug)]
pub struct Component {
    /// What people call it.
    pub name: &'static str,
    /// The programs that must be there.
    programs: &'static [&'static str],
    /// Which tests need it.
    pub needed_for: &'static str,
    /// The package of Debian that brings it.
    pub package: &'static str,
    /// The oldest version that will do.
    oldest: Option<u32>,
}

/// Everything that is needed.
pub const COMPONENTS: &[Component] = &[
    Component {
        name: "PostgreSQL (server, 14 or later)",
        programs: &["postgres", "initdb", "pg_ctl", "pg_dump", "pg_restore"],
        needed_for: "the tests of databases and the demo's database scenarios",
        package: "postgresql",
        oldest: Some(14),
    },
    Component {
        name: "Prometheus",
        programs: &["prometheus", "promtool"],
        needed_for: "the tests that Prometheus can send here, and that /metrics and exported rules are what Prometheus accepts",
        package: "prometheus",
        oldest: None,
    },
    Component {
        name: "dbus-daemon",
        programs: &["dbus-daemon"],
        needed_for: "the tests of the systemd probe and supervisor",
        package: "dbus-daemon",
        oldest: None,
    },
    Component {
        name: "nftables",
        programs: &["nft"],
        needed_for: "the test that who is blocked is not heard, in a network of its own",
        package: "nftables",
        oldest: None,
    },
    Component {
        name: "iproute2",
        programs: &["ip"],
        needed_for: "the same test",
        package: "iproute2",
        oldest: None,
    },
    Component {
        name: "Alertmanager",
        programs: &["amtool", "prometheus-alertmanager"],
        needed_for: "the tests that its clients work with hikeshi, and the comparison of speed",
        package: "prometheus-alertmanager",
        oldest: None,
    },
    Component {
        name: "curl",
        programs: &["curl"],
        needed_for: "runbook steps of the examples",
        package: "curl",
        oldest: None,
    },
    Component {
        name: "bash",
        programs: &["bash"],
        needed_for: "runbook steps",
        package: "bash",
        oldest: None,
    },
    Component {
        name: "Chromium and its driver",
        programs: &["chromium", "chromedriver"],
        needed_for: "the tests of the pages in a real browser",
        package: "chromium-driver",
        oldest: None,
    },
    Component {
        name: "Node.js and npm",
        programs: &["node", "npm"],
        needed_for: "the tests that the pages are valid HTML and that everybody can use them",
        package: "npm",
        oldest: None,
    },
    Component {
        name: "Python 3 with venv",
        programs: &["python3"],
        needed_for: "schemathesis, which tries the API by its description",
        package: "python3-venv",
        oldest: None,
    },
    Component {
        name: "git",
        programs: &["git"],
        needed_for: "the tests of folders under version control",
        package: "git",
        oldest: None,
    },
];

/// What is not there, or too old.
pub fn missing() -> Vec<Component> {
    let folders =
        folders(Path::new("/usr/lib/postgresql"), &std::env::var_os("PATH").unwrap_or_default());
    COMPONENTS.iter().filter(|component| !is_there(component, &folders, version)).copied().collect()
}

/// Where programs are looked for: Debian keeps PostgreSQL's out of the PATH, by version; the newest comes first.
fn folders(postgres: &Path, path: &std::ffi::OsStr) -> Vec<PathBuf> {
    let entries = fs::read_dir(postgres).into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = entries
        .filter_map(|entry| {
            Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin")))
        })
        .collect();
    versions.sort_by(|a, b| b.cmp(a));
    versions.into_iter().map(|(_, folder)| folder).chain(std::env::split_paths(path)).collect()
}

/// All programs of a component side by side in one folder, so that they belong together.
fn is_there(
    component: &Component,
    folders: &[PathBuf],
    version: impl Fn(&Path) -> Option<u32>,
) -> bool {
    let whole =
        |folder: &&PathBuf| component.programs.iter().all(|program| folder.join(program).is_file());
    let Some(folder) = folders.iter().find(whole) else { return false };
    let Some(oldest) = component.oldest else { return true };
    let first = component.programs.first().map(|program| folder.join(program));
    first.and_then(|program| version(&program)).is_some_and(|version| version >= oldest)
}

/// `postgres (PostgreSQL) 15.14 (Debian …)`: 15.
fn version(program: &Path) -> Option<u32> {
    let output = Command::new(program).arg("--version").output().ok()?;
    major(&String::from_utf8_lossy(&output.stdout))
}

fn major(said: &str) -> Option<u32> {
    let number =
        said.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEW: Component = Component {
        name: "x",
        programs: &["a", "b"],
        needed_for: "",
        package: "x",
        oldest: Some(14),
    };

    /// A folder with programs; what a program says of its version stands in it.
    fn folder(name: &str, programs: &[(&str, &str)]) -> PathBuf {
        let folder =
            std::env::temp_dir().join(format!("hikeshi-xtask-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        for (program, says) in programs {
            fs::write(folder.join(program), says).expect("writes");
        }
        folder
    }

    fn read(program: &Path) -> Option<u32> {
        major(&fs::read_to_string(program).ok()?)
    }

    #[test]
    fn a_component_is_there_when_all_its_programs_are_and_are_new_enough() {
        let half = folder("half", &[("a", "a 15.1")]);
        let old = folder("old", &[("a", "a 13.9 (Debian)"), ("b", "b 13.9")]);
        let good = folder("good", &[("a", "a (thing) 15.14 (Debian 15)"), ("b", "b 15.14")]);
        assert!(!is_there(&NEW, std::slice::from_ref(&half), read));
        assert!(!is_there(&NEW, std::slice::from_ref(&old), read));
        assert!(is_there(&NEW, &[half.clone(), good.clone()], read));
        [half, old, good].iter().for_each(|folder| fs::remove_dir_all(folder).expect("ours"));
    }

    #[test]
    fn a_program_is_asked_for_its_version() {
        let bash = folders(Path::new("/nowhere"), &std::env::var_os("PATH").unwrap_or_default());
        let bash = bash.iter().map(|folder| folder.join("bash")).find(|program| program.is_file());
        assert!(
            version(&bash.expect("bash is needed by runbooks anyway"))
                .is_some_and(|major| major >= 3)
        );
    }

    #[test]
    fn the_newest_version_is_looked_at_first() {
        let place = folder("versions", &[]);
        ["9", "17", "15"]
            .iter()
            .for_each(|version| fs::create_dir_all(place.join(version)).expect("makes"));
        let found = folders(&place, "/usr/bin".as_ref());
        let expected =
            [place.join("17/bin"), place.join("15/bin"), place.join("9/bin"), "/usr/bin".into()];
        assert_eq!(found, expected);
        fs::remove_dir_all(place).expect("ours");
    }

    #[test]
    fn a_version_is_read_from_what_the_program_says() {
        assert_eq!(major("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)"), Some(15));
        assert_eq!(major("initdb (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major("nothing"), None);
    }
}
