//! A job of systemd: asked for, and waited for until systemd says how it ended.

use crate::bus::{Bus, MANAGER, MANAGER_PATH, SYSTEMD, are_of_one_sender, cut, manager};
use domain::said::Said;
use futures::StreamExt;
use zbus::{Connection, MatchRule, Message, MessageStream, OwnedObjectPath, message::Type};

/// Calls a method of the manager that answers with a job, and waits until systemd has removed that; gives its result in
/// systemd's word, `done` when it worked.
pub(crate) async fn run<B>(bus: &Bus, method: &str, unit: &str, body: &B) -> Result<String, Said>
where
    B: serde::Serialize + zbus::DynamicType,
{
    let said = |error: zbus::Error| {
        let bus = bus.said();
        Said::new(
            format!("{} での {unit} の {method}: {}", bus.ja, cut(&error)),
            format!("{method} of {unit} on {}: {}", bus.en, cut(&error)),
        )
    };
    let connection = bus.connect().await?;
    // Listening begins before the job: a short one is over before its answer is read.
    let mut removed = removals(&connection).await.map_err(said)?;
    // Without it systemd keeps such news to itself.
    let _ = manager(&connection, "Subscribe", &()).await;
    let answer = manager(&connection, method, body).await.map_err(said)?;
    let job: OwnedObjectPath = answer.body().deserialize().map_err(said)?;
    while let Some(message) = removed.next().await {
        let message = message.map_err(said)?;
        // Anybody may send a signal with this name; only systemd's counts.
        if are_of_one_sender(&message.header(), &answer.header())
            && let Some(result) = result_in(&message, &job)
        {
            return Ok(result);
        }
    }
    Err(Said::new(
        format!("{unit} の {method} の途中で接続が切れました"),
        format!("the connection ended while {method} of {unit} was going on"),
    ))
}

async fn removals(connection: &Connection) -> zbus::Result<MessageStream> {
    let rule = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender(SYSTEMD)
        .interface(MANAGER)
        .member("JobRemoved")
        .path(MANAGER_PATH)
        .build()?;
    MessageStream::for_match_rule(rule, connection, None).await
}

/// The result of this job, when the message is about it: its number, its path, its unit, its result.
fn result_in(message: &Message, job: &OwnedObjectPath) -> Option<String> {
    let (_, path, _, result): (u32, OwnedObjectPath, String, String) =
        message.body().deserialize().ok()?;
    (path == *job).then_some(result)
}
