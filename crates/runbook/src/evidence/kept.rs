//! Evidence looked at again: the bundles in the folder, opened by name, through no link, and masked anew.
//!
//! What was written was masked with the secrets that were known then. One that became known since, such as one that a vault
//! handed out later, is taken out when somebody looks.

use crate::{
    digest,
    evidence::bundle::{MISSING, Manifest, Missing, SUMS},
    mask::Mask,
};
use domain::{outside_text::is_hostile, said::Said};
use jiff::Timestamp;
use rustix::{
    fd::OwnedFd,
    fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat, fstat, open, openat, statat},
    io::Errno,
};
use std::{
    collections::BTreeSet,
    fmt,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

pub use crate::evidence::bundle::MANIFEST;

/// A file above this is none of `evidence.collect`, and is not read.
const MOST_BYTES: u64 = 64 << 20;
/// A folder with more files than this is not listed further.
const MOST_FILES: usize = 500;

/// The bundles of evidence, for people to look at. Clones share.
#[derive(Clone)]
pub struct Bundles {
    folder: PathBuf,
    secrets: Arc<dyn Fn() -> Vec<String> + Send + Sync>,
}

/// Why there is nothing to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unseen {
    /// It is not there, or no longer.
    Gone,
    /// It is there, and cannot be read; why.
    Unreadable(String),
}

/// What a bundle holds.
#[derive(Debug)]
pub struct Contents {
    /// Its files: first those of the manifest, in its order.
    pub files: Vec<KeptFile>,
    /// What could not be kept: where it would come from, and why it is not there.
    pub missing: Vec<(String, Said)>,
    /// The SHA-256 of the manifest as it is now; none: it cannot be read.
    pub manifest_digest: Option<String>,
}

/// A file of a bundle, as the folder and the manifest tell of it.
#[derive(Debug)]
pub struct KeptFile {
    /// Its name.
    pub name: String,
    /// Its length and when it was written; none: it is gone, or no plain file.
    pub found: Option<(u64, Timestamp)>,
    /// Where it comes from; none: the manifest does not name it.
    pub source: Option<String>,
    /// What was left out when it was kept, in a sentence.
    pub cut: Option<String>,
    /// The SHA-256 that it had when it was kept.
    pub sha256: Option<String>,
}

/// The text of a file.
#[derive(Debug)]
pub struct Content {
    /// Without control characters, and without what is known to be a secret now.
    pub text: String,
    /// The length of the file.
    pub bytes: u64,
    /// The SHA-256 of the file as it is now.
    pub sha256: String,
    /// The SHA-256 that it had when it was kept; none: the manifest does not say.
    pub kept_sha256: Option<String>,
    /// The SHA-256 of that manifest as it is now; none: it cannot be read.
    pub manifest_digest: Option<String>,
    /// Something was taken out just now.
    pub is_masked: bool,
}

impl Bundles {
    /// Those in this folder, without these secrets.
    pub fn new(folder: PathBuf, secrets: Arc<dyn Fn() -> Vec<String> + Send + Sync>) -> Self {
        Self { folder, secrets }
    }

    /// What the bundle holds that a step left at `path`. Only the last part of the path counts: the data may have been
    /// moved since, and a bundle lies directly in the folder.
    ///
    /// # Errors
    /// It is gone, or cannot be read.
    pub fn contents(&self, path: &str) -> Result<Contents, Unseen> {
        let bundle = self.open(path)?;
        let (manifest, manifest_digest) = manifest(&bundle);
        let mask = self.mask();
        let clean = |text: &str| mask.clean(text.as_bytes());
        let listed = manifest.files.iter().map(|file| KeptFile {
            name: file.name.clone(),
            found: found(&bundle, &file.name),
            source: Some(clean(&file.source)),
            cut: file.cut.clone(),
            sha256: Some(file.sha256.clone()),
        });
        let mut files: Vec<_> = listed.filter(|file| is_plain(&file.name)).collect();
        let named: BTreeSet<_> = files.iter().map(|file| file.name.clone()).collect();
        let others = names(&bundle)?.into_iter().filter(|name| !named.contains(name));
        files.extend(others.map(|name| KeptFile {
            found: found(&bundle, &name),
            name,
            source: None,
            cut: None,
            sha256: None,
        }));
        let missing =
            |Missing { source, why }: &Missing| (clean(source), why.within(|why| clean(why)));
        let missing = manifest.missing.iter().map(missing).collect();
        Ok(Contents { files, missing, manifest_digest })
    }

