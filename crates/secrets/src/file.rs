//! Source `file`: a file that only hikeshi should be able to read; one line feed at its end does not count.

use crate::{
    keeper::{Keeper, Kind},
    miss::Miss,
    reading,
    world::World,
};
use domain::said::Said;
use futures::future::BoxFuture;
use source::Hidden;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "file",
    summary: ("ファイル (絶対パス)", "a file, by its absolute path"),
    example: "file:/etc/hikeshi/secrets/db-password",
    is_remote: false,
    parse,
};

/// A file.
#[derive(Debug)]
pub(crate) struct File(pub(crate) PathBuf);

fn parse(path: &str) -> Result<Arc<dyn Keeper>, Said> {
    if !Path::new(path).is_absolute() {
        return Err(Said::new(
            format!("`{path}` は絶対パスではありません"),
            format!("`{path}` is not an absolute path"),
        ));
    }
    Ok(Arc::new(File(path.into())))
}

impl Keeper for File {
    fn ask<'a>(&'a self, _: &'a World) -> BoxFuture<'a, Result<Hidden, Miss>> {
        Box::pin(reading::read(&self.0))
    }

    fn peek(&self, _: &World) -> Option<Hidden> {
        reading::peek(&self.0)
    }
}
