//! The table of supervisor kinds: one row each; systemd, pm2 and docker will be rows here.

use domain::said::Said;

/// One way to start and stop services.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// The name that a configuration uses.
    pub name: &'static str,
    summary: (&'static str, &'static str),
}

impl Kind {
    /// What it does, in a sentence.
    pub fn summary(&self) -> Said {
        Said::new(self.summary.0, self.summary.1)
    }
}

/// Every kind there is.
pub const KINDS: &[Kind] = &[Kind {
    name: "own",
    summary: (
        "hikeshi が自分でプロセスを起動する。hikeshi が落ちてもサービスは動き続ける",
        "hikeshi starts the processes itself; they live on when hikeshi dies",
    ),
}];

/// The kind with this name.
pub fn by_name(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_name() {
        for kind in KINDS {
            assert_eq!(by_name(kind.name).map(|found| found.name), Some(kind.name));
            assert!(!kind.summary().ja.is_empty() && !kind.summary().en.is_empty());
        }
        assert!(by_name("systemctl").is_none());
    }
}
