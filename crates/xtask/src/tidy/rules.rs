//! The table of rules: one file and one row each.

use super::{
    banned, circles, directions, first_line, guests, kind_rows, length, lock_file, machine_paths,
    problem::Problem,
};
use crate::files::File;

/// A rule looks at all files of the project and says what is wrong.
pub type Rule = fn(&[File]) -> Vec<Problem>;

/// Every rule there is.
pub const RULES: &[Rule] = &[
    first_line::check,
    length::check,
    banned::check,
    machine_paths::check,
    circles::check,
    directions::check,
    kind_rows::check,
    guests::check,
    lock_file::check,
];
