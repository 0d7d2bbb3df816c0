//! Detector `bulk_export`: one client that carries away more than its share through export routes.

use super::{
    clients::Clients,
    detector::{Detector, Found, Limit, Row, Trail, and_others, worst},
    request::Request,
    tally::{Counts, Tally},
};
use domain::said::Said;
use jiff::{SignedDuration, Timestamp};
use source::{Fields, Problems};

pub(crate) const ROW: Row = Row { name: "bulk_export", parse };

#[derive(Clone, Debug)]
struct BulkExport {
    limit: Limit,
    limit_bytes: u64,
    clients: Clients<Tally>,
    trail: Trail,
}

fn parse(fields: &mut Fields<'_>, most: usize, problems: &mut Problems) -> Box<dyn Detector> {
    let limit = Limit::take((100, SignedDuration::from_mins(10)), fields, problems);
    let bytes = fields.optional("limit_bytes").and_then(|node| node.bytes(problems));
    let (clients, trail) = (Clients::new(most), Trail::default());
    Box::new(BulkExport { limit, limit_bytes: bytes.unwrap_or(100 << 20), clients, trail })
}

impl Detector for BulkExport {
    fn fresh(&self) -> Box<dyn Detector> {
        Box::new(self.clone())
    }

    fn see(&mut self, request: &Request) {
        if request.is_export && request.is_done() {
            let counts = Counts { requests: 1, hits: 0, bytes: request.bytes };
            self.clients.of(&request.client, request.at).add(request.at, self.limit.window, counts);
            self.trail.keep(request);
        }
    }

    fn found(&mut self, now: Timestamp) -> Found {
        let (Limit { count: limit, window }, limit_bytes) = (self.limit, self.limit_bytes);
        self.clients.keep_window(now, window);
        let sums = self.clients.iter().map(|(client, tally)| (client, tally.sum(now, window)));
        let over = sums.filter(|(_, sum)| sum.requests >= limit || sum.bytes >= limit_bytes);
        let Some((client, sum, count)) = worst(over, |sum| sum.bytes) else {
            return Found::Nothing;
        };
        let (others, within) = (and_others(count), self.limit.within());
        let trail = self.trail.of(client);
        let evidence = Said::new(
            format!(
                "{client}: エクスポート {} 回・{} バイト、{} (上限 {limit} 回、{limit_bytes} バイト){}: {trail}",
                sum.requests, sum.bytes, within.ja, others.ja
            ),
            format!(
                "{client}: {} exports with {} bytes {} (limit {limit} exports, {limit_bytes} bytes){}: {trail}",
                sum.requests, sum.bytes, within.en, others.en
            ),
        );
        Found::Suspect { client: Some(client.to_owned()), evidence }
    }

    fn forgotten(&self) -> u64 {
        self.clients.forgotten()
    }
}
