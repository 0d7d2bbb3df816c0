//! Opens one PostgreSQL session step by step and says which step failed and why.

use crate::{
    outside::shown,
    reach::{self, Wrong},
};
use domain::said::Said;
use egress::tls;
use secrets::Reader;
use source::{Fields, Problems, Secret};
use std::{error::Error, io, time::Duration};
use tokio::{
    net::TcpStream,
    task::JoinHandle,
    time::{Instant, timeout},
};
use tokio_postgres::{Client, Config, NoTls, config::SslMode, error::SqlState};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long a session may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(1);

/// Where to log in.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub host: String,
    pub port: u16,
    pub user: String,
    pub database: String,
    pub password: Option<Secret>,
    pub tls: Tls,
}

impl Target {
    /// Takes `host`, `port`, `user`, `database`, `tls`, and `password`, `password_env` or `password_file`.
    pub fn take(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Self> {
        let host = fields.text_or("host", "127.0.0.1", problems);
        let port = u16::try_from(fields.count_or("port", 5432, problems)).unwrap_or(0);
        if port == 0 {
            let message = Said::new("`port` は 1 から 65535 です", "`port` is 1 to 65535");
            problems.add(fields.place(), message);
        }
        let user = fields.required("user", problems).and_then(|node| node.text(problems));
        let database = fields.text("database", problems);
        let keys = ["password", "password_env", "password_file"];
        let password = Secret::take(fields, keys, problems);
        let tls = Tls::take(fields, problems);
        let user = user?;
        let database = database.unwrap_or_else(|| user.clone());
        Some(Self { host, port, user, database, password, tls: tls? })
    }

    /// `host:port/database`.
    pub fn address(&self) -> String {
        format!("{}:{}/{}", self.host, self.port, self.database)
    }

    /// The secrets in it.
    pub fn secrets(&self) -> Vec<Secret> {
        self.password.clone().into_iter().collect()
    }
}

/// Whether to encrypt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tls {
    /// Never.
    Off,
    /// When the server can and its certificate is good; else without.
    Prefer,
    /// Always, with a good certificate.
    Require,
}

impl Tls {
    fn take(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Self> {
        let Some(node) = fields.optional("tls") else { return Some(Self::Prefer) };
        match node.text(problems)?.as_str() {
            "off" => Some(Self::Off),
            "prefer" => Some(Self::Prefer),
            "require" => Some(Self::Require),
            other => {
                let message = Said::new(
                    format!("`tls` は off, prefer, require のどれかです (`{other}` ではなく)"),
                    format!("`tls` is off, prefer or require, not `{other}`"),
                );
                problems.add(&node.place, message);
                None
            }
        }
    }
}

/// Why there is no session.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The target is not as expected.
    Wrong(Wrong),
    /// The probe itself could not look.
    Failed(Said),
}

impl From<Wrong> for Stop {
    fn from(wrong: Wrong) -> Self {
        Self::Wrong(wrong)
    }
}

impl From<Stop> for Wrong {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Wrong(wrong) => wrong,
            Stop::Failed(why) => Self::new("not_looked", why),
        }
    }
}

