//! One configured probe: the keys that all kinds have in common, and the settings of its kind.

use crate::{
    kinds,
    probe::{Deps, Kind, Probe, Seat, Settings},
};
use domain::{
    ids::{ProbeName, ServiceName},
    said::Said,
};
use jiff::SignedDuration;
use source::{Fields, Node, Problems};
use std::{sync::Arc, time::Duration};

/// Looking more often than this costs more than it tells: a dead process is seen at once anyway.
const SHORTEST_INTERVAL: SignedDuration = SignedDuration::from_millis(100);

/// A probe as a person configured it.
#[derive(Clone, Debug)]
pub struct ProbeSpec {
    /// Its name.
    pub name: ProbeName,
    /// The service it looks at.
    pub service: ServiceName,
    /// How often it looks.
    pub every: SignedDuration,
    /// How long a look may take. 15 s by default, so that ten seconds can be measured (C5).
    pub timeout: SignedDuration,
    /// Its kind.
    pub kind: &'static Kind,
    /// What its kind needs to know.
    pub settings: Arc<dyn Settings>,
}

impl ProbeSpec {
    /// Reads `kind`, `service`, `every`, `timeout` and the keys of the kind.
    ///
    /// ```
    /// use probes::ProbeSpec;
    /// use source::{Problems, yaml};
    /// let mut problems = Problems::new();
    /// let text = "{kind: tcp, service: db, address: 127.0.0.1:5432}";
    /// let node = yaml::read("probes.yaml", text, 0, &mut problems).unwrap();
    /// let spec = ProbeSpec::parse("db/port", &node, &mut problems).unwrap();
    /// assert_eq!(spec.timeout.as_secs(), 15);
    /// ```
    pub fn parse(name: impl Into<ProbeName>, node: &Node, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::open(node, problems)?;
        let service = fields.required("service", problems).and_then(|node| node.text(problems));
        let interval = fields.duration_or("every", SignedDuration::from_secs(10), problems);
        if interval < SHORTEST_INTERVAL {
            let every = fields.optional("every");
            let place = every.map_or(fields.place(), |node| &node.place);
            problems.add(
                place,
                Said::new("`every` は 100ms 以上にしてください", "`every` must be at least 100ms"),
            );
        }
        let timeout = fields.duration_or("timeout", SignedDuration::from_secs(15), problems);
        if timeout.is_zero() {
            let message =
                Said::new("`timeout` は 0 より長くしてください", "`timeout` must be longer than 0");
            problems.add(fields.place(), message);
        }
        let kind = find_kind(&mut fields, problems)?;
        let settings = (kind.parse)(&mut fields, problems);
        fields.finish(problems);
        Some(Self {
            name: name.into(),
            service: service?.into(),
            every: interval.max(SHORTEST_INTERVAL),
            timeout,
            kind,
            settings: settings?,
        })
    }

    /// The names of all readings that this probe brings: what a rule may ask for.
    pub fn readings(&self) -> Vec<String> {
        let mut names: Vec<String> =
            self.kind.readings.iter().map(|(name, ..)| (*name).to_owned()).collect();
        names.extend(self.settings.own_readings());
        names
    }

    /// The place that the probe looks from.
    pub fn seat(&self, deps: &Deps) -> Seat {
        Seat {
            probe: self.name.clone(),
            service: self.service.clone(),
            timeout: Duration::try_from(self.timeout).unwrap_or(Duration::ZERO),
            deps: deps.clone(),
        }
    }

    /// The probe itself.
    pub fn make(&self, deps: &Deps) -> Box<dyn Probe> {
        self.settings.make(self.seat(deps))
    }
}

fn find_kind(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<&'static Kind> {
    let node = fields.required("kind", problems)?;
    let name = node.text(problems)?;
    let kind = kinds::by_name(&name);
    if kind.is_none() {
        let known: Vec<_> = kinds::KINDS.iter().map(|kind| kind.name).collect();
        let known = known.join(", ");
        problems.add_with_hint(
            &node.place,
            Said::new(
                format!("`{name}` という種類のプローブはありません"),
                format!("there is no probe kind `{name}`"),
            ),
            Said::new(format!("使える種類: {known}"), format!("known kinds: {known}")),
        );
    }
    kind
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::said::Language;
    use source::yaml;

    fn problems_of(text: &str) -> String {
        let mut problems = Problems::new();
        let node = yaml::read("probes.yaml", text, 0, &mut problems).expect("YAML");
        ProbeSpec::parse("p", &node, &mut problems);
        problems.render(Language::En)
    }

    #[test]
    fn every_mistake_is_named_at_once() {
        let said = problems_of("kind: http\nevery: 1ms\nurll: http://127.0.0.1:8080/health\n");
        for part in
            ["`service` is missing", "at least 100ms", "`url` is missing", "did you mean `url`?"]
        {
            assert!(said.contains(part), "{part}: {said}");
        }
    }

    #[test]
    fn an_unknown_kind_names_the_known_ones() {
        let said = problems_of("{kind: htttp, service: api-1}");
        assert!(said.contains("no probe kind `htttp`") && said.contains("http, journey"), "{said}");
    }
}
