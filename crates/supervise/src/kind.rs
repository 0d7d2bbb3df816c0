//! What a row of the table of supervisors says, and whom one looks after.

use crate::supervisor::Supervisor;
use domain::{ids::ServiceName, said::Said};
use std::{collections::BTreeMap, sync::Arc};

/// One kind of supervisor beside hikeshi's own: a row of the table in [`crate::kinds`].
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// The key under `supervise:`.
    pub name: &'static str,
    pub(crate) summary: (&'static str, &'static str),
    /// What a person writes; read by a test.
    pub example: &'static str,
    /// The keys that may stand beside it.
    pub options: &'static [&'static str],
    /// The supervisor of one service, or a sentence why there is none.
    pub make: fn(Target) -> Result<Arc<dyn Supervisor>, Said>,
}

/// One service as its supervisor knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its name here.
    pub service: ServiceName,
    /// Its name there: a unit, a process, a container.
    pub name: String,
    /// What stands beside, by key.
    pub options: BTreeMap<String, String>,
}

/// A service with who looks after it, as a configuration says it.
#[derive(Clone, Debug)]
pub struct Supervised {
    /// The row of the table.
    pub kind: &'static Kind,
    /// Whom.
    pub target: Target,
}

impl Supervised {
    /// The supervisor.
    ///
    /// # Errors
    /// A sentence: a name or an option cannot be.
    pub fn supervisor(&self) -> Result<Arc<dyn Supervisor>, Said> {
        (self.kind.make)(self.target.clone())
    }

    /// The systemd unit of this service, if that is what it is.
    pub fn unit_of(&self, service: &str) -> Option<&str> {
        let is_unit = self.kind.name == "systemd" && self.target.service.as_str() == service;
        is_unit.then_some(self.target.name.as_str())
    }
}

impl Kind {
    /// What it does, in a sentence.
    pub fn summary(&self) -> Said {
        Said::new(self.summary.0, self.summary.1)
    }
}

impl Target {
    /// The name, when it is a plain one: it never begins with a dash and holds nothing that a program could take for
    /// something else. `extra` are the characters that it may hold beside letters, digits, `_`, `.` and `-`.
    ///
    /// # Errors
    /// A sentence that shows the name.
    pub(crate) fn plain_name(&self, extra: &[char]) -> Result<String, Said> {
        let is_plain =
            |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c) || extra.contains(&c);
        let fits = (1..=255).contains(&self.name.len())
            && self.name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
            && self.name.chars().all(is_plain);
        if fits {
            return Ok(self.name.clone());
        }
        let name = self.name.escape_debug();
        Err(Said::new(
            format!(
                "`{name}` は使えない名前です。英数字か _ で始め、英数字と _ . - を使ってください"
            ),
            format!("`{name}` is no name; begin with a letter, digit or _, and use those, . and -"),
        ))
    }
}
