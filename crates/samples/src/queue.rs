//! What waits in between: values on their way to the writer, and what the writer is asked for.

use crate::{batch::Sample, error::SamplesError};
use jiff::Timestamp;
use std::{
    mem,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// So many values are written at once, without waiting for more.
const BATCH: usize = 20_000;
/// So many values wait at most; further ones are dropped.
const FULL: usize = 65_536;
/// How long the writer waits for more values before it writes.
const GATHER: Duration = Duration::from_secs(1);

/// Values and wishes on their way to the writer.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    state: Mutex<State>,
    has_work: Condvar,
    has_done: Condvar,
}

/// What the writer does next.
#[derive(Debug)]
pub(crate) struct Work {
    pub values: Vec<Sample>,
    pub prune: Option<Timestamp>,
    /// There is nothing after this.
    pub is_last: bool,
    /// The flushes that are done when this is.
    flushes: u64,
}

#[derive(Debug, Default)]
struct State {
    values: Vec<Sample>,
    prune: Option<Timestamp>,
    is_closing: bool,
    has_ended: bool,
    flushes_asked: u64,
    flushes_taken: u64,
    flushes_done: u64,
    dropped: u64,
    /// Of the last work that was any.
    fault: Option<SamplesError>,
    /// The first since the last flush; what that flush says.
    fault_to_tell: Option<SamplesError>,
    fault_told: Option<SamplesError>,
}

impl Queue {
    /// Never waits for the disk; `false` when the queue is full.
    pub(crate) fn push(&self, sample: Sample) -> bool {
        let mut state = self.state();
        if state.values.len() >= FULL {
            state.dropped += 1;
            return false;
        }
        state.values.push(sample);
        // The writer sleeps until there is something, and then until there is enough.
        if matches!(state.values.len(), 1 | BATCH) {
            self.has_work.notify_one();
        }
        true
    }

    pub(crate) fn prune(&self, now: Timestamp) {
        self.state().prune = Some(now);
        self.has_work.notify_one();
    }

    pub(crate) fn close(&self) {
        self.state().is_closing = true;
        self.has_work.notify_one();
    }

    /// Waits until everything that was asked before is done.
    pub(crate) fn flush(&self) -> Result<(), SamplesError> {
        let mut state = self.state();
        state.flushes_asked += 1;
        let mine = state.flushes_asked;
        self.has_work.notify_one();
        while state.flushes_done < mine {
            if state.has_ended {
                return Err(SamplesError::Ended);
            }
            state = self.has_done.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.fault_told.clone().map_or(Ok(()), Err)
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.state().dropped
    }

    pub(crate) fn fault(&self) -> Option<SamplesError> {
        self.state().fault.clone()
    }

    /// For the writer: sleeps until there is something to do, and a little longer for values to gather.
    pub(crate) fn next(&self) -> Work {
        let mut state = self.state();
        while state.values.is_empty() && !state.is_urgent() {
            state = self.has_work.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let until = Instant::now() + GATHER;
        while !state.is_urgent() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let woken = self.has_work.wait_timeout(state, left);
            state = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.take()
    }

    /// For the writer: the values that wait now, in the middle of longer work.
    pub(crate) fn waiting(&self) -> Vec<Sample> {
        mem::take(&mut self.state().values)
    }

    /// For the writer: values that were not kept.
    pub(crate) fn drop_values(&self, count: u64) {
        self.state().dropped += count;
    }

    /// For the writer: the work is done, or failed.
    pub(crate) fn done(&self, work: &Work, fault: Option<SamplesError>) {
        let mut state = self.state();
        if fault.is_some() || !work.values.is_empty() || work.prune.is_some() {
            state.fault.clone_from(&fault);
        }
        state.fault_to_tell = state.fault_to_tell.take().or(fault);
        if state.flushes_done < work.flushes {
            state.flushes_done = work.flushes;
            state.fault_told = state.fault_to_tell.take();
            self.has_done.notify_all();
        }
    }

    /// For the writer: nobody works any more.
    pub(crate) fn end(&self) {
        self.state().has_ended = true;
        self.has_done.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_urgent(&self) -> bool {
        self.is_closing
            || self.prune.is_some()
            || self.values.len() >= BATCH
            || self.flushes_asked > self.flushes_taken
    }

    fn take(&mut self) -> Work {
        self.flushes_taken = self.flushes_asked;
        Work {
            values: mem::take(&mut self.values),
            prune: self.prune.take(),
            is_last: self.is_closing,
            flushes: self.flushes_asked,
        }
    }
}
