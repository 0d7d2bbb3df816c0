//! What a rule finds: a place, what is wrong there, and what to do.

use std::fmt;

/// Whether it must be mended now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// It must.
    Error,
    /// It should, before it grows.
    Warning,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// How much it weighs.
    pub weight: Weight,
    /// The file, from the project's root.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl Problem {
    /// Something that must be mended.
    pub fn error(
        file: &str,
        line: usize,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            weight: Weight::Error,
            file: file.to_owned(),
            line,
            message: message.into(),
            hint: hint.into(),
        }
    }

    /// Something that should be mended.
    pub fn warning(
        file: &str,
        line: usize,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self { weight: Weight::Warning, ..Self::error(file, line, message, hint) }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weight = match self.weight {
            Weight::Error => "error",
            Weight::Warning => "warning",
        };
        write!(f, "{}:{}: {weight}: {}\n  hint: {}", self.file, self.line, self.message, self.hint)
    }
}

/// The problems of one file as `LINE: MESSAGE`, for the tests of the rules.
#[cfg(test)]
pub fn told(problems: &[Problem]) -> Vec<String> {
    problems
        .iter()
        .map(|problem| format!("{}:{}: {}", problem.file, problem.line, problem.message))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_says_where_what_and_what_to_do() {
        let problem = Problem::error("a.rs", 3, "it is wrong", "make it right");
        assert_eq!(problem.to_string(), "a.rs:3: error: it is wrong\n  hint: make it right");
    }
}
