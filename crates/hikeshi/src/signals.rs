//! Waits for Ctrl-C or a request to end.

use tokio::signal::unix::{SignalKind, signal};

/// Resolves on SIGINT, SIGTERM or SIGHUP.
pub async fn ended() {
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
    let mut signals: Vec<_> = kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect();
    let waits = signals.iter_mut().map(|signal| Box::pin(signal.recv()));
    futures::future::select_all(waits).await;
}
