//! `hikeshi account …`: who may use the pages, and what they may do there.

use crate::{
    client::Client,
    commands::{Done, done, escaped, present},
    common::Common,
    show::{pick, say},
    views::table,
};
use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};

/// Accounts of the pages.
#[derive(Subcommand)]
pub enum AccountCommand {
    /// Add one, and print the link with which its owner chooses a password. The first is an administrator's
    Add {
        /// The name with which they act; that of a contact where they are one
        name: String,
        /// What they may do; a responder's unless it is the first account
        #[arg(long)]
        role: Option<Role>,
    },
    /// Who there is, and who signed in when
    List,
    /// Print a new link with which the owner chooses a password; it is good once, and for a day
    Link { name: String },
    /// Say what somebody may do, everywhere or for one team; `viewer` for a team takes that back
    Role {
        name: String,
        role: Role,
        /// Only where services with this owner are concerned
        #[arg(long)]
        team: Option<String>,
    },
    /// Take away what somebody needs besides the password, who has lost the app and the recovery codes
    ResetFactor { name: String },
    /// Nobody with an account elsewhere is its owner any more; a link lets them choose a password
    Disconnect { name: String },
    /// Take an account away; its sessions end at once
    Remove { name: String },
}

/// What somebody may do; each may also do what stands before it.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Role {
    /// See everything, change nothing
    Viewer,
    /// Work on incidents: acknowledge, note, answer, take back, close
    Responder,
    /// Say whether a step that can hurt may run
    Approver,
    /// Say who may what
    Administrator,
}

impl Role {
    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

/// Carries one out.
pub fn run(common: &Common, command: &AccountCommand) -> Done {
    let client = Client::find(common)?;
    let path = |name: &str, what: &str| format!("/api/v1/accounts/{}{what}", escaped(name));
    match command {
        AccountCommand::Add { name, role } => {
            let ask = json!({"name": name, "role": role.map(Role::name)});
            present(common, &client.post("/api/v1/accounts", ask)?, show_link)
        }
        AccountCommand::List => {
            let list = client.get("/api/v1/accounts")?;
            let columns =
                ["name", "role", "teams", "second_factor", "by", "added_at", "signed_in_at"];
            present(common, &list, |list| table(list, &columns))
        }
        AccountCommand::Link { name } => {
            present(common, &client.post(&path(name, "/link"), json!({}))?, show_link)
        }
        AccountCommand::Role { name, role, team } => {
            let ask = json!({"role": role.name(), "team": team});
            done(common, &client.post(&path(name, "/role"), ask)?)
        }
        AccountCommand::Disconnect { name } => {
            done(common, &client.post(&path(name, "/disconnect"), json!({}))?)
        }
        AccountCommand::ResetFactor { name } => {
            done(common, &client.post(&path(name, "/reset-factor"), json!({}))?)
        }
        AccountCommand::Remove { name } => done(common, &client.delete(&path(name, ""))?),
    }
}

fn show_link(made: &Value) {
    say!("{}", made["link"].as_str().unwrap_or_default());
    say!(
        "{}",
        pick(
            "本人に渡してください。1 日有効で、パスワードを決めると使えなくなります。",
            "Hand it to its owner. It is good for a day, and until a password is chosen."
        )
    );
}
