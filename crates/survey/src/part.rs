//! One part of a survey: it has its own time, fails on its own, and says so (A31).

use crate::cleaner::Cleaner;
use serde::Serialize;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How long one part may take. All parts run at once, so a survey ends soon after that.
pub const PART_LIMIT: Duration = Duration::from_secs(15);

/// How a survey went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Everything that is configured could be looked at and is as it should be.
    Ok,
    /// Something is wrong, or could not be looked at.
    Degraded,
    /// Nothing is as it should be, or nothing could be looked at.
    Failed,
}

/// How one part of a survey went.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Part {
    /// What was looked at: `endpoints`, `locks` and so on.
    pub name: &'static str,
    /// Where: a probe, an address, a file; nothing when there is only one place.
    pub target: Option<String>,
    /// How long it took.
    pub ms: f64,
    /// Why it failed.
    pub error: Option<String>,
    /// Why nobody looked: it is not configured.
    pub not_measured: Option<String>,
}

impl Part {
    /// A part that nobody could look at because it is not configured.
    pub(crate) fn not_measured(name: &'static str, why: impl Into<String>) -> Self {
        Self { name, target: None, ms: 0.0, error: None, not_measured: Some(why.into()) }
    }

    /// The same with an error that is fit to be shown.
    pub(crate) fn cleaned(mut self, cleaner: &Cleaner) -> Self {
        self.error = self.error.map(|why| cleaner.clean(&why));
        self
    }
}

/// Does one part within a limit.
pub(crate) async fn within<T>(
    name: &'static str,
    target: Option<String>,
    limit: Duration,
    doing: impl Future<Output = Result<T, String>>,
) -> (Part, Option<T>) {
    let begun = Instant::now();
    let (found, error) = match timeout(limit, doing).await {
        Ok(Ok(found)) => (Some(found), None),
        Ok(Err(why)) => (None, Some(why)),
        Err(_) => (None, Some(format!("no answer within {limit:?}"))),
    };
    let ms = begun.elapsed().as_secs_f64() * 1000.0;
    (Part { name, target, ms, error, not_measured: None }, found)
}

/// Does what may block, for example on a file system that hangs, beside everything else.
pub(crate) async fn aside<T: Send + 'static>(
    doing: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, String> {
    match tokio::task::spawn_blocking(doing).await {
        Ok(found) => found,
        Err(error) => Err(format!("the survey itself broke: {error}")),
    }
}

/// What the parts come to: failed when none of those that were looked at went well.
pub(crate) fn status<'p>(parts: impl IntoIterator<Item = &'p Part>) -> Status {
    let looked = parts.into_iter().filter(|part| part.not_measured.is_none());
    let (good, bad): (Vec<_>, Vec<_>) = looked.partition(|part| part.error.is_none());
    match (good.is_empty(), bad.is_empty()) {
        (_, true) => Status::Ok,
        (false, false) => Status::Degraded,
        (true, false) => Status::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_part_that_hangs_ends_with_its_own_time_and_says_so() {
        let hangs = std::future::pending::<Result<(), String>>();
        let (part, found) = within("locks", None, Duration::from_millis(20), hangs).await;
        assert_eq!(found, None);
        assert!(part.error.as_deref().is_some_and(|why| why.contains("no answer")), "{part:?}");
        let (good, _) = within("host", None, PART_LIMIT, async { Ok(()) }).await;
        assert_eq!(status([&good, &part]), Status::Degraded);
        assert_eq!(status([&part]), Status::Failed);
        assert_eq!(status([&good, &Part::not_measured("x", "not configured")]), Status::Ok);
    }
}
