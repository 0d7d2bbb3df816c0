//! Which variables of a script can hold the value of a parameter: `HK_` ones, and those that are given one.

use crate::words::{Script, Word};
use std::collections::BTreeSet;

/// The names of variables that can hold the value of a parameter.
#[derive(Debug)]
pub struct Tainted(BTreeSet<String>);

impl Tainted {
    /// Follows values through a script. Order and branches are not looked at: what may be, is.
    pub fn follow(script: &Script) -> Self {
        let mut tainted = Self(BTreeSet::new());
        loop {
            let before = tainted.0.len();
            for assignment in &script.assignments {
                if tainted.is_in(&assignment.value) {
                    tainted.0.insert(assignment.name.clone());
                }
            }
            tainted.read_in(script);
            if tainted.0.len() == before {
                return tainted;
            }
        }
    }

    /// Whether a variable can hold one.
    pub fn has(&self, name: &str) -> bool {
        name.starts_with("HK_") || self.0.contains(name)
    }

    fn is_in(&self, word: &Word) -> bool {
        word.carries(|name| self.has(name))
    }

    /// `read x <<< "$HK_A"`, `printf -v x …`, `… | while read x`.
    fn read_in(&mut self, script: &Script) {
        let pipes: BTreeSet<usize> = script
            .commands
            .iter()
            .filter(|command| command.words.iter().any(|word| self.is_in(word)))
            .map(|command| command.pipeline)
            .collect();
        for command in &script.commands {
            let arguments = command.arguments();
            let takes = match command.program() {
                "read" | "mapfile" | "readarray" => {
                    pipes.contains(&command.pipeline)
                        || command.redirects.iter().any(|redirect| self.is_in(&redirect.target))
                }
                "printf" => {
                    arguments.first() == Some(&"-v")
                        && command.words.iter().any(|word| self.is_in(word))
                }
                _ => false,
            };
            if takes {
                let names = arguments.iter().filter(|word| !word.starts_with('-'));
                self.0.extend(names.map(|name| (*name).to_owned()));
            }
        }
    }
}
