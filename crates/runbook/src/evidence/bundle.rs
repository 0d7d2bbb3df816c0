//! A folder of evidence: private, every file with its digest, everything that is missing named.

use crate::{
    digest,
    mask::Mask,
    script::{private_file, private_folder},
};
use std::{
    fs, io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

/// One thing to keep: what was found, or why nothing was.
pub struct Item {
    /// Its file name in the bundle.
    pub name: String,
    /// Where it comes from, for the list of what is missing.
    pub source: String,
    /// Its bytes, or why there are none.
    pub found: Result<Vec<u8>, String>,
}

/// What a written bundle holds.
pub struct Bundle {
    /// Its folder.
    pub path: PathBuf,
    /// How many files, without the manifest.
    pub files: usize,
    /// Their bytes.
    pub bytes: usize,
    /// What is missing, with its reason.
    pub missing: Vec<String>,
}

/// Writes a bundle into a new folder `NAME` under `parent`; a number is added when there is one already.
///
/// # Errors
/// The folder or its manifest cannot be written. A single item that cannot be written is named as missing.
pub fn write(parent: &Path, name: &str, items: Vec<Item>, mask: &Mask) -> io::Result<Bundle> {
    private_folder(parent)?;
    let mut bundle =
        Bundle { path: fresh_folder(parent, name)?, files: 0, bytes: 0, missing: Vec::new() };
    let mut manifest = String::new();
    for item in items {
        let written = item.found.and_then(|bytes| {
            let text = mask.clean(&bytes);
            let path = bundle.path.join(&item.name);
            private_file(&path, text.as_bytes()).map_err(|error| error.to_string())?;
            Ok(text)
        });
        match written {
            Ok(text) => bundle.add(&item.name, &text, &mut manifest),
            Err(why) => {
                bundle.missing.push(mask.clean(format!("{}: {why}", item.source).as_bytes()))
            }
        }
    }
    if !bundle.missing.is_empty() {
        let text = bundle.missing.join("\n") + "\n";
        private_file(&bundle.path.join("MISSING"), text.as_bytes())?;
        bundle.add("MISSING", &text, &mut manifest);
    }
    private_file(&bundle.path.join("MANIFEST"), manifest.as_bytes())?;
    Ok(bundle)
}

impl Bundle {
    /// A line as `sha256sum -c` reads it; the names are our own and need no escapes.
    fn add(&mut self, name: &str, text: &str, manifest: &mut String) {
        manifest.push_str(&format!("{}  {name}\n", digest::of_bytes(text.as_bytes())));
        self.files += 1;
        self.bytes += text.len();
    }
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
