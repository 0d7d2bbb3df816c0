//! The contact book: who may be called, and whether it is known that their addresses reach them (A78, A79, C28).

use crate::{
    deliveries::{Deliveries, Verified},
    ids::{ChannelName, ContactName, ScheduleName},
    policy::{Contact, EscalationLevel, Policy, Route},
    rule::Symptom,
    schedule::{self, Overrides},
    stakeholders::{LEGAL, MANAGEMENT},
};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// So far ahead rotas are looked at.
pub const AHEAD: SignedDuration = SignedDuration::from_hours(30 * 24);
/// What was confirmed so long ago is asked again: people change their numbers.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(183 * 24);
/// Names that are for documents and tests, never for mail (RFC 2606, RFC 6761; JPRS reserves `example.jp`).
const RESERVED: [&str; 8] = [
    "example",
    "test",
    "invalid",
    "localhost",
    "example.com",
    "example.net",
    "example.org",
    "example.jp",
];
/// What people write where they do not know yet what to write.
const TO_DO: [&str; 8] = ["tbd", "todo", "要更新", "未定", "未設定", "未記入", "要確認", "記入"];

/// What is known of an address.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Standing<'a> {
    /// A person has confirmed that it reaches them.
    Verified(&'a Verified),
    /// Nobody ever has.
    Never,
    /// Somebody has, for another address than that of today.
    Changed(&'a Verified),
    /// Somebody has, long ago.
    Old(&'a Verified),
}

impl Standing<'_> {
    /// Its word in JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Verified(_) => "verified",
            Self::Never => "never",
            Self::Changed(_) => "changed",
            Self::Old(_) => "old",
        }
    }

    /// What was confirmed, of whatever worth it is now.
    pub fn verified(&self) -> Option<&Verified> {
        match self {
            Self::Verified(verified) | Self::Changed(verified) | Self::Old(verified) => {
                Some(verified)
            }
            Self::Never => None,
        }
    }
}

/// What is known of the address of a contact on a channel.
pub fn standing<'a>(
    deliveries: &'a Deliveries,
    contact: &Contact,
    channel: &ChannelName,
    now: Timestamp,
) -> Standing<'a> {
    let of_contact = deliveries.verified.get(&contact.name);
    let Some(verified) = of_contact.and_then(|channels| channels.get(channel)) else {
        return Standing::Never;
    };
    if contact.addresses.get(channel) != Some(&verified.address) {
        Standing::Changed(verified)
    } else if now.duration_since(verified.at) >= GOOD_FOR {
        Standing::Old(verified)
    } else {
        Standing::Verified(verified)
    }
}

/// The personal channels of a contact with an address that could reach somebody.
pub fn ways<'a>(
    policy: &'a Policy,
    contact: &'a Contact,
) -> impl Iterator<Item = (&'a ChannelName, &'a str)> {
    let is_way = |(channel, address): &(&ChannelName, &String)| {
        !policy.is_room(channel) && !is_example(address)
    };
    contact.addresses.iter().filter(is_way).map(|(channel, address)| (channel, address.as_str()))
}

/// Whether a contact has such an address on a channel of a route.
pub fn has_way(policy: &Policy, route: &Route, contact: &Contact) -> bool {
    ways(policy, contact).any(|(channel, _)| route.channels.contains(channel))
}

/// Who may be called at each level: its contacts, and whoever is on call for it in the weeks ahead.
pub fn chain(policy: &Policy, overrides: &Overrides, now: Timestamp) -> Vec<BTreeSet<ContactName>> {
    let until = now.saturating_add(AHEAD).unwrap_or(Timestamp::MAX);
    let on_call = |name: &ScheduleName| {
        let schedule = policy.schedules.get(name).into_iter();
        let shifts = schedule.flat_map(|one| schedule::shifts(one, overrides.of(name), now, until));
        shifts.flat_map(|shift| shift.people).collect::<Vec<_>>()
    };
    let people = |level: &EscalationLevel| {
        let on_call = level.on_call.iter().flat_map(on_call);
        on_call.chain(level.contacts.iter().cloned()).collect()
    };
    policy.escalation.iter().map(people).collect()
}

/// Who must be reachable: whoever may be called, whom the routes name, and who holds a role that something needs. Whoever
/// only reads what others write (stakeholders, the press) gets no test messages.
pub fn needed(policy: &Policy, overrides: &Overrides, now: Timestamp) -> BTreeSet<ContactName> {
    let called = chain(policy, overrides, now).into_iter().flatten();
    let routes = policy.routes.values().chain([&policy.warning_route]);
    let named = routes.flat_map(|route| route.also.iter().cloned());
    let holders =
        needed_roles(policy).into_iter().flat_map(|(role, _)| policy.holders(&role.into()));
    called.chain(named).chain(holders).collect()
}

