//! The address: connections are taken, encrypted where there is a certificate, and their requests answered.

use crate::{
    tls::Tls,
    way::{self, Peer},
};
use axum::{
    Router,
    extract::connect_info::Connected,
    middleware,
    serve::{IncomingStream, Listener},
};
use ipnet::IpNet;
use std::{future, io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::timeout,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// How long somebody may take to say which keys they want to use.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Connections that are ready and wait to be taken.
const WAITING: usize = 64;
/// The first byte of TLS: a handshake (RFC 8446, 5.1).
const TLS_BEGINS: u8 = 22;
/// For whoever forgets the `s`.
const PLAIN: &[u8] =
    b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\nconnection: close\r\n\
content-length: 34\r\n\r\nThis port speaks HTTPS: https://\r\n";

/// Answers requests until the process ends.
///
/// # Errors
/// Never: connections fail one by one.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    tls: Option<Arc<Tls>>,
    proxies: Arc<[IpNet]>,
) -> io::Result<()> {
    let router = router.layer(middleware::from_fn_with_state(proxies, way::find));
    let service = router.into_make_service_with_connect_info::<Peer>();
    match tls {
        None => axum::serve(listener, service).await,
        Some(tls) => axum::serve(Encrypted::new(listener, tls)?, service).await,
    }
}

impl Connected<IncomingStream<'_, TcpListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TcpListener>) -> Self {
        Self { address: stream.remote_addr().ip(), is_secure: false }
    }
}

impl Connected<IncomingStream<'_, Encrypted>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Encrypted>) -> Self {
        Self { address: stream.remote_addr().ip(), is_secure: true }
    }
}

type Ready = (TlsStream<TcpStream>, SocketAddr);

/// Connections whose keys are agreed upon: whoever is slow at that holds up nobody else.
struct Encrypted {
    ready: mpsc::Receiver<Ready>,
    local: SocketAddr,
}

impl Encrypted {
    fn new(listener: TcpListener, tls: Arc<Tls>) -> io::Result<Self> {
        let local = listener.local_addr()?;
        let (send, ready) = mpsc::channel(WAITING);
        tokio::spawn(take(listener, tls, send));
        Ok(Self { ready, local })
    }
}

impl Listener for Encrypted {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> Ready {
        match self.ready.recv().await {
            Some(ready) => ready,
            // Nobody takes connections any more: the process ends.
            None => future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.local)
    }
}

async fn take(mut listener: TcpListener, tls: Arc<Tls>, ready: mpsc::Sender<Ready>) {
    while !ready.is_closed() {
        // Waits by itself when there are too many open files.
        let (stream, from) = Listener::accept(&mut listener).await;
        let (acceptor, ready) = (TlsAcceptor::from(tls.config()), ready.clone());
        tokio::spawn(async move {
            match timeout(HANDSHAKE, agree(acceptor, stream)).await {
                Ok(Ok(Some(stream))) => drop(ready.send((stream, from)).await),
                Ok(Ok(None)) | Err(_) => {}
                Ok(Err(error)) => tracing::debug!("{from}: no TLS: {error}"),
            }
        });
    }
}

/// None: they speak plain HTTP, and were told.
async fn agree(
    acceptor: TlsAcceptor,
    mut stream: TcpStream,
) -> io::Result<Option<TlsStream<TcpStream>>> {
    let mut first = [0];
    if stream.peek(&mut first).await? == 1 && first[0] != TLS_BEGINS {
        // What is not read would make the answer get lost.
        let mut request = [0; 4096];
        let _ = stream.read(&mut request).await?;
        stream.write_all(PLAIN).await?;
        stream.shutdown().await?;
        return Ok(None);
    }
    acceptor.accept(stream).await.map(Some)
}
