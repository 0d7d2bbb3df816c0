//! One PostgreSQL as a survey looks at it: step by step, and with queries that can only read.

use crate::{
    login::{self, Session, Steps, Stop, Target, Tls},
    outside::shown,
    pg_statistics,
    reach::{self, Wrong},
    read_only,
};
use domain::{reading::Reading, said::Said};
use egress::tls;
use rustls::pki_types::ServerName;
use secrets::Reader;
use source::Secret;
use std::{fmt, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, timeout},
};
use tokio_rustls::TlsConnector;

pub use crate::read_only::Row;

/// The request for encryption that PostgreSQL's protocol begins with.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

/// The way in to a PostgreSQL database, before anybody takes it.
#[derive(Clone)]
pub struct Entrance(Target);

/// A PostgreSQL database, and who logs in to it.
#[derive(Clone)]
pub struct Database(Target, Reader);

/// One step of the way to an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// `dns`, `tcp`, `tls`, `auth` or `query`.
    pub name: &'static str,
    /// How long it took.
    pub ms: f64,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a step.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It is as it should be; what was seen.
    Good(Said),
    /// It is not; why.
    Bad(Said),
    /// It was not looked at; why.
    NotMeasured(Said),
}

impl fmt::Debug for Entrance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address())
    }
}

impl Entrance {
    pub(crate) fn new(target: Target) -> Self {
        Self(target)
    }

    /// `host:port/database`.
    pub fn address(&self) -> String {
        self.0.address()
    }

    /// The database for somebody who reads its secrets.
    pub fn with(self, reader: Reader) -> Database {
        Database(self.0, reader)
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address())
    }
}

impl Database {
    /// `host:port/database`.
    pub fn address(&self) -> String {
        self.0.address()
    }

    /// The secrets that it is entered with, so that they can be masked elsewhere.
    pub fn secrets(&self) -> Vec<Secret> {
        self.0.secrets()
    }

    /// Goes the whole way, every step within its own limit; the first bad one is the last.
    pub async fn steps(&self, limit: Duration) -> Vec<Step> {
        let mut done = Vec::new();
        // The steps after a bad one would only repeat it.
        let _ = self.go(limit, &mut done).await;
        done
    }

    async fn go(&self, limit: Duration, done: &mut Vec<Step>) -> Result<(), ()> {
        let Target { host, port, .. } = &self.0;
        let resolved = reach::resolve(host, *port);
        let addresses = step("dns", limit, done, resolved, |found| {
            let list: Vec<_> = found.iter().map(|address| address.ip().to_string()).collect();
            Outcome::Good(list.join(", ").into())
        });
        let addresses = addresses.await?;
        let connected = reach::connect(&addresses);
        let stream = step("tcp", limit, done, connected, |stream| {
            let peer = stream.peer_addr().map(|peer| peer.to_string());
            Outcome::Good(peer.map_or_else(|_| Said::new("接続済み", "connected"), Said::from))
        });
        let stream = stream.await?;
        step("tls", limit, done, self.encrypt(stream), Clone::clone).await?;
        let mut steps = Steps::default();
        let session = login::open(&self.1, &self.0, &mut steps);
        let opened = async { session.await.map_err(Wrong::from) };
        let user = Said::new(
            format!("{} としてログイン", self.0.user),
            format!("logged in as {}", self.0.user),
        );
        let session = step("auth", limit, done, opened, |_| Outcome::Good(user)).await?;
        let asked = read_only::rows(&session, "SELECT 1", limit, 1);
        let answered = step("query", limit, done, asked, |_| Outcome::Good("SELECT 1".into()));
        answered.await?;
        session.close().await;
        Ok(())
    }

