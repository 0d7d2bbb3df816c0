//! Sorting: which alert of hikeshi a signal from outside is part of, how loud it is, and how its alert is told.

use crate::{
    calendar::Within,
    graph::Graph,
    ids::{AlertKey, ServiceName},
    labels::{Labels, Read},
    matcher::Matcher,
    rule::Symptom,
    severity::{Level, Priority},
};
use jiff::SignedDuration;

/// Labels that may name a service of the configuration, the most telling first.
const SERVICE_LABELS: &[&str] =
    &["service", "hikeshi_service", "job", "app", "component", "instance", "host", "namespace"];

/// How signals are taken in.
#[derive(Clone, Debug, PartialEq)]
pub struct Intake {
    /// A signal without an end is over when it was not heard of for this long; and after a start its senders have this
    /// long to speak before anything counts as over.
    pub resolve_timeout: SignedDuration,
    /// How to sort; the first that fits counts.
    pub sorts: Vec<Sort>,
}

impl Default for Intake {
    fn default() -> Self {
        Self { resolve_timeout: SignedDuration::from_mins(5), sorts: Vec::new() }
    }
}

/// One way of sorting. What it leaves open is decided by the signal's own labels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sort {
    /// Which signals.
    pub matchers: Vec<Matcher>,
    /// The service that they are about.
    pub service: Option<ServiceName>,
    /// The label that names the service.
    pub service_label: Option<String>,
    /// Labels whose values make alerts of their own (Alertmanager's `group_by`); the name and the service always do.
    pub group_by: Vec<String>,
    /// What kind of trouble it is.
    pub symptom: Option<Symptom>,
    /// How loud.
    pub level: Option<Level>,
    /// The incident priority that it means by itself.
    pub priority: Option<Priority>,
    /// Who owns it.
    pub owner: Option<String>,
    /// How soon somebody must respond.
    pub respond_within: Option<Within>,
    /// How its alert is told.
    pub rhythm: Rhythm,
}

/// When an alert is told, as users of Alertmanager know it. Without these, hikeshi's own times hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rhythm {
    /// Wait for more before the alert fires (`group_wait`).
    pub wait: SignedDuration,
    /// New signals of a warning that was told are told again, this far apart (`group_interval`).
    pub interval: Option<SignedDuration>,
    /// A warning that goes on is told again after this long (`repeat_interval`).
    pub repeat: Option<SignedDuration>,
}

impl Rhythm {
    /// Whether anything that was told is told again.
    pub fn tells_again(&self) -> bool {
        self.interval.is_some() || self.repeat.is_some()
    }
}

/// Where a signal belongs.
#[derive(Clone, Debug, PartialEq)]
pub struct Sorted<'a> {
    /// The alert.
    pub key: AlertKey,
    /// How loud.
    pub level: Level,
    /// The incident priority that it means by itself.
    pub priority: Option<Priority>,
    /// The way of sorting that fitted.
    pub sort: Option<&'a Sort>,
}

impl Intake {
    /// Sorts a signal. `sender` stands for the service where no label names one.
    pub fn sort(&self, graph: &Graph, sender: &str, labels: &Labels) -> Sorted<'_> {
        let labels = &labels.read();
        let sort = self.first_fit(labels);
        let service = service_of(sort, graph, labels).unwrap_or_else(|| {
            let named = SERVICE_LABELS[..4].iter().find_map(|name| labels.get(name));
            named.unwrap_or(sender).into()
        });
        let mut rule = labels.get("alertname").unwrap_or("alert").to_owned();
        let values = sort
            .map_or(&[][..], |sort| &sort.group_by)
            .iter()
            .filter(|name| !matches!(name.as_str(), "alertname" | "service"));
        let values: Vec<_> =
            values.map(|name| format!("{name}={}", labels.get(name).unwrap_or_default())).collect();
        if !values.is_empty() {
            rule = format!("{rule}{{{}}}", values.join(","));
        }
        let level = sort.and_then(|sort| sort.level).unwrap_or_else(|| level_of(labels));
        let priority = sort.and_then(|sort| sort.priority).or_else(|| priority_of(labels, level));
        Sorted { key: AlertKey::new(rule, service), level, priority, sort }
    }

    /// The way of sorting that fits labels.
    pub fn sort_for(&self, labels: &Labels) -> Option<&Sort> {
        self.first_fit(&labels.read())
    }

    fn first_fit(&self, labels: &Read<'_>) -> Option<&Sort> {
        let fits =
            |matcher: &Matcher| matcher.accepts(labels.get(&matcher.name).unwrap_or_default());
        self.sorts.iter().find(|sort| sort.matchers.iter().all(fits))
    }
}

