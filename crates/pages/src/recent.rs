//! What many viewers look at is looked up once: the writer is asked a few times a second, however many people watch.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// So old may be what is shared, unless more is said.
const GOOD_FOR: Duration = Duration::from_millis(250);

/// The last answers, by question.
#[derive(Debug)]
pub(crate) struct Recent<K, T> {
    good_for: Duration,
    slots: Mutex<BTreeMap<K, Slot<T>>>,
}

/// Whoever looks something up holds its slot: others who ask the same wait, and nobody else does.
type Slot<T> = Arc<tokio::sync::Mutex<Option<Answer<T>>>>;

#[derive(Debug)]
struct Answer<T> {
    at: Instant,
    /// Everything that was written up to here is in it.
    position: u64,
    value: Arc<T>,
}

impl<K: Ord, T> Default for Recent<K, T> {
    fn default() -> Self {
        Self::good_for(GOOD_FOR)
    }
}

impl<K: Ord, T> Recent<K, T> {
    /// Answers that may be so old.
    pub(crate) fn good_for(good_for: Duration) -> Self {
        Self { good_for, slots: Mutex::default() }
    }

    /// An answer that is a moment old at most, and the position up to which it knows everything that was written. Whoever
    /// asks while it is being looked up waits for it.
    pub(crate) async fn get<E>(
        &self,
        key: K,
        written: &watch::Sender<u64>,
        look: impl Future<Output = Result<T, E>>,
    ) -> Result<(u64, Arc<T>), E> {
        let slot = self.slot(key);
        let mut kept = slot.lock().await;
        if let Some(answer) = kept.as_ref().filter(|answer| self.is_fresh(answer)) {
            return Ok((answer.position, answer.value.clone()));
        }
        let position = *written.borrow();
        let value = Arc::new(look.await?);
        *kept = Some(Answer { at: Instant::now(), position, value: value.clone() });
        Ok((position, value))
    }

    /// The slot of a question; those that nobody needs any more are given up.
    fn slot(&self, key: K) -> Slot<T> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.retain(|_, slot| {
            let is_fresh = |answer: &Option<Answer<T>>| {
                answer.as_ref().is_some_and(|answer| self.is_fresh(answer))
            };
            Arc::strong_count(slot) > 1 || slot.try_lock().is_ok_and(|answer| is_fresh(&answer))
        });
        slots.entry(key).or_default().clone()
    }

    fn is_fresh(&self, answer: &Answer<T>) -> bool {
        answer.at.elapsed() < self.good_for
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_ask_and_one_looks() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let (recent, written) = (Recent::default(), watch::Sender::new(7));
            let looks = std::cell::Cell::new(0);
            let ask = |key: u8| {
                let looks = &looks;
                let look = async move {
                    looks.set(looks.get() + 1);
                    tokio::task::yield_now().await;
                    Ok::<_, ()>(looks.get())
                };
                recent.get(key, &written, look)
            };
            let all = futures::future::join_all((0..50).map(|_| ask(1))).await;
            assert!(all.iter().all(|found| *found == Ok((7, Arc::new(1)))), "{all:?}");
            assert_eq!(ask(2).await, Ok((7, Arc::new(2))), "another question");
            // Who asks something else does not wait for a look that never ends.
            let slow = recent.get(3, &written, std::future::pending::<Result<_, ()>>());
            futures::pin_mut!(slow);
            assert!(futures::poll!(slow.as_mut()).is_pending());
            assert_eq!(ask(4).await, Ok((7, Arc::new(3))));
        });
    }
}
