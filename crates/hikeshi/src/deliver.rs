//! Delivers notices: from owed work to the notify room, and its answer back to the engine.

use crate::clock;
use domain::{
    command::Command,
    fact::{About, Delivery, DeviceRemoved, Event, NoticeOwed},
    ids::{Actor, AlertKey, ChannelName, NoticeId},
    said::Language,
    severity::Level,
};
use engine::{Engine, work::TellWork};
use notify::{Answers, Channel, ChannelSpec, Mail, Message, Told};
use secrets::Safe;
use std::{collections::BTreeMap, sync::Arc};
use web::Links;

/// The channels by name.
pub struct Channels {
    all: BTreeMap<ChannelName, (bool, Box<dyn Channel>)>,
    language: Language,
    /// Makes the links with which people answer.
    links: Option<Links>,
}

impl Channels {
    /// Makes every configured channel.
    pub fn new(
        specs: &[ChannelSpec],
        safe: &Safe,
        language: Language,
        links: Option<Links>,
    ) -> Self {
        let make =
            |spec: &ChannelSpec| (spec.name.clone(), (spec.brief().is_room, spec.make(safe)));
        Self { all: specs.iter().map(make).collect(), language, links }
    }

    /// Tries one delivery and reports it.
    pub async fn deliver(self: Arc<Self>, work: TellWork, engine: Engine) {
        let told = match self.all.get(&work.way.channel) {
            Some((_, channel)) => {
                let answers = self.answers(&work);
                let message = Message {
                    address: work.way.address.as_deref(),
                    attempt: work.attempt,
                    owed_at: work.owed_at,
                    receipt: work.receipt.as_deref(),
                    again: work.again,
                    answers: answers.as_ref(),
                    language: self.language,
                    ..Message::new(&work.notice, work.since)
                };
                channel.tell(&message).await
            }
            None => Told::hopeless("this channel is not in the configuration any more"),
        };
        // What a service does not know any more receives nothing: the next message goes to those that are left.
        for id in told.gone {
            let by = Actor::System(work.way.channel.to_string());
            engine.send(Command::RemoveDevice(DeviceRemoved { id, by }));
        }
        engine.send(Command::NoticeSettled {
            notice: work.notice.id,
            attempt: work.attempt,
            outcome: told.outcome,
            detail: told.detail,
            receipt: told.receipt,
            wait_ms: told.wait.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
        });
    }

    /// Says something back to whoever pressed a button. It is a courtesy: what they did is in the journal already.
    pub async fn reply(self: Arc<Self>, reply: web::Reply) {
        let Some((_, channel)) = self.all.get(&reply.channel) else { return };
        let told = channel.reply(&reply.to, &reply.text).await;
        if let Some(told) = told.filter(|told| told.outcome != Delivery::Delivered) {
            tracing::warn!("{}: a reply did not arrive: {}", reply.channel, told.detail);
        }
    }

    /// Sends a mail that is no notice; nothing where the channel is not in the configuration any more.
    pub async fn mail(self: Arc<Self>, channel: ChannelName, mail: Mail) -> Option<Told> {
        let (_, channel) = self.all.get(&channel)?;
        channel.mail(&mail).await
    }

    /// Where the person answers. The tokens stand in the message alone, never in the journal.
    fn answers(&self, work: &TellWork) -> Option<Answers> {
        let links = self.links.as_ref()?;
        // A page that fell back to a room shows its link to nobody: everybody there would answer in one person's name.
        work.way.address.as_ref()?;
        let (link, hook) = links.tokens(&work.notice, clock::now())?;
        let channel = work.way.channel.to_string();
        Some(Answers { base: links.base().to_owned(), channel, link, hook })
    }

    /// Tells every room that hikeshi itself is in trouble. Nothing of it can be journaled: that is the trouble.
    pub async fn emergency(&self, language: Language, fault: Option<&str>) {
        let (subject, body) = match fault {
            Some(why) => (
                language.pick(
                    "[hikeshi] 記録できません: 新しいアラートを受け付けられない状態です",
                    "[hikeshi] cannot write its journal: new alarms are not accepted",
                ),
                why.to_owned(),
            ),
            None => (
                language.pick("[hikeshi] 記録が再開しました", "[hikeshi] its journal works again"),
                String::new(),
            ),
        };
        let notice = NoticeOwed {
            level: Some(Level::Critical),
            ..NoticeOwed::new(
                NoticeId(0),
                About::Alert(AlertKey::new("journal", "hikeshi")),
                if fault.is_some() { Event::Firing } else { Event::Resolved },
                subject,
                body,
            )
        };
        let rooms = self.all.values().filter(|(is_room, _)| *is_room);
        let message = Message { language, ..Message::new(&notice, clock::now()) };
        let tells = rooms.map(|(_, channel)| channel.tell(&message));
        for told in futures::future::join_all(tells).await {
            if told.outcome != Delivery::Delivered {
                tracing::error!("a channel did not take the emergency message: {}", told.detail);
            }
        }
    }
}
