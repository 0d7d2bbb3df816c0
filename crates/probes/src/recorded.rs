//! Under which names the values of an observation are kept in the samples.

use domain::{
    ids::{ProbeName, ServiceName},
    reading::{Observation, Reading, Value},
};
use samples::Series;

/// The series of a probe's reading about a service: see [`Series::about`].
pub fn series(probe: &ProbeName, own: &ServiceName, of: &ServiceName, reading: &str) -> Series {
    Series::about(probe.as_str(), own.as_str(), of.as_str(), reading)
}

/// The numbers and flags (0 or 1) that were measured now, of a probe whose own service is `own`.
pub fn values(own: &ServiceName, seen: &Observation) -> Vec<(Series, f64)> {
    let value = |reading: &Reading| match reading.measured()? {
        Value::Number(number) => Some(*number),
        Value::Flag(flag) => Some(f64::from(u8::from(*flag))),
        Value::Text(_) => None,
    };
    let measured = seen.readings.iter().filter_map(|(name, reading)| Some((name, value(reading)?)));
    measured.map(|(name, value)| (series(&seen.probe, own, &seen.service, name), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    #[test]
    fn only_what_was_measured_is_kept() {
        let seen = Observation::new("api/health", "api-1", Timestamp::UNIX_EPOCH)
            .with("up", Reading::flag(true))
            .with("latency_ms", Reading::number(12.5))
            .with("state", Reading::text("running"))
            .with("old", Reading::Stale { value: Value::Number(1.0), at: Timestamp::UNIX_EPOCH })
            .with("rate", Reading::Unknown("the first look".into()))
            .with("free", Reading::Failed("permission denied".into()));
        let kept = values(&"api-1".into(), &seen);
        let kept: Vec<_> =
            kept.iter().map(|(series, value)| (series.to_string(), *value)).collect();
        let expected =
            [("api/health latency_ms".to_owned(), 12.5), ("api/health up".to_owned(), 1.0)];
        assert_eq!(kept, expected);
    }
}
