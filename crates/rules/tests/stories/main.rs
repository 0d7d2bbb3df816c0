//! Stories of rule files: read, linted, imported, exported.

mod common;
mod exporting;
mod expressions;
mod importing;
mod linting;
mod reading;
