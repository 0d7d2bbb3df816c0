//! Alert rules: the built-in ones with the team's own laid over them.

use crate::hours;
use domain::{
    calendar::Within,
    clock::Origin,
    reading::Value,
    rule::{Band, Rule, Symptom, Test},
    said::Said,
    severity::{Level, Priority},
};
use jiff::SignedDuration;
use source::{Fields, Node, Place, Problems, Shape, yaml};

/// The rules that everybody gets, as a person would write them.
pub const DEFAULTS: &str = include_str!("defaults.yaml");

/// Where the built-in rules stand.
/// The file of what nobody wrote.
pub(crate) const BUILT_IN: &str = "(built-in alerts)";
/// Built-in rules whose times are those of document B's table of alerts (B9 to B12).
const TABLE_B: [&str; 4] =
    ["service_down", "database_connection_failed", "disk_usage", "api_latency"];

/// Within which somebody should answer an alert that says nothing of it.
const USUAL_RESPONSE: SignedDuration = SignedDuration::from_hours(1);

/// A rule and what feeds it.
pub(crate) struct Fed {
    /// The rule.
    pub(crate) rule: Rule,
    /// Probes, or kinds of probes, with the places where they are named.
    pub(crate) sources: Vec<(String, Place)>,
    /// Where the reading is named.
    pub(crate) place: Place,
}

/// A team's own rules laid over the built-in ones.
pub(crate) fn overlaid(own: Option<&Node>, problems: &mut Problems) -> Option<Node> {
    let defaults = yaml::read(BUILT_IN, DEFAULTS, 0, problems)?;
    Some(match own {
        Some(own) => defaults.overlaid_with(own.clone()),
        None => defaults,
    })
}

/// All rules.
pub(crate) fn read(own: Option<&Node>, problems: &mut Problems) -> Vec<Fed> {
    let Some(nodes) = overlaid(own, problems) else { return Vec::new() };
    let entries = nodes.entries(problems).unwrap_or_default().to_vec();
    entries
        .iter()
        .filter(|(.., node)| !node.is_off())
        .filter_map(|(name, place, node)| rule(name, place, node, problems))
        .collect()
}

fn rule(name: &str, place: &Place, node: &Node, problems: &mut Problems) -> Option<Fed> {
    let mut fields = Fields::open(node, problems)?;
    let title = fields
        .optional("title")
        .and_then(|node| said(node, problems))
        .unwrap_or_else(|| Said::same(name));
    let symptom = fields
        .optional("symptom")
        .and_then(|node| symptom(node, problems))
        .unwrap_or(Symptom::Other);
    let sources = sources(&mut fields, problems);
    let reading = fields
        .required("reading", problems)
        .and_then(|node| Some((node.text(problems)?, node.place.clone())));
    let unit = fields.text("unit", problems).unwrap_or_default();
    let bands =
        fields.required("bands", problems).and_then(|node| node.list(problems)).unwrap_or_default();
    if bands.is_empty() {
        problems.add(
            place,
            Said::new(format!("`{name}` の `bands` が空です"), format!("`{name}` has no band")),
        );
    }
    let bands: Vec<_> =
        bands.iter().filter_map(|node| Some((node.place.clone(), band(node, problems)?))).collect();
    let clear_passes =
        u32::try_from(fields.count_or("clear_after", 1, problems)).unwrap_or(u32::MAX);
    let owner = fields.text_or("owner", "SRE", problems);
    let respond_node =
        fields.or_assume("respond_within", || format!("{USUAL_RESPONSE:#}"), problems);
    let respond_from = respond_node.map(|node| match (&*node.place.file, name) {
        (BUILT_IN, name) if TABLE_B.contains(&name) => Origin::DocumentB,
        (BUILT_IN, _) => Origin::Hikeshi,
        _ => Origin::Team,
    });
    let respond_within = respond_node.and_then(|node| hours::within(node, problems));
    fields.finish(problems);
    check_order(name, &bands, problems);
    let (reading, place) = reading?;
    let rule = Rule {
        name: name.into(),
        title,
        symptom,
        reading,
        unit,
        bands: bands.into_iter().map(|(_, band)| band).collect(),
        clear_passes,
        owner,
        respond_within: respond_within.unwrap_or(Within::Time(USUAL_RESPONSE)),
        respond_from: respond_from.unwrap_or(Origin::Hikeshi),
    };
    Some(Fed { rule, sources: sources?, place })
}

