//! `hikeshi device …`: phones and browsers that receive pushes.

use crate::{
    client::Client,
    commands::{Done, done, present},
    common::Common,
    show::{pick, say, trouble},
    views::table,
};
use clap::Subcommand;
use serde_json::json;

/// Devices that receive pushes.
#[derive(Subcommand)]
pub enum DeviceCommand {
    /// Make a link with which somebody enrols a phone or a browser; good for an hour
    Link {
        /// The contact, as the configuration names them
        contact: String,
        /// The channel; without it the first of the kind `web_push`
        #[arg(long)]
        channel: Option<String>,
    },
    /// Which devices there are
    List,
    /// Let a device receive nothing any more
    Remove {
        /// Its number
        id: u64,
    },
    /// Make the pair of keys of a `web_push` channel; they are kept nowhere
    Keys,
}

/// Carries one out.
pub fn run(common: &Common, command: &DeviceCommand) -> Done {
    match command {
        DeviceCommand::Keys => {
            let (private, public) = notify::new_push_keys().map_err(trouble)?;
            present(common, &json!({"public_key": public, "private_key": private}), |made| {
                say!("public_key: {}", made["public_key"].as_str().unwrap_or_default());
                say!("private_key: {}", made["private_key"].as_str().unwrap_or_default());
                say!(
                    "{}",
                    pick(
                        "private_key は秘密です。設定には `secret:` などで書いてください。",
                        "The private key is a secret: name it in the configuration by `secret:` or the like."
                    )
                );
            })
        }
        DeviceCommand::Link { contact, channel } => {
            let asked = json!({"contact": contact, "channel": channel});
            let made = Client::find(common)?.post("/api/v1/devices/link", asked)?;
            present(common, &made, |made| {
                say!("{}", made["url"].as_str().unwrap_or_default());
                let until = made["until"].as_str().unwrap_or_default();
                say!(
                    "{}",
                    crate::show::language().pick(
                        format!("本人の携帯やブラウザで開いてください。{until} まで有効です。"),
                        format!(
                            "Open it on the person's phone or browser. It is good until {until}."
                        )
                    )
                );
            })
        }
        DeviceCommand::List => {
            let list = Client::find(common)?.get("/api/v1/devices")?;
            let columns = ["id", "contact", "channel", "title", "service", "by", "added_at"];
            present(common, &list, |list| table(list, &columns))
        }
        DeviceCommand::Remove { id } => {
            let path = format!("/api/v1/devices/{id}/remove");
            done(common, &Client::find(common)?.post(&path, json!({}))?)
        }
    }
}
