//! What a built-in verb is given and what it gives back.

use crate::{limits::Limits, types};
use domain::{
    graph::{Graph, Service},
    ids::{Actor, IncidentId, RunId, ServiceName},
    plan::{EffectKind, Outcome, Parameter},
    reading::{Observation, Reading, Value},
    said::Said,
};
use futures::future::BoxFuture;
use secrets::{Reader, Safe};
use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};
use supervise::{Clock, Program, ProgramError, Scopes, Supervisor};
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
    /// Where secrets are had from.
    pub safe: Safe,
    /// Log files that belong to every evidence bundle; the last part may be a pattern.
    pub log_sources: Vec<String>,
    /// What watches: health, databases, certificates and backups are seen as the probes see them.
    pub looks: Arc<dyn Looks>,
    /// What verbs may touch.
    pub limits: Limits,
    /// Where verbs keep what must not happen twice; made with mode 0700.
    pub state_folder: PathBuf,
    /// The folders in which programs are looked for.
    pub programs: Vec<PathBuf>,
    /// The time, for the names of bundles and of rotated files.
    pub clock: Clock,
    /// The program that is a recorder when it is asked to be (see [`crate::recorder`]): hikeshi itself. Without one,
    /// steps run inside this process and end with it.
    pub recorder: Option<PathBuf>,
    /// Who gives recorders a control group of their own, where systemd runs.
    pub scopes: Option<Arc<Scopes>>,
}

/// Lets probes look, as they do all the time: what is repaired is judged by what watches it.
pub trait Looks: Send + Sync {
    /// Whether a probe of one of these kinds looks at a service.
    fn knows(&self, service: &ServiceName, kinds: &[&str]) -> bool;

    /// One look of every probe of these kinds at a service; nothing when there is none.
    fn look<'a>(
        &'a self,
        service: &'a ServiceName,
        kinds: &'a [&'a str],
    ) -> BoxFuture<'a, Vec<Observation>>;
}

/// A flag that was measured in this look.
pub fn flag(seen: &Observation, reading: &str) -> Option<bool> {
    match seen.readings.get(reading).and_then(Reading::measured) {
        Some(Value::Flag(flag)) => Some(*flag),
        _ => None,
    }
}

/// A word or a number that was measured in this look.
pub fn measured(seen: &Observation, reading: &str) -> Option<String> {
    seen.readings.get(reading).and_then(Reading::measured).map(ToString::to_string)
}

/// One call of a verb.
pub struct Call<'a> {
    /// The world.
    pub deps: &'a Deps,
    /// The target of the run.
    pub service: &'a Service,
    /// All services.
    pub graph: &'a Graph,
    /// Arguments by name, typed and with their defaults.
    pub arguments: BTreeMap<String, String>,
    /// The run.
    pub run: RunId,
    /// Who started it.
    pub by: Actor,
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

    /// A duration, `otherwise` when it is not given. Types and bounds were checked before.
    pub fn duration(&self, name: &str, otherwise: Duration) -> Duration {
        self.argument(name).and_then(seconds).map_or(otherwise, Duration::from_secs)
    }

    /// An argument, or else the attribute of the target with the same name.
    ///
    /// # Errors
    /// Neither is there.
    pub fn setting(&self, name: &str) -> Result<&str, Done> {
        self.argument(name).or_else(|| self.attribute(name)).ok_or_else(|| {
            let service = &self.service.name;
            Done::blocked(&Said::new(
                format!(
                    "`{name}` がありません。サービス `{service}` に `{name}:` を書いてください"
                ),
                format!("there is no `{name}`; add `{name}:` to the service `{service}`"),
            ))
        })
    }

    /// A program of this machine.
    ///
    /// # Errors
    /// It is not installed.
    pub fn program(&self, name: &str) -> Result<Program, Done> {
        Program::find(name, self.deps.programs.iter().map(PathBuf::as_path))
            .map_err(|error| Done::blocked(&error.said()))
    }

    /// Reads secrets for this call.
    pub fn reader(&self, verb: &str) -> Reader {
        let reader = self.deps.safe.reader(format!("{verb} in {}", self.run));
        reader.on_behalf_of(self.by.clone())
    }

    /// An attribute of the target, whatever the case of its name.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.service.attribute(name).map(|parameter| parameter.value.as_str())
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
    pub evidence: Option<Box<str>>,
}

