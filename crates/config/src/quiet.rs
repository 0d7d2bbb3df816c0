//! What is quiet by configuration: inhibition and recurring silences; and how matchers are written.

use domain::{
    inhibition::Inhibition,
    matcher::{self, Matcher},
    recurring::Recurring,
    said::Said,
};
use jiff::{
    civil::{Time, Weekday},
    tz::TimeZone,
};
use source::{Fields, Node, Place, Problems};

const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

/// `inhibit:` is a list of `{source: [...], target: [...], equal: [...]}`.
pub(crate) fn inhibitions(node: Option<&Node>, problems: &mut Problems) -> Vec<Inhibition> {
    let nodes = node.and_then(|node| node.list(problems)).unwrap_or_default();
    nodes.iter().filter_map(|node| inhibition(node, problems)).collect()
}

fn inhibition(node: &Node, problems: &mut Problems) -> Option<Inhibition> {
    let mut fields = Fields::open(node, problems)?;
    let source = required(&mut fields, "source", problems);
    let target = required(&mut fields, "target", problems);
    let equal = fields.texts("equal", problems);
    fields.finish(problems);
    Some(Inhibition { source: source?, target: target?, equal })
}

/// `silences:` maps a name to the hours that are quiet again and again.
pub(crate) fn recurring(
    node: Option<&Node>,
    zone: &TimeZone,
    problems: &mut Problems,
) -> Vec<Recurring> {
    let entries = node.and_then(|node| node.entries(problems)).unwrap_or_default();
    let entries = entries.iter().filter(|(.., node)| !node.is_off());
    entries.filter_map(|(name, _, node)| series(name, node, zone, problems)).collect()
}

fn series(name: &str, node: &Node, zone: &TimeZone, problems: &mut Problems) -> Option<Recurring> {
    let mut fields = Fields::open(node, problems)?;
    let matchers = required(&mut fields, "match", problems);
    let days = fields.optional("days").and_then(|node| node.list(problems)).unwrap_or_default();
    let days = days.iter().filter_map(|node| day(node, problems)).collect();
    let from = fields.required("from", problems).and_then(|node| time(node, problems));
    let to = fields.required("to", problems).and_then(|node| time(node, problems));
    let own = fields.optional("zone").map(|node| crate::settings::zone_of(node, problems));
    let owner = fields.required("owner", problems).and_then(|node| node.text(problems));
    let comment = fields.required("comment", problems).and_then(|node| node.text(problems));
    fields.finish(problems);
    Some(Recurring {
        name: name.to_owned(),
        matchers: matchers?,
        days,
        from: from?,
        to: to?,
        zone: own.unwrap_or_else(|| zone.clone()),
        owner: owner?,
        comment: comment?,
    })
}

/// `sat` or `saturday`.
fn day(node: &Node, problems: &mut Problems) -> Option<Weekday> {
    let text = node.text(problems)?.to_lowercase();
    let is_meant =
        |name: &str, day: Weekday| text == name || text == format!("{day:?}").to_lowercase();
    let found = DAYS.iter().find(|(name, day)| is_meant(name, *day)).map(|(_, day)| *day);
    if found.is_none() {
        problems.add_with_hint(
            &node.place,
            Said::new(format!("`{text}` は曜日ではありません"), format!("`{text}` is not a day")),
            Said::same(DAYS.map(|(name, _)| name).join(", ")),
        );
    }
    found
}

/// `02:00`.
fn time(node: &Node, problems: &mut Problems) -> Option<Time> {
    let text = node.text(problems)?;
    let parts = text.split_once(':').and_then(|(h, m)| Some((h.parse().ok()?, m.parse().ok()?)));
    let found = parts.and_then(|(hour, minute)| Time::new(hour, minute, 0, 0).ok());
    if found.is_none() {
        problems.add_with_hint(
            &node.place,
            Said::new(
                format!("`{text}` は時刻として読めません"),
                format!("`{text}` is not a time of day"),
            ),
            Said::new(
                "00:00 から 23:59 まで。終わりが始まりより前なら翌日です",
                "00:00 to 23:59; an end before its start is on the next day",
            ),
        );
    }
    found
}

/// The matchers of a key that must be there.
pub(crate) fn required(
    fields: &mut Fields<'_>,
    key: &'static str,
    problems: &mut Problems,
) -> Option<Vec<Matcher>> {
    matchers(fields.required(key, problems)?, problems)
}

/// A list of matchers, or all of them in one text: `['a="b"', 'c=~"d.*"']`, `'{a="b", c=~"d.*"}'`.
fn matchers(node: &Node, problems: &mut Problems) -> Option<Vec<Matcher>> {
    let mut found = Vec::new();
    for part in node.list(problems)? {
        let text = part.text(problems)?;
        match matcher::parse_all(&text) {
            Ok(some) => found.extend(some),
            Err(why) => {
                cannot_be_read(&part.place, &why, problems);
                return None;
            }
        }
    }
    // What the empty value meets as well would be met by every alert there is.
    if found.iter().all(|matcher| matcher.accepts("")) {
        problems.add_with_hint(
            &node.place,
            Said::new("すべてのアラートに当てはまります", "this fits every alert there is"),
            Said::new(
                "空の値には合わない条件を一つ以上書いてください。例: 'alertname=~\".+\"'",
                "write at least one matcher that an empty value does not meet, such as 'alertname=~\".+\"'",
            ),
        );
        return None;
    }
    Some(found)
}

fn cannot_be_read(place: &Place, why: &str, problems: &mut Problems) {
    problems.add_with_hint(
        place,
        Said::new(format!("条件として読めません: {why}"), why),
        Said::new(
            "例: 'alertname=\"InstanceDown\"'、演算子は = != =~ !~",
            "example: 'alertname=\"InstanceDown\"'; the operators are = != =~ !~",
        ),
    );
}
