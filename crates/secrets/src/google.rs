//! Source `google`: Google Cloud's Secret Manager over its REST interface, `projects.secrets.versions.access` of
//! <https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions/access>.
//!
//! Where it is and who hikeshi is there, the variables say that Google's own programs read: `GOOGLE_APPLICATION_CREDENTIALS`
//! (the key file of a service account; without it the service account of the machine), `GCE_METADATA_HOST`, and
//! `CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER`. Why not Google's crate: decision 16.

pub mod access;
mod call;
mod checksum;
mod key_file;
mod token;

use crate::{
    keeper::{Keeper, Kind},
    miss::Miss,
    world::World,
};
use domain::said::Said;
use futures::future::BoxFuture;
use source::Hidden;
use std::sync::Arc;

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "google",
    summary: (
        "Google Cloud Secret Manager (版を書かなければ latest)",
        "Google Cloud's Secret Manager; without a version, `latest`",
    ),
    example: "google:projects/miraikakaku/secrets/miraikakaku-db-password",
    is_remote: true,
    parse,
};

/// The full name of a version.
#[derive(Debug)]
struct Version(String);

fn parse(name: &str) -> Result<Arc<dyn Keeper>, Said> {
    let parts: Vec<_> = name.split('/').collect();
    let is_part = |part: &&&str| {
        !part.is_empty()
            && part.len() <= 255
            && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':'))
            && !part.starts_with('.')
    };
    let version = match parts[..] {
        ["projects", _, "secrets", _] => Some(format!("{name}/versions/latest")),
        ["projects", _, "secrets", _, "versions", _] => Some(name.to_owned()),
        _ => None,
    };
    match version.filter(|_| parts.iter().filter(is_part).count() == parts.len()) {
        Some(version) => Ok(Arc::new(Version(version))),
        None => Err(Said::new(
            format!("`{name}` は projects/P/secrets/S[/versions/V] の形ではありません"),
            format!("`{name}` is not of the form projects/P/secrets/S[/versions/V]"),
        )),
    }
}

impl Keeper for Version {
    fn ask<'a>(&'a self, world: &'a World) -> BoxFuture<'a, Result<Hidden, Miss>> {
        Box::pin(world.google.access(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_path_of_secret_manager_and_nothing_else() {
        for good in ["projects/p/secrets/s", "projects/example.com:p/secrets/s/versions/7"] {
            assert!(parse(good).is_ok(), "{good}");
        }
        for bad in ["s", "projects/p/secrets/", "projects/../secrets/s", "projects/p/secrets/s?x"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
