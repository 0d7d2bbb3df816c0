//! Devices that receive for a person: phones and browsers that enrolled themselves (web push). Their addresses cannot stand
//! in a configuration that people write, so they are facts, and stand in the policy beside those that were written.

use crate::{
    command::Refusal,
    fact::{DeviceAdded, DeviceRemoved, Fact},
    ids::{Actor, ChannelName, ContactName},
    policy::Policy,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Devices of one person on one channel: more is a mistake.
const MOST: usize = 10;

/// A device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// What enrolled.
    pub added: DeviceAdded,
    /// When.
    pub at: Timestamp,
}

/// All devices. A number is given once: what a service says of a device that is gone never hits another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Devices {
    /// Those that receive.
    pub all: Vec<Device>,
    /// The newest number.
    pub last: u64,
}

/// The facts of a device that enrols; one that enrols again takes its own place.
///
/// # Errors
/// Nobody can enrol for this person on this channel, or there are too many.
pub fn add(policy: &Policy, devices: &Devices, asked: DeviceAdded) -> Result<Vec<Fact>, Refusal> {
    let takes = policy.channels.get(&asked.channel).is_some_and(|brief| brief.devices.is_some());
    if !takes || !policy.contacts.contains_key(&asked.contact) {
        return Err(Refusal::not_found(
            format!("`{}` は `{}` に端末を登録できません", asked.contact, asked.channel),
            format!("no device of `{}` can enrol on `{}`", asked.contact, asked.channel),
        ));
    }
    let mine = |device: &&Device| {
        device.added.contact == asked.contact && device.added.channel == asked.channel
    };
    let same = devices.all.iter().filter(|device| {
        device.added.channel == asked.channel && device.added.address == asked.address
    });
    let mut facts: Vec<_> = same.map(|device| removed(device.added.id, &asked.by)).collect();
    if facts.is_empty() && devices.all.iter().filter(mine).count() >= MOST {
        return Err(Refusal::conflict(
            format!("{} の端末はすでに {MOST} 台あります。先に削除してください", asked.contact),
            format!("{} has {MOST} devices already: remove some first", asked.contact),
        ));
    }
    let id = devices.last + 1;
    facts.push(Fact::DeviceAdded(Box::new(DeviceAdded { id, ..asked })));
    Ok(facts)
}

/// The facts of a device that receives nothing any more.
///
/// # Errors
/// There is no device with this number.
pub fn remove(devices: &Devices, id: u64, by: &Actor) -> Result<Vec<Fact>, Refusal> {
    if !devices.all.iter().any(|device| device.added.id == id) {
        return Err(Refusal::not_found(
            format!("端末 {id} はありません"),
            format!("there is no device {id}"),
        ));
    }
    Ok(vec![removed(id, by)])
}

fn removed(id: u64, by: &Actor) -> Fact {
    Fact::DeviceRemoved(DeviceRemoved { id, by: by.clone() })
}

/// Follows a fact about devices.
pub fn apply(devices: &mut Devices, fact: &Fact, at: Timestamp) {
    match fact {
        Fact::DeviceAdded(added) => {
            devices.last = added.id;
            devices.all.push(Device { added: (**added).clone(), at });
        }
        Fact::DeviceRemoved(gone) => devices.all.retain(|device| device.added.id != gone.id),
        _ => {}
    }
}

/// The policy with the addresses of devices: those of one person on one channel are one address, a line for each with its
/// number before it, because one message goes to all of them.
pub fn enrolled(mut policy: Policy, devices: &Devices) -> Policy {
    for (name, brief) in &policy.channels {
        if brief.devices.is_none() {
            continue;
        }
        for contact in policy.contacts.values_mut() {
            let lines = lines(devices, &contact.name, name);
            if !lines.is_empty() {
                contact.addresses.insert(name.clone(), lines.join("\n"));
            }
        }
    }
    policy
}

