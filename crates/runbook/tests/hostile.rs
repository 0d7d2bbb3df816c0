//! Whatever an alert brings: no argument of any verb lets it reach a program, a process or a file.

mod world;

use domain::plan::Outcome;
use runbook::kinds::VERBS;
use std::fs;
use world::{World, verb};

const HOSTILE: [&str; 7] =
    ["--help", ";rm -rf /", "a\nb", "$(touch pwned)", "`id`", "../../etc/shadow", "\u{202e}x"];

#[tokio::test]
async fn no_argument_of_any_verb_lets_it_through() {
    for row in VERBS {
        for argument in row.arguments {
            for hostile in HOSTILE {
                let world = ["nft", "journalctl", "certbot", "gcloud"]
                    .into_iter()
                    .fold(World::new(), |world, name| world.program(name, "exit 0"))
                    .attribute("evil", "const", hostile);
                // What else the verb needs is there, so that the argument alone stops it.
                let also = if row.name == "process.terminate" && argument.name != "process_name" {
                    "\nprocess_name: node"
                } else {
                    ""
                };
                let call = format!("{}\n{}: $HK_EVIL{also}", row.name, argument.name);
                let report = world.perform(&verb(&call)).await;
                assert!(
                    matches!(report.outcome, Outcome::Blocked(_)),
                    "{call} {hostile:?}: {report:?}"
                );
                assert_eq!(world.calls(), Vec::<String>::new(), "{call} {hostile:?}");
                assert!(!fs::exists(world.path("evidence")).expect("readable"), "{call}");
            }
        }
    }
}

// The same in a file: it does not load.
#[test]
fn a_fence_with_a_hostile_argument_does_not_load() {
    for row in VERBS {
        for argument in row.arguments.iter().filter(|argument| argument.kind != "const") {
            for hostile in ["--help", ";rm -rf /", "$(touch pwned)"] {
                let text = format!(
                    "---\nalert: a\n---\n# T\n## 対応\n{}\n",
                    verb(&format!("{}\n{}: {hostile}", row.name, argument.name))
                );
                let mut problems = source::Problems::new();
                runbook::read("r.md", &text, &mut problems);
                assert!(!problems.is_empty(), "{} {} {hostile}", row.name, argument.name);
            }
        }
    }
}
