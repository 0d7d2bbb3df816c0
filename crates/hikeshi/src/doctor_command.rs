//! `hikeshi doctor`: what would fail at 3 a.m., named by day. It changes nothing.

use crate::{
    accesses,
    client::Client,
    clock,
    common::Common,
    doctor_runbooks,
    show::{self, Trouble, plain, say},
};
use anstyle::AnsiColor;
use config::Loaded;
use domain::{
    finding::{Finding, Grade},
    readiness,
    said::Said,
    schedule::Overrides,
};
use secrets::Safe;
use serde_json::json;
use source::Problem;
use std::{path::Path, process::ExitCode, time::Duration};
use supervise::Program;
use tokio::time::Instant;

/// How long another program, or a place of secrets, may take.
const LIMIT: Duration = Duration::from_secs(10);

/// Exit code 0 when nothing was found, 1 otherwise.
pub fn run(common: &Common) -> Result<ExitCode, Trouble> {
    let mut found = match config::load(&common.config) {
        Ok(loaded) => of_configuration(common, &loaded)?,
        Err(problems) => problems.sorted().into_iter().map(mistake).collect(),
    };
    found.sort_by_key(|finding| finding.grade);
    if common.json {
        say!("{}", json!({"ready": found.is_empty(), "findings": found}));
    } else {
        found.iter().for_each(print);
        if found.is_empty() {
            say!("{}", show::pick("備えは万全です", "ready: nothing found that would fail"));
        }
    }
    Ok(ExitCode::from(u8::from(!found.is_empty())))
}

fn of_configuration(common: &Common, loaded: &Loaded) -> Result<Vec<Finding>, Trouble> {
    let runtime = tokio::runtime::Runtime::new().map_err(show::trouble)?;
    let mut found = known(common, loaded);
    found.extend(doctor_runbooks::stale(&loaded.policy.plans));
    let (safe, ledger) = accesses::for_a_command(common, loaded);
    found.extend(runtime.block_on(provider(&safe, loaded)));
    found.extend(runtime.block_on(secrets(safe, loaded)));
    // It asks the server by itself, which it cannot do from within.
    ledger.hand_in();
    found.extend(runtime.block_on(time_of_day()));
    Ok(found)
}

/// What is wrong in the configuration: with it nothing starts, and an address that was never filled in is one (C28).
fn mistake(problem: &Problem) -> Finding {
    let place = &problem.place;
    let (ja, en) = (&problem.message.ja, &problem.message.en);
    let hint = problem.hint.clone().unwrap_or_else(|| Said::new("直してください", "mend it"));
    Finding::new(
        Grade::Error,
        "configuration",
        place,
        (format!("{place}: {ja}"), format!("{place}: {en}")),
        (hint.ja, hint.en),
    )
}

/// What the running server knows, or the configuration alone when none runs.
fn known(common: &Common, loaded: &Loaded) -> Vec<Finding> {
    let asked = Client::find(common).and_then(|client| client.get("/api/v1/readiness"));
    let told = asked.ok().and_then(|found| serde_json::from_value(found).ok());
    told.unwrap_or_else(|| {
        let mut found =
            readiness::of_policy(&loaded.policy, &Overrides::default(), jiff::Timestamp::now());
        found.push(Finding::new(
            Grade::Error,
            "not_running",
            "hikeshi",
            ("hikeshi が動いていません".into(), "hikeshi does not run".into()),
            (
                "hikeshi serve か systemd で起動してください",
                "start it with `hikeshi serve`, or by systemd",
            ),
        ));
        found
    })
}

/// Every secret that something needs is read once; each access is written down as ever.
async fn secrets(safe: Safe, loaded: &Loaded) -> Vec<Finding> {
    let reader = safe.with_limit(LIMIT).reader("doctor");
    let mut found: Vec<Finding> = Vec::new();
    for secret in loaded.used_secrets() {
        let Err(why) = reader.read(&secret).await else { continue };
        let finding = Finding::new(
            Grade::Error,
            "secret",
            "secrets",
            (why.clone(), why),
            ("hikeshi の利用者から読めるようにしてください", "let hikeshi's user read it"),
        );
        // Several places may need the same one.
        if !found.contains(&finding) {
            found.push(finding);
        }
    }
    found
}

/// Whether whoever vouches for people with an account elsewhere answers, and is who is configured.
async fn provider(safe: &Safe, loaded: &Loaded) -> Option<Finding> {
    let spec = loaded.settings.signing_in.provider.clone()?;
    let title = spec.title.clone();
    let provider = openid::Provider::new(spec, safe.reader("doctor"));
    let fault = provider.look(clock::now()).await.err()?;
    let why = fault.why().to_owned();
    Some(Finding::new(
        Grade::Warning,
        "openid_connect",
        title,
        (
            format!("外部アカウントでサインインできません: {why}"),
            format!("nobody signs in with an account elsewhere: {why}"),
        ),
        (
            "発行者と `accounts.openid_connect` を確かめてください。パスワードとパスキーは使えます",
            "look at the issuer and at `accounts.openid_connect`; passwords and passkeys work all the same",
        ),
    ))
}

/// Times in the journal, in messages and on links are right only on a machine whose clock is.
async fn time_of_day() -> Option<Finding> {
    let folders = supervise::program::FOLDERS;
    let program = Program::find("timedatectl", folders.iter().map(Path::new)).ok()?;
    let asked = program.args(["show", "--property=NTPSynchronized", "--value"]);
    // A machine without systemd's clock service does not say: that is no finding.
    let said = asked.run(Instant::now() + LIMIT).await.ok()?.success().ok()?;
    (said.trim_ascii() == b"no").then(|| {
        Finding::new(
            Grade::Warning,
            "clock",
            "clock",
            (
                "この機械の時計は時刻サーバーと同期していません".into(),
                "the clock of this machine is not synchronized".into(),
            ),
            ("chrony か systemd-timesyncd を動かしてください", "run chrony or systemd-timesyncd"),
        )
    })
}

fn print(finding: &Finding) {
    let (word, colour) = match finding.grade {
        Grade::Error => (show::pick("誤り", "error"), AnsiColor::Red),
        Grade::Warning => (show::pick("注意", "warning"), AnsiColor::Yellow),
    };
    let style = colour.on_default().bold();
    let language = show::language();
    say!("{style}{word}{style:#} [{}] {}", finding.kind, plain(finding.said.text(language)));
    say!("  {}", plain(finding.hint.text(language)));
}
