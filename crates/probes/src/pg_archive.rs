//! An archive of `pg_dump`, listed and read through by PostgreSQL's own `pg_restore`, which restores nothing here.

use crate::{
    inventory::{Fault, Inventory},
    program::Asked,
};
use domain::said::Said;
use std::path::Path;

/// Lists the archive and reads all its data.
///
/// # Errors
/// Bad when `pg_restore` cannot list it or read it to its end.
pub(crate) async fn read(
    pg_restore: &str,
    archive: &Path,
    mut inventory: Inventory,
) -> Result<Inventory, Fault> {
    let listed = run(pg_restore, "--list", archive).await?;
    for line in String::from_utf8_lossy(&listed).lines() {
        // `; Archive created at …` is a comment.
        if line.is_empty() || line.starts_with(';') {
            continue;
        }
        inventory.count();
        if let Some(table) = table_with_data(line) {
            inventory.holds_table(&table);
        }
    }
    // The list stands at the beginning: it says nothing about whether the data are there.
    run(pg_restore, "--file=/dev/null", archive).await?;
    Ok(inventory)
}

async fn run(pg_restore: &str, option: &str, archive: &Path) -> Result<Vec<u8>, Fault> {
    let archive = archive.to_str().ok_or_else(|| {
        Fault::Cannot(Said::new(
            format!("{}: 名前が UTF-8 ではありません。別の名前にしてください", archive.display()),
            format!("{}: this name is not UTF-8; give it another", archive.display()),
        ))
    })?;
    // At the lowest priority: whoever is served comes first.
    let command = ["nice", "-n", "19", pg_restore, option, "--", archive];
    let command = command.into_iter().map(str::to_owned).collect();
    let program = Asked { command, environment: Vec::new() };
    program.run().await.map_err(|why| {
        let is_ours = [
            "cannot start",
            "exit code 127",
            "exit code 126",
            "unsupported version",
            "permission denied",
            "by signal",
        ]
        .iter()
        .any(|part| why.en.to_lowercase().contains(part));
        if is_ours {
            Fault::Cannot(Said::new(
                format!("{}。サーバー以上の版の PostgreSQL クライアントを入れてください", why.ja),
                format!(
                    "{}; install PostgreSQL's client programs, at least as new as its server",
                    why.en
                ),
            ))
        } else {
            Fault::Bad(Said::new(
                format!("pg_restore が読めません: {}", reason(&why.ja)),
                format!("pg_restore cannot read it: {}", reason(&why.en)),
            ))
        }
    })
}

/// What `pg_restore` said, without how it was called.
fn reason(why: &str) -> &str {
    why.rsplit_once("pg_restore: ").map_or(why, |(_, reason)| reason.trim_start_matches("error: "))
}

/// `3340; 0 16385 TABLE DATA public prices app`: schema and name.
fn table_with_data(line: &str) -> Option<String> {
    let (_, about) = line.split_once(" TABLE DATA ")?;
    let (schema, rest) = about.split_once(' ')?;
    let (name, _owner) = rest.rsplit_once(' ')?;
    Some(format!("{schema}.{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_list_names_a_table_with_data() {
        let table = |line| table_with_data(line);
        assert_eq!(
            table("3340; 0 16385 TABLE DATA public prices app").as_deref(),
            Some("public.prices")
        );
        assert_eq!(
            table("3341; 0 16390 TABLE DATA public Order of day app").as_deref(),
            Some("public.Order of day")
        );
        assert_eq!(table("215; 1259 16385 TABLE public prices app"), None, "a table without data");
    }
}
