//! The whole scan: every scanner and every check beside each other, each failing on its own.

use crate::{
    asking::{self, Target},
    finding::{Finding, Look, State},
    kinds::KINDS,
    leaks, permissions,
    scanner::Pointed,
    services,
    tree::Tree,
};
use domain::said::Said;
use futures::{StreamExt, stream};
use probes::{Deps, ProbeSpec};
use serde::Serialize;
use std::{
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::Duration,
};

/// So many scanners run at once: each uses what the machine has.
const AT_ONCE: usize = 2;
/// So many lock files are given to one scanner; that there are more is said.
const FILES: usize = 50;
/// More findings of one check are cut, and that is said.
const MOST: usize = 5_000;

/// What is to be looked at.
pub struct Asked {
    /// The folders and files that a person named.
    pub paths: Vec<PathBuf>,
    /// hikeshi's own folders: only who may write and read them counts.
    pub own_folders: Vec<PathBuf>,
    /// Where scanners are looked for.
    pub programs: Vec<PathBuf>,
    /// The probes of the configuration, or why there are none.
    pub services: Result<Vec<ProbeSpec>, Said>,
    /// What probes need.
    pub deps: Deps,
    /// How long one scanner may take.
    pub limit: Duration,
}

/// What came of it.
#[derive(Debug, Serialize)]
pub struct Scan {
    /// The weak places, the worst first.
    pub findings: Vec<Finding>,
    /// Who looked at what, and who could not.
    pub looks: Vec<Look>,
}

impl Scan {
    /// Whether anything could be looked at.
    pub fn has_looked(&self) -> bool {
        self.looks.iter().any(|look| matches!(look.state, State::Ran | State::Partly))
    }
}

type Found = (Vec<Look>, Vec<Finding>);

/// Looks at everything; changes nothing.
pub async fn scan(asked: Asked) -> Scan {
    let Asked { paths, own_folders, programs, services, deps, limit } = asked;
    let trees = paths.into_iter().map(|path| tree(path, &programs, limit));
    let trees = futures::future::join_all(trees);
    let own = futures::future::join_all(own_folders.into_iter().map(own_folder));
    let configured = async {
        match &services {
            Ok(specs) => services::look(specs, &deps).await,
            Err(why) => {
                let look = |name| Look::not_run(name, None, why.clone());
                (vec![look(services::ROUTES), look(services::TLS)], Vec::new())
            }
        }
    };
    let (trees, own, configured) = tokio::join!(trees, own, configured);
    let (mut looks, mut findings) = (Vec::new(), Vec::new());
    for (some, found) in trees.into_iter().chain(own).chain([configured]) {
        looks.extend(some);
        findings.extend(found);
    }
    // The worst first; what two trees have in common is one.
    findings.sort_by(|a, b| {
        b.severity.cmp(&a.severity).then_with(|| {
            (a.scanner, &a.file, a.line, &a.rule).cmp(&(b.scanner, &b.file, b.line, &b.rule))
        })
    });
    findings.dedup();
    Scan { findings, looks }
}

/// Everything about one path.
async fn tree(path: PathBuf, programs: &[PathBuf], limit: Duration) -> Found {
    let top = path.clone();
    let walked = aside(move || walked(&top)).await;
    let (targets, (mut looks, mut findings)) = match walked {
        Ok(Ok(walked)) => walked,
        Ok(Err(error)) => return unreadable(&path, &error.to_string()),
        Err(why) => return unreadable(&path, &why),
    };
    // A program in what is looked at is not one to be run.
    let whole = path.canonicalize().unwrap_or_else(|_| path.clone());
    let is_outside = |folder: &&PathBuf| {
        folder.is_absolute() && !folder.canonicalize().is_ok_and(|own| own.starts_with(&whole))
    };
    let programs: Vec<_> = programs.iter().filter(is_outside).cloned().collect();
    for scanner in KINDS {
        if !targets.iter().any(|(name, _)| *name == scanner.name) {
            looks.push(Look::nothing(scanner.name, Some(path.to_string_lossy().into_owned())));
        }
    }
    let asking = targets.iter().filter_map(|(name, target)| {
        let scanner = KINDS.iter().find(|scanner| scanner.name == *name)?;
        Some(asking::ask(scanner, target, &programs, limit))
    });
    let answers: Vec<_> = stream::iter(asking).buffered(AT_ONCE).collect().await;
    for (look, found) in answers {
        looks.push(look);
        findings.extend(found);
    }
    (looks, findings)
}

