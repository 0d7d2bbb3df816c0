//! What many viewers look at is looked up once: the writer is asked a few times a second, however many people watch.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::{Mutex, watch};

/// So old may be what is shared.
const GOOD_FOR: Duration = Duration::from_millis(250);

/// The last answers, by question.
#[derive(Debug)]
pub(crate) struct Recent<K, T>(Mutex<BTreeMap<K, Answer<T>>>);

#[derive(Debug)]
struct Answer<T> {
    at: Instant,
    /// Everything that was written up to here is in it.
    position: u64,
    value: Arc<T>,
}

impl<K: Ord, T> Default for Recent<K, T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Ord, T> Recent<K, T> {
    /// An answer that is a moment old at most, and the position up to which it knows everything that was written. Whoever
    /// asks while it is being looked up waits for it.
    pub(crate) async fn get<E>(
        &self,
        key: K,
        written: &watch::Sender<u64>,
        look: impl Future<Output = Result<T, E>>,
    ) -> Result<(u64, Arc<T>), E> {
        let mut all = self.0.lock().await;
        all.retain(|_, answer| answer.at.elapsed() < GOOD_FOR);
        if let Some(answer) = all.get(&key) {
            return Ok((answer.position, answer.value.clone()));
        }
        let position = *written.borrow();
        let value = Arc::new(look.await?);
        all.insert(key, Answer { at: Instant::now(), position, value: value.clone() });
        Ok((position, value))
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
        });
    }
}
