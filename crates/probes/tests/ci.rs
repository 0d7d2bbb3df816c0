//! Stories of the `ci` probe with recorded traffic of GitHub and GitLab (B13).

mod common;

use common::{
    again, deps, number,
    serving::{Server, said},
    spec, text,
};
use domain::{
    reading::{Observation, Reading},
    said::Language,
};
use jiff::{SignedDuration, Timestamp};
use probes::{Deps, Probe, ProbeSpec};
use source::{Problems, yaml};
use std::sync::{Arc, Mutex};

const GITHUB: &str = include_str!("recorded/github_runs.json");
const GITLAB: &str = include_str!("recorded/gitlab_pipelines.json");

/// A clock that stands until it is pushed.
struct Pushed(Arc<Mutex<Timestamp>>);

impl Pushed {
    fn at(text: &str) -> Self {
        Self(Arc::new(Mutex::new(text.parse().expect("a time"))))
    }

    fn push(&self, seconds: i64) {
        *self.0.lock().expect("no panic") += SignedDuration::from_secs(seconds);
    }

    fn probe(&self, text: &str) -> Box<dyn Probe> {
        let told = self.0.clone();
        let deps = Deps { clock: Arc::new(move || *told.lock().expect("no panic")), ..deps() };
        spec(text).make(&deps)
    }
}

fn github(server: &Server, more: &str) -> String {
    format!(
        "{{kind: ci, service: frontend, provider: github, repository: octo-org/octo-repo, branch: main, \
         url: '{}'{more}}}",
        server.url
    )
}

fn why(seen: &Observation) -> String {
    match &seen.readings["failed"] {
        Reading::Unknown(why) => format!("unknown: {why}"),
        Reading::Failed(why) => format!("failed: {why}"),
        other => panic!("it was judged: {other}"),
    }
}

#[tokio::test]
async fn the_newest_finished_run_at_github_is_judged() {
    let server = Server::start(said(200, GITHUB)).await;
    let clock = Pushed::at("2026-11-20T09:30:00Z");
    // PATH stands for a token: it is set wherever tests run.
    let seen = again(&mut clock.probe(&github(&server, ", token_env: PATH"))).await;
    assert_eq!(seen.readings["failed"], Reading::flag(true), "{seen:?}");
    assert_eq!(
        (text(&seen, "status").as_str(), text(&seen, "run_id").as_str()),
        ("failure", "30433641")
    );
    assert_eq!(
        text(&seen, "run_url"),
        "https://github.com/octo-org/octo-repo/actions/runs/30433641"
    );
    assert_eq!((number(&seen, "attempts"), number(&seen, "consecutive_failures")), (2.0, 2.0));
    assert_eq!(
        (number(&seen, "age_seconds"), &seen.readings["running"]),
        (1800.0, &Reading::flag(true))
    );
    let last = server.last();
    assert_eq!(
        last.uri.to_string(),
        "/repos/octo-org/octo-repo/actions/runs?branch=main&per_page=30"
    );
    assert!(last.headers["authorization"].to_str().expect("text").starts_with("Bearer "));
    assert_eq!(last.headers["accept"], "application/vnd.github+json");

    // Of one workflow; and a green one is green, whatever its link says.
    let green = format!("{}]}}", GITHUB.lines().last_but_one());
    server.says(said(200, format!("{{\"total_count\":1,\"workflow_runs\":[{green}")));
    let seen = again(&mut clock.probe(&github(&server, ", workflow: build.yml"))).await;
    assert_eq!(seen.readings["failed"], Reading::flag(false), "{seen:?}");
    assert_eq!((number(&seen, "consecutive_failures"), text(&seen, "run_url").as_str()), (0.0, ""));
    assert!(server.last().uri.path().ends_with("/actions/workflows/build.yml/runs"));
}

trait LastButOne {
    fn last_but_one(self) -> String;
}

impl LastButOne for std::str::Lines<'_> {
    fn last_but_one(self) -> String {
        let lines: Vec<&str> = self.collect();
        lines[lines.len() - 2].to_owned()
    }
}

