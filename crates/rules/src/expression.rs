//! A PromQL expression: what it selects, whether it filters, and which limit it has.

use domain::said::Said;
use promql_parser::{
    label::MatchOp,
    parser::{self, AggregateExpr, BinaryExpr, Call, Expr, VectorSelector, value::ValueType},
};
use source::Place;

/// No person writes a longer one; the parser's work grows with it.
const LENGTH_LIMIT: usize = 20_000;
/// An expression is walked recursively, and each of these marks can nest it by one.
const NESTING_LIMIT: usize = 500;

/// Some thirty thousand years.
const TIME_LIMIT_S: f64 = 1e12;

/// A valid expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    text: String,
    tree: Expr,
    selectors: Vec<Selector>,
}

/// One metric that an expression asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Selector {
    /// The metric; none when only labels select.
    pub metric: Option<String>,
    /// The matchers of the other labels.
    pub matchers: Vec<Matcher>,
    /// Its absence is what is asked for.
    pub is_absent: bool,
    /// It is read over a window (`rate(x[5m])`), so that one sample decides nothing, or one event lasts a while.
    pub is_windowed: bool,
    /// The line where it stands.
    pub place: Place,
}

/// `job="api"`, `status=~"5.."`.
#[derive(Clone, Debug, PartialEq)]
pub struct Matcher(promql_parser::label::Matcher);

/// How a value is held against a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `>`
    Above,
    /// `>=`
    AtLeast,
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
}

/// An expression taken apart: `query > number`.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// What is measured, in one spelling.
    pub query: String,
    /// How it is compared.
    pub comparison: Comparison,
    /// With what.
    pub number: f64,
}

impl Expression {
    /// Reads an expression as Prometheus does. `place_of` tells the line of a metric's name.
    ///
    /// # Errors
    /// The parser's own words; no rule can evaluate such an expression.
    pub fn parse(text: &str, place_of: &dyn Fn(&str) -> Place) -> Result<Self, Said> {
        let nesting = text.matches(|c: char| "+-*/%^=<>!([".contains(c)).count()
            + text.split_whitespace().filter(|word| is_set_operator(word)).count();
        if text.len() > LENGTH_LIMIT || nesting > NESTING_LIMIT {
            return Err(Said::new("式が長すぎます", "the expression is too long"));
        }
        if has_endless_time(text) {
            return Err(Said::new("時間が長すぎます", "a length of time is too long"));
        }
        let tree = parser::parse(text).map_err(Said::same)?;
        if !matches!(tree.value_type(), ValueType::Vector | ValueType::Scalar) {
            return Err(Said::new(
                format!("結果が {} です。ルールには数値の系列が必要です", tree.value_type()),
                format!("its result is a {}; a rule needs a vector", tree.value_type()),
            ));
        }
        let mut selectors = Vec::new();
        collect(&tree, Within::default(), place_of, &mut selectors);
        Ok(Self { text: text.trim().to_owned(), tree, selectors })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// In one line and one spelling, the same for all who write the same in other words; never another expression.
    pub fn canonical(&self) -> String {
        faithful(&self.tree).unwrap_or_else(|| format!("{}\n", self.text))
    }

    /// Everything that it asks for, in written order.
    pub fn selectors(&self) -> &[Selector] {
        &self.selectors
    }

    /// Whether some samples do not pass: an alert without that fires for every series, always. `does_metric` tells it of
    /// metrics that a recording rule produces.
    pub fn filters(&self, does_metric: &dyn Fn(&str) -> bool) -> bool {
        filters(&self.tree, does_metric)
    }

    /// Whether its value is one comparison with `bool`, 0 or 1, which is a value either way.
    pub fn is_bool(&self) -> bool {
        matches!(unwrapped(&self.tree), Expr::Binary(binary) if binary.return_bool())
    }

    /// `query > number`, also when it is written the other way round; none: it is something else.
    pub fn limit(&self) -> Option<Limit> {
        let Expr::Binary(binary) = unwrapped(&self.tree) else { return None };
        let comparison = comparison(binary)?;
        if binary.return_bool() {
            return None;
        }
        let (side, comparison, number) = match (constant(&binary.lhs), constant(&binary.rhs)) {
            (None, Some(number)) => (&binary.lhs, comparison, number),
            (Some(number), None) => (&binary.rhs, comparison.turned(), number),
            _ => return None,
        };
        Some(Limit { query: faithful(unwrapped(side))?, comparison, number })
            .filter(|limit| limit.number.is_finite())
    }
}

impl Matcher {
    /// The label.
    pub fn label(&self) -> &str {
        &self.0.name
    }

