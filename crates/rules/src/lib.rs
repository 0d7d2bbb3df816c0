//! Prometheus rule files, text in and values out: [`read`], [`lint`], [`import`], and [`export`] of our own conditions.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `duration` | lengths of time as Prometheus writes them |
//! | `line` | where within a long expression a metric stands |
//! | `template` | braces of annotations |
//! | `expression` | PromQL: what is selected, whether it filters, which limit it has |
//! | `file` | the types: file, group, rule |
//! | `read`, `dashboard` | a rule file, or a Grafana dashboard, to those types; every mistake at once |
//! | `exposition` | the text that targets export |
//! | `exported` | which metrics, labels and values there are |
//! | `finding` | what the linter says |
//! | `lint` | the linter |
//! | `severity` | words of `severity` labels to our levels |
//! | `text` | text from outside as YAML, or as one line |
//! | `import` | alerting rules to probes and alerts of ours |
//! | `export` | our rules to a rule file |
//! | `grafana` | a dashboard over our metrics |

mod dashboard;
mod duration;
mod export;
mod exported;
mod exposition;
mod expression;
mod file;
mod finding;
mod grafana;
mod import;
mod line;
mod lint;
mod read;
mod severity;
mod template;
mod text;

pub use export::export;
pub use exported::Exported;
pub use expression::{Comparison, Expression, Limit, Matcher, Selector};
pub use file::{Alerting, Group, Rule, RuleFile, RuleKind};
pub use finding::{Finding, FindingKind, Gravity};
pub use grafana::grafana;
pub use import::{Imported, Wiring, import};
pub use lint::lint;
pub use read::read;