/// The service of the graph that the labels name: a value that is a service, or the host of an address that is one.
fn service_of(sort: Option<&Sort>, graph: &Graph, labels: &Read<'_>) -> Option<ServiceName> {
    if let Some(service) = sort.and_then(|sort| sort.service.clone()) {
        return Some(service);
    }
    let own = sort.and_then(|sort| sort.service_label.as_deref());
    if let Some(value) = own.and_then(|name| labels.get(name)) {
        return Some(ServiceName::from(value));
    }
    let known = |name: &&str| {
        let value = labels.get(name)?;
        let host = value.rsplit_once(':').map_or(value, |(host, _)| host);
        [value, host].into_iter().map(ServiceName::from).find(|name| graph.get(name).is_some())
    };
    SERVICE_LABELS.iter().find_map(known)
}

/// C2: the words of other systems for the three levels. What says nothing is a warning.
fn level_of(labels: &Read<'_>) -> Level {
    let severity = labels.get("severity").or_else(|| labels.get("level")).unwrap_or_default();
    match severity.to_ascii_lowercase().as_str() {
        "critical" | "page" | "error" | "fatal" | "emergency" | "high" | "disaster" => {
            Level::Critical
        }
        "info" | "none" | "informational" | "debug" | "notice" => Level::Info,
        _ if labels.get("priority").is_some_and(|priority| matches!(priority, "P0" | "P1")) => {
            Level::Critical
        }
        _ => Level::Warning,
    }
}

/// A label `priority` says it itself; else what is critical is P1 (C2), which impact may raise.
fn priority_of(labels: &Read<'_>, level: Level) -> Option<Priority> {
    let own = labels.get("priority").and_then(|text| text.parse().ok());
    own.or((level == Level::Critical).then_some(Priority::P1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(intake: &Intake, labels: &[(&str, &str)]) -> (String, Level, Option<Priority>) {
        let labels = Labels::new(labels.iter().copied());
        let sorted = intake.sort(&Graph::default(), "prometheus", &labels);
        (sorted.key.to_string(), sorted.level, sorted.priority)
    }

    #[test]
    fn labels_alone_say_what_and_how_loud() {
        let plain = Intake::default();
        let labels = [("alertname", "Down"), ("job", "web"), ("severity", "critical")];
        assert_eq!(
            sorted(&plain, &labels),
            ("Down@web".into(), Level::Critical, Some(Priority::P1))
        );
        assert_eq!(
            sorted(&plain, &[("alertname", "Slow")]),
            ("Slow@prometheus".into(), Level::Warning, None)
        );
        assert_eq!(
            sorted(&plain, &[("alertname", "Seen"), ("severity", "info")]),
            ("Seen@prometheus".into(), Level::Info, None)
        );
    }

    #[test]
    fn a_way_of_sorting_says_it_better() {
        let sort = Sort {
            matchers: vec![Matcher::equal("alertname", "Down")],
            service_label: Some("cluster".into()),
            group_by: vec!["alertname".into(), "zone".into()],
            level: Some(Level::Info),
            ..Sort::default()
        };
        let intake = Intake { sorts: vec![sort], ..Intake::default() };
        let labels = [("alertname", "Down"), ("cluster", "tokyo"), ("zone", "a")];
        assert_eq!(sorted(&intake, &labels), ("Down{zone=a}@tokyo".into(), Level::Info, None));
    }
}
