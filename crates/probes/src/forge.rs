//! How GitHub and GitLab tell about the runs of a branch, and when they no longer want to be asked.

use crate::{
    ask::{Answer, Request},
    outside::shown,
    pipeline::{Run, Verdict},
};
use domain::said::Said;
use jiff::{SignedDuration, Timestamp};
use reqwest::{
    Url,
    header::{ACCEPT, HeaderName},
};
use serde_json::Value;

/// Enough to see a streak, few enough to be polite.
const RUNS: &str = "30";

/// GitHub describes a run with the whole of its repository.
const BODY_LIMIT: u64 = 8 << 20;

/// Whoever limits us and does not say until when is left alone for so long, and never longer than a day.
const REST: SignedDuration = SignedDuration::from_mins(1);
const LONGEST_REST: SignedDuration = SignedDuration::from_hours(24);

/// Who runs the pipelines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Forge {
    GitHub,
    GitLab,
}

impl Forge {
    /// The name as people know it.
    pub fn name(self) -> &'static str {
        match self {
            Self::GitHub => "GitHub",
            Self::GitLab => "GitLab",
        }
    }

    /// Where its API is unless a person says otherwise.
    pub fn usual_url(self) -> Url {
        let url = match self {
            Self::GitHub => "https://api.github.com",
            Self::GitLab => "https://gitlab.com",
        };
        Url::parse(url).expect("a constant URL")
    }

    /// Asks for the newest runs of a branch. A GitHub repository is `owner/name`.
    pub fn request(
        self,
        url: Url,
        repository: &str,
        workflow: Option<&str>,
        branch: &str,
    ) -> Request {
        let request = Request::get(url, BODY_LIMIT);
        match self {
            Self::GitHub => {
                let (owner, name) = repository.split_once('/').unwrap_or((repository, ""));
                let request = request.below(&["repos", owner, name, "actions"]);
                let request = match workflow {
                    Some(workflow) => request.below(&["workflows", workflow, "runs"]),
                    None => request.below(&["runs"]),
                };
                request
                    .with_query([("branch", branch), ("per_page", RUNS)])
                    .with_header(ACCEPT, "application/vnd.github+json")
                    .with_header(HeaderName::from_static("x-github-api-version"), "2022-11-28")
            }
            Self::GitLab => request
                .below(&["api", "v4", "projects", repository, "pipelines"])
                .with_query([("ref", branch), ("per_page", RUNS)]),
        }
    }

    /// The runs of an answer, newest first.
    ///
    /// # Errors
    /// A sentence when the answer is no list of runs.
    pub fn runs(self, body: &Value) -> Result<Vec<Run>, Said> {
        let (list, read): (_, fn(&Value) -> Option<Run>) = match self {
            Self::GitHub => (&body["workflow_runs"], github_run),
            Self::GitLab => (body, gitlab_run),
        };
        list.as_array().and_then(|runs| runs.iter().map(read).collect()).ok_or_else(|| {
            Said::new(
                format!("{} が実行の一覧を返しませんでした", self.name()),
                format!("{} answered no list of runs", self.name()),
            )
        })
    }
}

fn github_run(run: &Value) -> Option<Run> {
    let conclusion = run["conclusion"].as_str();
    let verdict = match (run["status"].as_str()?, conclusion) {
        ("completed", Some("success" | "neutral")) => Verdict::Passed,
        ("completed", Some("failure" | "timed_out" | "startup_failure")) => Verdict::Failed,
        ("completed", _) => Verdict::Silent,
        _ => Verdict::Running,
    };
    let status = conclusion.or(run["status"].as_str())?;
    Some(Run {
        id: run["id"].as_u64()?.to_string(),
        workflow: run["workflow_id"].to_string(),
        status: shown(status),
        verdict,
        url: link(&run["html_url"]),
        attempts: run["run_attempt"].as_u64(),
        changed: time(&run["updated_at"]),
    })
}

fn gitlab_run(run: &Value) -> Option<Run> {
    let status = run["status"].as_str()?;
    let verdict = match status {
        "success" => Verdict::Passed,
        "failed" => Verdict::Failed,
        // A manual pipeline waits for a person, perhaps for ever.
        "canceled" | "canceling" | "skipped" | "manual" | "scheduled" => Verdict::Silent,
        _ => Verdict::Running,
    };
    Some(Run {
        id: run["id"].as_u64()?.to_string(),
        workflow: String::new(),
        status: shown(status),
        verdict,
        url: link(&run["web_url"]),
        attempts: None,
        changed: time(&run["updated_at"]),
    })
}

/// Shown to people to be followed: only what is a link to the web.
fn link(value: &Value) -> String {
    let url = value.as_str().and_then(|text| Url::parse(text).ok());
    url.filter(|url| matches!(url.scheme(), "http" | "https")).map_or(String::new(), String::from)
}

fn time(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

/// Until when the forge does not want to be asked, if that is what it says.
pub(crate) fn limited_until(answer: &Answer, now: Timestamp) -> Option<Timestamp> {
    let number = |name: &str| answer.headers.get(name)?.to_str().ok()?.trim().parse::<i64>().ok();
    let wait = number("retry-after").map(SignedDuration::from_secs);
    let is_limited = match answer.status? {
        429 => true,
        403 => wait.is_some() || number("x-ratelimit-remaining") == Some(0),
        _ => false,
    };
    if !is_limited {
        return None;
    }
    let reset = number("x-ratelimit-reset").or_else(|| number("ratelimit-reset"));
    let until_reset =
        reset.and_then(|second| Some(Timestamp::from_second(second).ok()?.duration_since(now)));
    let rest =
        wait.or(until_reset).unwrap_or(REST).clamp(SignedDuration::from_secs(1), LONGEST_REST);
    now.checked_add(rest).ok()
}
