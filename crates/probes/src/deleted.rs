//! Files that were deleted while a process still writes to them: gone from every listing, not from the disk.

use std::{collections::BTreeMap, fs, os::unix::fs::MetadataExt};

/// The bytes of deleted files that are still open and whose former path fits. Only what this user may see:
/// other users' processes are left out without a word by the system.
pub(crate) fn open_bytes(fits: impl Fn(&str) -> bool) -> u64 {
    let mut found: BTreeMap<(u64, u64), u64> = BTreeMap::new();
    let Ok(processes) = fs::read_dir("/proc") else { return 0 };
    for process in processes.flatten() {
        if !process.file_name().to_string_lossy().bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        let Ok(open) = fs::read_dir(process.path().join("fd")) else { continue };
        for link in open.flatten().map(|entry| entry.path()) {
            let Ok(target) = fs::read_link(&link) else { continue };
            let target = target.to_string_lossy();
            if target.strip_suffix(" (deleted)").is_some_and(&fits)
                && let Ok(meta) = fs::metadata(&link)
            {
                // What is allocated counts, not the length: a file with holes holds less.
                found.insert((meta.dev(), meta.ino()), meta.blocks() * 512);
            }
        }
    }
    found.values().sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_deleted_file_that_is_still_open_is_counted() {
        // B6: deleted but open.
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("big.log");
        let mut file = fs::File::create(&path).expect("created");
        file.write_all(&[b'x'; 100_000]).expect("written");
        file.sync_all().expect("on disk");
        let prefix = path.to_string_lossy().into_owned();
        assert_eq!(open_bytes(|path| path.starts_with(&prefix)), 0);
        fs::remove_file(&path).expect("deleted");
        assert!(open_bytes(|path| path.starts_with(&prefix)) >= 100_000);
        drop(file);
        assert_eq!(open_bytes(|path| path.starts_with(&prefix)), 0);
    }
}
