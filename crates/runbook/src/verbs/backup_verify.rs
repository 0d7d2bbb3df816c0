//! `backup.verify`: reads the newest backup to its end, as its probe does, and judges by that (B8, C16).

use crate::call::{Call, Done, Verb, flag, measured};
use domain::{
    plan::{EffectKind, Outcome},
    said::Said,
};
use futures::FutureExt;
use tokio::time::timeout_at;

/// Verifies backups.
pub const VERB: Verb = Verb {
    name: "backup.verify",
    summary: (
        "最新のバックアップを最後まで読み、期待する中身があるかを確かめる",
        "reads the newest backup to its end and sees whether it holds what is expected",
    ),
    effect: EffectKind::Read,
    arguments: &[],
    example: "```action {name=backup timeout=30m}\nbackup.verify\n```",
    verify: None,
    undo: None,
    perform: |call| perform(call).boxed(),
};

const KINDS: &[&str] = &["backup"];
/// What is worth a fact.
const CAPTURED: [&str; 4] = ["age_seconds", "size_bytes", "entries", "format"];

async fn perform(call: Call<'_>) -> Done {
    let (name, looks) = (&call.service.name, &call.deps.looks);
    if !looks.knows(name, KINDS) {
        return Done::blocked(&Said::new(
            format!(
                "`{name}` のバックアップを見るプローブがありません。`kind: backup` を加えてください"
            ),
            format!("no probe looks at the backups of `{name}`; add one of `kind: backup`"),
        ));
    }
    let Ok(seen) = timeout_at(call.deadline, looks.look(name, KINDS)).await else {
        return Done::failed(Said::new(
            "制限時間内にバックアップを最後まで読めませんでした",
            "the backup was not read to its end within the time limit",
        ));
    };
    let mut output = String::new();
    for one in &seen {
        output.push_str(&format!(
            "{}: {}\n",
            one.probe,
            one.detail.as_ref().map_or("", |detail| detail.en.as_str())
        ));
    }
    let bad = seen.iter().find(|one| flag(one, "listed") != Some(true));
    let outcome = match bad {
        None if seen.is_empty() => Outcome::Failed(Said::new(
            "プローブが何も計測できませんでした",
            "its probe saw nothing",
        )),
        None => Outcome::Ok,
        Some(one) => {
            let problem = one.detail.clone().or_else(|| measured(one, "problem").map(Said::from));
            Outcome::Failed(
                problem.unwrap_or_else(|| Said::new("読めませんでした", "it could not be read")),
            )
        }
    };
    let shown = bad.or(seen.first());
    let values = CAPTURED.iter().filter_map(|name| Some((*name, measured(shown?, name)?)));
    values.fold(Done::new(outcome, output), |done, (name, value)| done.with(name, value))
}
