//! Looks for weak places for a person who asks: reads, asks the field's scanners, never changes.
//!
//! What could not look is said with its reason, and never counts as clean. What comes out is plain data that prints as
//! JSON.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `finding` | a weak place and a look, the one format of all |
//! | `version`, `cvss`, `token`, `reading` | the order of versions, scores, forms of secrets, JSON from outside |
//! | `scanner`, `kinds` | what a scanner is, and the table: one file per scanner |
//! | `asking` | one scanner asked about one folder or file |
//! | `ignored`, `tree` | what is in a folder, and what git leaves out |
//! | `permissions`, `leaks`, `services` | our own checks |
//! | `whole` | everything at once |

mod asking;
mod cargo_audit;
mod cvss;
mod finding;
mod gitleaks;
mod ignored;
pub mod kinds;
mod leaks;
mod npm_audit;
mod osv_scanner;
mod permissions;
mod pip_audit;
mod reading;
pub mod scanner;
mod services;
mod token;
mod tree;
mod trivy;
mod version;
mod whole;

pub use finding::{Finding, Look, Severity, State, Weakness};
pub use whole::{Asked, Scan, scan};
