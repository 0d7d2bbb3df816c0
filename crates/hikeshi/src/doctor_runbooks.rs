//! Doc rot: steps of runbooks that call what this machine does not have any more (A15).

use domain::{
    finding::{Finding, Grade},
    plan::{Body, Plan, Step},
};
use runbook::{
    script::PATH,
    syntax,
    words::{Command, Script},
};
use std::{collections::BTreeSet, path::Path, sync::Arc};

/// What bash itself does (`compgen -bk`, bash 5.2), so that no file need be there.
const BUILT_IN: &str = ". : [ [[ (( alias bg bind break builtin caller case cd command compgen complete compopt continue \
    coproc declare dirs disown do done echo elif else enable esac eval exec exit export false fc fg fi for function getopts \
    hash help history if in jobs kill let local logout mapfile popd printf pushd pwd read readarray readonly return select \
    set shift shopt source suspend test then time times trap true type typeset ulimit umask unalias unset until wait while";

/// One finding for each program that a runbook calls and that is not there.
pub fn stale(plans: &[Arc<Plan>]) -> Vec<Finding> {
    let missing = |plan: &Arc<Plan>| {
        let mut named = BTreeSet::new();
        let steps = plan.steps.iter().flat_map(|step| missing(step).into_iter());
        let new = steps.filter(|(_, program)| named.insert(program.clone()));
        new.map(|(line, program)| finding(plan, line, &program)).collect::<Vec<_>>()
    };
    plans.iter().flat_map(missing).collect()
}

fn finding(plan: &Plan, line: u32, program: &str) -> Finding {
    let file = &plan.file;
    Finding::new(
        Grade::Error,
        "runbook_stale",
        &plan.name,
        (
            format!("{file}:{line}: `{program}` はこのマシンにありません"),
            format!("{file}:{line}: `{program}` is not on this machine"),
        ),
        (
            "インストールするか、今の構成に合わせて手順書を書き直してください",
            "install it, or write the runbook as the system is today",
        ),
    )
}

/// The programs of a step that are not there, each with its line in the file.
fn missing(step: &Step) -> Vec<(u32, String)> {
    let Body::Shell(body) = &step.body else { return Vec::new() };
    gone(body).into_iter().map(|(line, program)| (step.line + 1 + line, program)).collect()
}

fn gone(body: &str) -> Vec<(u32, String)> {
    let script = syntax::read(body);
    let called = script.commands.iter().filter_map(|command| program(command, &script, body));
    called.filter(|(_, program)| !is_there(program)).collect()
}

/// What a command calls, where that is written as it is: no variable, no function of the script, no question whether it is
/// there.
fn program(command: &Command, script: &Script, body: &str) -> Option<(u32, String)> {
    let asks = command.words.first().is_some_and(|word| word.text == "command")
        && command.words.get(1).is_some_and(|word| word.text.starts_with('-'));
    let word = command.program_words().first().filter(|_| !asks && script.broken.is_none())?;
    let is_plain = word.expands.is_empty() && !word.has_command && !word.text.is_empty();
    let is_function = body.contains(&format!("{}()", word.text))
        || body.contains(&format!("{} ()", word.text))
        || body.contains(&format!("function {}", word.text));
    let is_own = BUILT_IN.split(' ').any(|name| name == word.text);
    (is_plain && !is_function && !is_own).then(|| (word.line, word.text.clone()))
}

/// Whether a program is there, by its path or where steps look for it.
fn is_there(program: &str) -> bool {
    match program.contains('/') {
        // Relative to a folder that the step may have gone to: who knows.
        true => !program.starts_with('/') || Path::new(program).is_file(),
        false => PATH.split(':').any(|folder| Path::new(folder).join(program).is_file()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_gone_is_named_with_its_line() {
        let found =
            gone("df -h | hk-gone-1 --all\nif sudo -u x hk-gone-2; then :; fi\n/opt/hk-gone/3 x");
        let names: Vec<_> = found.iter().map(|(line, name)| (*line, name.as_str())).collect();
        assert_eq!(names, [(0, "hk-gone-1"), (1, "hk-gone-2"), (2, "/opt/hk-gone/3")]);
    }

    #[test]
    fn what_bash_does_what_is_asked_for_and_what_nobody_can_know_is_not() {
        for fine in [
            "echo ok && [ -e /x ] && [[ a == a ]] || true",
            "look() { ls; }\nlook",
            "command -v hk-gone-1 || exit 75",
            "\"$HK_TOOL\" --all",
            "./hk-gone-1",
            "for x in 1 2; do printf '%s' \"$x\"; done",
        ] {
            assert_eq!(gone(fine), [], "{fine}");
        }
    }
}
