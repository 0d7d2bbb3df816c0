//! How many times more than normal a count is, against what was learned (A13, C7).

use crate::{probe::Seat, recorded};
use domain::{reading::Reading, said::Said};
use jiff::{SignedDuration, Timestamp};
use samples::{Baseline, Lacking, Measure};

/// What is normal for a reading that counts since the last look.
pub(crate) struct Normal(Result<Baseline, Said>);

impl Normal {
    /// What is compared: as many minutes as the median is of.
    pub const WINDOW: SignedDuration = SignedDuration::from_mins(5);
    /// Less than this in a window is never called normal: quiet nights would make everything a surge.
    const FLOOR: f64 = 10.0;

    /// What was learned of a reading of the probe's own service.
    pub fn of(seat: &Seat, reading: &str, now: Timestamp) -> Self {
        let Some(samples) = &seat.deps.samples else {
            return Self(Err(Said::new("計測値を保存していません", "no samples are kept here")));
        };
        let series = recorded::series(&seat.probe, &seat.service, &seat.service, reading);
        let baseline = samples.baseline(&series, now, Self::WINDOW, Measure::Total);
        Self(baseline.map_err(|error| error.to_string().into()))
    }

    /// How many times normal `count` is; unknown until enough was learned.
    pub fn ratio(&self, count: u64) -> Reading {
        match &self.0 {
            Ok(baseline) => match baseline.ratio(count as f64, Self::FLOOR) {
                Some(ratio) => Reading::number(ratio),
                None => Reading::Unknown(not_ready(baseline)),
            },
            Err(why) => Reading::Unknown(Said::new(
                format!("基準値が未確定です: {}", why.ja),
                format!("baseline not ready: {}", why.en),
            )),
        }
    }
}

fn not_ready(baseline: &Baseline) -> Said {
    let Baseline::NotReady { lacking, have, need } = baseline else {
        return Said::new("基準値が未確定です", "baseline not ready");
    };
    let of = match lacking {
        Lacking::History => Said::default(),
        Lacking::SameHour => Said::new("同じ時間帯の", " of this hour"),
    };
    let length = |time: &SignedDuration| match time.as_hours() {
        0 => Said::new(format!("{} 分", time.as_mins()), format!("{} min", time.as_mins())),
        hours => Said::new(format!("{hours} 時間"), format!("{hours} h")),
    };
    let (have, need) = (length(have), length(need));
    Said::new(
        format!("基準値が未確定です: {}記録が {} 必要なところ {}", of.ja, need.ja, have.ja),
        format!("baseline not ready: have {}{}, need {}", have.en, of.en, need.en),
    )
}
