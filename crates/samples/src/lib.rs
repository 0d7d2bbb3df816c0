//! Measurements over time, for charts, baselines and forecasts: recent in full, older rolled up, bounded on disk.
//!
//! Samples are not facts: the last second of them may be lost in a crash, and a file that cannot be read is set aside
//! and begun anew. [`Samples::record`] hands a value to a writer thread and never waits; [`Reader`] answers questions.
//! Nothing here has a clock: whoever prunes or asks brings the time.
//!
//! From the bottom up:
//!
//! | file | what it is about |
//! | --- | --- |
//! | `series`, `point`, `keep`, `error` | the words: a series, its values, how long they are kept, what goes wrong |
//! | `grid`, `roll` | where a time falls, and what many values come to |
//! | `tables`, `store` | the statements, and the file itself |
//! | `batch`, `prune`, `size` | values in, old values out, and the file's bound |
//! | `curve`, `baseline`, `forecast` | what is asked |
//! | `reader`, `queue`, `writer`, `samples` | who asks, who writes, and what waits in between |

mod baseline;
mod batch;
mod curve;
mod error;
mod forecast;
mod grid;
mod keep;
mod point;
mod prune;
mod queue;
mod reader;
mod roll;
mod samples;
mod series;
mod size;
mod store;
mod tables;
mod writer;

pub use baseline::{Baseline, Lacking, Measure};
pub use error::{NotRecorded, SamplesError};
pub use forecast::Forecast;
pub use keep::Keep;
pub use point::{Bucket, Curve, Point};
pub use reader::Reader;
pub use samples::Samples;
pub use series::Series;
