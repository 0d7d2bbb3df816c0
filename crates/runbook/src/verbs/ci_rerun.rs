//! `ci.rerun`: runs a failed pipeline again at GitHub or GitLab, once per run and never twice (scenario 23, C35).

use crate::{
    call::{Argument, Call, Done, Verb, flag, lines, measured},
    digest, http,
    script::private_folder,
};
use domain::{
    graph::Service,
    plan::{EffectKind, Outcome},
    said::Said,
};
use futures::FutureExt;
use reqwest::{Client, Method, RequestBuilder, Url};
use serde_json::Value;
use source::{Place, Secret};
use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};
use tokio::time::timeout_at;

/// Runs a failed pipeline again.
pub const VERB: Verb = Verb {
    name: "ci.rerun",
    summary: (
        "失敗した CI を一度だけ再実行する (属性 ci_provider、ci_repository、ci_url、ci_token / ci_token_env / ci_token_file)",
        "runs a failed pipeline again, once (attributes ci_provider, ci_repository, ci_url, ci_token, ci_token_env or ci_token_file)",
    ),
    effect: EffectKind::Once,
    arguments: &[Argument { name: "run_id", kind: "int", bounds: Some((1, i64::MAX)) }],
    example: "```action {name=rerun timeout=60s}\nci.rerun\n```",
    verify: None,
    undo: None,
    perform: |call| async move { perform(&call).await.unwrap_or_else(|done| done) }.boxed(),
};

const PROBES: &[&str] = &["ci"];

async fn perform(call: &Call<'_>) -> Result<Done, Done> {
    let forge = Forge::of(call)?;
    let run = run_id(call).await?;
    let record = forge.record(call, &run)?;
    let again = |en: &str| {
        Done::blocked(&Said::new(
            format!("実行 {run} はすでに一度再実行されました。ログを調べてください"),
            format!("run {run} {en}; look into its log"),
        ))
    };
    if record.exists() {
        return Err(again("was run again by us once already"));
    }
    let seen = forge
        .ask(call, Method::GET, &run, "")
        .await
        .map_err(|failure| Done::failed(failure.why))?;
    let body: Value = match seen.status {
        200 => serde_json::from_slice(&seen.body).unwrap_or_default(),
        status => return Err(Done::failed(forge.refused(status))),
    };
    if !forge.has_failed(&body) {
        return Err(Done::blocked(&Said::new(
            format!("実行 {run} は失敗していません"),
            format!("run {run} has not failed"),
        )));
    }
    if body["run_attempt"].as_u64().is_some_and(|attempt| attempt > 1) {
        return Err(again("was run again by somebody"));
    }
    // Written before it is asked for: after a crash it is better not done than done twice.
    match claim(&record) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(again("is being run again by us already"));
        }
        Err(error) => return Err(Done::failed(format!("{}: {error}", record.display()))),
    }
    let (word, done) = match forge.provider {
        Provider::GitHub => ("rerun-failed-jobs", 201),
        Provider::GitLab => ("retry", 201),
    };
    match forge.ask(call, Method::POST, &run, word).await {
        Ok(answer) if answer.status == done || answer.status == 200 => {
            Ok(Done::new(Outcome::Ok, format!("run {run} runs again")).with("run_id", run))
        }
        Ok(answer) if (400..500).contains(&answer.status) => {
            // It said no: nothing happened, and it may be tried again.
            let _ = fs::remove_file(&record);
            Err(Done::failed(forge.refused(answer.status)))
        }
        Err(failure) if !failure.may_have_arrived => {
            let _ = fs::remove_file(&record);
            Err(Done::failed(failure.why))
        }
        Ok(answer) => Err(unsure(format!("HTTP {}", answer.status).into())),
        Err(failure) => Err(unsure(failure.why)),
    }
}

