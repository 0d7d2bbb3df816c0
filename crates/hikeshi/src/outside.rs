//! What the writer's thread tells the rest of the process: work, facts, faults. It only passes things on.

use crate::masking::Masking;
use domain::{fact::Recorded, ids::ChannelName, policy::Policy};
use engine::{Fault, Outside, Work};
use journal::Position;
use std::sync::{Arc, atomic::Ordering};
use tokio::sync::{mpsc::UnboundedSender, oneshot, watch};
use web::Counts;

/// Something that the dispatcher must do.
pub enum Task {
    /// Owed work.
    Work(Work),
    /// Another configuration counts from now on.
    Reload(Arc<Policy>, Box<Parts>),
    /// Somebody who pressed a button hears what became of it.
    Reply(web::Reply),
    /// A mail to a subscriber of the status page; how it went is answered, where the channel is still there.
    Mail(ChannelName, Box<notify::Mail>, oneshot::Sender<Option<notify::Told>>),
    /// People must hear that hikeshi itself is in trouble, or is well again.
    Emergency(Option<String>),
}

/// The parts of a configuration that look and tell.
pub struct Parts {
    /// The probes.
    pub probes: Vec<probes::ProbeSpec>,
    /// The channels.
    pub channels: Vec<notify::ChannelSpec>,
    /// What is masked in what they say.
    pub masking: Masking,
}

/// Passes on.
pub struct Passing {
    /// To the dispatcher.
    pub tasks: UnboundedSender<Task>,
    /// To the metrics.
    pub counts: Arc<Counts>,
    /// To whoever shows things live.
    pub written: watch::Sender<Position>,
}

impl Outside for Passing {
    fn work(&mut self, work: Work) {
        let _ = self.tasks.send(Task::Work(work));
    }

    fn facts(&mut self, facts: &[(Position, Recorded)]) {
        Counts::add(&self.counts.facts, facts.len() as u64);
        if let Some((position, _)) = facts.last() {
            self.written.send_replace(*position);
        }
    }

    fn fault(&mut self, fault: Option<&Fault>) {
        self.counts.journal_fault.store(u64::from(fault.is_some()), Ordering::Relaxed);
        let _ = self.tasks.send(Task::Emergency(fault.map(ToString::to_string)));
    }
}