#[tokio::test]
async fn the_newest_finished_pipeline_at_gitlab_is_judged() {
    let server = Server::start(said(200, GITLAB)).await;
    let clock = Pushed::at("2026-11-20T09:30:00Z");
    let text_of = format!(
        "{{kind: ci, service: frontend, provider: gitlab, repository: foo/bar, branch: feature/x y, url: '{}'}}",
        server.url
    );
    let seen = again(&mut clock.probe(&text_of)).await;
    assert_eq!(seen.readings["failed"], Reading::flag(true), "{seen:?}");
    assert_eq!((text(&seen, "status").as_str(), text(&seen, "run_id").as_str()), ("failed", "47"));
    assert_eq!(
        (number(&seen, "consecutive_failures"), number(&seen, "age_seconds")),
        (1.0, 1800.0)
    );
    assert!(matches!(seen.readings["attempts"], Reading::Unknown(_)), "GitLab does not tell");
    let last = server.last();
    assert_eq!(
        last.uri.to_string(),
        "/api/v4/projects/foo%2Fbar/pipelines?ref=feature%2Fx+y&per_page=30"
    );
    assert!(!last.headers.contains_key("authorization"));

    server.says(said(200, "[]"));
    let seen = again(&mut clock.probe(&text_of)).await;
    assert_eq!(why(&seen), "unknown: no finished run on feature/x y");
}

#[tokio::test]
async fn a_rate_limit_is_no_failed_pipeline_and_is_respected() {
    let clock = Pushed::at("2026-11-20T09:30:00Z");
    let reset: Timestamp = "2026-11-20T09:40:00Z".parse().expect("a time");
    let limited = said(403, r#"{"message":"API rate limit exceeded for 127.0.0.1."}"#)
        .with("x-ratelimit-remaining", "0")
        .with("x-ratelimit-reset", reset.as_second().to_string());
    let server = Server::start(limited).await;
    let mut probe = clock.probe(&github(&server, ""));
    let seen = again(&mut probe).await;
    assert!(
        why(&seen).starts_with("failed: GitHub's rate limit is used up until 2026-11-20T09:40:00Z"),
        "{seen:?}"
    );
    server.says(said(200, GITHUB));
    clock.push(599);
    assert!(why(&again(&mut probe).await).contains("rate limit"));
    assert_eq!(server.count(), 1, "nobody asks on against a limit");
    clock.push(1);
    assert_eq!(again(&mut probe).await.readings["failed"], Reading::flag(true));

    server.says(said(429, "slow down").with("retry-after", "30"));
    assert!(why(&again(&mut probe).await).contains("2026-11-20T09:40:30Z"));
}

#[tokio::test]
async fn what_the_forge_refuses_is_said_in_its_words_and_is_no_failed_pipeline() {
    let clock = Pushed::at("2026-11-20T09:30:00Z");
    let server = Server::start(said(401, r#"{"message":"Bad credentials","status":"401"}"#)).await;
    let mut probe = clock.probe(&github(&server, ""));
    assert_eq!(
        why(&again(&mut probe).await),
        "failed: GitHub does not accept the token: Bad credentials"
    );
    for (said, part) in [
        (said(404, r#"{"message":"Not Found"}"#), "knows no such repository or workflow"),
        (said(403, r#"{"message":"Resource not accessible by integration"}"#), "may not read this"),
        (said(301, "").with("location", "http://127.0.0.1:1/elsewhere"), "could not be asked"),
        (said(200, "<html>"), "not JSON"),
        (said(200, "{}"), "no list of runs"),
    ] {
        server.says(said);
        let why = why(&again(&mut probe).await);
        assert!(why.starts_with("failed: ") && why.contains(part), "{why}");
    }
    let unset = again(&mut clock.probe(&github(&server, ", token_env: HIKESHI_TEST_UNSET"))).await;
    assert!(why(&unset).contains("HIKESHI_TEST_UNSET"));
}

#[test]
fn mistakes_in_the_configuration_are_named() {
    for (keys, part) in [
        ("provider: gitea, repository: a/b", "github or gitlab, not `gitea`"),
        ("provider: github, repository: b", "write `owner/name`"),
        ("provider: gitlab, repository: a/b, workflow: x", "for GitHub only"),
        ("repository: a/b", "`provider` is missing"),
    ] {
        let mut problems = Problems::new();
        let text = format!("{{kind: ci, service: s, branch: main, {keys}}}");
        let node = yaml::read("probes.yaml", &text, 0, &mut problems).expect("YAML");
        ProbeSpec::parse("p", &node, &mut problems);
        let said = problems.render(Language::En);
        assert!(said.contains(part), "{keys}\n{said}");
    }
}
