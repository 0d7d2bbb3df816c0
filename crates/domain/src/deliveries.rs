//! What is remembered of deliveries: how each channel fares, what services answered, and what nobody has proved yet.

use crate::{
    fact::{About, Delivery, Miss, NoticeMissed, NoticeOwed, Proof, Way},
    ids::{Actor, ChannelName, ContactName, IncidentId, NoticeId},
    notice::Notice,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Accepted messages that wait for proof; older ones are forgotten, and a late proof of them changes nothing.
const AWAITED: usize = 500;

/// Everything that is remembered of deliveries, folded from facts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Deliveries {
    /// How each channel fares.
    pub health: BTreeMap<ChannelName, Health>,
    /// What services answered to the first message about an incident, such as the thread that it began.
    pub receipts: BTreeMap<IncidentId, Vec<Receipt>>,
    /// Accepted, and not answered by the person yet.
    pub awaited: BTreeMap<NoticeId, Awaited>,
    /// Addresses of which a person has confirmed that they reach whom they should.
    #[serde(default)]
    pub verified: BTreeMap<ContactName, BTreeMap<ChannelName, Verified>>,
}

/// An address that reached its person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verified {
    /// Which.
    pub address: String,
    /// When.
    pub at: Timestamp,
    /// Who says so.
    pub by: Actor,
    /// What shows it.
    pub how: How,
}

/// What shows that an address reaches its person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// A test message was confirmed.
    Test,
    /// A message about an incident was answered.
    Answer,
    /// A person's word.
    Word,
}

/// How a channel fares.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Health {
    /// When it last took a message.
    pub succeeded_at: Option<Timestamp>,
    /// When it last did not.
    pub failed_at: Option<Timestamp>,
    /// Why it last did not.
    pub failure: String,
    /// Failures since the last success.
    pub failures: u64,
    /// When a person or the service last proved that a message arrived.
    pub proved_at: Option<Timestamp>,
    /// It asked for peace until then (`Retry-After`).
    pub busy_until: Option<Timestamp>,
}

/// What a service answered to the first message about an incident on one way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// The channel and the address.
    pub way: Way,
    /// The answer: the time stamp that names a thread, the number of a call.
    pub text: String,
}

/// A message that was accepted and not answered yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Awaited {
    /// What it is about.
    pub about: About,
    /// Who was told; none: a room.
    pub to: Option<ContactName>,
    /// The channel.
    pub channel: ChannelName,
    /// At which address; none: a room.
    #[serde(default)]
    pub address: Option<String>,
    /// The service has said that it arrived.
    pub arrived: bool,
    /// What the service calls it.
    #[serde(default)]
    pub receipt: Option<String>,
    /// The notice as it was, where another way is left in case that it missed its person.
    #[serde(default)]
    pub rest: Option<Box<Notice>>,
}

/// How an attempt went, as far as it is remembered.
pub(crate) struct Attempt<'a> {
    pub outcome: Delivery,
    pub detail: &'a str,
    pub receipt: Option<&'a str>,
    pub busy_until: Option<Timestamp>,
    pub at: Timestamp,
}

impl Deliveries {
    /// Follows an attempt.
    pub(crate) fn attempted(&mut self, owed: &NoticeOwed, way: &Way, attempt: &Attempt<'_>) {
        let health = self.health.entry(way.channel.clone()).or_default();
        if attempt.outcome != Delivery::Delivered {
            // Another attempt that was under way says nothing of the peace that was asked for.
            health.busy_until = health.busy_until.max(attempt.busy_until);
            health.failed_at = Some(attempt.at);
            attempt.detail.clone_into(&mut health.failure);
            health.failures = health.failures.saturating_add(1);
            return;
        }
        health.succeeded_at = Some(attempt.at);
        health.failures = 0;
        health.busy_until = None;
        if let (About::Incident(incident), Some(text)) = (&owed.about, attempt.receipt) {
            let receipts = self.receipts.entry(*incident).or_default();
            if receipts.iter().all(|receipt| receipt.way != *way) {
                receipts.push(Receipt { way: way.clone(), text: text.to_owned() });
            }
        }
        self.awaited.insert(
            owed.id,
            Awaited {
                about: owed.about.clone(),
                to: owed.to.clone(),
                channel: way.channel.clone(),
                address: way.address.clone(),
                arrived: false,
                receipt: attempt.receipt.map(str::to_owned),
                rest: None,
            },
        );
        while self.awaited.len() > AWAITED {
            self.awaited.pop_first();
        }
    }

    /// Keeps what is needed to go another way with an accepted notice.
    pub(crate) fn keep_rest(&mut self, notice: &Notice, attempts: u32) {
        let has_more = notice.way + 1 < notice.owed.ways.len();
        if let Some(awaited) = self.awaited.get_mut(&notice.owed.id).filter(|_| has_more) {
            awaited.rest = Some(Box::new(Notice { attempts, missed: None, ..notice.clone() }));
        }
    }

