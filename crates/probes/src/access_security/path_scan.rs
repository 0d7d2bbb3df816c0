//! Detector `path_scan`: one client that asks for many different paths that are not there.

use super::{
    clients::Clients,
    detector::{Detector, Found, Limit, Row, Trail, and_others, worst},
    request::Request,
};
use domain::said::Said;
use jiff::{SignedDuration, Timestamp};
use source::{Fields, Problems};
use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
};

pub(crate) const ROW: Row = Row { name: "path_scan", parse };

#[derive(Clone, Debug)]
struct PathScan {
    limit: Limit,
    clients: Clients<Paths>,
    trail: Trail,
    hasher: RandomState,
}

/// When each path was last asked for, by its hash.
#[derive(Clone, Debug, Default)]
struct Paths(HashMap<u64, Timestamp>);

fn parse(fields: &mut Fields<'_>, most: usize, problems: &mut Problems) -> Box<dyn Detector> {
    let limit = Limit::take((30, SignedDuration::from_mins(5)), fields, problems);
    let (trail, hasher) = (Trail::default(), RandomState::new());
    Box::new(PathScan { limit, clients: Clients::new(most), trail, hasher })
}

impl Paths {
    /// Twice the limit is enough to know.
    fn add(&mut self, path: u64, at: Timestamp, limit: &Limit) {
        let most = usize::try_from(limit.count.saturating_mul(2)).unwrap_or(usize::MAX);
        if self.0.len() >= most && !self.0.contains_key(&path) {
            self.0.retain(|_, seen| at.duration_since(*seen) <= limit.window);
        }
        if self.0.len() < most || self.0.contains_key(&path) {
            self.0.insert(path, at);
        }
    }

    fn count(&self, now: Timestamp, window: SignedDuration) -> u64 {
        self.0.values().filter(|seen| now.duration_since(**seen) <= window).count() as u64
    }
}

impl Detector for PathScan {
    fn fresh(&self) -> Box<dyn Detector> {
        Box::new(self.clone())
    }

    fn see(&mut self, request: &Request) {
        if !matches!(request.status, 404 | 410) {
            return;
        }
        let path = self.hasher.hash_one(&request.path);
        self.clients.of(&request.client, request.at).add(path, request.at, &self.limit);
        self.trail.keep(request);
    }

    fn found(&mut self, now: Timestamp) -> Found {
        let Limit { count: limit, window } = self.limit;
        self.clients.keep_window(now, window);
        let counts = self.clients.iter().map(|(client, paths)| (client, paths.count(now, window)));
        let over = counts.filter(|(_, paths)| *paths >= limit);
        let Some((client, paths, count)) = worst(over, |paths| *paths) else {
            return Found::Nothing;
        };
        let others = and_others(count);
        let (within, trail) = (self.limit.within(), self.trail.of(client));
        let evidence = Said::new(
            format!(
                "{client}: 存在しないパスを {paths} 種類以上、{} (上限 {limit}){}: {trail}",
                within.ja, others.ja
            ),
            format!(
                "{client}: {paths} or more different paths that are not there {} (limit {limit}){}: {trail}",
                within.en, others.en
            ),
        );
        Found::Suspect { client: Some(client.to_owned()), evidence }
    }

    fn forgotten(&self) -> u64 {
        self.clients.forgotten()
    }
}
