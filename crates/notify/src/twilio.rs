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
    channel::{Answering, Channel, Message, Settings, Told},
    post::{FORM, Poster, form},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures::future::BoxFuture;
use reqwest::{
    Url,
    header::{AUTHORIZATION, HeaderMap, HeaderValue},
};
use secrets::Reader;
use source::{Fields, Hidden, Problems, Secret};
use std::sync::Arc;

/// A product of Twilio, as a kind of channel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Product {
    /// What is created.
    pub resource: &'static str,
    /// What is said of a contact without a number.
    pub without_number: &'static str,
    /// Which of its states is told; none: all are.
    pub status_event: Option<&'static str>,
    /// The fields that carry a message.
    pub fields: fn(&Message<'_>) -> Vec<(&'static str, String)>,
}

impl Product {
    /// Takes the keys of the account.
    pub fn parse(
        self,
        fields: &mut Fields<'_>,
        problems: &mut Problems,
    ) -> Option<Arc<dyn Settings>> {
        Account::parse(fields, problems)
            .map(|account| Arc::new(Line { product: self, account }) as _)
    }
}

#[derive(Clone, Debug)]
struct Line {
    product: Product,
    account: Account,
}

impl Settings for Line {
    fn is_room(&self) -> bool {
        false
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![self.account.token.clone()]
    }

    /// Answers are signed with the auth token.
    fn answering(&self) -> Option<Answering> {
        Some(Answering { service: "twilio", secret: self.account.token.clone() })
    }

    fn make(&self, reader: Reader) -> Box<dyn Channel> {
        Box::new(Open { line: self.clone(), poster: Poster::new(), reader })
    }
}

struct Open {
    line: Line,
    poster: Poster,
    reader: Reader,
}

impl Channel for Open {
    fn tell<'a>(&'a self, message: &'a Message<'a>) -> BoxFuture<'a, Told> {
        Box::pin(async move {
            let Line { product, account } = &self.line;
            let Some(to) = message.address else { return Told::hopeless(product.without_number) };
            let mut fields = (product.fields)(message);
            if let Some(answers) = message.answers {
                fields.push(("StatusCallback", answers.hook("twilio", "status")));
                let event = product.status_event.map(|event| ("StatusCallbackEvent", event.into()));
                fields.extend(event);
            }
            account.create(&self.poster, &self.reader, product.resource, to, &fields).await
        })
    }
}

/// The account and its number.
#[derive(Clone, Debug)]
struct Account {
    api: Url,
    sid: String,
    token: Secret,
    from: String,
}

impl Account {
    /// Takes `api`, `account`, `token` and `from`.
    fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Self> {
        let api = bearer::api(fields, "https://api.twilio.com", problems);
        let sid = fields.required("account", problems).and_then(|node| node.text(problems));
        let token = bearer::secret(fields, ["token", "token_env", "token_file"], problems);
        let from = fields.required("from", problems).and_then(|node| node.text(problems));
        Some(Self { api: api?, sid: sid?, token: token?, from: from? })
    }

    /// Creates a call or a message.
    async fn create(
        &self,
        poster: &Poster,
        reader: &Reader,
        what: &str,
        to: &str,
        fields: &[(&str, String)],
    ) -> Told {
        let token = match reader.read(&self.token).await {
            Ok(token) => token,
            Err(why) => return Told::try_again(why),
        };
        let authorization = self.authorization(&token);
        let headers = HeaderMap::from_iter([(AUTHORIZATION, authorization)]);
        let url = bearer::at(&self.api, &format!("/2010-04-01/Accounts/{}/{what}.json", self.sid));
        let mut all = vec![("To", to), ("From", self.from.as_str())];
        all.extend(fields.iter().map(|(name, value)| (*name, value.as_str())));
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
