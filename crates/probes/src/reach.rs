//! Names and connections: where a target is, and why it cannot be reached.

use domain::said::Said;
use std::{io, net::SocketAddr};
use tokio::net::{TcpStream, lookup_host};

/// Why a target does not do what is expected: a short word for rules, a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// `dns`, `refused`, `timeout` and so on.
    pub cause: &'static str,
    /// What was seen.
    pub detail: Said,
}

impl Wrong {
    pub fn new(cause: &'static str, detail: impl Into<Said>) -> Self {
        Self { cause, detail: detail.into() }
    }

    /// The word and the sentence.
    pub fn said(&self) -> Said {
        self.detail.within(|why| format!("{}: {why}", self.cause))
    }

    /// What a failed connection or transfer says about the target.
    pub fn from_io(error: &io::Error) -> Self {
        use io::ErrorKind as Kind;
        let (cause, detail) = match error.kind() {
            Kind::ConnectionRefused => (
                "refused",
                Said::new("接続を拒否されました (connection refused)", "connection refused"),
            ),
            Kind::TimedOut => (
                "timeout",
                Said::new("接続が時間切れです (connection timed out)", "connection timed out"),
            ),
            Kind::ConnectionReset
            | Kind::ConnectionAborted
            | Kind::BrokenPipe
            | Kind::UnexpectedEof => {
                ("reset", Said::new("接続が途中で切れました", "the connection was closed half-way"))
            }
            Kind::HostUnreachable | Kind::NetworkUnreachable | Kind::NetworkDown => (
                "unreachable",
                Said::new("ホストへの経路がありません (no route to host)", "no route to the host"),
            ),
            _ => return Self::new("unreachable", error.to_string()),
        };
        Self::new(cause, detail)
    }
}

/// The addresses of a host.
pub(crate) async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, Wrong> {
    match lookup_host((host, port)).await {
        Ok(addresses) => {
            let addresses: Vec<_> = addresses.collect();
            if addresses.is_empty() {
                Err(Wrong::new(
                    "dns",
                    Said::new(
                        format!("`{host}` のアドレスがありません"),
                        format!("`{host}` has no address"),
                    ),
                ))
            } else {
                Ok(addresses)
            }
        }
        Err(error) => Err(Wrong::new(
            "dns",
            Said::new(
                format!("`{host}` のアドレスがありません: {error}"),
                format!("`{host}` has no address: {error}"),
            ),
        )),
    }
}

/// Connects to the first address that answers; the last failure counts.
pub(crate) async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, Wrong> {
    let mut wrong = Wrong::new("dns", Said::new("アドレスがありません", "no address"));
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => wrong = Wrong::from_io(&error),
        }
    }
    Err(wrong)
}
