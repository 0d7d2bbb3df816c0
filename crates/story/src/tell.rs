//! Plays a story line by line and says where it went otherwise.

use crate::{
    read::{Act, Line, Story},
    world::World,
};
use config::Loaded;
use domain::{
    command::Command,
    fact::{Recorded, RootCause},
    ids::{Actor, IncidentId},
    tell::tell,
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use std::sync::Arc;

/// How a story ended.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// What went otherwise; none: everything as told.
    pub failure: Option<String>,
    /// Everything that happened, one line each.
    pub transcript: Vec<String>,
}

/// 03:00 in Tokyo on a Sunday.
const START: i64 = 1_795_284_000;
/// `pass until` waits no longer than this.
const PATIENCE: SignedDuration = SignedDuration::from_hours(24);

/// Plays a story over a configuration.
pub fn play(story: &Story, loaded: &Loaded) -> Verdict {
    let every = loaded.probes.iter().map(|spec| (spec.name.clone(), spec.every)).collect();
    let start = Timestamp::from_second(START).unwrap_or_default();
    let mut teller = match World::new(Arc::new(loaded.policy.clone()), every, start) {
        Ok(world) => Teller { world, found: 0, last_when: start, zone: loaded.policy.zone.clone() },
        Err(error) => return Verdict { failure: Some(error), transcript: Vec::new() },
    };
    // A minute in which everything is well, so that probes have been seen good.
    teller.world.pass(SignedDuration::from_secs(60));
    teller.last_when = teller.world.now;
    let failure = story.lines.iter().find_map(|(number, line)| {
        teller.line(line).err().map(|why| format!("line {number}: {why}"))
    });
    let transcript = teller.world.facts.iter().map(|recorded| teller.shown(recorded)).collect();
    Verdict { failure, transcript }
}

struct Teller {
    world: World,
    /// Facts up to here were found by an `expect`.
    found: usize,
    last_when: Timestamp,
    zone: TimeZone,
}

impl Teller {
    fn line(&mut self, line: &Line) -> Result<(), String> {
        if !line.asks() {
            self.last_when = self.world.now;
        }
        match line {
            Line::Down(service, fault) => self.world.scene.set_down(service, *fault),
            Line::Reads(probe, reading, value, heals) => {
                self.world.scene.set_value(probe, reading, value, *heals)
            }
            Line::Until(text) => self.until(text),
            Line::Restart => self.world.restart(),
            Line::Away(time) => self.world.away(*time),
            Line::Quiet(quieting) => self.world.quieting(quieting),
            Line::Person(name, act) => self.person(name, act),
            Line::Arrives(arrival) => {
                self.world.command(arrival.command());
                Ok(())
            }
            Line::Expect(within, text) => self.expect(*within, text),
            Line::Never(text) => self.never(text, 0),
            Line::NeverAgain(text) => self.never(text, self.found),
            Line::Told(text) => self.told(text),
            Line::NeverTold(text) => self.never_told(text),
            Line::Refused(text) => self.refused(text),
            Line::Doctor(names, text) => self.doctor(*names, text),
            Line::Page(component, state) => self.page(component, state),
            line => {
                self.change(line);
                Ok(())
            }
        }
    }

    /// What cannot go wrong.
    fn change(&mut self, line: &Line) {
        match line {
            Line::Recovers(name) => self.world.scene.recover(name),
            Line::Silent(probe) => self.world.scene.silence(probe),
            Line::Step(step, does) => self.world.scene.set_step(step, *does),
            Line::Gives(step, pairs) => self.world.scene.set_gives(step, pairs),
            Line::Channel(channel, manner) => self.world.scene.set_channel(channel, *manner),
            Line::Disk(is_full) => self.world.set_disk_full(*is_full),
            Line::Pass(duration) => self.world.pass(*duration),
            Line::Sender(name, say) => self.world.say(name, say),
            _ => {}
        }
    }

    fn refused(&self, text: &str) -> Result<(), String> {
        match &self.world.refusal {
            Some(said) if said.en.contains(text) || said.ja.contains(text) => Ok(()),
            Some(said) => Err(format!("refused, but with: {}", said.en)),
            None => Err("nothing was refused".into()),
        }
    }

    fn doctor(&self, names: bool, text: &str) -> Result<(), String> {
        let found = self.world.findings();
        match found.iter().find(|line| line.contains(text)) {
            Some(line) if !names => Err(format!("doctor names `{line}`")),
            None if names => Err(format!(
                "doctor does not name `{text}`; it names:\n    {}",
                found.join("\n    ")
            )),
            _ => Ok(()),
        }
    }

    fn page(&self, component: &str, state: &str) -> Result<(), String> {
        let shown = self.world.page();
        match shown.iter().find(|(name, _)| name == component) {
            Some((_, found)) if *found == state => Ok(()),
            Some((_, found)) => Err(format!("the page shows {component} as {found}")),
            None => Err(format!("the page has no {component}: {shown:?}")),
        }
    }

