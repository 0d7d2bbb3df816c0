//! How a contact wants to be told: `rules:` and `quiet_hours:` of a contact.

use crate::{calendars::Calendars, hours, names, schedules};
use domain::{
    ids::ChannelName,
    personal::{Meanwhile, NotificationRule, Personal, QuietHours},
    rota::During,
    said::Said,
    severity::Priority,
};
use jiff::{Timestamp, tz::TimeZone};
use source::{Fields, Node, Problems};
use std::collections::BTreeMap;

const MEANWHILE: [(&str, Meanwhile); 3] = [
    ("other_ways", Meanwhile::OtherWays),
    ("next_person", Meanwhile::NextPerson),
    ("later", Meanwhile::Later),
];

/// What the hours and calendars of a contact are read by.
pub(crate) struct Times<'a> {
    pub(crate) calendars: &'a Calendars,
    pub(crate) zone: &'a TimeZone,
}

pub(crate) fn read(
    rules: Option<&Node>,
    quiet: Option<&Node>,
    addresses: &BTreeMap<ChannelName, String>,
    times: &Times<'_>,
    problems: &mut Problems,
) -> Personal {
    let rules = rules.map(|node| by_priority(node, addresses, problems)).unwrap_or_default();
    Personal { rules, quiet: quiet.and_then(|node| quiet_hours(node, times, problems)) }
}

/// `rules: {P1: {mail: 0s, phone: 5m}}`
fn by_priority(
    node: &Node,
    addresses: &BTreeMap<ChannelName, String>,
    problems: &mut Problems,
) -> BTreeMap<Priority, Vec<NotificationRule>> {
    let mut found = BTreeMap::new();
    let Some(mut fields) = Fields::open(node, problems) else { return found };
    let priorities =
        [("P0", Priority::P0), ("P1", Priority::P1), ("P2", Priority::P2), ("P3", Priority::P3)];
    for (key, priority) in priorities {
        let Some(node) = fields.optional(key) else { continue };
        let mut rules = Vec::new();
        for (name, place, node) in node.entries(problems).unwrap_or_default() {
            if !addresses.contains_key(name.as_str()) {
                let known = addresses.keys().map(ChannelName::as_str);
                let word =
                    ("この連絡先の宛先があるチャネル", "channel with an address of this contact");
                names::unknown(place, word, name, known, problems);
            }
            let after = node.duration(problems);
            let channel = ChannelName::from(name.as_str());
            rules.extend(after.map(|after| NotificationRule { channel, after }));
        }
        rules.sort_by_key(|rule| rule.after);
        if rules.is_empty() {
            problems.add_with_hint(
                &node.place,
                Said::new(
                    format!("{priority} の呼び出し方がありません"),
                    format!("the rules for {priority} name no channel"),
                ),
                Said::same("P1: {mail: 0s, phone: 5m}"),
            );
        }
        found.insert(priority, rules);
    }
    fields.finish(problems);
    found
}

/// `quiet_hours: {from: "22:00", to: "07:00", then: later}`, or parts of a calendar by `only:`.
fn quiet_hours(node: &Node, around: &Times<'_>, problems: &mut Problems) -> Option<QuietHours> {
    let mut fields = Fields::open(node, problems)?;
    let calendar = match fields.optional("calendar") {
        Some(node) => around.calendars.get(node, problems),
        None => around.calendars.business.clone(),
    };
    let only = fields.optional("only");
    let mut times = schedules::parts(only, calendar.as_ref(), problems);
    let has_hours = ["from", "to", "days", "zone"].map(|key| fields.optional(key).is_some());
    if only.is_none() || has_hours.contains(&true) {
        times.extend(hours::read(&mut fields, around.zone, problems).map(During::Hours));
    }
    let then = fields.optional("then").and_then(|node| meanwhile(node, problems));
    fields.finish(problems);
    let quiet = QuietHours { times, then: then.unwrap_or_default() };
    if quiet.over(Timestamp::UNIX_EPOCH).is_none() {
        problems.add_with_hint(
            &node.place,
            Said::new("静かな時間が終わりません", "these quiet hours never end"),
            Said::same("{from: \"22:00\", to: \"07:00\"}"),
        );
        return None;
    }
    Some(quiet)
}

fn meanwhile(node: &Node, problems: &mut Problems) -> Option<Meanwhile> {
    let text = node.text(problems)?;
    let found = MEANWHILE.iter().find(|(name, _)| *name == text).map(|(_, then)| *then);
    if found.is_none() {
        let known = MEANWHILE.map(|(name, _)| name);
        names::unknown(
            &node.place,
            ("静かな時間の扱い", "way through quiet hours"),
            &text,
            known,
            problems,
        );
    }
    found
}
