//! Asks Secret Manager for a version of a secret.

use super::{
    call::{self, Caller},
    checksum,
    token::Tokens,
};
use crate::miss::{Miss, Variable};
use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::StatusCode;
use serde::Deserialize;
use source::Hidden;
use zeroize::Zeroizing;

const ENDPOINT: &str = "https://secretmanager.googleapis.com/";

/// Google's Secret Manager, and who hikeshi is there.
pub struct Google {
    endpoint: String,
    tokens: Tokens,
    caller: Caller,
}

#[derive(Deserialize)]
struct Accessed {
    payload: Payload,
}

#[derive(Deserialize)]
struct Payload {
    data: Zeroizing<String>,
    /// A 64-bit number as JSON of Google's writes it: in quotes.
    #[serde(rename = "dataCrc32c")]
    checksum: Option<String>,
}

impl Google {
    /// As the environment says.
    pub fn of(variable: &Variable) -> Self {
        let endpoint = variable("CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER");
        Self {
            endpoint: endpoint.unwrap_or_else(|| ENDPOINT.into()),
            tokens: Tokens::of(variable),
            caller: Caller::default(),
        }
    }

    pub(super) async fn access(&self, version: &str) -> Result<Hidden, Miss> {
        let url = format!("{}/v1/{version}:access", self.endpoint.trim_end_matches('/'));
        let url = call::encrypted(&url)?;
        let token = self.tokens.get(&self.caller).await?;
        let mut answer = self.caller.get(url.clone(), &token).await?;
        if answer.status == StatusCode::UNAUTHORIZED {
            // It may have been taken back before its time.
            self.tokens.forget().await;
            let token = self.tokens.get(&self.caller).await?;
            answer = self.caller.get(url, &token).await?;
        }
        match answer.status {
            StatusCode::OK => value(&answer.body),
            StatusCode::NOT_FOUND => Err(Miss::Absent(answer.said("Secret Manager"))),
            _ => Err(answer.refusal("Secret Manager")),
        }
    }
}

fn value(body: &[u8]) -> Result<Hidden, Miss> {
    let garbled = |what: &str| Miss::Unreachable(format!("Secret Manager answered {what}"));
    let accessed: Accessed =
        serde_json::from_slice(body).map_err(|_| garbled("with something else than a secret"))?;
    let data = STANDARD.decode(accessed.payload.data.as_bytes());
    let bytes = Zeroizing::new(data.map_err(|_| garbled("with data that is no Base64"))?);
    if let Some(expected) = accessed.payload.checksum
        && expected.parse() != Ok(u64::from(checksum::crc32c(&bytes)))
    {
        return Err(garbled("with data that its checksum does not fit"));
    }
    let text = std::str::from_utf8(&bytes);
    let text = text.map_err(|_| Miss::Denied("the secret is no text".into()))?;
    Ok(Hidden::from(text.strip_suffix('\n').unwrap_or(text).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_that_was_damaged_on_the_way_is_no_secret() {
        let body = |checksum: &str| {
            format!(r#"{{"payload": {{"data": "aHVudGVyMgo=", "dataCrc32c": "{checksum}"}}}}"#)
        };
        let right = checksum::crc32c(b"hunter2\n").to_string();
        assert_eq!(value(body(&right).as_bytes()).expect("a secret").reveal(), "hunter2");
        let missed = value(body("1").as_bytes()).expect_err("damaged");
        assert!(
            matches!(&missed, Miss::Unreachable(why) if why.contains("checksum")),
            "{missed:?}"
        );
        for garbage in ["", "<html>", r#"{"payload": {"data": "%"}}"#, r#"{"payload": {}}"#] {
            assert!(matches!(value(garbage.as_bytes()), Err(Miss::Unreachable(_))), "{garbage}");
        }
    }
}
