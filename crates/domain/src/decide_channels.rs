//! Deciding on deliveries: how an attempt went, what proves that a message arrived, and trying a channel out.

use crate::{
    command::{Command, Refusal},
    fact::{
        About, ContactVerified, Delivery, Event, Fact, NoticeAttempted, NoticeMissed, NoticeProved,
        Proof,
    },
    ids::{Actor, ChannelName, ContactName, NoticeId},
    message,
    notice::{self, Notice, Telling},
    world::World,
};
use jiff::SignedDuration;

/// A service that asks for more peace than this is asked again anyway.
const LONGEST_PEACE: SignedDuration = SignedDuration::from_hours(1);

/// Decides a command on deliveries; every other command is nothing here.
///
/// # Errors
/// Why it is not carried out.
pub fn decide(world: &World<'_>, command: &Command) -> Result<Vec<Fact>, Refusal> {
    match command {
        Command::NoticeSettled { notice, attempt, outcome, detail, receipt, wait_ms } => {
            let wait = wait_ms.map(|ms| {
                SignedDuration::from_millis(i64::try_from(ms).unwrap_or(i64::MAX))
                    .min(LONGEST_PEACE)
            });
            Ok(settled(world, *notice, *attempt, *outcome, detail, receipt.as_deref(), wait))
        }
        Command::ProveNotice { notice, proof, by } => {
            Ok(proved(world, *notice, *proof, by).into_iter().collect())
        }
        Command::MissNotice { notice, channel, receipt, miss, detail, by } => {
            let missed = NoticeMissed {
                notice: *notice,
                channel: channel.clone(),
                receipt: receipt.clone(),
                miss: *miss,
                detail: detail.clone(),
                by: by.clone(),
                next_way: None,
            };
            Ok(missed_by(world, missed).into_iter().collect())
        }
        Command::TestChannel { channel, to, code, by } => {
            test(world, channel, to.as_ref(), code, by)
        }
        Command::ConfirmTest { code, by } => confirm(world, code, by),
        Command::VerifyContact { contact, channel, by } => verify(world, contact, channel, by),
        _ => Ok(Vec::new()),
    }
}

fn settled(
    world: &World<'_>,
    id: NoticeId,
    attempt: u32,
    outcome: Delivery,
    detail: &str,
    receipt: Option<&str>,
    wait: Option<SignedDuration>,
) -> Vec<Fact> {
    let notices = &world.state.notices;
    let Some(notice) = notices.get(&id).filter(|notice| notice.attempts < attempt) else {
        return Vec::new();
    };
    let Some(way) = notice.current_way() else { return Vec::new() };
    let is_scout = notice.is_scout(notices.values(), world.now);
    let is_busy =
        |channel: &ChannelName| world.state.deliveries.busy_until(channel, world.now).is_some();
    let (next_at, next_way) = notice.after(outcome, wait, is_scout, is_busy, world.now);
    let attempted = Fact::NoticeAttempted(NoticeAttempted {
        notice: id,
        attempt,
        channel: way.channel.clone(),
        outcome,
        detail: detail.to_owned(),
        next_at,
        next_way,
        receipt: receipt.map(str::to_owned),
        busy_until: wait.map(|wait| world.after(wait)),
    });
    // The service was quicker to say that it missed its person than to answer us.
    let is_missed = |missed: &&NoticeMissed| {
        outcome == Delivery::Delivered && is_same(missed.receipt.as_deref(), receipt)
    };
    let missed = notice.missed.as_ref().filter(is_missed).map(|missed| {
        let next_way = next_way_of(world, notice);
        Fact::NoticeMissed(NoticeMissed { next_way, ..missed.clone() })
    });
    std::iter::once(attempted).chain(missed).collect()
}

/// What follows when a service says that a message missed its person: the next way, at once and never the same one again.
/// A word about another attempt, on another way or said before, changes nothing.
fn missed_by(world: &World<'_>, missed: NoticeMissed) -> Option<Fact> {
    if let Some(awaited) = world.state.deliveries.awaited.get(&missed.notice) {
        let is_it = awaited.channel == missed.channel
            && is_same(awaited.receipt.as_deref(), missed.receipt.as_deref());
        let next_way = awaited.rest.as_ref().and_then(|rest| next_way_of(world, rest));
        return is_it.then_some(Fact::NoticeMissed(NoticeMissed { next_way, ..missed }));
    }
    let notice = world.state.notices.get(&missed.notice)?;
    let is_under_way = notice.current_way().is_some_and(|way| way.channel == missed.channel);
    let is_said = notice.missed.as_ref().is_some_and(|said| said.receipt == missed.receipt);
    (is_under_way && !is_said).then_some(Fact::NoticeMissed(missed))
}

