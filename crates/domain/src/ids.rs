//! Names and numbers of things, each its own type so that none is taken for another.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr, sync::Arc};

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )+};
}

names! {
    /// An account of the pages: the name with which its owner acts.
    AccountName,
    /// A service, an instance of one, a host, or a function that users call: a node of the dependency graph.
    ServiceName,
    /// An alert rule, for example `service_down`.
    RuleName,
    /// A probe, for example `api-1/health`.
    ProbeName,
    /// A runbook, the name of its file without the ending.
    RunbookName,
    /// A step of a runbook: the name of its fence.
    StepName,
    /// A way to reach people, for example `chat`.
    ChannelName,
    /// A person or a team that can be told.
    ContactName,
    /// A box of a recovery checklist, for example `db`.
    BoxName,
    /// A way in for other systems, for example `prometheus`.
    IntegrationName,
    /// A job that must give a sign of life every so often, for example `nightly-backup`.
    HeartbeatName,
    /// A calendar: which days and hours are for business.
    CalendarName,
    /// A schedule: who is on call when.
    ScheduleName,
    /// People who hear of incidents without working on them, for example `board`.
    StakeholderName,
    /// What a person answers for: `pr`, `legal`, `management`.
    RoleName,
    /// A silence or a maintenance window; in the form of a UUID, as clients of Alertmanager expect.
    SilenceId,
}

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident $prefix:literal),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&format!(concat!($prefix, "{}"), self.0))
            }
        }

        impl FromStr for $name {
            type Err = String;

            /// With or without the prefix, in either case.
            fn from_str(text: &str) -> Result<Self, String> {
                let digits = text
                    .strip_prefix($prefix)
                    .or_else(|| text.strip_prefix(&$prefix.to_ascii_lowercase()))
                    .unwrap_or(text);
                digits
                    .parse()
                    .map(Self)
                    .map_err(|_| format!(concat!("`{}` is not a number such as ", $prefix, "12"), text))
            }
        }
    )+};
}

numbers! {
    /// One firing of an alert, from pending to resolved.
    AlertId "A",
    /// One incident.
    IncidentId "INC-",
    /// One run of a runbook.
    RunId "RUN-",
    /// One message to one recipient.
    NoticeId "N",
    /// One question whether a step may run.
    ApprovalId "APP-",
    /// One change of a schedule by a person.
    OverrideId "OVR-",
    /// One text that waits to be released.
    DraftId "DRF-",
    /// One measure against an incident's coming again.
    MeasureId "M-",
}

/// What an alert is about: a rule on a service. At most one alert per key is open.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct AlertKey {
    /// The rule that judges.
    pub rule: RuleName,
    /// The service that is judged.
    pub service: ServiceName,
}

impl AlertKey {
    /// The key of a rule on a service.
    pub fn new(rule: impl Into<RuleName>, service: impl Into<ServiceName>) -> Self {
        Self { rule: rule.into(), service: service.into() }
    }
}

impl fmt::Display for AlertKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}@{}", self.rule, self.service))
    }
}

impl From<AlertKey> for String {
    fn from(key: AlertKey) -> Self {
        key.to_string()
    }
}

impl TryFrom<String> for AlertKey {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl FromStr for AlertKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // Names from outside may contain the sign; a service's name does not.
        match text.rsplit_once('@') {
            Some((rule, service)) if !rule.is_empty() && !service.is_empty() => {
                Ok(Self::new(rule, service))
            }
            _ => Err(format!("`{text}` is not an alert key such as service_down@api-1")),
        }
    }
}

/// Who acts: a person by name, hikeshi by itself, or another system by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// hikeshi itself, by its policy.
    Hikeshi,
    /// A person, as the operating system or the session names them.
    Person(String),
    /// Another system, by the name of its integration.
    System(String),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hikeshi => "hikeshi",
            Self::Person(name) | Self::System(name) => name,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_with_and_without_its_prefix() {
        assert_eq!("INC-7".parse(), Ok(IncidentId(7)));
        assert_eq!("inc-7".parse(), Ok(IncidentId(7)));
        assert_eq!("7".parse(), Ok(IncidentId(7)));
        assert!("INC-".parse::<IncidentId>().is_err());
        assert_eq!(IncidentId(7).to_string(), "INC-7");
    }

    #[test]
    fn an_alert_key_reads_back_from_its_text() {
        let key = AlertKey::new("service_down", "api-1");
        assert_eq!(key.to_string().parse(), Ok(key));
        assert!("service_down".parse::<AlertKey>().is_err());
    }
}
