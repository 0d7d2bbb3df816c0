//! hikeshi's own sign of life, for somebody outside who calls when it stays away: healthchecks.io, Uptime Kuma, Dead Man's
//! Snitch, or the heartbeat of another hikeshi.

use crate::{channel::Told, endpoint::Endpoint, post::Poster};
use domain::{fact::Delivery, said::Said};
use jiff::SignedDuration;
use reqwest::header::HeaderMap;
use secrets::Reader;
use source::{Fields, Node, Problems, Secret};
use std::time::Duration;

/// How often, unless the configuration says otherwise.
const EVERY: SignedDuration = SignedDuration::from_mins(1);
/// More often serves nobody.
const SHORTEST: SignedDuration = SignedDuration::from_secs(10);

/// Where the sign is given, and how often.
///
/// ```yaml
/// sign_of_life: {url: secret:outside-eyes, every: 1m}
/// ```
#[derive(Clone, Debug)]
pub struct SignOfLife {
    endpoint: Endpoint,
    /// How often it is given.
    pub every: Duration,
}

impl SignOfLife {
    /// Reads one from the configuration.
    pub fn parse(node: &Node, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::open(node, problems)?;
        let endpoint = Endpoint::parse(&mut fields, problems);
        let every = fields.duration_or("every", EVERY, problems);
        if every < SHORTEST {
            problems.add(
                &node.place,
                Said::new(
                    format!("`every` は {SHORTEST:#} 以上にしてください"),
                    format!("`every` is {SHORTEST:#} at least"),
                ),
            );
        }
        fields.finish(problems);
        Some(Self { endpoint: endpoint?, every: every.max(SHORTEST).unsigned_abs() })
    }

    /// The secret in its address.
    pub fn secret(&self) -> Option<&Secret> {
        self.endpoint.secret()
    }

    /// Who gives it.
    pub fn giver(self, reader: Reader) -> Giver {
        Giver { sign: self, reader, poster: Poster::new() }
    }
}

/// Gives a sign of life again and again, over one client.
pub struct Giver {
    sign: SignOfLife,
    reader: Reader,
    poster: Poster,
}

impl Giver {
    /// Gives it once, with a POST that every such service takes.
    ///
    /// # Errors
    /// A sentence: it was not taken.
    pub async fn give(&self) -> Result<(), String> {
        let url = self.sign.endpoint.url(&self.reader).await?;
        match self.poster.post(url, HeaderMap::new(), "{}".to_owned()).await {
            Told { outcome: Delivery::Delivered, .. } => Ok(()),
            told => Err(told.detail),
        }
    }
}
