//! Looks that may block (files, mounts, `/proc`) on a thread of their own, never two of one probe at a time.

use crate::probe::{Probe, Seat};
use domain::{reading::Observation, said::Said};
use futures::future::BoxFuture;
use tokio::task::{JoinHandle, spawn_blocking};

/// A probe whose look blocks.
pub(crate) trait Blocking: Send + 'static {
    /// Looks once.
    fn look(&mut self) -> Vec<Observation>;

    /// See [`Probe::taken`].
    fn taken(&mut self) {}
}

/// Runs a blocking probe aside. When a look is cut because a mount hangs, its thread is waited for before
/// the next look starts: a hang costs one thread, not one per interval.
pub(crate) struct Aside<P> {
    seat: Seat,
    leading: &'static str,
    idle: Option<P>,
    busy: Option<JoinHandle<(P, Vec<Observation>)>>,
}

impl<P: Blocking> Aside<P> {
    /// `leading` is the reading that fails when the look breaks.
    pub fn new(seat: Seat, leading: &'static str, probe: P) -> Box<Self> {
        Box::new(Self { seat, leading, idle: Some(probe), busy: None })
    }

    async fn run(&mut self) -> Vec<Observation> {
        if let Some(busy) = &mut self.busy {
            let ended = busy.await;
            self.busy = None;
            // What a cut look saw in the end is old by now; only the probe itself is wanted back.
            self.idle = ended.ok().map(|(probe, _)| probe);
        }
        let Some(mut probe) = self.idle.take() else {
            return vec![self.seat.failed(
                self.leading,
                Said::new(
                    "プローブが以前の計測で異常終了しました。hikeshi を再起動してください",
                    "the probe broke in an earlier look; restart hikeshi",
                ),
            )];
        };
        let busy = self.busy.insert(spawn_blocking(move || {
            let seen = probe.look();
            (probe, seen)
        }));
        let ended = busy.await;
        self.busy = None;
        match ended {
            Ok((probe, seen)) => {
                self.idle = Some(probe);
                seen
            }
            Err(error) => vec![self.seat.failed(
                self.leading,
                Said::new(
                    format!("プローブが異常終了しました: {error}"),
                    format!("the probe broke: {error}"),
                ),
            )],
        }
    }
}

impl<P: Blocking> Probe for Aside<P> {
    fn look(&mut self) -> BoxFuture<'_, Vec<Observation>> {
        Box::pin(self.run())
    }

    fn taken(&mut self) {
        if let Some(probe) = &mut self.idle {
            probe.taken();
        }
    }
}
