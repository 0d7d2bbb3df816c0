//! `digest:` when the daily digest is sent, and to whom.

use crate::{hours, people, people::People, settings};
use domain::{
    digest::DigestPolicy,
    ids::{ChannelName, ContactName},
    severity::Priority,
};
use jiff::{civil::Time, tz::TimeZone};
use source::{Fields, Node, Problems};

/// When the digest is sent, unless the configuration says otherwise (A48).
const NINE: Time = Time::constant(9, 0, 0, 0);
/// The kind of channel on which a digest is read, where the route of P3 names none.
const MAIL: &str = "email";

/// Reads it; none: it is `off`, or there is nowhere to send it.
pub(crate) fn read(
    node: Option<&Node>,
    people: &People,
    zone: &TimeZone,
    problems: &mut Problems,
) -> Option<DigestPolicy> {
    if node.is_some_and(Node::is_off) {
        return None;
    }
    let mut policy = DigestPolicy {
        at: NINE,
        zone: zone.clone(),
        only_business_days: false,
        channels: usual_channels(people),
        contacts: usual_contacts(people),
    };
    let fields = node.and_then(|node| Fields::open(node, problems));
    if let (Some(node), Some(mut fields)) = (node, fields) {
        let at = fields.optional("at").and_then(|node| hours::time(node, problems));
        policy.at = at.unwrap_or(policy.at);
        if let Some(own) = fields.optional("zone") {
            policy.zone = settings::zone_of(own, problems);
        }
        policy.only_business_days = fields.flag_or("business_days", false, problems);
        let channels = fields.optional("channels");
        let contacts = fields.optional("contacts");
        fields.finish(problems);
        if let Some(own) = channels {
            policy.channels = people::channels(own, &people.briefs, problems);
        }
        if let Some(own) = contacts {
            policy.contacts = people::contacts_of(own, &people.contacts, problems);
        }
        if channels.is_some() && contacts.is_some() {
            people::check_reach(&policy.channels, &policy.contacts, &node.place, people, problems);
        }
    }
    (!policy.channels.is_empty()).then_some(policy)
}

/// The route of P3; else the team's mail; else where warnings are read.
fn usual_channels(people: &People) -> Vec<ChannelName> {
    let of_route = people.routes.get(&Priority::P3).map(|route| route.channels.clone());
    let own = of_route.filter(|channels| !channels.is_empty());
    let mails = people.channels.iter().filter(|spec| spec.kind.name == MAIL);
    let mails: Vec<_> = mails.map(|spec| spec.name.clone()).collect();
    own.unwrap_or(if mails.is_empty() { people.warning_route.channels.clone() } else { mails })
}

/// Whom the route of P3 names; empty: whoever is told first of an incident.
fn usual_contacts(people: &People) -> Vec<ContactName> {
    people.routes.get(&Priority::P3).map(|route| route.also.clone()).unwrap_or_default()
}
