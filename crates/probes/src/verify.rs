//! Whether one backup could be restored, as far as reading all of it can tell.

use crate::{
    archive,
    backup_format::Format,
    inventory::{Fault, Inventory},
    matching::Found,
    outside::shown,
    pg_archive,
};
use domain::said::Said;
use glob::Pattern;
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use tokio::task::spawn_blocking;

/// A backup of more files than this is not looked into.
const MOST_FILES: usize = 1000;

/// How to look.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    /// What the format must be; else the name promises it.
    pub format: Option<&'static str>,
    /// What must be inside.
    pub expected: Vec<Pattern>,
    /// The program.
    pub pg_restore: String,
}

/// What a good backup holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub format: &'static str,
    pub entries: u64,
}

impl Rules {
    /// Reads the whole of it.
    pub async fn verify(&self, backup: &Found) -> Result<Listed, Fault> {
        let inventory = Inventory::new(&self.expected);
        let (format, inventory) = if !backup.is_folder {
            self.file(&backup.path, inventory).await?
        } else if fs::exists(backup.path.join("toc.dat")).unwrap_or(false) {
            Format::Folder.check("", self.format)?;
            let inventory = pg_archive::read(&self.pg_restore, &backup.path, inventory).await?;
            (Format::Folder, inventory)
        } else {
            (Format::Folder, self.files(&backup.path, inventory).await?)
        };
        Ok(Listed { format: format.name(), entries: inventory.judged()? })
    }

    async fn file(&self, path: &Path, inventory: Inventory) -> Result<(Format, Inventory), Fault> {
        let head = head(path).await?;
        if head.is_empty() {
            return Err(Fault::Bad(Said::new("ファイルが空です", "the file is empty")));
        }
        let format = Format::of(&head);
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        format.check(&name, self.format)?;
        Ok((
            format,
            match format {
                Format::Custom => pg_archive::read(&self.pg_restore, path, inventory).await?,
                Format::PgTar => {
                    // `pg_restore` reads a tar that was cut for ever: first see that it has its end.
                    archive::read(path.to_owned(), Inventory::new(&[])).await?;
                    pg_archive::read(&self.pg_restore, path, inventory).await?
                }
                Format::Sealed(name) => {
                    return Err(Fault::Cannot(Said::new(
                        format!("{name} はここでは一覧を取れません"),
                        format!("it is {name}, which cannot be listed here"),
                    )));
                }
                Format::Unknown => {
                    let begin = String::from_utf8_lossy(&head[..head.len().min(40)]).into_owned();
                    let begin = shown(&begin);
                    return Err(Fault::Bad(Said::new(
                        format!("既知の形式のバックアップではありません: {begin}"),
                        format!("it is no backup of a known format: {begin}"),
                    )));
                }
                _ => archive::read(path.to_owned(), inventory).await?,
            },
        ))
    }

    /// A folder of plain files: each must be good, and those of no known format only be there.
    async fn files(&self, folder: &Path, mut inventory: Inventory) -> Result<Inventory, Fault> {
        let listing = folder.to_owned();
        let files = aside(move || files(&listing)).await?;
        for path in files {
            let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
            let of_file = |why: &Said| why.within(|why| format!("{}: {why}", shown(&name)));
            let about = |fault| match fault {
                Fault::Bad(why) => Fault::Bad(of_file(&why)),
                Fault::Cannot(why) => Fault::Cannot(of_file(&why)),
            };
            inventory.holds_file(&name);
            if Format::of(&head(&path).await?) == Format::Unknown {
                inventory.count();
            } else {
                (_, inventory) = self.file(&path, inventory).await.map_err(about)?;
            }
        }
        Ok(inventory)
    }
}

fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if fs::metadata(entry.path())?.is_file() {
            files.push(entry.path());
        }
        if files.len() > MOST_FILES {
            return Err(io::Error::other(format!("more than {MOST_FILES} files in it")));
        }
    }
    files.sort();
    Ok(files)
}

async fn head(path: &Path) -> Result<Vec<u8>, Fault> {
    let path = path.to_owned();
    aside(move || archive::head(&path)).await
}

/// On a thread where it may wait for a disk.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Fault> {
    let ended = spawn_blocking(work).await;
    ended
        .map_err(|error| {
            Fault::Cannot(Said::new(
                format!("読み取り処理が異常終了しました: {error}"),
                format!("the reader broke: {error}"),
            ))
        })?
        .map_err(|error| Fault::Cannot(error.to_string().into()))
}
