//! `hikeshi channel …`: how the channels fare, and whether a message really arrives.

use crate::{
    client::Client,
    commands::{Done, done, escaped, present},
    common::Common,
    show::{pick, say},
    views::table,
};
use clap::Subcommand;
use serde_json::json;

/// Channels.
#[derive(Subcommand)]
pub enum ChannelCommand {
    /// How each channel fares: last success, last proof, last failure, failures in a row
    List,
    /// Send a test message and ask its reader to confirm it
    Test {
        /// The channel, as the configuration names it
        name: String,
        /// The contact, on a channel that reaches single people
        #[arg(long, value_name = "CONTACT")]
        to: Option<String>,
    },
    /// Confirm that a test message has arrived, with the code in it
    Confirm {
        /// The code
        code: String,
    },
}

/// Carries one out.
pub fn run(common: &Common, command: &ChannelCommand) -> Done {
    let client = Client::find(common)?;
    match command {
        ChannelCommand::List => {
            let list = client.get("/api/v1/channels")?;
            let columns = ["name", "succeeded_at", "proved_at", "failed_at", "failures", "failure"];
            present(common, &list, |list| table(list, &columns))
        }
        ChannelCommand::Test { name, to } => {
            let path = format!("/api/v1/channels/{}/test", escaped(name));
            let sent = client.post(&path, json!({"to": to}))?;
            present(common, &sent, |_| {
                say!(
                    "{}",
                    pick(
                        "送信します。届いたら、メッセージのコードで `hikeshi channel confirm コード` を実行するか、リンクで確認してください。",
                        "It is being sent. Who gets it confirms with the code in it, `hikeshi channel confirm CODE`, or with its link."
                    )
                );
            })
        }
        ChannelCommand::Confirm { code } => {
            done(common, &client.post("/api/v1/channels/confirm", json!({"code": code}))?)
        }
    }
}
