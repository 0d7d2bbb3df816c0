//! The thread around the core: many callers, one writer, many commands per commit.

use crate::{
    core::{Core, Fault},
    work::Work,
};
use domain::{
    command::{Command, Refusal},
    fact::Recorded,
    policy::Policy,
    state::State,
    watch::Watch,
    world::World,
};
use jiff::Timestamp;
use journal::{Journal, Position};
use std::{
    sync::{Arc, mpsc},
    thread::JoinHandle,
    time::Duration,
};

/// Commands that go into one commit at most; the rest waits for the next.
const BATCH: usize = 4096;
/// Without any timer the writer still looks around this often.
const IDLE: Duration = Duration::from_secs(60);
/// Nothing came for this long: a quiet moment.
const QUIET: Duration = Duration::from_secs(1);
/// While the journal does not take facts it is tried again this often.
const RETRY: Duration = Duration::from_secs(2);

/// What the engine tells the world around it. Called on the writer's thread: return quickly.
pub trait Outside: Send {
    /// Do this; report back with a command.
    fn work(&mut self, work: Work);
    /// These facts are durable now.
    fn facts(&mut self, facts: &[(Position, Recorded)]);
    /// The journal does not take facts (`Some`), or takes them again (`None`).
    fn fault(&mut self, fault: Option<&Fault>);
}

/// Why a command has no effect.
#[derive(Clone, Debug, thiserror::Error)]
pub enum EngineError {
    /// Something stands against it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It could not be made durable.
    #[error("not accepted, because it could not be written down: {0}")]
    Fault(String),
    /// The engine has stopped.
    #[error("hikeshi is stopping")]
    Stopped,
}

type Reply = Box<dyn FnOnce(Result<Position, EngineError>) + Send>;
type Question = Box<dyn FnOnce(&World<'_>, &Arc<Policy>, Position) + Send>;

enum Letter {
    Command(Box<Command>, Option<Reply>),
    Ask(Question),
    SetPolicy(Arc<Policy>),
    Stop,
}

/// A handle; clones talk to the same writer.
#[derive(Clone)]
pub struct Engine {
    letters: mpsc::Sender<Letter>,
}

impl Engine {
    /// Starts the writer. `clock` is the one door to the time.
    ///
    /// # Errors
    /// The thread could not be started.
    pub fn start<J: Journal + 'static>(
        core: Core<J>,
        clock: impl Fn() -> Timestamp + Send + 'static,
        outside: impl Outside + 'static,
    ) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (letters, inbox) = mpsc::channel();
        let writer = Writer { core, clock, outside, inbox, is_faulty: false };
        let thread = std::thread::Builder::new()
            .name("hikeshi-writer".into())
            .spawn(move || writer.run())?;
        Ok((Self { letters }, thread))
    }

    /// Sends a command; `reply` is called once it is durable, or with the reason why it is not.
    pub fn submit(
        &self,
        command: Command,
        reply: impl FnOnce(Result<Position, EngineError>) + Send + 'static,
    ) {
        let letter = Letter::Command(Box::new(command), Some(Box::new(reply)));
        if let Err(mpsc::SendError(Letter::Command(_, Some(reply)))) = self.letters.send(letter) {
            reply(Err(EngineError::Stopped));
        }
    }

    /// Sends a command whose answer nobody waits for: looks and reports.
    pub fn send(&self, command: Command) {
        let _ = self.letters.send(Letter::Command(Box::new(command), None));
    }

    /// Sends a command and waits.
    ///
    /// # Errors
    /// See [`EngineError`].
    pub fn submit_and_wait(&self, command: Command) -> Result<Position, EngineError> {
        let (answer, wait) = mpsc::channel();
        self.submit(command, move |result| {
            let _ = answer.send(result);
        });
        wait.recv().unwrap_or(Err(EngineError::Stopped))
    }

    /// Asks the writer about its state, between two commits; `answer` gets what `question` returns.
    pub fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&State, &Watch, &Arc<Policy>, Position) -> T + Send + 'static,
        answer: impl FnOnce(T) + Send + 'static,
    ) {
        let _ = self.letters.send(Letter::Ask(Box::new(move |world, policy, end| {
            answer(question(world.state, world.watch, policy, end))
        })));
    }

    /// Like [`Engine::ask`], with all that decisions are made from, and the time.
    pub fn look<T: Send + 'static>(
        &self,
        question: impl FnOnce(&World<'_>) -> T + Send + 'static,
        answer: impl FnOnce(T) + Send + 'static,
    ) {
        let _ =
            self.letters.send(Letter::Ask(Box::new(move |world, _, _| answer(question(world)))));
    }

    /// Asks and waits.
    ///
    /// # Errors
    /// The engine has stopped.
    pub fn ask_and_wait<T: Send + 'static>(
        &self,
        question: impl FnOnce(&State, &Watch, &Arc<Policy>, Position) -> T + Send + 'static,
    ) -> Result<T, EngineError> {
        let (answer, wait) = mpsc::channel();
        self.ask(question, move |found| {
            let _ = answer.send(found);
        });
        wait.recv().map_err(|_| EngineError::Stopped)
    }

    /// Another policy from now on.
    pub fn set_policy(&self, policy: Arc<Policy>) {
        let _ = self.letters.send(Letter::SetPolicy(policy));
    }

    /// Lets the writer finish what it has and end.
    pub fn stop(&self) {
        let _ = self.letters.send(Letter::Stop);
    }
}

