//! Public holidays, computed from the law; a country is one file.

pub mod japan;
