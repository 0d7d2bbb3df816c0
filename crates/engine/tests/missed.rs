//! A service says that a message missed its person: the next way at once, once; also when the service is quicker to say so
//! than to answer us. A45

use domain::{
    command::Command,
    fact::{About, Delivery, Event, Fact, Miss, NoticeOwed, Recorded, Way},
    ids::{Actor, AlertKey, NoticeId},
    policy::Policy,
};
use engine::{Core, Work};
use jiff::{SignedDuration, Timestamp};
use journal::{Journal, MemoryJournal};
use std::sync::Arc;

struct Town {
    core: Core<MemoryJournal>,
    now: Timestamp,
}

impl Town {
    /// Somebody is owed a call, then a message, then a mail.
    fn new() -> Self {
        let now: Timestamp = "2026-11-22T03:00:00Z".parse().expect("a time");
        let way = |channel: &str| Way { channel: channel.into(), address: Some("+8190".into()) };
        let owed = Fact::NoticeOwed(Box::new(NoticeOwed {
            to: Some("sato".into()),
            ways: ["phone", "sms", "mail"].map(way).to_vec(),
            tries: 3,
            first_wait_ms: 1000,
            longest_wait_ms: 30_000,
            ..NoticeOwed::new(
                NoticeId(1),
                About::Alert(AlertKey::new("service_down", "web")),
                Event::Firing,
                "[P0]",
                "x",
            )
        }));
        let mut journal = MemoryJournal::default();
        journal.append(0, &[Recorded { at: now, fact: owed }]).expect("there is room");
        let core = Core::open(journal, Arc::new(Policy::default()), now).expect("reads");
        let mut town = Self { core, now };
        town.take(&Command::Boot { version: "0".into(), attached: Vec::new() });
        town
    }

    fn take(&mut self, command: &Command) {
        self.now += SignedDuration::from_millis(100);
        self.core.take(command, self.now).expect("heard");
        self.core.commit(self.now).expect("commits");
    }

    /// The attempts that are handed out now: their numbers and channels.
    fn handed_out(&mut self) -> Vec<(u32, String)> {
        let work = self.core.due(self.now).into_iter();
        work.filter_map(|work| match work {
            Work::Tell(tell) => Some((tell.attempt, tell.way.channel.to_string())),
            _ => None,
        })
        .collect()
    }

    fn settled(&mut self, attempt: u32, receipt: &str) {
        self.take(&Command::NoticeSettled {
            notice: NoticeId(1),
            attempt,
            outcome: Delivery::Delivered,
            detail: "HTTP 201".into(),
            receipt: Some(receipt.into()),
            wait_ms: None,
        });
    }

    fn missed(&mut self, channel: &str, receipt: &str) {
        self.take(&Command::MissNotice {
            notice: NoticeId(1),
            channel: channel.into(),
            receipt: Some(receipt.into()),
            miss: Miss::Unanswered,
            detail: "no-answer".into(),
            by: Actor::System(channel.into()),
        });
    }
}

#[test]
fn a_miss_moves_a_notice_once_and_only_from_where_it_is() {
    let mut town = Town::new();
    assert_eq!(town.handed_out(), [(1, "phone".into())]);
    town.settled(1, "CA1");
    assert_eq!(town.handed_out(), [], "it was accepted");
    town.missed("phone", "CA0");
    town.missed("sms", "CA1");
    assert_eq!(town.handed_out(), [], "another call, another channel");
    town.missed("phone", "CA1");
    assert_eq!(town.handed_out(), [(2, "sms".into())]);
    town.missed("phone", "CA1");
    assert_eq!(town.handed_out(), [], "said twice");
    town.settled(2, "SM1");
    town.missed("phone", "CA1");
    assert_eq!(town.handed_out(), [], "late");
    town.missed("sms", "SM1");
    assert_eq!(town.handed_out(), [(3, "mail".into())]);
    town.settled(3, "M1");
    town.missed("mail", "M1");
    assert_eq!(town.handed_out(), [], "no way is left");
}

#[test]
fn a_service_may_be_quicker_to_say_so_than_to_answer() {
    let mut town = Town::new();
    assert_eq!(town.handed_out(), [(1, "phone".into())]);
    town.missed("phone", "CA1");
    town.missed("phone", "CA1");
    assert_eq!(town.handed_out(), [], "the attempt is still under way");
    town.settled(1, "CA1");
    assert_eq!(town.handed_out(), [(2, "sms".into())]);
}

#[test]
fn what_was_said_of_another_call_moves_nothing() {
    let mut town = Town::new();
    town.handed_out();
    town.missed("phone", "CA0");
    town.settled(1, "CA1");
    assert_eq!(town.handed_out(), [], "it was the call before");
}
