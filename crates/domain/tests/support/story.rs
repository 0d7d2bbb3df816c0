//! Random stories: what fails, what people do, what comes back from the shell, how time goes.

use super::{
    others::{self, Word},
    shop::SIGHTS,
    town::{Channels, Steps, Town},
};
use domain::{
    command::{Command, StepReport},
    fact::{Delivery, RootCause},
    ids::{Actor, IncidentId, NoticeId, RunId},
    plan::Outcome,
    severity::Priority,
};
use jiff::SignedDuration;
use proptest::{collection::vec, prelude::*};

/// One thing that happens.
#[derive(Clone, Debug)]
pub enum Act {
    /// From now on a probe sees trouble, sees none, or cannot look.
    See(usize, Option<bool>),
    /// How steps go from now on.
    Steps(Steps),
    /// How deliveries go from now on.
    Channels(Channels),
    /// Seconds go by.
    Pass(i64),
    /// A person does something, or the shell reports something, perhaps about a thing that is not there.
    Command(Box<Command>),
    Crash,
    /// Another system speaks.
    Hear(Word),
    /// Somebody wants quiet for so many seconds.
    Silence(usize, i64),
    /// The silence with this number ends.
    EndSilence(usize),
}

impl Act {
    /// Lets it happen.
    pub fn play(&self, town: &mut Town) {
        match self {
            Self::See(probe, trouble) => {
                let sight = SIGHTS[*probe];
                town.sees[*probe] =
                    trouble.map(|is_bad| if is_bad { sight.bad } else { sight.good });
            }
            Self::Steps(steps) => town.steps = *steps,
            Self::Channels(channels) => town.channels = *channels,
            Self::Pass(seconds) => town.pass(SignedDuration::from_secs(*seconds)),
            // A refusal is an answer.
            Self::Command(command) => drop(town.command(command)),
            Self::Crash => town.crash(),
            Self::Hear(word) => drop(town.command(&word.command(town.now))),
            Self::Silence(which, seconds) => {
                drop(town.command(&others::silence(*which, *seconds, town.now)))
            }
            Self::EndSilence(which) => drop(town.command(&others::end_silence(town, *which))),
        }
    }
}

/// A story of up to so many acts.
pub fn story(acts: usize) -> impl Strategy<Value = Vec<Act>> {
    vec(act(), 1..acts)
}

fn act() -> impl Strategy<Value = Act> {
    let steps = [Steps::Work, Steps::Pretend, Steps::Fail, Steps::Hang, Steps::Vanish];
    let channels = [Channels::Work, Channels::Fail, Channels::FirstIsHopeless];
    let sight = prop_oneof![6 => Just(Some(true)), 3 => Just(Some(false)), 1 => Just(None)];
    prop_oneof![
        6 => (0..SIGHTS.len(), sight).prop_map(|(probe, trouble)| Act::See(probe, trouble)),
        2 => prop::sample::select(steps.to_vec()).prop_map(Act::Steps),
        1 => prop::sample::select(channels.to_vec()).prop_map(Act::Channels),
        8 => prop_oneof![4 => 1..40_i64, 2 => 40..400_i64].prop_map(Act::Pass),
        4 => command().prop_map(|command| Act::Command(Box::new(command))),
        1 => Just(Act::Crash),
        5 => others::word().prop_map(Act::Hear),
        1 => (0..others::SILENCES, 1..600_i64).prop_map(|(which, length)| Act::Silence(which, length)),
        1 => (0..4_usize).prop_map(Act::EndSilence),
    ]
}

fn command() -> impl Strategy<Value = Command> {
    let by = || Actor::Person("hanako".into());
    let incident = || (0..4_u64).prop_map(IncidentId);
    let priority =
        || prop::sample::select(&[Priority::P0, Priority::P1, Priority::P2, Priority::P3][..]);
    let service =
        || prop::sample::select(&["db", "api-1", "api-2", "front", "disk", "nowhere"][..]);
    let runbook = prop::sample::select(
        &["restart-service", "reconnect-database", "rotate-logs", "nothing"][..],
    );
    let known = RootCause { technical: "a full pool".into(), ..RootCause::default() };
    let text =
        || prop::sample::select(&["", "a word", "<b>\u{0}\u{202e}"][..]).prop_map(str::to_owned);
    prop_oneof![
        (text(), priority(), prop::option::of(service())).prop_map(
            move |(title, priority, service)| {
                Command::OpenIncident {
                    title,
                    priority,
                    service: service.map(Into::into),
                    by: by(),
                }
            }
        ),
        incident().prop_map(move |incident| Command::Acknowledge { incident, by: by() }),
        (incident(), text()).prop_map(move |(incident, text)| Command::Note {
            incident,
            text,
            by: by()
        }),
        (incident(), priority(), text()).prop_map(move |(incident, priority, reason)| {
            Command::SetPriority { incident, priority, reason, by: by() }
        }),
        (incident(), any::<bool>()).prop_map(move |(incident, is_known)| {
            let cause = if is_known { known.clone() } else { RootCause::default() };
            Command::Close {
                incident,
                cause,
                unverified: if is_known { "seen by hand".into() } else { String::new() },
                by: by(),
            }
        }),
        (runbook, service(), any::<bool>()).prop_map(move |(runbook, service, dry_run)| {
            Command::StartRun {
                runbook: runbook.into(),
                service: service.into(),
                dry_run,
                by: by(),
            }
        }),
        Just(()).prop_map(move |()| Command::Recover { by: by() }),
        report(),
    ]
}

/// What the shell may say: twice, too late, or about what nobody asked for.
fn report() -> impl Strategy<Value = Command> {
    let run = || (0..6_u64).prop_map(RunId);
    let step = || prop::sample::select(&["restart", "reconnect", "check", "keep", "nothing"][..]);
    let outcome = prop::sample::select(vec![
        Outcome::Ok,
        Outcome::Failed("exit code 1".into()),
        Outcome::Timeout,
        Outcome::Unknown("killed".into()),
        Outcome::Blocked("a file has changed".into()),
        Outcome::Skipped,
    ]);
    let delivery = prop::sample::select(&[Delivery::Delivered, Delivery::TryAgain][..]);
    prop_oneof![
        (run(), step(), 0..4_u32).prop_map(|(run, step, attempt)| {
            Command::StepStarted { run, step: step.into(), attempt, process: Some("1:1".into()) }
        }),
        (run(), step(), 0..4_u32, outcome).prop_map(|(run, step, attempt, outcome)| {
            Command::StepSettled {
                run,
                step: step.into(),
                attempt,
                report: StepReport::of(outcome),
            }
        }),
        ((0..20_u64).prop_map(NoticeId), 0..4_u32, delivery).prop_map(
            |(notice, attempt, outcome)| {
                Command::NoticeSettled {
                    notice,
                    attempt,
                    outcome,
                    detail: String::new(),
                    receipt: None,
                    wait_ms: None,
                }
            }
        ),
    ]
}
