//! So that somebody notices when hikeshi itself is silent: systemd, and whoever waits for its sign of life.
//!
//! A sign is given only after the writer has answered: a process that is there and decides nothing is not alive.

use engine::Engine;
use notify::SignOfLife;
use sd_notify::NotifyState;
use secrets::Safe;
use std::time::Duration;
use tokio::{
    sync::oneshot,
    time::{interval, timeout},
};

/// The writer answers within this time, or nothing is said.
const PATIENCE: Duration = Duration::from_secs(5);

/// Tells systemd that the start is over, and gives signs of life from now on.
pub fn open(engine: Engine, sign: Option<SignOfLife>, safe: &Safe) {
    tell_systemd(NotifyState::Ready);
    // systemd ends and starts a unit anew that is silent for the whole of WatchdogSec=.
    if let Some(limit) = sd_notify::watchdog_enabled() {
        tokio::spawn(watchdog(engine.clone(), limit / 3));
    }
    if let Some(sign) = sign {
        tokio::spawn(outside(engine, sign, safe.clone()));
    }
}

/// Tells systemd that hikeshi ends because it was asked to.
pub fn close() {
    tell_systemd(NotifyState::Stopping);
}

/// Without systemd there is nobody to tell.
fn tell_systemd(state: NotifyState<'_>) {
    let _ = sd_notify::notify(&[state]);
}

async fn watchdog(engine: Engine, every: Duration) {
    let mut ticks = interval(every);
    loop {
        ticks.tick().await;
        if lives(&engine).await {
            tell_systemd(NotifyState::Watchdog);
        }
    }
}

async fn outside(engine: Engine, sign: SignOfLife, safe: Safe) {
    let mut ticks = interval(sign.every);
    let giver = sign.giver(safe.reader("sign of life"));
    let mut is_failing = false;
    loop {
        ticks.tick().await;
        if !lives(&engine).await {
            continue;
        }
        match (giver.give().await, is_failing) {
            (Ok(()), true) => {
                tracing::info!("the sign of life is taken again");
                is_failing = false;
            }
            (Err(why), false) => {
                tracing::warn!("the sign of life is not taken: {why}");
                is_failing = true;
            }
            _ => {}
        }
    }
}

/// Whether the writer answers.
async fn lives(engine: &Engine) -> bool {
    let (answer, wait) = oneshot::channel();
    // Nobody waits any more when it comes too late.
    let late = move |now| {
        let _ = answer.send(now);
    };
    engine.look(|world| world.now, late);
    timeout(PATIENCE, wait).await.is_ok_and(|answer| answer.is_ok())
}
