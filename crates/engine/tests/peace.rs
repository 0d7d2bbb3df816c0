//! A service that asks for peace gets it: nothing begins on its channel before the time, and nothing is handed out twice.

use domain::{
    command::Command,
    fact::{About, Delivery, Event, Fact, NoticeOwed, Recorded, Way},
    ids::{IncidentId, NoticeId},
    policy::Policy,
};
use engine::{Core, Work};
use jiff::{SignedDuration, Timestamp};
use journal::{Journal, MemoryJournal};
use std::sync::Arc;

fn owed(id: u64) -> Fact {
    Fact::NoticeOwed(Box::new(NoticeOwed {
        ways: vec![Way { channel: "chat".into(), address: None }],
        tries: 3,
        first_wait_ms: 1000,
        longest_wait_ms: 30_000,
        ..NoticeOwed::new(NoticeId(id), About::Incident(IncidentId(1)), Event::Firing, "[P0]", "x")
    }))
}

fn settled(notice: u64, outcome: Delivery, wait_ms: Option<u64>) -> Command {
    Command::NoticeSettled {
        notice: NoticeId(notice),
        attempt: 1,
        outcome,
        detail: "HTTP".into(),
        receipt: Some("1764380000.000100".into()),
        wait_ms,
    }
}

fn handed_out(core: &mut Core<MemoryJournal>, now: Timestamp) -> Vec<(u64, Option<String>)> {
    let tells = core.due(now).into_iter().filter_map(|work| match work {
        Work::Tell(tell) => Some((tell.notice.id.0, tell.receipt)),
        _ => None,
    });
    tells.collect()
}

#[test]
fn a_busy_channel_is_left_alone_and_what_is_under_way_stays_under_way() {
    let start: Timestamp = "2026-11-22T03:00:00Z".parse().expect("a time");
    let after = |ms| start + SignedDuration::from_millis(ms);
    let mut journal = MemoryJournal::default();
    let facts = [owed(1), owed(2)].map(|fact| Recorded { at: start, fact });
    journal.append(0, &facts).expect("there is room");
    let mut core = Core::open(journal, Arc::new(Policy::default()), start).expect("reads");
    core.take(&Command::Boot { version: "0".into(), attached: Vec::new() }, start).expect("boots");
    core.commit(start).expect("commits");
    assert_eq!(handed_out(&mut core, start), [(1, None), (2, None)]);

    core.take(&settled(1, Delivery::TryAgain, Some(5000)), after(100)).expect("heard");
    core.commit(after(100)).expect("commits");
    assert_eq!(handed_out(&mut core, after(4000)), [], "five seconds of peace");
    let wakeup = core.next_wakeup(after(4000)).expect("it is owed");
    assert_eq!(wakeup, after(5100));
    assert_eq!(handed_out(&mut core, after(5100)), [(1, None)], "the second is still under way");
}
