//! Runs of a CI pipeline, and which of them counts: the newest that came to an end.

use jiff::Timestamp;

/// One run, as GitHub and GitLab both know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub id: String,
    /// What was run: a branch may have several workflows.
    pub workflow: String,
    /// The provider's own word.
    pub status: String,
    pub verdict: Verdict,
    pub url: String,
    /// Counted from 1; nothing where the provider does not tell.
    pub attempts: Option<u64>,
    /// When it last changed, which for a finished run is its end.
    pub changed: Option<Timestamp>,
}

/// What came of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Passed,
    Failed,
    /// Not finished.
    Running,
    /// Ended without a word about the code: cancelled, skipped.
    Silent,
}

/// The run that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Judged<'a> {
    pub run: &'a Run,
    /// How many runs in a row failed, this one included; 0 when it passed.
    pub failures: usize,
    /// Whether a newer one of the same workflow is on its way.
    pub is_running: bool,
}

/// Why no run counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Open<'a> {
    /// None has come to an end.
    NoneFinished,
    /// The newest is being tried again; what it was before, the list no longer says.
    TriedAgain(&'a Run),
}

/// Judges runs that are listed newest first. Of several workflows one that failed counts, for a branch is as
/// good as its worst workflow.
pub(crate) fn judge(runs: &[Run]) -> Result<Judged<'_>, Open<'_>> {
    let mut workflows: Vec<&str> = Vec::new();
    for run in runs {
        if !workflows.contains(&run.workflow.as_str()) {
            workflows.push(&run.workflow);
        }
    }
    let mut judged: Vec<_> = workflows
        .into_iter()
        .map(|workflow| {
            judge_workflow(&runs.iter().filter(|run| run.workflow == workflow).collect::<Vec<_>>())
        })
        .collect();
    // Stable: among equals the newest stays first.
    judged.sort_by_key(|judged| match judged {
        Ok(Judged { failures: 1.., .. }) => 0,
        Err(Open::TriedAgain(_)) => 1,
        Ok(_) => 2,
        Err(Open::NoneFinished) => 3,
    });
    judged.into_iter().next().unwrap_or(Err(Open::NoneFinished))
}

fn judge_workflow<'a>(runs: &[&'a Run]) -> Result<Judged<'a>, Open<'a>> {
    let mut is_running = false;
    for (index, run) in runs.iter().enumerate() {
        match run.verdict {
            Verdict::Running if run.attempts > Some(1) => return Err(Open::TriedAgain(run)),
            Verdict::Running => is_running = true,
            Verdict::Silent => {}
            Verdict::Passed => return Ok(Judged { run, failures: 0, is_running }),
            Verdict::Failed => {
                let said = runs[index..]
                    .iter()
                    .filter(|run| matches!(run.verdict, Verdict::Passed | Verdict::Failed));
                let failures = said.take_while(|run| run.verdict == Verdict::Failed).count();
                return Ok(Judged { run, failures, is_running });
            }
        }
    }
    Err(Open::NoneFinished)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `ci:failed lint:passed ci:running2`: workflow, verdict, attempt; newest first.
    fn runs(text: &str) -> Vec<Run> {
        let words = text.split_whitespace();
        words
            .enumerate()
            .map(|(index, word)| {
                let (workflow, status) = word.split_once(':').expect("workflow:status");
                let attempts = status.ends_with('2').then_some(2).or(Some(1));
                let status = status.trim_end_matches('2');
                let verdict = match status {
                    "passed" => Verdict::Passed,
                    "failed" => Verdict::Failed,
                    "running" => Verdict::Running,
                    _ => Verdict::Silent,
                };
                Run {
                    id: index.to_string(),
                    workflow: workflow.into(),
                    status: status.into(),
                    verdict,
                    url: String::new(),
                    attempts,
                    changed: None,
                }
            })
            .collect()
    }

    /// The index of the run that counts, the failures in a row, and whether one is running.
    fn judged(text: &str) -> Option<(String, usize, bool)> {
        let runs = runs(text);
        let judged = judge(&runs).ok()?;
        Some((judged.run.id.clone(), judged.failures, judged.is_running))
    }

    #[test]
    fn the_newest_finished_run_counts() {
        // B13.
        assert_eq!(judged("ci:passed ci:failed"), Some(("0".into(), 0, false)));
        assert_eq!(judged("ci:running ci:failed ci:passed"), Some(("1".into(), 1, true)));
        assert_eq!(
            judged("ci:cancelled ci:failed ci:skipped ci:failed ci:passed ci:failed"),
            Some(("1".into(), 2, false))
        );
        assert_eq!(judged("ci:running ci:cancelled"), None);
        assert_eq!(judged(""), None);
    }

    #[test]
    fn a_green_workflow_does_not_hide_a_red_one() {
        assert_eq!(
            judged("lint:passed ci:failed ci:failed lint:failed"),
            Some(("1".into(), 2, false))
        );
        assert_eq!(judged("lint:running lint:passed ci:passed"), Some(("1".into(), 0, true)));
    }

    #[test]
    fn a_second_try_under_way_is_neither_good_nor_bad() {
        let tried = runs("ci:running2 ci:passed");
        assert_eq!(judge(&tried), Err(Open::TriedAgain(&tried[0])));
        assert_eq!(judged("ci:failed2 ci:passed"), Some(("0".into(), 1, false)));
    }
}
