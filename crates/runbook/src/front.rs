//! The front matter of a runbook: what the file says about itself.

use crate::conditions;
use domain::{
    ids::{RuleName, ServiceName, StepName},
    plan::{Guardrails, Input, Mode, Output, Parameter, VerifyNumbers},
    said::Said,
    severity::Level,
    types::{self, Limits, Text},
};
use jiff::SignedDuration;
use source::{Fields, Node, Place, Problems};
use std::collections::BTreeMap;

/// Names that the engine gives to every step itself.
const RESERVED: [&str; 2] = ["HK_SERVICE", "HK_ATTEMPT"];

/// What the front matter says.
#[derive(Debug)]
pub struct Front {
    /// The alert that the runbook answers.
    pub alert: RuleName,
    /// The service that it is for.
    pub service: Option<ServiceName>,
    /// The level that it states.
    pub level: Option<Level>,
    /// How soon somebody must respond.
    pub respond_within: Option<SignedDuration>,
    /// Who owns it.
    pub owner: Option<String>,
    /// Whether it runs by itself.
    pub mode: Mode,
    /// Its version.
    pub version: Option<String>,
    /// Who approved it.
    pub approved_by: Option<String>,
    /// Day of the last review.
    pub reviewed: Option<String>,
    /// Typed constants by their `HK_` name.
    pub parameters: BTreeMap<String, Parameter>,
    /// Values that the alert gives, by their `HK_` name.
    pub inputs: BTreeMap<String, Input>,
    /// Values that steps give, by their names in conditions.
    pub facts: BTreeMap<String, Output>,
    /// Conditions that must hold before anything is changed.
    pub guards: Vec<String>,
    /// Steps that run only when a condition holds.
    pub conditions: BTreeMap<StepName, String>,
    /// Texts by their `HK_` name; no fence may name one.
    pub texts: BTreeMap<String, Text>,
    /// The verification numbers.
    pub verify: VerifyNumbers,
    /// The limits.
    pub guardrails: Guardrails,
}

/// Parts a file into front matter and the rest, with the number of lines above the rest.
pub fn split(text: &str) -> Option<(&str, &str, u32)> {
    let inside = text.strip_prefix("---\n")?;
    let mut at = 0;
    for (index, line) in inside.split_inclusive('\n').enumerate() {
        if line.trim_end() == "---" {
            let lines = u32::try_from(index + 2).unwrap_or(u32::MAX);
            return Some((&inside[..at], &inside[at + line.len()..], lines));
        }
        at += line.len();
    }
    None
}

/// Reads the YAML between the two `---` lines; nothing when it has no alert.
pub fn read(file: &str, yaml: &str, problems: &mut Problems) -> Option<Front> {
    let node = source::yaml::read(file, yaml, 1, problems)?;
    let mut fields = Fields::open(&node, problems)?;
    let alert = fields.required("alert", problems).and_then(|node| alert(node, problems));
    let service = fields.optional("service").and_then(|node| name(node, problems));
    let mut texts = BTreeMap::new();
    let mut parameters = BTreeMap::new();
    let mut inputs = BTreeMap::new();
    let front = Front {
        alert: RuleName::from(alert.clone().unwrap_or_default()),
        service: service.map(ServiceName::from),
        level: fields.optional("level").and_then(|node| node.parse(problems)),
        respond_within: fields.optional("respond_within").and_then(|node| node.duration(problems)),
        owner: fields.text("owner", problems),
        mode: fields.optional("mode").map_or(Mode::Manual, |node| mode(node, problems)),
        version: fields.text("version", problems),
        approved_by: fields.text("approved_by", problems),
        reviewed: fields.text("reviewed", problems),
        verify: fields
            .optional("verify")
            .map_or_else(VerifyNumbers::default, |node| verify(node, problems)),
        guardrails: fields
            .optional("limits")
            .map_or_else(Guardrails::default, |node| limits(node, problems)),
        parameters: BTreeMap::new(),
        inputs: BTreeMap::new(),
        facts: conditions::facts(fields.optional("facts"), problems),
        guards: conditions::guards(fields.optional("guards"), problems),
        conditions: conditions::of_steps(fields.optional("if"), problems),
        texts: BTreeMap::new(),
    };
    if let Some(node) = fields.optional("params") {
        params(node, &mut parameters, &mut inputs, &mut texts, problems);
    }
    fields.finish(problems);
    alert.map(|_| Front { parameters, inputs, texts, ..front })
}

