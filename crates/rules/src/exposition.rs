//! The text that targets export, classic or OpenMetrics: names and labels of its series. Values do not matter here.

use std::collections::BTreeMap;

/// What a target exports.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Exposition {
    /// Every series: its metric and its labels.
    pub(crate) series: Vec<(String, BTreeMap<String, String>)>,
    /// Metrics that are announced (`# TYPE`); some have no series until something happens.
    pub(crate) announced: Vec<String>,
}

/// Why a text is no exposition; Prometheus takes nothing from such a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// The line, from 1.
    pub(crate) line: u32,
    /// What was expected there.
    pub(crate) expected: &'static str,
}

/// Reads a whole text.
pub(crate) fn read(text: &str) -> Result<Exposition, Wrong> {
    let is_open = text.trim_end().ends_with("# EOF");
    let mut found = Exposition::default();
    for (line, number) in text.lines().zip(1..) {
        let line = line.trim();
        if let Some(comment) = line.strip_prefix('#') {
            found.announced.extend(announced(comment, is_open));
        } else if !line.is_empty() {
            let series = series(line).map_err(|expected| Wrong { line: number, expected })?;
            found.series.push(series);
        }
    }
    Ok(found)
}

/// `TYPE name kind`: the metrics that such a family has.
fn announced(comment: &str, is_open: bool) -> Vec<String> {
    let mut words = comment.split_whitespace();
    let (Some("TYPE"), Some(name), Some(kind)) = (words.next(), words.next(), words.next()) else {
        return Vec::new();
    };
    let name = name.trim_matches('"');
    let endings: &[&str] = match kind {
        "histogram" => &["_bucket", "_sum", "_count"],
        "summary" => &["", "_sum", "_count"],
        "gaugehistogram" => &["_bucket", "_gsum", "_gcount"],
        // There the family's name lacks the ending; in the classic format it has it.
        "counter" if is_open => &["_total"],
        "info" if is_open => &["_info"],
        _ => &[""],
    };
    endings.iter().map(|ending| format!("{name}{ending}")).collect()
}

type Series = (String, BTreeMap<String, String>);

/// `name{label="value",…} value [time] [# exemplar]`; the newest form has the name in quotes within the braces.
fn series(line: &str) -> Result<Series, &'static str> {
    let end = line.find(['{', ' ', '\t']).ok_or("a value after the name")?;
    let (name, mut rest) = line.split_at(end);
    let mut name = name.to_owned();
    let mut labels = BTreeMap::new();
    if let Some(inside) = rest.trim_start().strip_prefix('{') {
        rest = braces(inside, &mut name, &mut labels)?;
    }
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return Err("the name of a metric");
    }
    let value = rest.split_whitespace().next().unwrap_or_default();
    value.parse::<f64>().map_err(|_| "a number as value")?;
    Ok((name, labels))
}

/// The labels up to `}`; returns what follows.
fn braces<'l>(
    mut rest: &'l str,
    name: &mut String,
    labels: &mut BTreeMap<String, String>,
) -> Result<&'l str, &'static str> {
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix('}') {
            return Ok(after);
        }
        let label;
        if rest.starts_with('"') {
            (label, rest) = quoted(rest)?;
        } else {
            let end = rest.find(['=', ',', '}', ' ']).ok_or("`=` after a label")?;
            label = rest[..end].to_owned();
            rest = &rest[end..];
        }
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix('=') {
            let value;
            (value, rest) = quoted(after.trim_start())?;
            if label.is_empty() || labels.insert(label, value).is_some() {
                return Err("a label with a name of its own");
            }
        } else if name.is_empty() {
            *name = label;
        } else {
            return Err("`=` after a label");
        }
        rest = rest.trim_start();
        match rest.strip_prefix(',') {
            Some(after) => rest = after,
            None if rest.starts_with('}') => {}
            None => return Err("`,` or `}` after a label"),
        }
    }
}

/// A text in quotes with its escapes, and what follows it.
fn quoted(text: &str) -> Result<(String, &str), &'static str> {
    let inside = text.strip_prefix('"').ok_or("a value in quotes")?;
    let mut value = String::new();
    let mut chars = inside.char_indices();
    while let Some((index, c)) = chars.next() {
        match c {
            '"' => return Ok((value, &inside[index + 1..])),
            '\\' => match chars.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, escaped)) => value.push(escaped),
                None => break,
            },
            c => value.push(c),
        }
    }
    Err("a closing quote")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn names(text: &str) -> Vec<String> {
        read(text).expect("it is right").series.into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn series_are_read_with_their_labels() {
        let text = "# HELP x Help with {braces}\n# TYPE x counter\n\nx 1\n\
            x{path=\"C:\\\\a\\\"b\\n\",job=\"a,b}\",} +Inf 1700000000000\n  y { a = \"1\" } NaN\n";
        let found = read(text).expect("it is right");
        assert_eq!(found.announced, ["x"]);
        assert_eq!(found.series[0], ("x".to_owned(), BTreeMap::new()));
        assert_eq!(found.series[1].1["path"], "C:\\a\"b\n");
        assert_eq!(found.series[1].1["job"], "a,b}");
    }

    #[test]
    fn the_newer_forms_are_read_too() {
        let text = "# TYPE x counter\nx_total{a=\"1\"} 1 # {id=\"7\"} 0.5 1.0\n{\"http.size\",a=\"1\"} 2\n# TYPE h histogram\n# EOF\n";
        assert_eq!(names(text), ["x_total", "http.size"]);
        let announced = read(text).expect("it is right").announced;
        assert_eq!(announced, ["x_total", "h_bucket", "h_sum", "h_count"]);
    }

    #[test]
    fn the_first_wrong_line_is_named() {
        let wrong = |text: &str| read(text).expect_err("it is wrong");
        let at = |line, expected| Wrong { line, expected };
        assert_eq!(wrong("x 1\n<html>"), at(2, "a value after the name"));
        assert_eq!(wrong("<!DOCTYPE html>"), at(1, "a number as value"));
        assert_eq!(wrong("x{a=\"1} 2"), at(1, "a closing quote"));
        assert_eq!(wrong("x{a=\"1\" 2"), at(1, "`,` or `}` after a label"));
        assert_eq!(wrong("x{a=\"1\",a=\"2\"} 2"), at(1, "a label with a name of its own"));
        assert_eq!(wrong("x one"), at(1, "a number as value"));
        assert_eq!(wrong("5x 1"), at(1, "the name of a metric"));
    }

    fn escaped(value: &str) -> String {
        value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
    }

    proptest! {
        #[test]
        fn what_a_target_writes_is_read_back(
            name in "[a-z_:][a-z0-9_:]{0,12}",
            labels in proptest::collection::btree_map("[a-z_][a-z0-9_]{0,8}", "[ -~五\n]{0,12}", 0..4),
            value in proptest::num::f64::ANY,
        ) {
            let inside: Vec<_> =
                labels.iter().map(|(label, value)| format!("{label}=\"{}\"", escaped(value))).collect();
            let line = format!("{name}{{{}}} {value}", inside.join(","));
            prop_assert_eq!(read(&line).expect("it is right").series, vec![(name, labels)]);
        }

        #[test]
        fn no_text_breaks_the_reader(text in "[a-z{}\"=, \\\\#\n0-9五]{0,40}") {
            let _ = read(&text);
        }
    }
}
