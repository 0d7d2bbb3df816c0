//! A folder of evidence: private, every file with its digest and what was cut from it, everything that is missing named.

use crate::{
    digest,
    mask::Mask,
    script::{private_file, private_folder},
};
use domain::said::Said;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    fs, io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

/// The list of what a bundle holds, for programs and pages.
pub const MANIFEST: &str = "manifest.json";
/// The digests of the files as `sha256sum -c` reads them.
pub const SUMS: &str = "MANIFEST";
/// What is missing, in lines for people; only where something is.
pub const MISSING: &str = "MISSING";

/// What `manifest.json` says.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Manifest {
    /// When, for which run and of which window of time it was made.
    pub about: Value,
    /// What was kept.
    pub files: Vec<File>,
    /// What could not be.
    pub missing: Vec<Missing>,
}

/// One file of a bundle.
#[derive(Debug, Serialize, Deserialize)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Where it comes from.
    pub source: String,
    /// Its length.
    pub bytes: usize,
    /// The SHA-256 of it, in hex.
    pub sha256: String,
    /// What was left out, in a sentence.
    pub cut: Option<String>,
}

/// Something that a bundle should hold.
#[derive(Debug, Serialize, Deserialize)]
pub struct Missing {
    /// Where it would come from.
    pub source: String,
    /// Why it is not there.
    pub why: Said,
}

/// One thing to keep: what was found, or why nothing was.
pub struct Item {
    /// Its file name in the bundle.
    pub name: String,
    /// Where it comes from.
    pub source: String,
    /// What there is of it, or why there is nothing.
    pub found: Result<Kept, Said>,
}

/// What is kept of a source.
#[derive(Debug, Default)]
pub struct Kept {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// What was left out, in a sentence.
    pub cut: Option<String>,
}

impl Item {
    /// Something that is not there.
    pub fn missing(source: impl Into<String>, why: impl Into<Said>) -> Self {
        Self { name: String::new(), source: source.into(), found: Err(why.into()) }
    }
}

impl From<String> for Kept {
    fn from(text: String) -> Self {
        Self { bytes: text.into_bytes(), cut: None }
    }
}

/// What a written bundle holds.
pub struct Bundle {
    /// Its folder.
    pub path: PathBuf,
    /// How many files, without the lists of them.
    pub files: usize,
    /// Their bytes.
    pub bytes: usize,
    /// What is missing, with its reason.
    pub missing: Vec<String>,
    /// The SHA-256 of `manifest.json`, which names that of every file: who holds it holds the bundle.
    pub manifest_digest: String,
}

/// Writes a bundle into a new folder `NAME` under `parent`; a number is added when there is one already. `about` is what
/// the manifest says beside.
///
/// # Errors
/// The folder or its manifest cannot be written. A single item that cannot be written is named as missing.
pub fn write(
    parent: &Path,
    name: &str,
    items: Vec<Item>,
    about: Value,
    mask: &Mask,
) -> io::Result<Bundle> {
    private_folder(parent)?;
    let path = fresh_folder(parent, name)?;
    let mut sums = String::new();
    let mut keep = |name: &str, text: &str| -> io::Result<String> {
        private_file(&path.join(name), text.as_bytes())?;
        let digest = digest::of_bytes(text.as_bytes());
        // A line as `sha256sum -c` reads it; the names are our own and need no escapes.
        sums.push_str(&format!("{digest}  {name}\n"));
        Ok(digest)
    };
    let (mut files, mut missing, mut bytes) = (Vec::new(), Vec::new(), 0);
    for Item { name, source, found } in items {
        let source = mask.clean(source.as_bytes());
        let written = found.and_then(|kept| {
            let text = mask.clean(&kept.bytes);
            let digest = keep(&name, &text).map_err(|error| error.to_string())?;
            bytes += text.len();
            let (source, cut) = (source.clone(), kept.cut);
            Ok(File { name, source, bytes: text.len(), sha256: digest, cut })
        });
        match written {
            Ok(file) => files.push(file),
            Err(why) => {
                missing.push(Missing { source, why: why.within(|why| mask.clean(why.as_bytes())) })
            }
        }
    }
    let list: Vec<_> =
        missing.iter().map(|Missing { source, why }| format!("{source}: {}", why.en)).collect();
    if !list.is_empty() {
        keep(MISSING, &(list.join("\n") + "\n"))?;
    }
    let count = files.len();
    let manifest = serde_json::to_value(Manifest { about, files, missing })?;
    // Pretty, since people read it; whole, since values in it were cleaned before.
    let manifest_digest = keep(MANIFEST, &format!("{manifest:#}\n"))?;
    private_file(&path.join(SUMS), sums.as_bytes())?;
    Ok(Bundle { path, files: count, bytes, missing: list, manifest_digest })
}

fn fresh_folder(parent: &Path, name: &str) -> io::Result<PathBuf> {
    for number in 1..1000 {
        let path =
            parent.join(if number == 1 { name.to_owned() } else { format!("{name}-{number}") });
        match fs::DirBuilder::new().mode(0o700).create(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other(format!("{name}: a thousand bundles of one second")))
}
