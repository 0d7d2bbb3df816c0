//! `logs access`: the requests of the access logs by their status field, grouped by client, path and status (A65).

use crate::cleaner::Cleaner;
use jiff::{SignedDuration, Timestamp};
use probes::requests::{AccessLog, Request};
use serde::Serialize;
use std::collections::BTreeMap;

/// More groups than this nobody reads; the rest is one group.
const GROUPS: usize = 1000;
const OTHERS: &str = "(others)";

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct AccessAsked {
    /// Only POST, PUT, PATCH and DELETE whose status is neither 2xx nor 3xx.
    pub writes_failed: bool,
    /// Only requests that are younger.
    pub since: Option<SignedDuration>,
    /// The time now.
    pub now: Timestamp,
}

/// What was found.
#[derive(Clone, Debug, Serialize)]
pub struct Access {
    /// How many requests.
    pub total: u64,
    /// How many of each status.
    pub by_status: BTreeMap<u16, u64>,
    /// Who asked for what and got which status, the most frequent first.
    pub groups: Vec<AccessGroup>,
    /// Where was looked.
    pub sources: Vec<AccessSource>,
}

/// Requests of one client for one path with one status.
#[derive(Clone, Debug, Serialize)]
pub struct AccessGroup {
    /// Who.
    pub client: String,
    /// `POST` and so on.
    pub method: String,
    /// What was asked for, without its query.
    pub path: String,
    /// The status field; nothing for what is put together because it is too much.
    pub status: Option<u16>,
    /// How many.
    pub count: u64,
    /// The first.
    pub first: Timestamp,
    /// The last.
    pub last: Timestamp,
}

/// One access log.
#[derive(Clone, Debug, Serialize)]
pub struct AccessSource {
    /// Its path.
    pub path: String,
    /// How many of its requests were wanted.
    pub requests: u64,
    /// Why it could not be read.
    pub error: Option<String>,
}

type Key = (String, String, String, Option<u16>);

/// Reads the logs.
pub fn access(logs: &[AccessLog], wanted: &AccessAsked, cleaner: &Cleaner) -> Access {
    let mut groups: BTreeMap<Key, AccessGroup> = BTreeMap::new();
    let mut by_status: BTreeMap<u16, u64> = BTreeMap::new();
    let mut sources = Vec::new();
    for log in logs {
        let mut count = 0;
        let read = log.read(|request| {
            if is_wanted(&request, wanted) {
                count += 1;
                *by_status.entry(request.status).or_default() += 1;
                take(&mut groups, request, cleaner);
            }
        });
        let path = log.path().display().to_string();
        sources.push(AccessSource { path, requests: count, error: read.err().map(|why| why.en) });
    }
    let mut groups: Vec<AccessGroup> = groups.into_values().collect();
    groups.sort_by(|a, b| b.count.cmp(&a.count).then(a.first.cmp(&b.first)));
    let total = sources.iter().map(|source| source.requests).sum();
    Access { total, by_status, groups, sources }
}

fn is_wanted(request: &Request, wanted: &AccessAsked) -> bool {
    let is_young = wanted.since.is_none_or(|since| wanted.now.duration_since(request.at) <= since);
    is_young && (!wanted.writes_failed || request.is_failed_write)
}

fn take(groups: &mut BTreeMap<Key, AccessGroup>, request: Request, cleaner: &Cleaner) {
    let Request { client, method, path, status, at, .. } = request;
    let mut key = (client, method, path, Some(status));
    if groups.len() >= GROUPS && !groups.contains_key(&key) {
        key = (OTHERS.into(), OTHERS.into(), OTHERS.into(), None);
    }
    let group = groups.entry(key).or_insert_with_key(|(client, method, path, status)| {
        let clean = |text: &String| cleaner.clean(text);
        let (client, method, path) = (clean(client), clean(method), clean(path));
        AccessGroup { client, method, path, status: *status, count: 0, first: at, last: at }
    });
    group.count += 1;
    group.first = group.first.min(at);
    group.last = group.last.max(at);
}
