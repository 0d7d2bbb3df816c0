//! The requests in an access log, for those who look closer than a rule needs.

use crate::access_file::AccessFile;
use domain::said::Said;
use jiff::Timestamp;
use std::path::{Path, PathBuf};

/// So much of the end of a log is read.
const BACK: u64 = 64 << 20;
/// One reading goes on for so many pieces of 8 MiB at most, even where a log grows faster than it is read.
const PIECES: usize = 9;

/// An access log, and how it is to be understood.
#[derive(Clone, Debug)]
pub struct AccessLog(AccessFile);

/// One request.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Who made it; through a proxy only where that is declared as trusted.
    pub client: String,
    /// When it ended.
    pub at: Timestamp,
    /// `GET` and so on.
    pub method: String,
    /// What was asked for, without its query.
    pub path: String,
    /// The status field.
    pub status: u16,
    /// Until the last byte went to the client; nothing when the log does not say.
    pub latency_ms: Option<f64>,
    /// Whether it was to change something and did not (A65), by the status field alone.
    pub is_failed_write: bool,
}

impl AccessLog {
    /// The log of a probe.
    pub(crate) fn new(file: AccessFile) -> Self {
        Self(file)
    }

    /// A log in a usual format, whose clients are who they seem.
    pub fn at(path: PathBuf) -> Self {
        Self(AccessFile::at(path))
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Hands the requests at the end of the log to `each`, 64 MiB at most.
    ///
    /// # Errors
    /// A sentence: it cannot be read, or has no line of a known format.
    pub fn read(&self, mut each: impl FnMut(Request)) -> Result<(), Said> {
        let mut tail = self.0.open_back(BACK);
        for _ in 0..PIECES {
            let mut count = 0;
            tail.read(|line, client| {
                count += 1;
                each(Request {
                    client: client.to_string(),
                    at: line.at,
                    method: line.method.clone().into_owned(),
                    path: line.path.clone().into_owned(),
                    status: line.status,
                    latency_ms: line.latency_ms,
                    is_failed_write: line.is_failed_write(),
                });
            })?;
            if count == 0 {
                break;
            }
        }
        Ok(())
    }
}