    /// A file of the bundle that a step left at `path`. Everything in a bundle is text.
    ///
    /// # Errors
    /// It is gone, no plain file of the bundle, or cannot be read.
    pub fn content(&self, path: &str, file: &str) -> Result<Content, Unseen> {
        let bundle = self.open(path)?;
        let bytes = read(&bundle, file)?;
        let (manifest, manifest_digest) = manifest(&bundle);
        let kept = manifest.files.into_iter().find(|kept| kept.name == file);
        let text = self.mask().clean(&bytes);
        Ok(Content {
            is_masked: text.as_bytes() != bytes,
            text,
            bytes: bytes.len() as u64,
            sha256: digest::of_bytes(&bytes),
            kept_sha256: kept.map(|kept| kept.sha256),
            manifest_digest,
        })
    }

    fn mask(&self) -> Mask {
        Mask::new((self.secrets)())
    }

    /// The folder may be a link, as whoever runs hikeshi wants it; what is in it may not.
    fn open(&self, path: &str) -> Result<OwnedFd, Unseen> {
        let name = Path::new(path).file_name().and_then(|name| name.to_str());
        let name = name.filter(|name| is_plain(name)).ok_or(Unseen::Gone)?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = open(&self.folder, flags, Mode::empty()).map_err(unseen)?;
        openat(&folder, name, flags | OFlags::NOFOLLOW, Mode::empty()).map_err(unseen)
    }
}

impl fmt::Debug for Bundles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bundles").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl KeptFile {
    /// Whether it is a list of the others, which is written beside them.
    pub fn is_list(&self) -> bool {
        [MANIFEST, SUMS, MISSING].contains(&self.name.as_str())
    }
}

/// A name that leads to nothing but what lies beside, is not hidden, and shows as what it is.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && !name.contains(|c| c == '/' || is_hostile(c))
}

/// A link or a folder in the place of a file is not what was kept, and so it is gone.
fn unseen(errno: Errno) -> Unseen {
    match errno {
        Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::NAMETOOLONG => Unseen::Gone,
        other => Unseen::Unreadable(io::Error::from(other).to_string()),
    }
}

fn unreadable(error: &io::Error) -> Unseen {
    Unseen::Unreadable(error.to_string())
}

fn names(bundle: &OwnedFd) -> Result<Vec<String>, Unseen> {
    let entries = Dir::read_from(bundle).map_err(unseen)?;
    let names =
        entries.flatten().filter_map(|entry| entry.file_name().to_str().ok().map(str::to_owned));
    let mut names: Vec<_> = names.filter(|name| is_plain(name)).take(MOST_FILES).collect();
    names.sort();
    Ok(names)
}

fn found(bundle: &OwnedFd, name: &str) -> Option<(u64, Timestamp)> {
    let about = statat(bundle, name, AtFlags::SYMLINK_NOFOLLOW).ok().filter(is_file)?;
    let at = Timestamp::from_second(about.st_mtime).ok()?;
    Some((u64::try_from(about.st_size).ok()?, at))
}

fn is_file(about: &Stat) -> bool {
    FileType::from_raw_mode(about.st_mode) == FileType::RegularFile
}

fn read(bundle: &OwnedFd, name: &str) -> Result<Vec<u8>, Unseen> {
    if !is_plain(name) {
        return Err(Unseen::Gone);
    }
    // Nobody waits at a pipe that somebody put there.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = openat(bundle, name, flags, Mode::empty()).map_err(unseen)?;
    if !is_file(&fstat(&file).map_err(unseen)?) {
        return Err(Unseen::Gone);
    }
    let mut bytes = Vec::new();
    let read = File::from(file).take(MOST_BYTES + 1).read_to_end(&mut bytes);
    let length = read.map_err(|error| unreadable(&error))?;
    match u64::try_from(length) {
        Ok(length) if length <= MOST_BYTES => Ok(bytes),
        _ => Err(Unseen::Unreadable(format!("more than {MOST_BYTES} bytes"))),
    }
}

/// The manifest and its digest. One that cannot be read says nothing; the digest tells of it.
fn manifest(bundle: &OwnedFd) -> (Manifest, Option<String>) {
    let Ok(bytes) = read(bundle, MANIFEST) else { return (Manifest::default(), None) };
    (serde_json::from_slice(&bytes).unwrap_or_default(), Some(digest::of_bytes(&bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_leads_elsewhere_is_no_name() {
        for name in ["", ".", "..", ".hidden", "a/b", "../x", "/etc/passwd", "a\0b", "a\u{202e}b"] {
            assert!(!is_plain(name), "{name:?}");
        }
        for name in ["journal.log", "log-01-a..b", "INC-1-20260926T101500Z", "database-株価.txt"]
        {
            assert!(is_plain(name), "{name:?}");
        }
    }
}
