//! `database.reconnect`: tries to connect and log in, with growing waits, until it works or the tries are used up.

use crate::call::{Argument, Call, Done, Looks, Verb, flag};
use domain::{
    graph::Service,
    plan::{EffectKind, Outcome},
    said::Said,
};
use futures::FutureExt;
use std::time::Duration;
use tokio::{
    net::TcpStream,
    time::{Instant, sleep_until, timeout_at},
};

/// Tries to reconnect to a database (B16, A57: the pool is reset only after the database answers).
pub const VERB: Verb = Verb {
    name: "database.reconnect",
    summary: (
        "データベースへの接続とログインを、間隔を延ばしながら試す",
        "tries to connect and log in to the database with growing waits",
    ),
    effect: EffectKind::Read,
    arguments: &[
        Argument { name: "attempts", kind: "int", bounds: Some((1, 100)) },
        Argument { name: "first_wait_ms", kind: "int", bounds: Some((1, 60_000)) },
        Argument { name: "longest_wait_ms", kind: "int", bounds: Some((1, 60_000)) },
    ],
    example: "```action {name=reconnect timeout=60s}\ndatabase.reconnect\nattempts: 10\n```",
    verify: None,
    undo: None,
    perform: |call| perform(call).boxed(),
};

/// One try may take this long.
const TRY_TIMEOUT: Duration = Duration::from_secs(5);

async fn perform(call: Call<'_>) -> Done {
    let target = match Target::of(&call) {
        Ok(target) => target,
        Err(why) => return Done::blocked(&why),
    };
    let attempts = call.count("attempts", 10);
    let mut wait = Duration::from_millis(call.count("first_wait_ms", 500).into());
    let longest = Duration::from_millis(call.count("longest_wait_ms", 5000).into());
    let mut log = String::new();
    for attempt in 1..=attempts {
        let until = call.deadline.min(Instant::now() + TRY_TIMEOUT);
        let result = timeout_at(until, target.connect(call.service)).await;
        let why = match result {
            Ok(Ok(())) => {
                log.push_str(&format!("attempt {attempt}: connected\n"));
                return Done::new(Outcome::Ok, log)
                    .with("attempts", attempt)
                    .with("connected", true);
            }
            Ok(Err(why)) => why,
            Err(_) => Said::new("時間内に応答なし", "no answer in time"),
        };
        log.push_str(&format!("attempt {attempt}: {}\n", why.en));
        let next = Instant::now() + wait;
        if attempt == attempts || next >= call.deadline {
            let name = &call.service.name;
            let why = Said::new(
                format!("{name} に {attempt} 回試しましたが接続できません: {}", why.ja),
                format!("no connection to {name} after {attempt} attempts: {}", why.en),
            );
            return Done::new(Outcome::Failed(why), log)
                .with("attempts", attempt)
                .with("connected", false);
        }
        sleep_until(next).await;
        wait = (wait * 2).min(longest);
    }
    Done::failed(Said::new("試行回数が 0 です", "no attempt was allowed"))
}

/// How the database is tried.
enum Target<'a> {
    /// As its probes do, with a login.
    Login(&'a dyn Looks),
    /// Only the connection.
    Tcp(String, u16),
}

/// The probes that log in.
const LOGINS: &[&str] = &["postgres"];

impl<'a> Target<'a> {
    /// With a login where a probe knows how; else the connection alone is tried.
    fn of(call: &Call<'a>) -> Result<Self, Said> {
        let looks = call.deps.looks.as_ref();
        if !looks.knows(&call.service.name, LOGINS) {
            return address(call.service).map(|(host, port)| Self::Tcp(host, port));
        }
        Ok(Self::Login(looks))
    }

    async fn connect(&self, service: &Service) -> Result<(), Said> {
        match self {
            Self::Login(looks) => {
                let seen = looks.look(&service.name, LOGINS).await;
                let bad = seen.iter().find(|seen| flag(seen, "up") != Some(true));
                bad.map_or(Ok(()), |seen| {
                    Err(seen
                        .detail
                        .clone()
                        .unwrap_or_else(|| Said::new("稼働していません", "not up")))
                })
            }
            Self::Tcp(host, port) => {
                let connected = TcpStream::connect((host.as_str(), *port)).await;
                connected.map(drop).map_err(|error| format!("{host}:{port}: {error}").into())
            }
        }
    }
}

fn address(service: &Service) -> Result<(String, u16), Said> {
    let need = |name: &str| {
        service.attribute(name).map(|parameter| parameter.value.clone()).ok_or_else(|| {
            Said::new(
                format!(
                    "`{}` に `{name}` がありません。サービスに `{name}:` を書いてください",
                    service.name
                ),
                format!("`{}` has no `{name}`; add `{name}:` to the service", service.name),
            )
        })
    };
    let (host, port) = (need("host")?, need("port")?);
    let number = port.parse().map_err(|_| {
        Said::new(
            format!("`{}` の `port` が番号ではありません", service.name),
            format!("the `port` of `{}` is not a number", service.name),
        )
    })?;
    Ok((host, number))
}
