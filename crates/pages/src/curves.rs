//! Which readings are kept over time, what limits they have, and their charts.

use crate::{
    chart::{self, Chart, Limit, Mark, Plot},
    desk::Desk,
    figures::{figure, unit_of},
    when::Clock,
};
use domain::{
    ids::{ProbeName, ServiceName},
    policy::Feed,
    rule::{Rule, Test},
    said::Said,
    severity::Level,
    watch::NO_DATA,
    world::World,
};
use jiff::SignedDuration;
use samples::{Curve, Series};
use std::collections::BTreeMap;
use web::{Readings, Refused, Span};

/// The most steps of a chart: more than the eye tells apart on a telephone are only long.
pub(crate) const STEPS: u32 = 72;
/// Where no probe says how soon its silence counts.
const SILENCE: SignedDuration = SignedDuration::from_mins(5);

/// A reading that is kept over time.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) series: Series,
    pub(crate) title: Said,
    pub(crate) unit: String,
    pub(crate) silence: SignedDuration,
    pub(crate) limits: Vec<Limit>,
}

/// The numbers of a service that rules judge, each with its limits.
pub(crate) fn judged(world: &World<'_>, readings: &Readings, service: &ServiceName) -> Vec<Source> {
    let mut found: BTreeMap<Series, Source> = BTreeMap::new();
    for (probe, feed) in &world.policy.probes {
        // A probe may tell of other services than its own.
        if feed.service != *service && readings.last(probe, service).is_none() {
            continue;
        }
        for rule in feed.rules.iter().filter_map(|name| world.policy.rules.get(name)) {
            let limits = limits(rule);
            if limits.is_empty() || rule.name.as_str() == NO_DATA {
                continue;
            }
            let (own, of) = (feed.service.as_str(), service.as_str());
            let series = Series::about(probe.as_str(), own, of, &rule.reading);
            let one = found.entry(series.clone()).or_insert_with(|| source(rule, feed, series));
            one.limits.extend(limits);
            one.limits.sort_by(|a, b| a.value.total_cmp(&b.value));
            one.limits.dedup();
        }
    }
    found.into_values().collect()
}

fn source(rule: &Rule, feed: &Feed, series: Series) -> Source {
    let title = |text: &str| format!("{text} ({})", series.reading());
    Source {
        title: Said::new(title(&rule.title.ja), title(&rule.title.en)),
        unit: unit(rule).into(),
        silence: feed.no_data_after,
        limits: Vec::new(),
        series,
    }
}

/// The unit behind values of a rule's reading.
fn unit(rule: &Rule) -> &str {
    if rule.unit.is_empty() { unit_of(&rule.reading) } else { &rule.unit }
}

/// How soon the silence of a probe counts, and from which numbers on rules call one of its readings bad.
pub(crate) fn known_of(
    world: &World<'_>,
    probe: &ProbeName,
    reading: &str,
) -> (SignedDuration, Vec<Limit>) {
    let Some(feed) = world.policy.probes.get(probe) else { return (SILENCE, Vec::new()) };
    let rules = feed.rules.iter().filter_map(|name| world.policy.rules.get(name));
    let limits = rules.filter(|rule| rule.reading == reading).flat_map(|rule| limits(rule));
    (feed.no_data_after, limits.collect())
}

/// From which numbers on a rule calls a reading bad.
pub(crate) fn limits(rule: &Rule) -> Vec<Limit> {
    let one = |band: &domain::rule::Band| {
        let (sign, value) = match band.test {
            Test::Above(value) => (">", value),
            Test::AtLeast(value) => ("≥", value),
            Test::Below(value) => ("<", value),
            Test::Is(_) | Test::IsNot(_) => return None,
        };
        let class = if band.level == Level::Critical { "fire" } else { "ember" };
        let text = format!("{sign} {} ({})", figure(value, unit(rule)), band.level);
        Some(Limit { value, text, class })
    };
    rule.bands.iter().filter_map(one).collect()
}

/// How these readings were, in their order.
///
/// # Errors
/// The samples cannot be read.
pub(crate) async fn fetch(
    desk: &Desk,
    sources: &[Source],
    span: Span,
) -> Result<Vec<Curve>, Refused> {
    let wanted: Vec<_> = sources.iter().map(|source| source.series.clone()).collect();
    let curves = desk.shared.measured(move |reader| {
        let curve = |series: &Series| reader.range(series, span.from, span.to, span.step);
        wanted.iter().map(curve).collect()
    });
    curves.await
}

/// Their charts, with what happened meanwhile.
pub(crate) fn charts(
    sources: &[Source],
    curves: &[Curve],
    span: Span,
    marks: &[Mark],
    clock: &Clock,
) -> Vec<Chart> {
    let chart = |(source, curve): (&Source, &Curve)| {
        let plot = Plot {
            id: format!("c-{}", source.series),
            title: source.title.text(clock.language).to_owned(),
            unit: source.unit.clone(),
            from: span.from,
            to: span.to,
            silence: source.silence,
            limits: source.limits.clone(),
            marks: marks.to_vec(),
            tells_marks: true,
        };
        chart::draw(curve, &plot, clock)
    };
    sources.iter().zip(curves).map(chart).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        clock::Origin,
        rule::{Band, Symptom},
    };

    #[test]
    fn limits_are_the_numbers_of_the_bands() {
        let band = |test, level| Band {
            test,
            stays: None,
            level,
            priority: None,
            hold: SignedDuration::ZERO,
            n_of_m: (1, 1),
            respond_within: None,
        };
        let rule = Rule {
            name: "disk_usage".into(),
            title: Said::new("ディスク", "disk"),
            symptom: Symptom::Disk,
            reading: "used_percent".into(),
            unit: String::new(),
            bands: vec![
                band(Test::AtLeast(95.0), Level::Critical),
                band(Test::Above(90.0), Level::Warning),
                band(Test::Is(domain::reading::Value::Flag(false)), Level::Critical),
            ],
            clear_passes: 1,
            owner: String::new(),
            respond_within: domain::calendar::Within::Time(SignedDuration::from_mins(5)),
            respond_from: Origin::Hikeshi,
        };
        let limits = limits(&rule);
        let told: Vec<_> = limits.iter().map(|limit| (limit.text.as_str(), limit.class)).collect();
        assert_eq!(told, [("≥ 95 % (critical)", "fire"), ("> 90 % (warning)", "ember")]);
    }
}