fn sources(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Vec<(String, Place)>> {
    let nodes = fields.required("probes", problems)?.list(problems)?;
    Some(nodes.iter().filter_map(|node| Some((node.text(problems)?, node.place.clone()))).collect())
}

/// A band that a milder one before it always hides can never be met.
fn check_order(name: &str, bands: &[(Place, Band)], problems: &mut Problems) {
    for pair in bands.windows(2) {
        let [(_, first), (place, second)] = pair else { continue };
        if is_easier(&first.test, &second.test) {
            problems.add_with_hint(
                place,
                Said::new(
                    format!(
                        "`{name}`: `{}` は前の `{}` に隠れて成立しません",
                        second.test, first.test
                    ),
                    format!(
                        "`{name}`: `{}` is hidden by `{}` before it and can never be met",
                        second.test, first.test
                    ),
                ),
                Said::new("厳しいものから順に書いてください", "write the most severe band first"),
            );
        }
    }
}

/// Whether `a` is met by values that `b` is not met by, and by all that `b` is met by.
fn is_easier(a: &Test, b: &Test) -> bool {
    match (a, b) {
        (Test::Above(a) | Test::AtLeast(a), Test::Above(b) | Test::AtLeast(b)) => a < b,
        (Test::Below(a), Test::Below(b)) => a > b,
        _ => false,
    }
}

fn band(node: &Node, problems: &mut Problems) -> Option<Band> {
    let mut fields = Fields::open(node, problems)?;
    let when = fields.required("when", problems).and_then(|node| test(node, problems));
    let stays = fields.optional("until").and_then(|node| test(node, problems));
    let level = fields.required("level", problems).and_then(|node| level(node, problems));
    let priority = fields.optional("priority").and_then(|node| priority(node, problems));
    let hold = fields.duration_or("for", SignedDuration::ZERO, problems);
    let respond_within =
        fields.optional("respond_within").and_then(|node| hours::within(node, problems));
    let looks = fields.optional("looks").map_or(Some((1, 1)), |node| looks(node, problems));
    fields.finish(problems);
    if let (Some(when), Some(stays)) = (&when, &stays)
        && is_easier(when, stays)
    {
        problems.add(
            &node.place,
            Said::new(
                format!("`until` の `{stays}` は `when` の `{when}` より厳しく、効果がありません"),
                format!("`until`: `{stays}` is harder to meet than `when`: `{when}`, so it has no effect"),
            ),
        );
    }
    Some(Band { test: when?, stays, level: level?, priority, hold, n_of_m: looks?, respond_within })
}

/// `critical`, `warning` or `info`.
pub(crate) fn level(node: &Node, problems: &mut Problems) -> Option<Level> {
    word(node, ("レベル", "level"), "critical, warning, info", problems)
}

/// `P0` to `P3`.
pub(crate) fn priority(node: &Node, problems: &mut Problems) -> Option<Priority> {
    word(node, ("優先度", "priority"), "P0, P1, P2, P3", problems)
}

/// One of a few words.
fn word<T: std::str::FromStr>(
    node: &Node,
    kind: (&str, &str),
    known: &str,
    problems: &mut Problems,
) -> Option<T> {
    let text = node.text(problems)?;
    let (ja, en) = kind;
    text.parse().ok().or_else(|| {
        problems.add_with_hint(
            &node.place,
            Said::new(format!("{ja} `{text}` はありません"), format!("there is no {en} `{text}`")),
            Said::same(known),
        );
        None
    })
}

/// `> 90`, `>= 50`, `< 5`, `is false`, `is not running`.
fn test(node: &Node, problems: &mut Problems) -> Option<Test> {
    let text = node.text(problems)?;
    let word = |text: &str| match text.trim() {
        "true" => Value::Flag(true),
        "false" => Value::Flag(false),
        text => Value::Text(text.to_owned()),
    };
    let number = |text: &str| {
        text.trim().replace('_', "").parse::<f64>().ok().filter(|number| number.is_finite())
    };
    let test = if let Some(rest) = text.strip_prefix(">=") {
        number(rest).map(Test::AtLeast)
    } else if let Some(rest) = text.strip_prefix('>') {
        number(rest).map(Test::Above)
    } else if let Some(rest) = text.strip_prefix('<') {
        number(rest).map(Test::Below)
    } else if let Some(rest) = text.strip_prefix("is not ") {
        Some(Test::IsNot(word(rest)))
    } else {
        text.strip_prefix("is ").map(|rest| Test::Is(word(rest)))
    };
    if test.is_none() {
        problems.add_with_hint(
            &node.place,
            Said::new(
                format!("`{text}` は条件として読めません"),
                format!("`{text}` is not a condition"),
            ),
            Said::new(
                "例: \"> 90\", \">= 50\", \"< 5\", \"is false\"",
                "examples: \"> 90\", \">= 50\", \"< 5\", \"is false\"",
            ),
        );
    }
    test
}

/// `2 of 3`.
fn looks(node: &Node, problems: &mut Problems) -> Option<(u32, u32)> {
    let text = node.text(problems)?;
    let parts = text
        .split_once(" of ")
        .and_then(|(n, m)| Some((n.trim().parse().ok()?, m.trim().parse().ok()?)));
    match parts {
        Some((n, m)) if n >= 1 && n <= m && m <= 1000 => Some((n, m)),
        _ => {
            problems.add_with_hint(
                &node.place,
                Said::new(
                    format!("`{text}` は回数として読めません"),
                    format!("`{text}` is not a number of looks"),
                ),
                Said::new(
                    "例: 2 of 3 (直近 3 回のうち 2 回)",
                    "example: 2 of 3 (two of the last three)",
                ),
            );
            None
        }
    }
}

pub(crate) fn symptom(node: &Node, problems: &mut Problems) -> Option<Symptom> {
    let text = node.text(problems)?;
    let symptom = match text.as_str() {
        "service_down" => Symptom::ServiceDown,
        "database_unreachable" => Symptom::DatabaseUnreachable,
        "function_failed" => Symptom::FunctionFailed,
        "error_rate" => Symptom::ErrorRate,
        "latency" => Symptom::Latency,
        "disk" => Symptom::Disk,
        "memory" => Symptom::Memory,
        "cpu" => Symptom::Cpu,
        "log_errors" => Symptom::LogErrors,
        "log_size" => Symptom::LogSize,
        "integrity" => Symptom::Integrity,
        "data_loss" => Symptom::DataLoss,
        "no_data" => Symptom::NoData,
        "other" => Symptom::Other,
        _ => {
            problems.add_with_hint(
                &node.place,
                Said::new(format!("`{text}` という symptom はありません"), format!("there is no symptom `{text}`")),
                Said::same(
                    "service_down, database_unreachable, function_failed, error_rate, latency, disk, memory, cpu, log_errors, log_size, integrity, data_loss, no_data, other",
                ),
            );
            return None;
        }
    };
    Some(symptom)
}

/// One text for both languages, or `{ja: …, en: …}`.
fn said(node: &Node, problems: &mut Problems) -> Option<Said> {
    if let Shape::Scalar(text) = &node.shape {
        return Some(Said::same(text.clone()));
    }
    let mut fields = Fields::open(node, problems)?;
    let (ja, en) = (fields.text("ja", problems), fields.text("en", problems));
    fields.finish(problems);
    match (ja, en) {
        (Some(ja), Some(en)) => Some(Said::new(ja, en)),
        (Some(text), None) | (None, Some(text)) => Some(Said::same(text)),
        (None, None) => None,
    }
}
