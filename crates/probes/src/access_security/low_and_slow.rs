//! Detector `low_and_slow`: many clients that each fail a few times at one login route, and hardly anybody gets in.

use super::{
    clients::Clients,
    detector::{Detector, Found, Limit, Row, Trail},
    request::Request,
    tally::{Counts, Tally},
};
use domain::said::Said;
use jiff::{SignedDuration, Timestamp};
use source::{Fields, Problems};
use std::collections::{BTreeMap, HashMap};

pub(crate) const ROW: Row = Row { name: "low_and_slow", parse };

#[derive(Clone, Debug)]
struct LowAndSlow {
    /// Clients, not requests.
    limit: Limit,
    /// Who fails more often than this is `brute_force`.
    each: u64,
    /// So many of a hundred attempts of all clients fail: where most get in, people just mistype.
    share_percent: f64,
    most: usize,
    /// By login route.
    routes: BTreeMap<usize, Attempts>,
    trail: Trail,
}

#[derive(Clone, Debug)]
struct Attempts {
    all: Tally,
    /// Who failed, and how often as hits.
    clients: Clients<Tally>,
}

fn parse(fields: &mut Fields<'_>, most: usize, problems: &mut Problems) -> Box<dyn Detector> {
    let limit = Limit::take((30, SignedDuration::from_hours(1)), fields, problems);
    let each = fields.count_or("each", 10, problems).max(1);
    let share_percent = fields.number_or("share_percent", 60.0, problems);
    let (routes, trail) = (BTreeMap::new(), Trail::default());
    Box::new(LowAndSlow { limit, each, share_percent, most, routes, trail })
}

impl Detector for LowAndSlow {
    fn fresh(&self) -> Box<dyn Detector> {
        Box::new(self.clone())
    }

    fn see(&mut self, request: &Request) {
        let (Some(route), is_failure) = (request.login, request.is_failed_login()) else { return };
        if !is_failure && !request.is_write {
            return;
        }
        let most = self.most;
        let attempts = self
            .routes
            .entry(route)
            .or_insert_with(|| Attempts { all: Tally::default(), clients: Clients::new(most) });
        let counts = Counts { requests: 1, hits: u64::from(is_failure), bytes: 0 };
        attempts.all.add(request.at, self.limit.window, counts);
        if is_failure {
            let own = attempts.clients.of(&request.client, request.at);
            own.add(request.at, self.limit.window, counts);
            self.trail.keep(request);
        }
    }

    fn found(&mut self, now: Timestamp) -> Found {
        let (Limit { count: limit, window }, share) = (self.limit, self.share_percent);
        for attempts in self.routes.values_mut() {
            attempts.clients.keep_window(now, window);
            let all = attempts.all.sum(now, window);
            let sums = attempts.clients.iter();
            let low: HashMap<&str, u64> = sums
                .map(|(client, tally)| (client, tally.sum(now, window).hits))
                .filter(|(_, failures)| (1..=self.each).contains(failures))
                .collect();
            let is_refused = 100.0 * all.hits as f64 >= share * all.requests as f64;
            if low.len() as u64 >= limit && is_refused {
                let (clients, each, within) = (low.len(), self.each, self.limit.within());
                let trail = self.trail.of_some(&low);
                let evidence = Said::new(
                    format!(
                        "{clients} クライアントがログインに失敗、各 {each} 回以下、{}。試行は全体で {} 回中 {} 回が失敗 (上限 {limit} クライアント、{share} %): {trail}",
                        within.ja, all.requests, all.hits
                    ),
                    format!(
                        "{clients} clients failed to sign in, each at most {each} times, {}; {} of {} attempts failed in all (limit {limit} clients, {share} %): {trail}",
                        within.en, all.hits, all.requests
                    ),
                );
                return Found::Suspect { client: None, evidence };
            }
        }
        Found::Nothing
    }

    fn forgotten(&self) -> u64 {
        self.routes.values().map(|attempts| attempts.clients.forgotten()).sum()
    }
}
