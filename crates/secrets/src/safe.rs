//! The safe: asks for secrets in declared order, holds what remote places gave for a while, and has every access written
//! down.
//!
//! - A place that has no such secret, or cannot be reached, passes the question on to the next. A refusal ends it: who was
//!   refused must not try the next door.
//! - The place for emergencies is asked only when no place gave the secret, none refused it, and at least one could not be
//!   reached; and its value is handed out only after that is durable.
//! - However many need a secret at once, its places are asked once; and they are asked to the end, whoever gives up.

use crate::{
    declared::{Declarations, Declared, Source},
    held::{AGAIN, GLASS, Held, REMOTE},
    ledger::{Ledger, Unwritten},
    miss::Miss,
    world::World,
};
use domain::{
    ids::Actor,
    secret_access::{AccessResult, SecretAccess},
};
use jiff::{SignedDuration, Timestamp};
use source::{Hidden, Secret};
use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::timeout;

/// A place that has not answered by then is not reached.
const LIMIT: Duration = Duration::from_secs(5);
/// Who was handed a secret may speak of it for so long (a step runs for an hour at most): until then it is masked.
const MASKED: SignedDuration = SignedDuration::from_hours(1);
/// A broken glass is shown for so long.
const SHOWN: SignedDuration = SignedDuration::from_mins(5);
/// More is not remembered; then some accesses are written down again.
const REMEMBERED: usize = 4096;
/// A reason is cut after so many characters.
const REASON: usize = 800;

/// Where the time comes from.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The safe. Clones share.
#[derive(Clone)]
pub struct Safe(Arc<Inner>);

struct Inner {
    world: World,
    ledger: Arc<dyn Ledger>,
    clock: Clock,
    limit: Duration,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    named: Declarations,
    kept: BTreeMap<String, Arc<Kept>>,
    /// How the last access of a purpose to a secret went: only what differs from it is written down.
    seen: HashMap<(String, String), (Option<String>, AccessResult)>,
    last: BTreeMap<String, SecretAccess>,
    handed: Vec<(Hidden, Timestamp)>,
    broken: Vec<(SecretAccess, Timestamp)>,
}

struct Kept {
    name: String,
    is_named: bool,
    declared: Declared,
    held: tokio::sync::Mutex<Option<Held>>,
}

impl Default for Safe {
    /// A safe of this process' environment in which nothing is declared, and of which nobody writes anything down.
    fn default() -> Self {
        let clock = Arc::new(Timestamp::now);
        Self::new(Declarations::new(), World::of_this_process(), Arc::new(Unwritten), clock)
    }
}

impl fmt::Debug for Safe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Safe")
    }
}

impl Safe {
    /// A safe with these secrets.
    pub fn new(named: Declarations, world: World, ledger: Arc<dyn Ledger>, clock: Clock) -> Self {
        let memory = Mutex::new(Memory { named, ..Memory::default() });
        Self(Arc::new(Inner { world, ledger, clock, limit: LIMIT, memory }))
    }

    /// The same, with another time after which a place counts as not reached. For a safe that nobody shares yet.
    #[must_use]
    pub fn with_limit(self, limit: Duration) -> Self {
        let inner = Arc::into_inner(self.0).expect("called before the safe is shared");
        Self(Arc::new(Inner { limit, ..inner }))
    }

    /// From now on these are the secrets; nothing that was held counts any more.
    pub fn replace(&self, named: Declarations) {
        let mut memory = self.memory();
        memory.kept.clear();
        memory.named = named;
    }

    /// Somebody who may read, and says what for.
    pub fn reader(&self, purpose: impl Into<Arc<str>>) -> Reader {
        Reader { safe: self.clone(), purpose: purpose.into(), by: Actor::Hikeshi }
    }

    /// Every value that was handed out of late, to be masked wherever text is kept or shown.
    pub fn handed(&self) -> Vec<Hidden> {
        let now = (self.0.clock)();
        let mut memory = self.memory();
        memory.handed.retain(|(_, at)| now.duration_since(*at) < MASKED);
        memory.handed.iter().map(|(value, _)| value.clone()).collect()
    }

