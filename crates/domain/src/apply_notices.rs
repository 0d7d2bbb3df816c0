//! Folds what is told to people, and what comes back of it, into state.

use crate::{
    deliveries::{Attempt, How},
    fact::{
        About, Delivery, Event, Fact, NoticeAttempted, NoticeMissed, NoticeProved, NoticeWithdrawn,
    },
    ids::{ChannelName, NoticeId},
    notice::Notice,
    state::State,
};
use jiff::Timestamp;

impl State {
    pub(crate) fn apply_notice(&mut self, fact: &Fact, at: Timestamp) {
        match fact {
            Fact::NoticeOwed(owed) => {
                self.last.notice = self.last.notice.max(owed.id.0);
                let is_word = matches!(owed.event, Event::Firing | Event::Update | Event::Repeated);
                if let About::Alert(key) = &owed.about
                    && is_word
                {
                    self.told(std::slice::from_ref(key), at);
                }
                self.notices.insert(owed.id, Notice::new((**owed).clone(), at));
            }
            Fact::NoticeAttempted(NoticeAttempted {
                notice,
                attempt,
                channel,
                outcome,
                detail,
                next_at,
                next_way,
                receipt,
                busy_until,
            }) => {
                let number = *attempt;
                if let Some(notice) = self.notices.get(notice)
                    && let Some(way) = notice.current_way()
                {
                    let (receipt, busy_until) = (receipt.as_deref(), *busy_until);
                    let attempt = Attempt { outcome: *outcome, detail, receipt, busy_until, at };
                    self.deliveries.attempted(&notice.owed, way, &attempt);
                    if *outcome == Delivery::Delivered {
                        self.deliveries.keep_rest(notice, number);
                    }
                }
                self.attempted(*notice, *attempt, *outcome, *next_at, *next_way);
                if *outcome == Delivery::Delivered {
                    self.channel_works(channel, at);
                }
            }
            Fact::NoticeWithdrawn(NoticeWithdrawn { notice, .. }) => {
                drop(self.notices.remove(notice))
            }
            Fact::NoticeMissed(missed) => self.missed(missed, at),
            Fact::NoticeProved(NoticeProved { notice, proof, by, .. }) => {
                self.deliveries.proved(*notice, *proof, by, at);
            }
            Fact::ContactVerified(verified) => self.deliveries.verify(
                (&verified.contact, &verified.channel, &verified.address),
                How::Word,
                &verified.by,
                at,
            ),
            _ => {}
        }
    }

    fn attempted(
        &mut self,
        id: NoticeId,
        attempt: u32,
        outcome: Delivery,
        next_at: Option<Timestamp>,
        next_way: usize,
    ) {
        let Some(next_at) = next_at else {
            self.notices.remove(&id);
            self.forget_receipts();
            return;
        };
        if let Some(notice) = self.notices.get_mut(&id) {
            let same_way = notice.way == next_way && outcome == Delivery::TryAgain;
            notice.failures = if same_way { notice.failures.saturating_add(1) } else { 0 };
            (notice.attempts, notice.way, notice.next_at) = (attempt, next_way, next_at);
        }
    }

    /// On its next way it is owed again; one whose attempt has not come back yet waits for that.
    fn missed(&mut self, missed: &NoticeMissed, at: Timestamp) {
        match self.deliveries.missed(missed, at) {
            Some(next) => self.notices.extend(next.map(|notice| (notice.owed.id, notice))),
            None => {
                if let Some(notice) = self.notices.get_mut(&missed.notice) {
                    notice.missed = Some(missed.clone());
                }
            }
        }
    }

    /// Receipts are of use while something may still be told of their incident.
    pub(crate) fn forget_receipts(&mut self) {
        let (incidents, notices) = (&self.incidents, &self.notices);
        self.deliveries.receipts.retain(|incident, _| {
            let about = About::Incident(*incident);
            incidents.contains_key(incident)
                || notices.values().any(|notice| notice.owed.about == about)
        });
    }

    /// After a start: what was due before may have gone out without being written down.
    pub(crate) fn notices_unsure(&mut self, at: Timestamp) {
        for notice in self.notices.values_mut().filter(|notice| notice.next_at <= at) {
            notice.unsure = true;
        }
    }

    /// A channel got one notice through: all that wait for it are tried at once.
    fn channel_works(&mut self, channel: &ChannelName, at: Timestamp) {
        for notice in self.notices.values_mut().filter(|notice| notice.attempts > 0) {
            let is_here = notice.current_way().is_some_and(|way| way.channel == *channel);
            if is_here && notice.next_at > at {
                notice.next_at = at;
            }
        }
    }
}
