//! Our own conditions as a Prometheus rule file, on the readings that `/metrics` shows: a second pair of eyes (B32).
//!
//! | metric | labels | value |
//! | --- | --- | --- |
//! | `hikeshi_reading` | `probe`, `service`, `reading` | a number, or a flag as 0 and 1 |
//! | `hikeshi_reading_state` | the same and `state` | 1 for the word that was measured |
//! | `hikeshi_probe_heard_timestamp_seconds` | `probe`, `service` | when it last brought a value; at first, when watching began |
//!
//! A reading is shown only while it is measured.

use crate::{duration, text::quoted};
use domain::{
    calendar::Within,
    policy::{Feed, Policy},
    reading::Value,
    rule::{Band, Rule, Test},
    severity::Level,
    watch::NO_DATA,
};
use jiff::SignedDuration;
use std::collections::BTreeMap;

/// Alerts about hikeshi itself, which nobody else can give: name, expression, `for`, what it means in both languages.
const ITSELF: [(&str, &str, &str, &str, &str); 3] = [
    (
        "hikeshi_absent",
        "absent(hikeshi_journal_position)",
        "2m",
        "hikeshi の測定値がありません",
        "hikeshi shows no metrics",
    ),
    (
        "hikeshi_journal_fault",
        "hikeshi_journal_fault == 1",
        "1m",
        "hikeshi が記録を書けません",
        "hikeshi cannot write its journal",
    ),
    (
        "hikeshi_incidents_without_next_step",
        "hikeshi_incidents_without_next_step > 0",
        "5m",
        "誰も確認していない障害に次の連絡の予定がありません",
        "an unacknowledged incident has no next page planned",
    ),
];

/// One alerting rule per band. What Prometheus has no word for stands in comments.
pub fn export(policy: &Policy) -> String {
    let mut text = String::from(
        "# hikeshi's own conditions for Prometheus; made by `hikeshi export rules`\n\
         # A louder band does not silence a quieter one here: inhibit by `severity` in Alertmanager.\n\
         groups:\n  - name: hikeshi\n    rules:\n",
    );
    for rule in policy.rules.values() {
        if rule.name.as_str() == NO_DATA {
            text.push_str(&no_data(policy, rule));
            continue;
        }
        let feeds = policy.probes.iter().filter(|(_, feed)| feed.rules.contains(&rule.name));
        let (probes, feeds): (Vec<_>, Vec<_>) =
            feeds.map(|(probe, feed)| (probe.as_str(), feed)).unzip();
        if probes.is_empty() {
            text.push_str(&format!("      # {}: no probe feeds it\n", rule.name));
            continue;
        }
        for band in &rule.bands {
            text.push_str(&of_band(policy, rule, band, &probes, &feeds));
        }
    }
    text.push_str("  - name: hikeshi_itself\n    rules:\n");
    for (name, expression, hold, ja, en) in ITSELF {
        text.push_str(&format!(
            "      - alert: {name}\n        expr: {expression}\n        for: {hold}\n        \
             labels: {{severity: critical}}\n        annotations:\n          summary: {}\n",
            quoted(policy.language.pick(ja, en))
        ));
    }
    text
}

fn of_band(policy: &Policy, rule: &Rule, band: &Band, probes: &[&str], feeds: &[&Feed]) -> String {
    let (n, m) = band.n_of_m;
    let mut text = String::new();
    if n > 1 || m > 1 {
        text.push_str(&format!("      # {n} of {m} looks must be bad; `for` comes near it\n"));
    }
    if let Some(stays) = &band.stays {
        text.push_str(&format!("      # it ends only when the value is not {stays} any more\n"));
    }
    let (expression, condition) = condition(rule, &band.test, &of_probes(probes));
    // The silence that a probe is allowed is three looks, and n looks are n - 1 waits apart.
    let look = feeds.iter().map(|feed| feed.no_data_after / 3).max().unwrap_or_default();
    let hold = band.hold.max(look * i32::try_from(n.saturating_sub(1)).unwrap_or(i32::MAX));
    let unit =
        if rule.unit.is_empty() { String::new() } else { format!(" {}", literal(&rule.unit)) };
    let description =
        format!("{{{{ $labels.service }}}}: {} = {{{{ $value }}}}{unit}", literal(&rule.reading));
    let labels = Labels { level: band.level, priority: band.priority, condition };
    text.push_str(&alert(policy, rule, &expression, hold, &labels, &description));
    text
}