    /// What lies on this machine for a secret, to be masked before anybody asks for it. That is no access.
    pub fn on_this_machine(&self, secret: &Secret) -> Vec<Hidden> {
        let sources = match secret {
            Secret::Named { name, .. } => self.memory().named.get(name).cloned(),
            other => Declared::of(other),
        };
        let sources = sources.unwrap_or_default().sources;
        sources.iter().filter_map(|source| source.keeper().peek(&self.0.world)).collect()
    }

    /// How the last access to a secret went, as this process knows.
    pub fn last(&self, secret: &Secret) -> Option<SecretAccess> {
        self.memory().last.get(&secret.to_string()).cloned()
    }

    /// The accesses of late for which the glass was broken, also those that others tell of.
    pub fn broken(&self) -> Vec<SecretAccess> {
        let now = (self.0.clock)();
        let mut memory = self.memory();
        memory.broken.retain(|(_, at)| now.duration_since(*at) < SHOWN);
        memory.broken.iter().map(|(access, _)| access.clone()).collect()
    }

    /// Another process of this machine tells of an access of its own, which is written down already.
    pub fn hear(&self, access: &SecretAccess) {
        if access.break_glass {
            let now = (self.0.clock)();
            let mut memory = self.memory();
            memory.broken.retain(|(other, _)| other != access);
            memory.broken.push((access.clone(), now));
            let more = memory.broken.len().saturating_sub(REMEMBERED);
            memory.broken.drain(..more);
        }
    }

    async fn read(&self, secret: &Secret, reader: &Reader) -> Result<Hidden, String> {
        let kept = self.kept(secret)?;
        let held = self.ask(kept.clone(), reader.clone()).await?;
        self.tell(&kept, &held, reader);
        match held.found {
            Ok(value) => {
                self.hand_out(&value);
                Ok(value)
            }
            Err(_) if kept.is_named => {
                Err(format!("the secret `{}` cannot be had: {}", kept.name, held.reason))
            }
            Err(_) => Err(held.reason),
        }
    }

    fn kept(&self, secret: &Secret) -> Result<Arc<Kept>, String> {
        let name = secret.to_string();
        let mut memory = self.memory();
        if let Some(kept) = memory.kept.get(&name) {
            return Ok(kept.clone());
        }
        let own = Declared::of(secret);
        let is_named = own.is_none();
        let declared = own.or_else(|| memory.named.get(&name).cloned());
        let declared = declared
            .ok_or_else(|| format!("there is no secret `{name}` under `secrets:` any more"))?;
        let held = tokio::sync::Mutex::default();
        let kept = Arc::new(Kept { name: name.clone(), is_named, declared, held });
        memory.kept.insert(name, kept.clone());
        Ok(kept)
    }

    /// What is held, or what the places say now. In a task of its own, which ends also when nobody waits any more: else
    /// somebody with little patience would never get what takes longer.
    async fn ask(&self, kept: Arc<Kept>, reader: Reader) -> Result<Held, String> {
        let safe = self.clone();
        let asking = tokio::spawn(async move {
            let mut held = kept.held.lock().await;
            let now = (safe.0.clock)();
            if let Some(held) = held.as_ref().filter(|held| held.counts_at(now)) {
                return held.clone();
            }
            // Nothing old is left behind, whatever happens.
            *held = None;
            let found = safe.go_round(&kept, &reader).await;
            *held = Some(found.clone());
            found
        });
        asking.await.map_err(|_| "asking for the secret was broken off".to_owned())
    }

    /// Asks one place after the other.
    async fn go_round(&self, kept: &Kept, reader: &Reader) -> Held {
        let Declared { sources, break_glass } = &kept.declared;
        let (mut said, mut is_unreachable) = (Vec::new(), false);
        let is_remote = sources.iter().any(|source| source.kind().is_remote);
        let again = if is_remote { AGAIN } else { SignedDuration::ZERO };
        for source in sources {
            let now = || (self.0.clock)();
            match self.ask_one(source).await {
                Ok(value) => {
                    let hold = if source.kind().is_remote { REMOTE } else { again };
                    return Held::new(Ok(value), now(), hold).from(source, reason(&said));
                }
                Err(miss) => {
                    said.push(miss.why().to_owned());
                    if let Miss::Denied(_) = miss {
                        let miss = Miss::Denied(reason(&said));
                        return Held::new(Err(miss), now(), again);
                    }
                    is_unreachable |= matches!(miss, Miss::Unreachable(_));
                }
            }
        }
        let why = reason(&said);
        match break_glass {
            Some(glass) if is_unreachable => self.break_glass(kept, glass, why, reader).await,
            _ if is_unreachable => Held::new(Err(Miss::Unreachable(why)), (self.0.clock)(), again),
            _ => Held::new(Err(Miss::Absent(why)), (self.0.clock)(), again),
        }
    }