    /// Follows a miss of an accepted notice: the notice on its next way, where there is one. None: it is not awaited.
    pub(crate) fn missed(
        &mut self,
        missed: &NoticeMissed,
        at: Timestamp,
    ) -> Option<Option<Notice>> {
        let awaited = self.awaited.remove(&missed.notice)?;
        if missed.miss == Miss::Undelivered {
            let health = self.health.entry(missed.channel.clone()).or_default();
            health.failed_at = Some(at);
            health.failure.clone_from(&missed.detail);
            health.failures = health.failures.saturating_add(1);
        }
        let next = awaited.rest.zip(missed.next_way);
        Some(next.map(|(rest, way)| Notice { way, failures: 0, next_at: at, ..*rest }))
    }

    /// Follows a proof.
    pub(crate) fn proved(&mut self, notice: NoticeId, proof: Proof, by: &Actor, at: Timestamp) {
        let Some(awaited) = self.awaited.get_mut(&notice) else { return };
        self.health.entry(awaited.channel.clone()).or_default().proved_at = Some(at);
        if proof == Proof::Arrived {
            awaited.arrived = true;
            return;
        }
        let Some(answered) = self.awaited.remove(&notice) else { return };
        if let (Some(contact), Some(address)) = (&answered.to, &answered.address) {
            let how = match answered.about {
                About::Channel(..) => How::Test,
                _ => How::Answer,
            };
            self.verify((contact, &answered.channel, address), how, by, at);
        }
    }

    /// An address has reached its person.
    pub(crate) fn verify(
        &mut self,
        (contact, channel, address): (&ContactName, &ChannelName, &str),
        how: How,
        by: &Actor,
        at: Timestamp,
    ) {
        let verified = Verified { address: address.to_owned(), at, by: by.clone(), how };
        self.verified.entry(contact.clone()).or_default().insert(channel.clone(), verified);
    }

    /// Whether a proof says something new.
    pub fn awaits(&self, notice: NoticeId, proof: Proof) -> bool {
        self.awaited
            .get(&notice)
            .is_some_and(|awaited| proof == Proof::Answered || !awaited.arrived)
    }

    /// What the service answered to the first message about the same incident on this way.
    pub fn receipt(&self, about: &About, way: &Way) -> Option<&str> {
        let About::Incident(incident) = about else { return None };
        let receipts = self.receipts.get(incident)?;
        receipts.iter().find(|receipt| receipt.way == *way).map(|receipt| receipt.text.as_str())
    }

    /// Until when a channel asked for peace, if that is later than `now`.
    pub fn busy_until(&self, channel: &ChannelName, now: Timestamp) -> Option<Timestamp> {
        self.health.get(channel)?.busy_until.filter(|until| *until > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::Event;

    fn owed(id: u64, about: About) -> NoticeOwed {
        NoticeOwed {
            first_wait_ms: 1,
            longest_wait_ms: 1,
            ..NoticeOwed::new(NoticeId(id), about, Event::Firing, String::new(), String::new())
        }
    }

    fn attempt<'a>(outcome: Delivery, receipt: Option<&'a str>) -> Attempt<'a> {
        Attempt { outcome, detail: "why", receipt, busy_until: None, at: Timestamp::UNIX_EPOCH }
    }

    #[test]
    fn the_first_answer_about_an_incident_on_a_way_names_its_thread() {
        let mut all = Deliveries::default();
        let way = |address: Option<&str>| Way {
            channel: "chat".into(),
            address: address.map(str::to_owned),
        };
        let seven = About::Incident(IncidentId(7));
        for (id, answer) in [(1, "first"), (2, "second")] {
            all.attempted(
                &owed(id, seven.clone()),
                &way(None),
                &attempt(Delivery::Delivered, Some(answer)),
            );
        }
        assert_eq!(all.receipt(&seven, &way(None)), Some("first"));
        assert_eq!(all.receipt(&seven, &way(Some("U1"))), None, "another room");
        assert_eq!(all.receipt(&About::Incident(IncidentId(8)), &way(None)), None);
    }

    #[test]
    fn a_proof_counts_once_and_only_for_what_was_accepted() {
        let mut all = Deliveries::default();
        let way = Way { channel: "chat".into(), address: None };
        assert!(!all.awaits(NoticeId(1), Proof::Answered), "nothing was sent");
        let about = About::Incident(IncidentId(7));
        all.attempted(&owed(1, about.clone()), &way, &attempt(Delivery::TryAgain, None));
        assert!(!all.awaits(NoticeId(1), Proof::Answered), "it was not accepted");
        assert_eq!(all.health[&way.channel].failures, 1);
        all.attempted(&owed(1, about), &way, &attempt(Delivery::Delivered, None));
        assert_eq!(all.health[&way.channel].failures, 0);
        all.proved(NoticeId(1), Proof::Arrived, &Actor::Hikeshi, Timestamp::UNIX_EPOCH);
        assert!(
            !all.awaits(NoticeId(1), Proof::Arrived) && all.awaits(NoticeId(1), Proof::Answered)
        );
        all.proved(NoticeId(1), Proof::Answered, &Actor::Hikeshi, Timestamp::UNIX_EPOCH);
        assert!(!all.awaits(NoticeId(1), Proof::Answered));
        for id in 2..=1000 {
            let owed = owed(id, About::Incident(IncidentId(7)));
            all.attempted(&owed, &way, &attempt(Delivery::Delivered, None));
        }
        assert_eq!(all.awaited.len(), AWAITED, "what waits has a bound");
    }
}
