//! Probe kind `ci`: the newest finished pipeline run of a branch at GitHub or GitLab (B13).

use crate::{
    answers,
    ask::{self, Answer, Request},
    forge::{Forge, limited_until},
    outside::shown,
    pipeline::{self, Judged, Open, Verdict},
    probe::{Kind, Probe, Seat, Settings},
};
use domain::{
    reading::{Observation, Reading},
    said::Said,
};
use futures::future::BoxFuture;
use jiff::Timestamp;
use reqwest::Client;
use source::{Fields, Problems, Secret};
use std::sync::Arc;

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "ci",
    summary: (
        "GitHub / GitLab のブランチで最後に終わった CI の結果を見る",
        "looks at the newest finished CI run of a branch at GitHub or GitLab",
    ),
    example: "\
kind: ci
service: frontend
provider: github              # or gitlab
repository: example/frontend  # GitLab: group/project or its number
branch: main
workflow: ci.yml              # GitHub only; every workflow of the branch unless written
url: https://api.github.com   # only for a server of your own
token_env: GITHUB_TOKEN       # may read actions (GitLab: read_api); or token_file: PATH
every: 5m
",
    readings: &[
        ("failed", "最後に終わった実行が失敗したか", "whether the newest finished run failed"),
        ("status", "その結果 (提供元の言葉)", "its outcome in the provider's word"),
        ("run_url", "その実行の URL", "the URL of that run"),
        ("run_id", "その実行の番号", "the number of that run"),
        ("attempts", "試行回数 (GitHub のみ)", "how often it was tried (GitHub only)"),
        ("age_seconds", "終わってからの秒数", "seconds since it ended"),
        ("consecutive_failures", "続けて失敗した実行の数", "how many runs in a row failed"),
        ("running", "新しい実行が進行中か", "whether a newer run is under way"),
    ],
    parse,
};

#[derive(Clone, Debug)]
struct Ci {
    forge: Forge,
    branch: String,
    request: Request,
}

fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Arc<dyn Settings>> {
    let forge = fields.required("provider", problems).and_then(|node| {
        let name = node.text(problems)?;
        match name.as_str() {
            "github" => Some(Forge::GitHub),
            "gitlab" => Some(Forge::GitLab),
            _ => {
                let message = Said::new(
                    format!("`provider` は github か gitlab です (`{name}` ではなく)"),
                    format!("`provider` is github or gitlab, not `{name}`"),
                );
                problems.add(&node.place, message);
                None
            }
        }
    });
    let repository = fields.required("repository", problems);
    let name = repository.and_then(|node| node.text(problems));
    let branch = fields.required("branch", problems).and_then(|node| node.text(problems));
    let workflow = fields.text("workflow", problems);
    let url = fields.optional("url").map(|node| ask::url(node, problems));
    let token = Secret::take(fields, ["token", "token_env", "token_file"], problems);
    let (forge, name, branch) = (forge?, name?, branch?);
    let is_owner_and_name = matches!(name.split('/').collect::<Vec<_>>()[..], [owner, name] if !owner.is_empty() && !name.is_empty());
    if forge == Forge::GitHub && !is_owner_and_name {
        let place = repository.map_or(fields.place(), |node| &node.place);
        problems.add(place, Said::new("`所有者/名前` と書いてください", "write `owner/name`"));
    }
    if forge == Forge::GitLab && workflow.is_some() {
        let message =
            Said::new("`workflow` は GitHub だけのキーです", "`workflow` is for GitHub only");
        problems.add(fields.place(), message);
    }
    let url = url.unwrap_or_else(|| Some(forge.usual_url()))?;
    let request = forge.request(url, &name, workflow.as_deref(), &branch).with_token(token);
    Some(Arc::new(Ci { forge, branch, request }))
}

impl Settings for Ci {
    fn make(&self, seat: Seat) -> Box<dyn Probe> {
        let client = self.request.client();
        Box::new(Looking { seat, ci: self.clone(), client, limited_until: None })
    }

    fn secrets(&self) -> Vec<Secret> {
        self.request.secrets()
    }
}

struct Looking {
    seat: Seat,
    ci: Ci,
    client: Result<Client, Said>,
    limited_until: Option<Timestamp>,
}

impl Probe for Looking {
    fn look(&mut self) -> BoxFuture<'_, Vec<Observation>> {
        Box::pin(async move {
            let seen = self.ask().await;
            vec![seen.unwrap_or_else(|why| self.seat.failed("failed", why))]
        })
    }
}

