//! An access log that is read as it grows: which file, in which format, and who its clients are.

use crate::{
    access_json,
    access_line::Line,
    access_names::Names,
    access_text,
    client_address::{Client, Networks},
    follow::{Follower, Start},
};
use domain::said::Said;
use source::{Fields, Problems};
use std::path::{Path, PathBuf};

/// How far back a start reads: enough for the window of a busy site, bounded for a huge file.
const BACK: u64 = 8 << 20;

/// Which log, and how it is to be understood.
#[derive(Clone, Debug)]
pub(crate) struct AccessFile {
    path: PathBuf,
    names: Names,
    trusted: Networks,
}

/// The log as far as it was read.
pub(crate) struct Tail {
    file: AccessFile,
    back: u64,
    follower: Option<Follower>,
    text: access_text::Reader,
    /// Lines of an expected format, and others.
    read_lines: u64,
    strange_lines: u64,
}

impl AccessFile {
    /// Takes `path`, `fields` and `trusted_proxies`.
    pub fn take(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Self> {
        let path = fields.required("path", problems).and_then(|node| node.text(problems));
        let names = Names::take(fields, problems);
        let trusted = Networks::take("trusted_proxies", fields, problems);
        Some(Self { path: path?.into(), names, trusted })
    }

    /// A log in a usual format, without trusted proxies.
    pub fn at(path: PathBuf) -> Self {
        Self { path, names: Names::default(), trusted: Networks::default() }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The log, not read yet.
    pub fn open(&self) -> Tail {
        self.open_back(BACK)
    }

    /// The same, from so many bytes before its end on.
    pub fn open_back(&self, back: u64) -> Tail {
        Tail {
            file: self.clone(),
            back,
            follower: None,
            text: access_text::Reader::default(),
            read_lines: 0,
            strange_lines: 0,
        }
    }
}

impl Tail {
    /// Hands every new request, and who made it, to `each`.
    ///
    /// # Errors
    /// A sentence: the log cannot be read, or has no line of a known format.
    pub fn read(&mut self, mut each: impl FnMut(&Line<'_>, Client<'_>)) -> Result<(), Said> {
        let Self { file, back, follower, text, read_lines, strange_lines } = self;
        let name = file.path.display();
        let cannot = |error| {
            Said::new(
                format!("{name} を読めません: {error}"),
                format!("cannot read {name}: {error}"),
            )
        };
        let follower = match follower {
            Some(follower) => follower,
            none => {
                none.insert(Follower::begin(&file.path, None, Start::Back(*back)).map_err(cannot)?)
            }
        };
        let lines = follower.read(|line| {
            // No address begins with a brace.
            let read = if line.starts_with('{') {
                access_json::read(line, &file.names)
            } else {
                text.read(line, &file.names)
            };
            match read {
                Some(read) => {
                    *read_lines += 1;
                    let forwarded = read.forwarded_for.as_deref();
                    each(&read, Client::of(&read.socket, forwarded, &file.trusted));
                }
                None => *strange_lines += u64::from(!line.trim().is_empty()),
            }
        });
        lines.map_err(cannot)?;
        if *read_lines == 0 && *strange_lines > 0 {
            return Err(Said::new(
                format!("{name} に想定した形式の行がありません ({strange_lines} 行中)"),
                format!("no line of {name} has the expected format (of {strange_lines})"),
            ));
        }
        Ok(())
    }
}
