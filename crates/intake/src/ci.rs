//! What pipelines of GitHub and GitLab mean: a failed one is an alert until the same workflow succeeds on the same
//! branch; a deployment is a mark on the timeline, or an alert until the next one succeeds.

use crate::{
    draft::Draft,
    request::Context,
    text::cut,
    word::{Change, Link, Word},
};
use domain::labels::Labels;
use jiff::Timestamp;

/// Bytes of a title.
const TITLE_BYTES: usize = 512;

/// How something ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Succeeded,
    Failed,
    /// Cancelled, skipped, still running: says nothing about the code.
    Neither,
}

/// A run of a pipeline.
#[derive(Clone, Debug)]
pub(crate) struct Run<'a> {
    pub outcome: Outcome,
    pub repository: &'a str,
    pub branch: &'a str,
    pub workflow: &'a str,
    pub at: Option<Timestamp>,
    pub url: String,
    /// What else is known: name and text.
    pub details: Vec<(&'static str, String)>,
}

/// A deployment.
#[derive(Clone, Debug)]
pub(crate) struct Deployment<'a> {
    pub outcome: Outcome,
    pub key: String,
    pub repository: &'a str,
    pub environment: &'a str,
    pub at: Option<Timestamp>,
    pub url: String,
    pub title: String,
    /// What else is known: name and text.
    pub details: Vec<(&'static str, String)>,
}

/// What a run says.
///
/// # Errors
/// It has too much of something, or lacks its repository.
pub(crate) fn run(run: Run, context: &Context) -> Result<Vec<Word>, String> {
    let Some(mut draft) = draft(run.outcome, run.at, context) else { return Ok(Vec::new()) };
    if run.repository.is_empty() {
        return Err("the repository is missing".into());
    }
    draft.label("alertname", "ci_failed");
    draft.label("repository", run.repository);
    draft.label("branch", run.branch);
    draft.label("workflow", run.workflow);
    let summary = format!("{} failed on {} of {}", run.workflow, run.branch, run.repository);
    finish(draft, cut(&summary, TITLE_BYTES).into_owned(), run.url, run.details)
}

/// What a deployment says.
///
/// # Errors
/// It has too much of something, or lacks its repository.
pub(crate) fn deployment(made: Deployment, context: &Context) -> Result<Vec<Word>, String> {
    let Some(mut draft) = draft(made.outcome, made.at, context) else { return Ok(Vec::new()) };
    if made.repository.is_empty() {
        return Err("the repository is missing".into());
    }
    let mut words = Vec::new();
    if made.outcome == Outcome::Succeeded {
        let labels = [("repository", made.repository), ("environment", made.environment)];
        let details = made.details.iter().map(|(name, text)| (*name, text.as_str()));
        words.push(Word::Change(Change {
            key: made.key,
            at: made.at,
            title: cut(&made.title, TITLE_BYTES).into_owned(),
            source: cut(made.repository, TITLE_BYTES).into_owned(),
            service: made.repository.rsplit('/').next().map(|name| cut(name, 256).into_owned()),
            links: vec![Link { url: made.url.clone(), text: String::new() }],
            labels: Labels::new(labels.into_iter().chain(details)),
        }));
    }
    draft.label("alertname", "deploy_failed");
    draft.label("repository", made.repository);
    draft.label("environment", made.environment);
    let summary = format!("the deployment of {} to {} failed", made.repository, made.environment);
    words.extend(finish(draft, cut(&summary, TITLE_BYTES).into_owned(), made.url, made.details)?);
    Ok(words)
}

fn draft(outcome: Outcome, at: Option<Timestamp>, context: &Context) -> Option<Draft> {
    let mut draft = match outcome {
        Outcome::Failed => Draft::firing(at),
        Outcome::Succeeded => Draft::ended(at, context.now),
        Outcome::Neither => return None,
    };
    draft.label("integration", context.integration);
    draft.label("severity", "warning");
    Some(draft)
}

fn finish(
    mut draft: Draft,
    summary: String,
    url: String,
    details: Vec<(&'static str, String)>,
) -> Result<Vec<Word>, String> {
    draft.annotation("summary", summary);
    for (name, text) in details {
        draft.annotation(name, cut(&text, 4096));
    }
    draft.generator_url = cut(&url, 4096).into_owned();
    Ok(vec![Word::Told(draft.told()?)])
}
