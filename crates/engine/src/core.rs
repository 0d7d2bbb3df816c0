//! The loop's body, one step at a time: take commands, commit them together, name what is owed.

use crate::work::{self, Work};
use domain::{
    advance_groups,
    agenda::Agenda,
    command::{Command, Refusal},
    decide, device,
    due::{self, Effect},
    fact::{Fact, Recorded},
    policy::Policy,
    quiet::Quiet,
    state::State,
    watch::Watch,
    world::World,
};
use jiff::Timestamp;
use journal::{Journal, JournalError, Position};
use std::{collections::BTreeSet, io::Write, sync::Arc};

/// A snapshot is worth its while after this many facts and signals, once there is a quiet moment.
const SNAPSHOT_EVERY: u64 = 20_000;
/// After this many it is taken even in the midst of work: a start must not take long.
const SNAPSHOT_AT_LAST: u64 = 2_000_000;
/// Facts that follow from one commit's commands by themselves; more than any honest chain, a bug otherwise.
const CHAIN_LIMIT: usize = 10_000;

/// Something that the operator must mend: the journal does not take facts.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Fault(#[from] pub JournalError);

/// State, what is seen, and the journal that makes it last.
pub struct Core<J> {
    journal: J,
    state: State,
    watch: Watch,
    quiet: Quiet,
    agenda: Agenda,
    /// The policy as it was configured.
    configured: Arc<Policy>,
    /// The same with the devices that people enrolled.
    policy: Arc<Policy>,
    /// Facts that are folded in and not yet durable. Nobody has heard of them.
    fresh: Vec<Recorded>,
    /// Outcomes that performers reported since the last durable append. Nobody reports them twice, so they are kept
    /// until the journal has them.
    outcomes: Vec<Command>,
    /// Whether [`Command::Boot`] has settled what was under way in an earlier life. Before that nothing follows and
    /// nothing is handed out: a step that a crash cut off must never be performed as if it were new.
    is_booted: bool,
    /// Where the durable journal ends for this writer.
    end: Position,
    /// Handed out and not answered.
    in_flight: BTreeSet<Effect>,
    /// Facts and signals since the last snapshot.
    unsaved: u64,
    last_silence_check: Timestamp,
}

