//! The page, kept up to date: made anew every few seconds and whenever something was written, counted, and copied.

use crate::{
    book::{Book, BookError},
    copy,
    page::{Page, Sources},
    post::{self, Sender},
    subscribers::{Subscribers, SubscribersError},
    tries::Tries,
};
use domain::{
    component_state::{self, Condition},
    policy::Policy,
    silence::Kept,
    status_page::{ComponentState, StatusPage},
    world::World,
};
use jiff::{SignedDuration, Timestamp, ToSpan};
use std::{
    collections::BTreeSet,
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, atomic::Ordering},
    time::Duration,
};
use web::Shared;

/// The file of the past in the data folder.
const BOOK: &str = "status.db";
/// The file of those who want mails.
const SUBSCRIBERS: &str = "subscribers.db";
/// The page is made anew this often.
const EVERY: Duration = Duration::from_secs(5);
/// And so long after something was written: what belongs together comes together.
const SETTLES: Duration = Duration::from_millis(500);
/// A writer that does not answer for so long says nothing about the present.
const PATIENCE: Duration = Duration::from_secs(20);
/// A longer pause was not measured: the machine slept, or nothing ran.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_secs(30);
/// What was counted is written down this often.
const WRITTEN_EVERY: SignedDuration = SignedDuration::from_secs(30);
/// The copy is renewed at least this often, so that its age tells whether somebody still writes it.
const COPIED_EVERY: SignedDuration = SignedDuration::from_secs(45);

/// How a page is set up.
#[derive(Clone, Default)]
pub struct Setup {
    /// The colour at its head.
    pub accent: Option<[u8; 3]>,
    /// The address under which customers reach the server, without a slash at its end.
    pub public_url: Option<String>,
    /// The host of an address that is the page's alone.
    pub own_host: Option<String>,
    /// The folder of the copy.
    pub export: Option<PathBuf>,
    /// What sends mails to subscribers; none: nobody can subscribe.
    pub sender: Option<Sender>,
}

