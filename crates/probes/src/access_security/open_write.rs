//! Detector `open_write`: something was changed on an admin route by a client that had not signed in.

use super::{
    clients::Clients,
    detector::{Detector, Found, Limit, Row, Trail, and_others, worst},
    request::Request,
    tally::{Counts, Tally},
};
use crate::access_line::SignedIn;
use domain::said::Said;
use jiff::{SignedDuration, Timestamp};
use source::{Fields, Problems};

pub(crate) const ROW: Row = Row { name: "open_write", parse };

#[derive(Clone, Debug)]
struct OpenWrite {
    limit: Limit,
    /// Whether an empty user means that nobody had signed in: that is so once the log has ever named one.
    names_users: bool,
    /// Whether the log has a field for credentials.
    has_credentials: bool,
    /// Writes without credentials as hits, those with an empty user as requests.
    clients: Clients<Tally>,
    trail: Trail,
}

fn parse(fields: &mut Fields<'_>, most: usize, problems: &mut Problems) -> Box<dyn Detector> {
    let limit = Limit::take((1, SignedDuration::from_mins(10)), fields, problems);
    let names_users = fields.flag_or("log_names_users", false, problems);
    let (clients, trail) = (Clients::new(most), Trail::default());
    Box::new(OpenWrite { limit, names_users, has_credentials: false, clients, trail })
}

impl Detector for OpenWrite {
    fn fresh(&self) -> Box<dyn Detector> {
        Box::new(self.clone())
    }

    fn see(&mut self, request: &Request) {
        let counts = match request.signed_in {
            SignedIn::Yes => {
                self.names_users = true;
                return;
            }
            SignedIn::No => {
                self.has_credentials = true;
                Counts { hits: 1, ..Counts::default() }
            }
            SignedIn::NotSaid => Counts { requests: 1, ..Counts::default() },
        };
        // Whoever signs in has not signed in yet.
        let is_open = request.is_admin && request.login.is_none();
        if is_open && request.is_write && request.is_done() {
            self.clients.of(&request.client, request.at).add(request.at, self.limit.window, counts);
            self.trail.keep(request);
        }
    }

    fn found(&mut self, now: Timestamp) -> Found {
        let Limit { count: limit, window } = self.limit;
        self.clients.keep_window(now, window);
        let names_users = self.names_users;
        let writes = self.clients.iter().map(|(client, tally)| {
            let sum = tally.sum(now, window);
            (client, if names_users { sum.hits + sum.requests } else { sum.hits })
        });
        let over = writes.filter(|(_, writes)| *writes >= limit);
        let Some((client, writes, count)) = worst(over, |writes| *writes) else {
            return if self.names_users || self.has_credentials {
                Found::Nothing
            } else {
                Found::Unsaid(Said::new(
                    "ログに誰がログインしていたかがありません。auth= を記録するか log_names_users を設定してください",
                    "the log does not say who had signed in: log auth=, or set log_names_users",
                ))
            };
        };
        let (others, within) = (and_others(count), self.limit.within());
        let trail = self.trail.of(client);
        let evidence = Said::new(
            format!(
                "{client}: ログインなしで管理画面への書き込みが {writes} 回成功、{} (上限 {limit}){}: {trail}",
                within.ja, others.ja
            ),
            format!(
                "{client}: {writes} writes to admin routes without having signed in were done {} (limit {limit}){}: {trail}",
                within.en, others.en
            ),
        );
        Found::Suspect { client: Some(client.to_owned()), evidence }
    }

    fn forgotten(&self) -> u64 {
        self.clients.forgotten()
    }
}
