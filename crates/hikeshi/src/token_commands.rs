//! `hikeshi token …`: who may send in the name of an integration.

use crate::{
    client::Client,
    commands::{Done, done, escaped, present},
    common::Common,
    show::{pick, say},
    views::table,
};
use clap::Subcommand;
use serde_json::json;

/// Tokens of integrations.
#[derive(Subcommand)]
pub enum TokenCommand {
    /// Make a token for an integration; it is shown once and kept nowhere
    New {
        /// The integration, as the configuration names it
        integration: String,
        /// After how long it opens nothing any more, such as 90d
        #[arg(long, value_name = "TIME")]
        expires: Option<String>,
    },
    /// Which tokens there are; never what they are
    List,
    /// Let a token open nothing any more
    Revoke {
        /// Its number
        id: u64,
    },
}

/// Carries one out.
pub fn run(common: &Common, command: &TokenCommand) -> Done {
    let client = Client::find(common)?;
    match command {
        TokenCommand::New { integration, expires } => {
            let path = format!("/api/v1/integrations/{}/tokens", escaped(integration));
            let made = client.post(&path, json!({"for": expires}))?;
            present(common, &made, |made| {
                say!("{}", made["token"].as_str().unwrap_or_default());
                say!("{}", pick("二度と表示されません。", "It is not shown again."));
            })
        }
        TokenCommand::List => {
            let list = client.get("/api/v1/tokens")?;
            present(common, &list, |list| {
                table(list, &["id", "integration", "by", "issued_at", "expires_at"])
            })
        }
        TokenCommand::Revoke { id } => {
            done(common, &client.post(&format!("/api/v1/tokens/{id}/revoke"), json!({}))?)
        }
    }
}
