//! The ways in for other systems: which integrations there are, and who may use them.

use domain::{
    ids::{ChannelName, IntegrationName},
    said::Said,
    token::{Opens, Token},
};
use intake::{Reader, signature::unhex};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use source::Secret;
use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

/// A way in for one other system.
#[derive(Clone, Debug)]
pub struct Integration {
    /// Its name.
    pub name: IntegrationName,
    /// Its wire format.
    pub kind: &'static str,
    /// What reads its requests.
    pub reader: Arc<dyn Reader>,
    /// What it signs with, where its format has signatures.
    pub secret: Option<Secret>,
}

impl Integration {
    /// Formats whose senders seldom can show anything; they are let in from this machine without a token.
    fn is_open(&self) -> bool {
        matches!(self.kind, "alertmanager" | "ping")
    }
}

/// How people's answers on a channel are proved to come from its service.
#[derive(Clone, Debug)]
pub struct Answering {
    /// `slack`, `line` or `twilio`.
    pub service: &'static str,
    /// What its signatures are made with.
    pub secret: Secret,
}

/// What reads the configuration again, makes it count, and gives the integrations that it names.
pub type Reload = Box<dyn Fn() -> Result<Vec<Integration>, Said> + Send + Sync>;

/// What opens a door: the digest of a token, until its end.
struct Key {
    digest: [u8; 32],
    expires_at: Option<Timestamp>,
}

/// What is bounded by the minute, altogether.
#[derive(Debug, Default)]
pub(crate) struct Bucket(Mutex<VecDeque<Timestamp>>);

impl Bucket {
    /// So many a minute.
    const MOST: usize = 30;

    /// Takes one.
    ///
    /// # Errors
    /// There were too many within a minute: in how many seconds there may be another.
    pub(crate) fn take(&self, now: Timestamp) -> Result<(), i64> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        taken.retain(|at| now.duration_since(*at).as_secs() < 60);
        match taken.front().filter(|_| taken.len() >= Self::MOST) {
            Some(first) => Err(60 - now.duration_since(*first).as_secs()),
            None => {
                taken.push_back(now);
                Ok(())
            }
        }
    }
}

/// The ways in.
pub struct Doors {
    /// Since when the server runs.
    pub started_at: Timestamp,
    clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    reload: Reload,
    integrations: RwLock<BTreeMap<IntegrationName, Integration>>,
    /// The channels on which people can answer.
    answering: RwLock<BTreeMap<ChannelName, Answering>>,
    /// Digests of the tokens of integrations. The tokens themselves are nowhere.
    tokens: RwLock<BTreeMap<IntegrationName, Vec<Key>>>,
    /// How often somebody may show a token of the API that is none.
    pub(crate) wrong: Bucket,
}

impl Doors {
    /// No integration yet but that of Alertmanager's own API.
    pub fn new(clock: Arc<dyn Fn() -> Timestamp + Send + Sync>, reload: Reload) -> Self {
        let doors = Self {
            started_at: clock(),
            clock,
            reload,
            integrations: RwLock::default(),
            answering: RwLock::default(),
            tokens: RwLock::default(),
            wrong: Bucket::default(),
        };
        doors.set_integrations(Vec::new());
        doors
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Reads the configuration again.
    ///
    /// # Errors
    /// Its mistakes; nothing has changed then.
    pub fn reload(&self) -> Result<(), String> {
        let integrations = (self.reload)().map_err(|said| said.en)?;
        self.set_integrations(integrations);
        Ok(())
    }

    /// These are the integrations from now on. Alertmanager's API and pings are always there.
    pub fn set_integrations(&self, all: Vec<Integration>) {
        let mut named: BTreeMap<_, _> =
            all.into_iter().map(|one| (one.name.clone(), one)).collect();
        for kind in ["alertmanager", "ping"] {
            let is_there = named.values().any(|one| one.kind == kind);
            let reader =
                intake::kinds::by_name(kind).filter(|_| !is_there).and_then(intake::kinds::example);
            if let Some(reader) = reader {
                let name = IntegrationName::from(kind);
                named.insert(name.clone(), Integration { name, kind, reader, secret: None });
            }
        }
        *self.integrations.write().unwrap_or_else(PoisonError::into_inner) = named;
    }

    /// These are the tokens from now on.
    pub fn set_tokens<'a>(&self, all: impl IntoIterator<Item = &'a Token>) {
        let mut tokens: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for token in all {
            let Opens::Integration(integration) = &token.opens else { continue };
            if let Some(digest) = unhex(&token.digest).and_then(|bytes| bytes.try_into().ok()) {
                let known = tokens.entry(integration.clone()).or_default();
                known.push(Key { digest, expires_at: token.expires_at });
            }
        }
        *self.tokens.write().unwrap_or_else(PoisonError::into_inner) = tokens;
    }