impl Looking {
    /// An error is why the forge could not be asked: that is no failed pipeline.
    async fn ask(&mut self) -> Result<Observation, Said> {
        // Asking on against a limit prolongs it.
        if let Some(until) = self.limited_until.filter(|until| self.seat.now() < *until) {
            return Err(self.limited(until));
        }
        let client = self.client.as_ref().map_err(Clone::clone)?;
        let answer = self.ci.request.ask(&self.seat.reader(), client, self.seat.timeout).await?;
        self.limited_until = limited_until(&answer, self.seat.now());
        if let Some(until) = self.limited_until {
            return Err(self.limited(until));
        }
        let body = answers::json(&answer.body);
        if answer.wrong.is_some() {
            return Err(self.refused(&answer, body.ok().as_ref()));
        }
        let runs = self.ci.forge.runs(&body?)?;
        Ok(match pipeline::judge(&runs) {
            Ok(judged) => observe(&self.seat, &judged),
            Err(open) => {
                let is_running = runs.iter().any(|run| run.verdict == Verdict::Running);
                self.undecided(&open, is_running)
            }
        })
    }

    fn limited(&self, until: Timestamp) -> Said {
        let name = self.ci.forge.name();
        Said::new(
            format!(
                "{name} の利用回数の上限に達しました ({until} まで)。計測の間隔を空けるか、トークンを設定してください"
            ),
            format!(
                "{name}'s rate limit is used up until {until}; look less often or give a token"
            ),
        )
    }

    fn refused(&self, answer: &Answer, body: Option<&serde_json::Value>) -> Said {
        let name = self.ci.forge.name();
        let said = body.and_then(|body| body["message"].as_str().or(body["error"].as_str()));
        let said = said.map_or(String::new(), |said| format!(": {}", shown(said)));
        match answer.status {
            Some(401) => Said::new(
                format!("{name} がトークンを受け付けません{said}"),
                format!("{name} does not accept the token{said}"),
            ),
            Some(403) => Said::new(
                format!("{name} でこのトークンには読む権限がありません{said}"),
                format!("the token may not read this at {name}{said}"),
            ),
            Some(404) => Said::new(
                format!(
                    "{name} にそのリポジトリやワークフローがないか、このトークンでは見えません{said}"
                ),
                format!(
                    "{name} knows no such repository or workflow, or the token may not see it{said}"
                ),
            ),
            _ => {
                let wrong = answer.wrong.as_ref();
                let why = wrong.map(|wrong| wrong.said()).unwrap_or_default();
                Said::new(
                    format!("{name} に問い合わせできませんでした: {}", why.ja),
                    format!("{name} could not be asked: {}", why.en),
                )
            }
        }
    }

    fn undecided(&self, open: &Open<'_>, is_running: bool) -> Observation {
        let why = match open {
            Open::NoneFinished => Said::new(
                format!("{} に完了した実行がありません", self.ci.branch),
                format!("no finished run on {}", self.ci.branch),
            ),
            Open::TriedAgain(run) => Said::new(
                format!("実行 {} を再試行中 ({} 回目)", run.id, run.attempts.unwrap_or(2)),
                format!(
                    "run {} is being tried again (attempt {})",
                    run.id,
                    run.attempts.unwrap_or(2)
                ),
            ),
        };
        self.seat
            .observation()
            .with("failed", Reading::Unknown(why.clone()))
            .with("running", Reading::flag(is_running))
            .because(why)
    }
}

fn observe(seat: &Seat, judged: &Judged<'_>) -> Observation {
    let run = judged.run;
    let seen = seat.observation();
    let age = run.changed.map_or(
        Reading::Unknown(Said::new("終了時刻がありません", "no time of its end")),
        |changed| Reading::number(seen.at.duration_since(changed).as_secs_f64()),
    );
    let attempts = run.attempts.map_or(
        Reading::Unknown(Said::new("提供元が示していません", "the provider does not tell")),
        |attempts| Reading::number(attempts as f64),
    );
    let detail = format!("run {}: {} {}", run.id, run.status, run.url);
    seen.with("failed", Reading::flag(run.verdict == Verdict::Failed))
        .with("status", Reading::text(run.status.clone()))
        .with("run_url", Reading::text(run.url.clone()))
        .with("run_id", Reading::text(run.id.clone()))
        .with("attempts", attempts)
        .with("age_seconds", age)
        .with("consecutive_failures", Reading::number(judged.failures as f64))
        .with("running", Reading::flag(judged.is_running))
        .because(detail.trim_end().to_owned())
}
