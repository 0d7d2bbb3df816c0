//! What time does to silences: they begin, they end, series make their next one, creators are reminded.

use crate::{
    agenda::Agenda,
    command::Refusal,
    draft::approved_by,
    fact::{About, Event, Fact},
    ids::{Actor, AlertKey, ContactName, IncidentId, SilenceId},
    message,
    notice::{self, Telling},
    outside_text::is_hostile,
    silence::{Kept, Kind, MOST, Silence, Stage},
    stakeholders::Audience,
    world::World,
};
use jiff::Timestamp;

/// Characters of what customers read about a window.
const WORDS: usize = 500;

/// One move of the first silence that has one.
pub fn progress(world: &World<'_>, agenda: &Agenda) -> Vec<Fact> {
    if agenda.is_timed {
        return Vec::new();
    }
    let silences = &world.state.silences;
    let moved = silences.all().map(|kept| step(world, kept)).find(|facts| !facts.is_empty());
    moved.or_else(|| next_of_series(world)).unwrap_or_default()
}

fn step(world: &World<'_>, kept: &Kept) -> Vec<Fact> {
    let (id, now) = (&kept.silence.id, world.now);
    match kept.stage {
        Stage::Pending if kept.silence.starts_at <= now => {
            let mut facts = vec![Fact::SilenceStarted { id: id.clone() }];
            facts.extend(told(world, kept, Event::Firing));
            facts
        }
        Stage::Active if kept.silence.ends_at <= now => end(world, kept, Actor::Hikeshi),
        Stage::Active if kept.remind_at.is_some_and(|at| at <= now) => remind(world, kept),
        _ => Vec::new(),
    }
}

fn end(world: &World<'_>, kept: &Kept, by: Actor) -> Vec<Fact> {
    let id = kept.silence.id.clone();
    let (alerts, incidents) = loud_again(world, &id);
    let mut facts = vec![Fact::SilenceEnded { id, by, alerts, incidents }];
    if kept.stage == Stage::Active {
        let mut kept = kept.clone();
        kept.silence.ends_at = kept.silence.ends_at.min(world.now);
        facts.extend(told(world, &kept, Event::Resolved));
    }
    facts
}

/// What people knew of before it was silenced, and what still burns: known or not, they hear of it at once. What was
/// quiet from its beginning is placed and told as new.
fn loud_again(world: &World<'_>, id: &SilenceId) -> (Vec<AlertKey>, Vec<IncidentId>) {
    let (state, quiet) = (world.state, world.quiet);
    let is_loud = |key: &AlertKey| quiet.is_quiet_only_by(state, key, id);
    let told = state.loose.iter().filter_map(|key| state.alerts.get(key));
    let told = told.filter(|alert| alert.told_at.is_some()).map(|alert| &alert.fired.key);
    let known = state.incidents.values().filter(|incident| {
        incident.level > 0
            && incident.burning.iter().all(|key| quiet.is_quiet(state, key))
            && incident.burning.iter().any(is_loud)
    });
    (told.filter(|key| is_loud(key)).cloned().collect(), known.map(|known| known.id).collect())
}

/// A forgotten silence hides what burns: its creator hears of it as long as it is there.
fn remind(world: &World<'_>, kept: &Kept) -> Vec<Fact> {
    let next_at = reminder(world, &kept.silence);
    let mut facts = vec![Fact::SilenceReminded { id: kept.silence.id.clone(), next_at }];
    facts.extend(notices(world, kept, Event::Reminder));
    facts
}

fn reminder(world: &World<'_>, silence: &Silence) -> Option<Timestamp> {
    let from = silence.starts_at.max(world.now);
    let at = from.saturating_add(world.policy.remind_every).ok()?;
    (silence.kind == Kind::Plain && at < silence.ends_at).then_some(at)
}

/// Start and end are told for maintenance windows (B7); plain silences begin and end without a word.
fn told(world: &World<'_>, kept: &Kept, event: Event) -> Vec<Fact> {
    match kept.silence.kind {
        Kind::Maintenance(_) => notices(world, kept, event),
        Kind::Plain | Kind::Recurring(_) => Vec::new(),
    }
}

fn notices(world: &World<'_>, kept: &Kept, event: Event) -> Vec<Fact> {
    let route = &world.policy.warning_route;
    let creator = ContactName::from(kept.silence.created_by.as_str());
    let knows = world.policy.contacts.contains_key(&creator);
    let hidden = world.quiet.covered_by(&kept.silence.id);
    // A creator with an address hears it there; everybody else hears it where warnings are told.
    let personal = world.policy.contacts.get(&creator).map(|contact| {
        let quiet = |channel: &&crate::ids::ChannelName| {
            world.policy.channels.get(*channel).is_some_and(|brief| !brief.is_pager)
        };
        contact.addresses.keys().filter(quiet).cloned().collect::<Vec<_>>()
    });
    let mut channels = route.channels.clone();
    channels.extend(personal.into_iter().flatten());
    channels.dedup();
    let telling = Telling {
        about: About::Silence(kept.silence.id.clone()),
        event,
        message: message::silence(world.policy, &kept.silence, event, hidden),
        channels: &channels,
        contacts: knows.then_some(creator).into_iter().collect(),
        priority: None,
        level: Some(crate::severity::Level::Info),
    };
    let owed = notice::owe(world.policy, &telling, world.state.next_notice(), world.now);
    owed.into_iter().map(|owed| Fact::NoticeOwed(Box::new(owed))).collect()
}

