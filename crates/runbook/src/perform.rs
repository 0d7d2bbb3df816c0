//! Performs one attempt of one step and reports how it ended. It decides nothing: whether and when is the core's matter.

use crate::{
    call::{Call, Deps, Done},
    digest, kinds,
    mask::Mask,
    output, params,
    script::{self, Script},
};
use domain::{
    command::StepReport,
    graph::{Graph, Service},
    ids::{IncidentId, RunId},
    plan::{Body, Outcome, Plan, Step},
    said::Said,
};
use std::{collections::BTreeMap, path::PathBuf, time::Duration};
use tokio::time::{Instant, timeout_at};

/// Verbs keep their deadline themselves; one that does not is given up after this.
const VERB_GRACE: Duration = Duration::from_secs(5);

/// One attempt of one step.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The step of that plan.
    pub step: &'a Step,
    /// The target of the run.
    pub service: &'a Service,
    /// All services.
    pub graph: &'a Graph,
    /// The digest that was approved and journaled with the run; another body is not performed.
    pub approved_digest: &'a str,
    /// The run.
    pub run: RunId,
    /// Which attempt at this step, from 1.
    pub attempt: u32,
    /// The incident that the run serves.
    pub incident: Option<IncidentId>,
    /// When the step is killed.
    pub deadline: Instant,
}

/// Performs steps.
pub struct Performer {
    deps: Deps,
}

impl Performer {
    /// A performer in this world.
    pub fn new(deps: Deps) -> Self {
        Self { deps }
    }

    /// Performs an attempt. `started` is called once, right after the start and before anything is waited
    /// for, with what identifies the process (see [`crate::reap`]); a verb has no process of its own.
    /// When nothing was started, `started` is not called and the outcome is [`Outcome::Blocked`].
    pub async fn perform(
        &self,
        job: Job<'_>,
        started: impl FnOnce(Option<String>) + Send,
    ) -> StepReport {
        let begun = Instant::now();
        let mask = Mask::new((self.deps.secrets)());
        let mut report = match self.ready(&job) {
            Err(why) => blocked(&why),
            Ok(environment) => match &job.step.body {
                Body::Shell(body) => self.script(&job, body, &environment, &mask, started).await,
                Body::Action { verb, arguments } => {
                    self.verb(&job, verb, arguments, &environment, &mask, started).await
                }
            },
        };
        report.took_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        report
    }

    /// What a dry run shows of a step that would change something: its typed values and its body.
    /// Nothing runs; a step that could not run says so.
    pub fn show(&self, job: &Job<'_>) -> StepReport {
        let environment = match self.ready(job) {
            Ok(environment) => environment,
            Err(why) => return blocked(&why),
        };
        let mut output: String =
            environment.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
        match &job.step.body {
            Body::Shell(body) => output.push_str(body),
            Body::Action { verb, arguments } => {
                let Some(verb) = kinds::by_name(verb) else { return blocked(&no_verb(verb)) };
                let said = verb.dry_run(&job.service.name, arguments);
                output.push_str(&format!("{}\n{}\n", said.ja, said.en));
            }
        }
        let mask = Mask::new((self.deps.secrets)());
        StepReport { output: mask.clean(output.as_bytes()), ..StepReport::of(Outcome::Skipped) }
    }

    /// The folder with the scripts and outputs of a run.
    pub fn run_folder(&self, run: RunId) -> PathBuf {
        self.deps.run_folder.join(run.to_string())
    }

    /// The environment of the step, when the body is the approved one and every value is there.
    fn ready(&self, job: &Job<'_>) -> Result<BTreeMap<String, String>, Said> {
        if digest::of_body(&job.step.body) != job.approved_digest {
            return Err(Said::new(
                format!(
                    "手順 `{}` の内容が承認されたものと違います。runbook を読み直し、確認してください",
                    job.step.name
                ),
                format!(
                    "the body of step `{}` is not the approved one; reload the runbook and review it",
                    job.step.name
                ),
            ));
        }
        params::environment(job.plan, job.step, job.service)
    }

    async fn script(
        &self,
        job: &Job<'_>,
        body: &str,
        environment: &BTreeMap<String, String>,
        mask: &Mask,
        started: impl FnOnce(Option<String>) + Send,
    ) -> StepReport {
        let folder = self.run_folder(job.run);
        let attempt = format!("{}/{}/{}", job.run, job.step.name, job.attempt);
        let script = Script {
            step: job.step,
            body,
            folder: &folder,
            attempt: &attempt,
            environment,
            deadline: job.deadline,
        };
        let ended = match script.run(mask, started).await {
            Ok(ended) => ended,
            Err(error) => {
                let path = folder.display();
                return blocked(&Said::new(
                    format!("手順を開始できません: {path}: {error}"),
                    format!("the step cannot be started: {path}: {error}"),
                ));
            }
        };
        if !ended.output.is_empty() {
            let path = folder.join(format!("{}-{}.log", job.step.name, job.attempt));
            // A full disk must not turn a repair into a failure; the last lines are in the report.
            let _ = script::private_file(&path, ended.output.as_bytes());
        }
        StepReport {
            exit: ended.exit,
            output: output::last_lines(&ended.output),
            captured: ended.captured,
            ..StepReport::of(ended.outcome)
        }
    }

    async fn verb(
        &self,
        job: &Job<'_>,
        name: &str,
        arguments: &BTreeMap<String, String>,
        environment: &BTreeMap<String, String>,
        mask: &Mask,
        started: impl FnOnce(Option<String>) + Send,
    ) -> StepReport {
        let Some(verb) = kinds::by_name(name) else { return blocked(&no_verb(name)) };
        let mut typed = BTreeMap::new();
        for (key, text) in arguments {
            let text =
                text.strip_prefix('$').and_then(|name| environment.get(name)).unwrap_or(text);
            match verb.argument(key).map(|argument| argument.read(text)) {
                Some(Ok(value)) => drop(typed.insert(key.clone(), value)),
                Some(Err(why)) => return blocked(&why),
                None => {
                    return blocked(&Said::new(
                        format!("`{name}` に `{key}` という引数はありません"),
                        format!("`{name}` has no argument `{key}`"),
                    ));
                }
            }
        }
        started(None);
        let call = Call {
            deps: &self.deps,
            service: job.service,
            graph: job.graph,
            arguments: typed,
            run: job.run,
            incident: job.incident,
            deadline: job.deadline,
        };
        let lost = || Done::new(Outcome::Unknown(format!("`{name}` did not end in time")), "");
        let done = timeout_at(job.deadline + VERB_GRACE, (verb.perform)(call)).await;
        let Done { outcome, output, captured, evidence } = done.unwrap_or_else(|_| lost());
        let outcome = match outcome {
            Outcome::Failed(why) => Outcome::Failed(mask.clean(why.as_bytes())),
            other => other,
        };
        let captured =
            captured.into_iter().map(|(key, value)| (key, mask.clean(value.as_bytes()))).collect();
        let output = output::last_lines(&mask.clean(output.as_bytes()));
        StepReport { output, captured, evidence, ..StepReport::of(outcome) }
    }
}

fn blocked(why: &Said) -> StepReport {
    StepReport {
        output: format!("{}\n{}\n", why.ja, why.en),
        ..StepReport::of(Outcome::Blocked(why.en.clone()))
    }
}

fn no_verb(name: &str) -> Said {
    Said::new(format!("`{name}` という操作はありません"), format!("there is no verb `{name}`"))
}
