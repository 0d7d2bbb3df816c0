//! The folder that an import writes: what was made the last time, what lies there now, and what becomes of each file.

use crate::show::Trouble;
use domain::said::Said;
use manual::import::{
    FINDINGS,
    fate::{Before, Fate, fate},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Component, Path, PathBuf},
};

/// What was made the last time. It lies in the folder, so that whoever imports next knows what people edited.
const STATE: &str = ".hikeshi-import.json";
/// Larger files are none that an import made.
const BYTES_LIMIT: u64 = 16 << 20;

/// The folder.
pub struct Folder {
    path: PathBuf,
    state: State,
}

#[derive(Default, PartialEq, Serialize, Deserialize)]
struct State {
    /// Documents by their paths from here, with the digest of their bytes.
    documents: BTreeMap<String, String>,
    /// What was made of them.
    files: BTreeMap<String, Made>,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Made {
    digest: String,
    meaning: String,
}

/// A file, what becomes of it, what it would be made and what lies there.
pub struct Change {
    /// Its path in the folder.
    pub file: String,
    /// What becomes of it.
    pub fate: Fate,
    /// What it would be made.
    pub new: Option<String>,
    /// What lies there.
    pub there: Option<String>,
}

impl Folder {
    /// Opens a folder, which need not be there.
    pub fn open(path: &Path) -> Result<Self, Trouble> {
        let file = path.join(STATE);
        let mut state: State = match fs::read_to_string(&file) {
            Ok(text) => serde_json::from_str(&text).map_err(|error| {
                cannot(&file, &error).hint(Said::new(
                    "消すと、前回の取り込みを忘れます (手を入れたファイルは残ります)",
                    "without it the last import is forgotten (what people edited stays)",
                ))
            })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => State::default(),
            Err(error) => return Err(cannot(&file, &error)),
        };
        // What lies outside this folder was not made here, whatever the file says.
        let is_inside = |name: &str| {
            Path::new(name).components().all(|part| matches!(part, Component::Normal(_)))
        };
        state.files.retain(|name, _| is_inside(name));
        Ok(Self { path: path.to_owned(), state })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The documents of the last import that are still there.
    pub fn documents(&self) -> Vec<PathBuf> {
        let paths = self.state.documents.keys().map(|path| self.path.join(path));
        paths.filter(|path| path.is_file()).collect()
    }

    /// What becomes of each file when these are made.
    pub fn changes(&self, new: &BTreeMap<String, String>) -> Result<Vec<Change>, Trouble> {
        let names: BTreeSet<&String> = new.keys().chain(self.state.files.keys()).collect();
        let mut changes = Vec::new();
        for name in names {
            let there = self.read(name)?;
            let before = self.state.files.get(name);
            let before = before
                .map(|made| Before { digest: made.digest.clone(), meaning: made.meaning.clone() });
            let new = new.get(name).cloned();
            let mut fate = fate(new.as_deref(), there.as_deref(), before.as_ref());
            let is_edited = before.map(|before| before.digest) != there.as_deref().map(digest);
            // Old findings would be taken for new ones; a draft is for a person to remove.
            if fate == Fate::Dropped && name.ends_with(FINDINGS) && !is_edited {
                fate = Fate::Gone;
            }
            changes.push(Change { file: name.clone(), fate, new, there });
        }
        Ok(changes)
    }

    /// Writes what is new or changed, and remembers what was made. What is the same is not touched.
    /// What people edited although the documents changed stays open, unless it is `settled`.
    pub fn write(
        &mut self,
        changes: &[Change],
        documents: &[(PathBuf, String)],
        is_settled: bool,
    ) -> Result<(), Trouble> {
        for change in changes.iter().filter(|change| change.fate.is_written()) {
            self.put(&change.file, change.new.as_deref().unwrap_or_default())?;
        }
        for change in changes.iter().filter(|change| change.fate == Fate::Gone) {
            let path = self.path.join(&change.file);
            fs::remove_file(&path).map_err(|error| cannot(&path, &error))?;
        }
        let mut state = State::default();
        for (path, text) in documents {
            state.documents.insert(self.seen_from_here(path)?, digest(text));
        }
        for Change { file, fate, new, .. } in changes {
            let made = match (fate, new) {
                // Still open between the document and what a person wrote: what was made before counts.
                (Fate::Differs, _) if !is_settled => self.state.files.get(file).cloned(),
                // Who removed what is gone from the documents, too, has settled it.
                (Fate::Removed, None) => None,
                (Fate::Dropped, _) => self.state.files.get(file).cloned(),
                (_, Some(new)) => {
                    let Before { digest, meaning } = Before::of(new);
                    Some(Made { digest, meaning })
                }
                (_, None) => None,
            };
            // An edited file keeps the digest that shows that it is edited.
            let made = match (fate, self.state.files.get(file)) {
                (Fate::Edited, Some(before)) => Some(before.clone()),
                _ => made,
            };
            state.files.extend(made.map(|made| (file.clone(), made)));
        }
        if state != self.state || !self.path.join(STATE).exists() {
            let text = serde_json::to_string_pretty(&state).unwrap_or_default();
            self.put(STATE, &format!("{text}\n"))?;
            self.state = state;
        }
        Ok(())
    }

    fn read(&self, name: &str) -> Result<Option<String>, Trouble> {
        let path = self.path.join(name);
        match fs::metadata(&path) {
            Ok(found) if found.len() > BYTES_LIMIT => return Err(cannot(&path, &"> 16 MiB")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            _ => {}
        }
        let bytes = fs::read(&path).map_err(|error| cannot(&path, &error))?;
        Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// Writes a file whole or not at all.
    fn put(&self, name: &str, text: &str) -> Result<(), Trouble> {
        let path = self.path.join(name);
        let parent = path.parent().unwrap_or(&self.path);
        fs::create_dir_all(parent).map_err(|error| cannot(parent, &error))?;
        let beside = parent.join(format!(".hikeshi-import-{}.tmp", std::process::id()));
        fs::write(&beside, text)
            .and_then(|()| fs::rename(&beside, &path))
            .map_err(|error| cannot(&path, &error))
    }

    /// The path of a document as seen from this folder, so that both can move together.
    fn seen_from_here(&self, path: &Path) -> Result<String, Trouble> {
        fs::create_dir_all(&self.path).map_err(|error| cannot(&self.path, &error))?;
        let here = self.path.canonicalize().map_err(|error| cannot(&self.path, &error))?;
        let path = path.canonicalize().map_err(|error| cannot(path, &error))?;
        let (here, there): (Vec<Component<'_>>, Vec<Component<'_>>) =
            (here.components().collect(), path.components().collect());
        let shared = here.iter().zip(&there).take_while(|(a, b)| a == b).count();
        let up = here[shared..].iter().map(|_| Component::ParentDir);
        let relative: PathBuf = up.chain(there[shared..].iter().copied()).collect();
        relative.to_str().map(str::to_owned).ok_or_else(|| not_utf8(&path))
    }
}

/// The name of each document in what is written: the shortest end of its path that no other has.
pub fn names(paths: &[PathBuf]) -> Result<Vec<String>, Trouble> {
    let parts: Vec<Vec<&str>> = paths
        .iter()
        .map(|path| {
            path.to_str()
                .map(|text| text.split('/').filter(|part| !part.is_empty()).collect())
                .ok_or_else(|| not_utf8(path))
        })
        .collect::<Result<_, _>>()?;
    let mut length = 1;
    loop {
        let names: Vec<String> = parts
            .iter()
            .map(|parts| parts[parts.len().saturating_sub(length)..].join("/"))
            .collect();
        let is_unique = names.iter().collect::<BTreeSet<_>>().len() == names.len();
        if is_unique || parts.iter().all(|parts| parts.len() <= length) {
            return Ok(names);
        }
        length += 1;
    }
}

fn digest(text: &str) -> String {
    runbook::digest::of_bytes(text.as_bytes())
}

fn not_utf8(path: &Path) -> Trouble {
    let path = path.display();
    Trouble::unusable(Said::new(
        format!("{path}: パスが UTF-8 ではありません"),
        format!("{path}: the path is no UTF-8"),
    ))
    .hint(Said::new("名前を変えてください", "give it another name"))
}

fn cannot(path: &Path, error: &dyn std::fmt::Display) -> Trouble {
    let path = path.display();
    Trouble::unusable(Said::new(
        format!("{path}: 読み書きできません: {error}"),
        format!("{path}: cannot be read or written: {error}"),
    ))
}
