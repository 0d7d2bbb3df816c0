//! Channel kind `web_push`: a push message to the phones and browsers that a person has enrolled, with no app store.
//!
//! An encrypted body is posted to the address that a browser gave when it enrolled (RFC 8030), signed with the key of the
//! channel (RFC 8292); `Urgency: high` wakes a phone that saves its battery, and `Topic` makes a second attempt replace the
//! first instead of standing beside it. 404 and 410 say that a device is gone: it is forgotten. A 201 is no proof: the
//! device may be off. The page and the script on the device are the room `web`'s.

use crate::{
    bearer,
    channel::{Channel, Kind, Message, Settings, Told},
    identity, outside,
    post::{OCTETS, Poster, Refused},
    push_cipher::{PLAIN, Receiver, Sender, encrypt, point},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    fact::{About, Delivery, Event},
    policy::Enrolment,
    said::Said,
    wish::Wish,
};
use futures::future::{BoxFuture, join_all};
use jiff::Timestamp;
use reqwest::{
    StatusCode, Url,
    header::{AUTHORIZATION, CONTENT_ENCODING, HeaderMap, HeaderName, HeaderValue},
};
use secrets::Reader;
use serde_json::json;
use source::{Fields, Problems, Secret};
use std::sync::Arc;

/// The services of the browsers; `*.` stands for every name below.
const SERVICES: [&str; 4] = [
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "web.push.apple.com",
    "*.notify.windows.com",
];
/// For how long a service keeps a page for a device that is off, in seconds: after that, hikeshi has paged again.
const KEEP: &str = "3600";
/// Characters of a title.
const TITLE: usize = 120;

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "web_push",
    summary: (
        "登録した携帯やブラウザにプッシュ通知する (アプリ不要)",
        "pushes to the phones and browsers that people enrolled, with no app",
    ),
    example: "\
kind: web_push                    # people enrol: hikeshi device link NAME
public_key: BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8
private_key: secret:push          # both made by `hikeshi device keys`; or private_key_env, private_key_file
contact: mailto:ops@example.jp    # whom a push service writes to when it has trouble with us
services: [push.example.net]      # without it those of Chrome, Firefox, Safari and Edge
pager: true
",
    parse,
};

#[derive(Clone, Debug)]
struct WebPush {
    enrolment: Enrolment,
    private_key: Secret,
    contact: String,
}

fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Arc<dyn Settings>> {
    let public_key = fields.required("public_key", problems).and_then(|node| {
        let text = node.text(problems)?;
        let is_key = point(&text).is_some();
        if !is_key {
            problems.add_with_hint(
                &node.place,
                Said::new("P-256 の公開鍵ではありません", "that is no public key on P-256"),
                Said::new(
                    "`hikeshi device keys` が鍵の組を作ります",
                    "`hikeshi device keys` makes a pair",
                ),
            );
        }
        is_key.then(|| text.trim().trim_end_matches('=').to_owned())
    });
    let keys = ["private_key", "private_key_env", "private_key_file"];
    let private_key = bearer::secret(fields, keys, problems);
    let contact = fields.required("contact", problems).and_then(|node| {
        let text = node.text(problems)?;
        let is_contact = text.starts_with("mailto:") || text.starts_with("https://");
        if !is_contact {
            problems.add(
                &node.place,
                Said::new("mailto: か https: が必要です", "expected mailto: or https:"),
            );
        }
        is_contact.then_some(text)
    });
    let services = fields.texts("services", problems);
    let services = match services.is_empty() {
        true => SERVICES.map(str::to_owned).to_vec(),
        false => services,
    };
    let enrolment = Enrolment { key: public_key?, services };
    Some(Arc::new(WebPush { enrolment, private_key: private_key?, contact: contact? }))
}

impl Settings for WebPush {
    fn is_room(&self) -> bool {
        false
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![self.private_key.clone()]
    }

    fn devices(&self) -> Option<Enrolment> {
        Some(self.enrolment.clone())
    }

    fn make(&self, reader: Reader) -> Box<dyn Channel> {
        Box::new(Pusher { settings: self.clone(), poster: Poster::new(), reader })
    }
}

struct Pusher {
    settings: WebPush,
    poster: Poster,
    reader: Reader,
}

/// A device as its line says: the number, the address, the public key, the shared secret.
struct Device {
    number: u64,
    url: Url,
    receiver: Receiver,
}

impl Device {
    fn read(line: &str) -> Option<Self> {
        let words: Vec<_> = line.split(' ').collect();
        let [number, url, public, auth] = words.as_slice() else { return None };
        let auth = URL_SAFE_NO_PAD.decode(auth.trim_end_matches('=')).ok()?;
        let receiver = Receiver { public: point(public)?, auth };
        Some(Self { number: number.parse().ok()?, url: url.parse().ok()?, receiver })
    }
}

impl Channel for Pusher {
    fn tell<'a>(&'a self, message: &'a Message<'a>) -> BoxFuture<'a, Told> {
        Box::pin(async move {
            let devices: Vec<_> =
                message.address.unwrap_or_default().lines().filter_map(Device::read).collect();
            if devices.is_empty() {
                return Told::hopeless("no device is enrolled: hikeshi device link NAME");
            }
            let private = match self.reader.read(&self.settings.private_key).await {
                Ok(private) => private,
                Err(why) => return Told::try_again(why.to_string()),
            };
            let sender = match Sender::new(private.reveal(), &self.settings.enrolment.key) {
                Ok(sender) => sender,
                Err(why) => return Told::hopeless(why),
            };
            let text = document(message);
            let pushes = devices.iter().map(|device| self.push(device, message, &sender, &text));
            together(join_all(pushes).await)
        })
    }
}

