//! `hikeshi token …`: who may send in the name of an integration, and which program may use the API in whose name.

use crate::{
    client::Client,
    commands::{Done, done, escaped, present},
    common::Common,
    show::{pick, say},
    views::table,
};
use clap::{Subcommand, ValueEnum};
use serde_json::json;

/// What a program may do with a token; each may also do what stands before it.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Scope {
    /// See what a viewer sees
    Read,
    /// Work on incidents, as a responder
    Respond,
    /// Also what an approver says
    Approve,
    /// Also what an administrator does
    Admin,
}

/// Tokens of integrations, and of programs that use the API.
#[derive(Subcommand)]
pub enum TokenCommand {
    /// Make a token for an integration, or with --api for a program; it is shown once and kept nowhere
    #[command(visible_alias = "create")]
    New {
        /// The integration, as the configuration names it
        #[arg(required_unless_present = "api", conflicts_with = "api")]
        integration: Option<String>,
        /// For a program that uses the API: what it is called
        #[arg(long, value_name = "NAME", requires = "scope")]
        api: Option<String>,
        /// What the program may at most; never more than its account
        #[arg(long, requires = "api")]
        scope: Option<Scope>,
        /// The account in whose name the program acts; by default your own name
        #[arg(long, requires = "api", value_name = "NAME")]
        account: Option<String>,
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
        TokenCommand::New { integration, api, scope, account, expires } => {
            let made = match (integration, api) {
                (Some(integration), _) => {
                    let path = format!("/api/v1/integrations/{}/tokens", escaped(integration));
                    client.post(&path, json!({"for": expires}))?
                }
                (None, name) => {
                    let account = account.as_deref().unwrap_or(client.by());
                    let path = format!("/api/v1/accounts/{}/tokens", escaped(account));
                    let scope = scope.and_then(|scope| scope.to_possible_value());
                    let scope = scope.map(|value| value.get_name().to_owned());
                    client.post(&path, json!({"name": name, "scope": scope, "for": expires}))?
                }
            };
            present(common, &made, |made| {
                say!("{}", made["token"].as_str().unwrap_or_default());
                say!("{}", pick("二度と表示されません。", "It is not shown again."));
            })
        }
        TokenCommand::List => {
            let list = client.get("/api/v1/tokens")?;
            present(common, &list, |list| {
                let columns = [
                    "id",
                    "integration",
                    "account",
                    "name",
                    "scope",
                    "by",
                    "expires_at",
                    "used_at",
                ];
                table(list, &columns)
            })
        }
        TokenCommand::Revoke { id } => {
            done(common, &client.post(&format!("/api/v1/tokens/{id}/revoke"), json!({}))?)
        }
    }
}