impl Done {
    /// An outcome with a few lines.
    pub fn new(outcome: Outcome, output: impl Into<String>) -> Self {
        Self { outcome, output: output.into(), captured: BTreeMap::new(), evidence: None }
    }

    /// It did not work.
    pub fn failed(why: impl Into<Said>) -> Self {
        let why = why.into();
        let output = lines(&why);
        Self::new(Outcome::Failed(why), output)
    }

    /// A program did not do it. One that had to be killed may have done a part.
    pub fn of_program(error: &ProgramError) -> Self {
        match error {
            ProgramError::TimedOut(_) => {
                let why = error.said();
                let output = lines(&why);
                Self::new(Outcome::Unknown(why), output)
            }
            _ => Self::failed(error.said()),
        }
    }

    /// It was not even begun.
    pub fn blocked(why: &Said) -> Self {
        Self::new(Outcome::Blocked(why.clone()), lines(why))
    }

    /// Adds a value for the facts.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl ToString) -> Self {
        self.captured.insert(key.to_owned(), value.to_string());
        self
    }
}

/// A sentence as lines of an output, which is read in every language.
pub(crate) fn lines(why: &Said) -> String {
    if why.ja == why.en { why.en.clone() } else { format!("{}\n{}", why.ja, why.en) }
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
    /// The verb that looks whether it worked.
    pub verify: Option<&'static str>,
    /// The verb that takes it back.
    pub undo: Option<&'static str>,
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
    /// The least and the greatest number; of a duration, in seconds.
    pub bounds: Option<(i64, i64)>,
}

impl Argument {
    /// The canonical print of a value.
    ///
    /// # Errors
    /// Why it is none.
    pub fn read(&self, text: &str) -> Result<String, Said> {
        let value = types::parse(self.kind, text)?.value;
        let is_duration = self.kind == "duration";
        let number = if is_duration {
            seconds(&value).and_then(|seconds| i64::try_from(seconds).ok())
        } else {
            value.parse::<i64>().ok()
        };
        match (self.bounds, number) {
            (Some((least, most)), Some(number)) if !(least..=most).contains(&number) => {
                let (ja, en) = if is_duration { (" 秒", " seconds") } else { ("", "") };
                Err(Said::new(
                    format!("`{}` は {least} から {most}{ja} でなければなりません", self.name),
                    format!("`{}` must be from {least} to {most}{en}", self.name),
                ))
            }
            _ => Ok(value),
        }
    }
}

/// The whole seconds of a duration as it is printed.
fn seconds(duration: &str) -> Option<u64> {
    let parameter = Parameter { kind: "duration".into(), value: duration.to_owned() };
    types::derived(&parameter, "SECONDS")?.parse().ok()
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
        let and = |word: &str, verb: Option<&str>| {
            verb.map_or_else(String::new, |verb| format!("; {word}: {verb}"))
        };
        let (ja, en) = (self.summary.0, self.summary.1);
        Said::new(
            format!(
                "実行されるはずの操作: {call} ({ja}){}{}",
                and("確認", self.verify),
                and("取り消し", self.undo)
            ),
            format!(
                "would run: {call} ({en}){}{}",
                and("verify", self.verify),
                and("undo", self.undo)
            ),
        )
    }

    /// The argument with this name.
    pub fn argument(&self, name: &str) -> Option<&'static Argument> {
        self.arguments.iter().find(|argument| argument.name == name)
    }
}