    /// These are the channels from now on on which people can answer.
    pub fn set_answering(&self, all: impl IntoIterator<Item = (ChannelName, Answering)>) {
        let all = all.into_iter().collect();
        *self.answering.write().unwrap_or_else(PoisonError::into_inner) = all;
    }

    /// How answers on a channel are proved, if it belongs to the service.
    pub(crate) fn answering(&self, channel: &str, service: &str) -> Option<Answering> {
        let all = self.answering.read().unwrap_or_else(PoisonError::into_inner);
        all.get(channel).filter(|one| one.service == service).cloned()
    }

    /// The integration with a name.
    pub fn named(&self, name: &str) -> Option<Integration> {
        self.integrations.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// The integrations of a wire format.
    pub fn of_kind(&self, kind: &str) -> Vec<Integration> {
        let all = self.integrations.read().unwrap_or_else(PoisonError::into_inner);
        all.values().filter(|one| one.kind == kind).cloned().collect()
    }

    /// Whether a token opens an integration. Digests are compared, so that the time tells nothing of the token.
    pub fn opens(&self, integration: &IntegrationName, token: &str) -> bool {
        let (digest, now) = (digest(token), self.now());
        let tokens = self.tokens.read().unwrap_or_else(PoisonError::into_inner);
        let opens = |key: &Key| key.digest == digest && key.expires_at.is_none_or(|end| now < end);
        tokens.get(integration).is_some_and(|known| known.iter().any(opens))
    }

    /// Whether an integration lets in who shows nothing: one that never had a token and whose senders seldom can show any.
    /// A token that has expired opens nothing, and neither does showing none.
    pub fn lets_in_all(&self, integration: &Integration) -> bool {
        let tokens = self.tokens.read().unwrap_or_else(PoisonError::into_inner);
        integration.is_open() && !tokens.contains_key(&integration.name)
    }
}

/// The digest of a token, as it is kept. Tokens are 256 random bits: no slow hash is needed to guard them.
pub fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

impl fmt::Debug for Doors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Doors").field("integrations", &self.integrations).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::Actor;

    #[test]
    fn a_token_opens_its_door_until_its_end_and_the_door_stays_shut_then() {
        let now = Arc::new(Mutex::new(Timestamp::UNIX_EPOCH));
        let clock = now.clone();
        let doors = Doors::new(
            Arc::new(move || *clock.lock().expect("no panic")),
            Box::new(|| Ok(Vec::new())),
        );
        let end = Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_secs(60);
        let token = |text: &str, expires_at| Token {
            id: 1,
            opens: Opens::Integration("alertmanager".into()),
            digest: digest(text).iter().map(|byte| format!("{byte:02x}")).collect(),
            by: Actor::Hikeshi,
            issued_at: Timestamp::UNIX_EPOCH,
            expires_at,
            used_at: None,
        };
        doors.set_tokens(&[token("for ever", None), token("for a minute", Some(end))]);
        let name = IntegrationName::from("alertmanager");
        let opens = |text| doors.opens(&name, text);
        assert!(opens("for ever") && opens("for a minute") && !opens("another"));
        *now.lock().expect("no panic") = end;
        assert!(opens("for ever") && !opens("for a minute"));
        let door = doors.named("alertmanager").expect("always there");
        assert!(!doors.lets_in_all(&door), "without a token nobody comes in");
    }

    #[test]
    fn thirty_a_minute_and_no_more() {
        let bucket = Bucket::default();
        let at = |seconds| Timestamp::from_second(seconds).expect("a time");
        for _ in 0..30 {
            bucket.take(at(5)).expect("few");
        }
        assert_eq!(bucket.take(at(25)), Err(40));
        bucket.take(at(65)).expect("a minute later");
    }
}
