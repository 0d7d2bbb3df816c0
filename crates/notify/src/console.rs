//! Channel kind `console`: writes a block to standard error, the way out that needs no network.

use crate::{
    channel::{Channel, Kind, Message, Settings, Told},
    outside,
};
use futures::future::BoxFuture;
use secrets::Reader;
use source::{Fields, Problems};
use std::{
    io::{Write, stderr},
    sync::Arc,
};

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "console",
    summary: ("標準エラー出力に書く", "writes to standard error"),
    example: "kind: console\n",
    parse: |_: &mut Fields<'_>, _: &mut Problems| Some(Arc::new(Console)),
};

#[derive(Clone, Debug)]
struct Console;

impl Settings for Console {
    fn is_room(&self) -> bool {
        true
    }

    fn make(&self, _: Reader) -> Box<dyn Channel> {
        Box::new(Self)
    }
}

impl Channel for Console {
    fn tell<'a>(&'a self, message: &'a Message<'a>) -> BoxFuture<'a, Told> {
        Box::pin(async move {
            let block = block(message);
            // A terminal that is stopped must not stop the others: the write waits on a thread of its own.
            let written =
                tokio::task::spawn_blocking(move || stderr().lock().write_all(block.as_bytes()))
                    .await;
            match written {
                Ok(Ok(())) => Told::delivered("stderr"),
                Ok(Err(error)) => {
                    Told::try_again(format!("cannot write to standard error: {error}"))
                }
                Err(error) => Told::try_again(format!("cannot write to standard error: {error}")),
            }
        })
    }
}

fn block(message: &Message<'_>) -> String {
    let notice = message.notice;
    let body = message.text().replace('\n', "\n  ");
    format!("== {} {}\n  {body}\n", notice.id, outside::line(&notice.subject))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        fact::{About, Event, NoticeOwed},
        ids::{IncidentId, NoticeId},
    };

    #[test]
    fn a_block_has_a_head_and_steers_no_terminal() {
        let notice = NoticeOwed {
            first_wait_ms: 1,
            longest_wait_ms: 1,
            ..NoticeOwed::new(
                NoticeId(3),
                About::Incident(IncidentId(1)),
                Event::Firing,
                "[P0] 停止\u{1b}[2J",
                "影響範囲: API\n番号: INC-1",
            )
        };
        let block = block(&Message::new(&notice, jiff::Timestamp::UNIX_EPOCH));
        assert_eq!(block, "== N3 [P0] 停止 [2J\n  影響範囲: API\n  番号: INC-1\n");
    }
}
