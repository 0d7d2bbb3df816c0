//! A room behind an incoming webhook: every such kind is an address to post to, and a document of its own.

use crate::{
    channel::{Channel, Message, Settings, Told},
    endpoint::Endpoint,
    post::Poster,
};
use futures::future::BoxFuture;
use reqwest::{Url, header::HeaderMap};
use secrets::Reader;
use serde_json::Value;
use source::{Fields, Problems, Secret};
use std::sync::Arc;

/// What a kind makes of a message.
pub(crate) type Document = fn(&Message<'_>) -> Value;
/// What a kind adds to the address.
pub(crate) type Adjust = fn(&mut Url);

/// A room as it was configured.
#[derive(Clone, Debug)]
pub(crate) struct Room {
    endpoint: Endpoint,
    document: Document,
    adjust: Adjust,
}

/// Takes `url`, `url_env` or `url_file`.
pub(crate) fn parse(
    fields: &mut Fields<'_>,
    problems: &mut Problems,
    document: Document,
    adjust: Adjust,
) -> Option<Arc<dyn Settings>> {
    let endpoint = Endpoint::parse(fields, problems)?;
    Some(Arc::new(Room { endpoint, document, adjust }))
}

impl Settings for Room {
    fn is_room(&self) -> bool {
        true
    }

    fn secrets(&self) -> Vec<Secret> {
        self.endpoint.secret().cloned().into_iter().collect()
    }

    fn make(&self, reader: Reader) -> Box<dyn Channel> {
        Box::new(Open { room: self.clone(), poster: Poster::new(), reader })
    }
}

struct Open {
    room: Room,
    poster: Poster,
    reader: Reader,
}

impl Channel for Open {
    fn tell<'a>(&'a self, message: &'a Message<'a>) -> BoxFuture<'a, Told> {
        Box::pin(async move {
            match self.room.endpoint.url(&self.reader).await {
                Ok(mut url) => {
                    (self.room.adjust)(&mut url);
                    let json = (self.room.document)(message).to_string();
                    self.poster.post(url, HeaderMap::new(), json).await
                }
                // A secret that is missing can be put there; the notice is not given up for that.
                Err(why) => Told::try_again(why),
            }
        })
    }
}
