//! How long a component was how, on one day: what was measured, and nothing else. Time that nobody measured is in no count.

use domain::status_page::ComponentState;

/// Seconds of a day, by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    good: i64,
    maintained: i64,
    degraded: i64,
    partial: i64,
    major: i64,
}

impl Tally {
    /// Adds measured time; what is unknown was not measured.
    pub fn add(&mut self, state: ComponentState, seconds: i64) {
        let count = match state {
            ComponentState::Operational => &mut self.good,
            ComponentState::Maintenance => &mut self.maintained,
            ComponentState::Degraded => &mut self.degraded,
            ComponentState::PartialOutage => &mut self.partial,
            ComponentState::MajorOutage => &mut self.major,
            ComponentState::Unknown => return,
        };
        *count += seconds;
    }

    /// Adds another.
    pub fn join(&mut self, other: &Self) {
        for state in ComponentState::ALL {
            self.add(state, other.seconds(state));
        }
    }

    /// The time in a state.
    pub fn seconds(&self, state: ComponentState) -> i64 {
        match state {
            ComponentState::Operational => self.good,
            ComponentState::Maintenance => self.maintained,
            ComponentState::Degraded => self.degraded,
            ComponentState::PartialOutage => self.partial,
            ComponentState::MajorOutage => self.major,
            ComponentState::Unknown => 0,
        }
    }

    /// All time that was measured.
    pub fn measured(&self) -> i64 {
        ComponentState::ALL.iter().map(|state| self.seconds(*state)).sum()
    }

    /// The share of the measured time in which nothing of it was out, in percent; announced work is left out of both. None:
    /// nothing was measured.
    pub fn uptime(&self) -> Option<f64> {
        let judged = self.measured() - self.maintained;
        let up = self.good + self.degraded;
        // Both are seconds of at most some months: exact as floating numbers.
        #[allow(clippy::cast_precision_loss)]
        (judged > 0).then(|| up as f64 * 100.0 / judged as f64)
    }

    /// The worst that was measured; none: nothing was.
    pub fn worst(&self) -> Option<ComponentState> {
        ComponentState::ALL.into_iter().rev().find(|state| self.seconds(*state) > 0)
    }
}

/// A share in percent, rounded down to hundredths: 99.999 % is not all of the time.
pub fn percent(share: f64) -> f64 {
    (share * 100.0).floor() / 100.0
}

#[cfg(test)]
mod tests {
    use super::{ComponentState::*, *};

    #[test]
    fn what_was_not_measured_counts_for_nothing() {
        let mut tally = Tally::default();
        assert_eq!((tally.uptime(), tally.worst()), (None, None));
        tally.add(Unknown, 3600);
        assert_eq!((tally.uptime(), tally.measured()), (None, 0), "nobody knows how it was");
        tally.add(Operational, 900);
        tally.add(MajorOutage, 100);
        tally.add(Maintenance, 5000);
        assert_eq!(tally.uptime(), Some(90.0));
        assert_eq!((tally.worst(), tally.measured()), (Some(MajorOutage), 6000));
    }

    #[test]
    fn a_second_of_outage_is_seen() {
        let mut tally = Tally::default();
        tally.add(Operational, 86_399 * 90);
        tally.add(PartialOutage, 1);
        assert_eq!(percent(tally.uptime().expect("measured")), 99.99);
    }
}
