//! Reads a backup through to its end on a thread of low priority: SQL, tar, and both inside gzip.

use crate::{
    backup_format::{Format, HEAD_BYTES},
    inventory::{Fault, Inventory},
    sql_dump,
};
use domain::said::Said;
use flate2::read::MultiGzDecoder;
use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};
use tar::Archive;
use tokio::sync::oneshot;

/// The lowest there is: whoever is served comes first.
const NICE: i32 = 19;
/// A tar archive ends with two empty blocks.
const TAR_END: u64 = 1024;
const PIECE: usize = 256 << 10;

/// The first bytes of a file.
pub(crate) fn head(path: &Path) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(path)?.take(HEAD_BYTES).read_to_end(&mut head)?;
    Ok(head)
}

/// Reads a file to its end and returns what it holds. Dropped half-way, the thread ends at its next read.
pub(crate) async fn read(path: PathBuf, inventory: Inventory) -> Result<Inventory, Fault> {
    let is_wanted = Arc::new(AtomicBool::new(true));
    let _ends = Ends(is_wanted.clone());
    let (send, receive) = oneshot::channel();
    let thread = thread::Builder::new().name("backup".into()).spawn(move || {
        // On Linux this is of the thread alone. Refused, it only costs others a little.
        let _ = rustix::process::setpriority_process(None, NICE);
        // Nobody waits any more when the look was cut.
        let _ = send.send(read_here(&path, is_wanted, inventory));
    });
    thread.map_err(|error| {
        Fault::Cannot(Said::new(
            format!("読み取り用のスレッドを作れません: {error}"),
            format!("no thread to read with: {error}"),
        ))
    })?;
    receive.await.map_err(|_| {
        Fault::Cannot(Said::new("読み取り処理が異常終了しました", "the reader broke"))
    })?
}

/// When this goes, the thread is told.
struct Ends(Arc<AtomicBool>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

fn read_here(
    path: &Path,
    is_wanted: Arc<AtomicBool>,
    mut inventory: Inventory,
) -> Result<Inventory, Fault> {
    let file = File::open(path).map_err(|error| Fault::Cannot(error.to_string().into()))?;
    let mut file = BufReader::with_capacity(PIECE, Wanted { file, is_wanted });
    match content(&mut file, false, &mut inventory) {
        Ok(judged) => judged.map(|()| inventory),
        Err(error) if is_of_the_machine(&error) => Err(Fault::Cannot(error.to_string().into())),
        Err(error) => Err(Fault::Bad(Said::new(
            format!("最後まで読めません: {error}"),
            format!("it cannot be read to its end: {error}"),
        ))),
    }
}

/// A disk or a mount that fails, or a look that was cut, says nothing about the backup; content that is wrong does.
fn is_of_the_machine(error: &io::Error) -> bool {
    let inner = error.get_ref().and_then(|inner| inner.source()?.downcast_ref::<io::Error>());
    let is_os = |error: &io::Error| error.raw_os_error().is_some();
    error.kind() == io::ErrorKind::TimedOut || is_os(error) || inner.is_some_and(is_os)
}

/// A file as long as somebody wants to know.
struct Wanted {
    file: File,
    is_wanted: Arc<AtomicBool>,
}

impl Read for Wanted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.is_wanted.load(Ordering::Relaxed) {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "the look was cut"));
        }
        self.file.read(buffer)
    }
}

/// What is inside gzip is looked at once more, but not gzip inside gzip.
fn content(
    bytes: &mut dyn BufRead,
    is_inside_gzip: bool,
    inventory: &mut Inventory,
) -> io::Result<Result<(), Fault>> {
    let mut head = Vec::new();
    Read::take(&mut *bytes, HEAD_BYTES).read_to_end(&mut head)?;
    let format = Format::of(&head);
    let is_empty = head.is_empty();
    let mut bytes = io::Cursor::new(head).chain(bytes);
    match format {
        Format::Sql => return sql_dump::read(bytes, inventory),
        Format::Tar => return tar(bytes, inventory),
        Format::PgTar if !is_inside_gzip => return tar(bytes, inventory),
        Format::Gzip if !is_inside_gzip => {
            let mut inside = BufReader::with_capacity(PIECE, MultiGzDecoder::new(bytes));
            return content(&mut inside, true, inventory);
        }
        _ => {}
    }
    // Its checksum is all that can be said about what is inside.
    io::copy(&mut bytes, &mut io::sink())?;
    Ok(match format {
        _ if is_empty => Err(Fault::Bad(Said::new("中身がありません", "nothing is in it"))),
        Format::Unknown => {
            inventory.count();
            Ok(())
        }
        other => Err(Fault::Cannot(Said::new(
            format!(
                "gzip の中身が {} です。最後まで読みますが一覧は取れません。gzip なしで保存してください",
                other.name()
            ),
            format!(
                "what is inside gzip is {}: it is read to its end but not listed; keep it without gzip",
                other.name()
            ),
        ))),
    })
}

fn tar(bytes: impl Read, inventory: &mut Inventory) -> io::Result<Result<(), Fault>> {
    let mut archive = Archive::new(Zeros { bytes, at_end: 0 });
    for entry in archive.entries()? {
        let entry = entry?;
        inventory.count();
        if entry.header().entry_type().is_file() {
            inventory.holds_file(&String::from_utf8_lossy(&entry.path_bytes()));
        }
    }
    let mut rest = archive.into_inner();
    io::copy(&mut rest, &mut io::sink())?;
    Ok(if rest.at_end >= TAR_END {
        Ok(())
    } else {
        Err(Fault::Bad(Said::new(
            "途中で切れています: アーカイブの終わりがありません",
            "it is truncated: the end of the archive is missing",
        )))
    })
}

/// Counts the zeros that the bytes read so far end with.
struct Zeros<R> {
    bytes: R,
    at_end: u64,
}

impl<R: Read> Read for Zeros<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.bytes.read(buffer)?;
        let read = &buffer[..count];
        let zeros = read.iter().rev().take_while(|byte| **byte == 0).count() as u64;
        self.at_end = if zeros == count as u64 { self.at_end + zeros } else { zeros };
        Ok(count)
    }
}
