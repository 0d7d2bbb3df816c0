//! A reading over time, as a picture: drawn on the server, whole without a script, and told in words as well.
//!
//! The line is the mean of each step, the band around it reaches from the smallest to the largest value. Where nothing was
//! measured there is no line. Limits are dashed; what happened meanwhile stands as numbered lines, told below the picture.

pub(crate) use crate::plot::{Limit, Mark, Plot};
use crate::{
    figures::{figure, number},
    plot::{Place, RIGHT},
    scale::{self, Scale},
    signs::{self, SIGN, Sign},
    when::Clock,
};
use askama::{Template, filters::HtmlSafe};
use domain::said::Language;
use jiff::Timestamp;
use samples::{Bucket, Curve};

/// A chart, ready to be shown.
#[derive(Clone, Debug, Template)]
#[template(path = "chart.html")]
pub(crate) struct Chart {
    l: Language,
    id: String,
    title: String,
    /// All of it in one sentence.
    told: String,
    /// Where the lines of the grid stand.
    rows: Vec<(f64, String)>,
    columns: Vec<(f64, String)>,
    top: f64,
    bottom: f64,
    height: f64,
    bands: Vec<String>,
    lines: Vec<String>,
    /// Values that stand alone.
    dots: Vec<(f64, f64)>,
    /// With their height, where they are drawn.
    limits: Vec<(Option<f64>, Limit)>,
    signs: Vec<Sign>,
    tells_marks: bool,
    values: Vec<Row>,
    is_empty: bool,
}

/// A line of the table below: a step, or a time in which nothing was measured.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    /// Where it is on the chart, in tenths.
    x: i64,
    at: String,
    /// None: nothing was measured.
    value: Option<String>,
    /// From the smallest to the largest, where they differ.
    range: String,
}

// A template: it has escaped what it holds.
impl HtmlSafe for Chart {}

/// How high the grid is.
const HIGH: f64 = 110.0;
/// Room for times below.
const BELOW: f64 = 18.0;
/// A limit further away than so many times the largest value would press the line flat; it is told, not drawn.
const FAR: f64 = 4.0;

impl Chart {
    /// What it is of.
    pub(crate) fn title(&self) -> &str {
        &self.title
    }
}

/// Draws a curve.
pub(crate) fn draw(curve: &Curve, plot: &Plot, clock: &Clock) -> Chart {
    let l = clock.language;
    let smallest = curve.buckets.iter().map(|bucket| bucket.min).fold(f64::INFINITY, f64::min);
    let largest = curve.buckets.iter().map(|bucket| bucket.max).fold(f64::NEG_INFINITY, f64::max);
    let is_empty = curve.buckets.is_empty();
    let (smallest, largest) = if is_empty { (0.0, 0.0) } else { (smallest, largest) };
    let is_near = |limit: &Limit| is_empty || limit.value <= largest.abs() * FAR;
    let near = plot.limits.iter().filter(|limit| is_near(limit)).map(|limit| limit.value);
    let highest = near.fold(largest, f64::max);

    let mut place = Place {
        from: plot.from,
        length: plot.to.duration_since(plot.from).as_secs_f64().max(1.0),
        scale: Scale::holding(smallest, highest),
        top: 0.0,
        bottom: 0.0,
    };
    let (signs, used) = signs::numbered(&plot.marks, &place, plot.to, clock);
    place.top = 6.0 + SIGN * used as f64;
    place.bottom = place.top + HIGH;

    let center = |bucket: &Bucket| {
        let half = bucket.at.saturating_add(curve.step / 2).unwrap_or(bucket.at);
        half.clamp(plot.from, plot.to)
    };
    let pieces = pieces(curve, plot);
    let mut chart = Chart {
        l,
        id: plot.id.replace(char::is_whitespace, "-"),
        title: plot.title.clone(),
        told: String::new(),
        rows: place
            .scale
            .lines()
            .into_iter()
            .map(|value| (place.y(value), axis(value, &plot.unit)))
            .collect(),
        columns: scale::times(plot.from, plot.to, &clock.zone)
            .into_iter()
            .map(|(at, label)| (place.x(at), label))
            .filter(|(x, _)| *x < RIGHT - 8.0)
            .collect(),
        top: place.top,
        bottom: place.bottom,
        height: place.bottom + BELOW,
        bands: Vec::new(),
        lines: Vec::new(),
        dots: Vec::new(),
        limits: plot
            .limits
            .iter()
            .map(|limit| (is_near(limit).then(|| place.y(limit.value)), limit.clone()))
            .collect(),
        signs,
        tells_marks: plot.tells_marks,
        values: Vec::new(),
        is_empty,
    };
    let mut before = plot.from;
    for piece in &pieces {
        let points: Vec<_> =
            piece.iter().map(|bucket| (place.x(center(bucket)), place.y(bucket.mean))).collect();
        match points[..] {
            [point] => chart.dots.push(point),
            _ => chart.lines.push(path(points.iter().copied())),
        }
        if piece.len() > 1 && piece.iter().any(|bucket| bucket.max > bucket.min) {
            let there = piece.iter().map(|bucket| (place.x(center(bucket)), place.y(bucket.max)));
            let back =
                piece.iter().rev().map(|bucket| (place.x(center(bucket)), place.y(bucket.min)));
            chart.bands.push(path(there.chain(back)) + "z");
        }
        let (first, last) = (&piece[0], &piece[piece.len() - 1]);
        chart.values.extend(gap(before, first.at, plot, &place, clock));
        chart
            .values
            .extend(piece.iter().map(|bucket| row(bucket, center(bucket), plot, &place, clock)));
        before = last.at.saturating_add(curve.step).unwrap_or(plot.to);
    }
    if !is_empty {
        chart.values.extend(gap(before, plot.to, plot, &place, clock));
    }
    chart.told = told(&chart, curve, plot, clock);
    chart
}

