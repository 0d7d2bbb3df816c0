//! Compresses a rotated file: the original goes only when its compressed copy is complete and on the disk.

use crate::rotation::folder::{LogFile, LogFolder};
use flate2::{Compression, write::GzEncoder};
use std::{
    fs::File,
    io::{self, Read, Write},
    time::Duration,
};
use tokio::time::Instant;

/// Time that is left for finishing when the deadline comes near.
const RESERVE: Duration = Duration::from_millis(200);

/// Replaces a file by `NAME.gz` with the same mode and owner; gives back what that freed, in bytes.
/// When it fails, or the deadline comes first, the original is as it was.
pub fn compress(folder: &LogFolder, file: &LogFile, deadline: Instant) -> io::Result<u64> {
    let part = format!("{}.gz.part", file.name);
    let result = write(folder, file, &part, deadline);
    if result.is_err() {
        // It may not even have been made.
        let _ = folder.remove(&part);
    }
    let allocated = result?;
    folder.rename(&part, &format!("{}.gz", file.name))?;
    folder.remove(&file.name)?;
    Ok(file.allocated.saturating_sub(allocated))
}

fn write(folder: &LogFolder, file: &LogFile, part: &str, deadline: Instant) -> io::Result<u64> {
    use std::os::unix::fs::MetadataExt;
    let mut source = File::from(folder.open_file(file)?);
    // What an earlier attempt left behind.
    let _ = folder.remove(part);
    let mut target = GzEncoder::new(File::from(folder.create(part, file)?), Compression::fast());
    let mut piece = vec![0; 256 << 10];
    loop {
        let count = source.read(&mut piece)?;
        if count == 0 {
            break;
        }
        if Instant::now() + RESERVE >= deadline {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "the time limit came first"));
        }
        target.write_all(&piece[..count])?;
    }
    let target = target.finish()?;
    target.sync_all()?;
    Ok(target.metadata()?.blocks() * 512)
}
