//! `hikeshi init`: a commented starter folder.

use crate::show::{Trouble, pick, say};
use domain::said::Said;
use std::{path::Path, process::ExitCode};

const FILES: &[(&str, &str)] = &[
    ("hikeshi.yaml", include_str!("starter/hikeshi.yaml")),
    ("runbooks/service-down.md", include_str!("starter/service-down.md")),
];

/// Writes the starter files; never over anything that is there.
pub fn run(folder: &Path) -> Result<ExitCode, Trouble> {
    let shown = folder.display();
    let refuse = |why: std::io::Error| {
        Trouble::unusable(Said::new(
            format!("{shown}: 書けません: {why}"),
            format!("{shown}: cannot be written: {why}"),
        ))
    };
    if folder.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Trouble::unusable(Said::new(
            format!("{shown} は空ではありません"),
            format!("{shown} is not empty"),
        ))
        .hint(Said::new("別のフォルダを指定してください", "name another folder")));
    }
    for (name, text) in FILES {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(refuse)?;
        }
        std::fs::write(path, text).map_err(refuse)?;
    }
    say!(
        "{}: {}",
        pick("作成しました", "written"),
        FILES
            .iter()
            .map(|(name, _)| folder.join(name).display().to_string())
            .collect::<Vec<_>>()
            .join(", ")
    );
    say!("{}: hikeshi check -c {shown} ; hikeshi serve -c {shown}", pick("次は", "next"));
    Ok(ExitCode::SUCCESS)
}
