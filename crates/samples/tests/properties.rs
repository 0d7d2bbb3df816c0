//! What holds for any values in any order: what is rolled up is what was measured, and a restart changes nothing.

mod common;

use common::*;
use jiff::Timestamp;
use proptest::prelude::*;
use samples::{Bucket, Forecast, NotRecorded, Series};
use std::collections::BTreeMap;

/// Milliseconds on both sides of an hour's end: minutes and hours have neighbours.
fn times() -> impl Strategy<Value = i64> {
    prop_oneof![-7_200_000..7_200_000_i64, (-60_i64..60).prop_map(|n| n * 30_000)]
}

fn values() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => -1e6..1e6,
        1 => any::<i32>().prop_map(f64::from),
        1 => -1e290..1e290_f64,
        1 => Just(0.1),
    ]
}

/// Values of three series, in batches.
fn batches() -> impl Strategy<Value = Vec<Vec<(u8, i64, f64)>>> {
    prop::collection::vec(prop::collection::vec((0..3_u8, times(), values()), 0..40), 1..5)
}

fn series(number: u8) -> Series {
    Series::new(format!("probe-{number}"), "value")
}

fn at(ms: i64) -> Timestamp {
    second(0) + jiff::SignedDuration::from_millis(ms)
}

/// What was measured, by series and time: the first value of a time stays.
fn measured(batches: &[Vec<(u8, i64, f64)>]) -> BTreeMap<(u8, i64), f64> {
    let mut all = BTreeMap::new();
    for (number, ms, value) in batches.iter().flatten() {
        all.entry((*number, *ms)).or_insert(*value);
    }
    all
}

/// The steps of a series, from every single value.
fn expected(
    all: &BTreeMap<(u8, i64), f64>,
    number: u8,
    step_ms: i64,
) -> Vec<(Timestamp, Vec<f64>)> {
    let mut steps: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
    for ((_, ms), value) in all.range((number, i64::MIN)..=(number, i64::MAX)) {
        steps.entry(ms.div_euclid(step_ms)).or_default().push(*value);
    }
    steps.into_iter().map(|(step, values)| (at(step * step_ms), values)).collect()
}

/// Sums depend on the order by what rounding does.
fn is_of(bucket: &Bucket, begin: Timestamp, values: &[f64]) -> bool {
    let (count, most) = (values.len() as f64, values.iter().fold(0.0, |m, v| v.abs().max(m)));
    let mean = values.iter().map(|value| value / count).sum::<f64>();
    bucket.at == begin
        && bucket.count == values.len() as u64
        && bucket.min == values.iter().copied().fold(f64::INFINITY, f64::min)
        && bucket.max == values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
        && (bucket.mean - mean).abs() <= most * 1e-12
        && (bucket.min..=bucket.max).contains(&bucket.mean)
}

/// A shrunk case is printed with its failure; a folder of old failures is not kept.
fn often(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(often(48))]

    #[test]
    fn what_is_rolled_up_is_what_was_measured(batches in batches(), restart in any::<bool>()) {
        let mut shelf = Shelf::new();
        for batch in &batches {
            for (number, ms, value) in batch {
                shelf.samples.record(&series(*number), at(*ms), *value).expect("is taken");
            }
            shelf.samples.flush().expect("is kept");
        }
        if restart {
            shelf = shelf.reopened();
        }
        let all = measured(&batches);
        for number in 0..3 {
            // In full, from minutes, from several minutes, from hours.
            for step in [10, 60, 300, 3600] {
                let told = shelf.curve(&series(number), -7200, 7200, step);
                let expected = expected(&all, number, step * 1000);
                prop_assert_eq!(told.len(), expected.len());
                for (bucket, (begin, values)) in told.iter().zip(&expected) {
                    prop_assert!(is_of(bucket, *begin, values), "{bucket:?} of {values:?}");
                }
            }
            let last = all.range((number, i64::MIN)..=(number, i64::MAX)).next_back();
            let latest = shelf.reader().latest(&series(number)).expect("reads");
            prop_assert_eq!(
                latest.map(|point| (point.at, point.value)),
                last.map(|((_, ms), value)| (at(*ms), *value))
            );
        }
    }

    #[test]
    fn only_what_can_be_measured_is_kept(bits in any::<u64>()) {
        let value = f64::from_bits(bits);
        let shelf = Shelf::new();
        let outcome = shelf.samples.record(&memory(), second(0), value);
        prop_assert_eq!(outcome.is_ok(), value.abs() <= 1e290);
        prop_assert!(!matches!(outcome, Err(NotRecorded::QueueFull)));
        prop_assert!(shelf.samples.flush().is_ok());
        let kept = shelf.reader().latest(&memory()).expect("reads").map(|point| point.value);
        prop_assert_eq!(kept, outcome.is_ok().then_some(value));
    }

    /// Whatever a series does, a forecast is a time from now on, or none.
    #[test]
    fn a_forecast_is_never_in_the_past(values in prop::collection::vec(values(), 0..120), limit in values()) {
        let shelf = Shelf::new();
        shelf.keep(&memory(), (0..).zip(values).map(|(n, value)| (minute(n * 3), value)));
        let forecast = shelf.reader().forecast(&memory(), limit, hour(6)).expect("reads");
        if let Forecast::At(at) = forecast {
            prop_assert!(at >= hour(6));
        }
    }
}
