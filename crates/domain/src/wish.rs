//! What a person answers to a message: the same wishes from a page, a button, a key on the phone or a short message. Each is
//! one command in their name.

use crate::{
    command::Command,
    fact::{About, Answer, Asks, Event, NoticeOwed, RootCause},
    ids::{Actor, ApprovalId, IncidentId, RunId, StepName},
    said::Said,
};
use std::{fmt, str::FromStr};

/// What a person wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// They see to an incident.
    Acknowledge(IncidentId),
    /// An incident is over.
    Close(IncidentId),
    /// A test with this code has arrived.
    Confirm(String),
    /// A step may run.
    Approve(ApprovalId),
    /// A step may not run.
    Refuse(ApprovalId),
    /// What became of an attempt.
    Tell {
        /// The run.
        run: RunId,
        /// The step.
        step: StepName,
        /// The attempt.
        attempt: u32,
        /// What they say.
        answer: Answer,
    },
}

/// What a message asks its reader; none: it only tells.
pub fn asked(notice: &NoticeOwed) -> Option<Asks> {
    let is_open = !matches!(notice.event, Event::Resolved | Event::Acknowledged);
    notice.asks.clone().or_else(|| match &notice.about {
        About::Incident(id) if is_open => Some(Asks::Incident(*id)),
        About::Channel(_, code) => Some(Asks::Arrival(code.clone())),
        _ => None,
    })
}

impl Asks {
    /// What may be answered, in the order of buttons.
    pub fn wishes(&self) -> Vec<Wish> {
        match self {
            Self::Incident(id) => vec![Wish::Acknowledge(*id)],
            Self::Approval(id) => vec![Wish::Approve(*id), Wish::Refuse(*id)],
            Self::Outcome { run, step, attempt } => {
                let tell = |answer| Wish::Tell {
                    run: *run,
                    step: step.clone(),
                    attempt: *attempt,
                    answer,
                };
                [Answer::Done, Answer::Again, Answer::Manual].map(tell).to_vec()
            }
            Self::Arrival(code) => vec![Wish::Confirm(code.clone())],
        }
    }
}

impl Wish {
    /// The word that stands for it in buttons and forms; each is another among the wishes of one question.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Acknowledge(_) => "acknowledge",
            Self::Close(_) => "close",
            Self::Confirm(_) => "confirm",
            Self::Approve(_) => "approve",
            Self::Refuse(_) => "refuse",
            Self::Tell { answer: Answer::Done, .. } => "done",
            Self::Tell { answer: Answer::Again, .. } => "again",
            Self::Tell { answer: Answer::Manual, .. } => "manual",
        }
    }

    /// What stands on its button: at most 20 characters, the shortest limit of a service (LINE).
    pub fn label(&self) -> Said {
        match self {
            Self::Acknowledge(_) => Said::new("対応する", "Acknowledge"),
            Self::Close(_) => Said::new("クローズする", "Close"),
            Self::Confirm(_) => Said::new("届きました", "It has arrived"),
            Self::Approve(_) => Said::new("実行を承認する", "Approve"),
            Self::Refuse(_) => Said::new("承認しない", "Refuse"),
            Self::Tell { answer: Answer::Done, .. } => Said::new("実行済みだった", "It was done"),
            Self::Tell { answer: Answer::Again, .. } => {
                Said::new("未実行。もう一度実行", "Not done: run again")
            }
            Self::Tell { answer: Answer::Manual, .. } => {
                Said::new("手動で引き継ぐ", "I take over by hand")
            }
        }
    }

    /// What is said once it is carried out.
    pub fn thanks(&self) -> Said {
        match self {
            Self::Acknowledge(_) => {
                Said::new("対応開始を記録しました。", "You have acknowledged it.")
            }
            Self::Close(_) => Said::new("クローズしました。", "It is closed."),
            Self::Confirm(_) => Said::new("到達を記録しました。", "Its arrival is recorded."),
            Self::Approve(_) => Said::new("承認を記録しました。", "Your approval is recorded."),
            Self::Refuse(_) => Said::new("承認しませんでした。", "It is refused."),
            Self::Tell { .. } => Said::new("回答を記録しました。", "Your answer is recorded."),
        }
    }

    /// Whether it lets something run: a slip of the thumb must not.
    pub fn is_grave(&self) -> bool {
        matches!(self, Self::Approve(_) | Self::Tell { answer: Answer::Again, .. })
    }

    /// The command in somebody's name, with why they want it where a command says why.
    pub fn command(&self, reason: &str, by: Actor) -> Command {
        let reason = reason.to_owned();
        match self {
            Self::Acknowledge(incident) => Command::Acknowledge { incident: *incident, by },
            Self::Close(incident) => Command::Close {
                incident: *incident,
                cause: RootCause::default(),
                unverified: String::new(),
                by,
            },
            Self::Confirm(code) => Command::ConfirmTest { code: code.clone(), by },
            Self::Approve(id) => Command::Approve { id: *id, by },
            Self::Refuse(id) => Command::Deny { id: *id, reason, by },
            Self::Tell { run, step, attempt, answer } => Command::AnswerUnknown {
                run: *run,
                asked: Some((step.clone(), *attempt)),
                answer: *answer,
                reason,
                by,
            },
        }
    }
}

