//! The faults the platform can be set on fire with, and how they are written: `api-2:slow=5100`.

use crate::error::DemoError;
use std::fmt;
use std::str::FromStr;

/// A part of the platform that can be broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// An API instance, 1 to 3.
    Api(u8),
    /// The front end.
    Frontend,
    /// The proxy.
    Proxy,
    /// The mks backend.
    Mks,
    /// PostgreSQL.
    Database,
    /// The SMTP sink.
    Mail,
    /// The chat webhook.
    Chat,
    /// The phone webhook.
    Phone,
}

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The process is ended with SIGKILL, once.
    Kill,
    /// It accepts connections and never answers, not even on its health address.
    Hang,
    /// Every answer comes this many milliseconds late.
    Slow(u64),
    /// It listens this many milliseconds after its start only.
    SlowStart(u64),
    /// It exits with 1, now and at every start.
    CrashLoop,
    /// This many of a hundred requests (health and metrics apart) are answered with 500.
    ErrorRate(u8),
    /// The page is a 200 without content.
    Blank,
    /// `/api/finance/stocks/*/predictions` answers 500.
    BrokenPredictions,
    /// `/api/stocks/search` answers 500.
    BrokenSearch,
    /// A database connection that broke once stays broken until the process restarts.
    StickyPool,
    /// PostgreSQL is stopped.
    Stop,
    /// The password the services know is no longer the right one.
    WrongPassword,
    /// PostgreSQL refuses writes.
    ReadOnly,
    /// A session holds `LOCK TABLE stock_prices`.
    Lock,
    /// The process writes its log until it holds this many bytes, once.
    Fill(u64),
    /// This many error lines a second are logged.
    LogErrors(u32),
    /// The sink refuses what it is sent.
    Down,
}

/// One fault of one target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    target: Target,
    kind: FaultKind,
}

impl Target {
    /// Every target there is.
    pub const ALL: [Target; 10] = [
        Target::Api(1),
        Target::Api(2),
        Target::Api(3),
        Target::Frontend,
        Target::Proxy,
        Target::Mks,
        Target::Database,
        Target::Mail,
        Target::Chat,
        Target::Phone,
    ];

    /// The name of its process, pid file and fault file, for example `api-2`.
    pub fn name(self) -> &'static str {
        match self {
            Target::Api(1) => "api-1",
            Target::Api(2) => "api-2",
            Target::Api(_) => "api-3",
            Target::Frontend => "frontend",
            Target::Proxy => "proxy",
            Target::Mks => "mks-backend",
            Target::Database => "database",
            Target::Mail => "mail",
            Target::Chat => "chat",
            Target::Phone => "phone",
        }
    }

    /// The faults it knows, as they are written.
    fn fault_names(self) -> &'static [&'static str] {
        match self {
            Target::Api(_) => &[
                "kill",
                "hang",
                "slow",
                "slow-start",
                "crash-loop",
                "error-rate",
                "broken-predictions",
                "broken-search",
                "sticky-pool",
                "log-errors",
            ],
            Target::Frontend => {
                &["kill", "hang", "slow", "slow-start", "crash-loop", "error-rate", "blank"]
            }
            Target::Proxy => &["hang", "slow"],
            Target::Mks => &[
                "kill",
                "hang",
                "slow",
                "slow-start",
                "crash-loop",
                "error-rate",
                "fill",
                "log-errors",
            ],
            Target::Database => &["stop", "wrong-password", "read-only", "lock"],
            Target::Mail | Target::Chat | Target::Phone => &["down"],
        }
    }
}

impl FaultKind {
    /// The name without its value: `slow` for `slow=5100`.
    pub fn name(self) -> &'static str {
        match self {
            FaultKind::Kill => "kill",
            FaultKind::Hang => "hang",
            FaultKind::Slow(_) => "slow",
            FaultKind::SlowStart(_) => "slow-start",
            FaultKind::CrashLoop => "crash-loop",
            FaultKind::ErrorRate(_) => "error-rate",
            FaultKind::Blank => "blank",
            FaultKind::BrokenPredictions => "broken-predictions",
            FaultKind::BrokenSearch => "broken-search",
            FaultKind::StickyPool => "sticky-pool",
            FaultKind::Stop => "stop",
            FaultKind::WrongPassword => "wrong-password",
            FaultKind::ReadOnly => "read-only",
            FaultKind::Lock => "lock",
            FaultKind::Fill(_) => "fill",
            FaultKind::LogErrors(_) => "log-errors",
            FaultKind::Down => "down",
        }
    }

    fn value(self) -> Option<u64> {
        match self {
            FaultKind::Slow(ms) | FaultKind::SlowStart(ms) => Some(ms),
            FaultKind::ErrorRate(percent) => Some(percent.into()),
            FaultKind::Fill(bytes) => Some(bytes),
            FaultKind::LogErrors(per_second) => Some(per_second.into()),
            _ => None,
        }
    }
}

