//! Runs the real engine core in the made-up world: probes look, steps and notices take their time, the clock is pushed.

use crate::{
    quieting::Quieting,
    reaching,
    read::{Does, Manner},
    scene::Scene,
    senders::{EVERY, Say, Sender},
};
use domain::{
    command::{Command, StepReport},
    component_state,
    fact::{Delivery, Fact, Miss, Recorded},
    ids::{Actor, ProbeName, SilenceId},
    plan::{Outcome, Role},
    policy::Policy,
    said::Said,
    signal::Told,
    values::Values,
};
use engine::{Core, Work, work::StepWork};
use jiff::{SignedDuration, Timestamp};
use journal::MemoryJournal;
use std::{collections::BTreeMap, sync::Arc};

/// How long a step takes in a story.
const STEP: SignedDuration = SignedDuration::from_millis(500);
/// How long telling takes.
const TELL: SignedDuration = SignedDuration::from_millis(200);
/// How long a phone rings in vain.
const RINGS: SignedDuration = SignedDuration::from_secs(30);

enum Event {
    Look(ProbeName),
    Speak(String),
    Report(Box<Command>),
}

/// A story under way.
pub(crate) struct World {
    pub(crate) scene: Scene,
    pub(crate) now: Timestamp,
    pub(crate) facts: Vec<Recorded>,
    pub(crate) refusal: Option<Said>,
    core: Core<MemoryJournal>,
    policy: Arc<Policy>,
    events: BTreeMap<(Timestamp, u64), Event>,
    count: u64,
    senders: BTreeMap<String, Sender>,
    newest_silence: Option<SilenceId>,
}

impl World {
    /// At three in the morning everything is well.
    pub(crate) fn new(
        policy: Arc<Policy>,
        every: BTreeMap<ProbeName, SignedDuration>,
        now: Timestamp,
    ) -> Result<Self, String> {
        let scene = Scene::new(&policy, every);
        let core = Core::open(MemoryJournal::default(), policy.clone(), now)
            .map_err(|error| error.to_string())?;
        let mut world = Self {
            scene,
            now,
            facts: Vec::new(),
            refusal: None,
            core,
            policy,
            events: BTreeMap::new(),
            count: 0,
            senders: BTreeMap::new(),
            newest_silence: None,
        };
        for probe in world.scene.every.keys().cloned().collect::<Vec<_>>() {
            world.later(SignedDuration::ZERO, Event::Look(probe));
        }
        world.command(Command::Boot { version: "story".into(), attached: Vec::new() });
        Ok(world)
    }

    fn later(&mut self, wait: SignedDuration, event: Event) {
        self.count += 1;
        let at = self.now.saturating_add(wait).unwrap_or(Timestamp::MAX);
        self.events.insert((at, self.count), event);
    }

    /// Carries out a command now; a refusal is kept for `refused`.
    pub(crate) fn command(&mut self, command: Command) {
        self.refusal = self.core.take(&command, self.now).err().map(|refusal| refusal.said);
        self.commit();
    }

    fn commit(&mut self) {
        match self.core.commit(self.now) {
            Ok(durable) => self.facts.extend(durable.into_iter().map(|(_, recorded)| recorded)),
            Err(fault) => self.refusal = Some(Said::same(fault.to_string())),
        }
        for work in self.core.due(self.now) {
            self.perform(work);
        }
    }

    fn perform(&mut self, work: Work) {
        match work {
            Work::Look(service) => {
                for probe in self.scene.probes_of(&service) {
                    self.later(SignedDuration::from_millis(10), Event::Look(probe));
                }
            }
            Work::Step(step) => self.perform_step(&step),
            Work::Tell(tell) => {
                let manner = self.scene.channel(tell.way.channel.as_str());
                let (outcome, detail) = match manner {
                    Manner::Works | Manner::RingsInVain => (Delivery::Delivered, "ok"),
                    Manner::Fails => (Delivery::TryAgain, "connection refused"),
                    Manner::Refuses => (Delivery::Hopeless, "HTTP 401"),
                    Manner::Busy(_) => (Delivery::TryAgain, "HTTP 429"),
                };
                let wait_ms = match manner {
                    Manner::Busy(wait) => u64::try_from(wait.as_millis()).ok(),
                    _ => None,
                };
                let command = Command::NoticeSettled {
                    notice: tell.notice.id,
                    attempt: tell.attempt,
                    outcome,
                    detail: detail.into(),
                    receipt: None,
                    wait_ms,
                };
                self.later(TELL, Event::Report(Box::new(command)));
                if manner == Manner::RingsInVain {
                    let missed = Command::MissNotice {
                        notice: tell.notice.id,
                        channel: tell.way.channel.clone(),
                        receipt: None,
                        miss: Miss::Unanswered,
                        detail: "no-answer".into(),
                        by: Actor::System(tell.way.channel.to_string()),
                    };
                    // Services say such things more than once.
                    self.later(RINGS, Event::Report(Box::new(missed.clone())));
                    self.later(RINGS, Event::Report(Box::new(missed)));
                }
            }
        }
    }

