//! `hikeshi runbook import` and `hikeshi runbook diff`: a team's documents to drafts, again and again. Needs no server.

use crate::{
    common::Common,
    import_folder::{Change, Folder, names},
    import_views::{show_difference, show_summary, to_json, unified},
    lint_command::read_all,
    show::{Trouble, say},
};
use clap::Args;
use domain::said::Said;
use manual::{
    Document, Imported, import,
    import::{RUNBOOKS, fate::Fate},
};
use serde_json::json;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Everything that is made waits for a person: nothing runs before it is promoted. What you edit stays when you import
/// again; what you remove stays away.
#[derive(Args)]
pub struct ImportArguments {
    /// Documents, or folders of documents (*.md)
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The folder to write: hikeshi.yaml, runbooks/, and what hikeshi has no place for yet
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// Count what was edited as settled: until the documents change again, it is no difference to them
    #[arg(long)]
    settle: bool,
}

/// Exit codes: 0 no difference, 1 some, 2 wrong usage or unreadable.
#[derive(Args)]
pub struct DiffArguments {
    /// Documents; those of the last import unless written
    files: Vec<PathBuf>,
    /// The folder that was written
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
}

/// `hikeshi runbook import`
pub fn run(common: &Common, asked: &ImportArguments) -> Result<ExitCode, Trouble> {
    let mut folder = Folder::open(&asked.output)?;
    let (documents, imported) = make(&folder, &asked.files)?;
    let changes = folder.changes(&imported.files)?;
    folder.write(&changes, &documents, asked.settle)?;
    let problems = config::load(&asked.output).err();
    if common.json {
        say!("{}", to_json(&asked.output, documents.len(), &imported, &changes, problems.as_ref()));
    } else {
        show_summary(&asked.output, documents.len(), &imported, &changes, problems.as_ref());
    }
    Ok(ExitCode::SUCCESS)
}

/// `hikeshi runbook diff`
pub fn diff(common: &Common, asked: &DiffArguments) -> Result<ExitCode, Trouble> {
    let folder = Folder::open(&asked.output)?;
    let (_, imported) = make(&folder, &asked.files)?;
    let differs = |change: &Change| change.fate != Fate::Same && !unified(change).is_empty();
    let mut changes = folder.changes(&imported.files)?;
    changes.retain(differs);
    if common.json {
        let row = |change: &Change| json!({"path": change.file, "state": change.fate.name(), "diff": unified(change)});
        let files: Vec<_> = changes.iter().map(row).collect();
        say!("{}", json!({"folder": asked.output, "differences": files.len(), "files": files}));
    } else {
        changes.iter().for_each(show_difference);
    }
    Ok(ExitCode::from(u8::from(!changes.is_empty())))
}

/// Reads the documents, with those of the last import, and imports them.
pub(crate) fn make(
    folder: &Folder,
    files: &[PathBuf],
) -> Result<(Vec<(PathBuf, String)>, Imported), Trouble> {
    if files.iter().any(|file| file.as_os_str() == "-") {
        return Err(Trouble::unusable(Said::new(
            "標準入力からは取り込めません: 文書の場所を覚えておくためです",
            "standard input cannot be imported: where a document lies is remembered",
        )));
    }
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut texts = if files.is_empty() { Vec::new() } else { read_all(files)? };
    // Drafts are none of the documents, even where their folder is named.
    let drafts = folder.path().join(RUNBOOKS);
    let drafts = real(&drafts);
    texts.retain(|(path, _)| !real(path).starts_with(&drafts));
    let known: Vec<PathBuf> = texts.iter().map(|(path, _)| real(path)).collect();
    let others: Vec<PathBuf> =
        folder.documents().into_iter().filter(|path| !known.contains(&real(path))).collect();
    if !others.is_empty() {
        texts.extend(read_all(&others)?);
    }
    if texts.is_empty() {
        return Err(Trouble::unusable(Said::new(
            "取り込んだ文書がありません",
            "there is no document of an earlier import",
        ))
        .hint(Said::new("文書を指定してください", "name the documents")));
    }
    texts.sort_by_key(|(path, _)| real(path));
    let paths: Vec<PathBuf> = texts.iter().map(|(path, _)| real(path)).collect();
    let names = names(&paths)?;
    let documents: Vec<Document<'_>> =
        names.iter().zip(&texts).map(|(file, (_, text))| Document { file, text }).collect();
    let imported = import(&documents);
    Ok((texts, imported))
}