/// How long each step took, in the order of the steps.
#[derive(Clone, Debug, Default)]
pub(crate) struct Steps {
    done: Vec<(&'static str, f64)>,
    now: Option<(&'static str, Instant)>,
}

impl Steps {
    /// Ends the step before and begins this one.
    pub fn begin(&mut self, step: &'static str) {
        self.end();
        self.now = Some((step, Instant::now()));
    }

    /// Ends the last step.
    pub fn end(&mut self) {
        if let Some((step, begun)) = self.now.take() {
            self.done.push((step, begun.elapsed().as_secs_f64() * 1000.0));
        }
    }

    /// The step that has begun and not ended.
    pub fn unfinished(&self) -> &'static str {
        self.now.map_or("end", |(step, _)| step)
    }

    /// The finished steps with their milliseconds.
    pub fn done(&self) -> &[(&'static str, f64)] {
        &self.done
    }
}

/// A session; dropped, it is closed whatever the server does.
pub(crate) struct Session {
    client: Option<Client>,
    connection: JoinHandle<()>,
}

impl Session {
    /// The session's client.
    pub fn client(&self) -> &Client {
        self.client.as_ref().expect("taken only by close, which ends the session")
    }

    /// Says goodbye, so that the server does not have to guess.
    pub async fn close(mut self) {
        self.client = None;
        let _ = timeout(GOODBYE, &mut self.connection).await;
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.connection.abort();
    }
}

/// Resolves, connects, encrypts and authenticates.
pub(crate) async fn open(
    reader: &Reader,
    target: &Target,
    steps: &mut Steps,
) -> Result<Session, Stop> {
    let mut config = Config::new();
    config.user(&target.user).dbname(&target.database).application_name("hikeshi");
    if let Some(password) = &target.password {
        steps.begin("secret");
        config.password(
            reader.read(password).await.map_err(|why| Stop::Failed(why.into()))?.reveal(),
        );
    }
    steps.begin("resolve");
    let addresses = reach::resolve(&target.host, target.port).await?;
    steps.begin("connect");
    let stream = reach::connect(&addresses).await?;
    steps.begin("authenticate");
    if target.tls == Tls::Off {
        return plain(&mut config, stream).await;
    }
    let mode = if target.tls == Tls::Require { SslMode::Require } else { SslMode::Prefer };
    match encrypted(config.ssl_mode(mode), &target.host, stream).await {
        Err(Stop::Failed(_)) if target.tls == Tls::Prefer => {}
        Err(Stop::Wrong(wrong)) if target.tls == Tls::Prefer && wrong.cause == "tls" => {}
        outcome => return outcome,
    }
    plain(&mut config, reach::connect(&addresses).await?).await
}

async fn plain(config: &mut Config, stream: TcpStream) -> Result<Session, Stop> {
    let opened = config.ssl_mode(SslMode::Disable).connect_raw(stream, NoTls).await;
    let (client, connection) = opened.map_err(|error| wrong(&error))?;
    Ok(Session { client: Some(client), connection: tokio::spawn(async { drop(connection.await) }) })
}

async fn encrypted(config: &Config, host: &str, stream: TcpStream) -> Result<Session, Stop> {
    let mut make = MakeRustlsConnect::new(tls::config().map_err(|why| Stop::Failed(why.into()))?);
    let connector =
        tokio_postgres::tls::MakeTlsConnect::<TcpStream>::make_tls_connect(&mut make, host);
    let connector = connector.map_err(|error| Wrong::new("tls", error.to_string()))?;
    let (client, connection) =
        config.connect_raw(stream, connector).await.map_err(|error| wrong(&error))?;
    Ok(Session { client: Some(client), connection: tokio::spawn(async { drop(connection.await) }) })
}

/// What an error of the client says about the database.
pub(crate) fn wrong(error: &tokio_postgres::Error) -> Wrong {
    if let Some(refusal) = error.as_db_error() {
        let cause = cause(refusal.code());
        return Wrong::new(
            cause,
            format!("{} ({})", shown(refusal.message()), refusal.code().code()),
        );
    }
    let text = error.to_string();
    let mut next: Option<&(dyn Error + 'static)> = error.source();
    while let Some(source) = next {
        if source.is::<rustls::Error>() {
            return Wrong::new("tls", shown(&source.to_string()));
        }
        if let Some(io) = source.downcast_ref::<io::Error>()
            && io.get_ref().is_none()
        {
            return Wrong::from_io(io);
        }
        next = source.source();
    }
    // The client tells the rest apart only in words.
    let cause = match text.as_str() {
        text if text.contains("TLS") => "tls",
        text if text.contains("authentication") || text.contains("password") => "auth",
        _ if error.is_closed() => "reset",
        _ => "garbage",
    };
    Wrong::new(cause, shown(&text))
}

fn cause(code: &SqlState) -> &'static str {
    match *code {
        SqlState::INVALID_PASSWORD | SqlState::INVALID_AUTHORIZATION_SPECIFICATION => "auth",
        SqlState::TOO_MANY_CONNECTIONS => "too_many_clients",
        SqlState::INVALID_CATALOG_NAME => "no_database",
        SqlState::CANNOT_CONNECT_NOW | SqlState::ADMIN_SHUTDOWN | SqlState::CRASH_SHUTDOWN => {
            "starting"
        }
        SqlState::READ_ONLY_SQL_TRANSACTION => "read_only",
        SqlState::DISK_FULL => "disk_full",
        SqlState::INSUFFICIENT_PRIVILEGE => "privilege",
        SqlState::QUERY_CANCELED => "timeout",
        _ => "query",
    }
}
