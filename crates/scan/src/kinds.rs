//! The table of scanners.

use crate::{cargo_audit, gitleaks, npm_audit, osv_scanner, pip_audit, scanner::Scanner, trivy};

/// All of them.
pub static KINDS: &[Scanner] = &[
    osv_scanner::KIND,
    cargo_audit::KIND,
    pip_audit::KIND,
    npm_audit::KIND,
    gitleaks::KIND,
    trivy::KIND,
];