/// Whether two names of a message are those of one; a service that gives none is believed.
fn is_same(one: Option<&str>, other: Option<&str>) -> bool {
    one.zip(other).is_none_or(|(one, other)| one == other)
}

/// The way after the current one; none: there is none, or somebody is on it already.
fn next_way_of(world: &World<'_>, notice: &Notice) -> Option<usize> {
    let next = notice.way + 1;
    let is_taken = match notice.owed.about {
        About::Incident(id) if is_page(notice.owed.event) => {
            let incident = world.state.incidents.get(&id);
            incident.is_none_or(|incident| incident.acknowledged_by.is_some())
        }
        _ => false,
    };
    (next < notice.owed.ways.len() && !is_taken).then_some(next)
}

/// What wakes people because of an incident.
fn is_page(event: Event) -> bool {
    matches!(event, Event::Firing | Event::Raised | Event::Escalated | Event::Repeated)
}

fn proved(world: &World<'_>, notice: NoticeId, proof: Proof, by: &Actor) -> Option<Fact> {
    let deliveries = &world.state.deliveries;
    let awaited = deliveries.awaited.get(&notice).filter(|_| deliveries.awaits(notice, proof))?;
    let channel = awaited.channel.clone();
    Some(Fact::NoticeProved(NoticeProved { notice, proof, channel, by: by.clone() }))
}

fn test(
    world: &World<'_>,
    channel: &ChannelName,
    to: Option<&ContactName>,
    code: &str,
    by: &Actor,
) -> Result<Vec<Fact>, Refusal> {
    let policy = world.policy;
    let Some(brief) = policy.channels.get(channel) else {
        return Err(Refusal::not_found(
            format!("通知先 `{channel}` はありません"),
            format!("there is no channel `{channel}`"),
        ));
    };
    let contacts: Vec<_> = to.cloned().into_iter().collect();
    match to {
        None if !brief.is_room => {
            return Err(Refusal::incomplete(
                format!("`{channel}` は個人宛てです。`--to 連絡先` を指定してください"),
                format!("`{channel}` reaches single people: name one with `--to CONTACT`"),
            ));
        }
        Some(contact) if !brief.is_room => drop(address(world, contact, channel)?),
        _ => {}
    }
    let telling = Telling {
        about: About::Channel(channel.clone(), code.to_owned()),
        event: Event::Test,
        message: message::test(policy, channel, code, by),
        channels: std::slice::from_ref(channel),
        contacts,
        priority: None,
        level: None,
    };
    let mut owed = notice::owe(policy, &telling, world.state.next_notice(), world.now);
    // It is this channel that is tried out, not those that stand in for it.
    owed.iter_mut().for_each(|owed| owed.ways.truncate(1));
    Ok(owed.into_iter().map(|owed| Fact::NoticeOwed(Box::new(owed))).collect())
}

fn address<'a>(
    world: &World<'a>,
    contact: &ContactName,
    channel: &ChannelName,
) -> Result<&'a str, Refusal> {
    let known = world.policy.contacts.get(contact);
    let address = known.and_then(|known| known.addresses.get(channel));
    address.map(String::as_str).ok_or_else(|| {
        Refusal::not_found(
            format!("連絡先 `{contact}` には `{channel}` の宛先がありません"),
            format!("there is no contact `{contact}` with an address on `{channel}`"),
        )
    })
}

/// Also when it is verified already: the word of today is worth more.
fn verify(
    world: &World<'_>,
    contact: &ContactName,
    channel: &ChannelName,
    by: &Actor,
) -> Result<Vec<Fact>, Refusal> {
    let address = address(world, contact, channel)?.to_owned();
    let (contact, channel, by) = (contact.clone(), channel.clone(), by.clone());
    Ok(vec![Fact::ContactVerified(ContactVerified { contact, channel, address, by })])
}

fn confirm(world: &World<'_>, code: &str, by: &Actor) -> Result<Vec<Fact>, Refusal> {
    let is_meant = |about: &About| matches!(about, About::Channel(_, sent) if sent == code);
    let awaited = &world.state.deliveries.awaited;
    let found = awaited.iter().find(|(_, awaited)| is_meant(&awaited.about));
    let Some((notice, _)) = found else {
        return Err(Refusal::not_found(
            "このコードの送信試験はありません (済み、または未送信)".into(),
            "no test message with this code waits for its confirmation".into(),
        ));
    };
    Ok(proved(world, *notice, Proof::Answered, by).into_iter().collect())
}
