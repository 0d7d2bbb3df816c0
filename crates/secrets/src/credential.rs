//! Source `credential`: what systemd hands to the unit (`LoadCredential=`, `LoadCredentialEncrypted=`, `SetCredential=`).
//!
//! systemd puts each credential into a file of `$CREDENTIALS_DIRECTORY`, in memory that is not swapped, readable for the
//! unit's user alone (systemd.exec(5), "Credentials").

use crate::{
    keeper::{Keeper, Kind},
    miss::Miss,
    reading,
    world::World,
};
use domain::said::Said;
use futures::future::BoxFuture;
use source::Hidden;
use std::{path::Path, sync::Arc};

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "credential",
    summary: (
        "systemd がユニットに渡すクレデンシャル (`LoadCredential=` など)",
        "a credential that systemd hands to the unit (`LoadCredential=` and the like)",
    ),
    example: "credential:db-password",
    is_remote: false,
    parse,
};

/// A credential.
#[derive(Debug)]
struct Credential(String);

fn parse(name: &str) -> Result<Arc<dyn Keeper>, Said> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if name.is_empty() || name.starts_with('.') || !name.chars().all(is_plain) {
        return Err(Said::new(
            format!("`{name}` はクレデンシャル名ではありません"),
            format!("`{name}` is no name of a credential"),
        ));
    }
    Ok(Arc::new(Credential(name.to_owned())))
}

impl Keeper for Credential {
    fn ask<'a>(&'a self, world: &'a World) -> BoxFuture<'a, Result<Hidden, Miss>> {
        Box::pin(async move {
            let Some(folder) = (world.variable)("CREDENTIALS_DIRECTORY") else {
                return Err(Miss::Absent(format!(
                    "systemd hands no credentials to this process; write `LoadCredential={}:…` into the unit",
                    self.0
                )));
            };
            reading::read(&Path::new(&folder).join(&self.0)).await
        })
    }

    fn peek(&self, world: &World) -> Option<Hidden> {
        let folder = (world.variable)("CREDENTIALS_DIRECTORY")?;
        reading::peek(&Path::new(&folder).join(&self.0))
    }
}