/// The occurrence of a series that holds now and has no silence yet.
fn next_of_series(world: &World<'_>) -> Option<Vec<Fact>> {
    world.policy.recurring.iter().find_map(|series| {
        let (from, to) = series.hours.at(world.now)?;
        let silence = series.occurrence(from, to);
        if world.state.silences.get(&silence.id).is_some() {
            return None;
        }
        let silence = Box::new(silence);
        Some(vec![Fact::SilencePut { silence, by: Actor::Hikeshi, remind_at: None }])
    })
}

/// When the next silence moves.
pub fn next_at(world: &World<'_>) -> Option<Timestamp> {
    let of = |kept: &Kept| match kept.stage {
        Stage::Pending => Some(kept.silence.starts_at),
        Stage::Active => Some(kept.silence.ends_at.min(kept.remind_at.unwrap_or(Timestamp::MAX))),
        Stage::Expired => None,
    };
    let series = world.policy.recurring.iter().filter_map(|series| series.hours.next(world.now));
    world.state.silences.all().filter_map(of).chain(series).min()
}

/// Makes a silence, or changes one as Alertmanager does: with the same matchers and while it is not over it keeps its
/// number; else the old one ends and a new one begins.
///
/// # Errors
/// The silence is not complete, there is none with its number, or there are too many.
pub fn put(
    world: &World<'_>,
    asked: &Silence,
    edits: Option<&SilenceId>,
    by: &Actor,
) -> Result<Vec<Fact>, Refusal> {
    let mut silence = asked.clone();
    silence.starts_at = silence.starts_at.max(world.now);
    let before = match edits {
        Some(id) => Some(find(world, id)?),
        None => None,
    };
    if let Some(problem) = silence.problem(world.now) {
        return Err(Refusal::incomplete(format!("サイレンスを作成できません: {problem}"), problem));
    }
    if before.is_none() && world.state.silences.living() >= MOST {
        return Err(Refusal::conflict(
            format!("サイレンスは {MOST} 件までです"),
            format!("there are {MOST} silences already: expire some first"),
        ));
    }
    announced(world, &silence, by)?;
    let remind_at = reminder(world, &silence);
    let mut facts = Vec::new();
    if let Some(before) = before {
        let is_same = before.silence.matchers == silence.matchers && before.stage != Stage::Expired;
        let may_keep = match before.stage {
            Stage::Active => {
                asked.starts_at <= world.now || asked.starts_at == before.silence.starts_at
            }
            _ => true,
        };
        if is_same && may_keep {
            silence.id = before.silence.id.clone();
            if before.stage == Stage::Active {
                silence.starts_at = before.silence.starts_at;
            }
        } else if before.stage != Stage::Expired {
            facts.extend(end(world, before, by.clone()));
        }
    }
    facts.push(Fact::SilencePut { silence: Box::new(silence), by: by.clone(), remind_at });
    Ok(facts)
}

/// What customers are to hear of a window: only where there is a page, only of services that it shows, and in words of
/// their own only by whoever answers for what customers read (A49).
fn announced(world: &World<'_>, silence: &Silence, by: &Actor) -> Result<(), Refusal> {
    let Some(announced) = &silence.announced else { return Ok(()) };
    let Some(page) = &world.policy.status_page else {
        return Err(Refusal::conflict(
            "status_page の設定がないので、お客様には知らせられません".into(),
            "there is no page to announce it on: write `status_page`".into(),
        ));
    };
    let services = match &silence.kind {
        Kind::Maintenance(services) => services.as_slice(),
        Kind::Plain | Kind::Recurring(_) => &[],
    };
    if page.hit(&world.policy.graph, services).is_empty() {
        return Err(Refusal::conflict(
            "対象のサービスはどれも status_page の components にありません".into(),
            "none of its services stands under `components` of `status_page`".into(),
        ));
    }
    let Some(words) = &announced.words else { return Ok(()) };
    let length = words.chars().count();
    if words.trim().is_empty() || length > WORDS || words.contains(is_hostile) {
        return Err(Refusal::incomplete(
            format!("お客様への文面は改行なしの {WORDS} 字までです"),
            format!("the words for customers are one line of up to {WORDS} characters"),
        ));
    }
    let approver = world.policy.outlet(Audience::Customers).approver;
    approved_by(world.policy, approver.as_ref(), by)
}

/// Ends a silence or a window now.
///
/// # Errors
/// There is none with this number, or it is over already.
pub fn expire(world: &World<'_>, id: &SilenceId, by: &Actor) -> Result<Vec<Fact>, Refusal> {
    let kept = find(world, id)?;
    if kept.stage == Stage::Expired {
        return Err(Refusal::conflict(
            format!("サイレンス {id} はすでに終了しています"),
            format!("silence {id} already expired"),
        ));
    }
    Ok(end(world, kept, by.clone()))
}

fn find<'a>(world: &World<'a>, id: &SilenceId) -> Result<&'a Kept, Refusal> {
    world.state.silences.get(id).ok_or_else(|| {
        Refusal::not_found(
            format!("サイレンス {id} はありません"),
            format!("silence {id} not found"),
        )
    })
}
