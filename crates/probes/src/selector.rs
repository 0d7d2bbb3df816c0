//! Which samples of a scrape are meant: `http_requests_total{code=~"5..",method!="GET"}`, as PromQL writes it.

use crate::{exposition::Sample, notation::Words};
use domain::said::Said;
use regex::Regex;
use source::{Node, Problems};

/// A metric's name and what its labels must be.
#[derive(Clone, Debug)]
pub(crate) struct Selector {
    name: String,
    matchers: Vec<Matcher>,
}

#[derive(Clone, Debug)]
struct Matcher {
    label: String,
    wanted: Wanted,
}

#[derive(Clone, Debug)]
enum Wanted {
    Equal(String),
    NotEqual(String),
    /// The whole value must match.
    Match(Regex),
    NotMatch(Regex),
}

impl Selector {
    /// Reads a selector as written in PromQL, without a range.
    pub fn parse(node: &Node, problems: &mut Problems) -> Option<Self> {
        let text = node.text(problems)?;
        let read = read(&text);
        if let Err(why) = &read {
            problems.add_with_hint(
                &node.place,
                Said::new(
                    format!("`{text}` はメトリクスの指定ではありません: {}", why.ja),
                    format!("`{text}` selects no metric: {}", why.en),
                ),
                Said::new(
                    "例: up または http_requests_total{code=~\"5..\"}",
                    "for example up or http_requests_total{code=~\"5..\"}",
                ),
            );
        }
        read.ok()
    }

    /// The same with more labels that must be equal.
    #[must_use]
    pub fn and(mut self, labels: impl IntoIterator<Item = (String, String)>) -> Self {
        let equal = |(label, value)| Matcher { label, wanted: Wanted::Equal(value) };
        self.matchers.extend(labels.into_iter().map(equal));
        self
    }

    /// Whether this sample is meant.
    pub fn selects(&self, sample: &Sample<'_>) -> bool {
        sample.name == self.name && self.matchers.iter().all(|matcher| matcher.accepts(sample))
    }
}

impl Matcher {
    fn accepts(&self, sample: &Sample<'_>) -> bool {
        let value = sample.label(&self.label);
        match &self.wanted {
            Wanted::Equal(wanted) => value == wanted,
            Wanted::NotEqual(unwanted) => value != unwanted,
            Wanted::Match(pattern) => pattern.is_match(value),
            Wanted::NotMatch(pattern) => !pattern.is_match(value),
        }
    }
}

fn read(text: &str) -> Result<Selector, Said> {
    let mut words = Words::new(text);
    let mut name = words.name().map(str::to_owned);
    let mut matchers = Vec::new();
    if words.take("{") {
        while !words.take("}") {
            let Some(key) = words.quoted().or_else(|| words.name().map(Into::into)) else {
                return Err(missing("ラベル名", "the name of a label", &words));
            };
            match matcher(&key, &mut words)? {
                Some(Matcher { label, wanted: Wanted::Equal(value) }) if label == "__name__" => {
                    name = Some(value);
                }
                Some(matcher) => matchers.push(matcher),
                None => name = Some(key.into_owned()),
            }
            if !words.take(",") && !words.rest().trim_start().starts_with('}') {
                return Err(missing("`,` か `}`", "`,` or `}`", &words));
            }
        }
    }
    if !words.rest().trim().is_empty() {
        return Err(missing("終わり", "the end", &words));
    }
    match name {
        Some(name) => Ok(Selector { name, matchers }),
        None => Err(Said::new("メトリクス名がありません", "it has no name")),
    }
}

/// A key without a sign after it is the quoted name of the metric.
fn matcher(label: &str, words: &mut Words<'_>) -> Result<Option<Matcher>, Said> {
    let signs = ["=~", "!~", "!=", "="];
    let Some(sign) = signs.into_iter().find(|sign| words.take(sign)) else { return Ok(None) };
    let Some(value) = words.quoted() else {
        return Err(missing("引用符で囲んだ値", "a value in double quotes", words));
    };
    let pattern = || {
        Regex::new(&format!("^(?s:{value})$"))
            .map_err(|error| Said::same(format!("{label}: {error}")))
    };
    let wanted = match sign {
        "=" => Wanted::Equal(value.into_owned()),
        "!=" => Wanted::NotEqual(value.into_owned()),
        "=~" => Wanted::Match(pattern()?),
        _ => Wanted::NotMatch(pattern()?),
    };
    Ok(Some(Matcher { label: label.to_owned(), wanted }))
}

fn missing(ja: &str, en: &str, words: &Words<'_>) -> Said {
    let found = words.rest().trim_start();
    let found = if found.is_empty() { "…" } else { found };
    Said::new(format!("{ja}が必要です: `{found}`"), format!("expected {en} at `{found}`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exposition::samples;

    const SCRAPE: &str = "\
http_requests_total{code=\"200\",method=\"GET\"} 1
http_requests_total{code=\"503\",method=\"GET\"} 2
http_requests_total{code=\"500\",method=\"POST\"} 4
http_requests_total_created 8
{\"http.server\",\"error code\"=\"a}b\"} 16
";

    /// The sum of what is selected: every sample is a power of two.
    fn selected(text: &str) -> f64 {
        let selector = read(text).expect(text);
        samples(SCRAPE)
            .map(|sample| sample.expect("good"))
            .filter(|sample| selector.selects(sample))
            .map(|sample| sample.value)
            .sum()
    }

    #[test]
    fn a_selector_means_what_it_means_in_promql() {
        assert_eq!(selected("http_requests_total"), 7.0);
        assert_eq!(selected("http_requests_total{}"), 7.0);
        assert_eq!(selected("{__name__=\"http_requests_total\"}"), 7.0);
        assert_eq!(selected("http_requests_total{code=\"200\"}"), 1.0);
        assert_eq!(selected("http_requests_total{code=~\"5..\"}"), 6.0);
        assert_eq!(selected("http_requests_total{ code =~ \"5..|200\" , method!=\"GET\", }"), 4.0);
        assert_eq!(selected("http_requests_total{code!~\"5.\"}"), 7.0, "the whole value counts");
        assert_eq!(selected("http_requests_total{zone=\"\"}"), 7.0, "not there is empty");
        assert_eq!(selected("{\"http.server\",\"error code\"=\"a}b\"}"), 16.0);
        assert_eq!(selected("http"), 0.0);
    }

    #[test]
    fn what_is_no_selector_is_explained() {
        for (text, why) in [
            ("rate(x[5m])", "expected the end at `(x[5m])`"),
            ("x{code=500}", "expected a value in double quotes at `500}`"),
            ("x{code=\"500\"", "expected `,` or `}` at `…`"),
            ("x{code=~\"(\"}", "code: regex parse error"),
            ("{code=\"500\"}", "it has no name"),
            ("", "it has no name"),
        ] {
            let said = read(text).expect_err(text).en;
            assert!(said.contains(why), "{text}: {said}");
        }
    }
}
