//! Format `github`: webhooks of GitHub: workflow runs, check suites of other apps, deployments. All other events are
//! taken and left.

use crate::{
    answer::{Answer, Heard, Rejected},
    ci::{self, Deployment, Outcome, Run},
    draft,
    format::{Format, Reader},
    json::{self, text},
    request::{Context, Proof, Request},
    signature,
};
use serde_json::Value;
use std::{borrow::Cow, sync::Arc};

/// The row of the table.
pub(crate) const KIND: Format = Format {
    name: "github",
    summary: (
        "GitHub の webhook (Actions の失敗と復旧、デプロイ)",
        "GitHub's webhooks: failing and recovering workflows, deployments",
    ),
    paths: &[("POST", "/")],
    example: "kind: github\n",
    parse: |_, _| Some(Arc::new(GitHub)),
};

#[derive(Debug)]
struct GitHub;

impl Reader for GitHub {
    fn read(&self, request: &Request, context: &Context) -> Result<Heard, Rejected> {
        if request.method != "POST" {
            return Err(Rejected::unknown_place(request.method, request.path));
        }
        check_signature(request, context)?;
        let event = request.header("x-github-event");
        let event = event.ok_or_else(|| Rejected::plain(400, "X-GitHub-Event is missing"))?;
        let document = json::read(&payload(request)).map_err(|why| Rejected::plain(400, why))?;
        let mut problems = Vec::new();
        let words = match event {
            "workflow_run" => ci::run(workflow_run(&document, &mut problems), context),
            "check_suite" if !is_actions(&document) => {
                ci::run(check_suite(&document, &mut problems), context)
            }
            "deployment_status" => ci::deployment(deployment(&document, &mut problems), context),
            _ => Ok(Vec::new()),
        };
        let words = words.map_err(|why| Rejected::plain(400, why))?;
        Ok(Heard { words, problems, answer: Answer::empty(202) })
    }
}

fn check_signature(request: &Request, context: &Context) -> Result<(), Rejected> {
    let is_right = match context.proof {
        Proof::Checked => true,
        Proof::Secret(secret) => request
            .header("x-hub-signature-256")
            .and_then(|text| text.strip_prefix("sha256="))
            .is_some_and(|hex| signature::is_right(secret, &[request.body], hex)),
        Proof::Token(_) => false,
    };
    if is_right { Ok(()) } else { Err(Rejected::not_proven("X-Hub-Signature-256")) }
}

/// The document: the body, or the field `payload` of a form.
fn payload<'a>(request: &Request<'a>) -> Cow<'a, [u8]> {
    if !request.is_form() {
        return Cow::Borrowed(request.body);
    }
    let mut pairs = form_urlencoded::parse(request.body);
    let value = pairs.find(|(name, _)| name == "payload").map(|(_, value)| value);
    Cow::Owned(value.unwrap_or_default().into_owned().into_bytes())
}

/// Actions tell of themselves through `workflow_run`.
fn is_actions(document: &Value) -> bool {
    text(document, "/check_suite/app/slug") == "github-actions"
}

fn outcome(document: &Value, conclusion: &str) -> Outcome {
    match (text(document, "/action"), conclusion) {
        ("completed", "success") => Outcome::Succeeded,
        ("completed", "failure" | "timed_out" | "startup_failure") => Outcome::Failed,
        _ => Outcome::Neither,
    }
}

fn workflow_run<'a>(document: &'a Value, problems: &mut Vec<String>) -> Run<'a> {
    let run = |field: &str| text(document, &format!("/workflow_run/{field}"));
    let repository = text(document, "/repository/full_name");
    let home = run("head_repository/full_name");
    // Anybody may open a pull request from a fork whose branch is called `main`.
    let is_of_a_fork = !home.is_empty() && home != repository;
    let outcome = outcome(document, run("conclusion"));
    Run {
        outcome: if is_of_a_fork { Outcome::Neither } else { outcome },
        repository,
        branch: run("head_branch"),
        workflow: run("name"),
        at: draft::time_or_problem(run("updated_at"), problems),
        url: run("html_url").to_owned(),
        details: vec![
            ("commit", run("head_sha").to_owned()),
            ("title", run("display_title").to_owned()),
            ("event", run("event").to_owned()),
            ("by", text(document, "/workflow_run/actor/login").to_owned()),
        ],
    }
}

fn check_suite<'a>(document: &'a Value, problems: &mut Vec<String>) -> Run<'a> {
    let suite = |field: &str| text(document, &format!("/check_suite/{field}"));
    Run {
        outcome: outcome(document, suite("conclusion")),
        repository: text(document, "/repository/full_name"),
        branch: suite("head_branch"),
        workflow: suite("app/name"),
        at: draft::time_or_problem(suite("updated_at"), problems),
        url: text(document, "/repository/html_url").to_owned(),
        details: vec![("commit", suite("head_sha").to_owned())],
    }
}

fn deployment<'a>(document: &'a Value, problems: &mut Vec<String>) -> Deployment<'a> {
    let status = |field: &str| text(document, &format!("/deployment_status/{field}"));
    let outcome = match status("state") {
        "success" => Outcome::Succeeded,
        "failure" | "error" => Outcome::Failed,
        _ => Outcome::Neither,
    };
    let (reference, environment) =
        (text(document, "/deployment/ref"), text(document, "/deployment/environment"));
    let id = document.pointer("/deployment_status/id").and_then(json::scalar);
    Deployment {
        outcome,
        key: format!("deployment_status/{}", id.unwrap_or_default()),
        repository: text(document, "/repository/full_name"),
        environment,
        at: draft::time_or_problem(status("created_at"), problems),
        url: [status("log_url"), status("target_url"), text(document, "/repository/html_url")]
            .into_iter()
            .find(|url| !url.is_empty())
            .unwrap_or_default()
            .to_owned(),
        title: format!("{reference} deployed to {environment}"),
        details: vec![
            ("commit", text(document, "/deployment/sha").to_owned()),
            ("description", status("description").to_owned()),
            ("by", status("creator/login").to_owned()),
        ],
    }
}
