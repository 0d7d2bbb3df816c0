//! Who rotates a log (C14): a rule of logrotate, or a runbook of ours. They are read, never run.

use domain::{plan::Body, policy::Policy};
use glob::{MatchOptions, Pattern};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Where Linux distributions keep the rules.
const MAIN: &str = "/etc/logrotate.conf";
const FOLDER: &str = "/etc/logrotate.d";

/// The verb of runbooks that rotates, and where it is told which logs.
const VERB: &str = "log.rotate";
const ARGUMENT: &str = "path";
const ATTRIBUTE: &str = "LOG_PATH";

/// The patterns of all rules, each with the file that has it.
#[derive(Clone, Debug, Default)]
pub struct Rotations(Vec<(Pattern, String)>);

impl Rotations {
    /// The rules of this machine; those that this user may not read are not there.
    pub fn of_this_machine() -> Self {
        let mut files = vec![PathBuf::from(MAIN)];
        let folder = fs::read_dir(FOLDER).into_iter().flatten().flatten();
        files.extend(folder.map(|entry| entry.path()));
        let mut all = Self::default();
        for file in files {
            let text = fs::read_to_string(&file).unwrap_or_default();
            let file = file.display().to_string();
            all.0.extend(patterns(&text).map(|pattern| (pattern, file.clone())));
        }
        all
    }

    /// The same and the runbooks that rotate.
    #[must_use]
    pub fn and_runbooks(mut self, policy: &Policy) -> Self {
        for plan in &policy.plans {
            for step in &plan.steps {
                let Body::Action { verb, arguments } = &step.body else { continue };
                if verb != VERB {
                    continue;
                }
                // Without an argument it rotates the log of whatever service it is run for.
                let services = policy.graph.services().filter(|service| {
                    plan.service.as_ref().is_none_or(|only| *only == service.name)
                });
                let of_services = services.filter_map(|service| service.attributes.get(ATTRIBUTE));
                let paths: Vec<&str> = match arguments.get(ARGUMENT) {
                    Some(path) => vec![path],
                    None => of_services.map(|parameter| parameter.value.as_str()).collect(),
                };
                let patterns = paths.into_iter().filter_map(|path| Pattern::new(path).ok());
                self.0.extend(patterns.map(|pattern| (pattern, plan.file.clone())));
            }
        }
        self
    }

    /// The file with the rule for a log.
    pub(crate) fn rule_for(&self, log: &Path) -> Option<String> {
        // As logrotate does it: a star does not reach into folders.
        let options = MatchOptions { require_literal_separator: true, ..MatchOptions::new() };
        let fits = |(pattern, _): &&(Pattern, String)| pattern.matches_path_with(log, options);
        self.0.iter().find(fits).map(|(_, file)| file.clone())
    }
}

/// What stands before the braces: absolute paths, some in quotes.
fn patterns(text: &str) -> impl Iterator<Item = Pattern> {
    let mut depth = 0_usize;
    let mut found = Vec::new();
    for line in text.lines().map(|line| line.split('#').next().unwrap_or_default()) {
        let head = line.split('{').next().unwrap_or_default();
        if depth == 0 {
            let words = head.split_whitespace().map(|word| word.trim_matches(['"', '\'']));
            found.extend(words.filter(|word| word.starts_with('/')).map(str::to_owned));
        }
        depth += line.matches('{').count();
        depth = depth.saturating_sub(line.matches('}').count());
    }
    found.into_iter().filter_map(|word| Pattern::new(&word).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_covered_by_the_rule_that_names_it() {
        let text = "weekly\ninclude /etc/logrotate.d\n/var/log/mks/*.log \"/var/log/other.log\"\n/srv/app.log {\n  daily\n  postrotate\n    /bin/kill -HUP 1\n  endscript\n}\n# /var/log/no.log {\n";
        let rules = patterns(text).map(|pattern| (pattern, "mks".to_owned())).collect();
        let rules = Rotations(rules);
        for covered in ["/var/log/mks/error.log", "/var/log/other.log", "/srv/app.log"] {
            assert_eq!(rules.rule_for(Path::new(covered)).as_deref(), Some("mks"), "{covered}");
        }
        for bare in ["/var/log/mks/old/error.log", "/var/log/no.log", "/bin/kill", "/srv/app.log.1"]
        {
            assert_eq!(rules.rule_for(Path::new(bare)), None, "{bare}");
        }
    }
}
