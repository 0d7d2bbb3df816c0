//! When the first of several disks will be full, if they go on filling as in the last hours (C1).

use crate::{mounts::Usage, probe::Seat, recorded};
use domain::{reading::Reading, said::Said};
use jiff::SignedDuration;
use samples::Forecast;

/// What is said of a disk that does not fill: nobody plans further ahead.
pub(crate) const NOT_WITHIN_A_YEAR_H: f64 = 8760.0;
/// More places than this have no series of their own; the fullest come first.
const MOST_PLACES: usize = 32;

/// The places whose use is kept one by one, the fullest first; one alone is the probe's `used_percent` already.
pub(crate) fn places(usages: &[Usage]) -> impl Iterator<Item = &Usage> {
    let mut sorted: Vec<&Usage> = usages.iter().collect();
    sorted.sort_by(|a, b| b.used_percent.total_cmp(&a.used_percent));
    sorted.truncate(if usages.len() > 1 { MOST_PLACES } else { 0 });
    sorted.into_iter()
}

/// The name of the reading of one place.
pub(crate) fn reading(usage: &Usage) -> String {
    format!("used_percent:{}", usage.place)
}

/// Hours until the first is full, and a sentence when one fills.
pub(crate) fn first_full(seat: &Seat, usages: &[Usage]) -> (Reading, Option<Said>) {
    let Some(samples) = &seat.deps.samples else {
        return (
            Reading::Unknown(Said::new("計測値を保存していません", "no samples are kept here")),
            None,
        );
    };
    let now = seat.now();
    let alone =
        usages.iter().filter(|_| usages.len() == 1).map(|it| (it, "used_percent".to_owned()));
    let (mut first, mut unknown): (Option<(f64, &Usage)>, _) = (None, None);
    for (usage, name) in places(usages).map(|usage| (usage, reading(usage))).chain(alone) {
        let series = recorded::series(&seat.probe, &seat.service, &seat.service, &name);
        let hours = match samples.forecast(&series, 100.0, now) {
            Ok(Forecast::At(at)) => {
                at.duration_since(now).as_secs_f64().max(0.0)
                    / SignedDuration::from_hours(1).as_secs_f64()
            }
            Ok(Forecast::NotFilling) => NOT_WITHIN_A_YEAR_H,
            Ok(Forecast::TooLittle { have, need }) => {
                let (have, need) = (have.as_mins(), need.as_mins());
                unknown = unknown.or(Some(Said::new(
                    format!("計測が足りません: {need} 分必要なところ {have} 分"),
                    format!("too little was measured: have {have} min, need {need} min"),
                )));
                continue;
            }
            Err(error) => return (Reading::Failed(error.to_string().into()), None),
        };
        if first.is_none_or(|(known, _)| hours < known) {
            first = Some((hours.min(NOT_WITHIN_A_YEAR_H), usage));
        }
    }
    match first {
        Some((hours, usage)) => {
            let fills = hours < NOT_WITHIN_A_YEAR_H;
            let said = fills.then(|| {
                Said::new(
                    format!("{} はこのままだと {hours:.1} 時間で満杯", usage.place),
                    format!("{} is full in {hours:.1} h at this rate", usage.place),
                )
            });
            (Reading::number(hours), said)
        }
        None => (
            Reading::Unknown(unknown.unwrap_or_else(|| {
                Said::new("計測の対象がありません", "there is nothing to measure")
            })),
            None,
        ),
    }
}
