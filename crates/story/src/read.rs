//! A story's text to its lines.

use crate::{
    arrivals::{self, Arrival},
    quieting::{self, Quieting},
    reaching::{self, Reaching},
    senders::{self, Say},
    shifting::{self, Shifting},
    speaking::{self, Speaking},
    teaming::{self, Teaming},
};
use domain::{
    fact::Answer,
    ids::{ApprovalId, RunId},
    plan::Mode,
    severity::Priority,
};
use jiff::SignedDuration;

/// A story.
#[derive(Clone, Debug, PartialEq)]
pub struct Story {
    /// Its first comment: what it shows.
    pub title: String,
    /// The configuration folder, as written.
    pub given: String,
    /// Its lines with their numbers.
    pub lines: Vec<(usize, Line)>,
}

/// One line of a story.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    /// A service goes down in this way.
    Down(String, Fault),
    /// A service or probe is good again.
    Recovers(String),
    /// A reading of a probe has this value from now on; whether a repair brings the good one back.
    Reads(String, String, String, bool),
    /// A probe is not heard any more.
    Silent(String),
    /// A step does this.
    Step(String, Does),
    /// What a step's output says.
    Gives(String, Vec<(String, String)>),
    /// A channel does this.
    Channel(String, Manner),
    /// hikeshi is killed and started again.
    Restart,
    /// hikeshi is not there for so long, and started again.
    Away(SignedDuration),
    /// Another system speaks, or falls silent.
    Sender(String, Say),
    /// A person wants quiet, or no more.
    Quiet(Quieting),
    /// The journal takes nothing, or takes facts again.
    Disk(bool),
    /// Something arrives from a job, a deployment or a user.
    Arrives(Arrival),
    /// A person acts.
    Person(String, Act),
    /// Time passes.
    Pass(SignedDuration),
    /// Time passes until a line comes.
    Until(String),
    /// A line must have come.
    Expect(Option<SignedDuration>, String),
    /// A line must not have come.
    Never(String),
    /// A line must not have come after the one that the last `expect` found.
    NeverAgain(String),
    /// A notice must have been owed.
    Told(String),
    /// A notice must not have been owed.
    NeverTold(String),
    /// The last command of a person must have been refused.
    Refused(String),
    /// `hikeshi doctor` must name it, or must not.
    Doctor(bool, String),
    /// The status page must show a component in this state.
    Page(String, String),
}

impl Line {
    /// Whether it only waits or asks; every other line is something that happens, and `within` counts from it.
    pub(crate) fn asks(&self) -> bool {
        matches!(
            self,
            Self::Pass(_)
                | Self::Sender(_, Say::Nothing(_))
                | Self::Until(_)
                | Self::Expect(..)
                | Self::Never(_)
                | Self::NeverAgain(_)
                | Self::Told(_)
                | Self::NeverTold(_)
                | Self::Refused(_)
                | Self::Doctor(..)
                | Self::Page(..)
        )
    }
}

/// How a service goes down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Its process is gone; a repair heals it.
    Dies,
    /// Its process is there and does not answer; a repair heals it.
    Hangs,
    /// Its process is gone, and no repair heals it.
    Breaks,
}

/// What performing a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    /// It succeeds.
    Works,
    /// It fails.
    Fails,
    /// It never ends and is cut at its time limit.
    Hangs,
    /// It ends with this code.
    Exits(i32),
}

/// What telling on a channel does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// It is accepted.
    Works,
    /// It may work later.
    Fails,
    /// It never will.
    Refuses,
    /// The service asks for so much peace.
    Busy(SignedDuration),
    /// It is accepted, and a while later its service says, twice, that nobody took it.
    RingsInVain,
}

/// What a person does.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// Takes an incident.
    Acknowledges(String),
    /// Closes an incident with a cause.
    Closes(String, String),
    /// Closes an incident whose recovery nothing verified, and says why.
    ClosesUnverified(String, String),
    /// Gives roles, and writes measures down.
    Teams(Teaming),
    /// Writes something down.
    Notes(String, String),
    /// Changes the priority.
    Sets(String, Priority, String),
    /// Starts a runbook.
    Runs(String, String, bool),
    /// Recovers everything.
    Recovers,
    /// Opens an incident by hand.
    Opens(Priority, String),
    /// Agrees to a step.
    Approves(ApprovalId),
    /// Does not agree to a step.
    Denies(ApprovalId, String),
    /// Says what became of a step.
    Answers(RunId, Answer, String),
    /// Ends a run.
    Ends(RunId, String),
    /// Takes a step of a runbook back on a service.
    Undoes(String, String, String),
    /// Lets a runbook run by itself, or with approvals.
    Promotes(String, Mode),
    /// Stops automation, for a while or until it is resumed.
    Stops(Option<SignedDuration>, String),
    /// Resumes automation.
    Resumes,
    /// Lets automation touch a target again.
    Releases(String),
    /// Writes for others, or says that data may be lost.
    Speaks(Speaking),
    /// Tries out whether people are reached.
    Reaches(Reaching),
    /// Changes who is on call.
    Shifts(Shifting, String),
}

