//! Where the lines of a chart's grid stand: at round values, and at round times of the viewer's day.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

/// Values from the lowest to the highest line of a grid, and the distance between its lines.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scale {
    pub(crate) low: f64,
    pub(crate) high: f64,
    step: f64,
}

/// About so many lines.
const LINES: f64 = 3.0;

impl Scale {
    /// One that holds both values, and zero: half as high is half as much.
    pub(crate) fn holding(low: f64, high: f64) -> Self {
        let (low, high) = (low.min(0.0), high.max(0.0));
        let high = if high > low { high } else { low + 1.0 };
        let reach = high - low;
        let power = 10_f64.powf((reach / LINES).log10().floor());
        let fits = |step: &f64| step * power * LINES >= reach;
        let step = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(fits).unwrap_or(10.0) * power;
        Self { low: (low / step).floor() * step, high: (high / step).ceil() * step, step }
    }

    /// The values at which lines stand.
    pub(crate) fn lines(self) -> Vec<f64> {
        let count = ((self.high - self.low) / self.step).round() as usize;
        (0..=count).map(|line| self.low + self.step * line as f64).collect()
    }

    /// Which share of the way up a value is.
    pub(crate) fn share(self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }
}

/// Distances between times on an axis, in minutes.
const DISTANCES: [i64; 13] = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880];
/// At most so many times.
const TIMES: i64 = 5;

/// Round times between two others, as people of this zone count them, with their labels.
pub(crate) fn times(from: Timestamp, to: Timestamp, zone: &TimeZone) -> Vec<(Timestamp, String)> {
    let length = to.duration_since(from);
    let fits = |minutes: &i64| length.as_secs() / (minutes * 60) <= TIMES;
    let days = length.as_secs() / 86_400 / TIMES + 1;
    let minutes = DISTANCES.into_iter().find(fits).unwrap_or(days * 1440);
    let Ok(midnight) = from.to_zoned(zone.clone()).start_of_day() else { return Vec::new() };
    let step = SignedDuration::from_mins(minutes);
    let mut at = midnight.timestamp();
    let mut found = Vec::new();
    while at <= to && found.len() <= 12 {
        if at >= from {
            let there = at.to_zoned(zone.clone());
            let is_midnight = there.hour() == 0 && there.minute() == 0;
            let form = if is_midnight { "%m-%d" } else { "%H:%M" };
            found.push((at, there.strftime(form).to_string()));
        }
        let Ok(next) = at.checked_add(step) else { break };
        at = next;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stand_at_round_values() {
        for (low, high, lines) in [
            (12.0, 87.0, vec![0.0, 50.0, 100.0]),
            (0.0, 100.0, vec![0.0, 50.0, 100.0]),
            (3.0, 40.0, vec![0.0, 20.0, 40.0]),
            (0.0, 0.0, vec![0.0, 0.5, 1.0]),
            (-3.0, 5.0, vec![-5.0, 0.0, 5.0]),
            (0.0, 7000.0, vec![0.0, 2500.0, 5000.0, 7500.0]),
        ] {
            assert_eq!(Scale::holding(low, high).lines(), lines, "{low} {high}");
        }
        assert_eq!(Scale::holding(0.0, 80.0).share(50.0), 0.5);
    }

    #[test]
    fn times_are_round_where_the_viewer_is() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let tokyo = TimeZone::get("Asia/Tokyo").expect("a zone");
        let labels = |from, to| {
            times(at(from), at(to), &tokyo).into_iter().map(|(_, label)| label).collect::<Vec<_>>()
        };
        assert_eq!(
            labels("2026-11-28T12:07:00Z", "2026-11-29T12:07:00Z"),
            ["11-29", "06:00", "12:00", "18:00"]
        );
        assert_eq!(
            labels("2026-11-29T12:07:00Z", "2026-11-29T13:07:00Z"),
            ["21:15", "21:30", "21:45", "22:00"]
        );
        let week = labels("2026-11-22T12:00:00Z", "2026-11-29T12:00:00Z");
        assert_eq!(week, ["11-24", "11-26", "11-28"]);
    }
}
