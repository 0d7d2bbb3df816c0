//! The templates that come built in, in Japanese and in English: document A's two exactly (A52, A53), and drafts.

use crate::{said::Language, template::Template};

/// A P0: P0インシデント通知.
pub const EMERGENCY: &str = "emergency";
/// Every other priority, in the same six fields.
pub const INCIDENT: &str = "incident";
/// 復旧完了通知.
pub const RECOVERED: &str = "recovered";
/// What a person writes to stakeholders.
pub const STAKEHOLDERS: &str = "stakeholders";
/// What customers read.
pub const CUSTOMERS: &str = "customers";
/// What the press reads.
pub const MEDIA: &str = "media";
/// All names.
pub const NAMES: [&str; 6] = [EMERGENCY, INCIDENT, RECOVERED, STAKEHOLDERS, CUSTOMERS, MEDIA];

/// The six fields of document A.
const SIX_JA: &str = "\
発生時刻: {began}
影響範囲: {scope?}
現在の状況: {situation}
推定復旧時間: {expected_recovery?}
対応状況: {response}
次回更新: {next_update?状況が変わり次第}";
const SIX_EN: &str = "\
Began: {began}
Scope: {scope?}
Situation: {situation}
Expected recovery: {expected_recovery?}
Response: {response}
Next update: {next_update?when something changes}";

const RECOVERED_JA: &str = "\
復旧時刻: {recovered}
影響時間: {impact}
根本原因: {root_cause?調査中}
再発防止策: {prevention?調査中}";
const RECOVERED_EN: &str = "\
Recovered: {recovered}
Impact: {impact}
Root cause: {root_cause?under investigation}
Prevention: {prevention?under investigation}";

const STAKEHOLDERS_JA: &str = "\
発生時刻: {began}
影響範囲: {scope?}
現在の状況: [状況説明]
推定復旧時間: {expected_recovery?}
対応状況: [対応内容]
次回更新: {next_update?状況が変わり次第}";
const STAKEHOLDERS_EN: &str = "\
Began: {began}
Scope: {scope?}
Situation: [situation]
Expected recovery: {expected_recovery?}
Response: [response]
Next update: {next_update?when something changes}";

// No name of a service and no number of ours: what the public reads, a person writes.
const CUSTOMERS_JA: &str = "\
{began} より、{system}をご利用いただきにくい状況が発生しております。
ご迷惑をおかけし、申し訳ございません。

影響: [お客様への影響]
現在の状況: [状況説明]
復旧見込み: [復旧見込み]";
const CUSTOMERS_EN: &str = "\
Since {began}, {system} has not been working as it should. We are sorry for the trouble.

What you may notice: [impact on customers]
Where we are: [situation]
When we expect it to work: [expected recovery]";

const MEDIA_JA: &str = "\
{system}において、{began} より障害が発生しております。

影響: [影響]
原因: [確認できた原因]
対応: [対応内容]
お問い合わせ先: [問い合わせ先]";
const MEDIA_EN: &str = "\
{system} has been disrupted since {began}.

Impact: [impact]
Cause: [cause as far as confirmed]
Response: [response]
Contact: [contact]";

/// The subject and the text of a built-in template; those of [`INCIDENT`] for a name that is none.
pub fn text(name: &str, language: Language) -> (&'static str, &'static str) {
    match (name, language) {
        (EMERGENCY, Language::Ja) => ("[{priority}] {system}サービス緊急事態", SIX_JA),
        (EMERGENCY, Language::En) => ("[{priority}] {system}: service emergency", SIX_EN),
        (RECOVERED, Language::Ja) => ("[復旧完了] {system}サービス正常化", RECOVERED_JA),
        (RECOVERED, Language::En) => ("[Recovered] {system}: back to normal", RECOVERED_EN),
        (STAKEHOLDERS, Language::Ja) => ("[{priority}] {system}サービスの状況", STAKEHOLDERS_JA),
        (STAKEHOLDERS, Language::En) => ("[{priority}] {system}: where we are", STAKEHOLDERS_EN),
        (CUSTOMERS, Language::Ja) => ("{system}の障害に関するお知らせ", CUSTOMERS_JA),
        (CUSTOMERS, Language::En) => ("{system} is disrupted", CUSTOMERS_EN),
        (MEDIA, Language::Ja) => ("{system}の障害について", MEDIA_JA),
        (MEDIA, Language::En) => ("On the disruption of {system}", MEDIA_EN),
        (_, Language::Ja) => ("[{priority}] {system}: {title}", SIX_JA),
        (_, Language::En) => ("[{priority}] {system}: {title}", SIX_EN),
    }
}

/// The built-in template.
pub fn template(name: &str, language: Language) -> Template {
    let (subject, body) = text(name, language);
    Template::parse(subject, body, language).expect("a test reads every one of them")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::Moment;

    #[test]
    fn every_one_is_a_template_and_those_that_go_out_by_themselves_never_have_a_blank() {
        for language in [Language::Ja, Language::En] {
            NAMES.iter().for_each(|name| drop(template(name, language)));
            for (name, moment) in [
                (EMERGENCY, Moment::Burning),
                (INCIDENT, Moment::Burning),
                (RECOVERED, Moment::Over),
            ] {
                assert_eq!(template(name, language).flaws_if_automatic(moment), []);
            }
            for draft in [STAKEHOLDERS, CUSTOMERS, MEDIA] {
                let flaws = template(draft, language).flaws_if_automatic(Moment::Burning);
                assert!(!flaws.is_empty(), "a person must write some of {draft}");
            }
        }
    }
}
