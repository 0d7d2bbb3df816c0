//! The key with which links to answers are signed: made once, in the data folder, for its owner alone.

use crate::show::Trouble;
use domain::said::Said;
use rand::RngExt;
use std::{
    fs::{File, OpenOptions},
    io::{ErrorKind, Read, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
};

/// Its file in the data folder.
const FILE: &str = "answer.key";

/// Reads the key, or makes it. Without the file every link that was sent is void, and nothing else is lost.
///
/// # Errors
/// The file cannot be read or written, is not a key, or others may read it.
pub fn open(data: &Path) -> Result<[u8; 32], Trouble> {
    let path = data.join(FILE);
    match File::open(&path) {
        Ok(file) => read(file, &path),
        Err(error) if error.kind() == ErrorKind::NotFound => make(data, &path),
        Err(error) => Err(unusable(&path, &error)),
    }
}

fn read(file: File, path: &Path) -> Result<[u8; 32], Trouble> {
    let mode = file.metadata().map_err(|error| unusable(path, &error))?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(unusable(path, &"others may read it: chmod 600"));
    }
    let mut bytes = Vec::new();
    file.take(64).read_to_end(&mut bytes).map_err(|error| unusable(path, &error))?;
    bytes.try_into().map_err(|_| unusable(path, &"it does not hold 32 bytes; remove it"))
}

/// Written beside and renamed: a crash leaves a whole key or none.
fn make(data: &Path, path: &Path) -> Result<[u8; 32], Trouble> {
    let key: [u8; 32] = rand::rng().random();
    let beside = data.join(format!("{FILE}.new"));
    let _ = std::fs::remove_file(&beside);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&beside)
        .map_err(|error| unusable(&beside, &error))?;
    file.write_all(&key)
        .and_then(|()| file.sync_all())
        .and_then(|()| std::fs::rename(&beside, path))
        .map_err(|error| unusable(path, &error))?;
    Ok(key)
}

fn unusable(path: &Path, why: &dyn std::fmt::Display) -> Trouble {
    let path = path.display();
    Trouble::unusable(Said::new(
        format!("{path}: 回答リンクの鍵を使えません: {why}"),
        format!("{path}: the key of answer links cannot be used: {why}"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_and_belongs_to_its_owner() {
        let folder = tempfile::tempdir().expect("a folder");
        let key = open(folder.path()).unwrap_or_else(|trouble| panic!("{}", trouble.said));
        assert_eq!(open(folder.path()).ok(), Some(key));
        let path = folder.path().join(FILE);
        let mode = |path: &Path| std::fs::metadata(path).expect("there").permissions().mode();
        assert_eq!(mode(&path) & 0o777, 0o600);
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).expect("changed");
        assert!(open(folder.path()).is_err(), "others may read it");
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).expect("changed");
        std::fs::write(&path, "short").expect("written");
        assert!(open(folder.path()).is_err(), "it is no key");
    }
}