/// Makes the file, durably; one of two that try at once is told that it exists.
fn claim(record: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(record)?.sync_all()?;
    match record.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

fn unsure(why: Said) -> Done {
    let outcome = Said::new(
        format!("再実行されたかどうか分かりません: {}", why.ja),
        format!("it may run again or not: {}", why.en),
    );
    Done::new(Outcome::Unknown(outcome), lines(&why))
}

/// The run that is named, or the newest finished one that the `ci` probe sees.
async fn run_id(call: &Call<'_>) -> Result<String, Done> {
    if let Some(run) = call.argument("run_id") {
        return Ok(run.to_owned());
    }
    let looks = call.deps.looks.look(&call.service.name, PROBES);
    let seen = timeout_at(call.deadline, looks).await.unwrap_or_default();
    let failed = seen.iter().find(|one| flag(one, "failed") == Some(true));
    let run = failed.and_then(|one| measured(one, "run_id"));
    run.filter(|run| run.bytes().all(|b| b.is_ascii_digit())).ok_or_else(|| {
        Done::blocked(&Said::new(
            "失敗した実行が見つかりません。`run_id` か `kind: ci` のプローブが要ります",
            "no failed run is seen; give `run_id`, or add a probe of `kind: ci`",
        ))
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Provider {
    GitHub,
    GitLab,
}

/// The token of a service: `ci_token: secret:NAME`, or `ci_token_env` or `ci_token_file`.
pub fn token_of(service: &Service) -> Option<Secret> {
    let value = |name: &str| service.attribute(name).map(|parameter| parameter.value.as_str());
    if let Some(text) = value("ci_token") {
        // Its name was checked where it stands.
        let place = Place { file: service.name.as_str().into(), line: 1 };
        return Secret::reference(text, &place);
    }
    let file = || value("ci_token_file").map(|path| Secret::File(path.into()));
    value("ci_token_env").map(|name| Secret::Env(name.to_owned())).or_else(file)
}

/// Who runs the pipelines. All of it is configuration: no alert decides whom we ask, or with which token.
struct Forge {
    provider: Provider,
    url: Url,
    repository: String,
    token: Option<Secret>,
    client: Client,
}

impl Forge {
    fn of(call: &Call<'_>) -> Result<Self, Done> {
        let wrong = |ja: &str, en: &str| Done::blocked(&Said::new(ja, en));
        let (provider, usual) = match call.setting("ci_provider")? {
            "github" => (Provider::GitHub, "https://api.github.com"),
            "gitlab" => (Provider::GitLab, "https://gitlab.com"),
            _ => {
                return Err(wrong(
                    "`ci_provider` は github か gitlab です",
                    "`ci_provider` is github or gitlab",
                ));
            }
        };
        let repository = call.setting("ci_repository")?.to_owned();
        // A path of plain names; it cannot climb out of its place in the address.
        let is_plain = |part: &str| {
            !part.is_empty()
                && !part.starts_with('.')
                && part.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
        };
        if !repository.contains('/') || !repository.split('/').all(is_plain) {
            return Err(wrong(
                "`ci_repository` は `所有者/名前` です",
                "`ci_repository` is `owner/name`",
            ));
        }
        let url = Url::parse(call.attribute("ci_url").unwrap_or(usual));
        let url = url.ok().filter(|url| !url.cannot_be_a_base());
        let url =
            url.ok_or_else(|| wrong("`ci_url` は URL ではありません", "`ci_url` is no URL"))?;
        let token = token_of(call.service);
        let client = http::client().map_err(Done::failed)?;
        Ok(Self { provider, url, repository, token, client })
    }

    async fn ask(
        &self,
        call: &Call<'_>,
        method: Method,
        run: &str,
        word: &str,
    ) -> Result<http::Answer, http::Failure> {
        let request = self.request(call, method, run, word).await;
        let request = request.map_err(|why| http::Failure { why, may_have_arrived: false })?;
        http::ask(request, call.deadline).await
    }

    async fn request(
        &self,
        call: &Call<'_>,
        method: Method,
        run: &str,
        word: &str,
    ) -> Result<RequestBuilder, Said> {
        let mut url = self.url.clone();
        {
            let mut path = url.path_segments_mut().map_err(|()| "no address".to_owned())?;
            path.pop_if_empty();
            match self.provider {
                Provider::GitHub => path
                    .push("repos")
                    .extend(self.repository.split('/'))
                    .extend(["actions", "runs", run]),
                // One segment: the slash in it is escaped.
                Provider::GitLab => path
                    .extend(["api", "v4", "projects"])
                    .push(&self.repository)
                    .extend(["pipelines", run]),
            };
            path.extend((!word.is_empty()).then_some(word));
        }
        let request = self.client.request(method, url).header("accept", "application/json");
        match &self.token {
            Some(token) => {
                let token = call.reader(VERB.name).read(token).await?;
                Ok(request.bearer_auth(token.reveal()))
            }
            None => Ok(request),
        }
    }

    fn has_failed(&self, run: &Value) -> bool {
        match self.provider {
            Provider::GitHub => {
                run["status"] == "completed"
                    && ["failure", "timed_out", "startup_failure"]
                        .iter()
                        .any(|end| run["conclusion"] == *end)
            }
            Provider::GitLab => run["status"] == "failed",
        }
    }

    fn refused(&self, status: u16) -> Said {
        let name = if self.provider == Provider::GitHub { "GitHub" } else { "GitLab" };
        match status {
            401 => Said::new(
                format!("{name} がトークンを受け付けません"),
                format!("{name} does not accept the token"),
            ),
            403 => Said::new(
                format!("{name} でこのトークンにはその権限がありません"),
                format!("the token may not do this at {name}"),
            ),
            404 => Said::new(
                format!("{name} にその実行がないか、このトークンでは見えません"),
                format!("{name} knows no such run, or the token may not see it"),
            ),
            _ => Said::new(
                format!("{name} の応答は HTTP {status}"),
                format!("{name} answered HTTP {status}"),
            ),
        }
    }

    /// The file that says that a run was run again.
    fn record(&self, call: &Call<'_>, run: &str) -> Result<PathBuf, Done> {
        let folder = call.deps.state_folder.join("ci");
        private_folder(&call.deps.state_folder)
            .and_then(|()| private_folder(&folder))
            .map_err(|error| Done::failed(format!("{}: {error}", folder.display())))?;
        let name = format!("{}\n{}\n{run}", self.url, self.repository);
        Ok(folder.join(digest::of_bytes(name.as_bytes())))
    }
}
