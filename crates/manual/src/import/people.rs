//! Who is told: contacts, how fast by which channel, and who comes next.

use super::{
    places::{At, Open},
    procedures::clean,
    yaml,
};
use crate::{page::Page, rules::links::is_reserved, text};
use domain::said::Said;
use std::collections::BTreeSet;

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

/// Writes channels, routes and contacts.
pub(crate) fn write(pages: &[Page<'_>], open: &mut Vec<Open>, out: &mut String) -> Vec<Contact> {
    let told: Vec<Told> = pages.iter().flat_map(told).collect();
    out.push_str("\n# Add the channels of your house; until then messages appear on the console.\nchannels:\n  console: {kind: console}\n");
    let mut wanted: BTreeSet<&str> = BTreeSet::new();
    wanted.extend(told.iter().flat_map(|told| &told.channels));
    for channel in wanted {
        out.push_str(&format!("  # {channel}: …\n"));
        if let Some(told) = told.iter().find(|told| told.channels.contains(&channel)) {
            open.push(Open {
                at: told.at.clone(),
                what: Said::new(
                    format!("チャネル `{channel}` の宛先がない (`channels:`)"),
                    format!("the channel `{channel}` has no address (`channels:`)"),
                ),
            });
        }
    }
    if !told.is_empty() {
        out.push_str("# routes:\n");
    }
    for told in &told {
        out.push_str(&format!(
            "#   {}: {{channels: [{}]}}   {}\n",
            told.priority,
            told.channels.join(", "),
            yaml::comment(&format!("{}: {}", told.at, told.says))
        ));
    }
    let mut contacts: Vec<Contact> = pages.iter().flat_map(contacts).collect();
    let mut seen = BTreeSet::new();
    contacts.retain(|contact| seen.insert(contact.title.clone()));
    if !contacts.is_empty() {
        out.push_str("\n# Addresses go beside `title`, under the names of the channels. A placeholder is never sent to.\ncontacts:\n");
    }
    for contact in &contacts {
        let title = yaml::quoted(&contact.title);
        out.push_str(&format!(
            "  {title}: {{title: {title}}}   {}\n",
            yaml::comment(&format!("{}: {}", contact.at, contact.says))
        ));
        if !contact.is_resolved {
            open.push(Open {
                at: contact.at.clone(),
                what: Said::new(
                    format!("「{}」の宛先がない", contact.title),
                    format!("`{}` has no address", contact.title),
                ),
            });
        }
    }
    contacts
}

/// Writes the levels of escalation.
pub(crate) fn write_escalation(
    pages: &[Page<'_>],
    contacts: &[Contact],
    open: &mut Vec<Open>,
    out: &mut String,
) {
    let (mut levels, mut others) = (Vec::new(), Vec::new());
    for page in pages {
        let (found, more) = escalation(page, contacts);
        levels.extend(found);
        others.extend(more);
    }
    levels.sort_by_key(|level| level.minutes);
    if !levels.is_empty() {
        out.push_str("\nescalation:\n  - {title: \"1\", contacts: []}   # whoever is on call: the documents name nobody\n");
    }
    for level in &levels {
        let names: Vec<String> = level.contacts.iter().map(|name| yaml::quoted(name)).collect();
        out.push_str(&format!(
            "  - {{title: {}, after: {}, contacts: [{}]}}   {}\n",
            yaml::quoted(&level.title),
            yaml::minutes(level.minutes),
            names.join(", "),
            yaml::comment(&level.at.to_string())
        ));
        if names.is_empty() {
            open.push(Open {
                at: level.at.clone(),
                what: Said::new(
                    format!("「{}」が誰のことか書かれていない", level.title),
                    format!("nothing says who `{}` is", level.title),
                ),
            });
        }
    }
    for (at, says) in others {
        out.push_str(&format!("  # {}: {}\n", at, says));
        open.push(Open {
            at,
            what: Said::new(
                format!("時間で決まらないエスカレーション: {says}"),
                format!("an escalation that no time decides: {says}"),
            ),
        });
    }
}
