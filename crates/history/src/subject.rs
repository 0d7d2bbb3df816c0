//! What a fact can be about: the name under which it is mentioned and found again.

use domain::ids::{AlertId, AlertKey, HeartbeatName, IncidentId, NoticeId, RunId, ServiceName};
use std::fmt;

/// What a fact can be about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// An incident, with everything that belongs to it.
    Incident(IncidentId),
    /// One firing of an alert, with the runs and notices that it caused.
    Alert(AlertId),
    /// A rule on a service while it does not fire: pending and dropped.
    Key(AlertKey),
    /// A run of a runbook.
    Run(RunId),
    /// A notice.
    Notice(NoticeId),
    /// A service.
    Service(ServiceName),
    /// A job that must give a sign of life.
    Heartbeat(HeartbeatName),
}

/// As it stands in the file: `incident:7`, `service:api-1`.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Incident(id) => write!(f, "incident:{}", id.0),
            Self::Alert(id) => write!(f, "alert:{}", id.0),
            Self::Key(key) => write!(f, "key:{key}"),
            Self::Run(id) => write!(f, "run:{}", id.0),
            Self::Notice(id) => write!(f, "notice:{}", id.0),
            Self::Service(name) => write!(f, "service:{name}"),
            Self::Heartbeat(name) => write!(f, "heartbeat:{name}"),
        }
    }
}
