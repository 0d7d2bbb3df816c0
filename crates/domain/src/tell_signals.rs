//! What other systems and people who want quiet did, in one sentence each: signals, silences, windows, accounts.

use crate::{
    carried_accounts::{AccountChange, AccountChanged},
    fact::{DeviceAdded, DeviceRemoved, Fact},
    said::Said,
    silence::Kind,
};

/// The sentence; none: the fact is not about signals or silences.
pub fn tell(fact: &Fact) -> Option<Said> {
    Some(match fact {
        Fact::AlertsTold { keys } => Said::new(
            format!("{} 件のアラートをまとめて通知", keys.len()),
            format!("{} alerts told in one message", keys.len()),
        ),
        Fact::SignalsRaised { integration, signals } => {
            let (count, first) = (signals.len(), signals.first().map(|s| s.key.to_string()));
            let first = first.unwrap_or_default();
            Said::new(
                format!("{integration}: シグナル {count} 件 ({first})"),
                format!("{integration}: {count} signals ({first})"),
            )
        }
        Fact::SignalsEnded { signals, by_silence } => {
            let (count, first) = (signals.len(), signals.first().map(|s| s.key.to_string()));
            let first = first.unwrap_or_default();
            let (ja, en) = match by_silence {
                true => ("途絶により終了", "ended, not heard of any more"),
                false => ("解消", "resolved"),
            };
            Said::new(
                format!("シグナル {count} 件 {ja} ({first})"),
                format!("{count} signals {en} ({first})"),
            )
        }
        Fact::TokenIssued { id, integration, by, .. } => Said::new(
            format!("{integration} のトークン {id} を発行 ({by})"),
            format!("token {id} of {integration} issued ({by})"),
        ),
        Fact::AccountChanged(changed) => tell_account(changed),
        Fact::TokenRevoked { id, by } => {
            Said::new(format!("トークン {id} を失効 ({by})"), format!("token {id} revoked ({by})"))
        }
        Fact::DeviceAdded(added) => {
            let DeviceAdded { id, contact, channel, title, by, .. } = &**added;
            Said::new(
                format!("{contact} の端末 {id} を {channel} に登録: {title} ({by})"),
                format!("device {id} of {contact} enrolled on {channel}: {title} ({by})"),
            )
        }
        Fact::DeviceRemoved(DeviceRemoved { id, by }) => {
            Said::new(format!("端末 {id} を削除 ({by})"), format!("device {id} removed ({by})"))
        }
        Fact::SilencePut { silence, by, .. } => {
            let matchers: Vec<_> = silence.matchers.iter().map(ToString::to_string).collect();
            let (what, until) = (matchers.join(", "), silence.ends_at);
            let (ja, en) = match silence.kind {
                Kind::Maintenance(_) => ("メンテナンス", "maintenance"),
                Kind::Plain | Kind::Recurring(_) => ("サイレンス", "silence"),
            };
            let why = &silence.comment;
            let (also_ja, also_en) = match &silence.announced {
                Some(_) => ("、お客様に告知", ", announced to customers"),
                None => ("", ""),
            };
            Said::new(
                format!("{ja}を登録: {what} — {until} まで ({by}: {why}){also_ja}"),
                format!("{en}: {what} until {until} ({by}: {why}){also_en}"),
            )
        }
        Fact::SilenceStarted { id } => {
            Said::new(format!("サイレンス {id} 開始"), format!("silence {id} begins"))
        }
        Fact::SilenceEnded { id, by, .. } => Said::new(
            format!("サイレンス {id} 終了 ({by})。継続中のアラートを再評価"),
            format!("silence {id} is over ({by}): what still burns is judged anew"),
        ),
        Fact::SilenceReminded { id, .. } => Said::new(
            format!("サイレンス {id} がまだ有効なことを通知"),
            format!("silence {id} is still there: its creator is reminded"),
        ),
        _ => return None,
    })
}

fn tell_account(changed: &AccountChanged) -> Said {
    let AccountChanged { account, change, by } = changed;
    let (ja, en) = match change {
        AccountChange::Added(rights) => (format!("追加 ({rights})"), format!("added ({rights})")),
        AccountChange::Allowed(rights) => {
            (format!("権限を {rights} に変更"), format!("is {rights} now"))
        }
        AccountChange::Linked => {
            ("パスワード設定リンクを発行".into(), "got a link to choose a password".into())
        }
        AccountChange::PasswordChosen => {
            ("パスワードを設定".into(), "has chosen a password".into())
        }
        AccountChange::SignedIn => ("サインイン".into(), "signed in".into()),
        AccountChange::Removed => ("削除".into(), "removed".into()),
    };
    Said::new(
        format!("アカウント {account}: {ja} ({by})"),
        format!("account {account}: {en} ({by})"),
    )
}