    async fn break_glass(&self, kept: &Kept, glass: &Source, why: String, reader: &Reader) -> Held {
        let missed = |why: String| Held::new(Err(Miss::Unreachable(why)), (self.0.clock)(), AGAIN);
        let value = match self.ask_one(glass).await {
            Ok(value) => value,
            Err(miss) => return missed(reason(&[why, format!("break glass: {}", miss.why())])),
        };
        let found = Held::new(Ok(value), (self.0.clock)(), GLASS);
        let found = found.from(glass, why.clone()).through_glass();
        let access = access(kept, &found, reader);
        if let Err(error) = self.0.ledger.keep(access.clone()).await {
            let refused = format!("break glass: not written down, so not handed out: {error}");
            return missed(reason(&[why, refused]));
        }
        self.hear(&access);
        self.remember(&access);
        found
    }

    async fn ask_one(&self, source: &Source) -> Result<Hidden, Miss> {
        let limit = self.0.limit;
        let answer = timeout(limit, source.keeper().ask(&self.0.world)).await;
        match answer {
            Ok(Ok(value)) if value.reveal().is_empty() => {
                Err(Miss::Absent(format!("{source} is empty")))
            }
            Ok(answer) => answer,
            Err(_) => Err(Miss::Unreachable(format!("{source} did not answer within {limit:?}"))),
        }
    }

    /// Writes an access down, unless it is as the one before it.
    fn tell(&self, kept: &Kept, held: &Held, reader: &Reader) {
        let access = access(kept, held, reader);
        if self.remember(&access) {
            self.0.ledger.note(access);
        }
    }

    /// Whether it differs from the last one with the same purpose.
    fn remember(&self, access: &SecretAccess) -> bool {
        let mut memory = self.memory();
        if memory.seen.len() >= REMEMBERED {
            memory.seen.clear();
        }
        memory.last.insert(access.secret.clone(), access.clone());
        let now = (access.source.clone(), access.result);
        let key = (access.secret.clone(), access.purpose.clone());
        memory.seen.insert(key, now.clone()).as_ref() != Some(&now)
    }

    fn hand_out(&self, value: &Hidden) {
        let now = (self.0.clock)();
        let mut memory = self.memory();
        memory.handed.retain(|(other, at)| other != value && now.duration_since(*at) < MASKED);
        memory.handed.push((value.clone(), now));
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn access(kept: &Kept, held: &Held, reader: &Reader) -> SecretAccess {
    SecretAccess {
        secret: kept.name.clone(),
        source: held.source.clone(),
        purpose: reader.purpose.to_string(),
        by: reader.by.clone(),
        result: held.found.as_ref().map_or_else(Miss::result, |_| AccessResult::Given),
        break_glass: held.break_glass,
        reason: held.reason.clone(),
    }
}

/// One short line.
fn reason(said: &[String]) -> String {
    let text = said.join("; ");
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(REASON).collect()
}

/// Somebody who reads secrets, and what for.
#[derive(Clone, Debug)]
pub struct Reader {
    safe: Safe,
    purpose: Arc<str>,
    by: Actor,
}

impl Reader {
    /// The same, on behalf of somebody.
    #[must_use]
    pub fn on_behalf_of(self, by: Actor) -> Self {
        Self { by, ..self }
    }

    /// Reads a secret now. A rotated one is had from the next reading on, from another machine within five minutes.
    ///
    /// # Errors
    /// A sentence that names places, never a value.
    pub async fn read(&self, secret: &Secret) -> Result<Hidden, String> {
        self.safe.read(secret, self).await
    }
}
