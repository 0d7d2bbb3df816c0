//! What calls and short messages over Twilio, or a service compatible with it, have in common: the account and one POST.
//!
//! `POST /2010-04-01/Accounts/{sid}/Calls.json` and `…/Messages.json` take the fields of a form with basic
//! authentication by account and auth token; the answer's `sid` names the call or message; 429 is "too many requests"
//! (<https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource>,
//! <https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource>,
//! <https://www.twilio.com/docs/usage/requests-to-twilio>). The same auth token signs what Twilio sends back
//! (`X-Twilio-Signature`, <https://www.twilio.com/docs/usage/security>).

use crate::{
    bearer,
    channel::{Answering, Told},
    post::{FORM, Poster, form},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::{
    Url,
    header::{AUTHORIZATION, HeaderMap, HeaderValue},
};
use secrets::Reader;
use source::{Fields, Hidden, Problems, Secret};

/// The account and its number.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    api: Url,
    sid: String,
    token: Secret,
    from: String,
}

impl Account {
    /// Takes `api`, `account`, `token` and `from`.
    pub fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Self> {
        let api = bearer::api(fields, "https://api.twilio.com", problems);
        let sid = fields.required("account", problems).and_then(|node| node.text(problems));
        let token = bearer::secret(fields, ["token", "token_env", "token_file"], problems);
        let from = fields.required("from", problems).and_then(|node| node.text(problems));
        Some(Self { api: api?, sid: sid?, token: token?, from: from? })
    }

    /// The auth token.
    pub fn secrets(&self) -> Vec<Secret> {
        vec![self.token.clone()]
    }

    /// Answers are signed with the auth token.
    pub fn answering(&self) -> Option<Answering> {
        Some(Answering { service: "twilio", secret: self.token.clone() })
    }

    /// Creates a call or a message.
    pub async fn create(
        &self,
        poster: &Poster,
        reader: &Reader,
        what: &str,
        to: &str,
        fields: &[(&str, &str)],
    ) -> Told {
        let token = match reader.read(&self.token).await {
            Ok(token) => token,
            Err(why) => return Told::try_again(why),
        };
        let authorization = self.authorization(&token);
        let headers = HeaderMap::from_iter([(AUTHORIZATION, authorization)]);
        let url = bearer::at(&self.api, &format!("/2010-04-01/Accounts/{}/{what}.json", self.sid));
        let mut all = vec![("To", to), ("From", self.from.as_str())];
        all.extend(fields);
        match poster.send(url, headers, FORM, form(&all)).await {
            Ok(taken) => {
                let sid = taken.json()["sid"].as_str().map(str::to_owned);
                taken.told.with_receipt(sid)
            }
            // An answer that repeats the token shows it in another form than the header.
            Err(refused) => Told {
                detail: refused.told.detail.replace(token.reveal().trim(), "***"),
                ..refused.told
            },
        }
    }

    fn authorization(&self, token: &Hidden) -> HeaderValue {
        let pair = STANDARD.encode(format!("{}:{}", self.sid, token.reveal().trim()));
        let mut value = HeaderValue::from_str(&format!("Basic {pair}")).expect("base64 is ASCII");
        value.set_sensitive(true);
        value
    }
}
