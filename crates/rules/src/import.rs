//! Alerting rules of Prometheus as probes and alerts of ours: Prometheus goes on measuring, hikeshi judges.

use crate::{
    expression::{Expression, Limit},
    file::{Alerting, Group, Rule, RuleFile, RuleKind},
    severity, template,
    text::{key, one_line, quoted},
};
use domain::{
    said::{Language, Said},
    severity::Level,
};
use jiff::SignedDuration;
use source::{Place, Problem};
use std::collections::BTreeSet;

/// What the rules themselves do not say.
#[derive(Clone, Debug)]
pub struct Wiring {
    /// The address of the Prometheus that is asked.
    pub url: String,
    /// The service that an alert is about when the rule names none that is known.
    pub service: String,
    /// The services of the configuration: a rule's label `service` or matcher `job` may name one.
    pub services: BTreeSet<String>,
    /// Alerts that exist already, the built-in ones too: an import lays nothing over them.
    pub taken: BTreeSet<String>,
    /// How often Prometheus is asked where the group has no interval.
    pub every: SignedDuration,
    /// The language of the comments.
    pub language: Language,
}

/// What came out.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// YAML with `probes:` and `alerts:`, to be pasted into or included by the configuration.
    pub yaml: String,
    /// What is not the same as in Prometheus, rule by rule.
    pub notes: Vec<Problem>,
}

/// An alert of ours in the making.
struct Draft {
    name: String,
    place: Place,
    title: String,
    is_outage: bool,
    service: String,
    asked: Asked,
    every: SignedDuration,
    bands: Vec<Band>,
    remarks: Vec<Said>,
}

/// What Prometheus is asked.
#[derive(Clone, PartialEq)]
struct Asked {
    query: String,
    take: &'static str,
    is_empty_fine: bool,
}

struct Band {
    sign: &'static str,
    number: f64,
    level: Level,
    hold: SignedDuration,
}

/// Turns every alerting rule into a `promql` probe and an alert on its value.
///
/// `A > B` with a number is asked as `A` and judged as `> B`, so that charts and messages show the value. Whatever else
/// it is, the samples that pass are counted. Rules of one name and one query become the bands of one alert.
pub fn import(file: &RuleFile, wiring: &Wiring) -> Imported {
    let mut drafts: Vec<Draft> = Vec::new();
    let mut notes = Vec::new();
    for group in &file.groups {
        for rule in &group.rules {
            match &rule.kind {
                RuleKind::Alerting(alerting) => add(rule, alerting, group, wiring, &mut drafts),
                RuleKind::Recording => notes.push(note(rule, recording())),
                RuleKind::Panel => {}
            }
        }
    }
    let remarks = drafts.iter().flat_map(|draft| {
        let note = |remark: &Said| Problem {
            place: draft.place.clone(),
            message: named(&draft.name, remark),
            hint: None,
        };
        draft.remarks.iter().map(note)
    });
    notes.extend(remarks);
    notes.sort_by(|a, b| a.place.cmp(&b.place));
    Imported { yaml: yaml(file, &drafts, wiring), notes }
}

