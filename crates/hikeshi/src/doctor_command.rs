//! `hikeshi doctor`: what would fail at 3 a.m., named by day. It changes nothing.

use crate::{
    accesses,
    client::Client,
    common::Common,
    show::{self, Trouble, plain, say},
    validate,
};
use anstyle::AnsiColor;
use config::Loaded;
use domain::{
    readiness::{self, Finding, Grade},
    said::Said,
    schedule::Overrides,
};
use secrets::Safe;
use serde_json::json;
use std::{path::Path, process::ExitCode, time::Duration};
use supervise::Program;
use tokio::time::Instant;

/// How long another program, or a place of secrets, may take.
const LIMIT: Duration = Duration::from_secs(10);

/// Exit code 0 when nothing was found, 1 otherwise.
pub fn run(common: &Common) -> Result<ExitCode, Trouble> {
    let loaded = validate::load(&common.config)?;
    let runtime = tokio::runtime::Runtime::new().map_err(show::trouble)?;
    let mut found = known(common, &loaded);
    let (safe, ledger) = accesses::for_a_command(common, &loaded);
    found.extend(runtime.block_on(secrets(safe, &loaded)));
    // It asks the server by itself, which it cannot do from within.
    ledger.hand_in();
    found.extend(runtime.block_on(time_of_day()));
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

/// What the running server knows, or the configuration alone when none runs.
fn known(common: &Common, loaded: &Loaded) -> Vec<Finding> {
    let asked = Client::find(common).and_then(|client| client.get("/api/v1/readiness"));
    let told = asked.ok().and_then(|found| serde_json::from_value(found).ok());
    told.unwrap_or_else(|| {
        let mut found =
            readiness::of_policy(&loaded.policy, &Overrides::default(), jiff::Timestamp::now());
        found.push(Finding {
            grade: Grade::Error,
            rule: "not-running".into(),
            about: "hikeshi".into(),
            said: Said::new("hikeshi が動いていません", "hikeshi does not run"),
            hint: Said::new(
                "hikeshi serve か systemd で起動してください",
                "start it with `hikeshi serve`, or by systemd",
            ),
        });
        found
    })
}

/// Every secret that something needs is read once; each access is written down as ever.
async fn secrets(safe: Safe, loaded: &Loaded) -> Vec<Finding> {
    let reader = safe.with_limit(LIMIT).reader("doctor");
    let mut found: Vec<Finding> = Vec::new();
    for secret in loaded.used_secrets() {
        let Err(why) = reader.read(&secret).await else { continue };
        let said = Said::same(why);
        // Several places may need the same one.
        if found.iter().all(|other| other.said != said) {
            found.push(Finding {
                grade: Grade::Error,
                rule: "secret".into(),
                about: "secrets".into(),
                said,
                hint: Said::new(
                    "hikeshi の利用者から読めるようにしてください",
                    "let hikeshi's user read it",
                ),
            });
        }
    }
    found
}

/// Times in the journal, in messages and on links are right only on a machine whose clock is.
async fn time_of_day() -> Option<Finding> {
    let folders = supervise::program::FOLDERS;
    let program = Program::find("timedatectl", folders.iter().map(Path::new)).ok()?;
    let asked = program.args(["show", "--property=NTPSynchronized", "--value"]);
    // A machine without systemd's clock service does not say: that is no finding.
    let said = asked.run(Instant::now() + LIMIT).await.ok()?.success().ok()?;
    (said.trim_ascii() == b"no").then(|| Finding {
        grade: Grade::Warning,
        rule: "clock".into(),
        about: "clock".into(),
        said: Said::new(
            "この機械の時計は時刻サーバーと同期していません",
            "the clock of this machine is not synchronized",
        ),
        hint: Said::new(
            "chrony か systemd-timesyncd を動かしてください",
            "run chrony or systemd-timesyncd",
        ),
    })
}

fn print(finding: &Finding) {
    let (word, colour) = match finding.grade {
        Grade::Error => (show::pick("誤り", "error"), AnsiColor::Red),
        Grade::Warning => (show::pick("注意", "warning"), AnsiColor::Yellow),
    };
    let style = colour.on_default().bold();
    let language = show::language();
    say!("{style}{word}{style:#} [{}] {}", finding.rule, plain(finding.said.text(language)));
    say!("  {}", plain(finding.hint.text(language)));
}
