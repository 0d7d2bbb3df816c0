//! The town: the loop around the core with a pushed clock. Probes look, steps and deliveries take their time, power fails.

use super::shop::{self, SIGHTS};
use domain::{
    advance_groups,
    agenda::Agenda,
    command::{Command, Refusal, StepReport},
    decide,
    due::{self, Effect},
    fact::{Delivery, Fact, Recorded},
    ids::{AlertKey, RunId, StepName},
    plan::{Outcome, Role},
    policy::Policy,
    quiet::Quiet,
    reading::{Observation, Reading},
    state::State,
    watch::Watch,
    world::World,
};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// Time between two looks of a probe.
const EVERY: SignedDuration = SignedDuration::from_secs(15);
/// Facts that may follow from one command by themselves; more would be a chain without end.
const CHAIN: usize = 1000;

/// How steps go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steps {
    /// They work, and what they repair is well.
    Work,
    /// They say that they worked, and nothing is better.
    Pretend,
    Fail,
    Hang,
    /// Nobody ever hears of them again.
    Vanish,
}

/// How deliveries go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channels {
    Work,
    Fail,
    /// The first way of every notice will never work.
    FirstIsHopeless,
}

enum Happening {
    Look(usize),
    Report(Command),
}

/// The loop and what is around it.
pub struct Town {
    pub state: State,
    pub now: Timestamp,
    pub facts: Vec<Recorded>,
    pub steps: Steps,
    pub channels: Channels,
    /// What each probe would see; none: it cannot look.
    pub sees: [Option<f64>; SIGHTS.len()],
    watch: Watch,
    quiet: Quiet,
    agenda: Agenda,
    pub policy: Policy,
    in_flight: BTreeSet<Effect>,
    happenings: BTreeMap<(Timestamp, u64), Happening>,
    count: u64,
    silence_checked: Timestamp,
}

impl Town {
    /// All is well, and hikeshi has just started.
    pub fn new() -> Self {
        Self::under(shop::policy())
    }

    /// The same under a policy of its own.
    pub fn under(policy: Policy) -> Self {
        let now = Timestamp::from_second(1_795_284_000).expect("a time in November 2026");
        let mut town = Self {
            state: State::default(),
            now,
            facts: Vec::new(),
            steps: Steps::Work,
            channels: Channels::Work,
            sees: SIGHTS.map(|sight| Some(sight.good)),
            watch: Watch::new(now),
            quiet: Quiet::default(),
            agenda: Agenda::default(),
            policy,
            in_flight: BTreeSet::new(),
            happenings: BTreeMap::new(),
            count: 0,
            silence_checked: now,
        };
        for probe in 0..SIGHTS.len() {
            town.later(SignedDuration::from_secs(probe as i64), Happening::Look(probe));
        }
        town.command(&boot()).expect("a start is never refused");
        town
    }

