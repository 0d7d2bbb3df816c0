//! Inhibition: while one alert fires, others that it explains are quiet. Both sides are indexed by the values that they must
//! have in common, so that an alert that begins or ends touches only those that it may concern.

use crate::{
    ids::AlertKey,
    labels::Labels,
    matcher::{self, Matcher},
    signal::Fingerprint,
};
use std::{
    collections::{BTreeSet, HashMap},
    fmt,
};

/// While an alert of `source` fires, alerts of `target` with the same values of `equal` are quiet.
#[derive(Clone, Debug, PartialEq)]
pub struct Inhibition {
    /// Who inhibits.
    pub source: Vec<Matcher>,
    /// Who is inhibited. What is source and target of one rule at once is not inhibited by its own kind.
    pub target: Vec<Matcher>,
    /// Labels that both must have in common; one that neither has is common.
    pub equal: Vec<String>,
}

impl Inhibition {
    fn values(&self, labels: &Labels) -> Vec<String> {
        let value = |name: &String| labels.get(name).unwrap_or_default().into_owned();
        self.equal.iter().map(value).collect()
    }
}

/// An alert in the index: a signal by its number, or an alert of our own rules by its key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Name {
    /// A signal.
    Signal(Fingerprint),
    /// An alert of our own rules.
    Alert(AlertKey),
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signal(number) => number.fmt(f),
            Self::Alert(key) => key.fmt(f),
        }
    }
}

/// A rule, by its place in the policy, and values of the labels that both sides have in common.
type Place = (usize, Vec<String>);

/// Who inhibits and who is inhibited now, so that a storm is one lookup per alert.
#[derive(Clone, Debug, Default)]
pub struct Index {
    sources: HashMap<Place, BTreeSet<Name>>,
    targets: HashMap<Place, BTreeSet<Name>>,
    /// Where each alert stands: as a source, and as a target.
    places: HashMap<Name, (Vec<Place>, Vec<Place>)>,
}

impl Index {
    /// An alert fires, or its labels have changed. Returns the alerts that may be quiet now and were not, or the other way
    /// round.
    pub fn put(&mut self, rules: &[Inhibition], name: &Name, labels: &Labels) -> BTreeSet<Name> {
        let (mut sources, mut targets) = (Vec::new(), Vec::new());
        for (index, rule) in rules.iter().enumerate() {
            if matcher::all(&rule.source, labels) {
                sources.push((index, rule.values(labels)));
            } else if matcher::all(&rule.target, labels) {
                targets.push((index, rule.values(labels)));
            }
        }
        if self.places.get(name).is_some_and(|known| known.0 == sources && known.1 == targets) {
            return BTreeSet::new();
        }
        let mut touched = self.remove(name);
        for place in &sources {
            let names = self.sources.entry(place.clone()).or_default();
            names.insert(name.clone());
            if names.len() == 1 {
                touched.extend(self.targets.get(place).into_iter().flatten().cloned());
            }
        }
        for place in &targets {
            self.targets.entry(place.clone()).or_default().insert(name.clone());
        }
        if !sources.is_empty() || !targets.is_empty() {
            self.places.insert(name.clone(), (sources, targets));
        }
        touched
    }

    /// An alert is over. Returns the alerts that may be loud now and were not.
    pub fn remove(&mut self, name: &Name) -> BTreeSet<Name> {
        let mut touched = BTreeSet::new();
        let Some((sources, targets)) = self.places.remove(name) else { return touched };
        for place in sources {
            if take(&mut self.sources, &place, name) {
                touched.extend(self.targets.get(&place).into_iter().flatten().cloned());
            }
        }
        for place in targets {
            take(&mut self.targets, &place, name);
        }
        touched
    }

    /// The alert that inhibits this one.
    pub fn of(&self, name: &Name) -> Option<&Name> {
        let (_, targets) = self.places.get(name)?;
        targets.iter().find_map(|place| self.sources.get(place)?.first())
    }
}

/// Takes a name out of a place; whether it was the last one there.
fn take(map: &mut HashMap<Place, BTreeSet<Name>>, place: &Place, name: &Name) -> bool {
    let Some(names) = map.get_mut(place) else { return false };
    names.remove(name);
    let is_last = names.is_empty();
    if is_last {
        map.remove(place);
    }
    is_last
}