    fn perform_step(&mut self, work: &StepWork) {
        let brief = work.planned.steps.iter().find(|step| step.name == work.step);
        let Some(brief) = brief else { return };
        let target = &work.planned.target;
        let does = self.scene.step(work.step.as_str());
        let missing = self.value_missing(work);
        let (wait, outcome) = match does {
            _ if missing.is_some() => {
                let name = missing.unwrap_or_default();
                (STEP, Outcome::Blocked(format!("there is no value for {name}").into()))
            }
            Does::Hangs => (
                SignedDuration::from_millis(i64::try_from(brief.timeout_ms).unwrap_or(i64::MAX)),
                Outcome::Timeout,
            ),
            Does::Fails => (STEP, Outcome::Failed("exit code 1".into())),
            Does::Works if brief.role == Role::Verify && self.scene.is_bad(target) => {
                (STEP, Outcome::Failed("exit code 7".into()))
            }
            Does::Exits(code) if code != 0 => {
                (STEP, Outcome::Failed(format!("exit code {code}").into()))
            }
            Does::Works | Does::Exits(_) => (STEP, Outcome::Ok),
        };
        let exit = match does {
            Does::Exits(code) => Some(code),
            _ => None,
        };
        if brief.role == Role::Respond && outcome == Outcome::Ok {
            self.scene.heal(target);
        }
        let (run, step, attempt) = (work.planned.id, work.step.clone(), work.attempt);
        let report = StepReport {
            exit,
            captured: self.scene.gives(work.step.as_str()),
            ..StepReport::of(outcome)
        };
        let command = Command::StepSettled { run, step, attempt, report };
        self.later(wait, Event::Report(Box::new(command)));
    }

    /// A name of the step without a value: nothing begins then, as with the real performer.
    fn value_missing(&self, work: &StepWork) -> Option<&str> {
        let (target, given) = (&work.planned.target, &work.planned.parameters);
        let plan = self.policy.plan(&work.planned.runbook)?;
        let values = Values { plan, target, service: self.policy.graph.get(target), given };
        let is_there = |name: &str| values.find(name).is_some() || values.derived(name).is_some();
        plan.step(&work.step)?.uses.iter().map(String::as_str).find(|name| !is_there(name))
    }

    /// What `hikeshi doctor` would name now.
    pub(crate) fn findings(&self) -> Vec<String> {
        reaching::findings(&self.core.world(self.now))
    }

    /// What the status page would show now: the names of the components, and how they are.
    pub(crate) fn page(&self) -> Vec<(String, &'static str)> {
        let Some(page) = &self.policy.status_page else { return Vec::new() };
        let conditions = component_state::conditions(&self.core.world(self.now), page);
        let all = page.components.iter().zip(conditions);
        all.map(|(component, now)| (component.name.en.clone(), now.state.word())).collect()
    }

    /// Lets time pass: everything that happens in it happens at its time.
    pub(crate) fn pass(&mut self, duration: SignedDuration) {
        self.pass_until(duration, |_| false);
    }

