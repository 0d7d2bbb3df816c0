//! What the `GET`s of alerts, groups, silences and receivers ask for.

use super::errors;
use crate::{answer::Rejected, text::cut};
use domain::{
    labels::Labels,
    matcher::{self, Matcher},
};
use regex::{Regex, RegexBuilder};
use std::borrow::Cow;

/// A compiled expression may take this much memory: it comes from outside.
const REGEX_BYTES: usize = 1 << 20;
/// Matchers of one request.
const MATCHERS: usize = 100;
/// Expressions in a query, counted before they are compiled: each may take milliseconds and a megabyte, and a kilobyte of
/// text has room for a hundred.
const EXPRESSIONS: usize = 20;

/// Which alerts: the query of `GET /alerts` and `GET /alerts/groups`.
#[derive(Clone, Debug)]
pub struct AlertsQuery {
    /// Those that neither a silence nor another alert holds back.
    pub active: bool,
    /// Those that a silence holds back.
    pub silenced: bool,
    /// Those that another alert holds back.
    pub inhibited: bool,
    /// Those that nobody has judged yet.
    pub unprocessed: bool,
    /// Those that a maintenance window holds back (groups only).
    pub muted: bool,
    /// Conditions on labels; all must hold.
    pub filter: Vec<Matcher>,
    /// Whom they are told to.
    pub receivers: ReceiversQuery,
}

/// Which receivers: the query of `GET /receivers`, and a part of that of alerts.
#[derive(Clone, Debug, Default)]
pub struct ReceiversQuery {
    name: Option<Regex>,
    matchers: Vec<Matcher>,
}

/// Which silences: the query of `GET /silences`.
#[derive(Clone, Debug)]
pub struct SilencesQuery {
    /// Those that hold now.
    pub active: bool,
    /// Those that will begin.
    pub pending: bool,
    /// Those that are over.
    pub expired: bool,
    filter: Vec<Matcher>,
}

impl AlertsQuery {
    /// Reads the text behind the question mark.
    ///
    /// # Errors
    /// A flag, a matcher or an expression that cannot be read.
    pub fn read(query: &str) -> Result<Self, Rejected> {
        let pairs = Pairs::of(query);
        Ok(Self {
            active: pairs.flag("active")?,
            silenced: pairs.flag("silenced")?,
            inhibited: pairs.flag("inhibited")?,
            unprocessed: pairs.flag("unprocessed")?,
            muted: pairs.flag("muted")?,
            filter: pairs.matchers("filter")?,
            receivers: pairs.receivers()?,
        })
    }
}

impl ReceiversQuery {
    /// Reads the text behind the question mark.
    ///
    /// # Errors
    /// A matcher or an expression that cannot be read.
    pub fn read(query: &str) -> Result<Self, Rejected> {
        Pairs::of(query).receivers()
    }

    /// Whether it asks for all of them.
    pub fn is_all(&self) -> bool {
        self.name.is_none() && self.matchers.is_empty()
    }

    /// Whether it asks for this one.
    pub fn accepts(&self, name: &str, labels: &Labels) -> bool {
        self.name.as_ref().is_none_or(|regex| regex.is_match(name))
            && matcher::all(&self.matchers, labels)
    }
}

impl SilencesQuery {
    /// Reads the text behind the question mark.
    ///
    /// # Errors
    /// A flag or a matcher that cannot be read.
    pub fn read(query: &str) -> Result<Self, Rejected> {
        let pairs = Pairs::of(query);
        Ok(Self {
            active: pairs.flag("active")?,
            pending: pairs.flag("pending")?,
            expired: pairs.flag("expired")?,
            filter: pairs.matchers("filter")?,
        })
    }

    /// Whether a silence with these matchers is asked for: each matcher of the filter is one of its own.
    pub fn accepts(&self, matchers: &[Matcher]) -> bool {
        self.filter.iter().all(|wanted| matchers.contains(wanted))
    }
}

