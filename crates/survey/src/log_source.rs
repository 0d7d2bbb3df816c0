//! Where logs are: what is configured, and the files that are there now.

use domain::ids::ServiceName;
use glob::Pattern;
use probes::{ProbeSpec, Subject};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

/// A pattern that fits more files than this is a mistake; the newest names are looked at.
const FILES: usize = 200;

/// A configured place of logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSource {
    /// The probe that follows it, or `evidence_logs`.
    pub name: String,
    /// The service whose log it is.
    pub service: Option<ServiceName>,
    /// A path, or a pattern.
    pub pattern: String,
    /// Whether its lines are requests, which have a status and no level.
    pub has_requests: bool,
}

/// One file of a source, or why there is none.
pub(crate) type Found = Result<PathBuf, String>;

/// Every place of logs that is configured: those of probes, and those that are collected as evidence.
pub fn log_sources(specs: &[ProbeSpec], evidence_logs: &[String]) -> Vec<LogSource> {
    let of_probe = |spec: &ProbeSpec| {
        let (pattern, has_requests) = match spec.settings.subject() {
            Subject::Log(pattern) => (pattern, false),
            // A path, whatever characters it has.
            Subject::AccessLog(log) => (Pattern::escape(&log.path().to_string_lossy()), true),
            _ => return None,
        };
        let service = Some(spec.service.clone());
        Some(LogSource { name: spec.name.to_string(), service, pattern, has_requests })
    };
    let mut sources: Vec<LogSource> = specs.iter().filter_map(of_probe).collect();
    // A file that two sources name is of the first: an access log stays one among the evidence too.
    sources.sort_by_key(|source| !source.has_requests);
    for pattern in evidence_logs {
        if sources.iter().all(|known| known.pattern != *pattern) {
            sources.push(LogSource {
                name: "evidence_logs".into(),
                service: None,
                pattern: pattern.clone(),
                has_requests: false,
            });
        }
    }
    sources
}

/// The files of all sources; one that several name is looked at once.
pub(crate) fn files(sources: &[LogSource]) -> Vec<(&LogSource, Found)> {
    let mut known = BTreeSet::new();
    let mut all = Vec::new();
    for source in sources {
        match files_of(source) {
            Ok(paths) => {
                let fresh = paths.into_iter().filter(|path| known.insert(path.clone()));
                all.extend(fresh.map(|path| (source, Ok(path))));
            }
            Err(why) => all.push((source, Err(why))),
        }
    }
    all
}

fn files_of(source: &LogSource) -> Result<Vec<PathBuf>, String> {
    let pattern = &source.pattern;
    let mut paths = probes::matching::files(pattern)?;
    if paths.is_empty() {
        let is_folder = Path::new(pattern).is_dir();
        let what = if is_folder { "is a folder; name the log in it" } else { "does not exist" };
        return Err(format!("{pattern} {what}"));
    }
    paths.sort();
    let surplus = paths.len().saturating_sub(FILES);
    Ok(paths.split_off(surplus))
}