fn name(node: &Node, problems: &mut Problems) -> Option<String> {
    let text = node.text(problems)?;
    if !is_name(&text) {
        return no_name(node, &text, problems);
    }
    Some(text)
}

/// The name of a rule, or that of a heartbeat's alert: `heartbeat_missed{nightly-backup}`.
fn alert(node: &Node, problems: &mut Problems) -> Option<String> {
    let text = node.text(problems)?;
    let of_job = text.strip_suffix('}').and_then(|text| text.split_once('{'));
    let fits = of_job.map_or_else(|| is_name(&text), |(kind, job)| is_name(kind) && is_name(job));
    if !fits {
        return no_name(node, &text, problems);
    }
    Some(text)
}

fn is_name(text: &str) -> bool {
    types::parse("service", text).is_ok()
}

fn no_name<T>(node: &Node, text: &str, problems: &mut Problems) -> Option<T> {
    problems.add(
        &node.place,
        Said::new(format!("`{text}` は名前として使えません"), format!("`{text}` cannot be a name")),
    );
    None
}

fn mode(node: &Node, problems: &mut Problems) -> Mode {
    match node.text(problems).as_deref() {
        Some("auto") => Mode::Auto,
        Some("approve") => Mode::Approve,
        Some("manual") | None => Mode::Manual,
        Some(other) => {
            problems.add_with_hint(
                &node.place,
                Said::new(
                    format!("`{other}` というモードはありません"),
                    format!("there is no mode `{other}`"),
                ),
                Said::new("manual, approve, auto のどれか", "one of manual, approve, auto"),
            );
            Mode::Manual
        }
    }
}

fn verify(node: &Node, problems: &mut Problems) -> VerifyNumbers {
    let default = VerifyNumbers::default();
    let Some(mut fields) = Fields::open(node, problems) else { return default };
    let passes = fields.count_or("passes", u64::from(default.passes), problems);
    let numbers = VerifyNumbers {
        passes: u32::try_from(passes).unwrap_or(u32::MAX),
        every: fields.duration_or("every", default.every, problems),
        steady: fields.duration_or("steady", default.steady, problems),
        within: fields.duration_or("within", default.within, problems),
    };
    if passes == 0 {
        problems.add(
            fields.place(),
            Said::new("`passes` は 1 以上でなければなりません", "`passes` must be at least 1"),
        );
    }
    fields.finish(problems);
    numbers
}

fn limits(node: &Node, problems: &mut Problems) -> Guardrails {
    let default = Guardrails::default();
    let Some(mut fields) = Fields::open(node, problems) else { return default };
    let (rate_limit, rate_window) = fields
        .optional("rate")
        .and_then(|node| rate(node, problems))
        .unwrap_or((default.rate_limit, default.rate_window));
    let guardrails = Guardrails {
        rate_limit,
        rate_window,
        rate_spacing: fields.duration_or("spacing", default.rate_spacing, problems),
        latch: fields.duration_or("latch", default.latch, problems),
    };
    fields.finish(problems);
    guardrails
}

/// `3 per 300s`.
fn rate(node: &Node, problems: &mut Problems) -> Option<(u32, SignedDuration)> {
    let text = node.text(problems)?;
    let parts = text.split_once(" per ").and_then(|(count, window)| {
        let count = count.trim().parse::<u32>().ok()?;
        let window = window.trim().parse::<SignedDuration>().ok().filter(|w| w.is_positive())?;
        Some((count, window))
    });
    if parts.is_none() {
        problems.add_with_hint(
            &node.place,
            Said::new(
                format!("`{text}` は回数制限として読めません"),
                format!("`{text}` is not a rate"),
            ),
            Said::new("例: rate: 3 per 300s", "for example: rate: 3 per 300s"),
        );
    }
    parts
}