    fn person(&mut self, name: &str, act: &Act) -> Result<(), String> {
        let by = Actor::Person(name.to_owned());
        let id = |text: &str| text.parse::<IncidentId>();
        let command = match act {
            Act::Acknowledges(incident) => Command::Acknowledge { incident: id(incident)?, by },
            Act::Closes(incident, cause) => {
                let cause = RootCause { technical: cause.clone(), ..RootCause::default() };
                Command::Close { incident: id(incident)?, cause, unverified: String::new(), by }
            }
            Act::Teams(teaming) => teaming.command(by),
            Act::ClosesUnverified(incident, reason) => {
                let cause = RootCause { technical: reason.clone(), ..RootCause::default() };
                Command::Close { incident: id(incident)?, cause, unverified: reason.clone(), by }
            }
            Act::Notes(incident, text) => {
                Command::Note { incident: id(incident)?, text: text.clone(), by }
            }
            Act::Sets(incident, priority, reason) => Command::SetPriority {
                incident: id(incident)?,
                priority: *priority,
                reason: reason.clone(),
                by,
            },
            Act::Runs(runbook, service, dry_run) => Command::StartRun {
                runbook: runbook.as_str().into(),
                service: service.as_str().into(),
                dry_run: *dry_run,
                by,
            },
            Act::Recovers => Command::Recover { by },
            Act::Approves(id) => Command::Approve { id: *id, by },
            Act::Denies(id, reason) => Command::Deny { id: *id, reason: reason.clone(), by },
            Act::Answers(run, answer, reason) => {
                let (run, answer, reason) = (*run, *answer, reason.clone());
                Command::AnswerUnknown { run, asked: None, answer, reason, by }
            }
            Act::Ends(run, reason) => Command::CancelRun { run: *run, reason: reason.clone(), by },
            Act::Undoes(runbook, step, service) => Command::Undo {
                runbook: runbook.as_str().into(),
                step: step.as_str().into(),
                service: service.as_str().into(),
                by,
            },
            Act::Stops(hold, reason) => {
                Command::StopAutomation { reason: reason.clone(), hold: *hold, by }
            }
            Act::Promotes(runbook, to) => {
                Command::Promote { runbook: runbook.as_str().into(), to: *to, by }
            }
            Act::Resumes => Command::ResumeAutomation { by },
            Act::Shifts(shifting, reason) => shifting.command(self.world.now, reason, by),
            Act::Speaks(speaking) => speaking.command(by),
            Act::Reaches(reaching) => reaching.command(name, by),
            Act::Releases(target) => Command::ReleaseTarget { target: target.as_str().into(), by },
            Act::Opens(priority, title) => Command::OpenIncident {
                title: title.clone(),
                priority: *priority,
                service: None,
                by,
            },
        };
        self.world.command(command);
        Ok(())
    }

    fn shown(&self, recorded: &Recorded) -> String {
        let at = recorded.at.to_zoned(self.zone.clone());
        format!("{} {}", at.strftime("%H:%M:%S"), tell(&recorded.fact).en)
    }

    fn until(&mut self, text: &str) -> Result<(), String> {
        let start = self.world.facts.len();
        let came = |facts: &[Recorded]| facts[start..].iter().any(|fact| says(fact, text));
        match self.world.pass_until(PATIENCE, came) {
            true => Ok(()),
            false => Err(format!("`{text}` did not come within {PATIENCE:#}")),
        }
    }

    fn expect(&mut self, within: Option<SignedDuration>, text: &str) -> Result<(), String> {
        let rest = &self.world.facts[self.found..];
        let Some(index) = rest.iter().position(|recorded| says(recorded, text)) else {
            let seen: Vec<_> = rest.iter().map(|recorded| self.shown(recorded)).collect();
            return Err(format!(
                "`{text}` did not come; since the last `expect`:\n    {}",
                seen.join("\n    ")
            ));
        };
        let took = rest[index].at.duration_since(self.last_when);
        self.found += index + 1;
        match within.filter(|limit| took > *limit) {
            Some(limit) => Err(format!("`{text}` came after {took:#}, not within {limit:#}")),
            None => Ok(()),
        }
    }

    fn never(&self, text: &str, from: usize) -> Result<(), String> {
        match self.world.facts[from..].iter().find(|recorded| says(recorded, text)) {
            Some(recorded) => {
                Err(format!("`{text}` must not come, but did: {}", self.shown(recorded)))
            }
            None => Ok(()),
        }
    }

    fn told(&self, text: &str) -> Result<(), String> {
        let notices = self.world.notices();
        match notices.iter().any(|notice| notice.contains(text)) {
            true => Ok(()),
            false => Err(format!(
                "nobody was told `{text}`; told:\n    {}",
                notices.join("\n    ").replace('\n', "\n    ")
            )),
        }
    }

    fn never_told(&self, text: &str) -> Result<(), String> {
        match self.world.notices().iter().find(|notice| notice.contains(text)) {
            Some(notice) => Err(format!("`{text}` must not be told, but was: {notice}")),
            None => Ok(()),
        }
    }
}

/// Whether what happened has this text, in either language.
fn says(recorded: &Recorded, text: &str) -> bool {
    let said = tell(&recorded.fact);
    said.en.contains(text) || said.ja.contains(text)
}