fn add(rule: &Rule, alerting: &Alerting, group: &Group, wiring: &Wiring, drafts: &mut Vec<Draft>) {
    let mut remarks = Vec::new();
    let level = severity::of(alerting).unwrap_or_else(|| {
        remarks.push(Said::new(
            "severity が分からないので warning にしました",
            "its severity is not known; it became a warning",
        ));
        Level::Warning
    });
    if !alerting.keep_firing_for.is_zero() {
        remarks.push(Said::new(
            "`keep_firing_for` はありません。`clear_after` か `until` を使ってください",
            "there is no `keep_firing_for`; use `clear_after` or `until`",
        ));
    }
    let split = split(&rule.expression);
    if split.is_none() {
        remarks.push(Said::new(
            "`値 > 数` の形ではないので、成立した系列の数を見ます",
            "it is not `value > number`, so the series that pass are counted",
        ));
    }
    let (asked, sign, number) = split.unwrap_or_else(|| (counted(&rule.expression), ">", 0.0));
    let band = Band { sign, number, level, hold: alerting.hold };
    let name = name_of(&rule.name);
    let base = drafts.iter_mut().find(|draft| {
        draft.name == name && draft.asked == asked && draft.bands.iter().all(|b| b.sign == sign)
    });
    if let Some(draft) = base.filter(|draft| fits(&draft.bands, &band)) {
        draft.bands.push(band);
        draft.bands.sort_by(in_order);
        draft.remarks.extend(remarks);
        return;
    }
    drafts.push(Draft {
        name: free_name(name, level, wiring, drafts),
        place: rule.place.clone(),
        title: title(rule, alerting),
        is_outage: is_outage(&rule.expression),
        service: service(rule, alerting, wiring),
        asked,
        every: group.interval.filter(|every| !every.is_zero()).unwrap_or(wiring.every),
        bands: vec![band],
        remarks,
    });
}

/// The value and the test, when a band of ours can hold the test.
fn split(expression: &Expression) -> Option<(Asked, &'static str, f64)> {
    let Limit { query, comparison, number } = expression.limit()?;
    let sign = comparison.sign();
    let take = match sign {
        ">" | ">=" => "max",
        "<" => "min",
        _ => return None,
    };
    // Nothing may be the normal case: no error was ever counted. Below a limit, nothing would be an alarm.
    let is_zero_fine = match sign {
        ">" => number >= 0.0,
        ">=" => number > 0.0,
        _ => false,
    };
    let is_empty_fine = is_zero_fine && may_be_empty(&query);
    Some((Asked { query, take, is_empty_fine }, sign, number))
}

/// A query that filters, or asks for more than a target: its series come with the first event.
fn may_be_empty(query: &str) -> bool {
    let nowhere = |_: &str| Place { file: "".into(), line: 0 };
    let Ok(expression) = Expression::parse(query, &nowhere) else { return false };
    let mut matchers = expression.selectors().iter().flat_map(|selector| &selector.matchers);
    expression.filters(&|_| false)
        || matchers.any(|matcher| !matches!(matcher.label(), "job" | "instance"))
}

fn counted(expression: &Expression) -> Asked {
    let query = format!("count({})", expression.canonical());
    Asked { query, take: "only", is_empty_fine: true }
}

/// Bands go from the most severe to the least, and one that is met earlier must not hide the next.
fn fits(bands: &[Band], new: &Band) -> bool {
    bands.iter().all(|band| {
        let (loud, quiet) = if in_order(band, new).is_le() { (band, new) } else { (new, band) };
        let distinct = (band.level, band.hold) != (new.level, new.hold);
        let is_farther =
            if new.sign == "<" { loud.number <= quiet.number } else { loud.number >= quiet.number };
        distinct && is_farther
    })
}

fn in_order(a: &Band, b: &Band) -> std::cmp::Ordering {
    let farther =
        if a.sign == "<" { a.number.total_cmp(&b.number) } else { b.number.total_cmp(&a.number) };
    b.level.cmp(&a.level).then(farther)
}

/// `@` divides a rule from its service in the keys of alerts.
fn name_of(name: &str) -> String {
    name.chars()
        .map(|c| if c == '@' || c.is_whitespace() || c.is_control() { '_' } else { c })
        .collect()
}

fn free_name(name: String, level: Level, wiring: &Wiring, drafts: &[Draft]) -> String {
    let is_free = |name: &String| {
        !wiring.taken.contains(name) && !drafts.iter().any(|draft| draft.name == *name)
    };
    let candidates = [name.clone(), format!("{name}_{level}")].into_iter();
    let numbered = (2..).map(|number| format!("{name}_{level}_{number}"));
    candidates.chain(numbered).find(is_free).unwrap_or(name)
}