fn params(
    node: &Node,
    parameters: &mut BTreeMap<String, Parameter>,
    inputs: &mut BTreeMap<String, Input>,
    texts: &mut BTreeMap<String, Text>,
    problems: &mut Problems,
) {
    let Some(entries) = node.entries(problems) else { return };
    for (key, place, node) in entries {
        let name = format!("HK_{}", key.to_uppercase());
        let is_plain = key.starts_with(|c: char| c.is_ascii_lowercase())
            && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if !is_plain || RESERVED.contains(&name.as_str()) {
            problems.add_with_hint(
                place,
                Said::new(
                    format!("パラメーター名 `{key}` は使えません"),
                    format!("`{key}` cannot be the name of a parameter"),
                ),
                Said::new(
                    "英小文字・数字・_ を使ってください。service と attempt は予約済みです",
                    "use a-z, 0-9 and _; service and attempt are taken",
                ),
            );
            continue;
        }
        match declared(node, place, problems) {
            Some(Declared::Parameter(parameter)) => drop(parameters.insert(name, parameter)),
            Some(Declared::Input(input)) => drop(inputs.insert(name, input)),
            Some(Declared::Text(text)) => drop(texts.insert(name, text)),
            None => {}
        }
    }
}

enum Declared {
    Parameter(Parameter),
    Input(Input),
    Text(Text),
}

/// `{type: int, min: 1, max: 9, value: 3}`, or `{type: ip, from: source_ip}`: a label of the alert.
fn declared(node: &Node, place: &Place, problems: &mut Problems) -> Option<Declared> {
    let mut fields = Fields::open(node, problems)?;
    let kind = fields.required("type", problems).and_then(|node| node.text(problems));
    let value = fields.text("value", problems);
    let label = fields.text("from", problems);
    let limits = conditions::limits(&mut fields, problems);
    fields.finish(problems);
    let (kind, found) = (kind?, value.xor(label.clone()));
    let Some(found) = found else {
        problems.add(
            place,
            Said::new(
                "`value` (定数) と `from` (アラートのラベル) のどちらか 1 つが必要です",
                "exactly one of `value` (a constant) and `from` (a label of the alert) is needed",
            ),
        );
        return None;
    };
    if kind == "text" {
        return Some(Declared::Text(Text(found)));
    }
    let wrong = match label {
        Some(label) => match from_alert(&kind, &limits) {
            Ok(()) => return Some(Declared::Input(Input { kind, label, limits })),
            Err(said) => said,
        },
        None => match types::parse(&kind, &found) {
            Ok(parameter) => match limits.check(&parameter) {
                Ok(()) => return Some(Declared::Parameter(parameter)),
                Err(said) => said,
            },
            Err(said) => said,
        },
    };
    problems.add(place, wrong);
    None
}

/// What stands in the file stays in the file: constants never come from an alert.
fn from_alert(kind: &str, limits: &Limits) -> Result<(), Said> {
    types::by_name(kind)?;
    if matches!(kind, "const" | "const_url") {
        return Err(Said::new(
            format!("{kind} はアラートから受け取れません。`value` に書いてください"),
            format!("{kind} cannot come from an alert: write it as `value`"),
        ));
    }
    limits.suit(kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::said::Language;

    fn front(yaml: &str) -> (Option<Front>, String) {
        let mut problems = Problems::new();
        let front = read("r.md", yaml, &mut problems);
        (front, problems.render(Language::En))
    }

    #[test]
    fn everything_has_a_safe_default() {
        let (front, problems) = front("alert: service_down\n");
        let front = front.expect("it reads");
        assert_eq!(problems, "");
        assert_eq!(front.mode, Mode::Manual);
        assert_eq!(front.guardrails, Guardrails::default());
        assert_eq!(front.verify, VerifyNumbers::default());
    }

    #[test]
    fn numbers_and_parameters_are_read() {
        let (front, problems) = front(
            "alert: a\nlevel: 重大\nlimits: {rate: 2 per 10m, spacing: 5s}\nverify: {passes: 1, every: 1s, steady: 0, within: 5s}\nparams:\n  keep: {type: int, min: 1, max: 90, value: 30}\n  why: {type: text, value: anything}\n",
        );
        let front = front.expect("it reads");
        assert_eq!(problems, "");
        assert_eq!(
            (front.guardrails.rate_limit, front.guardrails.rate_window),
            (2, SignedDuration::from_mins(10))
        );
        assert_eq!(front.verify.passes, 1);
        assert_eq!(front.level, Some(Level::Critical));
        assert_eq!(front.parameters["HK_KEEP"].value, "30");
        assert!(front.texts.contains_key("HK_WHY"));
    }

    #[test]
    fn the_rest_of_the_file_keeps_its_lines() {
        assert_eq!(split("---\na: 1\n---\n# T\n"), Some(("a: 1\n", "# T\n", 3)));
        assert_eq!(split("---\na: 1\n"), None);
        assert_eq!(split("# T\n"), None);
    }
}