/// Reads a story.
///
/// # Errors
/// The first line that is not understood, with its number.
pub fn read(text: &str) -> Result<Story, String> {
    let mut story = Story { title: String::new(), given: ".".into(), lines: Vec::new() };
    for (number, line) in (1..).zip(text.lines().map(str::trim)) {
        if let Some(comment) = line.strip_prefix('#') {
            if story.title.is_empty() {
                story.title = comment.trim().to_owned();
            }
        } else if let Some(folder) = line.strip_prefix("given ") {
            story.given = folder.trim().to_owned();
        } else if !line.is_empty() {
            let parsed = parse(line)
                .ok_or_else(|| format!("line {number}: `{line}` is not a line of a story"))?;
            story.lines.push((number, parsed));
        }
    }
    Ok(story)
}

fn parse(line: &str) -> Option<Line> {
    let (word, rest) = line.split_once(' ')?;
    match word {
        "when" => when(rest),
        "pass" => match rest.strip_prefix("until ") {
            Some(text) => Some(Line::Until(text.to_owned())),
            None => Some(Line::Pass(rest.parse().ok()?)),
        },
        "expect" => match rest.strip_prefix("within ") {
            Some(rest) => {
                let (limit, text) = rest.split_once(' ')?;
                Some(Line::Expect(Some(limit.parse().ok()?), text.to_owned()))
            }
            None => Some(Line::Expect(None, rest.to_owned())),
        },
        word if arrivals::WORDS.contains(&word) => Some(Line::Arrives(Arrival::read(word, rest)?)),
        "never" => Some(never(rest)),
        "told" => Some(Line::Told(rest.to_owned())),
        "doctor" => match rest.strip_prefix("names ") {
            Some(text) => Some(Line::Doctor(true, text.to_owned())),
            None => Some(Line::Doctor(false, rest.strip_prefix("does not name ")?.to_owned())),
        },
        "refused" => Some(Line::Refused(rest.to_owned())),
        "page" => {
            let (component, state) = rest.rsplit_once(" is ")?;
            Some(Line::Page(component.to_owned(), state.to_owned()))
        }
        "silence" | "maintenance" => Some(Line::Quiet(quieting::read(line)?)),
        name => match senders::read(rest) {
            Some(say) => Some(Line::Sender(name.to_owned(), say)),
            None => Some(Line::Person(name.to_owned(), act(rest)?)),
        },
    }
}

fn never(text: &str) -> Line {
    if let Some(text) = text.strip_prefix("again ") {
        Line::NeverAgain(text.to_owned())
    } else if let Some(text) = text.strip_prefix("told ") {
        Line::NeverTold(text.to_owned())
    } else {
        Line::Never(text.to_owned())
    }
}

fn when(text: &str) -> Option<Line> {
    match text {
        "hikeshi restarts" => return Some(Line::Restart),
        "the disk is full" => return Some(Line::Disk(true)),
        "the disk has room" => return Some(Line::Disk(false)),
        _ => {}
    }
    if let Some(time) = text.strip_prefix("hikeshi is away for ") {
        return Some(Line::Away(time.parse().ok()?));
    }
    let words: Vec<_> = text.split_whitespace().collect();
    match words.as_slice() {
        ["step", name, does] => Some(Line::Step((*name).to_owned(), does_of(does)?)),
        ["step", name, "gives", pairs @ ..] => {
            let pair = |text: &&str| {
                text.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned()))
            };
            let pairs = pairs.iter().map(pair).collect::<Option<_>>()?;
            Some(Line::Gives((*name).to_owned(), pairs))
        }
        ["channel", name, "fails"] => Some(Line::Channel((*name).to_owned(), Manner::Fails)),
        ["channel", name, "works"] => Some(Line::Channel((*name).to_owned(), Manner::Works)),
        ["channel", name, "refuses"] => Some(Line::Channel((*name).to_owned(), Manner::Refuses)),
        ["channel", name, "rings", "in", "vain"] => {
            Some(Line::Channel((*name).to_owned(), Manner::RingsInVain))
        }
        ["channel", name, "is", "busy", "for", time] => {
            Some(Line::Channel((*name).to_owned(), Manner::Busy(time.parse().ok()?)))
        }
        [name, "dies"] => Some(Line::Down((*name).to_owned(), Fault::Dies)),
        [name, "hangs"] => Some(Line::Down((*name).to_owned(), Fault::Hangs)),
        [name, "breaks"] => Some(Line::Down((*name).to_owned(), Fault::Breaks)),
        [name, "recovers"] => Some(Line::Recovers((*name).to_owned())),
        [name, "falls", "silent"] => Some(Line::Silent((*name).to_owned())),
        [probe, reading, "is", ..] => {
            let (_, value) = text.split_once(" is ")?;
            let until = value.strip_suffix(" until repaired");
            let (value, heals) = (until.unwrap_or(value).to_owned(), until.is_some());
            Some(Line::Reads((*probe).to_owned(), (*reading).to_owned(), value, heals))
        }
        _ => None,
    }
}