type Walked = (Vec<(&'static str, Target)>, Found);

/// Walks a tree, makes the own checks, and finds what is for the scanners. It reads from the disk.
fn walked(top: &Path) -> io::Result<Walked> {
    let tree = Tree::walk(top)?;
    let shown = Some(top.to_string_lossy().into_owned());
    let (mut rights, mut secrets, mut closed) = (Vec::new(), Vec::new(), 0);
    for entry in &tree.entries {
        let leaks = leaks::look(entry).unwrap_or_else(|_| {
            closed += 1;
            leaks::Leaks::default()
        });
        rights.extend(permissions::judge(entry, leaks.holds_key));
        secrets.extend(leaks.findings);
    }
    let closed = closed + tree.closed.len();
    let looks = vec![
        own_look(permissions::NAME, shown.clone(), &mut rights, tree.closed.len(), tree.is_cut),
        own_look(leaks::NAME, shown, &mut secrets, closed, tree.is_cut),
    ];
    rights.extend(secrets);
    Ok((targets(top, &tree), (looks, rights)))
}

fn own_look(
    name: &'static str,
    target: Option<String>,
    findings: &mut Vec<Finding>,
    closed: usize,
    is_cut: bool,
) -> Look {
    let is_cut = is_cut || findings.len() > MOST;
    findings.truncate(MOST);
    let mut look = Look::ran(name, target, findings.len());
    if closed > 0 || is_cut {
        look.state = State::Partly;
        look.reason = Some(if is_cut {
            Said::new(
                "多すぎるため、最初の部分だけを調べました",
                "there is too much: only the beginning was looked at",
            )
        } else {
            Said::new(
                format!("読めないファイルやフォルダーが {closed} 個あります"),
                format!("{closed} files or folders cannot be read"),
            )
        });
    }
    look
}

fn targets(top: &Path, tree: &Tree) -> Vec<(&'static str, Target)> {
    let is_folder = tree.entries.first().is_some_and(|entry| entry.is_folder);
    let mut targets = Vec::new();
    for scanner in KINDS {
        if scanner.pointed == Pointed::Folder {
            let target = Target { folder: top.to_owned(), file: None };
            targets.extend(is_folder.then_some((scanner.name, target)));
            continue;
        }
        let files = tree.entries.iter().filter(|entry| {
            entry.is_file && !entry.is_ignored && scanner.pointed.takes(&entry.name())
        });
        targets.extend(files.take(FILES).filter_map(|entry| {
            let folder = entry.path.parent()?;
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            let file = entry.path.file_name().map(ToOwned::to_owned);
            Some((scanner.name, Target { folder: folder.to_owned(), file }))
        }));
    }
    targets
}

/// One of hikeshi's own folders: the folder, what lies in it, and no deeper.
async fn own_folder(folder: PathBuf) -> Found {
    let shown = Some(folder.to_string_lossy().into_owned());
    let top = folder.clone();
    let judged = aside(move || {
        let mut all = vec![top.clone()];
        all.extend(fs::read_dir(&top)?.flatten().map(|entry| entry.path()));
        let is_link =
            |path: &PathBuf| fs::symlink_metadata(path).is_ok_and(|file| file.is_symlink());
        let entries = all.iter().filter(|path| **path == top || !is_link(path));
        let found = entries.filter_map(|path| {
            let file = fs::metadata(path).ok()?;
            let entry = crate::tree::Entry {
                path: path.clone(),
                is_folder: file.is_dir(),
                is_file: file.is_file(),
                mode: file.mode(),
                bytes: file.len(),
                is_ignored: false,
            };
            permissions::judge(&entry, false)
        });
        Ok::<Vec<_>, io::Error>(found.collect())
    });
    match judged.await {
        Ok(Ok(mut found)) => {
            (vec![own_look(permissions::NAME, shown, &mut found, 0, false)], found)
        }
        // A data folder that no server made yet.
        Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => {
            (vec![Look::nothing(permissions::NAME, shown)], Vec::new())
        }
        Ok(Err(error)) => unreadable(&folder, &error.to_string()),
        Err(why) => unreadable(&folder, &why),
    }
}

fn unreadable(path: &Path, why: &str) -> Found {
    let why = Said::new(format!("読めません: {why}"), format!("it cannot be read: {why}"));
    let target = Some(path.to_string_lossy().into_owned());
    (vec![Look::not_run(permissions::NAME, target, why)], Vec::new())
}

async fn aside<T: Send + 'static>(doing: impl FnOnce() -> T + Send + 'static) -> Result<T, String> {
    let done = tokio::task::spawn_blocking(doing).await;
    done.map_err(|error| format!("the check itself broke: {error}"))
}
