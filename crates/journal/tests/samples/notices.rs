//! Samples of what happens to notices.

use super::{after, key};
use domain::{
    fact::{
        About, Asks, ContactVerified, Delivery, Event, Fact, Miss, NoticeAttempted, NoticeMissed,
        NoticeOwed, NoticeProved, NoticeWithdrawn, Proof, Way,
    },
    ids::{Actor, ApprovalId, IncidentId, NoticeId, RunId},
    severity::{Level, Priority},
};

/// One sample per event, and every way in which a delivery ends.
pub fn samples() -> Vec<Fact> {
    let events = [
        Event::Firing,
        Event::Raised,
        Event::Escalated,
        Event::Repeated,
        Event::Update,
        Event::Handover,
        Event::Resolved,
    ];
    let mut samples: Vec<_> =
        (1..).zip(events).map(|(number, event)| owed(number, event)).collect();
    samples.extend([
        attempted(Delivery::TryAgain, "connection refused", Some(1)),
        attempted(Delivery::Delivered, "250 2.0.0 Ok: queued", None),
        attempted(Delivery::Hopeless, "550 no such user", None),
        tested(),
        digest(),
        put_off(),
        thread_begun(),
        Fact::NoticeWithdrawn(NoticeWithdrawn {
            notice: NoticeId(1),
            by: Actor::Person("hanako".into()),
        }),
        Fact::ContactVerified(ContactVerified {
            contact: "hanako".into(),
            channel: "phone".into(),
            address: "+819012345678".into(),
            by: Actor::Person("sato".into()),
        }),
        asking(Asks::Approval(ApprovalId(3))),
        asking(Asks::Outcome { run: RunId(7), step: "restart".into(), attempt: 2 }),
        missed(Miss::Unanswered, "no-answer", Some(1)),
        missed(Miss::Undelivered, "undelivered, error 30003", None),
        proved(Proof::Arrived, Actor::System("phone".into())),
        proved(Proof::Answered, Actor::Person("hanako".into())),
    ]);
    samples
}

fn owed(number: u64, event: Event) -> Fact {
    let is_alert = event == Event::Handover;
    let person = Way { channel: "mail".into(), address: Some("hanako@example.jp".into()) };
    Fact::NoticeOwed(Box::new(NoticeOwed {
        to: is_alert.then(|| "hanako".into()),
        ways: vec![Way { channel: "chat".into(), address: None }, person],
        priority: (!is_alert).then_some(Priority::P1),
        level: is_alert.then_some(Level::Warning),
        tries: 3,
        first_wait_ms: 1000,
        longest_wait_ms: 30_000,
        ..NoticeOwed::new(
            NoticeId(number),
            if is_alert { About::Alert(key()) } else { About::Incident(IncidentId(1)) },
            event,
            "[P1] サービスダウン",
            "検知 09:00\n影響 frontend",
        )
    }))
}

/// A page that waits for its time by a person's own rules.
fn put_off() -> Fact {
    match owed(12, Event::Firing) {
        Fact::NoticeOwed(owed) => Fact::NoticeOwed(Box::new(NoticeOwed {
            to: Some("hanako".into()),
            not_before: Some(after(300)),
            ..*owed
        })),
        fact => fact,
    }
}

fn attempted(outcome: Delivery, detail: &str, next: Option<i64>) -> Fact {
    Fact::NoticeAttempted(NoticeAttempted {
        notice: NoticeId(1),
        attempt: 1,
        channel: "chat".into(),
        outcome,
        detail: detail.into(),
        next_at: next.map(after),
        next_way: 0,
        receipt: None,
        busy_until: None,
    })
}

fn tested() -> Fact {
    let mut fact = owed(8, Event::Test);
    if let Fact::NoticeOwed(owed) = &mut fact {
        owed.about = About::Channel("mail".into(), "k7qd-m2xw".into());
        owed.priority = None;
    }
    fact
}

fn digest() -> Fact {
    let mut fact = owed(9, Event::Digest);
    if let Fact::NoticeOwed(owed) = &mut fact {
        owed.about = About::Digest(jiff::civil::date(2026, 11, 22));
    }
    fact
}

/// The service named the message, and asked for peace.
fn thread_begun() -> Fact {
    let mut fact = attempted(Delivery::Delivered, "slack.com: HTTP 200", None);
    if let Fact::NoticeAttempted(NoticeAttempted { receipt, busy_until, .. }) = &mut fact {
        *receipt = Some("1764380000.000100".into());
        *busy_until = Some(after(30));
    }
    fact
}

fn asking(asks: Asks) -> Fact {
    let mut fact = owed(9, Event::Approval);
    if let Fact::NoticeOwed(owed) = &mut fact {
        owed.asks = Some(asks);
    }
    fact
}

fn missed(miss: Miss, detail: &str, next_way: Option<usize>) -> Fact {
    Fact::NoticeMissed(NoticeMissed {
        notice: NoticeId(1),
        channel: "phone".into(),
        receipt: next_way.map(|_| "CA1".into()),
        miss,
        detail: detail.into(),
        by: Actor::System("phone".into()),
        next_way,
    })
}

fn proved(proof: Proof, by: Actor) -> Fact {
    Fact::NoticeProved(NoticeProved { notice: NoticeId(1), proof, channel: "phone".into(), by })
}