/// One rule for all probes that may be silent for the same time.
fn no_data(policy: &Policy, rule: &Rule) -> String {
    let Some(band) = rule.bands.first() else { return String::new() };
    let mut by_silence: BTreeMap<SignedDuration, Vec<&str>> = BTreeMap::new();
    for (probe, feed) in &policy.probes {
        by_silence.entry(feed.no_data_after).or_default().push(probe.as_str());
    }
    let rules = by_silence.iter().map(|(silence, probes)| {
        let heard = format!("hikeshi_probe_heard_timestamp_seconds{{{}}}", of_probes(probes));
        let expression = format!("time() - {heard} > {}", silence.as_secs());
        let labels = Labels {
            level: band.level,
            priority: band.priority,
            condition: format!("no value for {}", duration::write(*silence)),
        };
        let description = "{{ $labels.probe }}: no value for {{ $value | humanizeDuration }}";
        alert(policy, rule, &expression, band.hold, &labels, description)
    });
    rules.collect()
}

struct Labels {
    level: Level,
    priority: Option<domain::severity::Priority>,
    /// Tells the bands of one rule apart.
    condition: String,
}

fn alert(
    policy: &Policy,
    rule: &Rule,
    expression: &str,
    hold: SignedDuration,
    labels: &Labels,
    description: &str,
) -> String {
    let mut text = format!(
        "      - alert: {}\n        expr: {}\n",
        quoted(rule.name.as_str()),
        quoted(expression)
    );
    if !hold.is_zero() {
        text.push_str(&format!("        for: {}\n", duration::write(hold)));
    }
    text.push_str(&format!("        labels:\n          severity: {}\n", labels.level));
    if let Some(priority) = labels.priority {
        text.push_str(&format!("          priority: {priority}\n"));
    }
    let condition = quoted(&literal(&labels.condition));
    text.push_str(&format!("          condition: {condition}\n        annotations:\n"));
    let mut annotate = |key: &str, value: &str| {
        text.push_str(&format!("          {key}: {}\n", quoted(value)));
    };
    annotate("summary", &literal(rule.title.text(policy.language)));
    annotate("description", description);
    annotate("owner", &literal(&rule.owner));
    let within = match rule.respond_within {
        Within::Time(time) => duration::write(time),
        Within::Business(time) => time.to_string(),
    };
    annotate("respond_within", &within);
    if let Some(plan) = policy.plans.iter().find(|plan| plan.alert == rule.name) {
        annotate("runbook", &literal(plan.name.as_str()));
    }
    text
}

/// The expression of a test, and the same for people.
fn condition(rule: &Rule, test: &Test, probes: &str) -> (String, String) {
    let reading = escaped(&rule.reading);
    let number = |sign: &str, limit: f64| {
        let expression =
            format!("hikeshi_reading{{{probes},reading=\"{reading}\"}} {sign} {limit}");
        (expression, format!("{} {sign} {limit}", rule.reading))
    };
    let word = |sign: &str, word: &str| {
        let state = format!("state{sign}\"{}\"", escaped(word));
        let expression =
            format!("hikeshi_reading_state{{{probes},reading=\"{reading}\",{state}}} == 1");
        (expression, format!("{} {sign} {word}", rule.reading))
    };
    match test {
        Test::Above(limit) => number(">", *limit),
        Test::AtLeast(limit) => number(">=", *limit),
        Test::Below(limit) => number("<", *limit),
        Test::Is(Value::Number(value)) => number("==", *value),
        Test::IsNot(Value::Number(value)) => number("!=", *value),
        Test::Is(Value::Flag(flag)) => number("==", f64::from(u8::from(*flag))),
        Test::IsNot(Value::Flag(flag)) => number("!=", f64::from(u8::from(*flag))),
        Test::Is(Value::Text(text)) => word("=", text),
        Test::IsNot(Value::Text(text)) => word("!=", text),
    }
}

fn of_probes(probes: &[&str]) -> String {
    match probes {
        [probe] => format!("probe=\"{}\"", escaped(probe)),
        _ => {
            let patterns: Vec<_> = probes.iter().map(|probe| pattern(probe)).collect();
            format!("probe=~\"{}\"", escaped(&patterns.join("|")))
        }
    }
}

/// A name as a regular expression that fits only that name.
fn pattern(name: &str) -> String {
    let mut pattern = String::new();
    for c in name.chars() {
        if "\\.+*?()|[]{}^$".contains(c) {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

/// Text within quotes of PromQL.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// Text that no template engine takes for its own.
fn literal(text: &str) -> String {
    text.replace("{{", "{{ \"{{\" }}")
}
