//! Accesses to secrets, written down: by the server into its journal; by a command of the command line through the server,
//! or, where none runs, into the journal itself.

use crate::{client::Client, clock, common::Common};
use config::Loaded;
use domain::{
    command::Command, fact::Recorded, ids::Actor, record_access, secret_access::SecretAccess,
};
use engine::Engine;
use futures::future::BoxFuture;
use journal::{Journal, SqliteJournal};
use secrets::{Ledger, Safe, World};
use serde_json::json;
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

/// The ledger of the server.
#[derive(Default)]
pub struct Journaled {
    engine: OnceLock<Engine>,
    /// Accesses from before the engine ran.
    early: Mutex<Vec<SecretAccess>>,
}

impl Journaled {
    /// From now on the engine takes them down.
    pub fn begin(&self, engine: Engine) {
        let mut early = unpoisoned(&self.early);
        for access in early.drain(..) {
            engine.send(Command::RecordAccess(Box::new(access)));
        }
        let _ = self.engine.set(engine);
    }
}

impl Ledger for Journaled {
    fn note(&self, access: SecretAccess) {
        let mut early = unpoisoned(&self.early);
        match self.engine.get() {
            Some(engine) => engine.send(Command::RecordAccess(Box::new(access))),
            None => early.push(access),
        }
    }

    fn keep(&self, access: SecretAccess) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(async move {
            let engine = self.engine.get().ok_or("the journal does not run yet")?;
            let (answer, wait) = tokio::sync::oneshot::channel();
            engine.submit(Command::RecordAccess(Box::new(access)), move |result| {
                let _ = answer.send(result);
            });
            let taken = wait.await.map_err(|_| "hikeshi is stopping".to_owned())?;
            taken.map(drop).map_err(|error| error.to_string())
        })
    }
}

/// The ledger of a command of the command line.
pub struct FromCommand {
    data: PathBuf,
    by: Option<String>,
    noted: Mutex<Vec<SecretAccess>>,
}

/// The safe of a command, and its ledger: [`FromCommand::hand_in`] belongs to the end of the command.
pub fn for_a_command(common: &Common, loaded: &Loaded) -> (Safe, Arc<FromCommand>) {
    let data = loaded.settings.data.clone();
    let ledger = FromCommand { data, by: common.by.clone(), noted: Mutex::default() };
    let (ledger, world) = (Arc::new(ledger), World::of_this_process());
    let safe = Safe::new(loaded.secrets.clone(), world, ledger.clone(), clock::shared());
    (safe, ledger)
}

impl FromCommand {
    /// Writes down what was noted. Where hikeshi has never run there is no journal, and a look must not make one.
    pub fn hand_in(&self) {
        let noted = std::mem::take(&mut *unpoisoned(&self.noted));
        if noted.is_empty() || !self.data.join(crate::data_folder::JOURNAL).exists() {
            return;
        }
        if let Err(why) = hand_in(&self.data, self.by.clone(), noted) {
            anstream::eprintln!(
                "{}",
                crate::show::pick(
                    &format!("シークレットの利用を記録できません: {why}"),
                    &format!("the accesses to secrets could not be written down: {why}"),
                )
            );
        }
    }
}

impl Ledger for FromCommand {
    fn note(&self, access: SecretAccess) {
        unpoisoned(&self.noted).push(access);
    }

    fn keep(&self, access: SecretAccess) -> BoxFuture<'_, Result<(), String>> {
        let (data, by) = (self.data.clone(), self.by.clone());
        Box::pin(async move {
            let writing = tokio::task::spawn_blocking(move || hand_in(&data, by, vec![access]));
            writing.await.unwrap_or_else(|_| Err("the writing was broken off".into()))
        })
    }
}

/// Through the server, or without one into the journal, which nobody else can write to meanwhile.
fn hand_in(data: &Path, by: Option<String>, accesses: Vec<SecretAccess>) -> Result<(), String> {
    let client =
        Client::at(data.join(crate::data_folder::SOCKET), by).map_err(|trouble| trouble.said.en)?;
    let told = client.post("/api/v1/secrets/accesses", json!({"accesses": accesses}));
    let Err(trouble) = told else { return Ok(()) };
    let Ok(_lock) = crate::data_folder::claim(data) else { return Err(trouble.said.en) };
    let by = Actor::Person(client.by().to_owned());
    let mut facts = Vec::new();
    for access in accesses {
        let access = SecretAccess { by: by.clone(), ..access };
        let decided = record_access::record(&access).map_err(|refusal| refusal.to_string())?;
        facts.extend(decided.into_iter().map(|fact| Recorded { at: clock::now(), fact }));
    }
    let mut journal = SqliteJournal::open(&data.join(crate::data_folder::JOURNAL))
        .map_err(|error| error.to_string())?;
    journal.append(journal.end(), &facts).map(drop).map_err(|error| error.to_string())
}

fn unpoisoned<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
