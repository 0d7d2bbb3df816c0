//! How many times more than normal a count is, against what was learned (A13, C7).

use crate::{probe::Seat, recorded};
use domain::reading::Reading;
use jiff::{SignedDuration, Timestamp};
use samples::{Baseline, Lacking, Measure};

/// What is normal for a reading that counts since the last look.
pub(crate) struct Normal(Result<Baseline, String>);

impl Normal {
    /// What is compared: as many minutes as the median is of.
    pub const WINDOW: SignedDuration = SignedDuration::from_mins(5);
    /// Less than this in a window is never called normal: quiet nights would make everything a surge.
    const FLOOR: f64 = 10.0;

    /// What was learned of a reading of the probe's own service.
    pub fn of(seat: &Seat, reading: &str, now: Timestamp) -> Self {
        let Some(samples) = &seat.deps.samples else {
            return Self(Err("no samples are kept here".into()));
        };
        let series = recorded::series(&seat.probe, &seat.service, &seat.service, reading);
        let baseline = samples.baseline(&series, now, Self::WINDOW, Measure::Total);
        Self(baseline.map_err(|error| error.to_string()))
    }

    /// How many times normal `count` is; unknown until enough was learned.
    pub fn ratio(&self, count: u64) -> Reading {
        match &self.0 {
            Ok(baseline) => match baseline.ratio(count as f64, Self::FLOOR) {
                Some(ratio) => Reading::number(ratio),
                None => Reading::Unknown(not_ready(baseline)),
            },
            Err(why) => Reading::Unknown(format!("baseline not ready: {why}")),
        }
    }
}

fn not_ready(baseline: &Baseline) -> String {
    let Baseline::NotReady { lacking, have, need } = baseline else {
        return "baseline not ready".into();
    };
    let of = match lacking {
        Lacking::History => "",
        Lacking::SameHour => " of this hour",
    };
    let length = |time: &SignedDuration| match time.as_hours() {
        0 => format!("{} min", time.as_mins()),
        hours => format!("{hours} h"),
    };
    format!("baseline not ready: have {}{of}, need {}", length(have), length(need))
}
