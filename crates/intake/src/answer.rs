//! What comes out of a request: words, problems, and how to answer; or why nothing of it counts.

use crate::word::Word;
use serde::Serialize;
use std::{error, fmt};

/// Problems that are named one by one: a broken sender must not fill the log, or get more back than it sent.
const TOLD_PROBLEMS: usize = 20;

/// The words of a request, what was wrong with the rest of it, and how to answer once the words are durable.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    /// What it says.
    pub words: Vec<Word>,
    /// What of it could not be understood, as sentences in English for machines and the log: the first few, and how
    /// many more there are.
    pub problems: Vec<String>,
    /// How to answer.
    pub answer: Answer,
}

impl Heard {
    /// Everything was understood.
    pub fn all(words: Vec<Word>, answer: Answer) -> Self {
        Self { words, problems: Vec::new(), answer }
    }

    /// Words and problems of a format without an error body of its own: with problems, 400 and `{"errors": [...]}`.
    pub(crate) fn partly(words: Vec<Word>, problems: Vec<String>, answer: Answer) -> Self {
        let answer = if problems.is_empty() { answer } else { errors(400, &problems) };
        Self { words, problems, answer }
    }
}

/// An answer over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// `Content-Type`; empty: none.
    pub content_type: &'static str,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// An answer without a body.
    pub fn empty(status: u16) -> Self {
        Self { status, content_type: "", body: Vec::new() }
    }

    /// A JSON document.
    pub fn json(status: u16, document: &impl Serialize) -> Self {
        let body = serde_json::to_vec(document).expect("our own documents have text for keys");
        Self { status, content_type: "application/json", body }
    }

    /// Plain text.
    pub fn text(status: u16, text: &str) -> Self {
        Self { status, content_type: "text/plain; charset=utf-8", body: text.as_bytes().to_vec() }
    }
}

/// Why nothing of a request counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The reason, as a sentence in English for the log.
    pub reason: String,
    answer: Answer,
}

impl Rejected {
    /// A refusal with the body that clients of the format expect.
    pub fn new(reason: impl Into<String>, answer: Answer) -> Self {
        Self { reason: reason.into(), answer }
    }

    /// A refusal of a format without an error body of its own: `{"errors": [reason]}`.
    pub fn plain(status: u16, reason: impl Into<String>) -> Self {
        let reason = reason.into();
        let answer = errors(status, std::slice::from_ref(&reason));
        Self { reason, answer }
    }

    /// The method or the path is none that the format knows.
    pub(crate) fn unknown_place(method: &str, path: &str) -> Self {
        let (method, path) = (crate::text::cut(method, 32), crate::text::cut(path, 256));
        Self::plain(404, format!("{method} {path} is nothing that this integration answers"))
    }

    /// The sender did not prove who it is.
    pub(crate) fn not_proven(what: &str) -> Self {
        Self::plain(401, format!("{what} is missing or wrong"))
    }

    /// The status.
    pub fn status(&self) -> u16 {
        self.answer.status
    }

    /// The answer.
    pub fn answer(&self) -> &Answer {
        &self.answer
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl error::Error for Rejected {}

#[derive(Serialize)]
struct Errors<'a> {
    errors: &'a [String],
}

fn errors(status: u16, problems: &[String]) -> Answer {
    Answer::json(status, &Errors { errors: problems })
}

/// The first of many problems, and how many more there are.
#[derive(Debug, Default)]
pub(crate) struct ProblemList {
    told: Vec<String>,
    more: usize,
}

impl ProblemList {
    pub fn push(&mut self, problem: String) {
        if self.told.len() < TOLD_PROBLEMS {
            self.told.push(problem);
        } else {
            self.more += 1;
        }
    }

    pub fn told(mut self) -> Vec<String> {
        if self.more > 0 {
            self.told.push(format!("and {} more", self.more));
        }
        self.told
    }
}
