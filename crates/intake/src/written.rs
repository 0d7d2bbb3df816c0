//! Requests written down as text, as golden files and fuzzers have them: a line such as `POST /v2/enqueue?a=b`, headers,
//! an empty line, the body.

use crate::request::Request;

/// Takes a written request apart. Bytes without a head are the body of a `POST` to `path`.
pub fn with_request<T>(path: &str, bytes: &[u8], read: impl FnOnce(&Request) -> T) -> T {
    let (head, body) = split_head(bytes).unwrap_or((String::new(), bytes));
    let mut lines = head.lines();
    let (method, target) =
        lines.next().and_then(|line| line.split_once(' ')).unwrap_or(("POST", path));
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim()))
        .collect();
    let find = |name: &str| headers.iter().find(|(other, _)| other == name).map(|(_, v)| *v);
    let content_type = find("content-type");
    read(&Request { method, path, query, content_type, headers: &find, body })
}

fn split_head(bytes: &[u8]) -> Option<(String, &[u8])> {
    let starts = ["GET /", "HEAD /", "POST /", "PUT /", "PATCH /", "DELETE /"];
    let has_head = starts.iter().any(|start| bytes.starts_with(start.as_bytes()));
    let end = bytes.windows(2).position(|pair| pair == b"\n\n").filter(|_| has_head)?;
    Some((String::from_utf8_lossy(&bytes[..end]).into_owned(), &bytes[end + 2..]))
}
