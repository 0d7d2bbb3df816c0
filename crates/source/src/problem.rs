//! What is wrong with a text, where, and what to do about it.

use domain::said::{Language, Said};
use std::{fmt, sync::Arc};

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, as the person gave it.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it is.
    pub place: Place,
    /// What is wrong.
    pub message: Said,
    /// What to do.
    pub hint: Option<Said>,
}

impl Problem {
    /// The lines that a person reads: `file:line: message` and, when there is one, the hint below it.
    pub fn render(&self, language: Language) -> String {
        let mut text = format!("{}: {}", self.place, self.message.text(language));
        if let Some(hint) = &self.hint {
            let label = language.pick("ヒント", "hint");
            text.push_str(&format!("\n  {label}: {}", hint.text(language)));
        }
        text
    }
}

/// A value that holds because nobody wrote another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumed {
    /// The file in which it could be written.
    pub file: Arc<str>,
    /// Its keys from the top of the file: `probes.web/up.timeout`.
    pub path: String,
    /// As one would write it.
    pub value: String,
}

/// All mistakes found so far, reading goes on after the first; and what was assumed where nothing is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    found: Vec<Problem>,
    assumed: Vec<Assumed>,
}

impl Problems {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a mistake.
    pub fn add(&mut self, place: &Place, message: Said) {
        self.found.push(Problem { place: place.clone(), message, hint: None });
    }

    /// Adds a mistake and what to do about it.
    pub fn add_with_hint(&mut self, place: &Place, message: Said, hint: Said) {
        self.found.push(Problem { place: place.clone(), message, hint: Some(hint) });
    }

    /// Takes over the mistakes of another part, and what was assumed there.
    pub fn extend(&mut self, other: Problems) {
        self.found.extend(other.found);
        self.assumed.extend(other.assumed);
    }

    /// Keeps that a value holds that nobody wrote.
    pub fn assume(&mut self, assumed: Assumed) {
        self.assumed.push(assumed);
    }

    /// What was assumed so far, in the order in which it was read.
    pub fn assumed(&self) -> &[Assumed] {
        &self.assumed
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// The mistakes in the order of their places.
    pub fn sorted(&self) -> Vec<&Problem> {
        let mut sorted: Vec<_> = self.found.iter().collect();
        sorted.sort_by(|a, b| a.place.cmp(&b.place));
        sorted
    }

    /// All of them as text, one under the other.
    pub fn render(&self, language: Language) -> String {
        let lines: Vec<_> = self.sorted().iter().map(|problem| problem.render(language)).collect();
        lines.join("\n")
    }
}
