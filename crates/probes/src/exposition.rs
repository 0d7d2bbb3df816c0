//! The text that `/metrics` answers: Prometheus' text format 0.0.4 and 1.0.0, and OpenMetrics as far as samples go.

use crate::{notation::Words, outside::shown};
use domain::said::Said;
use std::borrow::Cow;

/// One line with a value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample<'a> {
    pub name: Cow<'a, str>,
    pub labels: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// May be infinite or not a number: exporters say so when there is nothing to say.
    pub value: f64,
}

impl Sample<'_> {
    /// The value of a label; a label that is not there is an empty one, as in PromQL.
    pub fn label(&self, name: &str) -> &str {
        self.labels.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

/// Every sample in written order. An error is a sentence that names the line.
pub(crate) fn samples(text: &str) -> impl Iterator<Item = Result<Sample<'_>, Said>> {
    text.lines().zip(1..).filter_map(|(line, number)| {
        let line = line.trim_matches([' ', '\t']);
        if line.is_empty() || line.starts_with('#') {
            return None;
        }
        Some(sample(line).ok_or_else(|| {
            Said::new(
                format!("{number} 行目が計測値の形式ではありません: {}", shown(line)),
                format!("line {number} is no sample: {}", shown(line)),
            )
        }))
    })
}

fn sample(line: &str) -> Option<Sample<'_>> {
    let mut words = Words::new(line);
    let mut name = words.name().map(Cow::Borrowed);
    let mut labels = Vec::new();
    if words.take("{") {
        while !words.take("}") {
            let key = words.quoted().or_else(|| words.name().map(Cow::Borrowed))?;
            if words.take("=") {
                labels.push((key, words.quoted()?));
            } else if name.replace(key).is_some() {
                // Format 1.0.0: the name of the metric, quoted, among the labels; but only one.
                return None;
            }
            if !words.take(",") && !words.rest().trim_start().starts_with('}') {
                return None;
            }
        }
    } else if !words.rest().starts_with([' ', '\t']) {
        return None;
    }
    let value = words.word().parse().ok()?;
    let is_exemplar = |words: &mut Words<'_>| words.take("#");
    if !is_exemplar(&mut words) {
        let timestamp = words.word();
        if !timestamp.is_empty() && timestamp.parse::<f64>().is_err() {
            return None;
        }
        if !is_exemplar(&mut words) && !words.rest().trim().is_empty() {
            return None;
        }
    }
    Some(Sample { name: name?, labels, value })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Vec<Sample<'_>> {
        samples(text).collect::<Result<_, _>>().expect("every line is good")
    }

    #[test]
    fn the_example_of_the_format_is_read() {
        let text = include_str!("../tests/recorded/exposition.txt");
        let samples = read(text);
        assert_eq!(samples.len(), 20);
        let requests = &samples[0];
        assert_eq!((requests.name.as_ref(), requests.value), ("http_requests_total", 1027.0));
        assert_eq!((requests.label("method"), requests.label("nothing")), ("post", ""));
        let files = &samples[2];
        assert_eq!(files.label("path"), r"C:\DIR\FILE.TXT");
        assert_eq!(files.label("error"), "Cannot find file:\n\"FILE.TXT\"");
        assert_eq!(samples[4].value, f64::INFINITY);
        let bucket = samples.iter().find(|sample| sample.label("le") == "+Inf").expect("there");
        assert_eq!(bucket.value, 144320.0);
        let quoted = samples.iter().find(|sample| sample.name == "my.dotted.metric");
        assert_eq!(quoted.expect("format 1.0.0").label("error code"), "none");
        assert!(samples.iter().any(|sample| sample.value.is_nan()));
        let exemplar = samples.iter().find(|sample| sample.name == "foo_bucket").expect("there");
        assert_eq!((exemplar.value, exemplar.label("le")), (17.0, "1.0"));
    }

    #[test]
    fn a_line_that_is_no_sample_is_named() {
        for bad in [
            "up",
            "up{",
            "up{job=\"x\" 1",
            "up{job=x} 1",
            "up 1 2 3",
            "up one",
            "<html>",
            "9up 1",
            "up{a=\"b\" c=\"d\"} 1",
            "{\"a\",\"b\"} 1",
            "up{job=\"x} 1",
            "up{,} 1",
            "up1\u{3000}2",
        ] {
            let text = format!("# HELP up x\n{bad}\n");
            let error = samples(&text).find_map(Result::err).expect(bad);
            assert!(error.en.starts_with("line 2 is no sample: "), "{error}");
        }
    }

    fn escaped(text: &str) -> String {
        text.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n")
    }

    proptest! {
        #[test]
        fn what_was_written_is_what_is_read(
            name in "[a-zA-Z_:][a-zA-Z0-9_:]{0,8}",
            labels in proptest::collection::vec(("[a-z_][a-z0-9_]{0,6}", any::<String>()), 0..4),
            value in any::<f64>(),
            timestamp in proptest::option::of(any::<i64>()),
            blank in prop_oneof![Just(" "), Just("\t"), Just("   ")],
        ) {
            let written: Vec<String> =
                labels.iter().map(|(key, text)| format!("{key}=\"{}\"", escaped(text))).collect();
            // `lines` would cut a carriage return before a line feed; in the middle of a line it stays.
            let stamp = timestamp.map_or(String::new(), |at| format!("{blank}{at}"));
            let line = format!("{name}{{{}}}{blank}{value}{stamp}", written.join(","));
            let read = sample(&line).expect("a sample");
            prop_assert_eq!(read.name, name);
            let read_labels: Vec<_> =
                read.labels.iter().map(|(key, text)| (key.to_string(), text.to_string())).collect();
            prop_assert_eq!(read_labels, labels);
            prop_assert!(read.value.to_bits() == value.to_bits() || value.is_nan());
        }

        #[test]
        fn no_text_whatever_breaks_the_reader(text in any::<String>()) {
            for line in text.lines() {
                let _ = sample(line);
            }
            samples(&text).for_each(drop);
        }
    }
}