    /// Lets time pass until the facts so far are enough; at most `limit`. Says whether they are.
    pub(crate) fn pass_until(
        &mut self,
        limit: SignedDuration,
        enough: impl Fn(&[Recorded]) -> bool,
    ) -> bool {
        let end = self.now.saturating_add(limit).unwrap_or(Timestamp::MAX);
        while !enough(&self.facts) {
            let event = self.events.first_key_value().map(|((at, _), _)| *at);
            let timer = self.core.next_wakeup(self.now);
            let next = [event, timer].into_iter().flatten().min().filter(|at| *at <= end);
            let Some(next) = next else {
                self.now = end;
                self.command(Command::Tick);
                return enough(&self.facts);
            };
            self.now = self.now.max(next);
            match self.events.first_entry().filter(|entry| entry.key().0 <= self.now) {
                Some(entry) => {
                    let event = entry.remove();
                    self.happen(event);
                }
                None => self.command(Command::Tick),
            }
        }
        true
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Look(probe) => {
                let seen = self.scene.look(&probe, self.now);
                let every =
                    self.scene.every.get(&probe).copied().unwrap_or(SignedDuration::from_secs(10));
                // A look out of turn does not add a second rhythm.
                let has_next = self
                    .events
                    .values()
                    .any(|event| matches!(event, Event::Look(other) if *other == probe));
                if !has_next {
                    self.later(every, Event::Look(probe));
                }
                self.command(seen.map_or(Command::Tick, Command::Observe));
            }
            Event::Speak(name) => {
                let told =
                    self.senders.get(&name).map(|one| one.speak(self.now)).unwrap_or_default();
                self.hear(&name, told);
                self.later(EVERY, Event::Speak(name));
            }
            Event::Report(command) => self.command(*command),
        }
    }

    /// hikeshi is killed: what was in the air is lost, what is durable is folded afresh.
    pub(crate) fn restart(&mut self) -> Result<(), String> {
        self.events.retain(|_, event| !matches!(event, Event::Report(_)));
        let journal = std::mem::take(self.core.journal_mut());
        self.core = Core::open(journal, self.policy.clone(), self.now)
            .map_err(|error| error.to_string())?;
        self.command(Command::Boot { version: "story".into(), attached: Vec::new() });
        Ok(())
    }

    /// hikeshi is not there for a time: nobody looks, and what is said reaches nobody.
    pub(crate) fn away(&mut self, time: SignedDuration) -> Result<(), String> {
        self.now = self.now.saturating_add(time).unwrap_or(Timestamp::MAX);
        self.restart()
    }

    /// Another system speaks.
    pub(crate) fn say(&mut self, name: &str, say: &Say) {
        if !self.senders.contains_key(name) {
            self.senders.insert(name.to_owned(), Sender::default());
            self.later(EVERY, Event::Speak(name.to_owned()));
        }
        let now = self.now;
        let Some(sender) = self.senders.get_mut(name) else { return };
        let told = match say {
            Say::Sends(alerts) => {
                sender.fire(alerts, now);
                sender.speak(now)
            }
            Say::Resolves(alerts) => sender.resolve(alerts, now),
            Say::Nothing(time) => {
                sender.is_mute = true;
                self.pass(*time);
                self.senders.entry(name.to_owned()).or_default().is_mute = false;
                return;
            }
        };
        self.hear(name, told);
    }

    fn hear(&mut self, name: &str, signals: Vec<Told>) {
        if !signals.is_empty() {
            self.command(Command::Hear { integration: name.into(), signals });
        }
    }

    /// A person wants quiet, or no more.
    pub(crate) fn quieting(&mut self, quieting: &Quieting) -> Result<(), String> {
        let newest = self.newest_silence.take();
        let (command, id) = quieting.command(&self.policy.graph, self.now, newest)?;
        self.newest_silence = Some(id);
        self.command(command);
        Ok(())
    }

    pub(crate) fn set_disk_full(&mut self, is_full: bool) {
        self.core.journal_mut().is_full = is_full;
    }

    /// Everything that was owed to be told, as one text per notice.
    pub(crate) fn notices(&self) -> Vec<String> {
        let text = |recorded: &Recorded| match &recorded.fact {
            Fact::NoticeOwed(owed) => {
                let to = owed.to.as_ref().map_or_else(|| "room".to_owned(), ToString::to_string);
                let way = owed.ways.first().map(|way| way.channel.to_string()).unwrap_or_default();
                Some(format!("{way} to {to}: {}\n{}", owed.subject, owed.body))
            }
            _ => None,
        };
        self.facts.iter().filter_map(text).collect()
    }
}
