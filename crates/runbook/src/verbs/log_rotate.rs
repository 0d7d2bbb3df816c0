//! `log.rotate`: sets the logs of a service aside, has them reopened once, compresses them and keeps the newest (B28, C14, C21).

use crate::{
    call::{Argument, Call, Done, Verb, lines},
    rotation::{
        compress::compress,
        folder::{LogFile, LogFolder, stem},
        writers::wait_until_free,
    },
};
use domain::{
    ids::ServiceName,
    plan::{EffectKind, Outcome},
    said::Said,
};
use futures::FutureExt;
use std::{collections::BTreeMap, io, sync::Arc};
use supervise::Supervisor;
use tokio::{task::spawn_blocking, time::Instant};

/// Rotates the files of the attribute `log_path`.
pub const VERB: Verb = Verb {
    name: "log.rotate",
    summary: (
        "ログを退避して一度だけ開き直させ、圧縮し、新しいものだけを残す",
        "sets the logs aside, has them reopened once, compresses them and keeps the newest",
    ),
    effect: EffectKind::Converge,
    arguments: &[
        Argument { name: "path", kind: "path", bounds: None },
        Argument { name: "writer", kind: "const", bounds: None },
        Argument { name: "keep", kind: "int", bounds: Some((1, 10_000)) },
    ],
    example: "```action {name=rotate timeout=5m}\nlog.rotate\nkeep: 30\n```",
    verify: None,
    undo: None,
    perform: |call| async move { perform(&call).await.unwrap_or_else(|why| why) }.boxed(),
};

/// A service that writes logs, and who can reload it.
type Writer<'a> = (ServiceName, &'a Arc<dyn Supervisor>);

/// What a rotation did, in numbers.
#[derive(Default)]
struct Counts {
    rotated: usize,
    compressed: usize,
    removed: usize,
    freed: u64,
    /// What went wrong with single files; the others are rotated all the same.
    troubles: Vec<Said>,
}

async fn perform(call: &Call<'_>) -> Result<Done, Done> {
    let pattern =
        call.argument("path").or_else(|| call.attribute("log_path")).ok_or_else(|| {
            Done::blocked(&Said::new(
                format!(
                    "`{}` に `log_path` がありません。サービスに `log_path:` を書いてください",
                    call.service.name
                ),
                format!(
                    "`{}` has no `log_path`; add `log_path:` to the service",
                    call.service.name
                ),
            ))
        })?;
    let writers = writers(call)?;
    let failed = |error: io::Error| Done::failed(format!("{pattern}: {error}"));
    // A missing folder is as good as an empty one.
    let Some(folder) = LogFolder::open(pattern).map_err(failed)?.map(Arc::new) else {
        return Ok(
            Done::new(Outcome::Ok, format!("{pattern}: nothing there")).with("freed_bytes", 0)
        );
    };
    let before = folder.available().map_err(failed)?;
    let mut counts = Counts::default();
    set_aside(call, &folder, &mut counts).map_err(failed)?;
    if counts.rotated > 0 {
        reload(&writers).await?;
    }
    // What goes anyway goes first: compressing needs room, and the disk may be full.
    keep_newest(&folder, call.count("keep", 30), &mut counts).map_err(failed)?;
    compress_all(&folder, call.deadline, &mut counts).await.map_err(failed)?;
    let after = folder.available().map_err(failed)?;
    Ok(summed_up(&counts, before, after))
}

/// Who writes: the argument, else the attribute `writer`, else the target; all must be supervised,
/// else nobody could have the files reopened.
fn writers<'a>(call: &'a Call<'_>) -> Result<Vec<Writer<'a>>, Done> {
    let names = call.argument("writer").or_else(|| call.attribute("writer"));
    let names = names
        .unwrap_or(call.service.name.as_str())
        .split(',')
        .map(|name| ServiceName::from(name.trim()));
    names
        .map(|name| {
            let supervisor = call.supervisor(&name).map_err(|why| Done::blocked(&why))?;
            Ok((name, supervisor))
        })
        .collect()
}

