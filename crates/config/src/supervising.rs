//! `supervise:` of a service: which other program starts and stops it, and by which name it is known there.

use crate::names;
use domain::said::Said;
use source::{Node, Place, Problems};
use supervise::{Kind, Supervised, Target, kinds};

/// Reads `{systemd: UNIT}`, `{pm2: NAME}` or `{docker: NAME}`, with the keys that may stand beside.
pub(crate) fn read(service: &str, node: &Node, problems: &mut Problems) -> Option<Supervised> {
    let entries = node.entries(problems)?;
    let mut chosen = entries
        .iter()
        .filter_map(|(key, place, node)| kinds::by_name(key).map(|kind| (kind, place, node)));
    let (Some((kind, place, name)), None) = (chosen.next(), chosen.next()) else {
        not_one(&node.place, problems);
        return None;
    };
    let before = problems.len();
    let mut target =
        Target { service: service.into(), name: name.text(problems)?, options: [].into() };
    for (key, place, node) in entries.iter().filter(|(key, ..)| key != kind.name) {
        if kind.options.contains(&key.as_str()) {
            target.options.extend(node.text(problems).map(|text| (key.clone(), text)));
        } else {
            names::unknown(place, ("キー", "key"), key, kind.options.iter().copied(), problems);
        }
    }
    let supervised = Supervised { kind, target };
    if problems.len() == before
        && let Err(why) = supervised.supervisor()
    {
        problems.add_with_hint(place, why, for_example(kind));
    }
    (problems.len() == before).then_some(supervised)
}

/// Two who restart one service would work against each other.
pub(crate) fn beside_a_command(place: &Place, problems: &mut Problems) {
    problems.add_with_hint(
        place,
        Said::new(
            "`command` と `supervise` の両方があります",
            "both `command` and `supervise` are here",
        ),
        Said::new(
            "hikeshi が起動するなら `command`、他が起動するなら `supervise` だけを書いてください",
            "keep `command` if hikeshi starts it, `supervise` if something else does",
        ),
    );
}

fn not_one(place: &Place, problems: &mut Problems) {
    let all: Vec<_> = kinds::KINDS.iter().map(|kind| kind.name).collect();
    let all = all.join(", ");
    let examples: Vec<_> = kinds::KINDS.iter().map(|kind| kind.example).collect();
    problems.add_with_hint(
        place,
        Said::new(
            format!("`supervise` には {all} のどれか一つを書きます"),
            format!("`supervise` names exactly one of {all}"),
        ),
        Said::same(examples.join("  ")),
    );
}

fn for_example(kind: &Kind) -> Said {
    Said::new(format!("例: {}", kind.example), format!("example: {}", kind.example))
}