fn lines(devices: &Devices, contact: &ContactName, channel: &ChannelName) -> Vec<String> {
    let theirs = devices.all.iter().map(|device| &device.added);
    let theirs = theirs.filter(|one| one.contact == *contact && one.channel == *channel);
    theirs.map(|one| format!("{} {}", one.id, one.address)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        personal::Personal,
        policy::{ChannelBrief, Contact, Enrolment},
    };
    use std::collections::{BTreeMap, BTreeSet};

    fn policy() -> Policy {
        let enrolment = Enrolment { key: "B".into(), services: vec!["push.example.net".into()] };
        let brief =
            |devices| ChannelBrief { is_room: false, is_pager: true, is_mirror: false, devices };
        let contact = |name: &str| {
            let contact = Contact {
                name: name.into(),
                title: name.into(),
                addresses: BTreeMap::new(),
                personal: Personal::default(),
                roles: BTreeSet::new(),
            };
            (name.into(), contact)
        };
        Policy {
            channels: [("push".into(), brief(Some(enrolment))), ("mail".into(), brief(None))]
                .into(),
            contacts: [contact("sato"), contact("suzuki")].into(),
            ..Policy::default()
        }
    }

    fn asked(contact: &str, address: &str) -> DeviceAdded {
        DeviceAdded {
            id: 0,
            contact: contact.into(),
            channel: "push".into(),
            title: "携帯".into(),
            address: address.into(),
            by: Actor::Person(contact.into()),
        }
    }

    fn enrol(devices: &mut Devices, asked: DeviceAdded) {
        for fact in add(&policy(), devices, asked).expect("taken") {
            apply(devices, &fact, Timestamp::UNIX_EPOCH);
        }
    }

    #[test]
    fn the_devices_of_a_person_are_one_address_of_theirs() {
        let mut devices = Devices::default();
        enrol(&mut devices, asked("sato", "https://push.example.net/1 K A"));
        enrol(&mut devices, asked("sato", "https://push.example.net/2 K A"));
        enrol(&mut devices, asked("suzuki", "https://push.example.net/3 K A"));
        let with = enrolled(policy(), &devices);
        let address = |name: &str| with.contacts[&ContactName::from(name)].addresses.clone();
        assert_eq!(
            address("sato"),
            [(
                "push".into(),
                "1 https://push.example.net/1 K A\n2 https://push.example.net/2 K A".into()
            )]
            .into()
        );
        assert_eq!(address("suzuki").len(), 1);
    }

    /// What a service says late of a device that is gone must not hit another.
    #[test]
    fn a_device_that_enrols_again_takes_its_own_place_under_a_new_number() {
        let mut devices = Devices::default();
        enrol(&mut devices, asked("sato", "https://push.example.net/1 K A"));
        enrol(&mut devices, asked("suzuki", "https://push.example.net/1 K A"));
        let all: Vec<_> =
            devices.all.iter().map(|one| (one.added.id, &one.added.contact)).collect();
        assert_eq!(all, [(2, &"suzuki".into())], "it belongs to whoever enrolled it last");
        let fact = remove(&devices, 2, &Actor::System("push".into())).expect("it is there");
        apply(&mut devices, &fact[0], Timestamp::UNIX_EPOCH);
        enrol(&mut devices, asked("sato", "https://push.example.net/4 K A"));
        assert_eq!(devices.all[0].added.id, 3);
        assert_eq!(remove(&devices, 2, &Actor::Hikeshi).expect_err("gone").kind, "not_found");
    }

    #[test]
    fn who_cannot_enrol_is_told() {
        let mut devices = Devices::default();
        for number in 0..MOST {
            enrol(&mut devices, asked("sato", &format!("https://push.example.net/{number} K A")));
        }
        let refused = |asked| add(&policy(), &devices, asked).expect_err("refused").kind;
        assert_eq!(refused(asked("sato", "https://push.example.net/x K A")), "conflict");
        assert_eq!(refused(asked("nobody", "https://push.example.net/x K A")), "not_found");
        let on_mail = DeviceAdded { channel: "mail".into(), ..asked("sato", "x") };
        assert_eq!(refused(on_mail), "not_found");
    }
}