    /// The value or the pattern.
    pub fn value(&self) -> &str {
        &self.0.value
    }

    /// Whether it asks for one value exactly.
    pub fn is_equal(&self) -> bool {
        matches!(self.0.op, MatchOp::Equal)
    }

    /// Whether it takes values away instead of asking for some.
    pub fn is_negative(&self) -> bool {
        matches!(self.0.op, MatchOp::NotEqual | MatchOp::NotRe(_))
    }

    /// Whether a value fits.
    pub fn accepts(&self, value: &str) -> bool {
        self.0.is_match(value)
    }
}

impl std::fmt::Display for Matcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let op = match self.0.op {
            MatchOp::Equal => "=",
            MatchOp::NotEqual => "!=",
            MatchOp::Re(_) => "=~",
            MatchOp::NotRe(_) => "!~",
        };
        write!(f, "{}{op}{:?}", self.label(), self.value())
    }
}

impl Comparison {
    /// As PromQL writes it.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Above => ">",
            Self::AtLeast => ">=",
            Self::Below => "<",
            Self::AtMost => "<=",
            Self::Equal => "==",
            Self::NotEqual => "!=",
        }
    }

    /// Whether more is worse; none: neither more nor less is.
    pub fn is_upward(self) -> Option<bool> {
        match self {
            Self::Above | Self::AtLeast => Some(true),
            Self::Below | Self::AtMost => Some(false),
            Self::Equal | Self::NotEqual => None,
        }
    }

    /// With its sides exchanged.
    fn turned(self) -> Self {
        match self {
            Self::Above => Self::Below,
            Self::AtLeast => Self::AtMost,
            Self::Below => Self::Above,
            Self::AtMost => Self::AtLeast,
            same => same,
        }
    }
}

fn is_set_operator(word: &str) -> bool {
    ["and", "or", "unless", "atan2"].iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// Whether a window or an offset is longer than the parser can hold: `[1e30]`, `offset Inf`.
fn has_endless_time(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let openers = ["[", ":", "offset"];
    let mut starts = openers
        .iter()
        .flat_map(|opener| lower.match_indices(opener).map(|(start, found)| start + found.len()));
    starts.any(|start| {
        let number = without_blanks(&lower[start..]);
        let end = number.find(|c: char| !c.is_ascii_alphanumeric() && !".+-".contains(c));
        let number = &number[..end.unwrap_or(number.len())];
        let is_long = |number: f64| !number.is_finite() || number.abs() >= TIME_LIMIT_S;
        // A hexadecimal number of that many digits is longer still.
        number.parse().is_ok_and(is_long) || number.starts_with("0x") && number.len() > 14
    })
}

/// What follows signs, blanks and comments.
fn without_blanks(mut text: &str) -> &str {
    loop {
        text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '+' || c == '-');
        match text.strip_prefix('#') {
            Some(comment) => text = comment.find('\n').map_or("", |end| &comment[end..]),
            None => return text,
        }
    }
}

/// The canonical text, when it means the same.
fn faithful(tree: &Expr) -> Option<String> {
    let text = tree.to_string();
    (parser::parse(&text).as_ref() == Ok(tree)).then_some(text)
}

fn unwrapped(mut tree: &Expr) -> &Expr {
    while let Expr::Paren(paren) = tree {
        tree = &paren.expr;
    }
    tree
}

fn comparison(binary: &BinaryExpr) -> Option<Comparison> {
    match binary.op.to_string().as_str() {
        ">" => Some(Comparison::Above),
        ">=" => Some(Comparison::AtLeast),
        "<" => Some(Comparison::Below),
        "<=" => Some(Comparison::AtMost),
        "==" => Some(Comparison::Equal),
        "!=" => Some(Comparison::NotEqual),
        _ => None,
    }
}

/// The value of a number, also of one that is computed: `0.9`, `-5`, `4 * 3600`.
fn constant(tree: &Expr) -> Option<f64> {
    match tree {
        Expr::NumberLiteral(number) => Some(number.val),
        Expr::Paren(paren) => constant(&paren.expr),
        Expr::Unary(unary) => Some(-constant(&unary.expr)?),
        Expr::Binary(binary) => {
            let (a, b) = (constant(&binary.lhs)?, constant(&binary.rhs)?);
            match binary.op.to_string().as_str() {
                "+" => Some(a + b),
                "-" => Some(a - b),
                "*" => Some(a * b),
                "/" => Some(a / b),
                "^" => Some(a.powf(b)),
                _ => None,
            }
        }
        _ => None,
    }
}