impl Fault {
    /// A fault, if the target can have it.
    ///
    /// # Errors
    /// [`DemoError::UnknownFault`] names the faults the target knows.
    pub fn new(target: Target, kind: FaultKind) -> Result<Fault, DemoError> {
        let known = target.fault_names();
        if known.contains(&kind.name()) {
            return Ok(Fault { target, kind });
        }
        Err(DemoError::UnknownFault(format!(
            "{target} has no fault {:?} (it knows: {})",
            kind.name(),
            known.join(", ")
        )))
    }

    /// What is broken.
    pub fn target(&self) -> Target {
        self.target
    }

    /// How it is broken.
    pub fn kind(&self) -> FaultKind {
        self.kind
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value() {
            Some(value) => write!(f, "{}={value}", self.name()),
            None => f.write_str(self.name()),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.target, self.kind)
    }
}

impl FromStr for Target {
    type Err = DemoError;

    fn from_str(text: &str) -> Result<Target, DemoError> {
        Target::ALL.into_iter().find(|target| target.name() == text).ok_or_else(|| {
            let known = Target::ALL.map(Target::name).join(", ");
            DemoError::UnknownFault(format!("no target {text:?} (known: {known})"))
        })
    }
}

impl FromStr for FaultKind {
    type Err = DemoError;

    fn from_str(text: &str) -> Result<FaultKind, DemoError> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        let name = name.replace('_', "-");
        let plain = |kind: FaultKind| match value {
            None => Ok(kind),
            Some(_) => Err(wrong(text, "takes no value")),
        };
        match name.as_str() {
            "kill" => plain(FaultKind::Kill),
            "hang" => plain(FaultKind::Hang),
            "crash-loop" => plain(FaultKind::CrashLoop),
            "blank" => plain(FaultKind::Blank),
            "broken-predictions" => plain(FaultKind::BrokenPredictions),
            "broken-search" => plain(FaultKind::BrokenSearch),
            "sticky-pool" => plain(FaultKind::StickyPool),
            "stop" => plain(FaultKind::Stop),
            "wrong-password" => plain(FaultKind::WrongPassword),
            "read-only" => plain(FaultKind::ReadOnly),
            "lock" => plain(FaultKind::Lock),
            "down" => plain(FaultKind::Down),
            "slow" => Ok(FaultKind::Slow(number(text, value, 600_000)?)),
            "slow-start" => Ok(FaultKind::SlowStart(number(text, value, 600_000)?)),
            "fill" => Ok(FaultKind::Fill(number(text, value, 4 << 30)?)),
            "error-rate" => Ok(FaultKind::ErrorRate(number(text, value, 100)? as u8)),
            "log-errors" => Ok(FaultKind::LogErrors(number(text, value, 10_000)? as u32)),
            _ => Err(wrong(text, "is not a fault")),
        }
    }
}

impl FromStr for Fault {
    type Err = DemoError;

    fn from_str(text: &str) -> Result<Fault, DemoError> {
        let (target, kind) = text
            .split_once(':')
            .ok_or_else(|| wrong(text, "is not TARGET:FAULT, for example api-2:slow=5100"))?;
        Fault::new(target.parse()?, kind.parse()?)
    }
}

fn number(text: &str, value: Option<&str>, most: u64) -> Result<u64, DemoError> {
    value
        .and_then(|digits| digits.parse().ok())
        .filter(|number| (1..=most).contains(number))
        .ok_or_else(|| wrong(text, &format!("needs a whole number from 1 to {most} after `=`")))
}

fn wrong(text: &str, why: &str) -> DemoError {
    DemoError::UnknownFault(format!("{text:?} {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_reads_back_as_it_was_written() {
        for target in Target::ALL {
            for name in target.fault_names() {
                let value = match *name {
                    "slow" | "slow-start" | "fill" => "=5100",
                    "error-rate" | "log-errors" => "=60",
                    _ => "",
                };
                let text = format!("{target}:{name}{value}");
                let fault: Fault = text.parse().expect("a listed fault parses");
                assert_eq!(fault.to_string(), text);
            }
        }
    }

    #[test]
    fn an_underscore_is_as_good_as_a_hyphen() {
        assert_eq!("crash_loop".parse::<FaultKind>().expect("parses"), FaultKind::CrashLoop);
    }

    #[test]
    fn a_mistake_is_named_with_what_would_be_right() {
        let told = |text: &str| text.parse::<Fault>().expect_err("a mistake").to_string();
        assert!(told("api-9:hang").contains("known: api-1, api-2"));
        assert!(told("mail:hang").contains("mail has no fault \"hang\" (it knows: down)"));
        assert!(told("api-1").contains("for example api-2:slow=5100"));
        assert!(told("api-1:slow").contains("whole number from 1 to 600000"));
        assert!(told("api-1:error-rate=140").contains("from 1 to 100"));
        assert!(told("api-1:hang=3").contains("takes no value"));
        assert!(told("api-1:burn").contains("is not a fault"));
    }
}
