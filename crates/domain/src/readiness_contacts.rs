//! Readiness of people: whoever has no address that reaches them, whatever nobody has confirmed, and roles that nobody
//! holds (A78 to A82, C28).

use crate::{
    contacts::{self, Standing},
    finding::{Finding, Grade},
    ids::ContactName,
    policy::{Contact, Policy},
    severity::Priority,
    state::State,
};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// What the configuration alone tells. `chain` is who may be called at each level.
pub(crate) fn of_policy(policy: &Policy, chain: &[BTreeSet<ContactName>]) -> Vec<Finding> {
    let mut found: Vec<_> = nobody(chain).into_iter().collect();
    let mut named = BTreeSet::new();
    let levels = policy.escalation.iter().map(|level| level.title.as_str()).zip(chain);
    for (title, people) in levels {
        for contact in people.iter().filter_map(|name| policy.contacts.get(name)) {
            if named.insert(&contact.name) {
                found.extend(uncalled(policy, contact, title));
            }
        }
    }
    let others = policy.contacts.values().filter(|contact| !named.contains(&contact.name));
    found.extend(others.filter_map(|contact| {
        let reaches_nobody =
            contact.addresses.values().all(|address| contacts::is_example(address));
        reaches_nobody.then(|| missing(contact, example(contact).unwrap_or_else(|| none(contact))))
    }));
    found.extend(vacant(policy));
    found
}

/// What people have confirmed, and how the channels fare.
pub(crate) fn of_state(policy: &Policy, state: &State, now: Timestamp) -> Vec<Finding> {
    let needed = contacts::needed(policy, &state.overrides, now);
    let people = needed.iter().filter_map(|name| policy.contacts.get(name));
    let mut found: Vec<_> =
        people.filter_map(|contact| unverified(policy, state, contact, now)).collect();
    found.extend(failing(policy, state));
    found
}

/// A fresh configuration calls nobody.
fn nobody(chain: &[BTreeSet<ContactName>]) -> Option<Finding> {
    chain.iter().all(BTreeSet::is_empty).then(|| {
        Finding::new(
            Grade::Error,
            "contact_missing",
            "escalation",
            ("呼ばれる人がいません".into(), "nobody is ever called".into()),
            (
                "contacts に人と宛先を書き、escalation に加えてください",
                "write people and their addresses under `contacts`, and name them in `escalation`",
            ),
        )
    })
}

/// Everybody on the way up must be reachable on a channel of the most urgent route.
fn uncalled(policy: &Policy, contact: &Contact, title: &str) -> Option<Finding> {
    let route = policy.routes.get(&Priority::P0)?;
    (!contacts::has_way(policy, route, contact)).then(|| {
        let name = &contact.name;
        let said = example(contact).unwrap_or_else(|| {
            (
                format!("{name} ({title}) には、P0 のどのチャネルの宛先もありません"),
                format!("{name} ({title}) has no address on any channel of P0"),
            )
        });
        missing(contact, said)
    })
}

fn missing(contact: &Contact, said: (String, String)) -> Finding {
    let hint = ("contacts に宛先を書いてください", "write an address under `contacts`");
    Finding::new(Grade::Error, "contact_missing", &contact.name, said, hint)
}

fn none(contact: &Contact) -> (String, String) {
    let name = &contact.name;
    (format!("{name} には宛先がありません"), format!("{name} has no address"))
}

/// An address for documents is what is left of somebody else's example.
fn example(contact: &Contact) -> Option<(String, String)> {
    let (name, mut all) = (&contact.name, contact.addresses.iter());
    let (channel, address) = all.find(|(_, address)| contacts::is_example(address))?;
    let address = contacts::masked(address);
    Some((
        format!("{name} の {channel} の宛先 ({address}) は例のままで、誰にも届きません"),
        format!("the {channel} of {name} ({address}) is still an example and reaches nobody"),
    ))
}

/// Something waits for a role that nobody holds.
fn vacant(policy: &Policy) -> Vec<Finding> {
    let mut named = BTreeSet::new();
    let needed = contacts::needed_roles(policy).into_iter();
    let vacant = needed.filter(|(role, _)| policy.holders(&role.as_str().into()).is_empty());
    vacant
        .filter(|(role, _)| named.insert(role.clone()))
        .map(|(role, (ja, en))| {
            let said = (
                format!("役割 {role} の人がいません: {ja}"),
                format!("nobody holds the role {role}, who {en}"),
            );
            let hint = (
                format!(
                    "contacts に {role} という人を書くか、誰かに roles: [{role}] を加えてください"
                ),
                format!("add a contact called {role}, or `roles: [{role}]` to somebody"),
            );
            Finding::new(Grade::Warning, "role_unheld", &role, said, hint)
        })
        .collect()
}

/// An address that nobody has confirmed may be a mistyped one.
fn unverified(
    policy: &Policy,
    state: &State,
    contact: &Contact,
    now: Timestamp,
) -> Option<Finding> {
    let name = &contact.name;
    let open: Vec<(String, String)> = contacts::ways(policy, contact)
        .filter_map(|(channel, _)| {
            let (ja, en) = match contacts::standing(&state.deliveries, contact, channel, now) {
                Standing::Verified(_) => return None,
                Standing::Never => ("未確認", "never confirmed"),
                Standing::Changed(_) => ("確認後に宛先が変更", "changed since it was confirmed"),
                Standing::Old(_) => ("確認から半年以上", "confirmed more than half a year ago"),
            };
            Some((format!("{channel} ({ja})"), format!("{channel} ({en})")))
        })
        .collect();
    let (ja, en): (Vec<_>, Vec<_>) = open.into_iter().unzip();
    (!en.is_empty()).then(|| {
        Finding::new(
            Grade::Warning,
            "contact_unverified",
            name,
            (
                format!("{name} に届くか確かめられていません: {}", ja.join("、")),
                format!("it is not known whether {name} is reached: {}", en.join(", ")),
            ),
            (
                format!("hikeshi contacts verify {name} で試験の通知を送り、本人に確認してもらってください"),
                format!("`hikeshi contacts verify {name}` sends a test message that they confirm"),
            ),
        )
    })
}

/// What failed last will fail at night.
fn failing(policy: &Policy, state: &State) -> Vec<Finding> {
    let configured = policy.channels.keys();
    let all = configured.filter_map(|name| Some((name, state.deliveries.health.get(name)?)));
    all.filter(|(_, health)| health.failures > 0)
        .map(|(name, health)| {
            let (count, why) = (health.failures, &health.failure);
            let to = if policy.is_room(name) { "" } else { " --to CONTACT" };
            Finding::new(
                Grade::Error,
                "channel_failing",
                name,
                (
                    format!("チャネル {name} は最後の {count} 回続けて失敗しています: {why}"),
                    format!("the last {count} messages on {name} have failed: {why}"),
                ),
                (
                    format!("原因を直し、hikeshi channel test {name}{to} で確かめてください"),
                    format!("mend the cause, and see with `hikeshi channel test {name}{to}`"),
                ),
            )
        })
        .collect()
}
