//! Commands that tell something: reports of users, signs of life of jobs; and how heartbeats are.

use crate::{
    client::Client,
    commands::{Done, done, escaped, present},
    common::Common,
    show::{Trouble, pick, say},
    views::table,
};
use clap::{Args, Subcommand};
use domain::said::Said;
use serde_json::{Value, json};
use std::io::{self, Read};

/// Bytes of a mail that are handed in: what the server takes.
const MAIL_BYTES: u64 = 16 << 20;

/// A report of a user: it opens an incident, or joins the one that it is about.
#[derive(Args)]
pub struct ReportArguments {
    /// Who reports; by default you
    #[arg(long)]
    from: Option<String>,
    /// What is wrong, in their words
    #[arg(long, required_unless_present = "mail")]
    text: Option<String>,
    /// Read a mail from standard input, as mail servers hand it to a program; exit code 75 asks them to try again
    #[arg(long, conflicts_with_all = ["from", "text"])]
    mail: bool,
    /// The service that it is about, where that is known
    #[arg(long)]
    service: Option<String>,
}

/// A sign of life of a job.
#[derive(Args)]
pub struct PingArguments {
    /// The heartbeat's name in the configuration
    name: String,
    /// The job begins
    #[arg(long, group = "kind")]
    start: bool,
    /// The job failed
    #[arg(long, group = "kind")]
    fail: bool,
    /// The job ended with this code; 0 is success
    #[arg(long, group = "kind", value_name = "CODE")]
    exit: Option<u8>,
    /// Which run, where several are under way at the same time
    #[arg(long, value_name = "ID")]
    run: Option<String>,
    /// What the job says
    #[arg(long, default_value = "")]
    text: String,
}

/// What can be asked of heartbeats.
#[derive(Subcommand)]
pub enum HeartbeatCommand {
    /// List the jobs that must give a sign of life
    List,
}

/// `hikeshi report`
pub fn report(common: &Common, ask: &ReportArguments) -> Done {
    let kept = if ask.mail {
        hand_in_mail(common, ask.service.as_deref())?
    } else {
        let body = json!({"from": ask.from, "text": ask.text, "service": ask.service});
        Client::find(common)?.post("/api/v1/reports", body)?
    };
    present(common, &kept, |kept| match kept["incident"].as_u64() {
        Some(incident) => say!("INC-{incident}"),
        None if kept["position"].is_null() => {
            say!("{}", pick("自動送信メールのため対象外です", "an automatic mail is no report"));
        }
        None => say!("{}", pick("記録しました", "done")),
    })
}

/// Hands in the mail on standard input. Only what the server refuses is refused: everything else may be well again when
/// the mail server tries once more.
fn hand_in_mail(common: &Common, service: Option<&str>) -> Result<Value, Trouble> {
    let mail = read_mail(io::stdin().lock()).map_err(|error| {
        let said = Said::new(
            format!("メールを読めません: {error}"),
            format!("the mail cannot be read: {error}"),
        );
        Trouble::unusable(said).worth_a_retry()
    })?;
    let client = Client::find(common).map_err(Trouble::worth_a_retry)?;
    let about = service.map(|name| format!("?service={}", escaped(name))).unwrap_or_default();
    let kept = client.post_mail(&format!("/api/v1/reports/mail{about}"), mail);
    kept.map_err(|trouble| match trouble.code {
        1 => trouble,
        _ => trouble.worth_a_retry(),
    })
}

/// Reads a mail to its end and keeps its beginning: the words come before the pictures.
fn read_mail(mut input: impl Read) -> io::Result<Vec<u8>> {
    let mut mail = Vec::new();
    input.by_ref().take(MAIL_BYTES).read_to_end(&mut mail)?;
    io::copy(&mut input, &mut io::sink())?;
    Ok(mail)
}

/// `hikeshi ping`
pub fn ping(common: &Common, ask: &PingArguments) -> Done {
    let kind = match (ask.start, ask.fail, ask.exit) {
        (true, ..) => json!("start"),
        (_, true, _) => json!("fail"),
        (_, _, Some(code)) => json!({"exit": code}),
        _ => Value::Null,
    };
    let body = json!({"kind": kind, "run": ask.run, "text": ask.text});
    let path = format!("/api/v1/heartbeats/{}/ping", escaped(&ask.name));
    done(common, &Client::find(common)?.post(&path, body)?)
}

/// `hikeshi heartbeat …`
pub fn heartbeat(common: &Common, command: &HeartbeatCommand) -> Done {
    match command {
        HeartbeatCommand::List => {
            let list = Client::find(common)?.get("/api/v1/heartbeats")?;
            present(common, &list, |list| {
                table(list, &["name", "state", "service", "heard", "succeeded_at", "due_at"])
            })
        }
    }
}
