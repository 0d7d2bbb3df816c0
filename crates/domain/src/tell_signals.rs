//! What other systems and people who want quiet did, in one sentence each: signals, silences, windows, accounts.

use crate::{
    alert_label::{AlertLabel, AlertLabelled},
    carried_accounts::{
        AccountChange, AccountChanged, ApiTokenIssued, ApiTokenUsed, Factor, Identity,
    },
    fact::{DeviceAdded, DeviceRemoved, Fact, TokenIssued},
    outside_text,
    said::Said,
    silence::Kind,
};

/// Characters of a subject of another system that are shown.
const SUBJECT: usize = 100;

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
        Fact::TokenIssued(TokenIssued { id, integration, by, .. }) => Said::new(
            format!("{integration} のトークン {id} を発行 ({by})"),
            format!("token {id} of {integration} issued ({by})"),
        ),
        Fact::AlertLabelled(labelled) => tell_label(labelled),
        Fact::ApiTokenIssued(issued) => {
            let ApiTokenIssued { id, account, name, scope, by, .. } = &**issued;
            Said::new(
                format!("{account} の API トークン {id} ({name}, {scope}) を発行 ({by})"),
                format!("API token {id} of {account} issued ({name}, {scope}) ({by})"),
            )
        }
        Fact::ApiTokenUsed(ApiTokenUsed { id }) => {
            Said::new(format!("API トークン {id} の使用"), format!("API token {id} was used"))
        }
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

fn tell_label(labelled: &AlertLabelled) -> Said {
    let AlertLabelled { alert, label, by } = labelled;
    let (ja, en) = match label {
        Some(AlertLabel::True) => ("正しい警報", "a true alarm"),
        Some(AlertLabel::False) => ("誤報", "a false alarm"),
        Some(AlertLabel::Noise) => ("不要な警報", "noise"),
        None => ("判定なし", "not judged"),
    };
    Said::new(format!("アラート {alert}: {ja} ({by})"), format!("alert {alert}: {en} ({by})"))
}

fn factor_words(factor: Factor) -> (&'static str, &'static str) {
    match factor {
        Factor::App => ("認証アプリ", "an authenticator app"),
        Factor::Passkey => ("パスキー", "a passkey"),
    }
}

fn tell_account(changed: &AccountChanged) -> Said {
    let AccountChanged { account, change, by } = changed;
    let (ja, en) = match change {
        AccountChange::Added(rights) => (format!("追加 ({rights})"), format!("added ({rights})")),
        AccountChange::Allowed(rights) => {
            (format!("権限を {rights} に変更"), format!("is {rights} now"))
        }
        AccountChange::TeamAllowed { team, rights } => {
            (format!("{team} での権限を {rights} に変更"), format!("is {rights} in {team} now"))
        }
        AccountChange::Linked => {
            ("パスワード設定リンクを発行".into(), "got a link to choose a password".into())
        }
        AccountChange::PasswordChosen => {
            ("パスワードを設定".into(), "has chosen a password".into())
        }
        AccountChange::SignedIn => ("サインイン".into(), "signed in".into()),
        AccountChange::FactorAdded(factor) => {
            let (ja, en) = factor_words(*factor);
            (format!("{ja}を登録"), format!("signs in with {en} from now on"))
        }
        AccountChange::FactorRemoved(factor) => {
            let (ja, en) = factor_words(*factor);
            (format!("{ja}を削除"), format!("has removed {en}"))
        }
        AccountChange::RecoveryUsed => {
            ("リカバリーコードを使用".into(), "has used a recovery code".into())
        }
        AccountChange::RecoveryRenewed => {
            ("リカバリーコードを再発行".into(), "has new recovery codes".into())
        }
        AccountChange::FactorsReset => {
            ("二要素認証を解除".into(), "needs no second factor any more".into())
        }
        AccountChange::Connected(Identity { issuer, subject }) => {
            let subject = outside_text::line(subject, SUBJECT);
            (
                format!("{issuer} の {subject} と連携"),
                format!("signs in as {subject} of {issuer} from now on"),
            )
        }
        AccountChange::Disconnected => (
            "外部アカウントとの連携を解除".into(),
            "signs in with nothing elsewhere any more".into(),
        ),
        AccountChange::Removed => ("削除".into(), "removed".into()),
    };
    Said::new(
        format!("アカウント {account}: {ja} ({by})"),
        format!("account {account}: {en} ({by})"),
    )
}