/// The roles without which something would not happen, each with what that is in Japanese and English.
pub fn needed_roles(policy: &Policy) -> Vec<(String, (String, String))> {
    let judged = policy.probes.values().flat_map(|feed| &feed.rules);
    let mut rules = judged.filter_map(|name| policy.rules.get(name));
    let mut needed = Vec::new();
    if let Some(rule) = rules.find(|rule| rule.symptom == Symptom::DataLoss) {
        let why = (
            format!("データ損失の疑い ({}) を直ちに知らせる相手です", rule.name),
            format!("hears at once when data may be lost ({})", rule.name),
        );
        needed.extend([LEGAL, MANAGEMENT].map(|role| (role.to_owned(), why.clone())));
    }
    for (audience, outlet) in &policy.outlets {
        if let Some(role) = &outlet.approver {
            let why = (
                format!("{} 宛ての文面を承認する人です", audience.word()),
                format!("releases what is written for {}", audience.word()),
            );
            needed.push((role.to_string(), why));
        }
    }
    needed
}

/// Whether an address is none: what a template or a hurried person left (`[電話番号]`, `TBD`, `080-XXXX-XXXX`). A mail
/// address may have a name before it (`火消し <hikeshi@…>`).
pub fn is_placeholder(address: &str) -> bool {
    let address = address.trim().to_lowercase();
    let named = address.strip_suffix('>').and_then(|rest| rest.split_once('<'));
    let bare = named.map(|(_, bare)| bare).filter(|bare| bare.contains('@')).unwrap_or(&address);
    let is_crossed = |word: &str| {
        word.chars().count() >= 3 && word.chars().all(|c| matches!(c, 'x' | '○' | '〇' | '×'))
    };
    let mut words = address.split(|c: char| !c.is_alphanumeric() && !matches!(c, '○' | '×'));
    bare.is_empty()
        || bare.contains(['[', ']', '<', '>'])
        || bare.ends_with("@company.com")
        || words.any(|word| TO_DO.contains(&word) || is_crossed(word))
}

/// Whether an address is well formed and reaches nobody: its domain is reserved for documents.
pub fn is_example(address: &str) -> bool {
    let Some((_, domain)) = address.trim().trim_end_matches('>').rsplit_once('@') else {
        return false;
    };
    let domain = domain.to_lowercase();
    RESERVED.iter().any(|name| {
        domain == *name || domain.strip_suffix(name).is_some_and(|rest| rest.ends_with('.'))
    })
}

/// Enough of an address to know it by, and not to use it.
pub fn masked(address: &str) -> String {
    let first = address.chars().next().map(String::from).unwrap_or_default();
    match address.rsplit_once('@') {
        Some((_, domain)) => format!("{first}…@{domain}"),
        None => {
            let count = address.chars().count();
            let shown = if count >= 10 { 4 } else { 0 };
            let last: String = address.chars().skip(count - shown).collect();
            format!("…{last}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // C28
    #[test]
    fn what_was_never_filled_in_is_no_address() {
        for none in [
            "",
            "[電話番号]",
            "<mail>",
            "stakeholders@company.com",
            "要更新",
            "TBD",
            "080-XXXX-XXXX",
            "090-○○○○-○○○○",
            "ann@xxx.co.jp",
            "todo: ask ann",
            "関係者 <stakeholders@company.com>",
            "ann <tbd@hikeshi.jp>",
            "要更新 <ann@hikeshi.jp>",
        ] {
            assert!(is_placeholder(none), "{none}");
        }
        for one in [
            "+81-50-0000-0001",
            "ann@hikeshi.jp",
            "sato@mycompany.com",
            "火消し <hikeshi@hikeshi.jp>",
            "U4af4980629",
            "todoroki@hikeshi.jp",
        ] {
            assert!(!is_placeholder(one), "{one}");
        }
    }

    #[test]
    fn a_domain_for_documents_reaches_nobody() {
        for none in ["ann@example.com", "ann@mail.example.jp", "Ann <ann@EXAMPLE.org>", "a@b.test"]
        {
            assert!(is_example(none), "{none}");
        }
        for one in ["ann@myexample.com", "ann@latest", "+81-50-0000-0001", "ann@hikeshi.jp"] {
            assert!(!is_example(one), "{one}");
        }
    }

    #[test]
    fn an_address_is_known_by_its_mask_and_cannot_be_used() {
        assert_eq!(masked("+81-50-0000-0001"), "…0001");
        assert_eq!(masked("sato@hikeshi.jp"), "s…@hikeshi.jp");
        assert_eq!(masked("g1"), "…");
        assert_eq!(masked("佐藤の電話"), "…");
        assert_eq!(masked(""), "…");
    }
}
