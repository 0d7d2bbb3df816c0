//! Sends mails to subscribers: a few at a time, each as often as its ledger says. No address is ever logged, not even in an
//! error: a server's answer may repeat it.

use crate::{
    letters,
    page::Page,
    subscribers::{Due, Sent, Subscribers, SubscribersError},
};
use domain::fact::Delivery;
use futures::{StreamExt, future::BoxFuture, stream};
use jiff::Timestamp;
use notify::{Mail, Told};
use std::{collections::BTreeSet, sync::Arc, time::Duration};

/// Sends a mail on the channel of the configuration; nothing where there is no such channel any more.
pub type Sender = Arc<dyn Fn(Mail) -> BoxFuture<'static, Option<Told>> + Send + Sync>;

/// Mails that are sent in one round.
const ROUND: usize = 200;
/// And at once.
const AT_ONCE: usize = 4;
/// How often it is tried to ask for a confirmation; whoever waits for it asks again.
const ASKED: u32 = 3;
/// The wait after the first failure of that; it doubles.
const ASK_AGAIN: Duration = Duration::from_secs(2);

/// Makes sure that everybody is owed what was said, and sends what is due. `said` are the news that everybody is owed
/// already. Returns how many mails were taken, and how many were not.
pub(crate) async fn round(
    all: &Subscribers,
    sender: &Sender,
    page: &Page,
    base: &str,
    said: &mut BTreeSet<String>,
    now: Timestamp,
) -> Result<(usize, usize), SubscribersError> {
    let news = letters::news(page);
    for one in &news {
        if !said.contains(&one.id) {
            all.owe(&one.id, one.at, now)?;
            said.insert(one.id.clone());
        }
    }
    said.retain(|id| news.iter().any(|one| one.id == *id));
    let due = all.take(now, ROUND)?;
    let send = |due: Due| {
        let found = news.iter().find(|one| one.id == due.entry);
        let to = (due.address.as_str(), due.token.as_str(), due.language);
        let mail = found.map(|news| letters::about(news, page, base, to));
        async move {
            let sent = match mail {
                Some(mail) => outcome(sender(mail).await.as_ref()),
                // It is not on the page any more: there is nothing to tell.
                None => Sent::Never,
            };
            (due, sent)
        }
    };
    let mut sent = stream::iter(due).map(send).buffer_unordered(AT_ONCE);
    let (mut taken, mut others) = (0, 0);
    while let Some((due, sent)) = sent.next().await {
        all.settle(&due, sent, now)?;
        if sent == Sent::Yes { taken += 1 } else { others += 1 }
    }
    Ok((taken, others))
}

/// Asks the owner of an address whether they want mails.
pub(crate) async fn ask(sender: Sender, mail: Mail) {
    let mut wait = ASK_AGAIN;
    for attempt in 1..=ASKED {
        match outcome(sender(mail.clone()).await.as_ref()) {
            Sent::Yes => return,
            Sent::Later if attempt < ASKED => tokio::time::sleep(wait).await,
            Sent::Later | Sent::Never => break,
        }
        wait *= 2;
    }
    tracing::warn!("a confirmation for the status page could not be sent");
}

fn outcome(told: Option<&Told>) -> Sent {
    match told.map(|told| told.outcome) {
        Some(Delivery::Delivered) => Sent::Yes,
        Some(Delivery::TryAgain) | None => Sent::Later,
        Some(Delivery::Hopeless) => Sent::Never,
    }
}
