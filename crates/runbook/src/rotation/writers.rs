//! Who still writes to a file: found through the open files of every process that we may look at.

use crate::rotation::folder::FileId;
use std::{collections::BTreeSet, fs, os::unix::fs::MetadataExt, time::Duration};
use tokio::time::{Instant, sleep};

/// How long a writer may take to open its new file after a reload.
const REOPEN_TIMEOUT: Duration = Duration::from_secs(10);

/// Waits until nobody writes to these files any more; gives back those that are still written to.
pub async fn wait_until_free(files: &[FileId], deadline: Instant) -> Vec<FileId> {
    let deadline = deadline.min(Instant::now() + REOPEN_TIMEOUT);
    let mut pause = Duration::from_millis(2);
    loop {
        let busy: Vec<FileId> =
            files.iter().copied().filter(|id| !writers(*id).is_empty()).collect();
        if busy.is_empty() || Instant::now() >= deadline {
            return busy;
        }
        sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(100));
    }
}

/// The processes that have a file open for writing.
pub fn writers(id: FileId) -> BTreeSet<u32> {
    let Ok(processes) = fs::read_dir("/proc") else { return BTreeSet::new() };
    let pids =
        processes.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.filter(|pid| writes(*pid, id)).collect()
}

fn writes(pid: u32, id: FileId) -> bool {
    let Ok(handles) = fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
    handles.flatten().any(|handle| {
        let is_it = fs::metadata(handle.path())
            .is_ok_and(|file| file.dev() == id.device && file.ino() == id.inode && file.is_file());
        is_it && handle.file_name().to_str().is_some_and(|fd| is_for_writing(pid, fd))
    })
}

/// `flags:` of fdinfo is octal; its last two bits are 1 for writing and 2 for both.
fn is_for_writing(pid: u32, fd: &str) -> bool {
    let Ok(info) = fs::read_to_string(format!("/proc/{pid}/fdinfo/{fd}")) else { return false };
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:"));
    flags
        .and_then(|flags| u32::from_str_radix(flags.trim(), 8).ok())
        .is_some_and(|flags| flags & 3 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;

    #[test]
    fn a_reader_is_no_writer() {
        let place = tempfile::tempdir().expect("a folder");
        let path = place.path().join("a.log");
        let writer = File::create(&path).expect("created");
        let stat = writer.metadata().expect("stat");
        let id = FileId { device: stat.dev(), inode: stat.ino() };
        let reader = File::open(&path).expect("opened");
        assert_eq!(writers(id), [std::process::id()].into());
        drop(writer);
        assert!(writers(id).is_empty());
        drop(reader);
    }
}
