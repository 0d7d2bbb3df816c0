//! Where the system's own PostgreSQL is, and who runs it: never root.

use crate::error::DemoError;
use std::path::{Path, PathBuf};

/// The two programs a private cluster needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binaries {
    /// Makes a cluster.
    pub initdb: PathBuf,
    /// Serves it.
    pub postgres: PathBuf,
}

/// A user of this system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// User id.
    pub uid: u32,
    /// Main group id.
    pub gid: u32,
}

/// The newest installed PostgreSQL.
///
/// # Errors
/// [`DemoError::PostgresMissing`] with the way to get it.
pub fn find() -> Result<Binaries, DemoError> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    newest_in(Path::new("/usr/lib/postgresql"))
        .into_iter()
        .chain(std::env::split_paths(&path))
        .find_map(|folder| binaries_in(&folder))
        .ok_or(DemoError::PostgresMissing)
}

/// Who is to run PostgreSQL: root hands it to `postgres` or `nobody`, anyone else runs it.
///
/// # Errors
/// [`DemoError::Database`] when root finds neither.
pub fn account() -> Result<Option<Account>, DemoError> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let users =
        std::fs::read_to_string("/etc/passwd").map_err(DemoError::file("read", "/etc/passwd"))?;
    match account_in(&users, "postgres").or_else(|| account_in(&users, "nobody")) {
        Some(account) => Ok(Some(account)),
        None => Err(DemoError::Database(
            "it does not run as root, and there is no user postgres or nobody to run it".into(),
        )),
    }
}

/// The `bin` folders of all versions, newest first.
fn newest_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut versions: Vec<(u32, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    versions.sort_by(|one, two| two.cmp(one));
    versions.into_iter().map(|(_, folder)| folder).collect()
}

fn binaries_in(folder: &Path) -> Option<Binaries> {
    // A link in PATH is followed: initdb looks for its files next to itself.
    let program = |name: &str| folder.join(name).canonicalize().ok();
    Some(Binaries { initdb: program("initdb")?, postgres: program("postgres")? })
}

fn account_in(users: &str, name: &str) -> Option<Account> {
    let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut ids = line.split(':').skip(2);
    let account = Account { uid: ids.next()?.parse().ok()?, gid: ids.next()?.parse().ok()? };
    (account.uid != 0).then_some(account)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_17_is_newer_than_9() {
        let place = tempfile::tempdir().expect("a temporary folder");
        for version in ["9", "17", "15", "lost+found"] {
            std::fs::create_dir(place.path().join(version)).expect("makes");
        }
        let found: Vec<PathBuf> = newest_in(place.path());
        let expected = ["17", "15", "9"].map(|version| place.path().join(version).join("bin"));
        assert_eq!(found, expected);
    }

    #[test]
    fn a_folder_with_half_of_it_is_none() {
        let place = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(place.path().join("initdb"), "").expect("writes");
        assert_eq!(binaries_in(place.path()), None);
        std::fs::write(place.path().join("postgres"), "").expect("writes");
        assert!(binaries_in(place.path()).is_some());
    }

    #[test]
    fn an_account_is_read_whole_and_never_root() {
        let users = "root:x:0:0::/root:/bin/sh\npostgres:x:101:104::/:/bin/sh\nnobody:x:0:0::/:\n";
        assert_eq!(account_in(users, "postgres"), Some(Account { uid: 101, gid: 104 }));
        assert_eq!(account_in(users, "nobody"), None, "an account with the uid of root");
        assert_eq!(account_in(users, "post"), None);
    }

    #[test]
    fn what_is_missing_is_said_with_the_way_to_get_it() {
        assert!(DemoError::PostgresMissing.to_string().contains("apt-get install postgresql"));
    }
}
