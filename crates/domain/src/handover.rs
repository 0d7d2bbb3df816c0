//! The hand-over of a shift: whoever leaves and whoever comes hears of it, and of what is open.

use crate::{
    fact::{About, Event, Fact},
    ids::{ChannelName, ContactName, NoticeId},
    notice::{self, Message, Telling},
    outside_text::{fields, plain},
    schedule::Schedule,
    severity::Level,
    template::time,
    world::World,
};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Incidents that a notice names one by one.
const NAMED: usize = 10;

/// The notices of a change of shift, on personal channels that wake nobody up.
pub fn notices(
    world: &World<'_>,
    schedule: &Schedule,
    was: &[ContactName],
    is: &[ContactName],
    until: Option<Timestamp>,
) -> Vec<Fact> {
    let of = |some: &[ContactName], others: &[ContactName]| -> Vec<_> {
        some.iter().filter(|one| !others.contains(one)).cloned().collect()
    };
    let words = Words { world, schedule, was, is, until };
    let first = world.state.next_notice();
    let mut facts = owed(world, schedule, of(was, is), words.over(), first);
    let next = NoticeId(first.0 + facts.len() as u64);
    facts.extend(owed(world, schedule, of(is, was), words.begins(), next));
    facts
}

fn owed(
    world: &World<'_>,
    schedule: &Schedule,
    contacts: Vec<ContactName>,
    message: Message,
    first: NoticeId,
) -> Vec<Fact> {
    let policy = world.policy;
    let is_quiet = |channel: &&ChannelName| {
        policy.channels.get(*channel).is_some_and(|brief| !brief.is_pager && !brief.is_room)
    };
    let known = contacts.iter().filter_map(|name| policy.contacts.get(name));
    let channels: BTreeSet<_> =
        known.flat_map(|contact| contact.addresses.keys().filter(is_quiet)).cloned().collect();
    let telling = Telling {
        about: About::Schedule(schedule.name.clone()),
        event: Event::Shift,
        message,
        channels: &channels.into_iter().collect::<Vec<_>>(),
        contacts,
        priority: None,
        level: Some(Level::Info),
    };
    let owed = notice::owe(policy, &telling, first, world.now);
    owed.into_iter().map(|owed| Fact::NoticeOwed(Box::new(owed))).collect()
}

/// What both notices say.
struct Words<'a> {
    world: &'a World<'a>,
    schedule: &'a Schedule,
    was: &'a [ContactName],
    is: &'a [ContactName],
    until: Option<Timestamp>,
}

impl Words<'_> {
    fn over(&self) -> Message {
        self.message(("当番終了", "your shift is over"), ("次の当番", "On call now"), self.is)
    }

    fn begins(&self) -> Message {
        self.message(("当番開始", "you are on call"), ("前の当番", "Before you"), self.was)
    }

    fn message(
        &self,
        (ja, en): (&str, &str),
        (ja_others, en_others): (&str, &str),
        others: &[ContactName],
    ) -> Message {
        let policy = self.world.policy;
        let label = |ja, en| policy.language.pick(ja, en);
        let lines = [
            (label("交代時刻", "Changed"), time(self.world.now, &policy.zone)),
            (label(ja_others, en_others), self.names(others)),
            (label("次の交代", "Next change"), self.next()),
            (label("未復旧のインシデント", "Open incidents"), self.open()),
        ];
        let body = fields(lines);
        let subject = format!("[info] {}: {}", label(ja, en), plain(&self.schedule.title));
        Message { subject, body }
    }

    fn names(&self, people: &[ContactName]) -> String {
        let policy = self.world.policy;
        let title = |name: &ContactName| match policy.contacts.get(name) {
            Some(contact) => contact.title.clone(),
            None => name.to_string(),
        };
        match people {
            [] => policy.language.pick("なし", "nobody").to_owned(),
            people => people.iter().map(title).collect::<Vec<_>>().join(", "),
        }
    }

    fn next(&self) -> String {
        let policy = self.world.policy;
        let unknown = || policy.language.pick("予定なし", "none planned").to_owned();
        self.until.map_or_else(unknown, |at| time(at, &policy.zone))
    }

    fn open(&self) -> String {
        let language = self.world.policy.language;
        let burning = self.world.state.burning();
        let count = burning.clone().count();
        let mut names: Vec<_> =
            burning.take(NAMED).map(|one| format!("{} {}", one.id, one.title)).collect();
        if count > NAMED {
            let rest = count - NAMED;
            names.push(language.pick(format!("ほか {rest} 件"), format!("and {rest} more")));
        }
        match count {
            0 => language.pick("なし", "none").to_owned(),
            _ => names.join(", "),
        }
    }
}
