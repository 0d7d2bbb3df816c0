//! Conditions of runbooks, in CEL (the Common Expression Language): over typed values only, and never true by default.
//!
//! `facts.free_mb < 500`, `params.pages > 3 && service == "web"`. A fact that was not captured, a type that does not fit, a
//! result that is no bool: all of them are errors, and an error lets nothing run.

use crate::{said::Said, types::Parameter};
use cel::{Context, Program, Value};
use std::collections::{BTreeMap, HashMap};

/// The longest condition that is read.
const MOST_CHARS: usize = 1000;
/// What a condition can speak of.
const ROOTS: [&str; 3] = ["facts", "params", "service"];

/// What a condition is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a> {
    /// What steps have captured, by the names in the runbook.
    pub facts: &'a BTreeMap<String, Parameter>,
    /// Parameters by their `HK_` names; a condition names them in small letters without it.
    pub params: &'a BTreeMap<String, Parameter>,
    /// The target.
    pub service: &'a str,
}

/// Whether a condition holds.
///
/// ```
/// use domain::{condition::{self, Values}, types};
/// use std::collections::BTreeMap;
/// let free = types::parse("int", "300").expect("a number");
/// let facts = BTreeMap::from([("free_mb".to_owned(), free)]);
/// let values = Values { facts: &facts, params: &BTreeMap::new(), service: "web" };
/// assert_eq!(condition::holds("facts.free_mb < 500", values), Ok(true));
/// assert!(condition::holds("facts.other < 500", values).is_err());
/// ```
///
/// # Errors
/// It cannot be judged: a sentence for the journal.
pub fn holds(condition: &str, values: Values<'_>) -> Result<bool, Said> {
    let program = compile(condition)?;
    let mut context = Context::default();
    let map = |all: &BTreeMap<String, Parameter>, name: fn(&str) -> String| {
        all.iter().map(|(key, value)| (name(key), typed(value))).collect::<HashMap<_, _>>()
    };
    context.add_variable_from_value("facts", map(values.facts, str::to_owned));
    context.add_variable_from_value("params", map(values.params, plain_name));
    context.add_variable_from_value("service", values.service.to_owned());
    match program.execute(&context) {
        Ok(Value::Bool(holds)) => Ok(holds),
        Ok(_) => Err(Said::new(
            format!("`{condition}` は真とも偽ともいえません"),
            format!("`{condition}` is neither true nor false"),
        )),
        Err(error) => Err(Said::new(
            format!("`{condition}` を判定できません: {error}"),
            format!("`{condition}` cannot be judged: {error}"),
        )),
    }
}

/// Whether a text is a condition; what it speaks of is for who judges it.
///
/// # Errors
/// Why it is none.
pub fn check(condition: &str) -> Result<(), Said> {
    let program = compile(condition)?;
    let references = program.references();
    let strange = references.variables().into_iter().find(|name| !ROOTS.contains(name));
    match strange {
        Some(name) => {
            let known = ROOTS.join(", ");
            Err(Said::new(
                format!("`{name}` はありません。使えるのは {known} です"),
                format!("there is no `{name}`; there are {known}"),
            ))
        }
        None => Ok(()),
    }
}

fn compile(condition: &str) -> Result<Program, Said> {
    if condition.chars().count() > MOST_CHARS {
        return Err(Said::new(
            format!("条件は {MOST_CHARS} 文字までです"),
            format!("a condition has at most {MOST_CHARS} characters"),
        ));
    }
    Program::compile(condition).map_err(|error| {
        // The parser draws a picture and lists every token that it would have liked; the first line says what and where.
        let said = error.to_string();
        let first = said.lines().next().unwrap_or_default();
        let first = first.split(" expecting ").next().unwrap_or(first);
        let first = first.trim_start_matches("ERROR: <input>:");
        Said::new(
            format!("`{condition}` を読めません: {first}"),
            format!("`{condition}` cannot be read: {first}"),
        )
    })
}

/// `HK_FREE_MB` is `params.free_mb`.
fn plain_name(name: &str) -> String {
    name.trim_start_matches("HK_").to_lowercase()
}

/// A number is a number, a duration its seconds; everything else is its canonical print.
fn typed(parameter: &Parameter) -> Value {
    let text = parameter.value.as_str();
    let number = match parameter.kind.as_str() {
        "int" | "port" => text.parse().ok().map(Value::Int),
        "float" => text.parse().ok().map(Value::Float),
        "bool" => text.parse().ok().map(Value::Bool),
        "duration" => {
            let span = text.parse::<jiff::SignedDuration>().ok();
            span.map(|span| Value::Float(span.as_secs_f64()))
        }
        _ => None,
    };
    number.unwrap_or_else(|| text.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types;

    fn values() -> (BTreeMap<String, Parameter>, BTreeMap<String, Parameter>) {
        let parse = |kind, text| types::parse(kind, text).expect("of its type");
        let facts = BTreeMap::from([
            ("free_mb".to_owned(), parse("int", "300")),
            ("state".to_owned(), parse("ident", "failed")),
            ("age".to_owned(), parse("duration", "5m")),
        ]);
        (facts, BTreeMap::from([("HK_PAGES".to_owned(), parse("int", "12"))]))
    }

    #[test]
    fn typed_values_are_compared_as_what_they_are() {
        let (facts, params) = values();
        let values = Values { facts: &facts, params: &params, service: "web" };
        for (condition, result) in [
            ("facts.free_mb < 500", true),
            ("facts.state == 'failed' && service == 'web'", true),
            ("facts.age > 299.0 && params.pages >= 12", true),
            ("facts.free_mb > 500 || params.pages == 3", false),
            ("has(facts.nothing) || facts.free_mb == 300", true),
        ] {
            assert_eq!(holds(condition, values), Ok(result), "{condition}");
        }
    }

    #[test]
    fn what_cannot_be_judged_is_not_true() {
        let (facts, params) = values();
        let values = Values { facts: &facts, params: &params, service: "web" };
        for condition in [
            "facts.nothing < 5",
            "facts.state < 5",
            "facts.free_mb",
            "1 +",
            "",
            "facts.free_mb < '5'",
        ] {
            assert!(holds(condition, values).is_err(), "{condition}");
        }
    }

    #[test]
    fn a_condition_speaks_of_what_there_is() {
        assert_eq!(check("facts.a > 1 && params.b == service"), Ok(()));
        assert!(check("environment.PATH != ''").is_err());
        assert!(check("facts.a >").is_err());
        assert!(check(&"1 == 1 && ".repeat(200)).is_err());
    }
}
