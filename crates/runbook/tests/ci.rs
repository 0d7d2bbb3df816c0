//! Stories of `ci.rerun`, against stand-ins that answer as GitHub and GitLab do.

mod world;

use axum::{
    Router,
    http::{HeaderMap, Method, StatusCode, Uri},
};
use domain::{plan::Outcome, reading::Reading};
use std::sync::{Arc, Mutex};
use world::{CANARY, Seen, World, seen, verb};

/// A forge: what it answers to a question and to a wish, and what it was asked.
struct Forge {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Forge {
    async fn start(run: &'static str, wish: u16) -> Self {
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let hears = asked.clone();
        let app = Router::new().fallback(move |method: Method, uri: Uri, headers: HeaderMap| {
            let token =
                headers.get("authorization").and_then(|token| token.to_str().ok()).unwrap_or("-");
            hears.lock().expect("not poisoned").push(format!("{method} {uri} {token}"));
            async move {
                if method == Method::GET {
                    (StatusCode::OK, run)
                } else {
                    (StatusCode::from_u16(wish).expect("a status"), "{}")
                }
            }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("bound");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("not poisoned").clone()
    }

    fn world(&self, provider: &str) -> World {
        let world = World::new();
        let token = world.path("token");
        std::fs::write(&token, format!("{CANARY}\n")).expect("written");
        world
            .attribute("ci_provider", "const", provider)
            .attribute("ci_repository", "const", "mirai/kakaku")
            .attribute("ci_url", "const_url", &self.url)
            .attribute("ci_token_file", "const", &token.display().to_string())
    }
}

const GITHUB_RED: &str =
    r#"{"id": 42, "status": "completed", "conclusion": "failure", "run_attempt": 1}"#;

// Scenario 23: one re-run, whatever is asked, however often, also after a restart.
#[tokio::test]
async fn a_red_run_is_run_again_exactly_once() {
    let forge = Forge::start(GITHUB_RED, 201).await;
    let world = forge.world("github");
    let report = world.perform(&verb("ci.rerun\nrun_id: 42")).await;
    assert_eq!(report.outcome, Outcome::Ok, "{}", report.output);
    assert_eq!(
        forge.asked(),
        [
            format!("GET /repos/mirai/kakaku/actions/runs/42 Bearer {CANARY}"),
            format!("POST /repos/mirai/kakaku/actions/runs/42/rerun-failed-jobs Bearer {CANARY}"),
        ]
    );
    for _ in 0..2 {
        let report = world.perform(&verb("ci.rerun\nrun_id: 42")).await;
        assert!(
            matches!(&report.outcome, Outcome::Blocked(why) if why.en.contains("once already")),
            "{report:?}"
        );
    }
    assert_eq!(forge.asked().len(), 2, "nobody was asked again");
}

#[tokio::test]
async fn gitlab_retries_the_run_that_its_probe_sees() {
    let forge = Forge::start(r#"{"id": 7, "status": "failed"}"#, 201).await;
    let red = seen("api-1").with("failed", Reading::flag(true)).with("run_id", Reading::text("7"));
    let world = forge.world("gitlab").seeing(Seen::default().with("ci", "api-1", vec![red]));
    let report = world.perform(&verb("ci.rerun")).await;
    assert_eq!((report.outcome, report.captured["run_id"].as_str()), (Outcome::Ok, "7"));
    let asked = forge.asked();
    assert!(
        asked[1].starts_with("POST /api/v4/projects/mirai%2Fkakaku/pipelines/7/retry "),
        "{asked:?}"
    );
}

#[tokio::test]
async fn a_green_run_and_one_that_somebody_ran_again_are_left_alone() {
    for (run, why) in [
        (r#"{"status": "completed", "conclusion": "success", "run_attempt": 1}"#, "has not failed"),
        (r#"{"status": "in_progress", "conclusion": null, "run_attempt": 1}"#, "has not failed"),
        (r#"{"status": "completed", "conclusion": "failure", "run_attempt": 2}"#, "by somebody"),
    ] {
        let forge = Forge::start(run, 201).await;
        let report = forge.world("github").perform(&verb("ci.rerun\nrun_id: 42")).await;
        assert!(
            matches!(&report.outcome, Outcome::Blocked(said) if said.en.contains(why)),
            "{report:?}"
        );
        assert_eq!(forge.asked().len(), 1);
    }
    let report =
        Forge::start(GITHUB_RED, 201).await.world("github").perform(&verb("ci.rerun")).await;
    assert!(
        matches!(&report.outcome, Outcome::Blocked(why) if why.en.contains("no failed run is seen"))
    );
}

// What was refused did not happen; what got no clear answer may have.
#[tokio::test]
async fn a_refusal_may_be_tried_again_and_an_unclear_answer_may_not() {
    let forge = Forge::start(GITHUB_RED, 403).await;
    let world = forge.world("github");
    for _ in 0..2 {
        let report = world.perform(&verb("ci.rerun\nrun_id: 42")).await;
        assert!(
            matches!(&report.outcome, Outcome::Failed(why) if why.en.contains("may not do this")),
            "{report:?}"
        );
    }
    assert_eq!(forge.asked().len(), 4, "asked both times");
    let forge = Forge::start(GITHUB_RED, 502).await;
    let world = forge.world("github");
    let report = world.perform(&verb("ci.rerun\nrun_id: 42")).await;
    assert!(
        matches!(&report.outcome, Outcome::Unknown(why) if why.en.contains("HTTP 502")),
        "{report:?}"
    );
    let report = world.perform(&verb("ci.rerun\nrun_id: 42")).await;
    assert!(matches!(report.outcome, Outcome::Blocked(_)));
    assert!(!format!("{report:?}").contains(CANARY));
}

#[tokio::test]
async fn hostile_runs_and_repositories_never_arrive() {
    let forge = Forge::start(GITHUB_RED, 201).await;
    for hostile in ["--help", "42/../../x", "42;rm -rf /", "42\nx", "-1"] {
        let world = forge.world("github").attribute("run", "const", hostile);
        let report = world.perform(&verb("ci.rerun\nrun_id: $HK_RUN")).await;
        assert!(matches!(report.outcome, Outcome::Blocked(_)), "{hostile:?}: {report:?}");
    }
    for hostile in ["../..", "a/b?x=y", "a", "a/../b", "a b/c"] {
        let world = forge.world("github").attribute("ci_repository", "const", hostile);
        let report = world.perform(&verb("ci.rerun\nrun_id: 42")).await;
        assert!(matches!(report.outcome, Outcome::Blocked(_)), "{hostile:?}: {report:?}");
    }
    assert_eq!(forge.asked(), Vec::<String>::new());
}
