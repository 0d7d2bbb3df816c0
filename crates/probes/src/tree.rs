//! How much disk a folder's files take, with what was deleted there but is still open.

use crate::deleted;
use std::{
    collections::BTreeSet,
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// More files than this are not counted but refused: the look must end.
const FILES: usize = 1_000_000;

/// The bytes that the tree takes. Links are not followed, a file with two names counts once, and other file
/// systems mounted inside do not count.
pub(crate) fn used_bytes(folder: &Path) -> io::Result<u64> {
    let device = fs::metadata(folder)?.dev();
    let mut waiting: Vec<PathBuf> = vec![folder.to_owned()];
    let mut seen: BTreeSet<u64> = BTreeSet::new();
    let (mut bytes, mut files) = (0, 0);
    while let Some(next) = waiting.pop() {
        let entries = match fs::read_dir(&next) {
            Ok(entries) => entries,
            // It went away while we were counting.
            Err(error) if error.kind() == io::ErrorKind::NotFound && next != folder => continue,
            Err(error) => {
                return Err(io::Error::new(error.kind(), format!("{}: {error}", next.display())));
            }
        };
        for entry in entries {
            let entry = entry?;
            let Ok(meta) = entry.metadata() else { continue };
            files += 1;
            if files > FILES {
                return Err(io::Error::other(format!(
                    "more than {FILES} files in {}",
                    folder.display()
                )));
            }
            if meta.dev() != device
                || (meta.nlink() > 1 && !meta.is_dir() && !seen.insert(meta.ino()))
            {
                continue;
            }
            bytes += meta.blocks() * 512;
            if meta.is_dir() {
                waiting.push(entry.path());
            }
        }
    }
    let prefix = format!("{}/", folder.canonicalize()?.display());
    Ok(bytes + deleted::open_bytes(|path| path.starts_with(&prefix)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_file_with_two_names_counts_once_and_a_deleted_open_one_still_counts() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("app.log");
        let mut file = fs::File::create(&path).expect("created");
        file.write_all(&vec![b'x'; 1 << 20]).expect("written");
        file.sync_all().expect("on disk");
        fs::hard_link(&path, folder.path().join("again.log")).expect("linked");
        let both = used_bytes(folder.path()).expect("counted");
        assert!((1 << 20..2 << 20).contains(&both), "{both}");
        fs::remove_file(&path).expect("deleted");
        fs::remove_file(folder.path().join("again.log")).expect("deleted");
        let held = used_bytes(folder.path()).expect("counted");
        assert!(held >= 1 << 20, "the writer still holds it: {held}");
        drop(file);
        assert!(used_bytes(folder.path()).expect("counted") < 1 << 20);
    }
}
