//! Performs one attempt of one step and reports how it ended. It decides nothing: whether and when is the core's matter.

use crate::{
    call::{Call, Deps, Done, lines},
    digest, kinds,
    mask::Mask,
    output, params,
    recorder::{self, Order},
    script::{self, Ended, Script},
    step::place,
};
use domain::{
    command::StepReport,
    graph::{Graph, Service},
    ids::{Actor, IncidentId, RunId},
    plan::{Body, Outcome, Parameter, Plan, Step},
    said::Said,
};
use source::Secret;
use std::{collections::BTreeMap, path::PathBuf, time::Duration};
use tokio::time::{Instant, timeout_at};
use zeroize::Zeroizing;

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
    /// Values that the alert gave, typed, by their `HK_` names.
    pub given: &'a BTreeMap<String, Parameter>,
    /// The values that people agreed to, where they were asked; with others it is not performed.
    pub approved_values: Option<&'a BTreeMap<String, String>>,
    /// The run.
    pub run: RunId,
    /// Who started it.
    pub by: &'a Actor,
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
        for name in &job.step.secrets {
            let variable = params::secret_variable(name);
            output.push_str(&format!("{variable}=(a file in memory with the secret `{name}`)\n"));
        }
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
        let environment = params::environment(job.plan, job.step, job.service, job.given)?;
        let agreed = job.approved_values.into_iter().flatten();
        let other = agreed
            .into_iter()
            .find(|(name, value)| environment.get(*name).is_some_and(|now| now != *value));
        match other {
            None => Ok(environment),
            Some((name, _)) => Err(Said::new(
                format!("`{name}` の値が承認されたものと違います。もう一度承認が必要です"),
                format!("the value of `{name}` is not the approved one; it must be approved again"),
            )),
        }
    }

    async fn script(
        &self,
        job: &Job<'_>,
        body: &str,
        environment: &BTreeMap<String, String>,
        mask: &Mask,
        started: impl FnOnce(Option<String>) + Send,
    ) -> StepReport {
        let handed = match self.handed(job).await {
            Ok(handed) => handed,
            Err(why) => return blocked(&why),
        };
        let folder = self.run_folder(job.run);
        let mark = recorder::mark(job.run, job.step, job.attempt);
        let ran = match &self.deps.recorder {
            Some(program) => {
                let left = job.deadline.saturating_duration_since(Instant::now());
                let mut secrets = (self.deps.secrets)();
                secrets.extend(handed.values().map(|value| value.to_string()));
                let order = Order {
                    step: job.step.clone(),
                    body: body.to_owned(),
                    folder: folder.clone(),
                    attempt: job.attempt,
                    mark,
                    environment: environment.clone(),
                    left_ms: u64::try_from(left.as_millis()).unwrap_or(u64::MAX),
                    secrets,
                    handed,
                };
                recorder::run(program, self.deps.scopes.as_deref(), &order, started).await
            }
            None => {
                let (folder, mark) = (folder.as_path(), mark.as_str());
                let deadline = job.deadline;
                let script = Script { step: job.step, body, folder, mark, environment, deadline };
                script.run(mask, started).await
            }
        };
        match ran {
            Ok(ended) => self.report(ended, job.run, job.step, job.attempt),
            Err(error) => {
                let path = folder.display();
                blocked(&Said::new(
                    format!("手順を開始できません: {path}: {error}"),
                    format!("the step cannot be started: {path}: {error}"),
                ))
            }
        }
    }

    /// The secrets that the fence names, read now. Only inside a recorder: whatever else hikeshi starts would inherit them.
    async fn handed(&self, job: &Job<'_>) -> Result<BTreeMap<String, Zeroizing<String>>, Said> {
        let (step, mut handed) = (job.step, BTreeMap::new());
        if !step.secrets.is_empty() && self.deps.recorder.is_none() {
            return Err(Said::new(
                format!(
                    "手順 `{}` はシークレットを使うため、recorder の中でしか実行できません",
                    step.name
                ),
                format!("step `{}` gets secrets, so it runs only inside a recorder", step.name),
            ));
        }
        let purpose = format!("step {} of {} in {}", step.name, job.plan.name, job.run);
        let reader = self.deps.safe.reader(purpose).on_behalf_of(job.by.clone());
        for name in &step.secrets {
            let place = place(&job.plan.file, step.line);
            let secret = Secret::Named { name: name.clone(), place };
            let value = timeout_at(job.deadline, reader.read(&secret)).await;
            let value = value.unwrap_or_else(|_| Err(format!("`{name}` was not had in time")));
            let value = value.map_err(|why| {
                Said::new(
                    format!("手順 `{}`: {why}", step.name),
                    format!("step `{}`: {why}", step.name),
                )
            })?;
            handed.insert(params::secret_variable(name), Zeroizing::new(value.reveal().to_owned()));
        }
        Ok(handed)
    }

    /// Waits for an attempt that outlived hikeshi, or finds out what became of it. Needs the same folder as before.
    pub async fn attach(
        &self,
        run: RunId,
        step: &Step,
        attempt: u32,
        deadline: Instant,
    ) -> StepReport {
        let name = step.name.as_str();
        let ended = recorder::attach(&self.run_folder(run), name, attempt, deadline).await;
        self.report(ended, run, step, attempt)
    }

    fn report(&self, ended: Ended, run: RunId, step: &Step, attempt: u32) -> StepReport {
        if !ended.output.is_empty() {
            let path = self.run_folder(run).join(format!("{}-{attempt}.log", step.name));
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
            by: job.by.clone(),
            incident: job.incident,
            deadline: job.deadline,
        };
        let lost = || {
            Done::new(
                Outcome::Unknown(Said::new(
                    format!("`{name}` が時間内に終わりませんでした"),
                    format!("`{name}` did not end in time"),
                )),
                "",
            )
        };
        let done = timeout_at(job.deadline + VERB_GRACE, (verb.perform)(call)).await;
        let Done { outcome, output, captured, evidence } = done.unwrap_or_else(|_| lost());
        let outcome = match outcome {
            Outcome::Failed(why) => Outcome::Failed(why.within(|why| mask.clean(why.as_bytes()))),
            other => other,
        };
        let captured =
            captured.into_iter().map(|(key, value)| (key, mask.clean(value.as_bytes()))).collect();
        let output = output::last_lines(&mask.clean(output.as_bytes()));
        StepReport {
            output,
            captured,
            evidence: evidence.map(String::from),
            ..StepReport::of(outcome)
        }
    }
}

fn blocked(why: &Said) -> StepReport {
    StepReport {
        output: format!("{}\n", lines(why)),
        ..StepReport::of(Outcome::Blocked(why.clone()))
    }
}

fn no_verb(name: &str) -> Said {
    Said::new(format!("`{name}` という操作はありません"), format!("there is no verb `{name}`"))
}
