//! What a built-in verb is given and what it gives back.

use crate::types;
use domain::{
    graph::Service,
    ids::{IncidentId, RunId, ServiceName},
    plan::{EffectKind, Outcome},
    said::Said,
};
use futures::future::BoxFuture;
use std::{collections::BTreeMap, path::PathBuf, sync::Arc};
use supervise::{Clock, Supervisor};
use tokio::time::Instant;

/// What performing needs of the world; the shell puts it together once.
#[derive(Clone)]
pub struct Deps {
    /// Where scripts and outputs of runs are kept; made with mode 0700.
    pub run_folder: PathBuf,
    /// Where evidence bundles are kept; made with mode 0700.
    pub evidence_folder: PathBuf,
    /// Who starts and stops services; the first that knows a service is asked.
    pub supervisors: Vec<Arc<dyn Supervisor>>,
    /// The secrets known at the moment; they are masked in everything that is kept or shown.
    pub secrets: Arc<dyn Fn() -> Vec<String> + Send + Sync>,
    /// Log files that belong to every evidence bundle; the last part may be a pattern.
    pub log_sources: Vec<String>,
    /// How `database.reconnect` logs in; without it only the TCP connection is tried.
    pub reconnect: Option<Arc<dyn Reconnect>>,
    /// The time, for the names of bundles and of rotated files.
    pub clock: Clock,
    /// The program that is a recorder when it is asked to be (see [`crate::recorder`]): hikeshi itself. Without one,
    /// steps run inside this process and end with it.
    pub recorder: Option<PathBuf>,
}

/// Logs in to a database, as its probe does.
pub trait Reconnect: Send + Sync {
    /// Connects, logs in and closes again.
    ///
    /// The error is a sentence that names the cause and never a secret.
    fn reconnect<'a>(&'a self, service: &'a Service) -> BoxFuture<'a, Result<(), String>>;
}

/// One call of a verb.
pub struct Call<'a> {
    /// The world.
    pub deps: &'a Deps,
    /// The target of the run.
    pub service: &'a Service,
    /// Arguments by name, typed and with their defaults.
    pub arguments: BTreeMap<String, String>,
    /// The run.
    pub run: RunId,
    /// The incident, if the run serves one.
    pub incident: Option<IncidentId>,
    /// When the step must be over.
    pub deadline: Instant,
}

impl Call<'_> {
    /// An argument; the table of verbs has seen to it that it is there when it is required.
    pub fn argument(&self, name: &str) -> Option<&str> {
        self.arguments.get(name).map(String::as_str)
    }

    /// A whole number, `otherwise` when it is not given. Types and bounds were checked before.
    pub fn count(&self, name: &str, otherwise: u32) -> u32 {
        self.argument(name).and_then(|text| text.parse().ok()).unwrap_or(otherwise)
    }

    /// An attribute of the target, whatever the case of its name.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        attribute(self.service, name).map(|parameter| parameter.value.as_str())
    }

    /// The supervisor of a service.
    ///
    /// # Errors
    /// Nobody supervises it.
    pub fn supervisor(&self, service: &ServiceName) -> Result<&Arc<dyn Supervisor>, Said> {
        self.deps.supervisors.iter().find(|supervisor| supervisor.knows(service)).ok_or_else(|| {
            Said::new(
                format!("`{service}` を管理する supervisor がありません。設定の supervise を確かめてください"),
                format!("no supervisor knows `{service}`; check `supervise` in the configuration"),
            )
        })
    }
}

/// An attribute of a service, whatever the case of its name.
pub fn attribute<'a>(service: &'a Service, name: &str) -> Option<&'a domain::plan::Parameter> {
    service
        .attributes
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

/// How a call of a verb ended.
#[derive(Debug, PartialEq)]
pub struct Done {
    /// The outcome.
    pub outcome: Outcome,
    /// A few lines for people.
    pub output: String,
    /// Values for the facts.
    pub captured: BTreeMap<String, String>,
    /// Where evidence was kept.
    pub evidence: Option<String>,
}

impl Done {
    /// An outcome with a few lines.
    pub fn new(outcome: Outcome, output: impl Into<String>) -> Self {
        Self { outcome, output: output.into(), captured: BTreeMap::new(), evidence: None }
    }

    /// It did not work.
    pub fn failed(why: impl Into<String>) -> Self {
        let why = why.into();
        Self::new(Outcome::Failed(why.clone()), why)
    }

    /// It was not even begun.
    pub fn blocked(why: &Said) -> Self {
        Self::new(Outcome::Blocked(why.en.clone()), format!("{}\n{}", why.ja, why.en))
    }

    /// Adds a value for the facts.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl ToString) -> Self {
        self.captured.insert(key.to_owned(), value.to_string());
        self
    }
}

/// One built-in verb: a row of the table in [`crate::kinds`].
#[derive(Clone, Copy)]
pub struct Verb {
    /// Its name: `service.restart`.
    pub name: &'static str,
    /// What it does, in Japanese and in English.
    pub summary: (&'static str, &'static str),
    /// What repeating it does at the least; a fence may only claim more.
    pub effect: EffectKind,
    /// Its arguments.
    pub arguments: &'static [Argument],
    /// A fence as a person writes it.
    pub example: &'static str,
    /// Does it.
    pub perform: for<'a> fn(Call<'a>) -> BoxFuture<'a, Done>,
}

/// One argument of a verb.
#[derive(Clone, Copy, Debug)]
pub struct Argument {
    /// Its name.
    pub name: &'static str,
    /// Its type, one of [`types::TYPES`].
    pub kind: &'static str,
    /// The least and the greatest number.
    pub bounds: Option<(i64, i64)>,
}

impl Argument {
    /// The canonical print of a value.
    ///
    /// # Errors
    /// Why it is none.
    pub fn read(&self, text: &str) -> Result<String, Said> {
        let value = types::parse(self.kind, text)?.value;
        match (self.bounds, value.parse::<i64>()) {
            (Some((least, most)), Ok(number)) if !(least..=most).contains(&number) => {
                Err(Said::new(
                    format!("`{}` は {least} から {most} でなければなりません", self.name),
                    format!("`{}` must be from {least} to {most}", self.name),
                ))
            }
            _ => Ok(value),
        }
    }
}

impl Verb {
    /// What it does, in a sentence.
    pub fn summary(&self) -> Said {
        Said::new(self.summary.0, self.summary.1)
    }

    /// What a dry run shows instead of doing it.
    pub fn dry_run(&self, service: &ServiceName, arguments: &BTreeMap<String, String>) -> Said {
        let shown: Vec<_> =
            arguments.iter().map(|(key, value)| format!(" {key}={value}")).collect();
        let call = format!("{} @{service}{}", self.name, shown.concat());
        Said::new(
            format!("実行されるはずの操作: {call} ({})", self.summary.0),
            format!("would run: {call} ({})", self.summary.1),
        )
    }

    /// The argument with this name.
    pub fn argument(&self, name: &str) -> Option<&'static Argument> {
        self.arguments.iter().find(|argument| argument.name == name)
    }
}