    /// What deciding looks at now.
    pub fn world(&self) -> World<'_> {
        let (state, policy, quiet) = (&self.state, &self.policy, &self.quiet);
        World { state, policy, watch: &self.watch, quiet, now: self.now }
    }

    fn later(&mut self, wait: SignedDuration, happening: Happening) {
        self.count += 1;
        self.happenings.insert((self.now + wait, self.count), happening);
    }

    /// One round of the loop: decide, fold, let follow what follows, hand out what is owed.
    pub fn command(&mut self, command: &Command) -> Result<(), Refusal> {
        if let Command::Observe(observation) = command {
            let state = &self.state;
            let verdicts = self.watch.take(&self.policy, observation, |key| state.firing_band(key));
            for verdict in verdicts {
                let facts = decide::judge(&self.world(), &verdict);
                self.fold(facts);
            }
        }
        if let Command::Hear { integration, signals } = command {
            let heard = advance_groups::hear(&self.world(), integration, signals);
            self.fold(heard.facts);
            for (signal, span) in heard.again {
                self.watch.heard.again(&signal, span, self.now);
            }
        }
        let decided = decide::decide(&self.world(), command).map(|facts| self.fold(facts));
        self.follow();
        self.hand_out();
        decided
    }

    fn fold(&mut self, facts: Vec<Fact>) {
        for fact in facts {
            let recorded = Recorded { at: self.now, fact };
            self.state.apply(&recorded);
            let (fact, at) = (&recorded.fact, recorded.at);
            self.watch.heard.follow(fact, at);
            self.agenda.follow(fact, &self.state, &self.policy, at);
            for key in self.quiet.follow(fact, &self.state, &self.policy) {
                self.agenda.loud(key, &self.state);
            }
            self.facts.push(recorded);
        }
    }

    fn follow(&mut self) {
        if self.now.duration_since(self.silence_checked).abs() >= SignedDuration::from_secs(1) {
            self.silence_checked = self.now;
            for verdict in self.watch.silence(&self.policy, self.now) {
                let facts = decide::judge(&self.world(), &verdict);
                self.fold(facts);
            }
        }
        let over = self.watch.heard.expired(&self.state.signals, self.now);
        self.fold(advance_groups::ended_fact(over, true).into_iter().collect());
        self.agenda.begin_round(&self.state);
        for _ in 0..CHAIN {
            let (state, policy, quiet) = (&self.state, &self.policy, &self.quiet);
            let world = World { state, policy, watch: &self.watch, quiet, now: self.now };
            let facts = decide::advance(&world, &mut self.agenda);
            if facts.is_empty() {
                return;
            }
            self.fold(facts);
        }
        panic!("a chain without end: {:#?}", &self.facts[self.facts.len() - 6..]);
    }

    fn hand_out(&mut self) {
        let owed: BTreeSet<_> = due::due(&self.world()).into_iter().collect();
        self.in_flight.retain(|effect| owed.contains(effect));
        for effect in owed {
            if self.in_flight.insert(effect.clone()) {
                self.perform(effect);
            }
        }
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Look { service, .. } => {
                let looks =
                    (0..SIGHTS.len()).filter(|probe| SIGHTS[*probe].service == service.as_str());
                looks.for_each(|probe| {
                    self.later(SignedDuration::from_millis(10), Happening::Look(probe))
                });
            }
            Effect::Tell { notice, attempt } => {
                let is_first =
                    self.state.notices.get(&notice).is_some_and(|notice| notice.way == 0);
                let (outcome, detail) = match self.channels {
                    Channels::Work => (Delivery::Delivered, "ok"),
                    Channels::FirstIsHopeless if is_first => (Delivery::Hopeless, "no such user"),
                    Channels::FirstIsHopeless => (Delivery::Delivered, "ok"),
                    Channels::Fail => (Delivery::TryAgain, "connection refused"),
                };
                let report = Command::NoticeSettled {
                    notice,
                    attempt,
                    outcome,
                    detail: detail.into(),
                    receipt: None,
                    wait_ms: None,
                };
                self.later(SignedDuration::from_millis(200), Happening::Report(report));
            }
            Effect::Step { run, step, attempt } => self.perform_step(run, step, attempt),
        }
    }

    fn perform_step(&mut self, run: RunId, step: StepName, attempt: u32) {
        let planned = &self.state.runs[&run].planned;
        let (target, role) =
            (planned.target.clone(), self.state.runs[&run].brief(&step).map(|brief| brief.role));
        let sights: Vec<_> =
            (0..SIGHTS.len()).filter(|probe| SIGHTS[*probe].service == target.as_str()).collect();
        let is_well = sights.iter().all(|probe| self.sees[*probe] == Some(SIGHTS[*probe].good));
        let failed = || Outcome::Failed("exit code 1".into());
        let (wait, outcome) = match (self.steps, role) {
            (Steps::Work, Some(Role::Respond)) => {
                sights.iter().for_each(|probe| self.sees[*probe] = Some(SIGHTS[*probe].good));
                (1, Outcome::Ok)
            }
            (Steps::Work | Steps::Pretend, Some(Role::Verify)) if !is_well => (1, failed()),
            (Steps::Work | Steps::Pretend, _) => (1, Outcome::Ok),
            (Steps::Fail, _) => (1, failed()),
            (Steps::Hang, _) => (20, Outcome::Timeout),
            (Steps::Vanish, _) => return,
        };
        let report = Command::StepSettled { run, step, attempt, report: StepReport::of(outcome) };
        self.later(SignedDuration::from_secs(wait), Happening::Report(report));
    }

    /// Lets time pass; what happens in it happens at its time.
    pub fn pass(&mut self, duration: SignedDuration) {
        let end = self.now + duration;
        loop {
            let event = self.happenings.first_key_value().map(|((at, _), _)| *at);
            let timer = due::next_wakeup(&self.world(), &self.agenda);
            let Some(next) = [event, timer].into_iter().flatten().min().filter(|at| *at <= end)
            else {
                break;
            };
            self.now = self.now.max(next);
            match self
                .happenings
                .first_entry()
                .filter(|entry| entry.key().0 <= self.now)
                .map(|entry| entry.remove())
            {
                Some(Happening::Look(probe)) => self.look(probe),
                Some(Happening::Report(command)) => drop(self.command(&command)),
                None => drop(self.command(&Command::Tick)),
            }
        }
        self.now = end;
        drop(self.command(&Command::Tick));
    }

    /// One look of a probe, now.
    pub fn look(&mut self, probe: usize) {
        let sight = SIGHTS[probe];
        let reading = self.sees[probe]
            .map_or_else(|| Reading::Failed("permission denied".into()), shop::reading);
        let seen =
            Observation::new(sight.probe, sight.service, self.now).with(sight.reading, reading);
        let has_next = self
            .happenings
            .values()
            .any(|next| matches!(next, Happening::Look(other) if *other == probe));
        if !has_next {
            self.later(EVERY, Happening::Look(probe));
        }
        drop(self.command(&Command::Observe(seen)));
    }

    /// The power fails: what was in the air is lost, what was written is folded afresh.
    pub fn crash(&mut self) {
        self.happenings.retain(|_, happening| matches!(happening, Happening::Look(_)));
        self.in_flight.clear();
        self.state = self.folded();
        self.watch = Watch::new(self.now);
        self.watch.heard.settle(&self.state.signals, self.policy.intake.resolve_timeout);
        self.quiet = Quiet::new(&self.state, &self.policy);
        self.agenda = Agenda::everything(&self.state, &self.policy);
        self.silence_checked = self.now;
        self.command(&boot()).expect("a start is never refused");
    }

    /// The configuration was read anew.
    pub fn reload(&mut self, policy: Policy) {
        self.policy = policy;
        self.quiet = Quiet::new(&self.state, &self.policy);
        self.agenda = Agenda::everything(&self.state, &self.policy);
        drop(self.command(&Command::Tick));
    }

    /// Whether an alert is quiet now.
    pub fn is_quiet(&self, key: &AlertKey) -> bool {
        self.quiet.is_quiet(&self.state, key)
    }

    /// What is quiet, followed fact by fact, and as a look at everything finds it.
    pub fn quiet_both_ways(&self) -> [Vec<(String, bool)>; 2] {
        [&self.quiet, &Quiet::new(&self.state, &self.policy)].map(|quiet| {
            let alerts = self.state.alerts.values().map(|alert| &alert.fired.key);
            let keys = alerts.chain(self.state.signals.groups().map(|(key, _)| key));
            let keys = keys.map(|key| (key.to_string(), quiet.is_quiet(&self.state, key)));
            let signals = self.state.signals.all().map(|signal| signal.fingerprint);
            let signals =
                signals.map(|number| (number.to_string(), quiet.of_signal(number).is_some()));
            let mut all: Vec<_> = keys.chain(signals).collect();
            all.sort();
            all
        })
    }

    /// What would follow now if everything that is open were looked at.
    pub fn left_over(&self) -> Vec<Fact> {
        decide::advance(&self.world(), &mut Agenda::everything(&self.state, &self.policy))
    }

    /// The state as the journal tells it: every fact through JSON, from the first.
    pub fn folded(&self) -> State {
        let mut state = State::default();
        for recorded in &self.facts {
            let json = serde_json::to_string(recorded).expect("plain data");
            state.apply(&serde_json::from_str(&json).expect("reads what was written"));
        }
        state
    }
}

fn boot() -> Command {
    Command::Boot { version: "0.1.0".into(), attached: Vec::new() }
}
