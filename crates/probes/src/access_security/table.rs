//! The table of detectors: one file and one row each, the worst first.

use super::{
    brute_force, bulk_export, detector::Row, error_client, low_and_slow, open_write, path_scan,
};

/// Every detector there is.
pub(crate) const DETECTORS: &[Row] = &[
    open_write::ROW,
    bulk_export::ROW,
    brute_force::ROW,
    low_and_slow::ROW,
    path_scan::ROW,
    error_client::ROW,
];