fn title(rule: &Rule, alerting: &Alerting) -> String {
    let texts = ["summary", "title", "message"];
    let text = texts.iter().find_map(|key| alerting.annotations.get(*key));
    let text = text.map(|text| template::without(text)).unwrap_or_default();
    if text.trim_matches(['…', ' ']).is_empty() { rule.name.clone() } else { text }
}

/// Only `up` says that a service is not there; everything else may have many reasons.
fn is_outage(expression: &Expression) -> bool {
    let selectors = expression.selectors();
    !selectors.is_empty() && selectors.iter().all(|s| s.metric.as_deref() == Some("up"))
}

fn service(rule: &Rule, alerting: &Alerting, wiring: &Wiring) -> String {
    let label = alerting.labels.get("service").map(String::as_str);
    let matchers = rule.expression.selectors().iter().flat_map(|selector| &selector.matchers);
    let jobs = matchers
        .filter(|matcher| matcher.is_equal() && matches!(matcher.label(), "job" | "service"))
        .map(|matcher| matcher.value());
    let mut named = label.into_iter().chain(jobs);
    named.find(|name| wiring.services.contains(*name)).unwrap_or(&wiring.service).to_owned()
}

fn yaml(file: &RuleFile, drafts: &[Draft], wiring: &Wiring) -> String {
    let head = wiring.language.pick("から取り込んだもの", "imported from");
    let name = one_line(&file.name);
    let mut text = wiring.language.pick(format!("# {name} {head}\n"), format!("# {head} {name}\n"));
    text.push_str(if drafts.is_empty() { "probes: {}\nalerts: {}\n" } else { "probes:\n" });
    for draft in drafts {
        let Asked { query, take, is_empty_fine } = &draft.asked;
        text.push_str(&format!("  {}:\n    kind: promql\n", key(&probe(draft))));
        text.push_str(&format!("    service: {}\n", key(&draft.service)));
        text.push_str(&format!("    url: {}\n", quoted(&wiring.url)));
        text.push_str(&format!("    query: {}\n    take: {take}\n", quoted(query)));
        if *is_empty_fine {
            text.push_str("    empty_is: 0\n");
        }
        text.push_str(&format!("    every: {:#}\n", draft.every));
    }
    if !drafts.is_empty() {
        text.push_str("alerts:\n");
    }
    drafts.iter().for_each(|draft| text.push_str(&alert(draft, wiring.language)));
    text
}

fn alert(draft: &Draft, language: Language) -> String {
    let mut text = format!("  # {}\n", one_line(&draft.place.to_string()));
    for remark in &draft.remarks {
        text.push_str(&format!("  # {}\n", one_line(remark.text(language))));
    }
    let symptom = if draft.is_outage { "service_down" } else { "other" };
    text.push_str(&format!(
        "  {}:\n    title: {}\n    symptom: {symptom}\n    probes: [{}]\n    reading: value\n    bands:\n",
        key(&draft.name),
        quoted(&draft.title),
        key(&probe(draft)),
    ));
    for Band { sign, number, level, hold } in &draft.bands {
        let priority = if *level == Level::Critical { ", priority: P1" } else { "" };
        let hold = if hold.is_zero() { String::new() } else { format!(", for: {hold:#}") };
        text.push_str(&format!(
            "      - {{when: \"{sign} {number}\", level: {level}{priority}{hold}}}\n"
        ));
    }
    text
}

fn probe(draft: &Draft) -> String {
    format!("promql/{}", draft.name)
}

fn recording() -> Said {
    Said::new("記録ルールは Prometheus に残します", "a rule that records stays with Prometheus")
}

fn named(name: &str, said: &Said) -> Said {
    Said::new(format!("{name}: {}", said.ja), format!("{name}: {}", said.en))
}

fn note(rule: &Rule, said: Said) -> Problem {
    Problem { place: rule.place.clone(), message: named(&rule.name, &said), hint: None }
}