/// The stretches in which values came one after the other.
fn pieces<'a>(curve: &'a Curve, plot: &Plot) -> Vec<&'a [Bucket]> {
    // Steps that follow each other are never apart, however seldom the probe looks.
    let longest = (curve.step * 3 / 2).max(plot.silence);
    let follows =
        |one: &Bucket, next: &Bucket| next.at.duration_since(one.at) <= longest.max(curve.step);
    curve.buckets.chunk_by(follows).collect()
}

fn path(points: impl Iterator<Item = (f64, f64)>) -> String {
    let mut text = String::new();
    for (x, y) in points {
        text.push(if text.is_empty() { 'M' } else { 'L' });
        text.push_str(&format!("{x} {y}"));
    }
    text
}

/// A value of the grid; the unit stands with the title, unless values are scaled.
fn axis(value: f64, unit: &str) -> String {
    if unit == crate::figures::BYTES { figure(value, unit) } else { number(value) }
}

fn row(bucket: &Bucket, center: Timestamp, plot: &Plot, place: &Place, clock: &Clock) -> Row {
    let differ = bucket.max > bucket.min;
    let range = || format!("{}–{}", number_of(bucket.min, plot), figure(bucket.max, &plot.unit));
    Row {
        x: (place.x(center) * 10.0).round() as i64,
        at: short(bucket.at, plot, clock),
        value: Some(figure(bucket.mean, &plot.unit)),
        range: if differ { range() } else { String::new() },
    }
}

fn number_of(value: f64, plot: &Plot) -> String {
    axis(value, &plot.unit)
}

/// A time in which nothing was measured; none: it is too short to be one.
fn gap(from: Timestamp, to: Timestamp, plot: &Plot, place: &Place, clock: &Clock) -> Option<Row> {
    let length = to.duration_since(from);
    let is_gap = length > plot.silence && length.as_secs_f64() > place.length / 100.0;
    is_gap.then(|| Row {
        x: ((place.x(from) + place.x(to)) * 5.0).round() as i64,
        at: format!("{}–{}", short(from, plot, clock), short(to, plot, clock)),
        value: None,
        range: String::new(),
    })
}

/// A time in the table: to the second where all of it is short, with the day where it is long.
fn short(at: Timestamp, plot: &Plot, clock: &Clock) -> String {
    let form = match plot.to.duration_since(plot.from).as_hours() {
        0..=1 => "%H:%M:%S",
        2..=23 => "%H:%M",
        _ => "%m-%d %H:%M",
    };
    at.to_zoned(clock.zone.clone()).strftime(form).to_string()
}

