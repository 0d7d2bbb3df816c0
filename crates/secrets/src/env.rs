//! Source `env`: a variable of hikeshi's own environment.

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
    name: "env",
    summary: ("hikeshi 自身の環境変数", "a variable of hikeshi's own environment"),
    example: "env:POSTGRES_PASSWORD",
    is_remote: false,
    parse,
};

/// A variable.
#[derive(Debug)]
pub(crate) struct Env(pub(crate) String);

fn parse(name: &str) -> Result<Arc<dyn Keeper>, Said> {
    let first = |c: char| c.is_ascii_alphabetic() || c == '_';
    if name.starts_with(first) && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Ok(Arc::new(Env(name.to_owned())));
    }
    Err(Said::new(
        format!("`{name}` は環境変数の名前ではありません"),
        format!("`{name}` is no name of a variable"),
    ))
}

impl Keeper for Env {
    fn ask<'a>(&'a self, world: &'a World) -> BoxFuture<'a, Result<Hidden, Miss>> {
        let Self(name) = self;
        let value = (world.variable)(name).map(Hidden::from).ok_or_else(|| {
            Miss::Absent(format!("the environment variable {name} is not set; set it for hikeshi"))
        });
        Box::pin(async { value })
    }

    fn peek(&self, world: &World) -> Option<Hidden> {
        (world.variable)(&self.0).map(Hidden::from)
    }
}
