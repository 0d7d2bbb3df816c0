//! Channel kind `alertmanager`: the webhook document, version 4, that Alertmanager sends, for everything that reads it.
//!
//! One alert for each incident or alert of ours; receivers key it by its fingerprint, which is the same until it is
//! resolved. While it fires, `endsAt` is `0001-01-01T00:00:00Z`
//! (<https://prometheus.io/docs/alerting/latest/configuration/#webhook_config>, notify/webhook/webhook.go and
//! template/template.go of prometheus/alertmanager).

use crate::{
    channel::{Channel, Kind, Message, Settings, Told},
    endpoint::Endpoint,
    identity, outside,
    post::Poster,
};
use domain::fact::{About, Event};
use futures::future::BoxFuture;
use reqwest::header::HeaderMap;
use secrets::Reader;
use serde_json::{Value, json};
use source::{Fields, Problems, Secret};
use std::{collections::BTreeMap, sync::Arc};

/// The end of what has not ended.
const NO_END: &str = "0001-01-01T00:00:00Z";
/// Bytes of the text.
const TEXT: usize = 100_000;

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "alertmanager",
    summary: (
        "Alertmanager の Webhook (バージョン 4) として任意の受信側に送る",
        "posts Alertmanager's webhook document, version 4, to whatever reads it",
    ),
    example: "\
kind: alertmanager
url: https://oncall.example.jp/integrations/v1/alertmanager/   # or secret:NAME; or url_env, url_file
receiver: hikeshi                 # the name of the receiver in the document
",
    parse,
};

#[derive(Clone, Debug)]
struct Alertmanager {
    endpoint: Endpoint,
    receiver: String,
}

fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Arc<dyn Settings>> {
    let endpoint = Endpoint::parse(fields, problems);
    let receiver = fields.text_or("receiver", "hikeshi", problems);
    Some(Arc::new(Alertmanager { endpoint: endpoint?, receiver }))
}

impl Settings for Alertmanager {
    fn is_room(&self) -> bool {
        true
    }

    fn secrets(&self) -> Vec<Secret> {
        self.endpoint.secret().cloned().into_iter().collect()
    }

    fn make(&self, reader: Reader) -> Box<dyn Channel> {
        Box::new(Receiver { to: self.clone(), poster: Poster::new(), reader })
    }
}

struct Receiver {
    to: Alertmanager,
    poster: Poster,
    reader: Reader,
}

impl Channel for Receiver {
    fn tell<'a>(&'a self, message: &'a Message<'a>) -> BoxFuture<'a, Told> {
        Box::pin(async move {
            match self.to.endpoint.url(&self.reader).await {
                Ok(url) => {
                    let json = self.to.document(message).to_string();
                    self.poster.post(url, HeaderMap::new(), json).await
                }
                Err(why) => Told::try_again(why),
            }
        })
    }
}

impl Alertmanager {
    fn document(&self, message: &Message<'_>) -> Value {
        let notice = message.notice;
        let labels = labels(&notice.about);
        let is_over = notice.event == Event::Resolved;
        let status = if is_over { "resolved" } else { "firing" };
        let ends_at = if is_over { message.owed_at.to_string() } else { NO_END.to_owned() };
        // Priority and level change while it burns: they are no labels, which say what it is.
        let mut annotations = json!({
            "summary": message.subject(),
            "description": outside::fit(&message.text(), TEXT, str::len, str::to_owned),
        });
        if let Some(priority) = notice.priority {
            annotations["priority"] = priority.to_string().into();
        }
        if let Some(level) = notice.level {
            annotations["level"] = level.to_string().into();
        }
        let named: Vec<_> =
            labels.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
        let named = named.join(",");
        json!({
            "version": "4",
            "groupKey": format!("{{}}:{{{named}}}"),
            "truncatedAlerts": 0,
            "status": status,
            "receiver": self.receiver,
            "groupLabels": labels,
            "commonLabels": labels,
            "commonAnnotations": annotations,
            "externalURL": message.answers.map_or("", |answers| answers.base.as_str()),
            "alerts": [{
                "status": status,
                "labels": labels,
                "annotations": annotations,
                "startsAt": message.since.to_string(),
                "endsAt": ends_at,
                "generatorURL": "",
                "fingerprint": identity::digest(&named),
            }],
        })
    }
}

fn labels(about: &About) -> BTreeMap<&'static str, String> {
    match about {
        About::Incident(id) => {
            BTreeMap::from([("alertname", "incident".into()), ("incident", id.to_string())])
        }
        About::Alert(key) => BTreeMap::from([
            ("alertname", key.rule.to_string()),
            ("service", key.service.to_string()),
        ]),
        About::Alerts(_) => BTreeMap::from([("alertname", "alerts".into())]),
        About::Silence(id) => {
            BTreeMap::from([("alertname", "silence".into()), ("silence", id.to_string())])
        }
        About::Run(id) => BTreeMap::from([("alertname", "run".into()), ("run", id.to_string())]),
        About::Schedule(name) => BTreeMap::from([
            ("alertname", "change_of_shift".into()),
            ("schedule", name.to_string()),
        ]),
        About::News(id) => {
            BTreeMap::from([("alertname", "news".into()), ("incident", id.to_string())])
        }
        About::Digest(day) => {
            BTreeMap::from([("alertname", "digest".into()), ("day", day.to_string())])
        }
        About::Channel(name, _) => {
            BTreeMap::from([("alertname", "channel_test".into()), ("channel", name.to_string())])
        }
    }
}
