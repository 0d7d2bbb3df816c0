//! The ways in for other systems: which integrations there are, and who may use them.

use domain::{
    ids::{ChannelName, IntegrationName},
    said::Said,
};
use intake::{Reader, signature::unhex};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use source::Secret;
use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, PoisonError, RwLock},
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

/// The ways in.
pub struct Doors {
    /// Since when the server runs.
    pub started_at: Timestamp,
    clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    reload: Reload,
    integrations: RwLock<BTreeMap<IntegrationName, Integration>>,
    /// The channels on which people can answer.
    answering: RwLock<BTreeMap<ChannelName, Answering>>,
    /// Digests of tokens, by integration. The tokens themselves are nowhere.
    tokens: RwLock<BTreeMap<IntegrationName, Vec<[u8; 32]>>>,
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

    /// These are the tokens from now on, as hex digests.
    pub fn set_tokens<'a>(&self, all: impl Iterator<Item = (&'a IntegrationName, &'a str)>) {
        let mut tokens: BTreeMap<IntegrationName, Vec<[u8; 32]>> = BTreeMap::new();
        for (name, hex) in all {
            if let Some(digest) = unhex(hex).and_then(|bytes| bytes.try_into().ok()) {
                tokens.entry(name.clone()).or_default().push(digest);
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
        let digest = digest(token);
        let tokens = self.tokens.read().unwrap_or_else(PoisonError::into_inner);
        tokens.get(integration).is_some_and(|known| known.contains(&digest))
    }

    /// Whether an integration lets in who shows nothing: one that has no token and whose senders seldom can show any.
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
