//! What is quiet by configuration: inhibition and recurring silences; and how matchers are written.

use crate::hours;
use domain::{
    inhibition::Inhibition,
    matcher::{self, Matcher},
    recurring::Recurring,
    said::Said,
};
use jiff::tz::TimeZone;
use source::{Fields, Node, Place, Problems};

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
    let hours = hours::read(&mut fields, zone, problems);
    let owner = fields.required("owner", problems).and_then(|node| node.text(problems));
    let comment = fields.required("comment", problems).and_then(|node| node.text(problems));
    fields.finish(problems);
    Some(Recurring {
        name: name.to_owned(),
        matchers: matchers?,
        hours: hours?,
        owner: owner?,
        comment: comment?,
    })
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
