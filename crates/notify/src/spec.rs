//! One configured channel: the keys that all kinds have in common, and the settings of its kind.

use crate::{
    channel::{Channel, Kind, Mail, Message, Settings, Told},
    kinds, outside,
};
use domain::{contacts::is_placeholder, ids::ChannelName, policy::ChannelBrief, said::Said};
use futures::future::BoxFuture;
use jiff::SignedDuration;
use secrets::Safe;
use source::{Fields, Node, Problems};
use std::{sync::Arc, time::Duration};

/// How long telling may take unless written otherwise.
const TIMEOUT: SignedDuration = SignedDuration::from_secs(10);

/// A channel as a person configured it.
#[derive(Clone, Debug)]
pub struct ChannelSpec {
    /// Its name.
    pub name: ChannelName,
    /// How long telling may take.
    pub timeout: SignedDuration,
    /// It wakes people up: regular updates do not go there.
    pub is_pager: bool,
    /// Its kind.
    pub kind: &'static Kind,
    /// What its kind needs to know.
    pub settings: Arc<dyn Settings>,
}

impl ChannelSpec {
    /// Reads `kind`, `timeout`, `pager` and the keys of the kind.
    ///
    /// ```
    /// use notify::ChannelSpec;
    /// use source::{Problems, yaml};
    /// let mut problems = Problems::new();
    /// let text = "{kind: slack, url_env: CHAT_URL}";
    /// let node = yaml::read("hikeshi.yaml", text, 0, &mut problems).unwrap();
    /// let spec = ChannelSpec::parse("chat", &node, &mut problems).unwrap();
    /// assert!(spec.brief().is_room && !spec.brief().is_pager);
    /// ```
    pub fn parse(
        name: impl Into<ChannelName>,
        node: &Node,
        problems: &mut Problems,
    ) -> Option<Self> {
        let mut fields = Fields::open(node, problems)?;
        let timeout = fields.duration_or("timeout", TIMEOUT, problems);
        let is_pager = fields.flag_or("pager", false, problems);
        let kind = find_kind(&mut fields, problems)?;
        let settings = (kind.parse)(&mut fields, problems);
        fields.finish(problems);
        Some(Self { name: name.into(), timeout, is_pager, kind, settings: settings? })
    }

    /// What the policy must know of it.
    pub fn brief(&self) -> ChannelBrief {
        ChannelBrief {
            is_room: self.settings.is_room(),
            is_pager: self.is_pager,
            is_mirror: self.settings.is_mirror(),
            devices: self.settings.devices(),
        }
    }

    /// The channel itself; an attempt ends by the timeout at the latest.
    pub fn make(&self, safe: &Safe) -> Box<dyn Channel> {
        let limit = Duration::try_from(self.timeout).unwrap_or(Duration::ZERO);
        let reader = safe.reader(format!("channel {}", self.name));
        // What devices enrolled with nobody filled in: it is random, and may look like anything.
        let is_written = self.settings.devices().is_none();
        Box::new(Limited { channel: self.settings.make(reader), limit, is_written })
    }
}

/// A channel whose attempts end, and which uses no address that nobody filled in.
struct Limited {
    channel: Box<dyn Channel>,
    limit: Duration,
    /// People write its addresses.
    is_written: bool,
}

impl Channel for Limited {
    fn tell<'a>(&'a self, message: &'a Message<'a>) -> BoxFuture<'a, Told> {
        Box::pin(async move {
            if let Some(address) =
                message.address.filter(|address| self.is_written && is_placeholder(address))
            {
                return Told::hopeless(format!(
                    "`{}` is a placeholder, not an address; write the real one in `contacts`",
                    outside::shown(address, &[])
                ));
            }
            match tokio::time::timeout(self.limit, self.channel.tell(message)).await {
                Ok(told) => told,
                Err(_) => Told::try_again(format!("no answer within {:?}", self.limit)),
            }
        })
    }

    fn reply<'a>(&'a self, to: &'a str, text: &'a str) -> BoxFuture<'a, Option<Told>> {
        let late = || Some(Told::try_again(format!("no answer within {:?}", self.limit)));
        Box::pin(async move {
            let said = tokio::time::timeout(self.limit, self.channel.reply(to, text));
            said.await.unwrap_or_else(|_| late())
        })
    }

    fn mail<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Option<Told>> {
        let late = || Some(Told::try_again(format!("no answer within {:?}", self.limit)));
        Box::pin(async move {
            let sent = tokio::time::timeout(self.limit, self.channel.mail(mail));
            sent.await.unwrap_or_else(|_| late())
        })
    }
}

fn find_kind(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<&'static Kind> {
    let node = fields.required("kind", problems)?;
    let name = node.text(problems)?;
    let kind = kinds::by_name(&name);
    if kind.is_none() {
        let known: Vec<_> = kinds::KINDS.iter().map(|kind| kind.name).collect();
        let known = known.join(", ");
        problems.add_with_hint(
            &node.place,
            Said::new(
                format!("`{name}` という種類の通知先はありません"),
                format!("there is no channel kind `{name}`"),
            ),
            Said::new(format!("使える種類: {known}"), format!("known kinds: {known}")),
        );
    }
    kind
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::said::Language;
    use source::yaml;

    fn problems_of(text: &str) -> String {
        let mut problems = Problems::new();
        let node = yaml::read("hikeshi.yaml", text, 0, &mut problems).expect("YAML");
        ChannelSpec::parse("c", &node, &mut problems);
        problems.render(Language::En)
    }

    #[test]
    fn every_mistake_is_named_at_once() {
        let said = problems_of("kind: email\ntimeout: soon\nserverr: 127.0.0.1:25\nfrom: nobody\n");
        for part in
            ["a duration such as", "`server` is missing", "did you mean `server`?", "`from`"]
        {
            assert!(said.contains(part), "{part}: {said}");
        }
    }

    #[test]
    fn an_unknown_kind_names_the_known_ones() {
        let said = problems_of("kind: pigeon");
        assert!(said.contains("no channel kind `pigeon`"), "{said}");
        assert!(said.contains("email, line, slack"), "{said}");
    }

    #[test]
    fn a_password_crosses_no_network_unencrypted() {
        let said = problems_of(
            "{kind: email, server: 'mail.example.jp:25', tls: none, from: a@example.jp}",
        );
        assert!(said.contains("only for this machine"), "{said}");
        let local =
            problems_of("{kind: email, server: 'localhost:25', tls: none, from: a@example.jp}");
        assert_eq!(local, "");
    }

    /// C28
    #[test]
    fn a_placeholder_is_no_recipient() {
        let said = problems_of(
            "{kind: email, server: 'localhost:25', tls: none, from: a@example.jp, to: stakeholders@company.com}",
        );
        assert!(said.contains("placeholder"), "{said}");
    }

    #[test]
    fn a_url_is_written_once_and_is_http() {
        let both = problems_of("{kind: slack, url: 'http://127.0.0.1/x', url_env: X}");
        assert!(both.contains("exactly one"), "{both}");
        assert!(problems_of("kind: slack").contains("exactly one"));
        let said = problems_of("{kind: slack, url: 'ftp://127.0.0.1/t0ken'}");
        assert!(said.contains("http or https") && !said.contains("t0ken"), "{said}");
    }
}
