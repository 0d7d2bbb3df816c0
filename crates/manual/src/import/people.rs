//! Who is told: contacts, how fast by which channel, and who comes next.

use super::{made::At, procedures::clean};
use crate::{page::Page, rules::links::is_reserved, text};

/// Somebody who can be told.
pub(crate) struct Contact {
    pub(crate) at: At,
    pub(crate) title: String,
    /// What the document says behind the name: addresses, or placeholders.
    pub(crate) says: String,
    /// Whether there is an address that could be real.
    pub(crate) is_resolved: bool,
}

/// How people hear of incidents of one priority.
pub(crate) struct Told {
    pub(crate) at: At,
    pub(crate) priority: &'static str,
    pub(crate) channels: Vec<&'static str>,
    pub(crate) says: String,
}

/// Who comes next, and when.
pub(crate) struct Next {
    pub(crate) at: At,
    pub(crate) minutes: u32,
    pub(crate) title: String,
    pub(crate) contacts: Vec<String>,
}

const CHANNELS: [(&str, &[&str]); 4] = [
    ("phone", &["電話", "phone", "call"]),
    ("chat", &["チャット", "slack", "chat", "teams"]),
    ("mail", &["メール", "email", "e-mail", "mail"]),
    ("sms", &["sms"]),
];
const CONTACTS: &[&str] = &["連絡先", "contacts", "contact list"];
const ESCALATION: &[&str] = &["エスカレーション", "escalation"];

/// The contacts of a document.
pub(crate) fn contacts(page: &Page<'_>) -> Vec<Contact> {
    let listed = page.items.iter().filter(|item| {
        page.is_under(item.line, CONTACTS) && !text::has_word(&item.heading, ESCALATION)
    });
    let contact = |item: &crate::page::Item| {
        let title = clean(item.label.as_deref()?);
        let says = clean(&item.rest);
        let has_address =
            says.contains('@') || says.chars().filter(char::is_ascii_digit).count() >= 6;
        let is_resolved =
            has_address && !says.contains(['[', ']', '<', '>']) && !is_reserved(&says);
        Some(Contact { at: At::new(page.file, item.line), title, says, is_resolved })
    };
    listed.filter_map(contact).filter(|contact| !contact.title.is_empty()).collect()
}

/// How people hear of incidents, by priority.
pub(crate) fn told(page: &Page<'_>) -> Vec<Told> {
    let one = |item: &crate::page::Item| {
        let label = item.label.as_deref()?;
        let priority = ["P0", "P1", "P2", "P3"].into_iter().find(|name| label == *name)?;
        let of = |(name, words): &(&'static str, &[&str])| {
            text::has_word(&item.rest, words).then_some(*name)
        };
        let channels = CHANNELS.iter().filter_map(of).collect();
        Some(Told {
            at: At::new(page.file, item.line),
            priority,
            channels,
            says: clean(&item.rest),
        })
    };
    page.items.iter().filter_map(one).collect()
}

/// The levels of escalation that have a time; what has none comes back beside them.
pub(crate) fn escalation(page: &Page<'_>, contacts: &[Contact]) -> (Vec<Next>, Vec<(At, String)>) {
    let (mut levels, mut others) = (Vec::new(), Vec::new());
    for item in page.items.iter().filter(|item| text::has_word(&item.heading, ESCALATION)) {
        let (Some(label), at) = (item.label.as_deref(), At::new(page.file, item.line)) else {
            continue;
        };
        match text::minutes(label) {
            Some(minutes) => {
                let named =
                    contacts.iter().filter(|contact| item.rest.contains(contact.title.as_str()));
                let contacts = named.map(|contact| contact.title.clone()).collect();
                levels.push(Next { at, minutes, title: clean(&item.rest), contacts });
            }
            None => others.push((at, clean(&item.text))),
        }
    }
    levels.sort_by_key(|level| level.minutes);
    (levels, others)
}
