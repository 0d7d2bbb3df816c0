//! Secrets as they look: a few well-known forms, found in a text and masked in it.

use regex::Regex;
use std::sync::LazyLock;

/// A form of secret.
pub(crate) struct Token {
    /// The rule's name.
    pub rule: &'static str,
    /// What it is, in Japanese and English.
    pub title: (&'static str, &'static str),
    form: LazyLock<Option<Regex>>,
}

macro_rules! token {
    ($rule:literal, $ja:literal, $en:literal, $form:literal) => {
        Token { rule: $rule, title: ($ja, $en), form: LazyLock::new(|| Regex::new($form).ok()) }
    };
}

/// All forms. Where only a part is the secret, the part is the first group.
pub(crate) static TOKENS: [Token; 6] = [
    token!(
        "aws-access-key",
        "AWS のアクセスキー",
        "an access key of AWS",
        r"\b((?:AKIA|ASIA)[0-9A-Z]{16})\b"
    ),
    token!(
        "github-token",
        "GitHub のトークン",
        "a token of GitHub",
        r"\b(gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})"
    ),
    token!(
        "slack-token",
        "Slack のトークン",
        "a token of Slack",
        r"\b(xox[abeoprs]-[A-Za-z0-9-]{10,255})"
    ),
    token!(
        "slack-webhook",
        "Slack の Webhook",
        "a webhook of Slack",
        r"hooks\.slack\.com/services/(T[A-Za-z0-9]+/B[A-Za-z0-9]+/[A-Za-z0-9]+)"
    ),
    token!(
        "private-key",
        "秘密鍵",
        "a private key",
        r"(-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----)"
    ),
    token!(
        "password-in-url",
        "URL の中のパスワード",
        "a password in a URL",
        // What begins with one of these stands for a password that comes from elsewhere.
        r"[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s:/@'\x22]{0,100}:([^\s/@$<{%*'\x22][^\s/@'\x22]{2,200})@"
    ),
];

impl Token {
    /// The secrets of this form in a line.
    pub fn find<'t>(&self, line: &'t str) -> impl Iterator<Item = &'t str> {
        let found = self.form.iter().flat_map(move |form| form.captures_iter(line));
        found.filter_map(|groups| groups.get(1)).map(|group| group.as_str())
    }
}

/// The first four characters at most; of a short one less, so that most of it stays hidden.
pub(crate) fn masked(secret: &str) -> String {
    let shown = (secret.chars().count() / 4).min(4);
    let mut mask: String = secret.chars().take(shown).collect();
    mask.push('…');
    mask
}

/// A text without the secrets that can be told by their form.
pub(crate) fn without_secrets(text: &str) -> String {
    let mut text = text.to_owned();
    for token in TOKENS.iter().filter(|token| token.rule != "private-key") {
        let found: Vec<_> = token.find(&text).map(str::to_owned).collect();
        for secret in found {
            text = text.replace(&secret, &masked(&secret));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules_of(line: &str) -> Vec<(&'static str, String)> {
        let found = TOKENS.iter().flat_map(|token| {
            token.find(line).map(|secret| (token.rule, masked(secret))).collect::<Vec<_>>()
        });
        found.collect()
    }

    #[test]
    fn well_known_forms_are_found_and_four_characters_are_shown_at_most() {
        // Put together here, so that no scanner takes this file for a leak.
        let long = "a1B2".repeat(10);
        for (line, expected) in [
            (format!("key = AKIA{}", "IOSFODNN7EXAMPLE"), ("aws-access-key", "AKIA…")),
            (format!("ghp_{long}"), ("github-token", "ghp_…")),
            (format!("xoxb-{long}"), ("slack-token", "xoxb…")),
            (format!("-----BEGIN RSA {} KEY-----", "PRIVATE"), ("private-key", "----…")),
            (format!("postgres://app:{}@db/x", "hunter2hunter2"), ("password-in-url", "hun…")),
        ] {
            assert_eq!(rules_of(&line), [(expected.0, expected.1.to_owned())], "{line}");
        }
    }

    #[test]
    fn placeholders_and_plain_addresses_are_no_secrets() {
        for line in [
            "postgres://app:$PASSWORD@db/x",
            "postgres://app:${DB_PASSWORD}@db/x",
            "https://user:<password>@host",
            "http://127.0.0.1:8080/a@b",
            "AKIA is a prefix",
        ] {
            assert_eq!(rules_of(line), [], "{line}");
        }
    }

    #[test]
    fn what_a_program_complains_about_has_no_password_in_it() {
        let words = format!("cannot reach https://me:{}@registry/x", "topsecret");
        let clean = without_secrets(&words);
        assert!(!clean.contains("topsecret") && clean.contains("@registry"), "{clean}");
    }
}