/// What became of one device.
struct Pushed {
    told: Told,
    number: u64,
    is_gone: bool,
}

impl Pusher {
    async fn push(
        &self,
        device: &Device,
        message: &Message<'_>,
        sender: &Sender,
        text: &str,
    ) -> Pushed {
        let number = device.number;
        let failed = |told| Pushed { told, number, is_gone: false };
        let Some(service) = self.service(&device.url) else {
            return failed(Told::hopeless("it is at no push service that `services` names"));
        };
        let signed = sender.authorization(&service, &self.settings.contact, Timestamp::now());
        let (Ok(body), Ok(signed)) = (encrypt(&device.receiver, text.as_bytes()), signed) else {
            return failed(Told::hopeless("its key is none"));
        };
        let mut signed = HeaderValue::from_str(&signed).expect("base64url and commas");
        signed.set_sensitive(true);
        // At most 32 characters of base64url (RFC 8030, 5.4).
        let topic: String = identity::uuid(message.notice).replace('-', "");
        let topic = HeaderValue::from_str(&topic).expect("hex digits");
        let urgency = if is_quiet(message.notice.event) { "normal" } else { "high" };
        let headers = HeaderMap::from_iter([
            (AUTHORIZATION, signed),
            (CONTENT_ENCODING, HeaderValue::from_static("aes128gcm")),
            (HeaderName::from_static("ttl"), HeaderValue::from_static(KEEP)),
            (HeaderName::from_static("urgency"), HeaderValue::from_static(urgency)),
            (HeaderName::from_static("topic"), topic),
        ]);
        match self.poster.send(device.url.clone(), headers, OCTETS, body).await {
            Ok(taken) => Pushed { told: taken.told, number, is_gone: false },
            Err(Refused { status, told }) => {
                let gone = [StatusCode::NOT_FOUND, StatusCode::GONE];
                Pushed { told, number, is_gone: status.is_some_and(|one| gone.contains(&one)) }
            }
        }
    }

    /// The origin of a device's service. Whoever enrols must not choose whom hikeshi talks to.
    fn service(&self, url: &Url) -> Option<String> {
        let is_known = self.settings.enrolment.allows(url.scheme(), url.host_str()?);
        is_known.then(|| url.origin().ascii_serialization())
    }
}

/// All devices as one delivery: one that took it is enough, and one that may yet is waited for.
fn together(mut pushed: Vec<Pushed>) -> Told {
    let gone = pushed.iter().filter(|one| one.is_gone).map(|one| one.number).collect();
    let rank = |one: &Pushed| match one.told.outcome {
        Delivery::Delivered => 0,
        Delivery::TryAgain => 1,
        Delivery::Hopeless => 2,
    };
    let detail = |one: &Pushed| format!("device {}: {}", one.number, one.told.detail);
    let details: Vec<_> = pushed.iter().map(detail).collect();
    pushed.sort_by_key(rank);
    let best = pushed.swap_remove(0).told;
    Told { detail: details.join("; "), gone, ..best }
}

fn is_quiet(event: Event) -> bool {
    matches!(
        event,
        Event::Update
            | Event::Reminder
            | Event::Acknowledged
            | Event::Draft
            | Event::Statement
            | Event::Resolved
    )
}

/// What the script on the device shows.
fn document(message: &Message<'_>) -> String {
    let link = message.answers.map(|answers| answers.link());
    let label = message.wishes().first().map(Wish::label);
    let label = label.map(|label| label.text(message.language).to_owned());
    let whole = |text: &str| {
        json!({
            "title": outside::cut(&message.subject(), TITLE),
            "body": text,
            // Messages about the same take one place on the screen; one that was seen rings again only for news.
            "tag": identity::thread(&message.notice.about),
            "again": !is_quiet(message.notice.event),
            "stays": !is_quiet(message.notice.event) && !matches!(message.notice.about, About::Channel(..)),
            "link": link,
            "label": label,
        })
        .to_string()
    };
    outside::fit(&message.text(), PLAIN, str::len, whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pushed(number: u64, outcome: Delivery, is_gone: bool) -> Pushed {
        let told = Told { outcome, ..Told::delivered("x") };
        Pushed { told, number, is_gone }
    }

    #[test]
    fn one_device_that_took_it_is_enough_and_those_that_are_gone_are_named() {
        use Delivery::{Delivered, Hopeless, TryAgain};
        let all = vec![
            pushed(1, Hopeless, true),
            pushed(2, TryAgain, false),
            pushed(3, Delivered, false),
        ];
        let told = together(all);
        assert_eq!((told.outcome, told.gone), (Delivered, vec![1]));
        assert_eq!(told.detail, "device 1: x; device 2: x; device 3: x");
        let told = together(vec![pushed(1, Hopeless, true), pushed(2, TryAgain, false)]);
        assert_eq!(told.outcome, TryAgain);
        assert_eq!(together(vec![pushed(1, Hopeless, true)]).outcome, Hopeless);
    }
}