/// The chart in words: what somebody hears who does not see it.
fn told(chart: &Chart, curve: &Curve, plot: &Plot, clock: &Clock) -> String {
    let l = clock.language;
    let Some(last) = curve.buckets.last() else {
        return l
            .pick("取得不可: この間に測定値はありません", "not available: nothing was measured")
            .into();
    };
    let smallest = curve.buckets.iter().map(|bucket| bucket.min).fold(f64::INFINITY, f64::min);
    let largest = curve.buckets.iter().map(|bucket| bucket.max).fold(f64::NEG_INFINITY, f64::max);
    let (smallest, largest) = (figure(smallest, &plot.unit), figure(largest, &plot.unit));
    let (from, to) = (short(plot.from, plot, clock), short(plot.to, plot, clock));
    let (value, at) = (figure(last.mean, &plot.unit), short(last.at, plot, clock));
    let mut parts = vec![l.pick(
        format!("{from} から {to}。最小 {smallest}、最大 {largest}、最後は {at} に {value}"),
        format!("{from} to {to}. Smallest {smallest}, largest {largest}, the last {value} at {at}"),
    )];
    let gaps = chart.values.iter().filter(|row| row.value.is_none()).count();
    if gaps > 0 {
        parts.push(l.pick(
            format!("測定値のない時間 {gaps} 回"),
            format!("nothing was measured in {gaps} stretches"),
        ));
    }
    parts.join(l.pick("。", "; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::said::Said;
    use jiff::{SignedDuration, tz::TimeZone};

    fn at(text: &str) -> Timestamp {
        format!("2026-11-29T{text}Z").parse().expect("a time")
    }

    fn clock(language: Language) -> Clock {
        Clock { now: at("13:00:00"), zone: TimeZone::UTC, language }
    }

    fn curve(values: &[(&str, f64)]) -> Curve {
        let bucket = |(time, value): &(&str, f64)| Bucket {
            at: at(time),
            min: value - 1.0,
            max: value + 1.0,
            mean: *value,
            count: 4,
        };
        Curve { step: SignedDuration::from_mins(1), buckets: values.iter().map(bucket).collect() }
    }

    fn plot() -> Plot {
        Plot {
            id: "c-<a b>".into(),
            title: "p95 <script>".into(),
            unit: "ms".into(),
            from: at("12:00:00"),
            to: at("13:00:00"),
            silence: SignedDuration::from_mins(3),
            limits: vec![Limit { value: 60.0, text: "≥ 60 ms".into(), class: "fire" }],
            marks: Vec::new(),
            tells_marks: true,
        }
    }

    const MEASURED: [(&str, f64); 6] = [
        ("12:10:00", 40.0),
        ("12:11:00", 42.0),
        ("12:13:00", 44.0),
        ("12:40:00", 50.0),
        ("12:58:00", 45.0),
        ("12:59:00", 41.0),
    ];

    /// Where nothing was measured there is no line, no value and no zero.
    #[test]
    fn a_gap_is_a_gap() {
        let chart = draw(&curve(&MEASURED), &plot(), &clock(Language::En));
        assert_eq!(
            (chart.lines.len(), chart.dots.len(), chart.bands.len()),
            (2, 1, 2),
            "{chart:?}"
        );
        let rows: Vec<_> =
            chart.values.iter().map(|row| (row.at.as_str(), row.value.as_deref())).collect();
        assert_eq!(
            rows,
            [
                ("12:00:00–12:10:00", None),
                ("12:10:00", Some("40 ms")),
                ("12:11:00", Some("42 ms")),
                ("12:13:00", Some("44 ms")),
                ("12:14:00–12:40:00", None),
                ("12:40:00", Some("50 ms")),
                ("12:41:00–12:58:00", None),
                ("12:58:00", Some("45 ms")),
                ("12:59:00", Some("41 ms")),
            ]
        );
        assert_eq!(chart.values[1].range, "39–41 ms");
        assert_eq!(
            chart.told,
            "12:00:00 to 13:00:00. Smallest 39 ms, largest 51 ms, the last 41 ms at 12:59:00; nothing was \
             measured in 3 stretches"
        );
    }

    #[test]
    fn without_a_value_the_chart_says_so() {
        let html = draw(&curve(&[]), &plot(), &clock(Language::Ja)).to_string();
        assert!(html.contains("取得不可: この間に測定値はありません"), "{html}");
        assert!(!html.contains("<table") && !html.contains("class=\"curve\""), "{html}");
    }

    /// What happened stands where it happened, told below; what lies outside is left out; numbers do not cover each other.
    #[test]
    fn marks_are_numbered_and_told() {
        let mark = |time: &str, en: &str| Mark {
            at: at(time),
            text: Said::new("始まり", en),
            class: "fire",
        };
        let marks = vec![mark("12:30:00", "b&b"), mark("12:29:00", "began"), mark("11:00:00", "x")];
        let chart = draw(&curve(&MEASURED), &Plot { marks, ..plot() }, &clock(Language::En));
        let found: Vec<_> =
            chart.signs.iter().map(|sign| (sign.number, sign.y, sign.text.as_str())).collect();
        assert_eq!(found, [(1, 8.0, "began"), (2, 24.0, "b&b")]);
        assert_eq!(chart.signs[1].x, 196.0);
        assert_eq!((chart.top, chart.bottom), (38.0, 148.0));
        let html = chart.to_string();
        assert!(html.contains("b&#38;b") && html.contains("p95 &#60;script&#62;"), "{html}");
        assert!(!html.contains("c-<a b>"), "{html}");
    }

    /// A limit far above everything would press the line flat.
    #[test]
    fn far_limits_are_told_and_not_drawn() {
        let near = draw(&curve(&MEASURED), &plot(), &clock(Language::En));
        assert!(near.limits[0].0.is_some());
        let limits = vec![Limit { value: 10_000.0, text: "≥ 10000 ms".into(), class: "fire" }];
        let far = draw(&curve(&MEASURED), &Plot { limits, ..plot() }, &clock(Language::En));
        assert_eq!((far.limits[0].0, far.rows.last().expect("a line").1.as_str()), (None, "60"));
        assert!(far.to_string().contains("≥ 10000 ms"));
    }
}