impl<J: Journal> Core<J> {
    /// Folds the journal: the newest snapshot, then every fact after it.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn open(journal: J, policy: Arc<Policy>, now: Timestamp) -> Result<Self, Fault> {
        let mut core = Self {
            journal,
            state: State::default(),
            watch: Watch::new(now),
            quiet: Quiet::default(),
            agenda: Agenda::default(),
            configured: policy.clone(),
            policy,
            fresh: Vec::new(),
            outcomes: Vec::new(),
            is_booted: false,
            end: 0,
            in_flight: BTreeSet::new(),
            unsaved: 0,
            last_silence_check: now,
        };
        core.fold()?;
        core.watch.heard.settle(&core.state.signals, core.policy.intake.resolve_timeout);
        Ok(core)
    }

    fn fold(&mut self) -> Result<(), Fault> {
        self.fresh.clear();
        (self.state, self.end) = match self.journal.load_snapshot()? {
            // A snapshot of another version is no loss: everything is in the journal.
            Some((at, bytes)) => {
                serde_json::from_slice(&bytes).map_or((State::default(), 0), |state| (state, at))
            }
            None => (State::default(), 0),
        };
        loop {
            let entries = self.journal.read(self.end, 50_000)?;
            let Some(last) = entries.last().map(|entry| entry.position) else {
                self.look_at_everything();
                return Ok(());
            };
            for entry in &entries {
                self.state.apply(&entry.recorded);
                self.unsaved += weight(&entry.recorded.fact);
            }
            self.end = last + 1;
        }
    }

    fn look_at_everything(&mut self) {
        self.enrol();
        self.quiet = Quiet::new(&self.state, &self.policy);
        self.agenda = Agenda::everything(&self.state, &self.policy);
    }

    /// Devices that enrolled are addresses like those in the configuration.
    fn enrol(&mut self) {
        self.policy = match self.state.devices.all.is_empty() {
            true => self.configured.clone(),
            false => Arc::new(device::enrolled((*self.configured).clone(), &self.state.devices)),
        };
    }

    /// What is open now.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The policy.
    pub fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// What is seen now.
    pub fn watch(&self) -> &Watch {
        &self.watch
    }

    /// Where the durable journal ends.
    pub fn end(&self) -> Position {
        self.end
    }

    /// From now on another policy decides. What is open keeps what it was told.
    pub fn set_policy(&mut self, policy: Arc<Policy>, now: Timestamp) {
        for probe in policy.probes.keys().filter(|name| !self.policy.probes.contains_key(*name)) {
            self.watch.expect_from(probe, now);
        }
        self.configured = policy;
        self.look_at_everything();
    }

    /// The journal, to inspect or to make it fail in tests.
    pub fn journal_mut(&mut self) -> &mut J {
        &mut self.journal
    }

    /// What a decision at this time would be made from.
    pub fn world(&self, now: Timestamp) -> World<'_> {
        let (state, policy) = (&self.state, &*self.policy);
        World { state, policy, watch: &self.watch, quiet: &self.quiet, now }
    }

    /// Decides one command. Its facts count only after [`Core::commit`].
    ///
    /// # Errors
    /// The refusal.
    pub fn take(&mut self, command: &Command, now: Timestamp) -> Result<(), Refusal> {
        if let Command::Observe(observation) = command {
            let (state, policy) = (&self.state, &self.policy);
            let verdicts = self.watch.take(policy, observation, |key| state.firing_band(key));
            for verdict in verdicts {
                let facts = decide::judge(&self.world(now), &verdict);
                self.fold_in(facts, now);
            }
            return Ok(());
        }
        if let Command::Hear { integration, signals } = command {
            let heard = advance_groups::hear(&self.world(now), integration, signals);
            self.fold_in(heard.facts, now);
            for (signal, span) in heard.again {
                self.watch.heard.again(&signal, span, now);
            }
            return Ok(());
        }
        let facts = decide::decide(&self.world(now), command)?;
        if let Command::Boot { attached, .. } = command {
            self.is_booted = true;
            // They are under way already: nobody else may be asked to perform them.
            self.in_flight.extend(attached.iter().map(|one| Effect::Step {
                run: one.run,
                step: one.step.clone(),
                attempt: one.attempt,
            }));
        }
        self.fold_in(facts, now);
        if is_outcome(command) {
            self.outcomes.push(command.clone());
        }
        Ok(())
    }

    /// What was done while the journal took nothing did happen: the state knows of it, so that a page is tried again
    /// and on its next way, and it goes into the journal with the first append that works.
    fn retake_outcomes(&mut self, now: Timestamp) {
        for command in std::mem::take(&mut self.outcomes) {
            // An outcome is never refused: one that says nothing new brings no facts.
            let _ = self.take(&command, now);
        }
    }

    fn fold_in(&mut self, facts: Vec<Fact>, now: Timestamp) {
        for fact in facts {
            let recorded = Recorded { at: now, fact };
            self.state.apply(&recorded);
            self.beside(&recorded);
            self.fresh.push(recorded);
        }
    }

    /// What lies beside the state follows the fact: what was heard, what is quiet, what is looked at next.
    fn beside(&mut self, recorded: &Recorded) {
        let (fact, at) = (&recorded.fact, recorded.at);
        if matches!(fact, Fact::DeviceAdded(_) | Fact::DeviceRemoved(_)) {
            self.look_at_everything();
        }
        self.watch.heard.follow(fact, at);
        self.agenda.follow(fact, &self.state, &self.policy, at);
        for key in self.quiet.follow(fact, &self.state, &self.policy) {
            self.agenda.loud(key, &self.state);
        }
    }

    /// Lets everything follow that follows, makes all of it durable in one append, and returns what is durable now.
    /// Where nothing happened, nothing is written.
    ///
    /// # Errors
    /// The journal did not take it: the state is folded afresh from what is durable, as if the commands had not come.
    pub fn commit(&mut self, now: Timestamp) -> Result<Vec<(Position, Recorded)>, Fault> {
        self.follow(now);
        if self.fresh.is_empty() {
            self.outcomes.clear();
            return Ok(Vec::new());
        }
        let first = self.end;
        match self.journal.append(first, &self.fresh) {
            Ok(end) => self.end = end,
            Err(error) => {
                let is_boot =
                    |recorded: &Recorded| matches!(recorded.fact, Fact::EngineStarted { .. });
                self.is_booted &= !self.fresh.iter().any(is_boot);
                self.fold()?;
                self.retake_outcomes(now);
                return Err(error.into());
            }
        }
        self.outcomes.clear();
        let durable: Vec<_> = (first..).zip(self.fresh.drain(..)).collect();
        self.unsaved += durable.iter().map(|(_, recorded)| weight(&recorded.fact)).sum::<u64>();
        if self.unsaved >= SNAPSHOT_AT_LAST {
            self.snapshot(now);
        }
        Ok(durable)
    }

    fn follow(&mut self, now: Timestamp) {
        if !self.is_booted {
            return;
        }
        // Silence is judged once a second at most: it takes a walk over all probes.
        if now.duration_since(self.last_silence_check).as_millis().abs() >= 1000 {
            self.last_silence_check = now;
            for verdict in self.watch.silence(&self.policy, now) {
                let facts = decide::judge(&self.world(now), &verdict);
                self.fold_in(facts, now);
            }
        }
        let over = self.watch.heard.expired(&self.state.signals, now);
        self.fold_in(advance_groups::ended_fact(over, true).into_iter().collect(), now);
        self.agenda.begin_round(&self.state);
        for _ in 0..CHAIN_LIMIT {
            let (state, policy) = (&self.state, &*self.policy);
            let world = World { state, policy, watch: &self.watch, quiet: &self.quiet, now };
            let facts = decide::advance(&world, &mut self.agenda);
            if facts.is_empty() {
                return;
            }
            self.fold_in(facts, now);
        }
        // A chain without end would be a bug in the core. The rest follows with the next command; say so loudly.
        tracing::error!(
            "bug: more than {CHAIN_LIMIT} facts follow from one commit; please report this journal"
        );
    }

    /// Whether a quiet moment should be used for a snapshot.
    pub fn wants_snapshot(&self) -> bool {
        self.unsaved >= SNAPSHOT_EVERY
    }

    /// Keeps a snapshot, so that the next start is fast. A failure costs only that. Returns whether it was written.
    pub fn snapshot(&mut self, now: Timestamp) -> bool {
        self.state.forget_before(now);
        let state = &self.state;
        let mut write = |out: &mut dyn Write| Ok(serde_json::to_writer(out, state)?);
        match self.journal.save_snapshot(self.end, &mut write) {
            Ok(()) => {
                self.unsaved = 0;
                true
            }
            Err(error) => {
                tracing::warn!("no snapshot of the state was kept: {error}");
                false
            }
        }
    }

    /// Work that is owed and not yet handed out. Everything in it follows from durable facts only.
    pub fn due(&mut self, now: Timestamp) -> Vec<Work> {
        if !self.is_booted {
            return Vec::new();
        }
        let world = self.world(now);
        let owed: BTreeSet<_> = due::due(&world).into_iter().collect();
        let is_new =
            |effect: &&Effect| !self.in_flight.contains(*effect) && !due::must_wait(effect, &world);
        let new: Vec<_> = owed.iter().filter(is_new).cloned().collect();
        self.in_flight.retain(|effect| owed.contains(effect));
        let work = new
            .iter()
            .filter_map(|effect| work::fill(effect, &self.state, self.policy.language))
            .collect();
        self.in_flight.extend(new);
        work
    }

    /// When something follows from time alone.
    pub fn next_wakeup(&self, now: Timestamp) -> Option<Timestamp> {
        due::next_wakeup(&self.world(now), &self.agenda)
    }
}

/// What a fact costs to be folded again.
fn weight(fact: &Fact) -> u64 {
    match fact {
        Fact::SignalsRaised { signals, .. } => signals.len() as u64,
        _ => 1,
    }
}

/// Whether a command reports what was done outside.
fn is_outcome(command: &Command) -> bool {
    matches!(
        command,
        Command::StepStarted { .. } | Command::StepSettled { .. } | Command::NoticeSettled { .. }
    )
}
