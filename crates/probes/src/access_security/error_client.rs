//! Detector `error_client`: one client whose many requests are nearly all refused.

use super::{
    clients::Clients,
    detector::{Detector, Found, Limit, Row, Trail, and_others, worst},
    request::Request,
    tally::{Counts, Tally},
};
use domain::said::Said;
use jiff::{SignedDuration, Timestamp};
use source::{Fields, Problems};

pub(crate) const ROW: Row = Row { name: "error_client", parse };

#[derive(Clone, Debug)]
struct ErrorClient {
    limit: Limit,
    share_percent: f64,
    /// Requests, and those with 4xx as hits.
    clients: Clients<Tally>,
    trail: Trail,
}

fn parse(fields: &mut Fields<'_>, most: usize, problems: &mut Problems) -> Box<dyn Detector> {
    let limit = Limit::take((100, SignedDuration::from_mins(5)), fields, problems);
    let share_percent = fields.number_or("share_percent", 80.0, problems);
    let (clients, trail) = (Clients::new(most), Trail::default());
    Box::new(ErrorClient { limit, share_percent, clients, trail })
}

impl Detector for ErrorClient {
    fn fresh(&self) -> Box<dyn Detector> {
        Box::new(self.clone())
    }

    fn see(&mut self, request: &Request) {
        let is_refused = (400..500).contains(&request.status);
        let counts = Counts { requests: 1, hits: u64::from(is_refused), bytes: 0 };
        self.clients.of(&request.client, request.at).add(request.at, self.limit.window, counts);
        if is_refused {
            self.trail.keep(request);
        }
    }

    fn found(&mut self, now: Timestamp) -> Found {
        let (Limit { count: limit, window }, share) = (self.limit, self.share_percent);
        self.clients.keep_window(now, window);
        let sums = self.clients.iter().map(|(client, tally)| (client, tally.sum(now, window)));
        let over = sums.filter(|(_, sum)| {
            sum.requests >= limit && 100.0 * sum.hits as f64 >= share * sum.requests as f64
        });
        let Some((client, sum, count)) = worst(over, |sum| sum.hits) else { return Found::Nothing };
        let (others, within) = (and_others(count), self.limit.within());
        let trail = self.trail.of(client);
        let evidence = Said::new(
            format!(
                "{client}: リクエスト {1} 件中 {0} 件が 4xx で拒否、{2} (上限 {limit} 件、{share} %){3}: {trail}",
                sum.hits, sum.requests, within.ja, others.ja
            ),
            format!(
                "{client}: {} of {} requests were refused with 4xx {} (limit {limit} requests, {share} %){}: {trail}",
                sum.hits, sum.requests, within.en, others.en
            ),
        );
        Found::Suspect { client: Some(client.to_owned()), evidence }
    }

    fn forgotten(&self) -> u64 {
        self.clients.forgotten()
    }
}
