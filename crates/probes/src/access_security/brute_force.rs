//! Detector `brute_force`: one client that fails to sign in again and again.

use super::{
    clients::Clients,
    detector::{Detector, Found, Limit, Row, Trail, and_others, worst},
    request::Request,
    tally::{Counts, Tally},
};
use domain::said::Said;
use jiff::{SignedDuration, Timestamp};
use source::{Fields, Problems};

pub(crate) const ROW: Row = Row { name: "brute_force", parse };

#[derive(Clone, Debug)]
struct BruteForce {
    limit: Limit,
    /// Attempts, and those that failed as hits.
    clients: Clients<Tally>,
    trail: Trail,
}

fn parse(fields: &mut Fields<'_>, most: usize, problems: &mut Problems) -> Box<dyn Detector> {
    let limit = Limit::take((20, SignedDuration::from_mins(5)), fields, problems);
    Box::new(BruteForce { limit, clients: Clients::new(most), trail: Trail::default() })
}

impl Detector for BruteForce {
    fn fresh(&self) -> Box<dyn Detector> {
        Box::new(self.clone())
    }

    fn see(&mut self, request: &Request) {
        let is_failure = request.is_failed_login();
        // Who only looks at the page attempts nothing.
        let is_attempt = is_failure || (request.login.is_some() && request.is_write);
        if !is_attempt {
            return;
        }
        let counts = Counts { requests: 1, hits: u64::from(is_failure), bytes: 0 };
        self.clients.of(&request.client, request.at).add(request.at, self.limit.window, counts);
        if is_failure {
            self.trail.keep(request);
        }
    }

    fn found(&mut self, now: Timestamp) -> Found {
        let Limit { count: limit, window } = self.limit;
        self.clients.keep_window(now, window);
        let sums = self.clients.iter().map(|(client, tally)| (client, tally.sum(now, window)));
        let over = sums.filter(|(_, sum)| sum.hits >= limit);
        let Some((client, sum, count)) = worst(over, |sum| sum.hits) else { return Found::Nothing };
        let others = and_others(count);
        let within = self.limit.within();
        let trail = self.trail.of(client);
        let evidence = Said::new(
            format!(
                "{client}: ログイン試行 {1} 回中 {0} 回が失敗、{2} (上限 {limit}){3}: {trail}",
                sum.hits, sum.requests, within.ja, others.ja
            ),
            format!(
                "{client}: {} of {} attempts to sign in failed {} (limit {limit}){}: {trail}",
                sum.hits, sum.requests, within.en, others.en
            ),
        );
        Found::Suspect { client: Some(client.to_owned()), evidence }
    }

    fn forgotten(&self) -> u64 {
        self.clients.forgotten()
    }
}
