//! From the writer's thread to whoever does it: every task to its performer, each on its own.

use crate::{
    outside::Task,
    perform,
    reload::{Ground, Live},
};
use engine::{Engine, Work};
use std::sync::Arc;
use tokio::sync::mpsc::UnboundedReceiver;

/// Who does what is owed.
pub struct Performing {
    /// The probes and channels of the configuration that counts now.
    pub live: Live,
    /// What the next configuration starts with.
    pub ground: Ground,
    /// Who performs steps.
    pub performer: Arc<runbook::Performer>,
    /// Who hears how it went.
    pub engine: Engine,
}

/// Hands on tasks until there are none any more. Every piece of work is a task of its own: a slow one delays no other.
pub async fn dispatch(mut inbox: UnboundedReceiver<Task>, mut with: Performing) {
    while let Some(task) = inbox.recv().await {
        match task {
            Task::Reload(policy, parts) => with.live = Live::start(policy, *parts, &with.ground),
            Task::Work(Work::Look(service)) => with.live.schedule.look_now(&service),
            Task::Work(Work::Tell(work)) => {
                drop(tokio::spawn(with.live.channels.clone().deliver(*work, with.engine.clone())))
            }
            Task::Work(Work::Step(work)) => {
                let (policy, performer, engine) =
                    (with.live.policy.clone(), with.performer.clone(), with.engine.clone());
                tokio::spawn(perform::perform(*work, policy, performer, engine));
            }
            Task::Reply(reply) => drop(tokio::spawn(with.live.channels.clone().reply(reply))),
            Task::Mail(channel, mail, answer) => {
                let channels = with.live.channels.clone();
                tokio::spawn(async move { answer.send(channels.mail(channel, *mail).await) });
            }
            Task::Emergency(fault) => {
                let (channels, language) = (with.live.channels.clone(), with.live.policy.language);
                tokio::spawn(async move { channels.emergency(language, fault.as_deref()).await });
            }
        }
    }
}
