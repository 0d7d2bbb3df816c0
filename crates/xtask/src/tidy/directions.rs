//! Rule: arrows between rooms point down. The table is the one of `ARCHITECTURE.md`.

use super::problem::Problem;
use crate::files::File;

/// Every room, and the rooms that it may use.
const ROOMS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("accounts", &[]),
    ("egress", &[]),
    ("journal", &["domain"]),
    ("history", &["domain", "journal"]),
    ("engine", &["domain", "journal", "history"]),
    ("samples", &[]),
    ("source", &["domain"]),
    ("supervise", &["domain"]),
    ("secrets", &["domain", "egress", "source"]),
    ("probes", &["domain", "egress", "samples", "secrets", "source", "supervise"]),
    ("notify", &["domain", "egress", "secrets", "source"]),
    ("openid", &["domain", "egress", "secrets", "source"]),
    ("survey", &["domain", "probes", "samples", "secrets", "source", "supervise"]),
    ("scan", &["domain", "probes", "secrets", "source", "supervise"]),
    ("intake", &["domain", "source"]),
    ("rules", &["domain", "source"]),
    ("runbook", &["domain", "egress", "secrets", "source", "supervise"]),
    ("manual", &["domain", "runbook", "source"]),
    (
        "config",
        &[
            "domain",
            "intake",
            "notify",
            "openid",
            "probes",
            "runbook",
            "secrets",
            "source",
            "supervise",
        ],
    ),
    ("story", &["config", "domain", "engine", "journal"]),
    ("web", &["domain", "engine", "history", "intake", "journal", "samples", "secrets", "source"]),
    (
        "pages",
        &[
            "accounts", "domain", "engine", "history", "manual", "openid", "runbook", "samples",
            "web",
        ],
    ),
    ("status", &["domain", "history", "notify", "web"]),
    ("demo", &[]),
    (
        "hikeshi",
        &[
            "accounts",
            "config",
            "demo",
            "domain",
            "manual",
            "engine",
            "history",
            "intake",
            "journal",
            "notify",
            "openid",
            "pages",
            "probes",
            "rules",
            "runbook",
            "samples",
            "scan",
            "secrets",
            "source",
            "status",
            "story",
            "supervise",
            "survey",
            "web",
        ],
    ),
    ("xtask", &[]),
];

/// Looks at what each room's `Cargo.toml` names.
pub fn check(files: &[File]) -> Vec<Problem> {
    files.iter().filter(|file| is_manifest(file)).flat_map(judge).collect()
}

fn is_manifest(file: &File) -> bool {
    file.room().is_some_and(|room| file.path == format!("crates/{room}/Cargo.toml"))
}

fn judge(file: &File) -> Vec<Problem> {
    let room = file.room().unwrap_or_default();
    let Some((_, may_use)) = ROOMS.iter().find(|(name, _)| *name == room) else {
        let message = format!("the room `{room}` is not in the table of rooms");
        let hint =
            "add it to ARCHITECTURE.md and to the table in crates/xtask/src/tidy/directions.rs";
        return vec![Problem::error(&file.path, 1, message, hint)];
    };
    let is_room = |name: &str| ROOMS.iter().any(|(room, _)| *room == name);
    let wrong =
        dependencies(&file.text).filter(|(_, name)| is_room(name) && !may_use.contains(name));
    wrong
        .map(|(line, name)| {
            let message = format!("`{room}` must not use `{name}`");
            let hint = format!("`{room}` may use: {}; move what both need down", list(may_use));
            Problem::error(&file.path, line, message, hint)
        })
        .collect()
}

fn list(rooms: &[&str]) -> String {
    if rooms.is_empty() { "none of our rooms".to_owned() } else { rooms.join(", ") }
}

/// The names under every kind of `dependencies`, with their lines.
fn dependencies(manifest: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut is_inside = false;
    manifest.lines().zip(1..).filter_map(move |(line, number)| {
        if let Some(section) = line.trim().strip_prefix('[') {
            is_inside = section.trim_end_matches(']').ends_with("dependencies");
            return None;
        }
        let name = line
            .split(['.', '=', ' '])
            .next()
            .filter(|name| !name.is_empty() && !name.starts_with('#'));
        name.filter(|_| is_inside).map(|name| (number, name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::problem::told;

    #[test]
    fn an_arrow_that_points_up_is_found_also_in_tests() {
        let text = "# x\n[dependencies]\ndomain.workspace = true\nengine = { workspace = true }\n\n[dev-dependencies]\nweb.workspace = true\n";
        let expected = [
            "crates/journal/Cargo.toml:4: `journal` must not use `engine`",
            "crates/journal/Cargo.toml:7: `journal` must not use `web`",
        ];
        assert_eq!(told(&check(&[File::new("crates/journal/Cargo.toml", text)])), expected);
    }

    #[test]
    fn a_room_that_nobody_planned_is_found() {
        let expected = ["crates/attic/Cargo.toml:1: the room `attic` is not in the table of rooms"];
        assert_eq!(told(&check(&[File::new("crates/attic/Cargo.toml", "")])), expected);
    }

    #[test]
    fn the_table_itself_has_no_circle() {
        // Each row only names rooms of rows above it.
        for (index, (room, may_use)) in ROOMS.iter().enumerate() {
            for used in *may_use {
                assert!(
                    ROOMS[..index].iter().any(|(above, _)| above == used),
                    "{room} uses {used}"
                );
            }
        }
    }
}
