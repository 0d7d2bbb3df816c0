//! `hikeshi contacts …`: who can be reached how, and asking them to confirm it.

use crate::{
    client::Client,
    commands::{Done, done, escaped, present},
    common::Common,
    show::{Trouble, pick, plain, say},
    views::table,
};
use clap::{Args, Subcommand};
use domain::said::Said;
use serde_json::{Value, json};

/// The contact book.
#[derive(Subcommand)]
pub enum ContactsCommand {
    /// Send test messages that ask people to confirm; without a name, to all who must be reachable and are not confirmed
    Verify(Verify),
}

/// Whom to ask, and where.
#[derive(Args)]
pub struct Verify {
    /// The contact, as the configuration names it
    name: Option<String>,
    /// Only this channel
    #[arg(long, requires = "name")]
    channel: Option<String>,
    /// Send nothing: you have heard from them that a message has arrived
    #[arg(long, requires = "channel")]
    confirmed: bool,
}

/// Carries one out; without any, lists the contacts.
pub fn run(common: &Common, command: Option<&ContactsCommand>) -> Done {
    let client = Client::find(common)?;
    match command {
        None => {
            let list = client.get("/api/v1/contacts")?;
            present(common, &list, show_list)
        }
        Some(ContactsCommand::Verify(Verify {
            name: Some(name),
            channel: Some(channel),
            confirmed: true,
        })) => {
            let path = format!("/api/v1/contacts/{}/confirmed", escaped(name));
            done(common, &client.post(&path, json!({"channel": channel}))?)
        }
        Some(ContactsCommand::Verify(ask)) => verify(common, &client, ask),
    }
}

fn verify(common: &Common, client: &Client, ask: &Verify) -> Done {
    let list = client.get("/api/v1/contacts")?;
    let ways = ways(&list, ask)?;
    for (contact, channel, _) in &ways {
        let path = format!("/api/v1/channels/{}/test", escaped(channel));
        client.post(&path, json!({"to": contact}))?;
    }
    let sent = ways.iter().map(|(contact, channel, address)| {
        json!({"contact": contact, "channel": channel, "address": address})
    });
    present(common, &json!({"sent": sent.collect::<Vec<_>>()}), |sent| {
        let all = sent["sent"].as_array().into_iter().flatten();
        for one in all.clone() {
            let text = |key: &str| plain(one[key].as_str().unwrap_or_default());
            say!("{}: {} ({})", text("contact"), text("channel"), text("address"));
        }
        say!(
            "{}",
            match all.count() {
                0 => pick("確認が要る宛先はありません。", "No address waits to be confirmed."),
                _ => pick(
                    "送信します。届いた人は、リンク・ボタン・電話のキーか、メッセージのコードで確認してください。結果は `hikeshi contacts` で分かります。\n本人から直接聞いたなら: `hikeshi contacts verify 名前 --channel チャネル --confirmed`",
                    "It is being sent. Who gets it confirms by its link, a button or a key, or with the code in it; `hikeshi contacts` shows who has.\nIf they told you themselves: `hikeshi contacts verify NAME --channel CHANNEL --confirmed`",
                ),
            }
        );
    })
}

type Way = (String, String, String);

/// The contact, the channel and the masked address of every message that is to be sent.
fn ways(list: &Value, ask: &Verify) -> Result<Vec<Way>, Trouble> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let contacts = list.as_array().map(Vec::as_slice).unwrap_or_default();
    if let Some(name) = &ask.name
        && !contacts.iter().any(|contact| contact["name"] == name.as_str())
    {
        let known: Vec<_> = contacts.iter().map(|contact| text(&contact["name"])).collect();
        let known = known.join(", ");
        return Err(Trouble::unusable(Said::new(
            format!("連絡先 `{name}` はありません: {known}"),
            format!("there is no contact `{name}`; there are {known}"),
        )));
    }
    let mut found = Vec::new();
    for contact in contacts {
        for way in contact["channels"].as_array().into_iter().flatten() {
            let is_asked = ask.channel.as_ref().is_none_or(|one| way["channel"] == one.as_str());
            let is_meant = match &ask.name {
                None => contact["needed"] == true && way["standing"] != "verified",
                Some(name) => contact["name"] == name.as_str() && is_asked,
            };
            // C28: nothing is ever sent to what was left of an example.
            let is_meant = is_meant && way["standing"] != "example";
            if is_meant {
                found.push((text(&contact["name"]), text(&way["channel"]), text(&way["address"])));
            }
        }
    }
    if let (Some(name), true) = (&ask.name, found.is_empty()) {
        return Err(Trouble::problem(Said::new(
            format!("連絡先 `{name}` には、試験を送れる宛先がありません"),
            format!("the contact `{name}` has no address that a test message could be sent to"),
        )));
    }
    Ok(found)
}

/// One row for each address, or one that says that there is none.
fn show_list(list: &Value) {
    let rows = list.as_array().into_iter().flatten().flat_map(|contact| {
        let ways = contact["channels"].as_array().cloned().unwrap_or_default();
        let ways = if ways.is_empty() { vec![json!({"standing": "missing"})] } else { ways };
        ways.into_iter().map(|mut way| {
            way["contact"] = contact["name"].clone();
            way["standing"] = standing(way["standing"].as_str().unwrap_or_default()).into();
            way
        })
    });
    let columns = ["contact", "channel", "address", "standing", "verified_at", "by", "how"];
    table(&rows.collect(), &columns);
}

fn standing(word: &str) -> &'static str {
    match word {
        "verified" => pick("確認済み", "verified"),
        "changed" => pick("未確認 (確認後に変更)", "unverified (changed since)"),
        "old" => pick("未確認 (確認が古い)", "unverified (confirmed long ago)"),
        "example" => pick("例のまま", "still an example"),
        "missing" => pick("宛先なし", "no address"),
        _ => pick("未確認", "unverified"),
    }
}
