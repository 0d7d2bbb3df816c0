//! A team's documents as they are: what is wrong with them, before anything in them runs.
//!
//! | | |
//! | --- | --- |
//! | types | [`finding`]; [`rule`]: one row of the table |
//! | reading | [`page`]: a document as rules see it; [`block`]: one fence, as bash where it is bash; [`effects`]: what a command does |
//! | judging | [`mod@rules`]: the table, one file per family below it; [`mod@lint`] |
//!
//! Pure: no I/O, and the date is an argument.

pub mod block;
pub mod effects;
pub mod finding;
pub mod import;
pub mod lint;
pub mod page;
pub mod rule;
pub mod rules;
pub(crate) mod statements;
pub mod text;

pub use finding::{Finding, Level};
pub use import::{Imported, import};
pub use lint::{Document, lint};
pub use rule::Rule;
pub use rules::RULES;