    /// Whether the server would talk encrypted, and whether it shows a good certificate.
    async fn encrypt(&self, mut stream: TcpStream) -> Result<Outcome, Wrong> {
        if self.0.tls == Tls::Off {
            return Ok(Outcome::NotMeasured(Said::new(
                "`tls: off` の設定です",
                "`tls: off` is configured",
            )));
        }
        let is_required = self.0.tls == Tls::Require;
        stream.write_all(&SSL_REQUEST).await.map_err(|error| Wrong::from_io(&error))?;
        let answer = stream.read_u8().await.map_err(|error| Wrong::from_io(&error))?;
        if answer != b'S' {
            let why =
                Said::new("サーバーが暗号化に対応していません", "the server offers no encryption");
            return if is_required { Err(Wrong::new("tls", why)) } else { Ok(Outcome::Good(why)) };
        }
        let name = ServerName::try_from(self.0.host.clone());
        let name = name.map_err(|error| Wrong::new("tls", error.to_string()))?;
        let config = tls::config().map_err(|why| Wrong::new("tls", why))?;
        match TlsConnector::from(Arc::new(config)).connect(name, stream).await {
            Ok(mut stream) => {
                // Says goodbye; whether the server hears it does not matter.
                let _ = stream.shutdown().await;
                Ok(Outcome::Good(Said::new(
                    "暗号化済み、証明書は正常",
                    "encrypted, with a good certificate",
                )))
            }
            Err(error) if is_required => Err(Wrong::new("tls", shown(&error.to_string()))),
            Err(error) => {
                let why = shown(&error.to_string());
                Ok(Outcome::Good(Said::new(
                    format!("暗号化なし (`tls: prefer` により許容): {why}"),
                    format!("not encrypted, as `tls: prefer` allows: {why}"),
                )))
            }
        }
    }

    /// The first rows of the answer to one statement that can only read.
    ///
    /// # Errors
    /// A sentence: it cannot be reached, refused the query, or was too slow.
    pub async fn ask(&self, sql: &str, most: usize, limit: Duration) -> Result<Vec<Row>, Said> {
        let mut steps = Steps::default();
        let asking = async {
            let session: Session = login::open(&self.1, &self.0, &mut steps).await?;
            steps.begin("query");
            let rows = read_only::rows(&session, sql, limit, most).await;
            session.close().await;
            Ok::<_, Stop>(rows?)
        };
        match timeout(limit, asking).await {
            Ok(Ok(rows)) => Ok(rows),
            Ok(Err(stop)) => {
                let why = Wrong::from(stop).detail;
                Err(why.within(|why| format!("{}: {why}", self.address())))
            }
            Err(_) => {
                let step = steps.unfinished();
                Err(Said::new(
                    format!("{}: {limit:?} 以内に応答なし (段階 {step})", self.address()),
                    format!("{}: no answer within {limit:?} in the step {step}", self.address()),
                ))
            }
        }
    }

    /// What it counts about itself, its sessions and locks, by the names of the readings of `postgres_stats`.
    ///
    /// # Errors
    /// As for [`Database::ask`].
    pub async fn statistics(&self, limit: Duration) -> Result<Vec<(String, Reading)>, Said> {
        let rows = self.ask(pg_statistics::SQL, 1, limit).await?;
        let row = rows.first().ok_or_else(|| {
            Said::new(
                "PostgreSQL にこのデータベースの統計がありません",
                "PostgreSQL has no statistics of this database",
            )
        })?;
        let named = pg_statistics::readings(row);
        Ok(named.map(|(name, reading)| (name.to_owned(), reading)).collect())
    }
}

/// Does one step and notes it; an error is the end of the way.
async fn step<T>(
    name: &'static str,
    limit: Duration,
    done: &mut Vec<Step>,
    doing: impl Future<Output = Result<T, Wrong>>,
    seen: impl FnOnce(&T) -> Outcome,
) -> Result<T, ()> {
    let begun = Instant::now();
    let outcome = match timeout(limit, doing).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(wrong)) => Err(wrong.detail.within(|why| format!("{why} ({})", wrong.cause))),
        Err(_) => Err(Said::new(
            format!("{limit:?} 以内に応答なし (timeout)"),
            format!("no answer within {limit:?} (timeout)"),
        )),
    };
    let ms = begun.elapsed().as_secs_f64() * 1000.0;
    let (outcome, value) = match outcome {
        Ok(value) => (seen(&value), Ok(value)),
        Err(why) => (Outcome::Bad(why), Err(())),
    };
    done.push(Step { name, ms, outcome });
    value
}