/// Why a page could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// The file of the past.
    #[error("{BOOK}: {0}")]
    Book(#[from] BookError),
    /// The file of those who want mails.
    #[error("{SUBSCRIBERS}: {0}")]
    Subscribers(#[from] SubscribersError),
}

/// What it takes to send mails.
pub(crate) struct Mailing {
    pub(crate) subscribers: Subscribers,
    pub(crate) sender: Sender,
    /// The address of the page.
    pub(crate) base: String,
    pub(crate) tries: Tries,
}

/// The page. Clones share.
#[derive(Clone)]
pub struct Site(Arc<Inner>);

struct Inner {
    shared: Shared,
    setup: Setup,
    book: Mutex<Book>,
    mailing: Option<Mailing>,
    page: RwLock<Option<Arc<Page>>>,
    /// The components by their keys, as the page shows them.
    keys: RwLock<Vec<String>>,
}

/// What a glance at the writer's state brings.
struct Glance {
    page: StatusPage,
    conditions: Vec<Condition>,
    windows: Vec<Kept>,
}

/// What was done when.
#[derive(Default)]
struct Done {
    counted: Option<Timestamp>,
    written: Option<Timestamp>,
    copied: Option<(Timestamp, Arc<Page>)>,
    /// Why the last copy could not be written.
    fault: Option<String>,
}

impl Site {
    /// Opens the past in the data folder.
    ///
    /// # Errors
    /// Its file cannot be used.
    pub fn open(shared: Shared, setup: Setup, data: &Path) -> Result<Self, SiteError> {
        let book = Mutex::new(Book::open(&data.join(BOOK))?);
        let mailing = match (setup.sender.clone(), &setup.public_url) {
            (Some(sender), Some(url)) => Some(Mailing {
                subscribers: Subscribers::open(&data.join(SUBSCRIBERS))?,
                sender,
                base: format!("{url}/status"),
                tries: Tries::default(),
            }),
            _ => None,
        };
        let (page, keys) = (RwLock::default(), RwLock::default());
        Ok(Self(Arc::new(Inner { shared, setup, book, mailing, page, keys })))
    }

    /// What it takes to send mails; none: nobody can subscribe.
    pub(crate) fn mailing(&self) -> Option<&Mailing> {
        self.0.mailing.as_ref()
    }

    /// The time.
    pub(crate) fn now(&self) -> Timestamp {
        self.0.shared.doors.now()
    }

    /// How it is set up.
    pub(crate) fn setup(&self) -> &Setup {
        &self.0.setup
    }

    /// The address of the page, where customers reach it.
    pub(crate) fn base(&self) -> Option<String> {
        self.0.setup.public_url.as_ref().map(|url| format!("{url}/status"))
    }

    /// The page as it is now; none: there is none, or it was never made.
    pub fn page(&self) -> Option<Page> {
        let page = self.0.page.read().unwrap_or_else(PoisonError::into_inner).clone()?;
        Some(page.at(self.0.shared.doors.now()))
    }

    /// The files of a copy.
    ///
    /// # Errors
    /// A template cannot be rendered.
    pub fn files(&self, page: &Page) -> Result<Vec<(String, String)>, crate::html::Error> {
        copy::files(page, self.0.setup.accent, self.base().as_deref())
    }

    /// Keeps the page up to date, and its subscribers; for ever.
    pub async fn keep(self) {
        tokio::join!(self.keep_page(), self.keep_subscribers());
    }

    async fn keep_subscribers(&self) {
        let Some(mailing) = &self.0.mailing else { return };
        let (mut said, mut lost) = (BTreeSet::new(), 0);
        let mut rounds = tokio::time::interval(EVERY);
        rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            rounds.tick().await;
            let Some(page) = self.page() else { continue };
            let Mailing { subscribers, sender, base, .. } = mailing;
            match post::round(subscribers, sender, &page, base, &mut said, self.now()).await {
                Ok((0, 0)) => {}
                Ok((_, 0)) if lost > 0 => {
                    tracing::info!("mails to subscribers of the status page are sent again");
                    lost = 0;
                }
                Ok((_, 0)) => {}
                Ok((_, others)) => {
                    // The answer of a server may repeat an address: only how many.
                    if lost == 0 {
                        tracing::warn!(
                            "{others} mails to subscribers of the status page were not taken"
                        );
                    }
                    lost = others;
                }
                Err(error) => tracing::error!("{SUBSCRIBERS}: {error}"),
            }
        }
    }

    async fn keep_page(&self) {
        let mut written = self.0.shared.written.subscribe();
        let mut done = Done::default();
        loop {
            match tokio::time::timeout(PATIENCE, self.make(&mut done)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!("the status page is not up to date: {error}"),
                Err(_) => tracing::warn!("the status page is not up to date: no answer in time"),
            }
            let news = tokio::time::timeout(EVERY, written.changed()).await;
            match news {
                Ok(Ok(())) => tokio::time::sleep(SETTLES).await,
                // Nobody writes any more: hikeshi ends.
                Ok(Err(_)) => return,
                Err(_) => {}
            }
        }
    }

    async fn make(&self, done: &mut Done) -> Result<(), String> {
        let shared = &self.0.shared;
        let policy = self.policy().await?;
        let glance = shared.look(glance).await.map_err(|error| format!("{error:?}"))?;
        let Some(mut glance) = glance else {
            *self.0.page.write().unwrap_or_else(PoisonError::into_inner) = None;
            return Ok(());
        };
        // What cannot be written down cannot be decided: nothing that is seen becomes an alert.
        if shared.counts.journal_fault.load(Ordering::Relaxed) != 0 {
            let unknown = Condition { state: ComponentState::Unknown, is_stale: true };
            glance.conditions.fill(unknown);
        }
        let now = shared.doors.now();
        let since = now.saturating_sub((crate::book::DAYS * 24).hours()).unwrap_or(Timestamp::MIN);
        let outward = shared.past(move |history| history.outward(since)).await;
        let outward = outward.map_err(|error| format!("{error:?}"))?;
        self.count(now, &policy, done);
        let sources = Sources {
            page: &glance.page,
            graph: &policy.graph,
            zone: &policy.zone,
            conditions: &glance.conditions,
            outward: &outward,
            windows: &glance.windows,
            book: &self.book(),
            now,
        };
        let page = Arc::new(Page::new(&sources));
        let keys = glance.page.components.into_iter().map(|component| component.key).collect();
        *self.0.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        *self.0.page.write().unwrap_or_else(PoisonError::into_inner) = Some(page.clone());
        self.copy(page, done);
        Ok(())
    }

    async fn policy(&self) -> Result<Arc<Policy>, String> {
        let (answer, wait) = tokio::sync::oneshot::channel();
        let take = move |found| drop(answer.send(found));
        self.0.shared.engine.ask(|_, _, policy, _| policy.clone(), take);
        wait.await.map_err(|_| "hikeshi is stopping".to_owned())
    }

    /// The time since the last count counts as what the page said then.
    fn count(&self, now: Timestamp, policy: &Policy, done: &mut Done) {
        let mut book = self.book();
        let from = done.counted.replace(now);
        let page = self.0.page.read().unwrap_or_else(PoisonError::into_inner).clone();
        let keys = self.0.keys.read().unwrap_or_else(PoisonError::into_inner);
        if let (Some(from), Some(page)) = (from, page) {
            let passed = now.duration_since(from);
            // Less than a second waits for the next time.
            if passed < SignedDuration::from_secs(1) {
                done.counted = Some(from);
            } else if passed <= LONGEST_PAUSE {
                let day = from.to_zoned(policy.zone.clone()).date();
                let seconds = passed.as_secs();
                done.counted = from.saturating_add(SignedDuration::from_secs(seconds)).ok();
                for (key, shown) in keys.iter().zip(&page.components) {
                    book.add(key, day, shown.state, seconds);
                }
            }
        }
        let is_due = |at: Timestamp| now.duration_since(at) >= WRITTEN_EVERY;
        if done.written.is_none_or(is_due) {
            done.written = Some(now);
            let today = now.to_zoned(policy.zone.clone()).date();
            if let Err(error) = book.write(today) {
                tracing::warn!("{BOOK}: the past of the status page is not written: {error}");
            }
        }
    }

    fn copy(&self, page: Arc<Page>, done: &mut Done) {
        let Some(folder) = &self.0.setup.export else { return };
        let now = page.generated_at;
        let is_fresh = |(at, last): &(Timestamp, Arc<Page>)| {
            now.duration_since(*at) < COPIED_EVERY && last.says_as(&page)
        };
        if done.copied.as_ref().is_some_and(is_fresh) {
            return;
        }
        let files = self.files(&page).map_err(|error| error.to_string());
        let written =
            files.and_then(|files| copy::write(folder, &files).map_err(|error| error.to_string()));
        match written {
            Ok(()) => {
                if done.fault.take().is_some() {
                    tracing::info!("the copy of the status page is written again");
                }
                done.copied = Some((now, page));
            }
            // Once per reason: it is tried again every few seconds.
            Err(error) if done.fault.as_ref() != Some(&error) => {
                tracing::error!("the copy of the status page is not written: {error}");
                done.fault = Some(error);
            }
            Err(_) => {}
        }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn glance(world: &World<'_>) -> Option<Glance> {
    let page = world.policy.status_page.clone()?;
    let announced = world.state.silences.all().filter(|kept| kept.silence.announced.is_some());
    Some(Glance {
        conditions: component_state::conditions(world, &page),
        windows: announced.cloned().collect(),
        page,
    })
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site").field("export", &self.0.setup.export).finish_non_exhaustive()
    }
}
