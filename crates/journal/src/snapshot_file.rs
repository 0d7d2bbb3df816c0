//! The snapshot of the state beside the journal: a file that is replaced as a whole, and written piece by piece, so that
//! a large state stands in memory only once.

use crate::Position;
use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

/// Where the snapshot of a journal lies.
fn place(journal: &Path) -> PathBuf {
    journal.with_extension("state")
}

/// Writes a snapshot as of `at`. `mark` tells the journal that it belongs to: one restored from a backup has another.
pub(crate) fn save(
    journal: &Path,
    at: Position,
    mark: u64,
    write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let (place, fresh) = (place(journal), place(journal).with_extension("state.new"));
    let mut file = BufWriter::with_capacity(1 << 16, File::create(&fresh)?);
    writeln!(file, "{at} {mark:016x}")?;
    write(&mut file)?;
    file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    fs::rename(&fresh, &place)?;
    // The new name must outlast a power cut as well; on file systems that cannot say so, an older snapshot is no loss.
    if let Some(folder) = place.parent().and_then(|folder| File::open(folder).ok()) {
        let _ = folder.sync_all();
    }
    Ok(())
}

/// The snapshot, its position and its mark; none: there is none, or it cannot be read.
pub(crate) fn load(journal: &Path) -> io::Result<Option<(Position, u64, Vec<u8>)>> {
    let bytes = match fs::read(place(journal)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else { return Ok(None) };
    let head = str::from_utf8(&bytes[..end]).ok().and_then(|head| {
        let (at, mark) = head.split_once(' ')?;
        Some((at.parse().ok()?, u64::from_str_radix(mark, 16).ok()?))
    });
    Ok(head.map(|(at, mark)| (at, mark, bytes[end + 1..].to_vec())))
}