struct Pairs<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Pairs<'a> {
    fn of(query: &'a str) -> Self {
        Self(form_urlencoded::parse(query.as_bytes()).collect())
    }

    /// All values of a name, written `name=` or `name[]=`.
    fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        let is_it = move |other: &str| other.strip_suffix("[]").unwrap_or(other) == name;
        self.0.iter().filter(move |(other, _)| is_it(other)).map(|(_, value)| value.as_ref())
    }

    /// A flag, as Go reads one; without a value it is set.
    fn flag(&self, name: &str) -> Result<bool, Rejected> {
        match self.values(name).last().unwrap_or("true") {
            "" | "1" | "t" | "T" | "true" | "True" | "TRUE" => Ok(true),
            "0" | "f" | "F" | "false" | "False" | "FALSE" => Ok(false),
            other => {
                let other = cut(other, 64);
                let message = format!("{name} in query must be of type boolean: {other:?}");
                Err(errors::coded(601, message))
            }
        }
    }

    fn matchers(&self, name: &str) -> Result<Vec<Matcher>, Rejected> {
        let operators = |text: &str| text.matches("=~").count() + text.matches("!~").count();
        if self.values(name).map(operators).sum::<usize>() > EXPRESSIONS {
            let why = format!("more than {EXPRESSIONS} matchers with regular expressions");
            return Err(errors::plain(400, why));
        }
        let mut all = Vec::new();
        for text in self.values(name) {
            let some = matcher::parse_all(text);
            all.extend(some.map_err(|why| errors::plain(400, cut(&why, 1024)))?);
            if all.len() > MATCHERS {
                return Err(errors::plain(400, format!("more than {MATCHERS} matchers")));
            }
        }
        Ok(all)
    }

    fn receivers(&self) -> Result<ReceiversQuery, Rejected> {
        let name = self.values("receiver").last().map(whole).transpose();
        let name = name.map_err(|why| {
            errors::plain(400, format!("failed to parse receiver param: {}", cut(&why, 1024)))
        })?;
        Ok(ReceiversQuery { name, matchers: self.matchers("receiver_matchers")? })
    }
}

/// An expression that must match a whole text.
fn whole(text: &str) -> Result<Regex, String> {
    let build = |text: &str| RegexBuilder::new(text).size_limit(REGEX_BYTES).build();
    // By itself first: `a)|(b` would break out of the group.
    build(text).and_then(|_| build(&format!("^(?:{text})$"))).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_query_everything_is_asked_for() {
        let query = AlertsQuery::read("").expect("nothing");
        assert!(query.active && query.silenced && query.inhibited && query.unprocessed);
        assert!(query.muted && query.filter.is_empty() && query.receivers.is_all());
    }

    /// What amtool and Grafana's data source send.
    #[test]
    fn flags_filters_and_the_receiver_are_read() {
        let query = AlertsQuery::read(
            "active=false&silenced=true&filter=alertname%3D%22Down%22&filter[]=a%3D~%22b.*%22&receiver=team-.%2B",
        )
        .expect("a query");
        assert!(!query.active && query.silenced);
        let texts: Vec<_> = query.filter.iter().map(Matcher::to_string).collect();
        assert_eq!(texts, [r#"alertname="Down""#, r#"a=~"b.*""#]);
        let none = Labels::default();
        assert!(query.receivers.accepts("team-web", &none));
        assert!(!query.receivers.accepts("my-team-web", &none), "the whole name must match");
    }

    #[test]
    fn receivers_are_chosen_by_their_labels() {
        let query = ReceiversQuery::read("receiver_matchers=team%3Dweb").expect("a query");
        assert!(query.accepts("x", &Labels::new([("team", "web")])));
        assert!(!query.accepts("x", &Labels::default()));
    }

    #[test]
    fn a_silence_is_found_by_its_own_matchers() {
        let query = SilencesQuery::read("filter=a%3Db&expired=false").expect("a query");
        assert!(query.active && !query.expired);
        let [ab, ac] = ["b", "c"].map(|value| Matcher::equal("a", value));
        assert!(query.accepts(&[ac.clone(), ab]) && !query.accepts(&[ac]));
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let wrong = |query: &str| {
            let rejected = AlertsQuery::read(query).expect_err("wrong");
            let body = String::from_utf8(rejected.answer().body.clone()).expect("JSON");
            (rejected.status(), body)
        };
        let expected =
            r#"{"code":601,"message":"active in query must be of type boolean: \"maybe\""}"#;
        assert_eq!(wrong("active=maybe"), (422, expected.to_owned()));
        assert_eq!(wrong("filter=x").0, 400);
        assert!(wrong("receiver=(").1.starts_with("\"failed to parse receiver param: "));
        assert_eq!(wrong("receiver=a)|(b").0, 400, "it must not break out of its group");
        assert_eq!(wrong(&"filter=a%3Db&".repeat(MATCHERS + 1)).0, 400);
        let costly = "a%3D~\\w{18},".repeat(EXPRESSIONS + 1);
        assert_eq!(wrong(&format!("filter={costly}")).0, 400, "found by a fuzz target");
        assert_eq!(wrong(&format!("filter={}", costly.replacen("%3D", "!", 1))).0, 400);
        assert_eq!(wrong("receiver=(a{1000}){1000}").0, 400, "it must not take all memory");
    }
}
