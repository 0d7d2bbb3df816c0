//! Format `gitlab`: webhooks of GitLab: pipelines and deployments. All other events are taken and left.

use crate::{
    answer::{Answer, Heard, Rejected},
    ci::{self, Deployment, Outcome, Run},
    draft,
    format::{Format, Reader},
    json::{self, text},
    request::{Context, Request},
};
use jiff::Timestamp;
use serde_json::Value;
use std::sync::Arc;

/// Failed jobs that are named.
const JOBS: usize = 20;

/// The row of the table.
pub(crate) const KIND: Format = Format {
    name: "gitlab",
    summary: (
        "GitLab の webhook (パイプラインの失敗と復旧、デプロイ)",
        "GitLab's webhooks: failing and recovering pipelines, deployments",
    ),
    paths: &[("POST", "/")],
    example: "kind: gitlab\n",
    parse: |_, _| Some(Arc::new(GitLab)),
};

#[derive(Debug)]
struct GitLab;

impl Reader for GitLab {
    fn read(&self, request: &Request, context: &Context) -> Result<Heard, Rejected> {
        if request.method != "POST" {
            return Err(Rejected::unknown_place(request.method, request.path));
        }
        if !context.proof.accepts_token(request.header("x-gitlab-token")) {
            return Err(Rejected::not_proven("X-Gitlab-Token"));
        }
        let document = json::read(request.body).map_err(|why| Rejected::plain(400, why))?;
        let mut problems = Vec::new();
        let words = match text(&document, "/object_kind") {
            "pipeline" => ci::run(pipeline(&document, &mut problems), context),
            "deployment" => ci::deployment(deployment(&document, &mut problems), context),
            "" => Err("`object_kind` is missing".to_owned()),
            _ => Ok(Vec::new()),
        };
        let words = words.map_err(|why| Rejected::plain(400, why))?;
        Ok(Heard { words, problems, answer: Answer::empty(202) })
    }
}

fn outcome(status: &str) -> Outcome {
    match status {
        "success" => Outcome::Succeeded,
        "failed" => Outcome::Failed,
        _ => Outcome::Neither,
    }
}

/// GitLab writes `2016-08-12 15:26:29 UTC` and `2021-04-28 21:50:00 +0200`.
fn time(text: &str, problems: &mut Vec<String>) -> Option<Timestamp> {
    let joined = text.replacen(" UTC", "Z", 1).replace(" +", "+").replace(" -", "-");
    draft::time_or_problem(&joined, problems)
}

fn id(document: &Value, pointer: &str) -> String {
    document.pointer(pointer).and_then(json::scalar).unwrap_or_default()
}

fn pipeline<'a>(document: &'a Value, problems: &mut Vec<String>) -> Run<'a> {
    let run = |field: &str| text(document, &format!("/object_attributes/{field}"));
    let url = match run("url") {
        "" => {
            let (project, id) =
                (text(document, "/project/web_url"), id(document, "/object_attributes/id"));
            format!("{project}/-/pipelines/{id}")
        }
        url => url.to_owned(),
    };
    Run {
        outcome: outcome(run("status")),
        repository: text(document, "/project/path_with_namespace"),
        branch: run("ref"),
        workflow: Some(run("name")).filter(|name| !name.is_empty()).unwrap_or("pipeline"),
        at: time(run("finished_at"), problems),
        url,
        details: vec![
            ("commit", run("sha").to_owned()),
            ("title", text(document, "/commit/title").to_owned()),
            ("event", run("source").to_owned()),
            ("by", text(document, "/user/username").to_owned()),
            ("failed_jobs", failed_jobs(document)),
        ],
    }
}

fn failed_jobs(document: &Value) -> String {
    let jobs = document.get("builds").and_then(Value::as_array).into_iter().flatten();
    let failed = jobs.filter(|job| text(job, "/status") == "failed");
    let strict = failed.filter(|job| job.get("allow_failure") != Some(&Value::Bool(true)));
    strict.map(|job| text(job, "/name")).take(JOBS).collect::<Vec<_>>().join(", ")
}

fn deployment<'a>(document: &'a Value, problems: &mut Vec<String>) -> Deployment<'a> {
    let (sha, environment) = (text(document, "/short_sha"), text(document, "/environment"));
    let reference = Some(text(document, "/ref")).filter(|name| !name.is_empty()).unwrap_or(sha);
    Deployment {
        outcome: outcome(text(document, "/status")),
        key: format!("deployment/{}", id(document, "/deployment_id")),
        repository: text(document, "/project/path_with_namespace"),
        environment,
        at: time(text(document, "/status_changed_at"), problems),
        url: text(document, "/deployable_url").to_owned(),
        title: format!("{reference} deployed to {environment}"),
        details: vec![
            ("commit", sha.to_owned()),
            ("description", text(document, "/commit_title").to_owned()),
            ("by", text(document, "/user/username").to_owned()),
        ],
    }
}