/// As a button carries it: `approve APP-3`, `again RUN-7 1 restart-web`.
impl fmt::Display for Wish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = self.verb();
        match self {
            Self::Acknowledge(id) | Self::Close(id) => write!(f, "{verb} {id}"),
            Self::Confirm(code) => write!(f, "{verb} {code}"),
            Self::Approve(id) | Self::Refuse(id) => write!(f, "{verb} {id}"),
            Self::Tell { run, step, attempt, .. } => write!(f, "{verb} {run} {attempt} {step}"),
        }
    }
}

impl FromStr for Wish {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let none = || format!("`{}` is no answer", text.escape_debug());
        let (verb, what) = text.split_once(' ').ok_or_else(none)?;
        let tell = |answer| {
            let mut words = what.splitn(3, ' ');
            let mut next = || words.next().ok_or_else(none);
            let run = next()?.parse()?;
            let attempt = next()?.parse().map_err(|_| none())?;
            Ok(Self::Tell { run, attempt, step: next()?.into(), answer })
        };
        Ok(match verb {
            "acknowledge" => Self::Acknowledge(what.parse()?),
            "close" => Self::Close(what.parse()?),
            "confirm" => Self::Confirm(what.to_owned()),
            "approve" => Self::Approve(what.parse()?),
            "refuse" => Self::Refuse(what.parse()?),
            "done" => return tell(Answer::Done),
            "again" => return tell(Answer::Again),
            "manual" => return tell(Answer::Manual),
            _ => return Err(none()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn questions() -> [Asks; 4] {
        [
            Asks::Incident(IncidentId(7)),
            Asks::Approval(ApprovalId(3)),
            Asks::Outcome { run: RunId(9), step: "restart web".into(), attempt: 2 },
            Asks::Arrival("k7qdm2xw".into()),
        ]
    }

    #[test]
    fn what_a_button_carries_is_read_back_as_it_was() {
        let wishes: Vec<Wish> = questions().iter().flat_map(Asks::wishes).collect();
        for wish in wishes.iter().chain(&[Wish::Close(IncidentId(7))]) {
            assert_eq!(wish.to_string().parse(), Ok(wish.clone()), "{wish}");
        }
        for nonsense in ["", "approve", "approve 1e9", "again RUN-1", "again RUN-1 x y", "shout 1"]
        {
            assert!(nonsense.parse::<Wish>().is_err(), "{nonsense}");
        }
    }

    #[test]
    fn labels_fit_every_service_and_verbs_differ() {
        for asks in questions() {
            let wishes = asks.wishes();
            for wish in &wishes {
                let label = wish.label();
                let is_short = |text: &str| (1..=20).contains(&text.chars().count());
                assert!(is_short(&label.ja) && is_short(&label.en), "{label}");
                assert_eq!(wishes.iter().filter(|one| one.verb() == wish.verb()).count(), 1);
            }
        }
    }
}
