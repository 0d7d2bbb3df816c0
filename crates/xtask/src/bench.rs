//! `cargo xtask bench`: figures and ratios next to a yardstick of the same machine; no verdict.

use std::{
    path::Path,
    process::{Command, ExitCode},
};

/// A benchmark: a target without a harness in a room's `benches` folder.
struct Bench {
    room: &'static str,
    name: &'static str,
    about: &'static str,
}

/// All benchmarks: one file and one row each.
const BENCHES: &[Bench] = &[
    Bench {
        room: "engine",
        name: "durable",
        about: "commands made durable, next to the disk's own rate; the time to start with a million facts",
    },
    Bench {
        room: "engine",
        name: "on_call",
        about: "who is on call, and when to look next, with ten schedules and with a thousand",
    },
    Bench {
        room: "hikeshi",
        name: "intake",
        about: "alerts of other systems taken in, hikeshi and Alertmanager side by side; needs Alertmanager for ratios",
    },
    Bench {
        room: "manual",
        name: "import",
        about: "documents turned into drafts, one by one and a thousand together",
    },
    Bench {
        room: "manual",
        name: "lint",
        about: "runbooks linted, one by one and a thousand together",
    },
    Bench { room: "samples", name: "record", about: "measurements recorded, and charts read back" },
    Bench {
        room: "hikeshi",
        name: "socket",
        about: "commands made durable by the server, through its local socket",
    },
    Bench {
        room: "hikeshi",
        name: "step",
        about: "what a step costs beside its own work, next to plain bash",
    },
    Bench {
        room: "hikeshi",
        name: "recovery",
        about: "from SIGKILL of a service to healthy again, next to the service's own start",
    },
    Bench {
        room: "hikeshi",
        name: "watching",
        about: "500 people watch one incident while 1,000 alerts a second arrive",
    },
    Bench {
        room: "hikeshi",
        name: "idle",
        about: "resident memory and CPU of a server that only watches, 20 looks per second",
    },
];

/// Runs the benchmarks with these names, or all.
pub fn run(root: &Path, names: &[&str]) -> ExitCode {
    if let Some(unknown) =
        names.iter().find(|name| !BENCHES.iter().any(|bench| bench.name == **name))
    {
        let known: Vec<_> = BENCHES.iter().map(|bench| bench.name).collect();
        eprintln!("error: there is no benchmark `{unknown}`\n  hint: {}", known.join(", "));
        return ExitCode::from(2);
    }
    let chosen = BENCHES.iter().filter(|bench| names.is_empty() || names.contains(&bench.name));
    for bench in chosen {
        println!("== {}: {}", bench.name, bench.about);
        let run = Command::new("cargo")
            .args(["bench", "--package", bench.room, "--bench", bench.name])
            .current_dir(root)
            .status();
        match run {
            Ok(status) if status.success() => {}
            Ok(status) => {
                eprintln!("error: the benchmark `{}` ended with {status}", bench.name);
                return ExitCode::FAILURE;
            }
            Err(error) => {
                eprintln!("error: cargo could not be started: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_its_file_and_its_target() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for bench in BENCHES {
            let room = root.join("crates").join(bench.room);
            assert!(
                room.join("benches").join(format!("{}.rs", bench.name)).is_file(),
                "{}",
                bench.name
            );
            let manifest = std::fs::read_to_string(room.join("Cargo.toml")).expect("a manifest");
            assert!(
                manifest
                    .contains(&format!("[[bench]]\nname = \"{}\"\nharness = false", bench.name)),
                "{manifest}"
            );
        }
    }
}
