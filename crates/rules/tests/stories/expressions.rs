//! Stories of expressions: which limit they have, and that no text breaks the reader.

use proptest::prelude::*;
use rules::{Comparison, Expression};
use source::Place;

fn read(text: &str) -> Option<Expression> {
    Expression::parse(text, &|_| Place { file: "r.yml".into(), line: 1 }).ok()
}

fn limit(text: &str) -> Option<(String, Comparison, f64)> {
    let limit = read(text).expect(text).limit()?;
    Some((limit.query, limit.comparison, limit.number))
}

#[test]
fn a_limit_is_seen_in_every_spelling() {
    let is = |query: &str, comparison, number| Some((query.to_owned(), comparison, number));
    assert_eq!(limit("x > 90"), is("x", Comparison::Above, 90.0));
    assert_eq!(limit(" ( ( x ) >= ( 9 * 10 ) ) "), is("x", Comparison::AtLeast, 90.0));
    assert_eq!(limit("90 <= x # ninety"), is("x", Comparison::AtLeast, 90.0));
    assert_eq!(limit("0.05 < a/b"), is("a / b", Comparison::Above, 0.05));
    assert_eq!(limit("x < -2^2"), is("x", Comparison::Below, -4.0));
    assert_eq!(limit("sum(x)by(a)==0"), is("sum by (a) (x)", Comparison::Equal, 0.0));
    for none in ["x", "x > y", "x > bool 1", "x > 1 and y", "x > 1 / 0", "x > time()", "-(x > 1)"] {
        assert_eq!(limit(none), None, "{none}");
    }
}

#[test]
fn what_is_selected_is_told_with_how() {
    let expression = read(
        "absent(a{job=\"x\"}) or max_over_time(b[5m]) > 1 or {__name__=\"c\"} > on(i) group_left d offset 1h",
    );
    let expression = expression.expect("it is valid");
    let told: Vec<_> = expression
        .selectors()
        .iter()
        .map(|s| (s.metric.as_deref().unwrap_or(""), s.matchers.len(), s.is_absent, s.is_windowed))
        .collect();
    let expected = [
        ("a", 1, true, false),
        ("b", 0, false, true),
        ("c", 0, false, false),
        ("d", 0, false, false),
    ];
    assert_eq!(told, expected);
    assert_eq!(expression.selectors()[0].matchers[0].to_string(), "job=\"x\"");
}

#[test]
fn an_endless_time_is_refused() {
    for expr in [
        "x[1e30]",
        "x[ # c\n Inf ]",
        "x offset - 1e30",
        "x[5m:0xffffffffffffffffff]",
        "x OFFSET NaN",
    ] {
        assert_eq!(read(&format!("rate({expr}) > 1")), None, "{expr}");
    }
    assert!(read("rate(x[300]) > 1e30").is_some());
}

const PIECES: &[&str] = &[
    "x",
    "up",
    "job",
    "(",
    ")",
    "{",
    "}",
    "[5m]",
    "[5m:1m]",
    "[1e30]",
    "[",
    "]",
    ",",
    "=",
    "=~",
    "!=",
    "!~",
    "\"a\"",
    "\"[\"",
    "'b'",
    "`c`",
    ">",
    "<",
    "==",
    "bool",
    "and",
    "or",
    "unless",
    "+",
    "-",
    "/",
    "^",
    "by",
    "on",
    "group_left",
    "sum",
    "rate",
    "absent",
    "count_values",
    "offset",
    "@",
    "1e400",
    "NaN",
    "-5m",
    "99999999999999999999y",
    "end()",
    "0x",
    "\u{0}",
    "五",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_text_breaks_the_reader(pieces in proptest::collection::vec(0..PIECES.len(), 0..14), glue in "[ ]?") {
        let text = pieces.iter().map(|piece| PIECES[*piece]).collect::<Vec<_>>().join(&glue);
        if let Some(expression) = read(&text) {
            let _ = (expression.limit(), expression.filters(&|_| false));
            let again = read(&expression.canonical()).expect("the one spelling reads back");
            prop_assert_eq!(again.canonical(), expression.canonical());
        }
    }

    #[test]
    fn no_bytes_break_the_reader(text in "\\PC{0,40}") {
        let _ = read(&text);
    }

    #[test]
    fn no_modifier_breaks_the_reader(number in any::<f64>(), digits in "[0-9]{1,25}", unit in "(ms|s|m|h|d|w|y)?") {
        for text in [
            format!("x @ {number}"),
            format!("x offset {digits}{unit}"),
            format!("x offset -{number:e}"),
            format!("rate(x[{digits}{unit}]) > 1"),
            format!("max_over_time(x[{digits}{unit}:{digits}{unit}]) > {number}"),
        ] {
            let _ = read(&text);
        }
    }
}