fn set_aside(call: &Call<'_>, folder: &LogFolder, counts: &mut Counts) -> io::Result<()> {
    let now = (call.deps.clock)();
    for file in folder.live()?.iter().filter(|file| file.bytes > 0) {
        match folder.rotate(file, now) {
            Ok(_) => counts.rotated += 1,
            Err(error) => counts.trouble(&file.name, error.to_string()),
        }
    }
    Ok(())
}

/// One reload per writer and run; a writer that does not run has nothing to reopen.
async fn reload(writers: &[Writer<'_>]) -> Result<(), Done> {
    for (name, supervisor) in writers {
        let runs = supervisor.status(name).await.is_ok_and(|status| status.running.is_some());
        if !runs {
            continue;
        }
        if let Err(error) = supervisor.reload(name).await {
            let why = error.said();
            return Err(Done::failed(Said::new(
                format!(
                    "ログは退避しましたが、{name} に開き直しを依頼できませんでした: {}",
                    why.ja
                ),
                format!(
                    "the logs are set aside, but {name} was not asked to reopen them: {}",
                    why.en
                ),
            )));
        }
    }
    Ok(())
}

/// Compresses what nobody writes to any more; the rest waits for the next run.
async fn compress_all(
    folder: &Arc<LogFolder>,
    deadline: Instant,
    counts: &mut Counts,
) -> io::Result<()> {
    let plain: Vec<LogFile> =
        folder.rotated()?.into_iter().filter(|file| !file.name.ends_with(".gz")).collect();
    let ids: Vec<_> = plain.iter().map(|file| file.id).collect();
    let busy = wait_until_free(&ids, deadline).await;
    for mut file in plain {
        if busy.contains(&file.id) {
            counts.trouble(
                &file.name,
                Said::new(
                    "再読み込み後も書き込み中です。次回圧縮します",
                    "is still written to after the reload; compressed next time",
                ),
            );
            continue;
        }
        // Lines may have come in since it was listed; its size on the disk is what will be freed.
        file = folder.rotated()?.into_iter().find(|now| now.id == file.id).unwrap_or(file);
        let (folder, job) = (Arc::clone(folder), file.clone());
        match spawn_blocking(move || compress(&folder, &job, deadline)).await {
            Ok(Ok(freed)) => {
                counts.compressed += 1;
                counts.freed += freed;
            }
            Ok(Err(error)) => counts.trouble(&file.name, error.to_string()),
            Err(error) => counts.trouble(&file.name, error.to_string()),
        }
    }
    Ok(())
}

fn keep_newest(folder: &LogFolder, keep: u32, counts: &mut Counts) -> io::Result<()> {
    let files = folder.rotated()?;
    let mut left: BTreeMap<&str, u32> = BTreeMap::new();
    for file in files.iter().rev() {
        let Some((name, _)) = stem(&file.name) else { continue };
        let seen = left.entry(name).or_default();
        *seen += 1;
        if *seen <= keep {
            continue;
        }
        match folder.remove(&file.name) {
            Ok(()) => {
                counts.removed += 1;
                counts.freed += file.allocated;
            }
            Err(error) => counts.trouble(&file.name, error.to_string()),
        }
    }
    Ok(())
}

fn summed_up(counts: &Counts, before: u64, after: u64) -> Done {
    let output = format!(
        "rotated {}, compressed {}, removed {}, freed {} bytes; available {before} -> {after} bytes\n{}",
        counts.rotated,
        counts.compressed,
        counts.removed,
        counts.freed,
        lines(&Said::join(&counts.troubles, "\n"))
    );
    let outcome = match counts.troubles.first() {
        None => Outcome::Ok,
        Some(trouble) => Outcome::Failed(trouble.clone()),
    };
    Done::new(outcome, output)
        .with("rotated", counts.rotated)
        .with("compressed", counts.compressed)
        .with("removed", counts.removed)
        .with("freed_bytes", counts.freed)
        .with("available_before_bytes", before)
        .with("available_after_bytes", after)
}

impl Counts {
    fn trouble(&mut self, file: &str, why: impl Into<Said>) {
        self.troubles.push(why.into().within(|why| format!("{file}: {why}")));
    }
}
