//! The table of the places where secrets are kept: one file and one row each.

use crate::{credential, env, file, google, keeper::Kind};

/// Every kind there is, in the order of the manual.
pub const KINDS: &[Kind] = &[env::KIND, file::KIND, credential::KIND, google::KIND];

/// The kind with this name.
pub fn by_name(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::declared::Source;

    #[test]
    fn the_example_of_every_kind_is_read_and_explained() {
        for kind in KINDS {
            let source = Source::read(kind.example).expect(kind.name);
            assert_eq!((source.kind().name, source.to_string()), (kind.name, kind.example.into()));
            assert!(!kind.summary().ja.is_empty() && !kind.summary().en.is_empty(), "{kind:?}");
        }
    }
}
