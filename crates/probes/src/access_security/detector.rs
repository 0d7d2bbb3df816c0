//! What a detector is, and what it has to show.

use super::request::Request;
use domain::said::Said;
use jiff::{SignedDuration, Timestamp};
use source::{Fields, Problems};
use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    fmt,
};

/// Lines that are kept as evidence, of all clients together.
const LINES: usize = 500;
/// Lines that are shown.
const SHOWN: usize = 3;

/// Looks for one pattern in the requests of the last minutes.
pub(crate) trait Detector: fmt::Debug + Send + Sync {
    /// The same settings, nothing seen yet.
    fn fresh(&self) -> Box<dyn Detector>;

    /// Takes in a request.
    fn see(&mut self, request: &Request);

    /// What there is to say now.
    fn found(&mut self, now: Timestamp) -> Found;

    /// How many clients were forgotten because there were too many.
    fn forgotten(&self) -> u64;
}

/// What a detector says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Nothing suspicious.
    Nothing,
    /// It cannot be said, and why.
    Unsaid(Said),
    /// Something is.
    Suspect {
        /// Who it is; nobody alone where many do it together.
        client: Option<String>,
        /// Numbers, window and lines.
        evidence: Said,
    },
}

/// The row of a detector in the table.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    /// Its name: a reading, and the key of its settings.
    pub name: &'static str,
    /// Takes its keys; the last number is how many clients it may keep.
    pub parse: fn(&mut Fields<'_>, usize, &mut Problems) -> Box<dyn Detector>,
}

/// A limit within a window, which every detector has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    pub count: u64,
    pub window: SignedDuration,
}

impl Limit {
    /// Takes `limit` and `window`.
    pub fn take(
        usual: (u64, SignedDuration),
        fields: &mut Fields<'_>,
        problems: &mut Problems,
    ) -> Self {
        let (count, window) = usual;
        let window = fields.duration_or("window", window, problems);
        if window < SignedDuration::from_secs(1) {
            let message =
                Said::new("`window` は 1s 以上にしてください", "`window` must be at least 1s");
            problems.add(fields.place(), message);
        }
        Self { count: fields.count_or("limit", count, problems).max(1), window }
    }

    /// The window as people say it.
    pub fn within(&self) -> Said {
        let window = self.window;
        Said::new(format!("{window:#} 以内"), format!("within {window:#}"))
    }
}

/// The last suspicious requests.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trail(VecDeque<Request>);

impl Trail {
    /// Keeps a request as evidence.
    pub fn keep(&mut self, request: &Request) {
        if self.0.len() >= LINES {
            self.0.pop_front();
        }
        self.0.push_back(request.brief());
    }

    /// The last lines of a client.
    pub fn of(&self, client: &str) -> String {
        let own = self.0.iter().rev().filter(|request| request.client == client).take(SHOWN);
        let mut lines: Vec<String> = own.map(Request::line).collect();
        lines.reverse();
        lines.join(" | ")
    }

    /// The last line of each of a few clients.
    pub fn of_some(&self, clients: &HashMap<&str, u64>) -> String {
        let mut lines: BTreeMap<&str, String> = BTreeMap::new();
        for request in self.0.iter().rev() {
            let client = request.client.as_str();
            if lines.len() < SHOWN && clients.contains_key(client) {
                lines.entry(client).or_insert_with(|| format!("{client}: {}", request.line()));
            }
        }
        lines.into_values().collect::<Vec<_>>().join(" | ")
    }
}

/// Who did the most, of those over a limit, and how many there are.
pub(crate) fn worst<'a, T>(
    over: impl Iterator<Item = (&'a str, T)>,
    by: impl Fn(&T) -> u64,
) -> Option<(&'a str, T, usize)> {
    let mut count = 0;
    let mut worst: Option<(&str, T)> = None;
    for (client, of) in over {
        count += 1;
        // Of two equal ones always the same.
        let rank = |client: &'a str, of: &T| (by(of), std::cmp::Reverse(client));
        if worst.as_ref().is_none_or(|(known, most)| rank(client, &of) > rank(known, most)) {
            worst = Some((client, of));
        }
    }
    worst.map(|(client, of)| (client, of, count))
}

/// Says that there are others, where there are.
pub(crate) fn and_others(count: usize) -> Said {
    match count {
        0 | 1 => Said::default(),
        count => Said::new(
            format!("。他に {} クライアントも同様", count - 1),
            format!("; {} more clients do it", count - 1),
        ),
    }
}
