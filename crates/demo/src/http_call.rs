//! One HTTP request over one fresh connection, as a proxy without keep-alive makes it.

use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use bytes::Bytes;
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// How long the platform's own callers wait for a connection on loopback.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// No answer on this platform is larger, in bytes.
const LARGEST_ANSWER: usize = 4 << 20;

/// A whole answer.
#[derive(Debug)]
pub struct Answer {
    /// Status, headers and body.
    pub response: Response<Bytes>,
    /// How long the connection took.
    pub connect: Duration,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// Nobody listens there; nothing was sent, another server may be asked.
    #[error("cannot connect: {0}")]
    Connect(String),
    /// Nothing came in time.
    #[error("no answer within {} s", .0.as_secs())]
    Timeout(Duration),
    /// The connection broke or what came was not HTTP.
    #[error("broken answer: {0}")]
    Broken(String),
}

/// Sends the request and reads the whole answer, within `timeout` from the first byte sent.
///
/// # Errors
/// [`CallError`]; only after [`CallError::Connect`] is it certain that nobody saw the request.
pub async fn call(
    address: SocketAddr,
    mut request: Request<Body>,
    timeout: Duration,
) -> Result<Answer, CallError> {
    let begun = Instant::now();
    let stream = match tokio::time::timeout(CONNECT_TIMEOUT, TcpStream::connect(address)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return Err(CallError::Connect(error.to_string())),
        Err(_) => return Err(CallError::Connect("timed out".into())),
    };
    let connect = begun.elapsed();
    let headers = request.headers_mut();
    headers.insert(header::CONNECTION, header::HeaderValue::from_static("close"));
    if !headers.contains_key(header::HOST) {
        let host = header::HeaderValue::try_from(address.to_string());
        headers.insert(header::HOST, host.expect("digits, dots and a colon are header text"));
    }
    match tokio::time::timeout(timeout, exchange(stream, request)).await {
        Ok(Ok(response)) => Ok(Answer { response, connect }),
        Ok(Err(reason)) => Err(CallError::Broken(reason)),
        Err(_) => Err(CallError::Timeout(timeout)),
    }
}

/// A GET of `path`, the answer's status and text.
///
/// # Errors
/// As [`call`].
pub async fn get(
    address: SocketAddr,
    path: &str,
    timeout: Duration,
) -> Result<(StatusCode, String), CallError> {
    let request = Request::get(path)
        .body(Body::empty())
        .map_err(|error| CallError::Broken(error.to_string()))?;
    let (head, body) = call(address, request, timeout).await?.response.into_parts();
    Ok((head.status, String::from_utf8_lossy(&body).into_owned()))
}

async fn exchange(stream: TcpStream, request: Request<Body>) -> Result<Response<Bytes>, String> {
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| error.to_string())?;
    // The set aborts the connection when the caller gives up and drops it.
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let response = sender.send_request(request).await.map_err(|error| error.to_string())?;
    let (head, body) = response.into_parts();
    let body = axum::body::to_bytes(Body::new(body), LARGEST_ANSWER)
        .await
        .map_err(|error| error.to_string())?;
    Ok(Response::from_parts(head, body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    async fn server(answer: &'static [u8]) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("listens");
        let address = listener.local_addr().expect("has an address");
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = [0; 1024];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(answer).await;
                if answer.is_empty() {
                    tokio::time::sleep(Duration::from_secs(60)).await;
                }
            }
        });
        address
    }

    #[tokio::test]
    async fn an_answer_is_read_to_its_end() {
        let address = server(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello").await;
        let (status, text) = get(address, "/", Duration::from_secs(10)).await.expect("answers");
        assert_eq!((status, text.as_str()), (StatusCode::OK, "hello"));
    }

    #[tokio::test]
    async fn a_closed_port_a_silent_server_and_garbage_are_three_different_things() {
        let gone = server(b"").await;
        let silent = get(gone, "/", Duration::from_millis(50)).await.expect_err("says nothing");
        assert!(matches!(silent, CallError::Timeout(_)), "{silent}");
        let garbage = server(b"220 smtp ready\r\n").await;
        let broken = get(garbage, "/", Duration::from_secs(10)).await.expect_err("not HTTP");
        assert!(matches!(broken, CallError::Broken(_)), "{broken}");
        let port = TcpListener::bind("127.0.0.1:0").await.expect("listens").local_addr();
        let closed = get(port.expect("an address"), "/", Duration::from_secs(10)).await;
        assert!(matches!(closed, Err(CallError::Connect(_))), "{closed:?}");
    }
}