struct Writer<J, C, O> {
    core: Core<J>,
    clock: C,
    outside: O,
    inbox: mpsc::Receiver<Letter>,
    is_faulty: bool,
}

impl<J: Journal, C: Fn() -> Timestamp, O: Outside> Writer<J, C, O> {
    fn run(mut self) {
        let mut goes_on = true;
        while goes_on {
            let mut letters = match self.inbox.recv_timeout(self.patience()) {
                Ok(letter) => vec![letter],
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    if self.core.wants_snapshot() && !self.is_faulty {
                        self.core.snapshot((self.clock)());
                    }
                    Vec::new()
                }
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
            };
            letters.extend(self.inbox.try_iter().take(BATCH));
            goes_on = self.round(letters);
        }
        let now = (self.clock)();
        self.core.snapshot(now);
    }

    fn patience(&self) -> Duration {
        if self.is_faulty {
            return RETRY;
        }
        let now = (self.clock)();
        let wait = self.core.next_wakeup(now).map(|at| at.duration_since(now));
        // A millisecond more, so that the time has certainly come.
        wait.and_then(|wait| Duration::try_from(wait).ok())
            .map_or(IDLE, |wait| wait + Duration::from_millis(1))
            .min(if self.core.wants_snapshot() { QUIET } else { IDLE })
    }

    /// One commit: everything that lies in the inbox, decided, durable, answered; then what is owed.
    fn round(&mut self, letters: Vec<Letter>) -> bool {
        let (mut replies, mut questions, mut goes_on) = (Vec::new(), Vec::new(), true);
        let mut now = (self.clock)();
        for letter in letters {
            now = (self.clock)();
            match letter {
                Letter::Command(command, reply) => {
                    let taken = self.core.take(&command, now);
                    replies.extend(reply.map(|reply| (reply, taken)));
                }
                Letter::Ask(question) => questions.push(question),
                Letter::SetPolicy(policy) => self.core.set_policy(policy, now),
                Letter::Stop => goes_on = false,
            }
        }
        let committed = self.core.commit(now);
        let failure = committed.as_ref().err().map(ToString::to_string);
        self.report(&committed);
        for (reply, taken) in replies {
            reply(match (taken, &failure) {
                (Err(refusal), _) => Err(refusal.into()),
                (Ok(()), Some(failure)) => Err(EngineError::Fault(failure.clone())),
                (Ok(()), None) => Ok(self.core.end()),
            });
        }
        for question in questions {
            let now = (self.clock)();
            question(&self.core.world(now), self.core.policy(), self.core.end());
        }
        // Also with a faulty journal: what is owed by durable facts is still told (house choice 3).
        let owed = self.core.due((self.clock)());
        owed.into_iter().for_each(|work| self.outside.work(work));
        goes_on
    }

    fn report(&mut self, committed: &Result<Vec<(Position, Recorded)>, Fault>) {
        match committed {
            Ok(facts) => {
                // A commit of nothing proves nothing: where there are no facts, a snapshot tries the disk.
                if self.is_faulty && (!facts.is_empty() || self.core.snapshot((self.clock)())) {
                    self.is_faulty = false;
                    self.outside.fault(None);
                }
                if !facts.is_empty() {
                    self.outside.facts(facts);
                }
            }
            Err(fault) => {
                if !self.is_faulty {
                    self.outside.fault(Some(fault));
                }
                self.is_faulty = true;
            }
        }
    }
}
