//! Now against what is normal at this hour: the newest samples and their baselines (A31).

use jiff::{SignedDuration, Timestamp};
use samples::{Baseline, Measure, Reader};
use serde::Serialize;
use std::path::Path;

/// A sample older than this says nothing about now.
const FRESH: SignedDuration = SignedDuration::from_mins(10);
/// The windows whose median is normal.
const WINDOW: SignedDuration = SignedDuration::from_mins(5);
/// So many series are compared.
const SERIES: usize = 100;
/// What tells of performance, by the end of the reading's name.
const UNITS: [&str; 3] = ["_ms", "_percent", "_seconds"];

/// What is normal, and how things are.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Normal {
    /// How many of the series have a baseline.
    pub ready: usize,
    /// The series, those furthest from normal first.
    pub series: Vec<Compared>,
    /// Why there is no baseline at all.
    pub not_ready: Option<String>,
}

/// One series.
#[derive(Clone, Debug, Serialize)]
pub struct Compared {
    /// The probe.
    pub probe: String,
    /// The reading.
    pub reading: String,
    /// Its newest value.
    pub now: f64,
    /// When that was measured.
    pub at: Timestamp,
    /// The median of the same hour on the days before; nothing until there is a baseline.
    pub normal: Option<f64>,
    /// How many times normal it is.
    pub ratio: Option<f64>,
    /// Why there is no baseline.
    pub not_ready: Option<String>,
}

impl Normal {
    /// There is nothing to compare with.
    pub(crate) fn nothing(why: impl Into<String>) -> Self {
        Self { not_ready: Some(format!("no baseline yet: {}", why.into())), ..Self::default() }
    }
}

/// Compares everything that was measured lately. It reads from the disk.
pub(crate) fn compare(folder: &Path, now: Timestamp) -> Result<Normal, String> {
    let reader = Reader::open(folder).map_err(|error| error.to_string())?;
    let mut series = Vec::new();
    for (name, newest) in reader.series().map_err(|error| error.to_string())? {
        let tells = UNITS.iter().any(|unit| name.reading().ends_with(unit));
        if !tells || newest.age(now) > FRESH || series.len() >= SERIES {
            continue;
        }
        let baseline = reader
            .baseline(&name, now, WINDOW, Measure::Mean)
            .map_err(|error| error.to_string())?;
        let (normal, not_ready) = match &baseline {
            Baseline::Ready { median, .. } => (Some(*median), None),
            Baseline::NotReady { have, need, .. } => {
                (None, Some(format!("have {:.1} h, need {:.0} h", hours(*have), hours(*need))))
            }
        };
        series.push(Compared {
            probe: name.probe().to_owned(),
            reading: name.reading().to_owned(),
            now: newest.value,
            at: newest.at,
            normal,
            ratio: baseline.ratio(newest.value, 0.0),
            not_ready,
        });
    }
    let ready = series.iter().filter(|compared| compared.normal.is_some()).count();
    let not_ready = match (ready, series.first()) {
        (0, None) => Some("no baseline yet: nothing was measured within ten minutes".into()),
        (0, Some(one)) => {
            one.not_ready.as_ref().map(|why| format!("no baseline yet: {}: {why}", one.reading))
        }
        _ => None,
    };
    series.sort_by(|a, b| b.ratio.unwrap_or(-1.0).total_cmp(&a.ratio.unwrap_or(-1.0)));
    Ok(Normal { ready, series, not_ready })
}

fn hours(length: SignedDuration) -> f64 {
    length.as_secs_f64() / 3600.0
}
