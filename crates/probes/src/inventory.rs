//! What is found inside a backup, held against what must be in it.

use domain::said::Said;
use glob::Pattern;
use std::collections::BTreeSet;

/// Why a backup is not listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The backup is no good.
    Bad(Said),
    /// It could not be judged: a program is missing, a file may not be read, there was no time.
    Cannot(Said),
}

/// Takes the names of what is inside, one after the other, and remembers only what it was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Inventory {
    missing: Vec<Pattern>,
    entries: u64,
}

impl Inventory {
    /// Every pattern must match something: a table (`prices`, `public.prices`) or a file (`*/prices.csv`).
    pub fn new(expected: &[Pattern]) -> Self {
        Self { missing: expected.to_vec(), entries: 0 }
    }

    /// One more thing is inside.
    pub fn count(&mut self) {
        self.entries += 1;
    }

    /// A table with its data is inside, `public.prices`; its schema need not be asked for.
    pub fn holds_table(&mut self, name: &str) {
        let bare = name.split_once('.').map_or(name, |(_, bare)| bare);
        self.missing.retain(|pattern| !pattern.matches(name) && !pattern.matches(bare));
    }

    /// A file is inside, `data/prices.csv`; its folders need not be asked for.
    pub fn holds_file(&mut self, path: &str) {
        let path = path.trim_start_matches("./");
        let name = path.rsplit('/').next().unwrap_or(path);
        self.missing.retain(|pattern| !pattern.matches(path) && !pattern.matches(name));
    }

    /// How many things there are.
    ///
    /// # Errors
    /// Bad when something expected is not there, or nothing at all.
    pub fn judged(&self) -> Result<u64, Fault> {
        let missing: BTreeSet<&str> = self.missing.iter().map(Pattern::as_str).collect();
        if !missing.is_empty() {
            let names = missing.into_iter().collect::<Vec<_>>().join(", ");
            return Err(Fault::Bad(Said::new(
                format!("{names} のデータがありません"),
                format!("it does not hold the data of {names}"),
            )));
        }
        if self.entries == 0 {
            return Err(Fault::Bad(Said::new("中身がありません", "nothing is in it")));
        }
        Ok(self.entries)
    }
}
