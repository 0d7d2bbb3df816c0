//! The steps of `cargo xtask test`, in their order: what takes seconds comes before what takes minutes.

/// One step.
#[derive(Clone, Debug)]
pub struct Step {
    /// What it checks.
    pub name: &'static str,
    /// How.
    pub work: Work,
}

/// How a step is done.
#[derive(Clone, Debug)]
pub enum Work {
    /// By the rules of the room `tidy`, in this process.
    Tidy,
    /// By cargo with these arguments.
    Cargo(Vec<&'static str>),
}

impl Step {
    /// The command that does this step alone.
    pub fn command(&self) -> String {
        match &self.work {
            Work::Tidy => "cargo xtask tidy".to_owned(),
            Work::Cargo(arguments) => {
                let quoted = arguments
                    .iter()
                    .map(|a| if a.contains(' ') { format!("'{a}'") } else { (*a).to_owned() });
                format!("cargo {}", quoted.collect::<Vec<_>>().join(" "))
            }
        }
    }
}

/// All steps. The long end-to-end and crash tests, which are those of the binary, have a step of their own.
pub fn all(has_nextest: bool) -> Vec<Step> {
    let cargo =
        |name, arguments: &[&'static str]| Step { name, work: Work::Cargo(arguments.to_vec()) };
    let clippy = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    let mut steps = vec![
        cargo("formatting", &["fmt", "--all", "--check"]),
        Step { name: "house rules", work: Work::Tidy },
        cargo("lints", &clippy),
    ];
    let (unit, whole) = ("unit, story and conformance tests", "crash and end-to-end tests");
    if has_nextest {
        let nextest = |only| ["nextest", "run", "--workspace", "--no-fail-fast", "-E", only];
        steps.push(cargo(unit, &nextest("not package(hikeshi)")));
        steps.push(cargo(whole, &nextest("package(hikeshi)")));
    } else {
        let targets = ["--lib", "--bins", "--tests", "--no-fail-fast"];
        steps.push(cargo(
            unit,
            &[&["test", "--workspace", "--exclude", "hikeshi"], &targets[..]].concat(),
        ));
        steps.push(cargo(whole, &[&["test", "--package", "hikeshi"], &targets[1..]].concat()));
    }
    steps.push(cargo("examples in the documentation", &["test", "--workspace", "--doc"]));
    steps.push(cargo(
        "the demo",
        &["run", "--release", "--package", "hikeshi", "--", "demo", "--once", "--lang", "ja"],
    ));
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_says_how_to_repeat_it() {
        let commands: Vec<_> = all(true).iter().map(Step::command).collect();
        assert_eq!(commands[1], "cargo xtask tidy");
        assert_eq!(
            commands[3],
            "cargo nextest run --workspace --no-fail-fast -E 'not package(hikeshi)'"
        );
        assert_eq!(
            commands.last().map(String::as_str),
            Some("cargo run --release --package hikeshi -- demo --once --lang ja")
        );
    }

    #[test]
    fn without_nextest_the_same_tests_run() {
        let commands: Vec<_> = all(false).iter().map(Step::command).collect();
        assert_eq!(
            commands[3],
            "cargo test --workspace --exclude hikeshi --lib --bins --tests --no-fail-fast"
        );
        assert_eq!(commands[4], "cargo test --package hikeshi --bins --tests --no-fail-fast");
        assert_eq!(commands.len(), all(true).len());
    }
}
