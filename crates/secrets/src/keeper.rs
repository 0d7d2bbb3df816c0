//! Who keeps secrets: what one is asked, what it answers, and what a kind of them says about itself.

use crate::{miss::Miss, world::World};
use domain::said::Said;
use futures::future::BoxFuture;
use source::Hidden;
use std::{fmt, sync::Arc};

/// Keeps one secret.
pub trait Keeper: fmt::Debug + Send + Sync {
    /// Asks for it. Never blocks; may be dropped half-way.
    fn ask<'a>(&'a self, world: &'a World) -> BoxFuture<'a, Result<Hidden, Miss>>;

    /// What is on this machine, without asking anybody: only so that it can be masked.
    fn peek(&self, _: &World) -> Option<Hidden> {
        None
    }
}

/// Reads what stands behind the colon.
pub type Parse = fn(&str) -> Result<Arc<dyn Keeper>, Said>;

/// A kind of places where secrets are kept: a row of the table.
#[derive(Clone, Copy)]
pub struct Kind {
    /// What stands before the colon.
    pub name: &'static str,
    pub(crate) summary: (&'static str, &'static str),
    /// A source as a person writes it.
    pub example: &'static str,
    /// Whether another machine is asked: its answer is kept for a while.
    pub is_remote: bool,
    pub(crate) parse: Parse,
}

impl Kind {
    /// What it is, in a sentence.
    pub fn summary(&self) -> Said {
        Said::new(self.summary.0, self.summary.1)
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
