//! What a provider claims of a person.

use domain::carried_accounts::Identity;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Somebody who came back, with what the provider claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Who it is: the issuer and its subject, which it gives to nobody else. Names and addresses may change hands.
    pub identity: Identity,
    /// What they are called, by the configured claim.
    pub name: Option<String>,
    /// The groups that they are in; none: the provider said nothing of them.
    pub groups: Option<Vec<String>>,
}

/// Claims as they stand in a token or in an answer.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Claims(Map<String, Value>);

impl Claims {
    /// The claim of this name; else, of one within others, such as `realm_access.roles`, the inner one.
    fn get(&self, name: &str) -> Option<&Value> {
        if let Some(found) = self.0.get(name) {
            return Some(found);
        }
        let (first, rest) = name.split_once('.')?;
        rest.split('.').try_fold(self.0.get(first)?, |value, part| value.get(part))
    }

    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    pub fn number(&self, name: &str) -> Option<f64> {
        self.get(name)?.as_f64()
    }

    /// The name. An address of mail is one only when the provider has seen that it is theirs.
    pub fn name(&self, claim: &str) -> Option<String> {
        let is_verified = || match self.get("email_verified") {
            Some(Value::Bool(is_verified)) => *is_verified,
            Some(Value::String(word)) => word == "true",
            _ => false,
        };
        let name = self.text(claim).filter(|name| !name.is_empty())?;
        (claim != "email" || is_verified()).then(|| name.to_owned())
    }

    /// Texts of a list, or one text.
    pub fn texts(&self, claim: &str) -> Option<Vec<String>> {
        match self.get(claim)? {
            Value::String(one) => Some(vec![one.clone()]),
            Value::Array(all) => {
                Some(all.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect())
            }
            _ => None,
        }
    }

    /// These, and those of another source that are not among them.
    pub fn or(mut self, others: Self) -> Self {
        for (name, value) in others.0 {
            self.0.entry(name).or_insert(value);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn claims(value: Value) -> Claims {
        serde_json::from_value(value).expect("an object")
    }

    #[test]
    fn groups_are_a_list_or_one_text_and_may_lie_within() {
        let given = claims(json!({
            "groups": ["sre", 7, "db"],
            "role": "ops",
            "realm_access": {"roles": ["admin"]},
            "https://example.jp/groups": ["web"],
            "empty": [],
        }));
        let texts = |claim: &str| given.texts(claim);
        assert_eq!(texts("groups"), Some(vec!["sre".into(), "db".into()]));
        assert_eq!(texts("role"), Some(vec!["ops".into()]));
        assert_eq!(texts("realm_access.roles"), Some(vec!["admin".into()]));
        assert_eq!(texts("https://example.jp/groups"), Some(vec!["web".into()]));
        assert_eq!(texts("empty"), Some(Vec::new()), "in none");
        assert_eq!(texts("other"), None, "not said");
    }

    #[test]
    fn an_address_of_mail_is_a_name_once_the_provider_has_seen_that_it_is_theirs() {
        let name = |value| claims(value).name("email");
        assert_eq!(name(json!({"email": "a@b.jp", "email_verified": true})), Some("a@b.jp".into()));
        assert!(name(json!({"email": "a@b.jp", "email_verified": "true"})).is_some());
        for unseen in
            [json!({"email": "a@b.jp"}), json!({"email": "a@b.jp", "email_verified": false})]
        {
            assert_eq!(name(unseen), None);
        }
        assert_eq!(
            claims(json!({"preferred_username": "sato"})).name("preferred_username"),
            Some("sato".into())
        );
    }
}
