//! The table of supervisors beside hikeshi's own (`command:`): one row each, chosen by the key under `supervise:`.

use crate::{docker, kind::Kind, pm2, systemd};

/// Every kind there is.
pub const KINDS: &[Kind] = &[systemd::KIND, pm2::KIND, docker::KIND];

/// The kind with this name.
pub fn by_name(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Target;

    fn target(name: &str) -> Target {
        Target { service: "api-1".into(), name: name.into(), options: [].into() }
    }

    #[test]
    fn every_kind_is_found_by_its_name_and_supervises_its_service_alone() {
        for kind in KINDS {
            assert_eq!(by_name(kind.name).map(|found| found.name), Some(kind.name));
            assert!(!kind.summary().ja.is_empty() && !kind.summary().en.is_empty());
            let made = (kind.make)(target("mks-backend")).expect("a plain name");
            assert!(made.knows(&"api-1".into()) && !made.knows(&"mks-backend".into()));
        }
        assert!(by_name("systemctl").is_none());
    }

    #[test]
    fn a_hostile_name_is_refused_by_every_kind() {
        for kind in KINDS {
            for name in
                ["", "--help", "-a", "a;rm -rf /", "a b", "a\nb", "$(id)", "/a/", "..", "あ"]
            {
                let refused = (kind.make)(target(name)).err();
                assert!(
                    refused.is_some_and(|why| !why.ja.contains('\n')),
                    "{} {name:?}",
                    kind.name
                );
            }
        }
    }
}
