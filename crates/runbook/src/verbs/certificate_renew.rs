//! `certificate.renew`: renews a certificate when it is due, and believes it only when the server shows another one (B14, B29).

use crate::call::{Argument, Call, Done, Verb, measured};
use domain::{
    ids::ServiceName,
    plan::{EffectKind, Outcome},
    said::Said,
};
use futures::FutureExt;
use std::{path::PathBuf, time::Duration};
use supervise::Program;
use tokio::time::{Instant, sleep_until, timeout_at};

/// Renews a certificate.
pub const VERB: Verb = Verb {
    name: "certificate.renew",
    summary: (
        "期限が近い証明書を更新し (certbot か属性 renew_command)、サーバーが新しい証明書を出すことを確かめる",
        "renews a certificate that is near its end (certbot, or the attribute renew_command) and sees the server show it",
    ),
    effect: EffectKind::Once,
    arguments: &[
        Argument { name: "below_days", kind: "int", bounds: Some((1, 398)) },
        Argument { name: "reload", kind: "service", bounds: None },
    ],
    example: "```action {name=renew timeout=10m}\ncertificate.renew\nbelow_days: 30\nreload: nginx\n```",
    verify: None,
    undo: None,
    perform: |call| async move { perform(&call).await.unwrap_or_else(|done| done) }.boxed(),
};

const KINDS: &[&str] = &["tls_certificate"];
/// How long a server may take to show what it was given.
const SHOWN_WITHIN: Duration = Duration::from_secs(60);
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

/// The certificate as the server shows it.
struct Shown {
    serial: String,
    days_left: f64,
}

async fn perform(call: &Call<'_>) -> Result<Done, Done> {
    let below = f64::from(call.count("below_days", 30));
    // Before anything is done it must be clear that what comes of it can be seen.
    let reload = match call.argument("reload").map(ServiceName::from) {
        None => None,
        Some(name) => {
            let supervisor = call.supervisor(&name).map_err(|why| Done::blocked(&why))?;
            Some((name, supervisor))
        }
    };
    let before = shown(call).await?;
    if before.days_left >= below {
        let output = format!("not due: {:.1} days are left, {below} are enough", before.days_left);
        return Ok(Done::new(Outcome::Ok, output).with("renewed", false));
    }
    let program = command(call)?;
    let output = program.run(call.deadline).await.map_err(|error| Done::of_program(&error))?;
    output.success().map_err(|error| Done::of_program(&error))?;
    if let Some((name, supervisor)) = reload {
        let failed = |error| {
            Done::failed(Said::new(
                format!("更新しましたが、{name} が再読み込みできませんでした: {error}"),
                format!("renewed, but {name} did not reload: {error}"),
            ))
        };
        supervisor.reload(&name).await.map_err(failed)?;
    }
    let after = other_than(call, &before).await?;
    let output =
        format!("the server shows a new certificate: {:.1} days are left", after.days_left);
    Ok(Done::new(Outcome::Ok, output)
        .with("renewed", true)
        .with("serial", after.serial)
        .with("days_left", format!("{:.1}", after.days_left)))
}

/// What renews: the command of the configuration, word by word and without a shell, or certbot.
fn command(call: &Call<'_>) -> Result<Program, Done> {
    let Some(line) = call.attribute("renew_command") else {
        let name = call.attribute("certificate_name").map(|name| format!("--cert-name={name}"));
        let fixed = ["renew", "--quiet", "--non-interactive"];
        return Ok(call.program("certbot")?.args(fixed).args(name));
    };
    let mut words = line.split_whitespace();
    let path = words.next().map(PathBuf::from).filter(|path| path.is_absolute());
    let path = path.ok_or_else(|| {
        Done::blocked(&Said::new(
            "`renew_command` は絶対パスで始めてください",
            "`renew_command` must begin with an absolute path",
        ))
    })?;
    let program = Program::find(&path.to_string_lossy(), []);
    Ok(program.map_err(|error| Done::blocked(&error.said()))?.args(words))
}

/// Looks until the server shows another certificate.
async fn other_than(call: &Call<'_>, before: &Shown) -> Result<Shown, Done> {
    let deadline = call.deadline.min(Instant::now() + SHOWN_WITHIN);
    loop {
        let now = shown(call).await;
        if let Ok(now) = now
            && now.serial != before.serial
        {
            return Ok(now);
        }
        let next = Instant::now() + BETWEEN_LOOKS;
        if next >= deadline {
            return Err(Done::failed(
                Said::new("コマンドは成功しましたが、サーバーは古い証明書のままです。再読み込みしていますか", "the command said that all is well, but the server still shows the old certificate; does it reload?"),
            )
            .with("renewed", false));
        }
        sleep_until(next).await;
    }
}

async fn shown(call: &Call<'_>) -> Result<Shown, Done> {
    let (name, looks) = (&call.service.name, &call.deps.looks);
    if !looks.knows(name, KINDS) {
        return Err(Done::blocked(&Said::new(
            format!(
                "`{name}` の証明書を見るプローブがありません。`kind: tls_certificate` を加えてください"
            ),
            format!(
                "no probe looks at the certificate of `{name}`; add one of `kind: tls_certificate`"
            ),
        )));
    }
    let seen = timeout_at(call.deadline, looks.look(name, KINDS)).await.unwrap_or_default();
    let one = seen.first();
    let serial = one.and_then(|one| measured(one, "serial"));
    let days = one.and_then(|one| measured(one, "days_left")).and_then(|days| days.parse().ok());
    match (serial, days) {
        (Some(serial), Some(days_left)) => Ok(Shown { serial, days_left }),
        _ => {
            let why = one.and_then(|one| one.detail.clone()).unwrap_or_default();
            Err(Done::failed(Said::new(
                format!("サーバーの証明書を見られません: {}", why.ja),
                format!("the served certificate cannot be seen: {}", why.en),
            )))
        }
    }
}