fn filters(tree: &Expr, does_metric: &dyn Fn(&str) -> bool) -> bool {
    let filters = |tree: &Expr| filters(tree, does_metric);
    match tree {
        Expr::Binary(binary) if comparison(binary).is_some() => {
            !binary.return_bool() || filters(&binary.lhs) || filters(&binary.rhs)
        }
        Expr::Binary(binary) => match binary.op.to_string().as_str() {
            "and" | "unless" => true,
            "or" => filters(&binary.lhs) && filters(&binary.rhs),
            _ => filters(&binary.lhs) || filters(&binary.rhs),
        },
        Expr::Aggregate(aggregate) => filters(&aggregate.expr),
        Expr::Paren(paren) => filters(&paren.expr),
        Expr::Unary(unary) => filters(&unary.expr),
        Expr::Subquery(subquery) => filters(&subquery.expr),
        Expr::Call(call) => is_absence(call) || call.args.args.iter().any(|arg| filters(arg)),
        Expr::VectorSelector(selector) => selects_filtered(selector, does_metric),
        Expr::MatrixSelector(matrix) => selects_filtered(&matrix.vs, does_metric),
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => false,
    }
}

/// `ALERTS` exists only while an alert does.
fn selects_filtered(selector: &VectorSelector, does_metric: &dyn Fn(&str) -> bool) -> bool {
    metric(selector).is_some_and(|name| name == "ALERTS" || does_metric(&name))
}

fn is_absence(call: &Call) -> bool {
    matches!(call.func.name, "absent" | "absent_over_time")
}

#[derive(Clone, Copy, Default)]
struct Within {
    absence: bool,
    window: bool,
}

fn collect(
    tree: &Expr,
    within: Within,
    place_of: &dyn Fn(&str) -> Place,
    found: &mut Vec<Selector>,
) {
    match tree {
        Expr::Aggregate(AggregateExpr { expr, param, .. }) => {
            param.iter().for_each(|param| collect(param, within, place_of, found));
            collect(expr, within, place_of, found);
        }
        Expr::Unary(unary) => collect(&unary.expr, within, place_of, found),
        Expr::Paren(paren) => collect(&paren.expr, within, place_of, found),
        Expr::Subquery(subquery) => {
            collect(&subquery.expr, Within { window: true, ..within }, place_of, found);
        }
        Expr::Binary(binary) => {
            collect(&binary.lhs, within, place_of, found);
            collect(&binary.rhs, within, place_of, found);
        }
        Expr::Call(call) => {
            let within = Within { absence: within.absence || is_absence(call), ..within };
            call.args.args.iter().for_each(|arg| collect(arg, within, place_of, found));
        }
        Expr::VectorSelector(selector) => found.push(selected(selector, within, place_of)),
        Expr::MatrixSelector(matrix) => {
            found.push(selected(&matrix.vs, Within { window: true, ..within }, place_of));
        }
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => {}
    }
}

fn selected(
    selector: &VectorSelector,
    within: Within,
    place_of: &dyn Fn(&str) -> Place,
) -> Selector {
    let metric = metric(selector);
    // `{a="1" or b="2"}` is not Prometheus' own; its alternatives are not judged one by one.
    let matchers = selector.matchers.matchers.iter();
    let place = place_of(metric.as_deref().unwrap_or_default());
    Selector {
        matchers: matchers
            .filter(|matcher| metric.is_none() || matcher.name != "__name__")
            .map(|matcher| Matcher(matcher.clone()))
            .collect(),
        metric,
        is_absent: within.absence,
        is_windowed: within.window,
        place,
    }
}

/// The name, also when it is written as `{__name__="x"}`.
fn metric(selector: &VectorSelector) -> Option<String> {
    let as_label = || {
        let mut matchers = selector.matchers.matchers.iter();
        let name = matchers
            .find(|matcher| matcher.name == "__name__" && matches!(matcher.op, MatchOp::Equal));
        name.map(|matcher| matcher.value.clone())
    };
    selector.name.clone().or_else(as_label)
}