fn does_of(word: &str) -> Option<Does> {
    match word {
        "works" => Some(Does::Works),
        "fails" => Some(Does::Fails),
        "hangs" => Some(Does::Hangs),
        code => Some(Does::Exits(code.strip_prefix("exits-")?.parse().ok()?)),
    }
}

fn mode_of(word: &str) -> Option<Mode> {
    match word {
        "manual" => Some(Mode::Manual),
        "approve" => Some(Mode::Approve),
        "auto" => Some(Mode::Auto),
        _ => None,
    }
}

fn answer_of(word: &str) -> Option<Answer> {
    match word {
        "done" => Some(Answer::Done),
        "again" => Some(Answer::Again),
        "manual" => Some(Answer::Manual),
        _ => None,
    }
}

fn act(text: &str) -> Option<Act> {
    let (head, tail) = text.split_once(": ").unwrap_or((text, ""));
    let words: Vec<_> = head.split_whitespace().collect();
    let own = |text: &str| text.to_owned();
    if let Some(speaking) = speaking::read(&words, tail) {
        return Some(Act::Speaks(speaking));
    }
    if let Some(reaching) = reaching::read(&words) {
        return Some(Act::Reaches(reaching));
    }
    if let Some(teaming) = teaming::read(&words, tail) {
        return Some(Act::Teams(teaming));
    }
    match words.as_slice() {
        ["acknowledges", id] => Some(Act::Acknowledges(own(id))),
        ["closes", id] => Some(Act::Closes(own(id), own(tail))),
        ["closes", id, "unverified"] => Some(Act::ClosesUnverified(own(id), own(tail))),
        ["notes", id] => Some(Act::Notes(own(id), own(tail))),
        ["sets", id, "to", priority] => Some(Act::Sets(own(id), priority.parse().ok()?, own(tail))),
        ["runs", runbook, "on", service] => Some(Act::Runs(own(runbook), own(service), false)),
        ["dry-runs", runbook, "on", service] => Some(Act::Runs(own(runbook), own(service), true)),
        ["recovers", "everything"] => Some(Act::Recovers),
        ["approves", id] => Some(Act::Approves(id.parse().ok()?)),
        ["denies", id] => Some(Act::Denies(id.parse().ok()?, own(tail))),
        ["answers", run, answer] => {
            Some(Act::Answers(run.parse().ok()?, answer_of(answer)?, own(tail)))
        }
        ["ends", run] => Some(Act::Ends(run.parse().ok()?, own(tail))),
        ["undoes", step, "of", runbook, "on", service] => {
            Some(Act::Undoes(own(runbook), own(step), own(service)))
        }
        ["promotes", runbook, "to", mode] => Some(Act::Promotes(own(runbook), mode_of(mode)?)),
        ["stops", "automation"] => Some(Act::Stops(None, own(tail))),
        ["stops", "automation", "for", time] => {
            Some(Act::Stops(Some(time.parse().ok()?), own(tail)))
        }
        ["resumes", "automation"] => Some(Act::Resumes),
        ["releases", service] => Some(Act::Releases(own(service))),
        ["opens", priority] => Some(Act::Opens(priority.parse().ok()?, own(tail))),
        words => Some(Act::Shifts(shifting::read(words)?, own(tail))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_not_understood_is_named() {
        assert_eq!(
            read("# t\nwhen api-1 explodes\n"),
            Err("line 2: `when api-1 explodes` is not a line of a story".into())
        );
    }

    #[test]
    fn values_may_contain_spaces() {
        let story = read("when a/b state is not running").expect("reads");
        assert_eq!(
            story.lines[0].1,
            Line::Reads("a/b".into(), "state".into(), "not running".into(), false)
        );
    }

    #[test]
    fn a_value_may_last_until_a_repair() {
        let story = read("when disk used is 92.5 until repaired").expect("reads");
        assert_eq!(
            story.lines[0].1,
            Line::Reads("disk".into(), "used".into(), "92.5".into(), true)
        );
    }

    #[test]
    fn what_must_not_come_has_three_forms() {
        let story = read("never INC-2\nnever again paging\nnever told phone").expect("reads");
        let lines: Vec<_> = story.lines.into_iter().map(|(_, line)| line).collect();
        let expected = [
            Line::Never("INC-2".into()),
            Line::NeverAgain("paging".into()),
            Line::NeverTold("phone".into()),
        ];
        assert_eq!(lines, expected);
    }
}
